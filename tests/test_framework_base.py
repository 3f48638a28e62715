"""The base geometry: seamless, compact, right across 180 degrees, and quick to ask."""

from __future__ import annotations

import time
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose

from naatlas import framework
from naatlas.errors import UsageError
from naatlas.framework import base, places
from naatlas.framework.vertices import edges
from naatlas.spec import COUNTRIES

if TYPE_CHECKING:
    import geopandas as gpd

SCALES = ("10M", "1M")

#: lon, lat of capitals and of far corners, with the state they stand in.
KNOWN = {
    "Ottawa": (-75.70, 45.42, "CA-ON"),
    "Washington": (-77.04, 38.90, "US-DC"),
    "Ciudad de México": (-99.13, 19.43, "MX-CMX"),
    "Toluca": (-99.66, 19.29, "MX-MEX"),
    "Victoria": (-123.37, 48.43, "CA-BC"),
    "Iqaluit": (-68.52, 63.75, "CA-NU"),
    "Whitehorse": (-135.06, 60.72, "CA-YT"),
    "Yellowknife": (-114.37, 62.45, "CA-NT"),
    "Québec": (-71.25, 46.83, "CA-QC"),
    "Charlottetown": (-63.14, 46.25, "CA-PE"),
    "Juneau": (-134.40, 58.33, "US-AK"),
    "Honolulu": (-157.83, 21.32, "US-HI"),
    "Attu": (173.0, 52.9, "US-AK"),
    "Mexicali": (-115.45, 32.63, "MX-BCN"),
    "La Paz": (-110.28, 24.12, "MX-BCS"),
    "Mérida": (-89.62, 20.97, "MX-YUC"),
    "San Juan": (-66.10, 18.41, "US-PR"),
    "Saint Croix": (-64.75, 17.73, "US-VI"),
    "Alert": (-62.40, 82.47, "CA-NU"),
}


@pytest.mark.parametrize("place", KNOWN)
def test_locate_known_places(place: str):
    lon, lat, state = KNOWN[place]
    found = base.locate([lon], [lat]).iloc[0]
    assert found["state"] == state
    assert found["country"] == {"CA": "CAN", "US": "USA", "MX": "MEX"}[state[:2]]


def test_locate_around_and_outside():
    lon = pd.Series([-90.5, -51.7, -74.1, -30.0, -100.0, np.nan, 260.0, -66.9], index=list("abcdefgh"))
    lat = pd.Series([14.6, 64.2, 4.6, 40.0, 425.246, 45.0, 45.0, 10.5], index=list("abcdefgh"))
    found = base.locate(lon, lat)
    assert found.index.tolist() == list("abcdefgh")
    assert found["country"].fillna("").tolist() == ["GTM", "GRL", "", "", "", "", "", ""]
    assert found["state"].isna().all()


def test_locate_nothing():
    assert base.locate([], []).shape == (0, 2)


def test_every_state_is_located_by_a_point_of_its_own():
    states = base.layer("states", "1M")
    inside = shapely.get_coordinates(shapely.point_on_surface(states.geometry.to_numpy()))
    found = base.locate(inside[:, 0], inside[:, 1])
    assert found["state"].tolist() == states["state"].tolist()
    assert found["country"].tolist() == states["country"].tolist()


def test_states_are_those_of_the_three_countries():
    states = set(base.layer("states")["state"])
    far = {"US-AS", "US-GU", "US-MP"}  # in the western Pacific, on no map of the atlas
    assert states == set(places.state_names()) - far


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("give", [base.layer, base.layer_naaf])
def test_land_is_one_coverage(give, scale: framework.scales.Scale):
    for name in ("states", "countries"):
        frame = give(name, scale)
        assert frame.is_valid.all()
        assert shapely.coverage_is_valid(frame.geometry.to_numpy()), name


