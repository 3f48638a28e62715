"""The national files themselves, wherever NAATLAS_DATA points."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from naatlas import sources
from naatlas.errors import InputError
from naatlas.sources.coordinates import parse, suspects
from naatlas.sources.inspect import inspect
from naatlas.spec import Csv, Excel, Layout
from tests.sources_kit import source

pytestmark = pytest.mark.national

PLANTS = "power-plants/raw"
RETC_YEARS = [year for year in range(2004, 2023) if year != 2019]

#: Every shape of a coordinate cell in eighteen years (digit runs as 9), what it was read as, and how often.
#: Unreadable are seconds of 61 and more; degrees of 0.1, 0.11 or 0.18 (cut short: 100, 101 ... or 11?) and of
#: 0.199; and no degrees at all.
SHAPES = {
    "9\u00b09'9\"": {"dms": 84_091, "unreadable": 464},
    "-9.9": {"decimal": 3_662},
    "9.9": {"decimal": 3_661},
    "9\u00b09'9.9\"": {"dms": 1_669},
    "9.9\u00b09'9\"": {"stray_zero": 755, "unreadable": 224, "decimal": 9},
    "9\u00ba9'9.9\"": {"ordinal": 761},
    "-9\u00b09'9\"": {"dms": 227, "unreadable": 1},
    "9\u00ba9'9\"": {"ordinal": 189, "unreadable": 4},
    "9": {"decimal": 70, "projected": 1},
    "9\u00b09'9.9": {"dms": 33},
    "9\u00b09'9.9''": {"dms": 17},
    "9\u00ba9'9.9": {"ordinal": 16},
    "9\u00b0 9'9.9\"": {"dms": 14},
    "9\u00b09' 9\"": {"dms": 9},
    '9\u00ba 9 9.9"': {"ordinal": 8},
    "9\u00b09'9'": {"dms": 6},
    "9\u00b09'9.9\"N": {"dms": 5},
    "9\u00ba 9'9.9\"": {"ordinal": 5},
    "9\u00b09'9''": {"dms": 5},
    "9\u00b09'9": {"dms": 4},
    "9\u00ba9' 9\"": {"ordinal": 4},
    "\u00b0'\"": {"missing": 4},
    "9\u00b09'9.9'": {"dms": 3},
    "9\u00ba'9'9.9\"": {"ordinal": 3},
    "9\u00ba9' 9.9\"": {"ordinal": 3},
    "\u00b09'9\"": {"unreadable": 2},
    "9\u00aa9'9.9\"": {"ordinal": 1},
}


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("NAATLAS_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("NAATLAS_DATA does not name a folder with the national files")
    return Path(folder)


@pytest.fixture(scope="module")
def retc(data: Path) -> dict[int, pd.DataFrame]:
    """Latitude and longitude cells of every establishment, by year."""
    tables = {}
    for year in RETC_YEARS:
        declared = source(f"prtr/raw/mx_retc/es_{year}.csv.gz", Csv(delimiter="\t"), name=f"retc-{year}")
        frame = sources.read(declared, data).frame.rename(columns=str.upper)
        tables[year] = frame[["LATITUD NORTE", "LONGITUD OESTE"]].set_axis(["lat", "lon"], axis=1)
    return tables


@pytest.mark.parametrize(
    ("path", "layout", "shape", "last_row"),
    [
        ("usa/2___Plant_Y2023.xlsx", Excel(sheet="Plant", header_row=2), (15068, 42), 15070),
        ("usa/eGRID2021_access_unit_file_2021.xlsx", Excel(sheet="Unit_File"), (24598, 31), 24599),
        ("usa/EIA_EnergyAtlas_Power_Plants_202311.csv", Csv(encoding="utf-8-sig"), (12275, 34), 12276),
        ("usa/eGRID_2016_fromstewicombo.csv", Csv(), (39363, 10), 39364),
        (
            "canada/ECCC_CESI_GHG_emissions_large_facilities_2021.csv",
            Csv(encoding="cp1252"),
            (1732, 16),
            1733,
        ),
        ("mexico/INEM-2013-Fuentes-fijas-sectores-municipal.csv", Csv(), (2166, 12), 2167),
        ("mexico/INEM-2016-fuentes-fijas-municipal-sector.csv", Csv(encoding="cp1252"), (2505, 12), 2506),
        ("mexico/1814.xlsx", Excel(sheet="Permisos administrados", header_row=2), (1349, 15), 1352),
    ],
)
def test_every_row_of_the_file_is_there(
    data: Path, path: str, layout: Layout, shape: tuple[int, int], last_row: int
):
    table = sources.read(source(f"{PLANTS}/{path}", layout), data)
    assert table.frame.shape == shape
    assert table.frame.index[-1] == last_row
    assert table.input.name == f"{PLANTS}/{path}"


def test_cesi_needs_its_encoding(data: Path):
    path = f"{PLANTS}/canada/ECCC_CESI_GHG_emissions_large_facilities_2021.csv"
    with pytest.raises(InputError, match="it would decode as cp1252 or latin-1"):
        sources.read(source(path, Csv()), data)
    table = sources.read(source(path, Csv(encoding="cp1252")), data)
    assert not any(sources.looks_like_mojibake(table.frame[c]).any() for c in table.frame)
    wrong = data / path
    assert inspect(wrong)["encodings"] == ["cp1252", "latin-1"]


def test_blanks_of_eia_860_are_missing(data: Path):
    layout = Excel(sheet="Plant", header_row=2)
    frame = sources.read(source(f"{PLANTS}/usa/2___Plant_Y2023.xlsx", layout), data).frame
    assert int(frame["Latitude"].isna().sum()) == 29
    assert frame.loc[3, "Plant Code"] == "1"


def test_cre_totals_stand_below_the_permits(data: Path):
    layout = Excel(sheet="Permisos administrados", header_row=2)
    declared = source(f"{PLANTS}/mexico/1814.xlsx", layout, ["Núm.", "CAP. AUTORIZADA (MW)"])
    frame = sources.read(declared, data).frame
    permits = frame["Núm."].notna()
    megawatts = pd.to_numeric(frame["CAP. AUTORIZADA (MW)"], errors="coerce")
    assert int(permits.sum()) == 1342
    assert megawatts[permits].sum() == pytest.approx(106_861.6, abs=0.1)
    assert megawatts.sum() > 2 * megawatts[permits].sum()


def test_every_shape_of_retc_coordinates_is_classified(retc: dict[int, pd.DataFrame]):
    found: dict[str, Counter[str]] = {}
    for frame in retc.values():
        for axis in ("lat", "lon"):
            notation = parse(frame[axis], axis=axis, positive_west=axis == "lon")["notation"]
            shapes = frame[axis].fillna("").str.replace(r"\d+", "9", regex=True).str.strip()
            for shape, cells in notation.groupby(shapes):
                found.setdefault(str(shape), Counter()).update(cells)
    assert found == SHAPES
    assert sum(count.total() for count in found.values()) == 95_930
    assert sum(count["unreadable"] for count in found.values()) == 695


def test_laguna_verde_of_2005_is_named_as_swapped(data: Path):
    declared = source("prtr/raw/mx_retc/es_2005.csv.gz", Csv(delimiter="\t"))
    frame = sources.read(declared, data).frame
    lat = parse(frame["Latitud Norte"], axis="lat")["degrees"]
    lon = parse(frame["Longitud Oeste"], axis="lon", positive_west=True)["degrees"]
    told = suspects(lon, lat, "MEX")[
        frame["Nombre"].str.contains("LAGUNA VERDE", case=False).fillna(value=False)
    ]
    assert list(told["suspicion"]) == ["swapped_and_signed"]
    assert told["candidate_lon"].iloc[0] == pytest.approx(-96.4, abs=0.1)
    assert told["candidate_lat"].iloc[0] == pytest.approx(19.7, abs=0.1)


def test_wind_turbines_inside_a_zip(data: Path):
    path = "wind_turbines/raw/uswtdbCSV.zip"
    member = next(m["name"] for m in inspect(data / path)["members"] if m["name"].endswith(".csv"))
    layout = Csv(member=member, encoding="cp1252")
    frame = sources.read(source(path, layout, ["case_id", "xlong", "ylat"]), data).frame
    assert len(frame) > 60_000
    assert pd.to_numeric(frame["xlong"]).between(-180, 180).all()


def test_retc_points_of_2016_and_later_lie_in_mexico(retc: dict[int, pd.DataFrame]):
    for year in (2016, 2022):
        lat = parse(retc[year]["lat"], axis="lat")["degrees"]
        lon = parse(retc[year]["lon"], axis="lon", positive_west=True)["degrees"]
        assert suspects(lon, lat, "MEX")["suspicion"].notna().mean() < 0.02


def test_stray_zeros_are_mexican_longitudes(retc: dict[int, pd.DataFrame]):
    cells = pd.concat([frame["lon"] for frame in retc.values()])
    told = parse(cells, axis="lon", positive_west=True)
    stray = told.loc[told["notation"] == "stray_zero", "degrees"]
    assert len(stray) > 700
    assert stray.between(-118.5, -86).mean() > 0.97


def test_workbooks_read_near_the_speed_of_the_parser(data: Path):
    path = data / PLANTS / "usa" / "2___Plant_Y2023.xlsx"
    declared = source(f"{PLANTS}/usa/2___Plant_Y2023.xlsx", Excel(sheet="Plant", header_row=2))

    def parser() -> None:
        CalamineWorkbook.from_path(path).get_sheet_by_name("Plant").to_python(skip_empty_area=False)

    ratio = _seconds(lambda: sources.read(declared, data)) / _seconds(parser)
    assert ratio < 2.5


def _seconds(work: object) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()  # type: ignore[operator]
        return time.perf_counter() - start

    return min(once() for _ in range(3))
