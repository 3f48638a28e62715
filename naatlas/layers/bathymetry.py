"""The sea floor by depth: at each depth of the source the polygons that are at least that deep."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import AREA, ATLAS_ID, edition, supplement
from naatlas.spec import Field, Gap, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

DEPTHS = supplement(
    "bathymetry",
    title="Bathymetry, nine levels in one file",
    columns=("level", "depth", "clipped"),
    optional=False,
)

#: Depths of the source in metres; 7000 exists in Natural Earth, but no copy of it was to be had.
_DEPTHS_M = (0, 200, 1000, 2000, 3000, 4000, 5000, 6000, 8000)

#: Depth in metres -> what is seen of its polygons, between this depth and the next one that lies on it.
INTERVALS = {low: f"d{low}_{high}" for low, high in pairwise(_DEPTHS_M)} | {8000: "d8000"}

SPEC = LayerSpec(
    slug="bathymetry",
    name="Bathymetry",
    geometry="Polygon",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    # The polygons lie on each other as published: the contours of two depths touch in places, and cutting them to
    # bands would make slivers there; whoever draws them in order of depth sees the bands.
    generalize="polygons",
    minimum_km2=4.0,
    # The deep lies on the shallow: each polygon is all that is deeper.
    nested_by="interval",
    fields=(
        ATLAS_ID,
        Field(
            name="depth_m",
            dtype="integer",
            unit="meter",
            dbf="Depth_m",
            required=True,
            low=0,
            high=11_000,
            balloon=True,
        ),
        Field(
            name="interval",
            dtype="text",
            dbf="Interval",
            required=True,
            classes="depth_interval",
            balloon=True,
        ),
        Field(name="clipped", dtype="boolean", dbf="Clipped", required=True),
        AREA,
    ),
    sources=(DEPTHS,),
    editions=edition(DEPTHS),
    gaps=(
        Gap(
            field="interval",
            country=None,
            why="the 7,000 m level of the source was not available: depths of 6,000 to 8,000 m are one interval",
        ),
    ),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Publish every polygon with its depth and the interval that is seen of it."""
    from naatlas.layers._bathymetry import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, INTERVALS, tables[DEPTHS.id], work)
