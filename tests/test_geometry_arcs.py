"""Cutting into arcs and putting together: nothing is lost, what is shared is cut once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.geometry import arcs
from tests import coverages_kit as kit

if TYPE_CHECKING:
    from naatlas.geometry.arcs import Arcs, Chains

SQUARES = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])


def everything(cut: Arcs) -> np.ndarray:
    return np.unique(arcs.ranges(cut.first[cut.originals], cut.last[cut.originals] + 1))


def again(chains: Chains, cut: Arcs) -> np.ndarray:
    use = np.ones(len(chains.part), dtype=bool)
    return arcs.rebuild(chains, arcs.spread(cut, everything(cut)), use=use)


@settings(max_examples=30, deadline=None)
@given(side=st.integers(1, 4), halvings=st.integers(0, 5), seed=st.integers(0, 99))
def test_nothing_is_lost(side: int, halvings: int, seed: int):
    cells = kit.grid(side, halvings=halvings, seed=seed)
    chains = arcs.flatten(cells)
    cut = arcs.cut(chains)
    assert shapely.equals_exact(again(chains, cut), cells).all()
    # every vertex of an arc lies where the vertex of its original lies
    for at in np.flatnonzero(cut.original != np.arange(len(cut.original))):
        mine = chains.xy[cut.first[at] : cut.last[at] + 1]
        source = cut.original[at]
        theirs = chains.xy[cut.first[source] : cut.last[source] + 1]
        assert (mine == (theirs[::-1] if cut.flipped[at] else theirs)).all()


def test_a_shared_border_is_one_arc():
    cells = kit.grid(3, halvings=6, roughness=0.1)
    cut = arcs.cut(arcs.flatten(cells))
    assert (cut.uses[cut.originals] == 2).sum() == 12
    assert (cut.uses[cut.originals] == 1).sum() == 9  # 12 outer sides; three corners are nodes of nothing


def test_nodes_are_where_the_neighbours_change():
    chains = arcs.flatten(SQUARES)
    cut = arcs.cut(chains)
    ends = {tuple(v) for v in chains.xy[np.concatenate([cut.first, cut.last])]}
    assert {(1, 0), (1, 1)} <= ends
    assert not {(0, 1), (2, 1)} & ends or len(ends) <= 4


def test_an_anchor_is_a_node():
    line = np.array([shapely.LineString([(0, 0), (1, 1), (2, 0), (3, 1)])])
    assert len(arcs.cut(arcs.flatten(line)).first) == 1
    assert len(arcs.cut(arcs.flatten(line), anchors=np.array([[2.0, 0.0], [9.0, 9.0]])).first) == 2


def test_minus_zero_is_zero():
    left = shapely.Polygon([(-1, 0), (-0.0, -0.0), (0, 1), (-1, 1)])
    right = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)])
    cut = arcs.cut(arcs.flatten(np.array([left, right])))
    assert (cut.uses == 2).sum() == 2


def test_an_enclave_is_one_ring_for_both():
    ring = shapely.Point(0, 0).buffer(10)
    around = shapely.box(-50, -50, 50, 50).difference(ring)
    cut = arcs.cut(arcs.flatten(np.array([around, ring])))
    assert (cut.uses[cut.originals] == 2).sum() <= 2  # two starts of the ring, or one
    assert (cut.uses[cut.originals] == 2).any()


def test_lines_share_arcs_with_polygons():
    border = shapely.LineString([(1, 1), (1, 0)])
    mixed = np.array([*SQUARES, border, None, shapely.Point(1, 1), shapely.Polygon()], dtype=object)
    chains = arcs.flatten(mixed)
    cut = arcs.cut(chains)
    assert cut.uses.max() == 3
    made = again(chains, cut)
    assert shapely.equals_exact(made[:3], mixed[:3]).all()
    assert shapely.is_missing(made[3:]).all()


def test_holes_and_parts_come_back():
    many = shapely.MultiPolygon(
        [shapely.box(0, 0, 9, 9).difference(shapely.box(1, 1, 2, 2)), shapely.box(20, 0, 21, 1)]
    )
    lines = shapely.MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 6)]])
    chains = arcs.flatten(np.array([many, lines]))
    assert chains.area.tolist() == [81, 1, 1, 0, 0]
    assert chains.shell.tolist() == [True, False, True, False, False]
    assert shapely.equals_exact(again(chains, arcs.cut(chains)), [many, lines]).all()


def test_nothing_at_all():
    chains = arcs.flatten(np.array([None, shapely.Point(0, 0)], dtype=object))
    assert len(arcs.cut(chains).first) == 0
