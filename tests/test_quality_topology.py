from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.framework import project
from naatlas.framework.base import layer_naaf
from naatlas.quality.topology import check_topology, topology_table

if TYPE_CHECKING:
    from naatlas.model import Finding

A, B = shapely.box(0, 0, 10_000, 10_000), shapely.box(10_000, 0, 20_000, 10_000)


def rules(geometry: Any, *, kind: Any = "polygons") -> dict[str, Finding]:
    found = check_topology(geometry, [f"k{i}" for i in range(len(geometry))], kind=kind)
    return {finding.rule: finding for finding in found}


def test_a_clean_coverage_has_no_finding():
    assert not rules([A, B], kind="coverage")


def test_an_overlap_is_measured():
    found = rules([A, shapely.box(9_000, 0, 20_000, 10_000)], kind="coverage")
    assert found["coverage-overlap"].severity == "error"
    assert found["coverage-overlap"].ids == ("k0", "k1")
    assert "10 km2" in found["coverage-overlap"].message
    assert "coverage-unshared" in found


def test_a_thin_gap_is_found_and_a_lake_is_not():
    thin = [shapely.box(0, 0, 10, 4_000), shapely.box(2_000, 0, 3_000, 4_000)]
    ring = shapely.difference(shapely.box(-5_000, -5_000, 9_000, 9_000), shapely.union_all(thin))
    found = rules([ring, shapely.box(9_000, -5_000, 10_000, 9_000)], kind="coverage")
    assert found["coverage-gap"].count == 1
    assert "0.04 km2" in found["coverage-gap"].message


def test_unshared_vertices_alone():
    found = rules([A, shapely.segmentize(B, 6_000)], kind="coverage")
    assert set(found) == {"coverage-unshared"}


def test_invalid_and_missing():
    bow = shapely.Polygon([(0, 0), (1e4, 1e4), (1e4, 0), (0, 1e4)])
    found = rules([A, bow, None, shapely.Polygon()], kind="coverage")
    assert found["geometry-invalid"].ids == ("k1",)
    assert "Self-intersection" in found["geometry-invalid"].message
    assert found["geometry-missing"].ids == ("k2", "k3")


def test_parts():
    sliver = shapely.box(0, 20_000, 10, 25_000)  # 50,000 m2: thin, and not tiny
    tiny = shapely.Point(0, 30_000).buffer(50)
    found = rules([shapely.MultiPolygon([A, sliver, tiny]), B])
    assert found["parts-slivers"].ids == ("k0",)
    assert found["parts-tiny"].ids == ("k0",)
    table = topology_table([shapely.MultiPolygon([A, sliver, tiny]), B], ["a", "b"], kind="polygons")
    assert table["parts"].tolist() == [3, 1]
    assert table["slivers"].tolist() == [1, 0]
    assert table["tiny_parts"].tolist() == [1, 0]


def test_rings_in_both_directions():
    far = shapely.reverse(shapely.box(5e4, 0, 6e4, 1e4))
    assert rules([shapely.MultiPolygon([A, far])])["rings-mixed"].severity == "info"
    assert not rules([shapely.reverse(A)])


def test_doubled_in_the_other_direction():
    line = shapely.LineString([(0, 0), (1e4, 0), (1e4, 1e4)])
    assert rules([line, shapely.reverse(line)], kind="lines")["geometry-duplicated"].ids == ("k1",)


def test_one_basin_at_two_levels_is_no_duplicate_and_two_at_one_level_are():
    shapes, keys = [A, A, B, B], ["a1", "a2", "b1", "b2"]
    found = check_topology(shapes, keys, kind="polygons", levels=pd.Series([1, 2, 2, 2]))
    assert {f.rule: f.ids for f in found} == {"geometry-duplicated": ("b2",)}
    assert not check_topology(shapes[:2], keys[:2], kind="polygons", levels=pd.Series([1, 2]))


