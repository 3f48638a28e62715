from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.framework import densify, project
from naatlas.framework.base import layer_naaf
from naatlas.framework.vertices import map_xy
from naatlas.geometry.repair import repair
from naatlas.geometry.snap import snap_to_base

if TYPE_CHECKING:
    from pathlib import Path

# land: everything below y = 0, with a headland of 4 and an island of 20 by 20
LAND = shapely.union_all(
    [shapely.box(0, -100, 100, 0), shapely.box(45, 0, 55, 4), shapely.box(150, -20, 170, 0)]
)


def coast(*xy: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(0, -100), *xy, (100, -100)])


def test_forests_end_at_the_coast():
    west = shapely.Polygon([(0, -100), (0, 1), (20, -2), (40, 1), (40, -100)])
    east = shapely.Polygon([(40, -100), (40, 1), (60, 2), (100, -1), (100, -100)])
    done = snap_to_base([west, east], LAND, tolerance_m=5)
    assert shapely.coverage_is_valid(done.geometry)
    assert shapely.union_all(done.geometry).equals(shapely.box(0, -100, 100, 0) | shapely.box(45, 0, 55, 4))
    assert done.geometry[0].equals(shapely.box(0, -100, 40, 0))
    figures = done.figures
    assert figures.mean_before_m > 0.2 > figures.mean_after_m
    assert figures.added_m2 > 0
    assert figures.removed_m2 > 0


def test_protected_areas_at_sea_end_at_the_same_coast():
    done = snap_to_base([shapely.box(10, -2, 40, 60), shapely.box(60, 3, 90, 60)], LAND, tolerance_m=5)
    assert done.geometry[0].equals(shapely.box(10, 0, 40, 60))
    # where the open end of a strip is closed, its side may lean out by up to the tolerance
    assert done.geometry[1].covers(shapely.box(60, 0, 90, 60))
    assert shapely.box(55, 0, 95, 60).covers(done.geometry[1])


def test_what_is_farther_than_the_tolerance_stays():
    reef = shapely.union_all([shapely.box(0, -100, 100, -1), shapely.box(70, -1, 90, 30)])
    done = snap_to_base([reef], LAND, tolerance_m=5)
    assert done.geometry[0].contains(shapely.Point(80, 20))
    assert done.geometry[0].contains(shapely.Point(80, 1))
    assert done.geometry[0].contains(shapely.Point(20, -0.5))


def test_an_island_drawn_beside_its_place():
    done = snap_to_base([shapely.box(152, -18, 172, 2)], LAND, tolerance_m=5)
    assert done.geometry[0].equals(shapely.box(150, -20, 170, 0))


def test_an_islet_that_the_base_does_not_know_stays():
    islet = shapely.box(20, 2, 22, 4)
    assert snap_to_base([islet, shapely.box(0, -100, 100, -1)], LAND, tolerance_m=5).geometry[0] is islet
    done = snap_to_base([shapely.MultiPolygon([shapely.box(0, -100, 100, -1), islet])], LAND, tolerance_m=5)
    assert done.geometry[0].contains(islet.centroid)


def test_borders_between_regions_are_followed():
    states = [shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100)]
    counties = [shapely.box(0, 0, 48, 100), shapely.box(48, 0, 100, 100)]
    done = snap_to_base(counties, states, tolerance_m=5)
    assert [g.equals(s) for g, s in zip(done.geometry, states, strict=True)] == [True, True]


@pytest.mark.parametrize(("width", "kept"), [(2, 0.0), (9, 0.0), (12, 1.0), (20, 1.0)])
def test_water_of_a_narrow_estuary_of_the_base_is_given_up(width: float, kept: float):
    land = shapely.box(0, -100, 100, 0)
    inlet = shapely.box(50 - width / 2, -60, 50 + width / 2, 0)
    told = snap_to_base([land], land - inlet, tolerance_m=5).geometry[0]
    assert told.intersection(inlet).area == pytest.approx(kept * inlet.area)
    assert told.area == pytest.approx(land.area - (1 - kept) * inlet.area)


@pytest.mark.parametrize("width", [2, 12])
def test_an_estuary_that_only_the_layer_draws_stays_open(width: float):
    land = shapely.box(0, -100, 100, 0)
    drawn = land - shapely.box(50 - width / 2, -60, 50 + width / 2, 0)
    assert snap_to_base([drawn], land, tolerance_m=5).geometry[0].equals(drawn)


def test_far_polygons_are_the_same_objects():
    inland = shapely.box(20, -80, 60, -40)
    done = snap_to_base(np.array([inland, None, shapely.Polygon()], dtype=object), LAND, tolerance_m=5)
    assert done.geometry[0] is inland
    assert done.geometry[1] is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 40), st.integers(0, 4))
def test_any_coverage_stays_one(seed: int, count: int, cuts: int):
    rng = np.random.default_rng(seed)
    split = np.sort(rng.uniform(5, 95, cuts))
    at = np.union1d(rng.uniform(0, 100, count), [0, 100, *split])
    edge = np.column_stack([at, rng.uniform(-1, 1, len(at))])
    limits = [0, *split, 100]
    layer = [
        shapely.Polygon([(w, -100), *edge[(at >= w) & (at <= e)], (e, -100)]) for w, e in pairwise(limits)
    ]
    base = shapely.box(0, -100, 100, 0)
    done = snap_to_base(layer, base, tolerance_m=3)
    assert shapely.is_valid(done.geometry).all()
    assert shapely.coverage_is_valid(done.geometry)
    assert shapely.union_all(done.geometry).symmetric_difference(shapely.box(0, -100, 100, 0)).area < 1e-6
    assert done.figures.mean_after_m < 1e-6 < done.figures.mean_before_m


@pytest.mark.national
def test_ecoregions_drawn_by_others_end_at_the_coast_of_the_framework(national: Path):
    path = national / "ecoregions" / "raw" / "tnc_terrestrial_ecoregions_us_mx_subset.gpkg"
    degrees = gpd.read_file(path).to_crs(4326).geometry.to_numpy()
    layer = repair(map_xy(densify(degrees, max_degrees=0.1), project)).geometry
    countries = layer_naaf("countries", "1M").geometry.to_numpy()
    land = shapely.coverage_union_all(countries)
    done = snap_to_base(layer, land, tolerance_m=5000)
    print(done.figures)  # noqa: T201 - the figures are the evidence
    assert shapely.is_valid(done.geometry).all()
    assert not shapely.is_empty(done.geometry).any()
    assert done.figures.mean_before_m > 400
    assert done.figures.mean_after_m < 0.3 * done.figures.mean_before_m
    assert done.figures.on_base_before < 0.01
    assert done.figures.on_base_after > 0.9
    wrong = [shapely.length(shapely.coverage_invalid_edges(each)).sum() for each in (layer, done.geometry)]
    assert wrong[1] <= wrong[0]  # the layer is no clean coverage as published; it does not get worse
