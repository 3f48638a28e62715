from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from naatlas.geometry.repair import repair

SQUARE = shapely.box(0, 0, 10, 10)
BOW = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
# a spike beyond the square: nothing of the area is in it
SPIKE = shapely.Polygon([(0, 0), (10, 0), (10, 10), (10, 30), (10, 10), (0, 10)])


def test_repairs_only_what_is_invalid():
    given_shapes = np.array([SQUARE, BOW, None, shapely.Polygon(), SPIKE], dtype=object)
    done = repair(given_shapes)
    assert done.geometry[0] is SQUARE
    assert done.geometry[2] is None
    assert done.table["position"].tolist() == [1, 4]
    assert shapely.is_valid(done.geometry[[0, 1, 3, 4]]).all()
    assert done.geometry[4].area == 100
    assert done.table["change"].iloc[1] == 0


def test_a_large_change_is_a_finding():
    keys = ["first", "bow", "spike"]
    done = repair([SQUARE, BOW, SPIKE])
    (finding,) = done.findings(keys)
    assert finding.ids == ("bow",)
    assert "bow" in finding.message
    assert not repair([SQUARE, SPIKE]).findings(keys)


def test_what_collapses_is_told():
    flat = shapely.Polygon([(0, 0), (5, 0), (10, 0)])
    done = repair([flat])
    assert shapely.is_empty(done.geometry[0])
    assert done.table["emptied"].tolist() == [True]


def test_nothing_to_repair():
    done = repair([SQUARE])
    assert done.table.empty
    assert not done.findings(["a"])


@given(arrays(np.int8, (8, 2), elements=st.integers(-9, 9)))
def test_any_ring_becomes_valid(xy: np.ndarray):
    ring = shapely.Polygon(xy.astype(float))
    (out,) = repair([ring]).geometry
    assert shapely.is_valid(out)
    assert shapely.get_dimensions(out) in {2, -1} or shapely.is_empty(out)
    assert out.is_empty or shapely.covers(shapely.box(*ring.bounds).buffer(1e-9), out)
