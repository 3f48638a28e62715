"""A bad file is one line that says what, where and what to do; never a traceback."""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

from naatlas import sources
from naatlas.errors import InputError
from naatlas.sources import archive
from naatlas.spec import Csv, Excel, Vector
from tests.sources_kit import source, workbook

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.spec import Source

PLANT = Excel(sheet="Plant")


def refused(declared: Source, data: Path) -> str:
    with pytest.raises(InputError) as caught:
        sources.read(declared, data)
    message = str(caught.value)
    assert "\n" not in message
    assert str(data) not in message
    return message


def test_missing_file_says_where_to_get_it(tmp_path: Path):
    message = refused(source("usa/a.csv"), tmp_path)
    assert message == "usa/a.csv: not found (source register); get it from https://www.cec.org/register"


def test_missing_data_folder(tmp_path: Path):
    with pytest.raises(InputError, match="not a folder; name the folder that holds the national files"):
        sources.read(source("a.csv"), tmp_path / "nowhere")


def test_no_starter_rows():
    with pytest.raises(
        InputError, match=r"no starter rows for A register; name a data folder that holds a\.csv, from https"
    ):
        sources.read(source("a.csv"))


def test_several_without_starter_rows_are_told_in_one_line():
    two = [replace(source(f"{name}.csv"), id=name) for name in ("one", "two")]
    with pytest.raises(
        InputError, match=r"starter rows for 2 inputs \(one, two\): get the files from https"
    ) as told:
        sources.read_all(two)
    assert str(told.value).count("https://www.cec.org/register") == 1
    assert "\n" not in str(told.value)


def test_folder_in_place_of_a_file(tmp_path: Path):
    (tmp_path / "a.csv").mkdir()
    assert "is a folder" in refused(source("a.csv"), tmp_path)


@pytest.mark.parametrize("layout", [Csv(), PLANT, Vector()])
def test_empty_file(tmp_path: Path, layout: Csv | Excel | Vector):
    (tmp_path / "a.dat").write_bytes(b"")
    assert refused(source("a.dat", layout), tmp_path) == "a.dat: the file is empty; download it again"


