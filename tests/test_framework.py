"""The NAAF: its CRS, the ways in and out of it, scales and grids."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from naatlas import framework
from naatlas.errors import InputError
from naatlas.framework.vertices import edges, map_xy

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import Scale

#: lon, lat, x, y in metres: the control points of the design, to 0.1 m.
CONTROL_POINTS = {
    "Mexico City": (-99.13, 19.43, 93547.7, -2819271.3),
    "Vancouver": (-123.1, 49.25, -1648087.6, 715066.3),
    "St. John's": (-52.71, 47.56, 3288666.4, 1314371.7),
    "Cancún": (-86.85, 21.16, 1387753.9, -2530664.5),
    "Anchorage": (-149.9, 61.2, -2448306.8, 2659032.8),
    "Alert": (-82.35, 82.5, 266590.9, 4130016.97),
}

ON_WGS84 = "+proj=laea +lat_0=45 +lon_0=-100 +datum=WGS84"
BORDER = shapely.LineString([(-123.3, 49.0), (-95.15, 49.0)])


@pytest.mark.parametrize("place", CONTROL_POINTS)
def test_control_points(place: str):
    lon, lat, x, y = CONTROL_POINTS[place]
    assert_allclose(framework.project(lon, lat), (x, y), rtol=0, atol=0.1)
    assert_allclose(framework.unproject(x, y), (lon, lat), rtol=0, atol=1e-5)


def test_the_formula_itself_agrees():
    """Snyder's equations for the sphere, written out: PROJ has put no datum step in between."""
    lon, lat = np.radians([(p[0], p[1]) for p in CONTROL_POINTS.values()]).T
    lat0, dlon = np.radians(45), lon - np.radians(-100)
    k = np.sqrt(2 / (1 + np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(dlon)))
    x = framework.RADIUS_M * k * np.cos(lat) * np.sin(dlon)
    y = framework.RADIUS_M * k * (np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(dlon))
    assert_allclose(framework.project(np.degrees(lon), np.degrees(lat)), (x, y), rtol=0, atol=1e-3)


@given(lon=st.floats(-180, 180), lat=st.floats(5, 89.9))
def test_round_trip(lon: float, lat: float):
    x, y = framework.project(lon, lat)
    back_lon, back_lat = framework.unproject(x, y)
    assert abs(back_lat - lat) < 1e-8
    assert abs((back_lon - lon + 180) % 360 - 180) < 1e-6


def test_missing_and_impossible_coordinates_become_nan():
    x, y = framework.project([np.nan, -100.0, 80.0, -100.0], [45.0, 425.246, -45.0, 45.0])
    assert np.isnan(x).tolist() == np.isnan(y).tolist() == [True, True, True, False]
    assert x.dtype == np.float64


@pytest.mark.parametrize("ending", ["shp", "gpkg", "fgb"])
def test_the_crs_survives_each_format(tmp_path: Path, ending: str):
    path = tmp_path / f"a.{ending}"
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=framework.crs())
    frame.to_file(path)
    assert gpd.read_file(path).crs == framework.crs()
    assert framework.explain_crs(gpd.read_file(path).crs) is None


def test_both_spellings_are_one_crs_and_have_no_code():
    assert pyproj.CRS.from_wkt(framework.ESRI_WKT) == framework.crs()
    assert framework.ESRI_WKT.startswith(f'PROJCS["{framework.NAME}"')
    assert framework.crs().to_authority() is None
    assert framework.crs() is framework.crs()


@pytest.mark.parametrize(
    ("given_crs", "words"),
    [
        ("EPSG:9311", "in place of EPSG:2163"),
        (ON_WGS84, "on an ellipsoid"),
        ("EPSG:4326", "not in the NAAF"),
        ("EPSG:3347", "not in the NAAF"),
        ("EPSG:3035", "has centre 52, 10"),
        ("+proj=laea +lat_0=45 +lon_0=-100 +R=6371000", "6371000 m"),
        ("+proj=laea +lat_0=45 +lon_0=-100 +R=6370997 +units=us-ft", "metres"),
        ("nonsense", "cannot be read"),
        (None, "no coordinate system"),
    ],
)
def test_wrong_crs_is_explained(given_crs: str | None, words: str):
    message = framework.explain_crs(given_crs)
    assert message is not None
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "given_crs",
    [framework.ESRI_WKT, framework.WKT2, "+proj=laea +lat_0=45 +lon_0=-100 +R=6370997", "EPSG:2163"],
)
def test_the_naaf_under_any_name_is_right(given_crs: str | None):
    assert framework.explain_crs(given_crs) is None


def test_gdal_swaps_2163_in_a_shapefile_and_it_is_named(tmp_path: Path):
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs="EPSG:2163")
    with pytest.warns(RuntimeWarning, match="EPSG:9311"):
        frame.to_file(tmp_path / "a.shp")
    message = framework.explain_crs((tmp_path / "a.prj").read_text(encoding="ascii"))
    assert message is not None
    assert "EPSG:9311" in message


def test_the_wgs84_mistake_is_named_from_its_prj():
    message = framework.explain_crs(pyproj.CRS(ON_WGS84).to_wkt("WKT1_ESRI"))
    assert message is not None
    assert "4 to 18 km" in message


def _away_m(source: str, at: tuple[float, float], expected: tuple[float, float]) -> float:
    lon, lat = framework.transformer(source)([at[0]], [at[1]])
    return float(pyproj.Geod(ellps="WGS84").inv(lon[0], lat[0], *expected)[2])


