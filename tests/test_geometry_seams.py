from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from naatlas.framework import densify, project
from naatlas.framework.base import layer_naaf
from naatlas.framework.vertices import map_xy
from naatlas.geometry.repair import repair
from naatlas.geometry.seams import Seam, match

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINE = shapely.LineString([(0, 0), (100, 0)])


def cross_edges_m(a: Any, b: Any, *, gap_width: float) -> float:
    """Length of edges that GEOS finds wrong between two layers, and not already within either."""
    both = shapely.union_all(shapely.coverage_invalid_edges(np.concatenate([a, b]), gap_width=gap_width))
    own = [shapely.union_all(shapely.coverage_invalid_edges(side, gap_width=gap_width)) for side in (a, b)]
    return shapely.length(shapely.difference(both, shapely.union_all(own)))


def assert_seamless(seam: Seam, *, gap_width: float = 0.0) -> None:
    both = np.concatenate([seam.a, seam.b])
    both = both[~shapely.is_empty(both)]
    assert shapely.is_valid(both).all()
    assert shapely.coverage_is_valid(both, gap_width=gap_width)
    assert seam.figures.after.gap_m2 == 0
    assert seam.figures.after.overlap_m2 == 0
    assert seam.figures.after.unshared_vertices == 0


def test_gap_and_overlap_become_the_border():
    a = [shapely.box(0, -50, 40, -1), shapely.box(40, -50, 100, 2)]
    a[0] = shapely.Polygon([(0, -50), (40, -50), (40, -1), (0, -1)])
    a[1] = shapely.Polygon([(40, -50), (100, -50), (100, 2), (40, 2), (40, -1)])
    seam = match(a, [shapely.box(0, 0, 100, 50)], LINE, tolerance_m=5)
    assert_seamless(seam, gap_width=4)
    assert seam.figures.before.gap_m2 == pytest.approx(40)
    assert seam.figures.before.overlap_m2 == pytest.approx(120)
    assert seam.a[0].equals(shapely.box(0, -50, 40, 0))
    assert seam.a[1].equals(shapely.box(40, -50, 100, 0))
    assert seam.figures.largest_move_m == pytest.approx((2, 0))
    assert seam.figures.on_border_m == pytest.approx(100)


def test_vertices_of_both_sides_are_shared():
    a = [shapely.box(0, -50, 30, 0), shapely.box(30, -50, 100, 0)]
    b = [shapely.box(0, 0, 60, 50), shapely.box(60, 0, 100, 50)]
    assert not shapely.coverage_is_valid([*a, *b])
    seam = match(a, b, LINE, tolerance_m=5)
    assert_seamless(seam)
    assert seam.figures.before.unshared_vertices == 2
    assert seam.figures.largest_move_m == (0, 0)


def test_what_one_side_means_stays():
    # the first layer reaches 20 across, four times the tolerance, and the second gives way
    a = [shapely.union_all([shapely.box(0, -50, 100, -1), shapely.box(30, -1, 60, 20)])]
    b = [shapely.difference(shapely.box(0, 0, 100, 50), shapely.box(30, 0, 60, 21))]
    seam = match(a, b, LINE, tolerance_m=5)
    assert_seamless(seam, gap_width=4)
    assert seam.a[0].contains(shapely.Point(45, 15))
    assert seam.a[0].contains(shapely.Point(45, 2))
    assert seam.b[0].contains(shapely.Point(10, 0.5))


def test_a_deep_overlap_is_cut_along_the_border():
    seam = match([shapely.box(0, -50, 100, 30)], [shapely.box(0, 0, 100, 50)], LINE, tolerance_m=5)
    assert_seamless(seam)
    assert seam.a[0].equals(shapely.box(0, -50, 100, 0))
    assert seam.figures.before.overlap_m2 == pytest.approx(3000)
    assert seam.figures.largest_move_m[0] == pytest.approx(30)


def test_without_a_border_the_longer_shared_edge_decides():
    a, b = [shapely.box(0, -50, 100, -1)], [shapely.box(10, 0, 90, 50)]
    seam = match(a, b, [], tolerance_m=5)
    assert_seamless(seam, gap_width=0.9)
    assert seam.figures.before.gap_m2 > 75
    assert shapely.area(seam.a[0]) > 4900 + 75
    assert seam.b[0].equals(b[0])


def test_a_lake_between_the_sides_stays_open():
    a = [shapely.difference(shapely.box(0, -50, 100, -1), shapely.box(30, -30, 70, 0))]
    seam = match(a, [shapely.box(0, 0, 100, 50)], LINE, tolerance_m=5)
    assert seam.figures.before.left_open_m2 == pytest.approx(1200, rel=0.2)
    assert not seam.a[0].contains(shapely.Point(50, -15))
    assert_seamless(seam)


def test_far_polygons_are_the_same_objects():
    far = shapely.box(0, -500, 100, -50)
    a = np.array([far, shapely.box(0, -50, 100, -1), None, shapely.Polygon()], dtype=object)
    seam = match(a, [shapely.box(0, 0, 100, 50)], LINE, tolerance_m=5)
    assert seam.a[0] is far
    assert seam.a[2] is None
    assert seam.a[3].is_empty


