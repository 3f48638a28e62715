"""The shapefile and its package: names, widths, characters, nulls, layout."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from typing import TYPE_CHECKING

import fiona
import pytest

from naatlas import framework
from naatlas.errors import ProductError
from naatlas.export import agreement, package, shapefile
from naatlas.text import cut
from tests import export_samples as samples

if TYPE_CHECKING:
    from pathlib import Path

STEM = "NA_TestPlants_2022"


def dbf_fields(path: Path):
    """Return name, type, width and decimals of each field, from the bytes of the header."""
    head = path.read_bytes()
    size = struct.unpack("<H", head[8:10])[0]
    fields = [head[at : at + 32] for at in range(32, size - 1, 32)]
    return [(told[:11].split(b"\0")[0].decode(), chr(told[11]), told[16], told[17]) for told in fields]


def test_declared_names_widths_and_decimals(tmp_path: Path):
    data = samples.layer(40)
    shapefile.write(data, tmp_path, words=samples.WORDS)
    fields = dbf_fields(tmp_path / f"{STEM}.dbf")
    assert [name for name, *_ in fields] == [field.dbf for field in data.spec.fields if field.dbf]
    told = {name: tuple(rest) for name, *rest in fields}
    assert told["AtlasID"] == ("C", 10, 0)
    assert told["Facility"] == ("C", 254, 0)
    assert told["Total_MW"] == ("N", 8, 1)
    assert told["Hg_kg"][2] == 3
    assert told["YearOnline"] == ("N", 4, 0)
    assert told["Linked"] == ("L", 1, 0)


def test_date_in_the_header_is_the_vintage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shapefile.write(samples.layer(2), tmp_path, words=samples.WORDS)
    assert tuple((tmp_path / f"{STEM}.dbf").read_bytes()[1:4]) == (122, 3, 1)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    shapefile.write(samples.layer(2), tmp_path, words=samples.WORDS)
    assert tuple((tmp_path / f"{STEM}.dbf").read_bytes()[1:4]) == (123, 11, 14)


def test_projection_and_code_page(tmp_path: Path):
    shapefile.write(samples.layer(2), tmp_path, words=samples.WORDS)
    assert (tmp_path / f"{STEM}.prj").read_text(encoding="ascii") == framework.ESRI_WKT
    assert (tmp_path / f"{STEM}.cpg").read_text(encoding="ascii").strip() == "UTF-8"


def test_values_nulls_and_accents_read_back(tmp_path: Path):
    data = samples.layer(12)
    cuts = shapefile.write(data, tmp_path, words=samples.WORDS)
    with fiona.open(tmp_path / f"{STEM}.shp") as file:
        records = [dict(record.properties) for record in file]
    assert [record["AtlasID"] for record in records] == data.frame["atlas_id"].tolist()
    assert records[2]["Coal_MW"] is records[2]["YearOnline"] is records[2]["Linked"] is None
    assert records[1]["YearOnline"] == 1951
    assert records[5]["Facility"] == samples.EVIL[5]
    assert records[4]["Facility"] == "Å" * 127
    assert cuts == (shapefile.Cut("TST-000004", "name", 600),)


def test_texts_that_do_not_fit_are_findings():
    found = shapefile.findings(samples.layer(25))
    assert [(one.rule, one.where, one.count, one.ids) for one in found] == [
        ("shapefile-text-cut", "name", 3, ("TST-000004", "TST-000014", "TST-000024"))
    ]
    assert "600 bytes" in found[0].message
    assert shapefile.findings(samples.layer(4)) == []


@pytest.mark.parametrize("count", [0, 1])
def test_empty_and_single(tmp_path: Path, count: int):
    data = samples.layer(count)
    package.write(data, tmp_path / "a.zip", documents={}, words=samples.WORDS)
    agreement.check_shapefile(data, tmp_path / "a.zip")


def test_field_map_names_every_column_in_three_languages(tmp_path: Path):
    shapefile.write(samples.layer(3), tmp_path, words=samples.WORDS)
    told = list(csv.DictReader(io.StringIO((tmp_path / "fields.csv").read_text(encoding="utf-8-sig"))))
    assert [(row["dbf_name"], int(row["width"])) for row in told] == [
        (name, width) for name, _, width, _ in dbf_fields(tmp_path / f"{STEM}.dbf")
    ]
    row = next(row for row in told if row["name"] == "capacity_mw")
    assert (row["unit"], row["dbf_type"], row["decimals"], row["label_fr"]) == (
        "MW",
        "N",
        "1",
        "Capacity mw (fr)",
    )


def test_package_layout_and_agreement(tmp_path: Path):
    data, path = samples.layer(20), tmp_path / "a.zip"
    package.write(data, path, documents=samples.DOCUMENTS, words=samples.WORDS)
    agreement.check_shapefile(data, path)
    names = zipfile.ZipFile(path).namelist()
    for ending in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        assert f"NA_TestPlants/data/{STEM}{ending}" in names
    assert {"NA_TestPlants/How_to_Cite_fr.txt", "NA_TestPlants/Terms_of_Use_es.txt"} <= set(names)
    assert "NA_TestPlants/metadata/iso19115.xml" in names
    assert not any("report" in name or "rejected" in name for name in names)
    assert sorted(tmp_path.iterdir()) == [path]


def test_agreement_sees_another_frame(tmp_path: Path):
    package.write(samples.layer(20), tmp_path / "a.zip", documents={}, words=samples.WORDS)
    with pytest.raises(ProductError, match="20 features where the layer has 19"):
        agreement.check_shapefile(samples.layer(19), tmp_path / "a.zip")
    other = samples.layer(20)
    other.frame.loc[3, "capacity_mw"] += 50
    with pytest.raises(ProductError, match="capacity_mw sums to"):
        agreement.check_shapefile(other, tmp_path / "a.zip")


def test_same_data_same_bytes(tmp_path: Path):
    for name in ("one.zip", "two.zip"):
        package.write(samples.layer(20), tmp_path / name, documents=samples.DOCUMENTS, words=samples.WORDS)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_cut_never_splits_a_character():
    assert cut("é" * 200, 253) == "é" * 126
    assert cut("a\U0001f32cb", 4) == "a"
    assert cut("short", 254) == "short"