def framed(west: float, south: float, east: float, north: float):
    """Return a box given in degrees in the CRS of the framework."""
    outline = shapely.box(west, south, east, north)
    return shapely.transform(outline, lambda xy: np.column_stack(project(xy[:, 0], xy[:, 1])))


def test_outside_the_extent_a_neighbour_is_right_and_a_lost_sign_is_not():
    places = {
        "Guatemala and Panama": framed(-92, 8, -78, 17),
        "Greenland": framed(-50, 60, -20, 82),
        "Ottawa, sign lost": framed(75, 45, 76, 46),
        "Ottawa, swapped": framed(45, -76, 46, -75),
    }
    shapes, keys = list(places.values()), list(places)
    found = check_topology(shapes, keys, kind="polygons", context=np.full(4, True))  # noqa: FBT003
    assert {f.rule: f.ids for f in found} == {"outside-framework": ("Ottawa, sign lost", "Ottawa, swapped")}


def test_a_feature_of_the_three_countries_may_reach_beyond_the_extent_but_not_beyond_the_base():
    places = {
        "Chiapas to Panama": framed(-93, 8, -78, 17),
        "Alaska, sign lost": framed(160, 62, 165, 66),
        "one corner in Africa": shapely.union_all([framed(-100, 30, -90, 40), framed(10, 30, 12, 32)]),
    }
    shapes, keys = list(places.values()), list(places)
    found = check_topology(shapes, keys, kind="polygons", context=np.full(3, False))  # noqa: FBT003
    assert {f.rule: f.ids for f in found} == {
        "outside-framework": ("Alaska, sign lost", "one corner in Africa")
    }
    assert [f.ids for f in check_topology(shapes, keys, kind="polygons")] == [found[0].ids]


def test_ends_that_stop_short():
    road = shapely.LineString([(0, 0), (1e4, 0)])
    met = shapely.LineString([(5e3, 0), (5e3, 4e3)])
    short = shapely.LineString([(7e3, 5), (7e3, 4e3)])
    found = rules([road, met, short], kind="lines")
    assert found["ends-near-miss"].ids == ("k2",)
    table = topology_table([road, met, short], list("abc"), kind="lines")
    assert table["dangles"].tolist() == [2, 1, 2]


def test_outside_and_heavy():
    found = rules([A, shapely.transform(A, lambda xy: xy + np.array([0, 2e7])), shapely.segmentize(B, 0.3)])
    assert found["outside-framework"].ids == ("k1",)
    assert found["vertices-many"].ids == ("k2",)


def test_the_base_itself_is_a_clean_coverage():
    states = layer_naaf("states", "1M")
    found = check_topology(states.geometry, states["state"].tolist(), kind="coverage")
    assert not [finding for finding in found if finding.severity == "error"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.floats(0.5, 9))
def test_any_shift_of_a_cell_is_found(seed: int, size: int, shift_m: float):
    at = np.arange(size + 1) * 2_000.0
    cells = np.array([shapely.box(x, y, x + 2_000, y + 2_000) for x in at for y in at], dtype=object)
    assert not rules(cells, kind="coverage")
    moved = np.random.default_rng(seed).integers(len(cells))
    cells[moved] = shapely.transform(cells[moved], lambda xy: xy + shift_m)
    found = rules(cells, kind="coverage")
    wrong = [found[rule].count for rule in ("coverage-unshared", "coverage-slot") if rule in found]
    assert sum(wrong) > 1
    one = shapely.area(shapely.union_all(cells))
    if (lost := shapely.area(cells).sum() - one) > 1:
        assert f"{lost / 1e6:,.4g} km2" in found["coverage-overlap"].message
    else:
        assert "coverage-overlap" not in found


@pytest.mark.parametrize("kind", ["coverage", "polygons", "lines"])
def test_nothing_to_check(kind: Any):
    assert check_topology([], [], kind=kind) == []
    assert topology_table([], [], kind=kind).empty
