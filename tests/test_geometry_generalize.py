"""Generalizing: neighbours stay neighbours, nothing moves further than can be seen, nothing named is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from naatlas.errors import UsageError
from naatlas.framework import base
from naatlas.framework.vertices import edges
from naatlas.geometry.generalize import generalize
from naatlas.geometry.measure import displacement
from naatlas.geometry.place import place
from tests import coverages_kit as kit

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.geometry.generalize import Generalized
    from naatlas.model import Scale

TOLERANCE_M = {"10M": 1_000.0, "1M": 100.0}


def hold(before: np.ndarray, told: Generalized, scale: Scale) -> None:
    """Hold a generalized coverage without dropped parts against what it must be."""
    after, most = told.geometry, TOLERANCE_M[scale]
    assert told.figures.faults == 0
    assert shapely.is_valid(after).all()
    assert shapely.coverage_is_valid(after)
    assert shapely.get_num_geometries(after).tolist() == shapely.get_num_geometries(before).tolist()
    away = displacement(before, after)
    assert away.max() <= most * 1.001
    assert told.figures.displacement_max_mm <= 0.1 * 1.000001
    assert_allclose(told.figures.displacement_max_mm * most / 0.1, away.max(), rtol=0.2, atol=1.0)
    # no area can change by more than its outline times the displacement
    change = np.abs(shapely.area(after) - shapely.area(before))
    assert (change <= shapely.length(before) * most).all()
    assert_allclose(np.abs(told.figures.area_change), change / shapely.area(before))
    # no gap, no overlap: all together have the outline of the whole, and shared borders are shared
    _, _, second = edges(after)
    _, _, second_before = edges(before)
    assert (second >= 0).any() == (second_before >= 0).any()
    assert_allclose(shapely.area(shapely.union_all(after)), shapely.area(after).sum(), rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(3, 25),
    halvings=st.integers(2, 6),
    roughness=st.floats(0.0, 0.3),
    seed=st.integers(0, 10_000),
    extent=st.sampled_from([2e4, 2e5, 2e6]),
    scale=st.sampled_from(["10M", "1M"]),
)
def test_a_generated_coverage_stays_one(
    count: int, halvings: int, roughness: float, seed: int, extent: float, scale: Scale
):
    points = np.random.default_rng(seed).uniform(0, extent, (count, 2))
    faces = kit.voronoi(points, halvings=halvings, roughness=roughness, seed=seed)
    hold(faces, generalize(faces, kind="coverage", scale=scale), scale)


@pytest.mark.parametrize("scale", ["10M", "1M"])
@pytest.mark.parametrize("name", ["countries", "states"])
def test_the_base_layers_stay_a_coverage(name: str, scale: Scale):
    before = place(base.layer(name, "1M").geometry.to_numpy(), scale=scale)
    told = generalize(before, kind="coverage", scale=scale)
    hold(before, told, scale)
    assert told.figures.vertices_after < told.figures.vertices_before
    assert told.figures.arcs_shared > 20


@pytest.mark.national
@pytest.mark.parametrize("scale", ["10M", "1M"])
@pytest.mark.parametrize(
    "name",
    [
        "embeddable/admin_0_countries.fgb.zip",
        "embeddable/admin_1_states_provinces.fgb.zip",
        "watersheds/raw/us_wbd_huc4_simplified.gpkg",
        "watersheds/raw/hydrobasins_lev03_simplified_na.gpkg",
        "watersheds/raw/hydrobasins_lev05_simplified_na.gpkg",
    ],
)
def test_national_coverages(national: Path, name: str, scale: Scale):
    before = place(pyogrio.read_dataframe(national / name).geometry.to_numpy(), scale=scale)
    sound = shapely.is_valid(before)
    told = generalize(before, kind="coverage", scale=scale)
    if sound.all() and shapely.coverage_is_valid(before):
        hold(before, told, scale)
    wrong_before = ~shapely.is_empty(shapely.coverage_invalid_edges(before)) | ~sound
    wrong_after = ~shapely.is_empty(shapely.coverage_invalid_edges(told.geometry)) | ~shapely.is_valid(
        told.geometry
    )
    assert wrong_after.sum() <= wrong_before.sum()


def test_lines_drawn_along_polygons_stay_along_them():
    states = base.layer("states", "1M")
    borders = base.boundaries(base.pieces("1M"))
    borders = borders[borders["code_a"].str.startswith("US-") & borders["code_b"].str.startswith("US-")]
    before = place(np.concatenate([states.geometry.to_numpy(), borders.geometry.to_numpy()]), scale="10M")
    after = generalize(before, kind="coverage", scale="10M").geometry
    drawn = {tuple(s.ravel()) for s in edges(after[: len(states)])[0]}
    lines = shapely.get_parts(after[len(states) :])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    real = line[1:] == line[:-1]
    along = (
        np.sort(np.stack([xy[:-1][real], xy[1:][real]], axis=1).view("f8,f8"), axis=1)
        .view(float)
        .reshape(-1, 4)
    )
    assert len(along) > 1_000
    assert {tuple(s) for s in along} <= drawn


def test_an_outline_that_would_sweep_over_an_island_keeps_clear_of_it():
    bay = shapely.Polygon(
        [
            (0, 0),
            (50_000, 0),
            (50_000, 20_000),
            (30_000, 20_000),
            (25_000, 19_100),
            (20_000, 20_000),
            (0, 20_000),
        ]
    )
    island = shapely.box(24_900, 19_400, 25_100, 19_600)
    after = generalize(np.array([bay, island]), kind="coverage", scale="10M")
    assert shapely.coverage_is_valid(after.geometry)
    assert not shapely.intersects(*after.geometry)
    assert after.figures.restored > 0


def test_outlines_that_would_cross_get_vertices_back_there_and_nowhere_else():
    x = np.linspace(0, 200_000, 401)
    wave = 700 * np.sin(x / 2_000)
    upper = shapely.Polygon([*zip(x, wave + 900, strict=True), (200_000, 50_000), (0, 50_000)])
    lower = shapely.Polygon(
        [*zip(x, wave - 400 * (x > 150_000), strict=True), (200_000, -50_000), (0, -50_000)]
    )
    told = generalize(np.array([upper, lower]), kind="coverage", scale="10M")
    hold(np.array([upper, lower]), told, "10M")
    assert told.figures.vertices_after < told.figures.vertices_before


def islands() -> np.ndarray:
    small = [shapely.box(x, 0, x + 1_000, 1_000) for x in (200_000, 300_000)]
    lake = shapely.box(40_000, 40_000, 42_000, 42_000)
    mainland = shapely.box(0, 0, 100_000, 100_000).difference(lake)
    return np.array(
        [shapely.MultiPolygon([mainland, *small]), small[0].centroid.buffer(50_000).envelope, None],
        dtype=object,
    )


def test_small_islands_and_lakes_go():
    before = np.array([islands()[0]])
    told = generalize(before, kind="coverage", scale="10M", minimum_km2=10)
    assert told.geometry[0].equals(shapely.box(0, 0, 100_000, 100_000))
    assert (told.figures.islands_dropped, told.figures.lakes_dropped, told.figures.rows_dropped) == (2, 1, 0)
    kept = generalize(before, kind="coverage", scale="10M").geometry[0]
    assert kept.equals(before[0])


def test_the_only_polygon_of_a_named_feature_stays():
    before = np.array([shapely.box(x, 0, x + 1_000, 1_000) for x in (0, 5_000, 9_000)])
    many = shapely.MultiPolygon([shapely.box(0, 9_000, 900, 9_900), shapely.box(20_000, 0, 21_500, 1_500)])
    rows = np.array([*before, many], dtype=object)
    told = generalize(rows, kind="polygons", scale="10M", minimum_km2=10, names=["Ana", None, np.nan, "Bea"])
    assert shapely.is_missing(told.geometry).tolist() == [False, True, True, False]
    assert told.geometry[3].equals(many.geoms[1])
    assert told.figures.rows_dropped == 2
    assert not shapely.is_missing(
        generalize(rows, kind="polygons", scale="10M", minimum_km2=10).geometry
    ).any()


def test_what_shares_a_border_is_not_dropped_and_an_inhabited_lake_stays():
    halves = [shapely.box(0, 0, 500, 1_000), shapely.box(500, 0, 1_000, 1_000)]
    lake = shapely.box(40_000, 40_000, 43_000, 43_000)
    rows = np.array(
        [
            *halves,
            shapely.box(30_000, 30_000, 60_000, 60_000).difference(lake),
            shapely.box(41_000, 41_000, 42_000, 42_000),
        ]
    )
    told = generalize(rows, kind="coverage", scale="10M", minimum_km2=10, names=[None, None, "land", "isle"])
    assert shapely.equals(told.geometry, rows).all()
    without = generalize(rows, kind="coverage", scale="10M", minimum_km2=10, names=[None, None, "land", None])
    assert without.geometry[3] is None
    assert not without.geometry[2].interiors


def test_tiny_rings_keep_their_shape():
    discs = shapely.buffer(
        shapely.points([[0, 0], [9e4, 0], [2e5, 0]]), [50.0, 900.0, 40_000.0], quad_segs=64
    )
    told = generalize(discs, kind="polygons", scale="10M")
    assert shapely.is_valid(told.geometry).all()
    assert told.figures.area_change_max < 0.12
    assert shapely.get_num_coordinates(told.geometry)[2] < 40


def river_mouths() -> np.ndarray:
    chance = np.random.default_rng(3)
    ends = chance.uniform(0, 4e5, (40, 2))
    stems = kit.fractal(np.stack([ends[:-1], ends[1:]], axis=1), halvings=7, roughness=0.2, seed=5)
    return np.asarray(shapely.linestrings(stems))


def test_rivers_keep_their_ends_and_meeting_points():
    rivers = river_mouths()
    # one that ends at an inner vertex of another
    tributary = shapely.LineString([(5e5, 5e5), shapely.get_coordinates(rivers[4])[61]])
    before = np.array([*rivers, tributary])
    told = generalize(before, kind="lines", scale="10M")
    assert (shapely.get_point(told.geometry, 0) == shapely.get_point(before, 0)).all()
    assert (shapely.get_point(told.geometry, -1) == shapely.get_point(before, -1)).all()
    mouth = shapely.get_coordinates(tributary)[-1]
    assert (shapely.get_coordinates(told.geometry[4]) == mouth).all(axis=1).any()
    assert displacement(before, told.geometry).max() <= 1_000.001
    assert told.figures.vertices_after < told.figures.vertices_before / 3


def test_a_coast_keeps_the_mouths_of_rivers_of_another_layer():
    coast = river_mouths()[:1]
    mouth = shapely.get_coordinates(coast[0])[[50]]
    without = generalize(coast, kind="lines", scale="10M").geometry
    with_ = generalize(coast, kind="lines", scale="10M", anchors=mouth).geometry
    assert (shapely.get_coordinates(with_) == mouth).all(axis=1).any()
    assert not (shapely.get_coordinates(without) == mouth).all(axis=1).any()


def test_parallel_lines_do_not_cross_and_a_loop_does_not_vanish():
    x = np.linspace(0, 100_000, 201)
    wave = 900 * np.sin(x / 3_000)
    rivers = [shapely.LineString(np.column_stack([x, wave + off])) for off in (0, 150)]
    loop = shapely.LineString(shapely.get_coordinates(shapely.Point(5e5, 0).buffer(300)))
    told = generalize(np.array([*rivers, loop]), kind="lines", scale="10M")
    assert not shapely.crosses(told.geometry[0], told.geometry[1])
    assert shapely.is_valid(told.geometry).all()
    assert told.geometry[2].equals(loop)


def test_points_and_missing_stay_and_an_unknown_kind_is_refused():
    rows = np.array([None, shapely.Point(1, 2), shapely.Polygon()], dtype=object)
    assert generalize(rows, kind="lines", scale="1M").geometry.tolist() == rows.tolist()
    with pytest.raises(UsageError, match="no way 'points' to generalize"):
        generalize(rows, kind="points", scale="1M")  # type: ignore[arg-type]


def test_the_same_in_gives_the_same_bytes():
    cells = kit.grid(4, halvings=8)
    first, second = (generalize(cells, kind="coverage", scale="1M").geometry for _ in range(2))
    assert (shapely.to_wkb(first) == shapely.to_wkb(second)).all()
