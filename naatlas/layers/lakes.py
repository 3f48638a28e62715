"""Lakes and reservoirs of the three countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import (
    AREA,
    ATLAS_ID,
    NAME,
    SCALE_RANK,
    TOUCHED,
    edition,
    names,
    packaged,
    supplement,
)
from naatlas.spec import Field, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

BASE = packaged("lakes", title="Lakes of 50 km2 or more", version="5.1.1", columns=("area_km2",))
NAMED = supplement("lakes", title="Lakes and reservoirs", columns=("featurecla", "name", "scalerank"))
MORE = supplement(
    "lakes_north_america",
    title="Lakes, North America supplement",
    columns=("featurecla", "name", "scalerank"),
)

SPEC = LayerSpec(
    slug="lakes",
    name="Lakes",
    geometry="Polygon",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    generalize="coverage",
    uses=("rivers",),
    # Rivers end in lakes at every scale.
    anchors="rivers",
    minimum_km2=4.0,
    fields=(
        ATLAS_ID,
        NAME,
        *names(),
        Field(name="kind", dtype="text", dbf="Kind", required=True, classes="lake_kind", balloon=True),
        *TOUCHED,
        SCALE_RANK,
        AREA,
    ),
    sources=(BASE, NAMED, MORE),
    editions=edition(BASE, NAMED, MORE),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Take each lake once, with names and classes from all files."""
    from naatlas.layers._lakes import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
