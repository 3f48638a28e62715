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

_FAR = "lies beyond the map of the framework, in another ocean"


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Publish every polygon with its depth and the interval that is seen of it."""
    from dataclasses import replace

    import numpy as np
    import pandas as pd
    import shapely

    from naatlas.facts import Facts
    from naatlas.framework.scales import WINDOWS
    from naatlas.layers import _features as features
    from naatlas.layers._overlay import first_of_equal, shapes_of
    from naatlas.ledger import State

    table = tables[DEPTHS.id]
    shapes = shapes_of(table)
    depth = pd.to_numeric(table.frame["depth"]).astype("Int64")
    strange = depth[~depth.isin(list(INTERVALS))]
    work.unknown.extend(
        f"{DEPTHS.id}: depth {value} m in {count} row(s): add it to _DEPTHS_M of naatlas/layers/bathymetry.py"
        for value, count in strange.value_counts().sort_index().items()
    )
    near = shapely.intersects(shapely.union_all([shapely.box(*window) for window in WINDOWS]), shapes)
    work.ledger.settle(DEPTHS.id, table.frame.index[~near], State.OUT_OF_SCOPE, _FAR)
    table = replace(table, frame=table.frame[near])
    shapes, depth = shapes[near], depth[near]
    first = first_of_equal(shapes, depth)
    own = first == np.arange(len(first))
    rows, geometry, depth = table.frame.index[own], shapes[own], depth[own]
    ids = features.place_ids("NA-BAT", geometry, depth.reset_index(drop=True).astype("string"))
    work.ledger.settle(DEPTHS.id, rows, State.PUBLISHED, ids)
    again = ids.iloc[np.cumsum(own)[first[~own]] - 1]
    work.ledger.settle(DEPTHS.id, table.frame.index[~own], State.MERGED, again.reset_index(drop=True))
    cell = table.frame.loc[rows]
    facts = Facts(work.edition.sources)
    told = {
        "depth_m": ("depth", depth, "as published"),
        "interval": ("depth", depth.map(INTERVALS), "down to the next depth of the source"),
        "clipped": ("clipped", cell["clipped"].eq("1"), "1 = yes"),
        "area_km2": ("geometry", features.area_km2(geometry), "area on the ellipsoid"),
    }
    for field, (column, value, rule) in told.items():
        features.derive(
            facts, field, ids, value, features.Origin(DEPTHS.id, rows, column, cell[column]), rule
        )
    return features.combined(facts, SPEC, dict(zip(ids, geometry, strict=True)))
