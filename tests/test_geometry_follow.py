from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas import pipeline
from naatlas.geometry.follow import follow
from naatlas.geometry.generalize import generalize

TOLERANCE_M = 1_000.0  # 0.1 mm at 1:10,000,000


def island(x: float, radius_m: float, seed: int, corners: int = 60) -> shapely.Polygon:
    """Return an uneven round island."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = radius_m * rng.uniform(0.8, 1.0, corners)
    return shapely.Polygon(np.column_stack([x + radius * np.cos(angle), radius * np.sin(angle)]))


def turned(ring: shapely.LinearRing, by: int, *, back: bool) -> shapely.LineString:
    """Return the ring as a line that begins elsewhere."""
    xy = np.roll(shapely.get_coordinates(ring)[:-1], by, axis=0)
    xy = xy[::-1] if back else xy
    return shapely.LineString(np.vstack([xy, xy[:1]]))


@settings(max_examples=40, deadline=None)
@given(
    radius_m=st.floats(500, 60_000),
    by=st.integers(0, 59),
    back=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_a_coast_runs_where_the_island_ends(radius_m: float, by: int, back: bool, seed: int):  # noqa: FBT001 - hypothesis gives it
    islands = np.array([island(0, radius_m, seed), island(200_000, 50_000, seed + 1)])
    minimum_km2 = 4.0
    thin = generalize(islands, kind="coverage", scale="10M", minimum_km2=minimum_km2, names=[None, None])
    lines = np.array([turned(shape.exterior, by, back=back) for shape in islands])
    told = follow(
        lines,
        thin.geometry[shapely.is_geometry(thin.geometry)],
        tolerance_m=TOLERANCE_M,
        minimum_km2=minimum_km2,
    )
    assert told.follows.all()
    assert told.largest_m <= TOLERANCE_M * (1 + 1e-9)
    assert told.islands == thin.figures.islands_dropped == (shapely.area(islands[0]) < minimum_km2 * 1e6)
    for line, shape in zip(told.geometry, thin.geometry, strict=True):
        assert (line is None) == (shape is None)
        assert line is None or line.equals(shape.exterior)
        assert line is None or len(line.coords) == len(shape.exterior.coords)


def test_the_border_and_both_coasts_of_two_countries():
    rng = np.random.default_rng(7)
    border = np.column_stack([rng.uniform(-3_000, 3_000, 41), np.linspace(0, 400_000, 41)])
    west = shapely.Polygon([(-300_000, 0), *border, (-300_000, 400_000)])
    east = shapely.Polygon([(300_000, 0), *border, (300_000, 400_000)])
    thin = generalize(np.array([west, east]), kind="coverage", scale="10M").geometry
    line = shapely.LineString(border[::-1])
    told = follow(np.array([line]), thin, tolerance_m=TOLERANCE_M, minimum_km2=0.0)
    assert 2 < len(told.geometry[0].coords) < 41
    assert told.geometry[0].equals(thin[0].boundary & thin[1].boundary)
    assert told.vertices == 41
    assert told.largest_m == pytest.approx(shapely.hausdorff_distance(line, told.geometry[0]))
    offs = shapely.distance(shapely.points(border), told.geometry[0])
    assert told.sum_m == pytest.approx(offs.sum(), rel=0.05)


def test_what_is_no_line_of_the_polygons_is_left_to_others():
    land = np.array([island(0, 50_000, 1)])
    arc = np.linspace(0, np.pi, 30)
    at_sea = np.column_stack([np.cos(arc), np.sin(arc)]) * 90_000
    from_land = np.vstack([shapely.get_coordinates(land[0])[:1], at_sea])
    lines = np.array(
        [shapely.LineString(at_sea), shapely.LineString(from_land), turned(land[0].exterior, 3, back=True)]
    )
    told = follow(lines, land, tolerance_m=TOLERANCE_M, minimum_km2=4.0)
    assert told.follows.tolist() == [False, False, True]
    assert [line is None for line in told.geometry] == [True, True, False]
    assert told.islands == 0


@pytest.mark.parametrize("scale", ["10M", "1M"])
def test_coast_and_borders_of_the_package_lie_on_the_published_land(scale: str):
    shelf: pipeline.Shelf = {}
    land = pipeline.assemble("political-boundaries", scale=scale, shelf=shelf)  # type: ignore[arg-type]
    edge = shapely.union_all(shapely.boundary(land.shapes.metres))
    corners = {tuple(xy) for xy in shapely.get_coordinates(land.shapes.metres)}
    for slug, lost_km, lost in (
        ("political-boundary-lines", 0, 0),
        ("coastline", 20, 3),
    ):  # where Asia meets 180
        lines = pipeline.assemble(slug, scale=scale, shelf=shelf).shapes.metres  # type: ignore[arg-type]
        beside = shapely.length(shapely.difference(lines, edge)).sum() / 1000
        assert beside <= lost_km
        assert sum(tuple(xy) not in corners for xy in shapely.get_coordinates(lines)) <= lost
        assert shapely.length(lines).sum() / 1000 > 70_000


def test_one_run_builds_a_layer_once_that_others_stand_on(monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []
    kept = pipeline._read
    monkeypatch.setattr(pipeline, "_read", lambda spec, *rest: read.append(spec.slug) or kept(spec, *rest))
    shelf: pipeline.Shelf = {}
    first = pipeline.assemble("coastline", shelf=shelf)
    again = pipeline.assemble("political-boundaries", shelf=shelf)
    pipeline.assemble("political-boundary-lines", shelf=shelf)
    assert len(read) == len(set(read))
    assert {"coastline", "political-boundaries", "political-boundary-lines"} <= set(read)
    alone = pipeline.assemble("political-boundaries")
    assert shapely.equals_exact(again.shapes.metres, alone.shapes.metres).all()
    assert again.frame.equals(alone.frame)
    assert first.folder == "2022"
