"""Bathymetry: nested as published, each row once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely
from shapely import box

from naatlas import pipeline
from naatlas.framework.scales import WINDOWS
from naatlas.layers.bathymetry import DEPTHS, INTERVALS
from naatlas.metadata import words
from tests.framework_kit import combine, table

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = (
    box(-130, 40, -126, 44),
    box(-129, 41, -127, 43),
    box(-129, 41, -127, 43),
    box(-128.5, 41.5, -128, 42),
)


def sea(depths: tuple[str, ...]):
    columns = {"level": ["x"] * 4, "clipped": ["1", "0", "0", "0"], "depth": list(depths)}
    return combine("bathymetry", table(DEPTHS, SHAPES, **columns))


def test_a_row_published_twice_is_one_feature():
    combined, work = sea(("0", "200", "200", "6000"))
    assert combined.frame["depth_m"].to_list().count(200) == 1
    assert work.ledger.counts().loc[DEPTHS.id, ["published", "merged"]].to_list() == [3, 1]
    kept = work.ledger.states(DEPTHS.id)["detail"]
    assert kept.loc[2] == kept.loc[3]


def test_what_lies_in_another_ocean_is_out_of_scope():
    columns = {"level": ["x"] * 2, "clipped": ["0"] * 2, "depth": ["200", "200"]}
    table_ = table(DEPTHS, (SHAPES[0], box(60, -10, 70, 5)), **columns)
    combined, work = combine("bathymetry", table_)
    assert len(combined.frame) == 1
    assert work.ledger.states(DEPTHS.id)["state"].to_list() == ["published", "out_of_scope"]


def test_one_shape_at_two_depths_is_two_features():
    combined, _ = sea(("0", "200", "1000", "6000"))
    assert sorted(combined.frame["depth_m"]) == [0, 200, 1000, 6000]


def test_intervals_reach_to_the_next_depth_and_leave_out_the_missing_level():
    combined, _ = sea(("0", "200", "200", "6000"))
    told = combined.frame.set_index("depth_m")["interval"].to_dict()
    assert told == {0: "d0_200", 200: "d200_1000", 6000: "d6000_8000"}
    assert set(INTERVALS.values()) == set(words.load("bathymetry").classes["depth_interval"])


def test_an_unknown_depth_is_told_with_its_rows():
    _, work = sea(("0", "200", "200", "7000"))
    assert work.unknown == [
        "ne-bathymetry: depth 7000 m in 1 row(s): add it to _DEPTHS_M of naatlas/layers/bathymetry.py"
    ]


@pytest.mark.national
def test_national_bathymetry(national: Path):
    data = pipeline.assemble("bathymetry", data=national)
    source = gpd.read_file(f"/vsizip/{(national / DEPTHS.path).as_posix()}")
    counts = data.ledger.counts().loc[DEPTHS.id]
    near = source.intersects(shapely.union_all([box(*window) for window in WINDOWS]))
    assert counts["out_of_scope"] >= (~near).sum() > 200
    source = source[near]
    doubled = source.assign(shape=source.normalize().to_wkb()).duplicated(["depth", "shape"]).sum()
    assert counts["merged"] == doubled
    assert counts["published"] == len(data.frame)
    assert not [f for f in data.findings if f.rule in {"outside-framework", "geometry-duplicated"}]
    assert shapely.is_valid(data.shapes.metres).all()
    known = source.dissolve("depth").to_crs("EPSG:6933").area
    sums = data.frame.groupby("depth_m")["area_km2"].sum() * 1e6
    for depth in (1000, 3000, 5000):
        assert sums[depth] == pytest.approx(known[depth], rel=0.01)
