from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.geometry.seams import match_lines

BORDER = shapely.LineString([(0, 0), (1000, 0)])


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(xy)


def test_ends_meet_on_the_border():
    seam = match_lines([line((10, -50), (10, -1))], [line((12, 2), (12, 50))], BORDER, tolerance_m=5)
    assert shapely.get_point(seam.a[0], -1) == shapely.Point(11, 0) == shapely.get_point(seam.b[0], 0)
    assert shapely.line_merge(shapely.union_all([*seam.a, *seam.b])).geom_type == "LineString"
    assert seam.figures.met == 1
    assert seam.figures.largest_gap_before_m == pytest.approx(13**0.5)
    assert seam.figures.largest_gap_after_m == 0
    assert seam.figures.largest_move_m == pytest.approx((2**0.5, 5**0.5))


def test_what_overshoots_is_not_folded_back():
    over = line((10, -50), (10, 1), (10, 2), (10, 3))
    seam = match_lines([over], [line((10, -1), (10, 50))], BORDER, tolerance_m=5)
    assert seam.a[0].equals(line((10, -50), (10, 0)))
    assert seam.a[0].is_simple
    assert seam.b[0].equals(line((10, 0), (10, 50)))


def test_each_end_takes_its_nearest_only():
    a = [line((10, -50), (10, -1)), line((13, -50), (13, -1))]
    seam = match_lines(a, [line((12.5, 1), (12.5, 50))], BORDER, tolerance_m=5)
    assert seam.a[0] is a[0]
    assert seam.figures.met == 1
    assert seam.figures.alone == (1, 0)


def test_a_river_along_the_border_is_drawn_once():
    a = [line((0, 1), (500, 1))]
    b = [line((-100, 80), (0, -1), (250, -2), (500, -1), (600, 80))]
    seam = match_lines(a, b, BORDER, tolerance_m=5)
    assert seam.figures.doubled_m == pytest.approx(500, rel=0.03)
    assert seam.b[0].geom_type == "MultiLineString"
    assert seam.figures.met == 2
    merged = shapely.line_merge(shapely.union_all([*seam.a, *seam.b]))
    assert merged.geom_type == "LineString"


def test_what_is_far_stays_the_same():
    a, b = [line((10, -50), (10, -20)), None], [line((10, 9), (10, 50)), shapely.LineString()]
    seam = match_lines(a, b, BORDER, tolerance_m=5)
    assert [x is y for x, y in zip([*seam.a, *seam.b], [*a, *b], strict=True)] == [True] * 4
    assert seam.figures.met == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_roads_drawn_apart_become_one_net(seed: int, count: int):
    rng = np.random.default_rng(seed)
    x = np.arange(1, count + 1) * 40.0
    ends = [np.column_stack([x + rng.uniform(-1, 1, count), rng.uniform(-3, 3, count)]) for _ in "ab"]
    far = [np.column_stack([x + rng.uniform(-10, 10, count), np.full(count, y)]) for y in (-90.0, 90.0)]
    a, b = (shapely.linestrings(np.stack(pair, axis=1)) for pair in zip(far, ends, strict=True))
    seam = match_lines(a, b, BORDER, tolerance_m=8)
    assert seam.figures.met == count
    assert shapely.equals_exact(shapely.get_point(seam.a, -1), shapely.get_point(seam.b, -1), 0).all()
    assert (shapely.get_y(shapely.get_point(seam.a, -1)) == 0).all()
    assert max(seam.figures.largest_move_m) < 8
    assert shapely.is_simple(np.concatenate([seam.a, seam.b])).all()
