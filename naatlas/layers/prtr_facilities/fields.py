"""The columns of the layer of facilities that report to the pollutant registers."""

from __future__ import annotations

from naatlas.layers._prtr.fields import PLACE, origin, totals
from naatlas.layers._prtr.media import MEDIA
from naatlas.spec import Field

FIELDS: tuple[Field, ...] = (
    *PLACE,
    Field(name="substances", dtype="integer", dbf="Substances", low=0, balloon=True),
    Field(name="substance_groups", dtype="text", dbf="SubstGroup"),
    Field(name="media", dtype="text", dbf="Media"),
    *totals(MEDIA),
    Field(name="release_percentile", dtype="real", dbf="RelPctile", unit="percent", low=0.0, high=100.0),
    *origin(east=-50.0),
)
