"""Bathymetry: nested as published, each row once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from naatlas import pipeline
from naatlas.framework import crs, project
from naatlas.framework.scales import WINDOWS
from naatlas.geometry.place import place
from naatlas.layers.bathymetry import DEPTHS, INTERVALS
from naatlas.metadata import words
from tests.framework_kit import combine, table

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import Scale

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


def halves(*cut: float):
    """Return a basin at 180 degrees whose halves end beside it, a splinter of its cut, and a basin in the west."""
    shapes = (
        box(178, 50, 180 - cut[0], 60),
        box(-180 + cut[1], 52, -177, 62),
        box(180 - cut[0], 55, 180 - cut[0] / 2, 56),
        box(-180 + cut[1], 40, -178, 45),
    )
    columns = {"level": ["x"] * 4, "clipped": ["0", "1", "0", "0"], "depth": ["200", "200", "200", "1000"]}
    return combine("bathymetry", table(DEPTHS, shapes, **columns))


def test_what_is_cut_beside_180_degrees_is_one_basin_without_a_seam():
    combined, work = halves(0.0008, 0.00001)
    whole = combined.geometry[combined.frame["depth_m"].eq(200).to_numpy()]
    assert len(whole) == 1
    assert combined.frame.set_index("depth_m")["clipped"].to_dict() == {200: True, 1000: False}
    metres = place(whole, scale="1M")[0]
    assert metres.geom_type == "Polygon"
    assert not metres.interiors
    parts = gpd.GeoSeries([box(178, 50, 180, 60), box(-180, 52, -177, 62)], crs=4326).to_crs(6933)
    told = gpd.GeoSeries([metres], crs=crs()).area.iloc[0]
    assert told == pytest.approx(parts.area.sum(), rel=5e-3)  # sphere against ellipsoid
    states = work.ledger.states(DEPTHS.id)
    assert states["state"].to_list() == ["aggregated", "aggregated", "out_of_scope", "published"]
    assert "no width" in states["detail"].iloc[2]


def test_what_ends_farther_from_180_degrees_is_left_as_it_is():
    combined, _ = halves(0.0046, 0.0)
    assert shapely.bounds(combined.geometry)[:, 2].max() == pytest.approx(180 - 0.0023)
    assert combined.frame["depth_m"].to_list().count(200) == 3


def _slivers(polygons: np.ndarray) -> list[shapely.Geometry]:
    """Find gaps along 180 degrees by closing what is no wider than 300 m, independent of how the layer is made."""
    lat = np.linspace(45, 89.9, 4_000)
    line = shapely.LineString(np.column_stack(project(np.full_like(lat, 180.0), lat)))
    strip = line.buffer(1_000)
    near = shapely.intersection(shapely.union_all(polygons[shapely.intersects(polygons, strip)]), strip)
    closed = near.buffer(150, join_style="mitre").buffer(-150, join_style="mitre").difference(near)
    parts = shapely.get_parts(closed)
    return [
        p for p in parts if p.distance(line) < 60 and p.area > 1 and p.length > 500 and p.area / p.length < 60
    ]


@pytest.mark.national
def test_no_sliver_is_left_along_180_degrees(national: Path):
    scale: Scale = "10M"
    source = gpd.read_file(f"/vsizip/{(national / DEPTHS.path).as_posix()}")
    drawn = place(source.geometry.make_valid().to_numpy(), scale=scale)
    before = [s for d in set(source["depth"]) for s in _slivers(drawn[(source["depth"] == d).to_numpy()])]
    data = pipeline.assemble("bathymetry", data=national, scale=scale)
    depth = data.frame["depth_m"]
    after = [s for d in set(depth) for s in _slivers(data.shapes.metres[(depth == d).to_numpy()])]
    assert len(before) > 200
    assert sum(s.area for s in before) > 5e7
    assert not after


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
    rows = data.ledger.states(DEPTHS.id)
    shown = rows.loc[rows["state"].isin(["published", "aggregated"]), "detail"]
    assert counts["aggregated"] > 30
    assert shown.nunique() == len(data.frame) == data.frame["atlas_id"].isin(shown).sum()
    assert not [f for f in data.findings if f.rule in {"outside-framework", "geometry-duplicated"}]
    assert shapely.is_valid(data.shapes.metres).all()
    known = source.dissolve("depth").to_crs("EPSG:6933").area
    sums = data.frame.groupby("depth_m")["area_km2"].sum() * 1e6
    for depth in (1000, 3000, 5000):
        assert sums[depth] == pytest.approx(known[depth], rel=0.01)
