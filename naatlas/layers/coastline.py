"""The coast of the three countries and of the land around them, taken from the coverage of land."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import ATLAS_ID, LAND, LENGTH, SCALE_RANK, edition, names, supplement
from naatlas.spec import Field, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

COAST = supplement("coastline", title="Coastline", columns=("featurecla", "scalerank"))
MINOR = supplement(
    "minor_islands_coastline", title="Coastline of minor islands", columns=("featurecla", "scalerank")
)

SPEC = LayerSpec(
    slug="coastline",
    name="Coastline",
    geometry="LineString",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    generalize="lines",
    uses=("rivers", "political-boundaries"),
    follows="political-boundaries",
    # Rivers end in the coast at every scale.
    anchors="rivers",
    fields=(
        ATLAS_ID,
        Field(name="kind", dtype="text", dbf="Kind", required=True, classes="coast_kind", balloon=True),
        Field(name="country", dtype="text", dbf="COUNTRY", required=True, classes="land", balloon=True),
        Field(name="state", dtype="text", dbf="STATEABB", classes="state", balloon=True),
        *names("NAME_{}"),
        SCALE_RANK,
        LENGTH,
    ),
    sources=(LAND, COAST, MINOR),
    editions=edition(LAND, COAST, MINOR),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Take the shore of every piece of land, with the rank that the coastline files give it."""
    from naatlas.layers._coastline import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
