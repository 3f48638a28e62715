"""Lengths and areas against figures that are known, displacement against figures that are plain."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from naatlas.framework import base
from naatlas.geometry.measure import area_km2, displacement, length_km

#: Area of the ellipsoid WGS84 in square kilometres.
EARTH_KM2 = 510_065_621.7


def test_known_lengths():
    meridian = shapely.LineString([(0, 0), (0, 90)])
    equator = shapely.LineString([(0, 0), (1, 0)])
    assert_allclose(length_km([meridian, equator]), [10_001.966, 111.3195], rtol=1e-6)


def test_a_parallel_is_followed_and_not_cut_short():
    border = shapely.LineString([(-123.3, 49), (-95.15, 49)])
    n = 6378.137 / np.sqrt(1 - 0.00669438 * np.sin(np.radians(49)) ** 2)
    assert_allclose(length_km([border]), n * np.cos(np.radians(49)) * np.radians(28.15), rtol=1e-6)
    short = pyproj.Geod(ellps="WGS84").inv(-123.3, 49, -95.15, 49)[2] / 1000
    assert_allclose(length_km([border], max_degrees=90), short, rtol=1e-12)


def test_known_areas():
    halves = [shapely.box(-180, -90, 0, 90), shapely.box(-180, 0, 180, 90), shapely.box(0, 0, 180, 90)]
    assert_allclose(area_km2(halves), EARTH_KM2 / np.array([2, 2, 4]), rtol=1e-6)


def test_holes_come_off_and_parts_add_up():
    outer, inner, other = shapely.box(0, 0, 4, 4), shapely.box(1, 1, 2, 2), shapely.box(10, 10, 11, 11)
    a, b, c, all_ = area_km2([outer, inner, other, shapely.MultiPolygon([outer.difference(inner), other])])
    assert_allclose(all_, a - b + c)


def test_what_has_no_length_and_no_area():
    none = [None, shapely.Point(1, 1), shapely.Polygon()]
    assert length_km(none).tolist() == area_km2(none).tolist() == [0, 0, 0]
    assert length_km([]).shape == area_km2([]).shape == (0,)


def test_states_have_the_area_the_census_tells():
    states = base.layer("states", "1M").set_index("state").geometry
    told = {"US-CO": 269_601, "US-WY": 253_335, "CA-AB": 661_848, "CA-SK": 651_036}  # km2, land and water
    assert_allclose(area_km2(states[list(told)].to_numpy()), list(told.values()), rtol=0.01)


@given(st.floats(0, 500), st.integers(1, 40))
def test_displacement_of_a_moved_line(by: float, vertices: int):
    line = shapely.LineString(np.column_stack([np.linspace(0, 1e4, vertices + 1), np.zeros(vertices + 1)]))
    moved = shapely.transform(line, lambda xy: xy + np.array([0, by]))
    assert_allclose(displacement([line], [moved]), by, atol=1e-9)


def test_displacement_counts_both_ways_and_looks_at_outlines():
    square, spike = shapely.box(0, 0, 10, 10), shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 17), (0, 10)])
    assert displacement([square, spike], [spike, square]).tolist() == [7, 7]
    assert displacement([shapely.box(0, 0, 10, 10)], [shapely.box(4, 4, 6, 6)])[0] == pytest.approx(
        np.hypot(4, 4)
    )
    assert np.isnan(displacement([square, None], [None, square])).all()
