"""Into the plane and back: straight in degrees, whole at 180, the same for neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from naatlas import framework
from naatlas.framework import base
from naatlas.framework.antimeridian import split
from naatlas.geometry.place import place, projected, unplace

if TYPE_CHECKING:
    from naatlas.model import Scale

WORLD = shapely.box(-180, 0, 180, 90)
coordinate = st.tuples(st.floats(-179, -10), st.floats(1, 89))


def stray_m(line: shapely.LineString, drawn: shapely.LineString) -> float:
    """How far places on a line in degrees are from the line drawn in the plane."""
    fine = shapely.get_coordinates(shapely.segmentize(line, 0.02))
    return float(shapely.distance(drawn, shapely.points(*framework.project(*fine.T))).max())


@settings(max_examples=40, deadline=None)
@given(a=coordinate, b=coordinate, error_mm=st.sampled_from([0.1, 0.01, 0.001]))
def test_no_chord_is_further_off_than_the_bound(
    a: tuple[float, float], b: tuple[float, float], error_mm: float
):
    assume(a != b)
    line = shapely.LineString([a, b])
    assert stray_m(line, place([line], scale="1M", error_mm=error_mm)[0]) <= error_mm * 1000 * 1.001 + 1e-6


def test_the_bound_and_not_the_spacing_decides_far_from_the_centre():
    line = shapely.LineString([(75, -40), (85, -42)])  # towards the antipode, where the plane tears
    coarse, fine = place([line], scale="10M", error_mm=10)[0], place([line], scale="10M")[0]
    assert shapely.get_num_coordinates(fine) > shapely.get_num_coordinates(coarse)
    assert stray_m(line, fine) <= 1000


@given(a=coordinate, b=coordinate)
def test_neighbours_get_the_same_vertices(a: tuple[float, float], b: tuple[float, float]):
    there, back = place([shapely.LineString([a, b]), shapely.LineString([b, a])], scale="10M", error_mm=0.001)
    assert (shapely.get_coordinates(there) == shapely.get_coordinates(back)[::-1]).all()


@given(st.lists(coordinate, min_size=2, max_size=9, unique=True))
def test_there_and_back(vertices: list[tuple[float, float]]):
    line = shapely.LineString(vertices)
    assert_allclose(
        shapely.get_coordinates(unplace(projected([line]))[0]),
        shapely.get_coordinates(line),
        rtol=0,
        atol=1e-7,
    )


@pytest.mark.parametrize("lon", [-10.0, 170.0])
def test_a_quarter_turn_from_the_central_meridian_comes_back(lon: float):
    lat = np.linspace(-40, 89, 2_000)
    back = framework.unproject(*framework.project(np.full_like(lat, lon), lat))
    assert_allclose(back, (np.full_like(lat, lon), lat), rtol=0, atol=1e-9)


@pytest.mark.parametrize("scale", ["10M", "1M"])
def test_halves_at_180_are_joined_though_their_vertices_differ(scale: Scale):
    west = shapely.Polygon([(-180, 60), (-170, 60), (-170, 70), (-180, 70), (-180, 66.123)])
    east = shapely.Polygon([(170, 60), (180, 60), (180, 63.456), (180, 70), (170, 70)])
    whole, *halves = place([shapely.MultiPolygon([west, east]), west, east], scale=scale)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert shapely.coverage_is_valid(np.array(halves))
    assert_allclose(whole.area, sum(shapely.area(halves)), rtol=1e-12)
    back = unplace([whole])[0]
    assert_allclose(
        [p.bounds for p in sorted(back.geoms, key=lambda p: p.bounds)], [west.bounds, east.bounds]
    )


def test_a_line_cut_at_180_is_one_line():
    cut = shapely.MultiLineString([[(170, 60), (180, 62)], [(-180, 62), (-170, 60)]])
    whole = place([cut], scale="10M")[0]
    assert whole.geom_type == "LineString"
    assert shapely.equals_exact(
        split([shapely.LineString([(170, 60), (190, 60)])])[0].geoms[0].envelope,
        shapely.LineString([(170, 60), (180, 60)]).envelope,
    )
    assert unplace([whole])[0].geom_type == "MultiLineString"


def test_a_world_spanning_polygon_loses_its_seam_and_keeps_its_holes():
    holes = [shapely.box(-110, 40, -90, 50), shapely.box(170, 60, 180, 65), shapely.box(-180, 60, -175, 65)]
    cap = shapely.box(-180, 85, 180, 90)
    world = WORLD.difference(shapely.union_all([*holes, cap]))
    around, top = place([world, cap], scale="10M")
    assert around.geom_type == top.geom_type == "Polygon"
    assert [len(around.interiors), len(top.interiors)] == [3, 0]  # the two halves at 180 are one hole
    assert shapely.coverage_is_valid(np.array([around, top]))
    assert_allclose(top.area, 2 * np.pi * framework.RADIUS_M**2 * (1 - np.sin(np.radians(85))), rtol=2e-4)
    back = unplace([around, top])
    assert shapely.is_valid(back).all()
    assert_allclose(shapely.area(back), [world.area, cap.area], rtol=1e-9)


def test_a_corner_at_the_pole_comes_back_as_an_edge():
    wedges = [shapely.box(-180, 70, -10, 90), shapely.box(20, 70, 180, 90)]
    assert_allclose(shapely.area(unplace(place(wedges, scale="10M"))), shapely.area(wedges), rtol=1e-9)


def test_split_moves_what_lies_beyond_180_and_reads_a_long_step_as_one_across():
    wanted = shapely.MultiPolygon([shapely.box(170, 50, 180, 60), shapely.box(-180, 50, -170, 60)])
    stepping = shapely.Polygon([(170, 50), (-170, 50), (-170, 60), (170, 60)])
    hole = shapely.box(178, 54, 182, 56)
    told = split([shapely.box(170, 50, 190, 60), stepping, shapely.box(170, 50, 190, 60).difference(hole)])
    assert shapely.equals(told[:2], wanted).all()
    assert_allclose(told[2].area, 200 - 8)
    assert_allclose(told[2].bounds, (-180, 50, 180, 60))


def test_split_leaves_alone_what_needs_no_cut():
    line = shapely.LineString([(-180, 60), (-170, 61)])
    given = [None, shapely.Point(3, 4), shapely.box(-180, 50, -170, 60), line, shapely.Polygon(), WORLD]
    assert all(a is b for a, b in zip(split(given), given, strict=True))
    assert split([shapely.Point(190, 3)])[0].coords[0] == (-170, 3)


@pytest.mark.parametrize("name", ["countries", "states"])
def test_the_land_is_a_coverage_in_the_plane_and_in_degrees_again(name: str):
    degrees = base.layer(name, "1M").geometry.to_numpy()
    metres = place(degrees, scale="1M")
    back = unplace(metres)
    for side in (metres, back):
        assert shapely.is_valid(side).all()
        assert shapely.coverage_is_valid(side)
    assert_allclose(shapely.area(back), shapely.area(degrees), rtol=1e-6)
    bounds = shapely.bounds(back)
    assert (bounds[:, [0, 2]] >= -180).all()
    assert (bounds[:, [0, 2]] <= 180).all()


def test_nothing_and_missing():
    assert len(place([], scale="10M")) == 0
    assert place([None, shapely.Point(-100, 45)], scale="10M")[0] is None
    assert unplace([None])[0] is None