def test_a_polygon_all_across_is_reported():
    a = [shapely.box(0, -50, 100, 0), shapely.box(40, 0, 50, 3)]
    seam = match(a, [shapely.box(0, 0, 100, 50)], LINE, tolerance_m=5)
    assert seam.figures.vanished_a == (1,)
    assert_seamless(seam)


def test_matching_again_changes_nothing():
    a, b = [shapely.box(0, -50, 100, -1)], [shapely.box(0, 1, 100, 50)]
    once = match(a, b, LINE, tolerance_m=5)
    again = match(once.a, once.b, LINE, tolerance_m=5)
    assert again.a[0] is once.a[0]
    assert again.b[0] is once.b[0]


@st.composite
def splits(draw: st.DrawFn) -> Any:
    """Draw a border, two coverages that meet there, and both drawn anew with vertices and errors of their own."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    noise = draw(st.floats(100, 1000))
    x = np.linspace(0, 100_000, draw(st.integers(3, 30)))
    bend = draw(st.floats(0, 8_000))
    border = np.column_stack([x, rng.uniform(-bend, bend, len(x))])
    sides = []
    for far in (-60_000.0, 60_000.0):
        cuts = np.sort(rng.choice(np.arange(5, 95), draw(st.integers(0, 4)), replace=False)) * 1000.0
        at = np.union1d(rng.uniform(0, 100_000, draw(st.integers(2, 60))), [0, 100_000, *cuts])
        y = np.interp(at, *border.T) + rng.uniform(-noise, noise, len(at))
        limits = [0.0, *cuts, 100_000.0]
        side = []
        for west, east in pairwise(limits):
            own = (at >= west) & (at <= east)
            edge = np.column_stack([at[own], y[own]])
            side.append(shapely.Polygon([*edge, (east, far), (west, far)]))
        sides.append(np.array(side, dtype=object))
    return sides, shapely.LineString(border), noise


# without shrinking: a failure is as telling at full size, and shrinking it takes minutes
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(splits())
def test_noise_becomes_seamless(drawn: Any):
    """The vertices of either side lie within the noise of the border; chords between them may lie farther off."""
    (a, b), border, noise = drawn
    tolerance = 3 * noise
    seam = match(a, b, border, tolerance_m=tolerance)
    assert_seamless(seam)
    before = seam.figures.before
    assert before.gap_m2 + before.overlap_m2 > 0
    assert before.unshared_vertices > 0
    assert (
        shapely.area(seam.a).sum() + shapely.area(seam.b).sum()
        >= shapely.area(shapely.union_all(np.concatenate([a, b]))) - 1
    )
    close = all(shapely.hausdorff_distance(edge, border, densify=0.01) < tolerance for edge in _edges(a, b))
    if close:
        assert max(seam.figures.largest_move_m) <= tolerance
        assert seam.figures.on_border_m == pytest.approx(seam.figures.seam_m, rel=0.02)


def _edges(a: Any, b: Any) -> Iterator[shapely.LineString]:
    for side, y in ((a, -60_000.0), (b, 60_000.0)):
        whole = shapely.coverage_union_all(side)
        ring = shapely.get_coordinates(whole)
        yield shapely.LineString(np.unique(ring[ring[:, 1] != y], axis=0))


@pytest.fixture(scope="module")
def watersheds(national: Path):
    folder = national / "watersheds" / "raw"
    files = ("us_wbd_huc4_simplified.gpkg", "hydrobasins_lev05_simplified_na.gpkg")
    shapes = (gpd.read_file(folder / name).geometry.to_numpy() for name in files)
    return [repair(map_xy(densify(each, max_degrees=0.1), project)).geometry for each in shapes]


@pytest.mark.national
@pytest.mark.parametrize(("country", "code"), [("CAN", "CA"), ("MEX", "MX")])
def test_two_governments_watersheds_meet(watersheds: list[Any], country: str, code: str):
    """HUC4 of the United States and HydroBASINS clipped to the neighbour were drawn independently."""
    subregions, basins = watersheds
    countries = layer_naaf("countries", "1M").set_index("country").geometry
    lines = layer_naaf("boundaries", "1M")
    codes = lines["code_a"].str[:2] + lines["code_b"].str[:2]
    border = lines.geometry[codes.isin([f"US{code}", f"{code}US"])].to_numpy()
    shapely.prepare(countries[country])
    hit = basins[shapely.intersects(countries[country], basins)]
    abroad = shapely.intersection(hit, countries[country])
    before = cross_edges_m(subregions, abroad, gap_width=100)
    seam = match(subregions, abroad, border, tolerance_m=5000)
    print(country, before, seam.figures)  # noqa: T201 - the figures are the evidence
    assert before > 1e6
    assert seam.figures.before.gap_m2 > 1e8
    assert seam.figures.before.overlap_m2 > 1e9
    assert_seamless(seam)
    assert cross_edges_m(seam.a, seam.b, gap_width=100) == 0
    assert max(seam.figures.largest_move_m) < 6000
    assert seam.figures.on_border_m > 0.97 * seam.figures.seam_m
    assert not seam.figures.vanished_a
    assert not seam.figures.vanished_b