@pytest.mark.parametrize("scale", SCALES)
def test_borders_and_coast_are_the_outlines_of_the_land(scale: framework.scales.Scale):
    """Each edge of the land stands exactly once among borders, coast and the cut of the window."""
    length = {name: shapely.length(base.layer(name, scale).geometry.to_numpy()).sum() for name in base.LAYERS}
    segments, _, second = edges(base.pieces(scale).geometry.to_numpy())
    lengths = np.hypot(*(segments[:, 1] - segments[:, 0]).T)
    assert_allclose(length["boundaries"], lengths[second >= 0].sum())
    # the land is cut at the equator, at 180 degrees, and in Siberia at 150 E
    on_window = np.isin(segments[..., 0], (-180, 150, 180)).all(axis=1) | (segments[..., 1] == 0).all(axis=1)
    assert_allclose(length["coast"], lengths[(second < 0) & ~on_window].sum())


def test_no_coast_line_along_180():
    lines = shapely.get_parts(base.layer("coast", "1M").geometry.to_numpy())
    xy, line = shapely.get_coordinates(lines, return_index=True)
    at = np.abs(xy[:, 0]) == 180
    assert at.any()
    assert not (at[:-1] & at[1:] & (line[:-1] == line[1:])).any()


def test_the_two_land_borders_are_there():
    lines = base.layer("boundaries")
    abroad = lines[lines["kind"] == "country"]
    pairs = {tuple(sorted((a[:2], b[:2]))) for a, b in zip(abroad["code_a"], abroad["code_b"], strict=True)}
    assert {("CA", "US"), ("MX", "US"), ("GT", "MX"), ("BL", "MX")} <= pairs
    between = lines[(lines["code_a"] == "CA-AB") & (lines["code_b"] == "US-MT")]
    assert_allclose(between.total_bounds[[1, 3]], 49.0, atol=0.02)
    home = lines[lines["kind"] == "state"]
    assert (home["code_a"].str[:2] == home["code_b"].str[:2]).all()


def _area_km2(name: str, column: str, code: str) -> float:
    frame = base.layer_naaf(name, "1M")
    return float(frame.loc[frame[column] == code].area.sum() / 1e6)


@pytest.mark.parametrize(
    ("column", "code", "km2"),
    [
        # land and inland water; statistical yearbooks, with the state parts of the Great Lakes for the USA
        ("country", "CAN", 9_984_670),
        ("country", "MEX", 1_964_375),
        ("country", "GRL", 2_166_086),
        ("state", "US-AK", 1_517_000),
        ("state", "MX-CHH", 247_455),
        ("state", "CA-SK", 651_036),
    ],
)
def test_the_frame_keeps_areas(column: str, code: str, km2: float):
    """Within 2 percent, Greenland and the outer Aleutians included: nothing is smeared across 180 degrees."""
    name = {"country": "countries", "state": "states"}[column]
    assert_allclose(_area_km2(name, column, code), km2, rtol=0.02)


def test_aleutians_and_greenland_lie_where_they_should():
    states, countries = base.layer_naaf("states"), base.layer_naaf("countries")
    alaska = states[states["state"] == "US-AK"]
    assert shapely.Point(*framework.project(173.0, 52.9)).buffer(20_000).intersects(alaska.geometry.iloc[0])
    assert alaska.total_bounds[0] > framework.BOX_M[0]
    assert alaska.total_bounds[2] < -1_500_000
    greenland = countries[countries["country"] == "GRL"].total_bounds
    assert greenland[0] > 400_000
    assert greenland[3] < framework.BOX_M[3]


def test_land_cut_at_180_is_whole_again():
    def other_land(frame: gpd.GeoDataFrame) -> int:
        return shapely.get_num_geometries(frame[frame["country"].isna()].geometry.iloc[0])

    assert other_land(base.layer_naaf("countries")) < other_land(base.layer("countries"))