def test_wrong_encoding_names_byte_line_and_what_would_do(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("k,v\n1,a\n2,Montréal\n".encode("cp1252"))
    message = refused(source("a.csv"), tmp_path)
    assert message.startswith(
        "a.csv: byte 15 (0xe9, line 3) is not utf-8, as declared; it would decode as cp1252"
    )
    assert "utf-8 or" not in message


def test_utf8_with_mark_is_not_read_as_cp1252(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("k\né\n".encode("utf-8-sig"))
    assert "byte order mark of utf-8-sig" in refused(source("a.csv", Csv(encoding="cp1252")), tmp_path)


def test_unknown_encoding_and_utf16(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("k\n1\n".encode("utf-16-le"))
    assert "knows no encoding 'utf-99'" in refused(source("a.csv", Csv(encoding="utf-99")), tmp_path)
    assert "NUL characters" in refused(source("a.csv"), tmp_path)


def test_renamed_column_names_the_nearest_header(tmp_path: Path):
    (tmp_path / "a.csv").write_text("Plant_Code,Latitude\n1,2\n", encoding="utf-8")
    message = refused(source("a.csv", columns=["Plant Code", "Latitude", "Zürich"]), tmp_path)
    assert 'column "Plant Code" is missing (renamed? nearest is "Plant_Code")' in message
    assert 'column "Zürich" is missing (no header is like it)' in message


def test_column_of_the_totals_must_be_there_too(tmp_path: Path):
    (tmp_path / "a.csv").write_text("k\n1\n", encoding="utf-8")
    assert 'column "Núm." is missing' in refused(source("a.csv", totals=("Núm.", "^TOTAL")), tmp_path)


def test_header_that_stands_twice_matters_only_where_declared(tmp_path: Path):
    (tmp_path / "a.csv").write_text("MW,MW,k\n1,2,3\n", encoding="utf-8")
    assert 'column "MW" stands 2 times' in refused(source("a.csv", columns=["MW"]), tmp_path)
    assert sources.read(source("a.csv", columns=["k"]), tmp_path).frame.shape == (1, 3)


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n1,2,3\n", "a,b\n1,2,3\n", "a,b\n1,2,3,4\n", "a,b\n1,2\n1,2,3,4\n"]
)
def test_records_longer_than_the_header(tmp_path: Path, text: str):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    message = refused(source("a.csv"), tmp_path)
    assert "more cells than the header" in message or "do not fit the 2 headers" in message


def test_quote_that_never_closes(tmp_path: Path):
    (tmp_path / "a.csv").write_text('a,b\n1,"2\n3,4\n', encoding="utf-8")
    assert "do not fit the 2 headers (EOF inside string" in refused(source("a.csv"), tmp_path)


def test_header_row_that_is_empty(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a,b\n\n1,2\n", encoding="utf-8")
    assert "record 2 should be the header but is empty" in refused(
        source("a.csv", Csv(header_row=2)), tmp_path
    )
    workbook(tmp_path / "a.xlsx", [["a"], ["1"]], below=2)
    assert "row 1 of sheet 'Plant'" in refused(source("a.xlsx", PLANT), tmp_path)
    assert "row 9 of sheet" in refused(source("a.xlsx", Excel(sheet="Plant", header_row=9)), tmp_path)


def test_wrong_sheet_lists_the_sheets(tmp_path: Path):
    workbook(tmp_path / "a.xlsx", [["a"]], sheet="Operable")
    assert refused(source("a.xlsx", PLANT), tmp_path) == "a.xlsx: has no sheet 'Plant'; it has 'Operable'"


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_truncated_workbook(tmp_path: Path, share: float):
    whole = workbook(tmp_path / "a.xlsx", [["a"], *[[f"{i}"] for i in range(500)]]).read_bytes()
    (tmp_path / "a.xlsx").write_bytes(whole[: int(len(whole) * share)])
    assert "a.xlsx: not a readable workbook" in refused(source("a.xlsx", PLANT), tmp_path)


def test_text_in_place_of_a_workbook(tmp_path: Path):
    (tmp_path / "a.xlsx").write_text("<html>404</html>", encoding="utf-8")
    assert "not a readable workbook" in refused(source("a.xlsx", PLANT), tmp_path)


def test_truncated_and_damaged_gzip(tmp_path: Path):
    whole = gzip.compress(b"k\n" + bytes(range(48, 58)) * 1000)
    (tmp_path / "a.csv.gz").write_bytes(whole[:-12])
    assert "damaged or cut off gzip file" in refused(source("a.csv.gz"), tmp_path)
    (tmp_path / "a.csv.gz").write_bytes(whole[:20] + b"\xff" * 8 + whole[28:])
    assert "damaged or cut off gzip file" in refused(source("a.csv.gz"), tmp_path)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b""))
    assert "empty inside" in refused(source("a.csv.gz"), tmp_path)


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return path


def test_zip_without_the_member_lists_what_it_holds(tmp_path: Path):
    zipped(tmp_path / "a.zip", {"b.csv": b"k\n", "c.txt": b"x"})
    message = refused(source("a.zip", Csv(member="a.csv")), tmp_path)
    assert message == "a.zip: is a zip and has no member 'a.csv'; it holds b.csv, c.txt"
    assert "no member is declared" in refused(source("a.zip"), tmp_path)


def test_truncated_zip_and_damaged_member(tmp_path: Path):
    whole = zipped(tmp_path / "a.zip", {"b.csv": bytes(range(256)) * 64}).read_bytes()
    (tmp_path / "a.zip").write_bytes(whole[:-30])
    assert "not a zip file, or cut off" in refused(source("a.zip", Csv(member="b.csv")), tmp_path)
    (tmp_path / "a.zip").write_bytes(whole[:60] + b"\xff" * 20 + whole[80:])
    assert "member 'b.csv' is damaged" in refused(source("a.zip", Csv(member="b.csv")), tmp_path)


@pytest.mark.parametrize("inside", ["../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a\\..\\..\\evil.csv"])
@pytest.mark.parametrize("layout", [Csv(member="b.csv"), Vector()])
def test_zip_with_a_path_that_climbs_out(tmp_path: Path, inside: str, layout: Csv | Vector):
    zipped(tmp_path / "a.zip", {"b.csv": b"k\n1\n", inside: b"k\n"})
    assert "climbs out of the archive" in refused(source("a.zip", layout), tmp_path)


def test_encrypted_member(tmp_path: Path):
    path = zipped(tmp_path / "a.zip", {"b.csv": b"k\n1\n"})
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refused(source("a.zip", Csv(member="b.csv")), tmp_path)


@pytest.mark.parametrize("kind", ["zip", "gz", "xlsx"])
def test_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, kind: str):
    zeros = bytes(archive.HARMLESS_BYTES + 1)
    path = tmp_path / f"a.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(zeros))
    else:
        zipped(path, {"b.csv": zeros})
    layout = PLANT if kind == "xlsx" else Csv(member="b.csv")
    assert "looks like a zip bomb" in refused(source(path.name, layout), tmp_path)


