"""Files in the publishers' layouts are read as published."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from naatlas import sources
from naatlas.errors import InputError, SpecError
from naatlas.sources import locate
from naatlas.spec import Csv, Excel, Vector
from tests.sources_kit import source, workbook

if TYPE_CHECKING:
    from pathlib import Path


def cells(frame: pd.DataFrame) -> list[list[object]]:
    return [
        [None if pd.isna(cell) else cell for cell in row] for row in frame.to_numpy(dtype=object).tolist()
    ]


def test_retc_headers_with_line_breaks_tabs_and_doubled_quotes(tmp_path: Path):
    text = '"NRA"\t"LATITUD \nNORTE"\t"AIRE"\r\n"A1"\t"19°36\'58"""\t""\r\n"A2"\t"0"\t"NA"\r\n'
    (tmp_path / "es.csv.gz").write_bytes(gzip.compress(text.encode("utf-8")))
    table = sources.read(source("es.csv.gz", Csv(delimiter="\t"), ["NRA", "LATITUD NORTE"]), tmp_path)
    assert list(table.frame.columns) == ["NRA", "LATITUD NORTE", "AIRE"]
    assert cells(table.frame) == [["A1", "19°36'58\"", None], ["A2", "0", "NA"]]
    assert table.frame.index.name == "row"
    assert list(table.frame.index) == [2, 3]
    assert set(map(str, table.frame.dtypes)) == {"string"}


def test_cesi_cp1252_record_ends_in_quoted_line_break(tmp_path: Path):
    text = 'ID,City,Total emissions,Details\r\n1,Montréal,"1\xa0047.65","see\n"\r\n2,Québec,3,"see\n"\r\n'
    (tmp_path / "cesi.csv").write_bytes(text.encode("cp1252"))
    table = sources.read(source("cesi.csv", Csv(encoding="cp1252")), tmp_path)
    assert list(table.frame["City"]) == ["Montréal", "Québec"]
    assert table.frame.loc[2, "Total emissions"] == "1\xa0047.65"
    assert table.frame.loc[3, "Details"] == "see\n"