def test_of_land_at_180_only_wrangel_island_lacks_its_other_half():
    """The files that may be packaged have no western half of it; nothing else is cut off there."""
    land = base.pieces("1M").geometry.to_numpy()
    sides = [shapely.union_all(land).intersection(shapely.LineString([(x, 0), (x, 90)])) for x in (180, -180)]
    east, west = sides[0], shapely.transform(sides[1], np.abs)
    assert shapely.length(east) > 3  # degrees of latitude: Chukotka
    lonely = [p.bounds for p in shapely.get_parts(shapely.line_merge(east ^ west)) if p.length > 0.01]
    assert_allclose(lonely, [(180, 70.99, 180, 71.54)], atol=0.02)


def test_all_but_hawaii_lies_in_the_map_frame():
    states = base.layer_naaf("states")
    box = shapely.box(*framework.BOX_M)
    out = set(states[~states.within(box)]["state"])
    assert out == {"US-HI", "US-UM"}


@pytest.mark.parametrize("name", base.LAYERS)
def test_layers_have_their_crs_and_are_not_shared(name: str):
    frame = base.layer(name)
    frame.insert(0, "mine", 1)
    again = base.layer(name)
    assert "mine" not in again
    assert again.crs == "EPSG:4326"
    assert base.layer_naaf(name).crs == framework.crs()
    assert len(base.layer_naaf(name)) == len(again) > 10


def test_10m_is_coarser_than_1m():
    for name in ("countries", "states", "coast", "boundaries", "lakes", "rivers"):
        fine, coarse = (len(base.layer(name, scale).get_coordinates()) for scale in ("1M", "10M"))
        assert coarse < 0.75 * fine, name


def test_names_in_three_languages():
    states = base.layer("states").set_index("state")
    assert states.loc["CA-QC", ["name_en", "name_fr", "name_es"]].tolist() == ["Quebec", "Québec", "Quebec"]
    countries = base.layer("countries")
    known = countries[countries["country"].notna()]
    assert known[["name_en", "name_fr", "name_es"]].notna().all(axis=None)
    assert set(countries[countries["role"] == "subject"]["country"]) == set(COUNTRIES)


def test_towns_know_their_state():
    towns = base.layer("towns").set_index("name")
    assert towns.loc["Mexico City", "capital"] == "country"
    assert towns.loc["Toronto", ["state", "capital"]].tolist() == ["CA-ON", "state"]
    assert towns["state"].isin(places.state_names()).all()


def test_unknown_layer_and_scale():
    with pytest.raises(UsageError, match="'roads'"):
        base.layer("roads")
    with pytest.raises(UsageError, match="'5M'"):
        base.layer_naaf("lakes", "5M")


def test_the_payload_is_small():
    folder = resources.files("naatlas") / "data" / "framework"
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 6_000_000


