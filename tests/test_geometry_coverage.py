"""Dissolve, clip and locate: the same answers as the plain ways, clean input or not."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from naatlas.geometry.coverage import clip, dissolve, within
from tests import coverages_kit as kit


@settings(max_examples=20, deadline=None)
@given(side=st.integers(1, 5), seed=st.integers(0, 99), groups=st.integers(1, 6))
def test_dissolving_a_coverage(side: int, seed: int, groups: int):
    cells = kit.grid(side, halvings=4, roughness=0.08, seed=seed)
    group = np.random.default_rng(seed).integers(0, groups, len(cells))
    keys, united = dissolve(cells, group)
    assert keys.tolist() == sorted(set(group.tolist()))
    for key, one in zip(keys, united, strict=True):
        assert one.is_valid
        assert shapely.equals(shapely.normalize(one), shapely.union_all(cells[group == key]))


def test_dissolving_what_is_no_coverage():
    overlap = [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)]
    twice = [shapely.box(9, 0, 10, 1)] * 2
    unshared = [shapely.box(20, 0, 21, 2), shapely.box(21, 0, 22, 1), shapely.box(21, 1, 22, 2)]
    _, united = dissolve([*overlap, *twice, *unshared], ["a", "a", "b", "b", "c", "c", "c"])
    assert shapely.area(united).tolist() == [6, 1, 4]
    assert [one.geom_type for one in united] == ["Polygon"] * 3
    assert [len(side) for side in dissolve([], [])] == [0, 0]


def test_clipping_keeps_the_kind_and_what_lies_inside():
    mask = shapely.Point(0, 0).buffer(10)
    inside, across, outside = shapely.box(-1, -1, 1, 1), shapely.box(5, -1, 20, 1), shapely.box(30, 0, 31, 1)
    touching = shapely.box(10, -1, 12, 1)
    line = shapely.LineString([(-20, 0), (20, 0)])
    told = clip([inside, across, outside, touching, line, None, shapely.Point(3, 3)], mask)
    assert told[0] is inside
    assert shapely.equals(told[1], across.intersection(mask))
    assert told[2] is None
    assert told[3] is None
    assert_allclose(told[4].length, 20)
    assert told[5] is None
    assert told[6] == shapely.Point(3, 3)


def test_clipping_leaves_no_lines_where_polygons_also_touch_the_mask():
    mask = shapely.box(0, 0, 10, 10)
    comb = shapely.Polygon(
        [(10, 0), (12, 0), (12, 9), (9, 9), (9, 8), (10, 8)]
    )  # along the edge, and into it
    assert clip([comb], mask)[0].equals(shapely.box(9, 8, 10, 9))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999))
def test_points_lie_where_each_polygon_says(seed: int):
    cells = kit.grid(4, halvings=5, roughness=0.08, seed=seed)
    xy = np.random.default_rng(seed).uniform(-5e4, 4.5e5, (300, 2))
    xy[:4] = [[np.nan, 0], *shapely.get_coordinates(cells[0])[:3]]
    hits = shapely.intersects(cells[:, None], shapely.points(xy)[None, :])
    first = np.where(hits.any(axis=0), hits.argmax(axis=0), -1)
    assert within(xy, cells).tolist() == first.tolist()


def test_of_overlapping_polygons_the_first_has_the_point():
    faces = [shapely.box(5, 5, 6, 6), shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 10)]
    assert within([[1, 1], [5.5, 5.5], [11, 1]], faces).tolist() == [1, 0, -1]
    assert within(np.empty((0, 2)), faces).shape == (0,)