def test_byte_order_mark_and_no_break_blanks_leave_the_headers(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("\ufeffX,  PM10,Sector\xa0 name\n1,2,3\n".encode())
    for encoding in ("utf-8", "utf-8-sig"):
        table = sources.read(source("a.csv", Csv(encoding=encoding)), tmp_path)
        assert list(table.frame.columns) == ["X", "PM10", "Sector name"]


def test_missing_is_what_the_source_declares_and_nothing_more(tmp_path: Path):
    (tmp_path / "a.csv").write_text("k,v\n1, \n2,NA\n3,-\n4, - \n5,null\n6,\xa0\n", encoding="utf-8")
    table = sources.read(source("a.csv", missing=("", "-")), tmp_path)
    assert cells(table.frame[["v"]]) == [[None], ["NA"], [None], [None], ["null"], [None]]
    empty_too = sources.read(source("a.csv", missing=("NA",)), tmp_path)
    assert cells(empty_too.frame[["v"]]) == [[None], [None], ["-"], [" - "], ["null"], [None]]


def test_blank_rows_go_and_the_numbers_of_the_others_stay(tmp_path: Path):
    (tmp_path / "a.csv").write_text("title\n\nk,v\n1,a\n\n , \n3,c\n\n\n", encoding="utf-8")
    table = sources.read(source("a.csv", Csv(header_row=3)), tmp_path)
    assert list(table.frame.index) == [4, 7]
    assert cells(table.frame) == [["1", "a"], ["3", "c"]]


def test_title_with_a_line_break_is_one_record(tmp_path: Path):
    (tmp_path / "a.csv").write_text('"Register,\nof 2023"\n"k\nn",v\n1,a\n', encoding="utf-8")
    table = sources.read(source("a.csv", Csv(header_row=2), ["k n"]), tmp_path)
    assert cells(table.frame) == [["1", "a"]]
    assert list(table.frame.index) == [3]


def test_row_of_declared_missing_texts_is_still_a_record(tmp_path: Path):
    (tmp_path / "a.csv").write_text("k,v\n-,-\n1,2\n", encoding="utf-8")
    assert list(sources.read(source("a.csv", missing=("-",)), tmp_path).frame.index) == [2, 3]


def test_short_notes_below_the_records_and_a_delimiter_at_the_line_end(tmp_path: Path):
    (tmp_path / "inem.csv").write_text("a,b,c\n1,2,3,\n4,5,6,\nNota: preliminar\n", encoding="utf-8")
    table = sources.read(source("inem.csv"), tmp_path)
    assert cells(table.frame) == [["1", "2", "3"], ["4", "5", "6"], ["Nota: preliminar", None, None]]


def test_totals_stay_in_the_frame_and_are_told(tmp_path: Path):
    rows = [["Permisos"], ["Núm.", "CAP.\nAUTORIZADA\n(MW)"], [1.0, 18.5], [None, 2.0], ["TOTAL", 20.5]]
    workbook(tmp_path / "cre.xlsx", rows, sheet="Permisos")
    layout = Excel(sheet="Permisos", header_row=2)
    declared = source("cre.xlsx", layout, ["CAP. AUTORIZADA (MW)"], totals=("Núm.", "^TOTAL"))
    table = sources.read(declared, tmp_path)
    assert list(table.frame["CAP. AUTORIZADA (MW)"]) == ["18.5", "2", "20.5"]
    assert sources.is_total(table).to_dict() == {3: False, 4: False, 5: True}
    assert not sources.is_total(sources.read(source("cre.xlsx", layout), tmp_path)).any()


def test_excel_cells_read_as_a_person_reads_them(tmp_path: Path):
    row = [
        3.0,
        0.1,
        -0.0,
        1e20,
        123456789012.0,
        dt.datetime.fromisoformat("1994-07-20"),
        dt.datetime.fromisoformat("1994-07-20 06:30"),
        True,
    ]
    texts = ["3", "0.1", "0", "1e+20", "123456789012", "1994-07-20", "1994-07-20 06:30:00", "TRUE"]
    workbook(tmp_path / "a.xlsx", [[f"c{i}" for i in range(len(row))], row, ["x"] * len(row)])
    table = sources.read(source("a.xlsx", Excel(sheet="Plant")), tmp_path)
    assert cells(table.frame) == [texts, ["x"] * len(row)]


def test_excel_rows_are_numbered_as_shown_even_when_the_sheet_begins_further_down(tmp_path: Path):
    rows = [["Plant Code", "Latitude"], [1.0, " "], [None, None], [2.0, 55.5]]
    workbook(tmp_path / "a.xlsx", rows, below=3)
    table = sources.read(source("a.xlsx", Excel(sheet="Plant", header_row=4), ["Plant Code"]), tmp_path)
    assert list(table.frame.index) == [5, 7]
    assert cells(table.frame) == [["1", None], ["2", "55.5"]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_header_without_records_gives_an_empty_table(tmp_path: Path, kind: str):
    if kind == "csv":
        (tmp_path / "a.csv").write_text("k,v\n", encoding="utf-8")
    else:
        workbook(tmp_path / "a.xlsx", [["k", "v"]])
    layout = Csv() if kind == "csv" else Excel(sheet="Plant")
    table = sources.read(source(f"a.{kind}", layout, ["k", "v"]), tmp_path)
    assert table.frame.shape == (0, 2)


def test_nameless_and_repeated_columns_keep_their_cells(tmp_path: Path):
    (tmp_path / "a.csv").write_text("k,,MW,MW,\n1,2,3,4,\n", encoding="utf-8")
    table = sources.read(source("a.csv", columns=["k"]), tmp_path)
    assert list(table.frame.columns) == ["k", "(column 2)", "MW", "MW (column 4)"]
    assert cells(table.frame) == [["1", "2", "3", "4"]]


def test_member_of_a_zip_and_its_unpacked_twin(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "wind.zip", "w") as archive:
        archive.writestr("in/turbines.csv", "k\n1\n")
    declared = source("wind.zip", Csv(member="in/turbines.csv"), ["k"])
    assert cells(sources.read(declared, tmp_path).frame) == [["1"]]
    (tmp_path / "wind.zip").unlink()
    (tmp_path / "turbines.csv").write_text("k\n2\n", encoding="utf-8")
    assert cells(sources.read(declared, tmp_path).frame) == [["2"]]


@pytest.mark.parametrize(
    ("declared", "on_disk"),
    [
        ("in/a.csv", "in/a.csv"),
        ("in/a.csv", "in/a.csv.gz"),
        ("in/a.csv.gz", "in/a.csv"),
        ("in/a.csv", "a.csv"),
    ],
)
def test_find_takes_the_declared_path_its_twin_or_the_bare_name(tmp_path: Path, declared: str, on_disk: str):
    path = tmp_path / on_disk
    path.parent.mkdir(exist_ok=True)
    data = b"k\n1\n"
    path.write_bytes(gzip.compress(data) if on_disk.endswith(".gz") else data)
    assert sources.find(source(declared), tmp_path) == path
    table = sources.read(source(declared), tmp_path)
    assert cells(table.frame) == [["1"]]
    assert table.input.name == on_disk
    assert table.input.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (table.input.size, table.input.tier) == (path.stat().st_size, "data")


def test_find_guesses_no_further(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.csv").write_text("k\n1\n", encoding="utf-8")
    assert sources.find(source("in/a.csv"), tmp_path) is None
    assert sources.absent([source("in/a.csv"), source("deep/a.csv", name="there")], tmp_path) == (
        source("in/a.csv"),
    )


def test_starter_rows_are_csv_whatever_the_layout_and_lose_the_two_extra_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(locate, "starter_folder", lambda: tmp_path)
    text = "Plant Code,City,row_source,row_attribution\n1,Sand Point,https://example.org,EIA\n"
    (tmp_path / "plants.csv").write_text(text, encoding="utf-8")
    layout = Excel(sheet="Plant", header_row=2)
    table = sources.read(source("2___Plant.xlsx", layout, ["Plant Code"], starter="plants.csv"))
    assert list(table.frame.columns) == ["Plant Code", "City"]
    assert list(table.frame.index) == [2]
    assert (table.input.tier, table.input.name) == ("starter", "plants.csv")


def test_base_geometry_is_read_from_the_package_with_and_without_a_data_folder(tmp_path: Path):
    land = replace(source("land.fgb", Vector(), ["code"]), packaged=True)
    (tmp_path / "land.fgb").write_bytes(b"another file of that name")
    for folder in (None, tmp_path):
        table = sources.read(land, folder)
        assert (table.input.tier, table.input.name) == ("package", "package/land.fgb")
        assert table.frame["code"].eq("CA-QC").sum() == 1
        assert table.geometry is not None
        assert table.geometry.index.equals(table.frame.index)
    with pytest.raises(InputError, match=r"nowhere\.fgb is missing in the package"):
        sources.read(replace(land, path="nowhere.fgb"))
    with pytest.raises(SpecError, match="never optional"):
        replace(land, optional=True)


def test_points_become_degrees_as_text(tmp_path: Path):
    points = gpd.GeoDataFrame(
        {"name": ["Cañón", None], "mw": [3.0, 0.5], "code": [7, 8]},
        geometry=[shapely.Point(500000, 2200000), None],
        crs="EPSG:32614",
    )
    points.to_file(tmp_path / "points.gpkg", engine="pyogrio")
    table = sources.read(source("points.gpkg", Vector(), ["name", "longitude"]), tmp_path)
    assert list(table.frame.index) == [1, 2]
    first = table.frame.loc[1]
    assert [first["name"], first["mw"], first["code"]] == ["Cañón", "3", "7"]
    assert float(first["longitude"]) == pytest.approx(-99.0, abs=1e-9)
    assert float(first["latitude"]) == pytest.approx(19.89624639, abs=1e-7)
    assert table.frame.loc[2, ["name", "longitude", "latitude"]].isna().all()


def test_polygons_become_shapes_in_degrees(tmp_path: Path):
    box = shapely.box(0.1, 0, 1, 1)
    gpd.GeoDataFrame({"id": [1]}, geometry=[box], crs="EPSG:3978").to_file(
        tmp_path / "a.shp", engine="pyogrio"
    )
    table = sources.read(source("a.shp", Vector()), tmp_path)
    assert table.geometry is not None
    assert table.geometry.loc[1].bounds == pytest.approx((-95.0, 49.0, -95.0, 49.0), abs=1e-3)
    assert table.frame.loc[1, "geometry"] == "Polygon of 5 vertices"


def test_checksum_of_a_shapefile_notices_its_attributes(tmp_path: Path):
    told = []
    for value in (1, 2):
        frame = gpd.GeoDataFrame({"id": [value]}, geometry=[shapely.Point(0, 0)], crs="EPSG:4326")
        frame.to_file(tmp_path / "a.shp", engine="pyogrio")
        told.append(sources.read(source("a.shp", Vector()), tmp_path).input.sha256)
    assert told[0] != told[1]


def test_layer_without_crs_takes_the_declared_one(tmp_path: Path):
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=[shapely.Point(-99, 19)], crs="EPSG:4326")
    frame.to_file(tmp_path / "a.shp", engine="pyogrio")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(InputError, match=r"a\.shp: the layer does not say its coordinate system"):
        sources.read(source("a.shp", Vector()), tmp_path)
    table = sources.read(source("a.shp", Vector(crs="EPSG:4326")), tmp_path)
    assert list(table.frame["longitude"]) == ["-99"]


def test_read_all_reads_all_and_skips_the_optional_absent(tmp_path: Path):
    (tmp_path / "a.csv").write_text("k\n1\n", encoding="utf-8")
    wanted = [source("a.csv", name="first"), source("b.csv", name="second", optional=True)]
    assert list(sources.read_all(wanted, tmp_path)) == ["first"]


def test_mojibake_is_seen_and_good_text_is_not():
    bad = pd.Series(["Ã©nergie", "MÃ\x8dXICO", "QuÃ©bec", "Nâ€™Djamena", "caf\ufffd"], dtype="string")
    good = pd.Series(["énergie", "MÉXICO", "São", "ÂGE", "25° N", "Île-à-la-Crosse", None], dtype="string")
    assert sources.looks_like_mojibake(bad).all()
    assert not sources.looks_like_mojibake(good).any()
    spoiled = pd.Series(["Nuevo León", "Québec", "Cañón", "Ávila"], dtype="string")
    for encoding in ("cp1252", "latin-1"):
        twice = spoiled.map(lambda text, e=encoding: text.encode("utf-8").decode(e, errors="replace"))
        assert sources.looks_like_mojibake(twice).all()