#: Real plants: name, lon, lat, declared country and state, verdict, what the map says.
PLANTS = [
    ("Laredo", -99.5089, 27.5667, "USA", "US-TX", "within_tolerance", "MX-TAM"),
    ("Sir Adam Beck 1", -79.044322, 43.149233, "CAN", "CA-ON", "within_tolerance", "US-NY"),
    ("Falcón", -99.1694, 26.558369, "MEX", "MX-TAM", "within_tolerance", "US-TX"),
    ("Cardinal", -75.377919, 44.784648, "CAN", "CA-ON", "within_tolerance", "US-NY"),
    ("Ramea Wind Diesel", -57.387321, 47.526883, "CAN", "CA-NL", "within_tolerance", None),
    ("Block Island Wind Farm", -71.521111, 41.114722, "USA", "US-RI", "within_tolerance", None),
    ("Vineyard Wind 1", -70.487375, 41.047111, "USA", "US-MA", "at_sea", None),
    ("Hibernia Platform", -48.7829, 46.7504, "CAN", "CA-NL", "at_sea", None),
    ("Baja California Sur I", -115.627639, 32.602361, "MEX", "MX-BCS", "other_state", "MX-BCN"),
    ("Vuelta Solar", -74.009121, 40.934781, "USA", "US-MA", "other_state", "US-NJ"),
    ("Rivard 2", -79.281723, 45.50275, "USA", "US-NY", "other_country", "CA-ON"),
    ("Alliance Pipeline", 0.0, 0.0, "CAN", "CA-BC", "off_continent", None),
    ("Rolling Upland", -72.0, 425.246072, "USA", "US-MA", "off_continent", None),
    ("Midland Wind, swapped", 41.0, -89.996844, "USA", "US-IL", "off_continent", None),
    ("Navajo, sign lost", 111.39, 36.9, "USA", "US-AZ", "off_continent", None),
    ("no coordinates", np.nan, np.nan, "USA", "US-TX", "no_coordinates", None),
    ("no latitude", -99.0, np.nan, "USA", "US-TX", "no_coordinates", None),
    ("DC Water CHP", -77.02, 38.82, "USA", None, "inside", "US-DC"),
    ("no state, over the river", -99.5089, 27.5667, "USA", None, "within_tolerance", "MX-TAM"),
    ("nothing declared", -99.13, 19.43, None, None, "inside", "MX-CMX"),
    ("nothing declared, at sea", -60.0, 35.0, None, None, "off_continent", None),
    ("Guam", 144.8, 13.5, "USA", "US-GU", "off_continent", None),
    ("San Juan", -66.1, 18.41, "USA", "US-PR", "inside", "US-PR"),
    ("state of another country", -99.13, 19.43, "USA", "MX-CMX", "other_country", "MX-CMX"),
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant[0])
def test_verdicts(plant: tuple[str, float, float, str | None, str | None, str, str | None]):
    _, lon, lat, country, state, verdict, located = plant
    told = base.placement([lon], [lat], [country], [state]).iloc[0]
    assert told["verdict"] == verdict
    assert (None if pd.isna(told["located_state"]) else told["located_state"]) == located


def test_all_verdicts_are_among_the_plants():
    assert {plant[5] for plant in PLANTS} == set(base.VERDICTS)


def test_distances_are_true_kilometres():
    told = base.placement([-110.0, -110.0, -70.487375], [49.5, 48.0, 41.047111], "CAN", "CA-AB")
    assert told["verdict"].tolist()[0] == "inside"
    assert_allclose(told["distance_to_state_km"][0], 0)
    # one degree of latitude on WGS84 at 48.5 N is 111.2 km
    assert_allclose(told["distance_to_state_km"][1], 111.2, rtol=0.01)
    assert told["distance_to_country_km"][2] < told["distance_to_state_km"][2]


@pytest.mark.parametrize("code", ["US-PR", "US-HI", "CA-NU", "MX-YUC", "US-AK"])
def test_distances_agree_with_a_projection_centred_on_the_point(code: str):
    """The nearest edge found in the NAAF is the nearest on the ground, to the distortion of the frame."""
    states = base.layer("states", "1M").set_index("state")
    lon, lat = shapely.get_coordinates(states.geometry[code].representative_point())[0] + (0.0, -9.0)
    around = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84"
    true = states.geometry[[code]].to_crs(around).distance(shapely.Point(0, 0)).iloc[0] / 1000
    got = base.placement([lon], [lat], places_country(code), code)["distance_to_state_km"][0]
    assert_allclose(got, true, rtol=0.02)


def places_country(code: str) -> str:
    return {"CA": "CAN", "US": "USA", "MX": "MEX"}[code[:2]]


def test_twenty_thousand_points_in_two_seconds():
    rng = np.random.default_rng(8)
    lon, lat = rng.uniform(-130, -65, 20_000), rng.uniform(15, 70, 20_000)
    state = rng.choice(["US-TX", "US-AK", "CA-NU", "MX-SON"], 20_000)
    country = pd.Series(state).str[:2].map({"CA": "CAN", "US": "USA", "MX": "MEX"})
    base.pieces()
    start = time.perf_counter()
    told = base.placement(lon, lat, country, state)
    assert time.perf_counter() - start < 4  # about one second on a quiet machine, all of them misplaced
    assert len(told) == 20_000
