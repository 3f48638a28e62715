"""Political boundaries: the land coverage with the CEC's codes, and the lines between its pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from naatlas.framework import places
from naatlas.framework.placement import locate
from tests.base_layers_kit import assembled, made_of, path, square

if TYPE_CHECKING:
    from pathlib import Path

    from tests.base_layers_kit import Made

LAND = "package-land"
MARITIME, DISPUTED = "ne-admin-0-boundary-lines-maritime-indicator", "ne-admin-0-boundary-lines-disputed"
GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def polygons() -> Made:
    return assembled("political-boundaries", None)


def test_every_state_is_there_once_with_its_names_and_the_area_of_its_outline(polygons: Made):
    told = polygons.frame.set_index("atlas_id")
    assert polygons.frame["country"].value_counts().to_dict() == {"USA": 54, "FN": 34, "CAN": 13, "MEX": 32}
    # territories in the western Pacific lie off the map
    assert set(places.state_names()) - set(told["state"].dropna()) == {"US-AS", "US-GU", "US-MP"}
    assert told.loc["NA-POL-MX-SON", ["country", "state", "name_en"]].tolist() == ["MEX", "MX-SON", "Sonora"]
    assert told.loc["NA-POL-CA-QC", ["name_en", "name_fr", "name_es"]].tolist() == [
        "Quebec",
        "Québec",
        "Quebec",
    ]
    assert told.loc["NA-POL-GRL", ["country", "iso_country"]].tolist() == ["FN", "GRL"]
    assert told.loc["NA-POL-OTHER", ["name_en", "iso_country", "state"]].isna().all()


def test_the_coverage_has_no_gap_and_areas_are_those_of_the_ellipsoid(polygons: Made):
    assert shapely.coverage_is_valid(polygons.geometry)
    flat = (
        gpd.GeoSeries(polygons.geometry, crs="EPSG:4326").to_crs("EPSG:6933").area / 1e6
    )  # another way to measure
    assert polygons.frame["area_km2"].to_numpy() == pytest.approx(flat.to_numpy(), rel=1e-3)
    by_country = polygons.frame.groupby("country")["area_km2"].sum()
    for country, km2 in {"CAN": 9_984_670, "USA": 9_525_067, "MEX": 1_964_375}.items():
        assert by_country[country] == pytest.approx(km2, rel=0.02)


@pytest.mark.parametrize(
    ("lon", "lat", "state"),
    [
        (-81.06, 25.29, "US-FL"),  # a key off Cape Sable
        (-68.36, 44.115, "US-ME"),
        (-78.0, 62.0, "CA-QC"),
        (-79.0, 53.41, "CA-NU"),  # islands of Hudson Bay, whichever province is nearest
        (-169.04, 65.79, None),  # Big Diomede is Russian
        (-88.13, 17.51, None),  # a cay of Belize
    ],
)
def test_islets_that_the_countries_lack_are_of_the_state_they_lie_off(
    lon: float, lat: float, state: str | None
):
    told = locate([lon], [lat])["state"].iloc[0]
    assert (None if pd.isna(told) else told) == state


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Made:
    rows = {
        LAND: [
            {"code": "US-WA", "geometry": square(-124.0, 48.0)},
            {"code": "CA-BC", "geometry": square(-124.0, 49.0)},
            {"code": "US-ID", "geometry": square(-123.0, 48.0)},
            {"code": "", "geometry": square(-122.0, 48.0)},
            {"code": "US-HI", "geometry": square(-156.0, 19.0)},
        ],
        MARITIME: [
            {
                "featurecla": "Marine Indicator Treaty",
                "geometry": path((-124.5, 49.0), (-124.4, 49.02)).geoms[0],
            },
            {
                "featurecla": "Marine Indicator 200 mi nl",
                "geometry": path((-158, 18.0), (-158, 20.0)).geoms[0],
            },
            {"featurecla": "Marine Indicator Disputed", "geometry": path((-40, 18.0), (-41, 20.0)).geoms[0]},
        ],
        DISPUTED: [
            {
                "featurecla": "Claim boundary",
                "name": "A claim",
                "geometry": path((-123.6, 49.5), (-123.4, 49.6)),
            }
        ],
    }
    return made_of("political-boundary-lines", rows, tmp_path_factory.mktemp("lines"))


def test_lines_on_land_know_their_sides(lines: Made):
    told = lines.frame.set_index("atlas_id")
    border = told.loc["NA-BND-CA-BC_US-WA"]
    assert border[["kind", "countries"]].tolist() == ["international", "CAN, USA"]
    assert pd.isna(border["country"])
    assert border["name_fr"] == "Colombie-Britannique / Washington"
    assert border["length_km"] == pytest.approx(
        GEOD.geometry_length(path((-124, 49), (-123, 49))) / 1000, rel=1e-4
    )
    assert told.loc["NA-BND-US-ID_US-WA", ["kind", "country"]].tolist() == ["state", "USA"]
    assert told.loc["NA-BND-OTHER_US-ID", "countries"] == "USA"
    assert lines.state(LAND, 5) == ("out_of_scope", "has no boundary on land")


def test_lines_at_sea_take_the_sides_of_the_nearest_land_within_reach(lines: Made):
    treaty = lines.row(basis="treaty")
    assert (treaty["kind"], treaty["countries"]) == ("maritime", "CAN, USA")
    zone = lines.row(basis="nautical_miles_200")
    assert (zone["side_a"], pd.isna(zone["side_b"]), zone["country"]) == ("US-HI", True, "USA")
    far = lines.row(atlas_id=lines.state(MARITIME, 3)[1])
    assert far[["side_a", "side_b", "countries", "basis"]].isna().all()
    assert lines.row(basis="claim")["name_en"] == "A claim"


def test_an_unknown_class_of_line_stops_the_build(tmp_path: Path):
    rows = {
        LAND: [
            {"code": "US-WA", "geometry": square(-124, 48)},
            {"code": "US-ID", "geometry": square(-123, 48)},
        ],
        MARITIME: [{"featurecla": "Rumour", "geometry": path((-158, 18.0), (-158, 20.0)).geoms[0]}],
    }
    with pytest.raises(
        AssertionError, match=r"'Rumour' in 1 row\(s\); add it to naatlas/crosswalks/natural_earth"
    ):
        made_of("political-boundary-lines", rows, tmp_path)


def test_lines_of_the_package_share_every_vertex_with_its_polygons(polygons: Made):
    made = assembled("political-boundary-lines", None)
    corners = {tuple(v) for v in shapely.get_coordinates(polygons.geometry)}
    assert {tuple(v) for v in shapely.get_coordinates(made.geometry)} <= corners
    # by another way: what the unions of two countries have in common
    own = polygons.frame["country"].to_numpy()
    can, usa = (shapely.coverage_union_all(polygons.geometry[own == c]) for c in ("CAN", "USA"))
    shared = GEOD.geometry_length(shapely.intersection(shapely.boundary(can), shapely.boundary(usa))) / 1000
    between = made.frame[made.frame["countries"].eq("CAN, USA")]
    assert between["length_km"].sum() == pytest.approx(shared, rel=1e-4)
    assert len(np.unique(made.frame["atlas_id"])) == len(made.frame) == 233


@pytest.mark.national
def test_lines_at_sea_lie_between_the_countries_that_they_part(national: Path):
    made = assembled("political-boundary-lines", national)
    sea = made.frame[made.frame["kind"].isin(["maritime", "disputed"])]
    assert len(sea) == 55
    assert {"CAN, USA", "CAN, GRL", "CAN, SPM", "MEX, USA", "CUB, USA"} <= set(sea["countries"].dropna())
    assert set(sea[sea["kind"] == "disputed"]["name_en"].dropna()) >= {"Guatemalan claim", "Venezuelan claim"}
