"""Every spelling of a country, state or province in the registers resolves, and nothing else does."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naatlas.errors import SpecError, UsageError
from naatlas.framework import places
from naatlas.spec import COUNTRIES, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from naatlas.spec import Language


def text(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="string")


@pytest.mark.parametrize(
    ("country", "spelling", "code"),
    [
        ("CAN", "QUEBEC", "CA-QC"),
        ("CAN", "Québec", "CA-QC"),
        ("CAN", "QuÃ©bec", "CA-QC"),
        ("CAN", "CA-QC", "CA-QC"),
        ("CAN", "PQ", "CA-QC"),
        ("CAN", "Newfoundland & Labrador", "CA-NL"),
        ("CAN", "NEWFOUNLAND AND LABRADOR", "CA-NL"),
        ("CAN", "Queebec", None),
        ("CAN", "Île-du-Prince-Édouard", "CA-PE"),
        ("CAN", "P.E.I.", "CA-PE"),
        ("CAN", " Northwest\u00a0 Territories ", "CA-NT"),
        ("CAN", "BC", "CA-BC"),
        ("MEX", "BC", "MX-BCN"),
        ("USA", "D.C.", "US-DC"),
        ("USA", "DC", "US-DC"),
        ("USA", "Washington, D.C.", "US-DC"),
        ("USA", "Washington", "US-WA"),
        ("USA", "Puerto Rico", "US-PR"),
        ("USA", "VI", "US-VI"),
        ("USA", "Virgin Islands, U.S.", "US-VI"),
        ("USA", "48", "US-TX"),
        ("USA", "6", "US-CA"),
        ("MEX", "México", "MX-MEX"),
        ("MEX", "MEXICO", "MX-MEX"),
        ("MEX", "Estado De México", "MX-MEX"),
        ("MEX", "Ciudad de México", "MX-CMX"),
        ("MEX", "DISTRITO FEDERAL", "MX-CMX"),
        ("MEX", "D. F.", "MX-CMX"),
        ("MEX", "MX-CMX", "MX-CMX"),
        ("MEX", "Coahuila de Zaragoza", "MX-COA"),
        ("MEX", "COAHUILA", "MX-COA"),
        ("MEX", "Michoacán de Ocampo", "MX-MIC"),
        ("MEX", "Veracruz de Ignacio de la Llave", "MX-VER"),
        ("MEX", "9", "MX-CMX"),
        ("MEX", "09", "MX-CMX"),
        ("MEX", "Texas", None),
        ("USA", "México", None),
        ("MEX", "Importación", None),
        ("CAN", "", None),
    ],
)
def test_states(country: str, spelling: str, code: str | None):
    found = places.resolve_state(text(spelling), country)[0]
    assert (None if pd.isna(found) else found) == code


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("United States", "USA"),
        ("U.S.A.", "USA"),
        ("EE.UU.", "USA"),
        ("États-Unis", "USA"),
        ("MÉXICO", "MEX"),
        ("Mexique", "MEX"),
        ("canada ", "CAN"),
        ("Puerto Rico", "USA"),
        ("Guatemala", None),
        ("Greenland", None),
        (None, None),
    ],
)
def test_countries(spelling: str, code: str | None):
    found = places.resolve_country(text(spelling))[0]
    assert (None if pd.isna(found) else found) == code


def test_country_row_by_row_keeps_the_index():
    names = pd.Series(["México", "BC", "BC", "Texas"], index=[7, 3, 9, 1])
    country = pd.Series(["MEX", "MEX", "CAN", None], index=[7, 3, 9, 1])
    found = places.resolve_state(names, country)
    assert found.index.tolist() == [7, 3, 9, 1]
    assert found[:3].tolist() == ["MX-MEX", "MX-BCN", "CA-BC"]
    assert found[3:].isna().all()


def test_an_unknown_country_code_is_a_usage_error():
    with pytest.raises(UsageError, match="not within FRA"):
        places.resolve_state(text("Bretagne"), "FRA")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_and_name_resolves_to_itself_in_each_language(language: Language):
    names = places.state_names(language)
    assert len(names) == 13 + 32 + 51 + 6  # provinces; states; states with DC; territories
    for prefix, country in zip(("CA", "MX", "US"), ("CAN", "MEX", "USA"), strict=True):
        codes = [code for code in names if code.startswith(prefix)]
        assert places.resolve_state(text(*codes), country).tolist() == codes
        assert places.resolve_state(text(*(names[c] for c in codes)), country).tolist() == codes
        assert places.resolve_state(text(*(c[3:] for c in codes)), country).tolist() == codes


@given(
    code=st.sampled_from(sorted(places.state_names())),
    change=st.sampled_from([str.upper, str.lower, str.swapcase, lambda s: f"  {s.replace(' ', '   ')}\n"]),
    form=st.sampled_from(["NFC", "NFD"]),
)
def test_case_space_and_unicode_form_do_not_matter(code: str | None, change: Callable[[str], str], form: str):
    country = {"CA": "CAN", "US": "USA", "MX": "MEX"}[code[:2]]
    spelling = unicodedata.normalize(form, change(places.state_name(code, "fr")))
    assert places.resolve_state(text(spelling), country)[0] == code


@given(st.text(max_size=30))
def test_normalize_settles_at_once(spelling: str):
    once = places.normalize(spelling)
    assert places.normalize(once) == once


@given(st.text(min_size=12, max_size=30))
def test_resolution_gives_a_code_of_the_country_or_nothing(spelling: str):
    for country in COUNTRIES:
        found = places.resolve_state(text(spelling), country)[0]
        assert pd.isna(found) or found in places.state_names()


def test_names():
    assert places.state_name("CA-QC", "fr") == "Québec"
    assert places.state_name("US-VI", "es") == "Islas Vírgenes de los Estados Unidos"
    assert places.country_name("USA", "fr") == "États-Unis"
    assert places.country_name("GRL") == "Greenland"
    assert places.country_names("es")["MEX"] == "México"
    with pytest.raises(UsageError, match="'CA-XX'"):
        places.state_name("CA-XX")


def test_unknown_places_names_spelling_rows_and_table():
    cells = text("Texas", "Importación", "Tejas", "Tejas", " ", None, "Nuevo Santander")
    lines = places.unknown_places("cre-2016", cells, places.resolve_state(cells, "MEX"))
    assert lines == [
        f"cre-2016: place 'Nuevo Santander' in 1 row(s); add it to {places.ALIASES}",
        f"cre-2016: place 'Tejas' in 2 row(s); add it to {places.ALIASES}",
        f"cre-2016: place 'Texas' in 1 row(s); add it to {places.ALIASES}",
    ]
    assert (Path(__file__).parents[1] / places.ALIASES).is_file()


def test_aliases_that_contradict_each_other_stop(monkeypatch: pytest.MonkeyPatch):
    told = [("MEX", "Mexico", "MX-MEX"), ("MEX", "MÉXICO", "MX-CMX")]
    monkeypatch.setattr(places, "_spellings", lambda: iter(told))
    with pytest.raises(SpecError, match="both MX-MEX and MX-CMX"):
        places._index.__wrapped__()


PLANTS = "power-plants/raw"
RETC = [f"{kind}_{year}" for kind in ("es", "em") for year in range(2004, 2023) if year != 2019]

# line 2102 of this file is its header once more, and three lines of notes end it
INEM_2013 = {"encoding": "utf-8-sig", "skiprows": [2101], "skipfooter": 3, "engine": "python"}


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("NAATLAS_DATA")
    if not folder or not (Path(folder) / PLANTS).is_dir():
        pytest.skip("set NAATLAS_DATA to the folder with the national files")
    return Path(folder)


def assert_all_resolve(name: str, cells: pd.Series, country: pd.Series | str) -> None:
    cells = cells.astype("string")
    found = places.resolve_state(cells, country)
    assert places.unknown_places(name, cells, found) == []
    assert found.notna().mean() > 0.9, name


@pytest.mark.national
@pytest.mark.parametrize("table", ["AllGE100MW", "RenewGE1MW"])
def test_trilateral_places(data: Path, table: str):
    path = data / PLANTS / "trilateral" / f"PowerPlants{table}_NorthAmerica_201708.xlsx"
    frame = pd.read_excel(path, engine="calamine", dtype="string")
    country = places.resolve_country(frame["Country"])
    assert country.notna().all()
    assert_all_resolve(table, frame["State / Province / Territory"], country)


@pytest.mark.national
@pytest.mark.parametrize(
    ("path", "options", "column", "country"),
    [
        (f"{PLANTS}/usa/EIA_EnergyAtlas_Power_Plants_202311.csv", {"encoding": "utf-8-sig"}, "State", "USA"),
        (f"{PLANTS}/canada/ECCC_CESI_GHG_emissions_large_facilities_2021.csv", {"encoding": "cp1252"},
         "Province", "CAN"),
        (f"{PLANTS}/mexico/INEM-2013-Fuentes-fijas-sectores-municipal.csv", INEM_2013, "ENTFED", "MEX"),
        (f"{PLANTS}/mexico/INEM-2013-Fuentes-fijas-sectores-municipal.csv", INEM_2013, "CVE_ENT_1", "MEX"),
        (f"{PLANTS}/mexico/INEM-2016-fuentes-fijas-municipal-sector.csv", {"encoding": "cp1252"}, "Estado",
         "MEX"),
        ("prtr/raw/ca_npri/npri_facilities_1993_2015.csv.gz", {}, "PROVINCE", "CAN"),
        ("prtr/raw/ca_npri/npri_company_substance_2017_2022_derived.csv.gz", {}, "Province", "CAN"),
        ("prtr/raw/us_tri/tri_2023_il.csv.gz", {"encoding": "latin-1"}, "8. ST", "USA"),
        ("prtr/raw/us_tri/tri_1987_ca.csv.gz", {"encoding": "latin-1"}, "ST", "USA"),
        ("ghg/raw/us_ghgrp_2023_facilities_geo.csv.gz", {}, "FACILITY STATE", "USA"),
        ("wind_turbines/raw/uswtdbCSV.zip", {"encoding": "latin-1"}, "t_state", "USA"),
    ],
)  # fmt: skip
def test_text_register_places(data: Path, path: str, options: dict[str, Any], column: str, country: str):
    if path.endswith(".zip"):
        with zipfile.ZipFile(data / path) as archive:
            member = next(n for n in archive.namelist() if n.endswith(".csv"))
            with archive.open(member) as stream:
                frame = pd.read_csv(stream, dtype="string", usecols=[column], **options)
    else:
        frame = pd.read_csv(data / path, dtype="string", usecols=[column], **options)
    assert_all_resolve(path, frame[column], country)


@pytest.mark.national
@pytest.mark.parametrize(
    ("path", "options", "column", "country"),
    [
        ("usa/2___Plant_Y2023.xlsx", {"header": 1}, "State", "USA"),
        ("usa/3_2_Wind_Y2023.xlsx", {"header": 1}, "State", "USA"),
        ("usa/3_3_Solar_Y2023.xlsx", {"header": 1}, "State", "USA"),
        ("usa/3_4_Energy_Storage_Y2023.xlsx", {"header": 1}, "State", "USA"),
        ("usa/eGRID2021_access_unit_file_2021.xlsx", {}, "pstatabb", "USA"),
        ("canada/Wind_Turbine_Database_FGP.xlsx", {}, "Province/Territory", "CAN"),
        ("mexico/1814.xlsx", {"header": 1}, "UBICACION DE LA PLANTA", "MEX"),
    ],
)
def test_workbook_places(data: Path, path: str, options: dict[str, Any], column: str, country: str):
    sheets = pd.read_excel(
        data / PLANTS / path, engine="calamine", dtype="string", sheet_name=None, **options
    )
    found = [frame[column] for frame in sheets.values() if column in frame]
    assert found
    assert_all_resolve(path, pd.concat(found), country)


@pytest.mark.national
@pytest.mark.parametrize(("name", "country"), [("mexico/WRI_Mexico", "MEX"), ("usa/WRI_Puerto_Rico", "USA")])
def test_hand_collected_countries(data: Path, name: str, country: str):
    cells = pd.read_csv(data / PLANTS / f"{name}.csv", dtype="string", encoding="utf-8")["Country"]
    assert set(places.resolve_country(cells)) == {country}


@pytest.mark.national
@pytest.mark.parametrize("name", RETC)
def test_retc_places(data: Path, name: str):
    path = data / "prtr" / "raw" / "mx_retc" / f"{name}.csv.gz"
    frame = pd.read_csv(path, sep="\t", dtype="string", encoding="utf-8")
    column = next(c for c in frame if c.strip().upper() in {"ESTADO", "ENTIDAD FEDERATIVA"})
    assert_all_resolve(name, frame[column], "MEX")