def test_size_beyond_any_register_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 10)
    zipped(tmp_path / "a.zip", {"b.csv": b"k\n1\n" * 10})
    assert "40" in refused(source("a.zip", Csv(member="b.csv")), tmp_path)


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.fgb", "a.zip"])
def test_damaged_vector_file(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(b"not what it says" * 10)
    message = refused(source(name, Vector()), tmp_path)
    assert message.startswith(f"{name}: ")


@pytest.mark.parametrize("cut", ["a.gpkg", "a.geojson", "a.fgb", "a.shp", "a.dbf", "a.shx"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_truncated_vector_file_never_reads_as_fewer_features(tmp_path: Path, cut: str, share: float):
    name = "a.shp" if cut in {"a.dbf", "a.shx"} else cut
    points = gpd.points_from_xy([-100.0 + i / 10 for i in range(300)], [45.0] * 300)
    gpd.GeoDataFrame({"a": range(300)}, geometry=points, crs="EPSG:4326").to_file(
        tmp_path / name, engine="pyogrio"
    )
    whole = (tmp_path / cut).read_bytes()
    (tmp_path / cut).write_bytes(whole[: int(len(whole) * share)])
    assert refused(source(name, Vector()), tmp_path).startswith(f"{name}: ")


def test_layer_that_is_not_there(tmp_path: Path):
    text = '{"type":"FeatureCollection","name":"plants","features":[{"type":"Feature","properties":{"a":1},'
    text += '"geometry":{"type":"Point","coordinates":[-99,19]}}]}'
    (tmp_path / "a.geojson").write_text(text, encoding="utf-8")
    assert "has no layer 'wells'; it has plants" in refused(
        source("a.geojson", Vector(layer="wells")), tmp_path
    )


def test_read_all_tells_everything_at_once(tmp_path: Path):
    (tmp_path / "b.csv").write_text("Kind\n1\n", encoding="utf-8")
    (tmp_path / "d.csv").write_text("k\n1\n", encoding="utf-8")
    wanted = [
        source("a.csv", name="first"),
        source("b.csv", columns=["kind of", "MW"], name="second"),
        source("c.csv", name="third", optional=True),
        source("d.csv", name="fourth"),
    ]
    with pytest.raises(InputError) as caught:
        sources.read_all(wanted, tmp_path)
    lines = str(caught.value).splitlines()
    assert lines[0] == "2 inputs cannot be read:"
    assert lines[1].startswith("  a.csv: not found (source first)")
    assert '"kind of"' in lines[2]
    assert '"MW"' in lines[2]
    assert len(lines) == 3
