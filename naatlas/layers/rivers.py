"""Rivers of the three countries, with the centre lines that carry them through lakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import (
    ATLAS_ID,
    LENGTH,
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

BASE = packaged(
    "rivers", title="Rivers and lake centre lines", version="3.0", columns=("name", "rank", "kind")
)
NAMED = supplement(
    "rivers_lake_centerlines",
    title="Rivers and lake centre lines",
    columns=("featurecla", "name", "name_en", "scalerank", "rivernum"),
)
MORE = supplement(
    "rivers_north_america",
    title="Rivers, North America supplement",
    columns=("featurecla", "name", "name_full", "scalerank", "rivernum"),
)

SPEC = LayerSpec(
    slug="rivers",
    name="Rivers",
    geometry="LineString",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    generalize="lines",
    fields=(
        ATLAS_ID,
        NAME,
        *names(),
        Field(name="kind", dtype="text", dbf="Kind", required=True, classes="river_kind", balloon=True),
        *TOUCHED,
        SCALE_RANK,
        Field(name="river_number", dtype="text", dbf="RiverNum"),
        LENGTH,
    ),
    sources=(BASE, NAMED, MORE),
    editions=edition(NAMED, BASE, MORE),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Take each line once, and join the lines of a river."""
    from naatlas.layers._rivers import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
