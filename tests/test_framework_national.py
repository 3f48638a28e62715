"""Declared places of the national files against the base geometry: the rule, not the counts."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from naatlas.framework import base, places

pytestmark = pytest.mark.national

PLANTS = "power-plants/raw"
SEA = {"at_sea"}
WRONG = {"other_state", "other_country", "off_continent"}

#: Plants of the trilateral tables whose coordinates are in another state than declared: true errors.
MISPLACED = {
    "Bajío (El Sáuz)",
    "Dominica energía limpia",
    "Energía de Ramos",
    "Baja California Sur I",
    "Vuelta Solar",
    "Generadora Electrica San Rafael",
}

#: Plants on border rivers that a plain overlay puts into the neighbouring country.
BORDER = {
    "Laredo", "Silas Ray", "St Clair", "Cardinal", "Lake Superior", "Sir Adam Beck 1", "Sir Adam Beck 2",
    "Falcón", "Amistad Dam & Power", "Eagle Pass", "Clergue", "Edmundston", "Fort Frances",
}  # fmt: skip


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("NAATLAS_DATA")
    if not folder or not (Path(folder) / PLANTS).is_dir():
        pytest.skip("set NAATLAS_DATA to the folder with the national files")
    return Path(folder)


@pytest.fixture(scope="module")
def trilateral(data: Path) -> pd.DataFrame:
    folder = data / PLANTS / "trilateral"
    tables = (f"PowerPlants{kind}_NorthAmerica_201708.xlsx" for kind in ("AllGE100MW", "RenewGE1MW"))
    frame = pd.concat(
        [pd.read_excel(folder / table, engine="calamine") for table in tables], ignore_index=True
    )
    frame["country"] = places.resolve_country(frame["Country"])
    frame["state"] = places.resolve_state(frame["State / Province / Territory"], frame["country"])
    told = base.placement(frame["Longitude"], frame["Latitude"], frame["country"], frame["state"])
    return pd.concat([frame[["Facility Name", "country", "state"]], told], axis=1)


def test_trilateral_plants_keep_their_declared_country(trilateral: pd.DataFrame):
    abroad = trilateral[
        trilateral["located_country"].notna() & (trilateral["located_country"] != trilateral["country"])
    ]
    assert set(abroad["Facility Name"]) == BORDER
    assert (abroad["verdict"] == "within_tolerance").all()


def test_trilateral_shore_plants_are_not_lost(trilateral: pd.DataFrame):
    wet = trilateral[trilateral["located_country"].isna()]
    assert len(wet) > 50
    assert (wet["verdict"] == "within_tolerance").all()


def test_trilateral_errors_and_only_they_are_found(trilateral: pd.DataFrame):
    assert set(trilateral.loc[trilateral["verdict"].isin(WRONG), "Facility Name"]) == MISPLACED


def test_no_plant_near_the_tolerance(data: Path, trilateral: pd.DataFrame):
    """The tolerance stands in a gap: a little more or less changes no verdict."""
    others = (read(data)["distance_to_state_km"] for read in (_atlas, _eia860, _turbines))
    out = pd.concat([trilateral["distance_to_state_km"], *others]).dropna()
    assert out[out > 0].lt(base.TOLERANCE_KM).mean() > 0.9
    assert not out.between(0.92 * base.TOLERANCE_KM, 1.7 * base.TOLERANCE_KM).any()


def _atlas(data: Path) -> pd.DataFrame:
    path = data / PLANTS / "usa" / "EIA_EnergyAtlas_Power_Plants_202311.csv"
    frame = pd.read_csv(path, encoding="utf-8-sig", usecols=["State", "Longitude", "Latitude", "Plant_Name"])
    state = places.resolve_state(frame["State"], "USA")
    return base.placement(frame["Longitude"], frame["Latitude"], "USA", state).assign(
        name=frame["Plant_Name"]
    )


def _eia860(data: Path) -> pd.DataFrame:
    path = data / PLANTS / "usa" / "2___Plant_Y2023.xlsx"
    frame = pd.read_excel(path, engine="calamine", header=1, dtype=str)
    lon, lat = (pd.to_numeric(frame[c], errors="coerce") for c in ("Longitude", "Latitude"))
    state = places.resolve_state(frame["State"], "USA")
    return base.placement(lon, lat, "USA", state).assign(name=frame["Plant Name"])


def _turbines(data: Path) -> pd.DataFrame:
    frame = pd.read_excel(data / PLANTS / "canada" / "Wind_Turbine_Database_FGP.xlsx", engine="calamine")
    state = places.resolve_state(frame["Province/Territory"], "CAN")
    return base.placement(frame["Longitude"], frame["Latitude"], "CAN", state)


def test_atlas_places_puerto_rico_and_the_sea(data: Path):
    told = _atlas(data)
    assert (told["located_state"] == "US-PR").sum() > 50
    assert set(told.loc[told["verdict"].isin(SEA), "name"]) == {
        "Coastal Virginia Offshore Wind (CVOW) Pilot Project"
    }
    assert told["verdict"].isin(WRONG).sum() < 10


def test_eia860_blanks_have_no_coordinates(data: Path):
    told = _eia860(data)
    blank = told["verdict"] == "no_coordinates"
    assert blank.sum() == 29
    assert told.loc[blank, "distance_to_state_km"].isna().all()


def test_canadian_pipelines_at_zero_are_off_the_continent(data: Path):
    path = data / PLANTS / "canada" / "ECCC_CESI_GHG_emissions_large_facilities_2021.csv"
    frame = pd.read_csv(path, encoding="cp1252")
    state = places.resolve_state(frame["Province"], "CAN")
    told = base.placement(frame["Longitude"], frame["Latitude"], "CAN", state)
    zero = (frame["Longitude"] == 0) & (frame["Latitude"] == 0)
    assert np.array_equal(zero, told["verdict"] == "off_continent")
    platforms = frame.loc[told["verdict"] == "at_sea", "Facility name"]
    assert set(platforms) == {"Hibernia Platform", "Sea Rose FPSO"}
