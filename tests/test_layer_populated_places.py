"""Populated places: each once, in the state in which it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
import shapely

from naatlas.framework import places
from tests.base_layers_kit import assembled, made_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.base_layers_kit import Made

BASE, NAMED = "package-towns", "ne-populated-places"


def _place(name: str, lon: float, lat: float, country: str, **more: object) -> dict[str, object]:
    rest = {
        "FEATURECLA": "Populated place",
        "SCALERANK": 5,
        "POP_MAX": 1000,
        "GEONAMEID": 5.0,
        "NAMEASCII": name,
    }
    return {"NAME": name, "ADM0_A3": country, "geometry": shapely.Point(lon, lat)} | rest | more


def _town(name: str, lon: float, lat: float, state: str, people: int) -> dict[str, object]:
    return {
        "name": name,
        "state": state,
        "rank": 5,
        "population": people,
        "geometry": shapely.Point(lon, lat),
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    rows = {
        BASE: [
            _town("Montreal", -73.585, 45.502, "CA-QC", 9),
            _town("Winslow", -110.7, 35.28, "US-AZ", 9931),
            _town("Nowhere", -111.0, 34.0, "US-AZ", 0),
        ],
        NAMED: [
            _place(
                "Montréal", -73.5853, 45.5017, "CAN", NAME_EN="Montreal", NAME_FR="Montréal", NAME_ES="Montreal",
                ADM1NAME="Québec", POP_MAX=3678000,
            ),
            _place("Winslow", -110.697, 35.024, "USA", ADM1NAME="Arizona", POP_MAX=-99, GEONAMEID=-1.0),
            _place("San Juan", -66.13, 18.44, "PRI", FEATURECLA="Admin-0 region capital"),
            _place(
                "Ciudad de México", -99.133, 19.444, "MEX", FEATURECLA="Admin-0 capital", ADM1NAME="Distrito Federal"
            ),
            _place("Off Halifax", -63.5, 44.45, "CAN", ADM1NAME="Nova Scotia"),
            _place("Havana", -82.37, 23.13, "CUB", FEATURECLA="Admin-0 capital"),
        ],
    }  # fmt: skip
    return made_of("populated-places", rows, tmp_path_factory.mktemp("places"))


def test_a_place_in_both_files_is_one_and_the_newer_file_comes_first(made: Made):
    city = made.row(name="Montréal")
    assert city[["state", "name_es", "population"]].tolist() == ["CA-QC", "Montreal", 3678000]
    assert made.state(BASE, 1) == ("merged", city["atlas_id"])
    assert made.state(NAMED, 1) == ("published", city["atlas_id"])


def test_one_name_within_30_km_is_one_place_and_the_other_file_fills_in(made: Made):
    winslow = made.row(name="Winslow")
    assert (winslow["latitude"], winslow["population"]) == (35.024, 9931)
    assert pd.isna(winslow["geonames_id"])


def test_zero_people_is_not_known(made: Made):
    assert pd.isna(made.row(name="Nowhere")["population"])


def test_capitals_are_told_by_level_and_territories_count_with_the_united_states(made: Made):
    level = made.frame.set_index("name")["capital"].to_dict()
    assert level == {
        "Ciudad de México": "country", "Montréal": "none", "Nowhere": "none", "Off Halifax": "none",
        "San Juan": "state", "Winslow": "none",
    }  # fmt: skip
    assert made.row(name="San Juan")[["country", "state"]].tolist() == ["USA", "US-PR"]


def test_a_place_just_off_the_shore_is_in_the_state_that_the_file_declares(made: Made):
    shore = made.row(name="Off Halifax")
    assert shore[["state", "coordinate_quality"]].tolist() == ["CA-NS", "within_tolerance"]
    assert made.row(name="Montréal")["coordinate_quality"] == "as_published"


def test_places_of_other_countries_are_out_of_scope(made: Made):
    assert made.state(NAMED, 6) == ("out_of_scope", "in none of the three countries")


def test_the_package_has_a_capital_for_almost_every_state():
    alone = assembled("populated-places", None)
    assert len(alone.frame) == 1218
    seats = set(alone.frame.loc[alone.frame["capital"] != "none", "state"])
    assert len(set(places.state_names()) - seats) <= 6


@pytest.mark.national
def test_both_files_give_the_same_places(national: Path):
    both, alone = assembled("populated-places", national), assembled("populated-places", None)
    assert len(both.frame) == 1218
    assert both.ledger.counts().loc[BASE, "merged"] == 1218
    # the ids of a place hold whether or not the data folder is there, but where the newer file moves it
    assert len(set(both.frame["atlas_id"]) & set(alone.frame["atlas_id"])) > 1100
    assert both.frame["name_fr"].notna().mean() > 0.9
    assert both.row(name="New York")["name_es"] == "Nueva York"
