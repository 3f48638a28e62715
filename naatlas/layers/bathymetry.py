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
    import pandas as pd

    from naatlas.facts import Facts
    from naatlas.layers import _features as features
    from naatlas.layers._overlay import shapes_of
    from naatlas.ledger import State

    table = tables[DEPTHS.id]
    geometry = shapes_of(table)
    depth = pd.to_numeric(table.frame["depth"]).astype("Int64")
    strange = depth[~depth.isin(list(INTERVALS))]
    work.unknown.extend(
        f"{DEPTHS.id}: depth {value} m in {count} row(s): add it to _DEPTHS_M of naatlas/layers/bathymetry.py"
        for value, count in strange.value_counts().sort_index().items()
    )
    ids = features.place_ids("NA-BAT", geometry, depth.reset_index(drop=True).astype("string"))
    facts = Facts(work.edition.sources)
    published = features.Origin(DEPTHS.id, table.frame.index, "depth", table.frame["depth"])
    cut = features.Origin(DEPTHS.id, table.frame.index, "clipped", table.frame["clipped"])
    shape = features.Origin(DEPTHS.id, table.frame.index, "geometry", table.frame["geometry"])
    features.derive(facts, "depth_m", ids, depth, published, "as published")
    features.derive(
        facts, "interval", ids, depth.map(INTERVALS), published, "down to the next depth of the source"
    )
    features.derive(facts, "clipped", ids, cut.cell.eq("1"), cut, "1 = yes")
    features.derive(facts, "area_km2", ids, features.area_km2(geometry), shape, "area on the ellipsoid")
    work.ledger.settle(DEPTHS.id, table.frame.index, State.PUBLISHED, ids)
    return features.combined(facts, SPEC, dict(zip(ids, geometry, strict=True)))