@pytest.mark.parametrize(("zone", "lon"), [("EPSG:32614", -99.0), ("EPSG:26917", -81.0)])
def test_utm_northing_is_the_arc_of_the_meridian(zone: str, lon: float):
    arc = pyproj.Geod(ellps="WGS84").inv(lon, 0.0, lon, 43.5)[2]
    assert _away_m(zone, (500_000.0, 0.9996 * arc), (lon, 43.5)) < 3


def test_older_datums():
    # Meades Ranch, the origin of NAD27, in NAD27 and NAD83 as published by the National Geodetic Survey
    assert _away_m("EPSG:4269", (-98.542151, 39.224087), (-98.542151, 39.224087)) < 2
    assert _away_m("EPSG:4267", (-98.541807, 39.224079), (-98.542151, 39.224087)) < 15


@pytest.mark.parametrize("source", ["EPSG:3347", "EPSG:6372", "EPSG:5070", "EPSG:26917"])
@given(lon=st.floats(-120, -80), lat=st.floats(20, 60))
def test_national_projections_come_back(source: str, lon: float, lat: float):
    forward = pyproj.Transformer.from_crs("OGC:CRS84", source, always_xy=True)
    got = framework.transformer(source)(*(np.atleast_1d(v) for v in forward.transform(lon, lat)))
    assert_allclose(np.ravel(got), (lon, lat), rtol=0, atol=1e-6)


def test_a_layer_in_the_naaf_comes_back_unshifted():
    lon, lat = framework.transformer(framework.ESRI_WKT)(*framework.project([-52.71], [47.56]))
    assert_allclose((lon[0], lat[0]), (-52.71, 47.56), rtol=0, atol=1e-9)


def test_unknown_crs_is_one_line():
    with pytest.raises(InputError, match="'EPSG:999999' is unknown; declare") as caught:
        framework.transformer("EPSG:999999")
    assert "\n" not in str(caught.value)


def _bow_m(line: shapely.LineString) -> float:
    """How far the projected line strays from the true parallel, in metres."""
    drawn = map_xy([line], framework.project)[0]
    fine = np.linspace(-123.3, -95.15, 20_001)
    true = shapely.points(*framework.project(fine, np.full_like(fine, 49.0)))
    return float(shapely.distance(drawn, true).max())


@pytest.mark.parametrize(("scale", "most"), [("10M", 30.0), ("1M", 1.3)])
def test_densified_parallel_stays_within_the_bound(scale: Scale, most: float):
    rules = framework.SCALES[scale]
    dense = framework.densify([BORDER], max_degrees=rules.densify_degrees)[0]
    assert _bow_m(dense) < most < rules.simplify_m
    assert _bow_m(BORDER) > 50_000


coordinate = st.tuples(st.floats(-170, -60), st.floats(10, 80))


@given(st.lists(coordinate, min_size=2, max_size=12), st.sampled_from([0.1, 0.5, 3.0]))
def test_densify_keeps_vertices_and_bounds_segments(vertices: list[tuple[float, float]], longest: float):
    line = shapely.LineString(vertices)
    dense = shapely.get_coordinates(framework.densify([line], max_degrees=longest)[0])
    assert np.hypot(*np.diff(dense, axis=0).T).max(initial=0) <= longest * (1 + 1e-9)
    assert {tuple(v) for v in shapely.get_coordinates(line)} <= {tuple(v) for v in dense}


@given(coordinate, coordinate)
def test_densify_does_not_depend_on_direction(a: tuple[float, float], b: tuple[float, float]):
    there, back = framework.densify([shapely.LineString([a, b]), shapely.LineString([b, a])], max_degrees=0.1)
    assert (shapely.get_coordinates(there) == shapely.get_coordinates(back)[::-1]).all()


def test_densify_takes_all_types():
    ring = [(0, 0), (3, 0), (3, 3), (0, 3)]
    hole = [(1, 1), (2, 1), (2, 2)]
    polygon = shapely.Polygon(ring, [hole])
    mixed = [
        shapely.Point(1, 1),
        None,
        polygon,
        shapely.MultiPolygon([polygon, shapely.box(5, 5, 6, 6)]),
        shapely.MultiLineString([[(0, 0), (1, 0)], [(0, 1), (0.4, 1)]]),
        shapely.Polygon(),
        shapely.GeometryCollection([shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 0)])]),
    ]
    dense = framework.densify(mixed, max_degrees=0.5)
    assert shapely.get_num_coordinates(dense).tolist() == [1, 0, 33, 42, 5, 0, 4]
    kept = [2, 3, 4]
    assert_allclose(shapely.area(dense[kept]), shapely.area(np.array(mixed)[kept]))
    assert shapely.get_type_id(dense).tolist() == shapely.get_type_id(np.array(mixed)).tolist()


def test_edges_of_two_neighbours():
    segments, first, second = edges(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    shared = second >= 0
    assert len(segments) == 7
    assert segments[shared].tolist() == [[[1, 0], [1, 1]]]
    assert (first[shared].tolist(), second[shared].tolist()) == ([0], [1])


def test_grids_are_those_of_the_land_cover():
    coarse, fine = framework.GRID_250M, framework.GRID_30M
    assert (coarse.cols, coarse.rows) == (37_000, 35_000)
    assert coarse.bounds == (-4_418_000, -3_873_500, 4_832_000, 4_876_500)
    assert (fine.cols, fine.rows) == (259_000, 255_000)
    assert fine.bounds == (-4_410_000, -3_340_000, 3_360_000, 4_310_000)
    assert fine.transform == (30, 0, -4_410_000, 0, -30, 4_310_000)
    assert (coarse.figure, fine.figure) == ("sphere", "WGS84")


def test_the_package_imports_nothing_heavy():
    code = (
        "import sys, naatlas.framework as f; f.project(-100, 45);"
        "print([m for m in ('geopandas', 'shapely', 'pandas', 'pyogrio') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
