"""The GeoPackage: what GDAL reads back, and what the standard asks for."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from naatlas import framework
from naatlas.errors import ProductError
from naatlas.export import agreement, arrow, gpkg
from naatlas.styles.qml import qml, size_expression
from naatlas.text import clean
from tests import export_samples as samples

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData


def written(data: LayerData, folder: Path, name: str = "a.gpkg"):
    path = folder / name
    gpkg.write(data, path, documents=samples.DOCUMENTS, look=samples.look())
    return path


def rows(path: Path, query: str):
    with closing(sqlite3.connect(path)) as file:
        return file.execute(query).fetchall()


def test_every_value_and_point_survives(tmp_path: Path):
    data = samples.layer(40)
    path = written(data, tmp_path)
    agreement.check_gpkg(data, path)
    meta, table = pyogrio.read_arrow(path, layer="test_plants")
    assert [str(field.type) for field in table.schema][1:] == [
        *["string"] * 5,
        *["double"] * 3,
        *["string"] * 2,
        *["int64"] * 2,
        "bool",
        "double",
        "binary",
    ] or meta["fid_column"]
    assert table["year_online"].type == pa.int64()
    assert table["linked"].type == pa.bool_()
    assert table["linked"].null_count == table["year_online"].null_count > 0


def test_agreement_sees_one_changed_value(tmp_path: Path):
    data = samples.layer(5)
    path = written(data, tmp_path)
    samples.tamper(path, "UPDATE test_plants SET units = units + 1 WHERE fid = 3")
    with pytest.raises(ProductError, match="column units"):
        agreement.check_gpkg(data, path)


def test_crs_is_the_framework_with_its_own_number(tmp_path: Path):
    path = written(samples.layer(3), tmp_path)
    srs = rows(
        path,
        "SELECT srs_id, organization, srs_name FROM gpkg_spatial_ref_sys WHERE srs_id > 0 AND srs_id <> 4326",
    )
    assert len(srs) == 1
    assert srs[0][0] >= 100000
    assert srs[0][1:] == ("NONE", framework.NAME)
    info = pyogrio.read_info(path, layer="test_plants")
    assert framework.explain_crs(info["crs"]) == framework.explain_crs(framework.crs().to_wkt())


def test_basics_of_the_standard(tmp_path: Path):
    path = written(samples.layer(9), tmp_path)
    assert rows(path, "PRAGMA application_id") == [(0x47504B47,)]
    assert rows(path, "PRAGMA user_version")[0][0] >= 10200
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "PRAGMA foreign_key_check") == []
    assert rows(path, "SELECT geometry_type_name, z, m FROM gpkg_geometry_columns") == [("POINT", 0, 0)]
    extensions = {name for (name,) in rows(path, "SELECT extension_name FROM gpkg_extensions")}
    assert extensions == {"gpkg_rtree_index", "gpkg_metadata", "gpkg_schema"}
    assert rows(path, "SELECT count(*) FROM rtree_test_plants_geom") == [(9,)]
    tables = dict(rows(path, "SELECT table_name, data_type FROM gpkg_contents"))
    assert tables == {"test_plants": "features"} | dict.fromkeys(
        ("provenance", "totals", "sources", "ledger_counts", "layer_styles"), "attributes"
    )


RECORDS = ("<metadata/>", "<MD_Metadata>é</MD_Metadata>")


def test_metadata_records_belong_to_the_file_and_to_its_features(tmp_path: Path):
    path = written(samples.layer(3), tmp_path)
    found = rows(
        path,
        "SELECT r.reference_scope, r.table_name, r.column_name, m.metadata, m.md_standard_uri "
        "FROM gpkg_metadata m JOIN gpkg_metadata_reference r ON r.md_file_id = m.id "
        "WHERE m.md_scope = 'dataset' ORDER BY m.id, r.reference_scope",
    )
    assert [row[:4] for row in found] == [
        (*scope, None, text) for text in RECORDS for scope in (("geopackage", None), ("table", "test_plants"))
    ]
    assert ["fgdc" in row[4] for row in found] == [True, True, False, False]
    told = pyogrio.read_info(path, layer="test_plants")["dataset_metadata"]
    assert tuple(told.values()) == RECORDS


def test_each_column_is_described_in_three_languages(tmp_path: Path):
    path = written(samples.layer(3), tmp_path)
    found = rows(
        path,
        "SELECT r.column_name, m.metadata, r.md_parent_id FROM gpkg_metadata m "
        "JOIN gpkg_metadata_reference r ON r.md_file_id = m.id "
        "WHERE r.reference_scope = 'column' AND r.table_name = 'test_plants' ORDER BY m.id",
    )
    assert [row[0] for row in found] == [field.name for field in samples.SPEC.fields]
    assert {row[2] for row in found} == {1}
    told = {name: json.loads(text) for name, text, _ in found}
    assert told["hg_kg"]["unitText"] == "kg"
    assert "unitText" not in told["name"]
    labels = {entry["@language"]: entry["@value"] for entry in told["coal_mw"]["alternateName"]}
    assert labels == samples.WORDS.labels["coal_mw"]
    assert {entry["@language"] for entry in told["units"]["description"]} == {"en", "fr", "es"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_gdal_shows_title_meaning_and_coded_values_of_a_column(tmp_path: Path, language: str):
    path = tmp_path / "a.gpkg"
    gpkg.write(samples.layer(3), path, documents=samples.DOCUMENTS, look=samples.look(language))
    schema = pyogrio.read_arrow(path, layer="test_plants")[1].schema
    told = {name: schema.field(name).metadata for name in ("capacity_mw", "primary_source", "state", "name")}
    label = samples.WORDS.labels["capacity_mw"][language]
    assert told["capacity_mw"][b"GDAL:OGR:alternative_name"].decode() == f"{label} (MW)"
    assert told["name"][b"GDAL:OGR:comment"].decode() == samples.WORDS.definitions["name"][language]
    assert told["primary_source"][b"GDAL:OGR:domain_name"] == b"energy_source"
    assert b"GDAL:OGR:domain_name" not in told["state"]  # kept elsewhere: the file cannot list it
    codes = rows(
        path,
        "SELECT value, description FROM gpkg_data_column_constraints WHERE constraint_name = 'energy_source'",
    )
    assert dict(codes) == {c: t[language] for c, t in samples.WORDS.classes["energy_source"].items()}


def test_labels_that_repeat_are_told_apart(tmp_path: Path):
    words = dataclasses.replace(
        samples.WORDS, labels=samples.WORDS.labels | {"owner": samples.WORDS.labels["name"]}
    )
    path = tmp_path / "a.gpkg"
    look = dataclasses.replace(samples.look(), words=words)
    gpkg.write(samples.layer(2), path, documents={}, look=look)
    query = "SELECT name FROM gpkg_data_columns WHERE column_name IN ('owner', 'name') ORDER BY name"
    assert rows(path, query) == [("Name [name]",), ("Name [owner]",)]
    assert rows(path, "SELECT DISTINCT md_parent_id FROM gpkg_metadata_reference") == [(None,)]


def test_bounds_of_both_sides_become_a_range(tmp_path: Path):
    data = samples.layer(2)
    fields = (*data.spec.fields[:-1], dataclasses.replace(data.spec.fields[-1], low=0.0, high=9.0))
    path = written(samples.with_fields(data, fields), tmp_path)
    found = rows(
        path, "SELECT constraint_name, min, max FROM gpkg_data_column_constraints WHERE value IS NULL"
    )
    assert found == [("pm25_t_range", 0.0, 9.0)]


def test_attribute_tables(tmp_path: Path):
    data = samples.layer(6)
    path = written(data, tmp_path)
    assert rows(path, "SELECT count(*), count(score) FROM provenance") == [(6, 3)]
    assert rows(path, "SELECT id, size_bytes, attribution FROM sources") == [
        ("test-register", 12345, "Data: Ministry of <Tests> & Co.")
    ]
    assert rows(path, 'SELECT "read", published FROM ledger_counts') == [(6, 6)]
    assert len(rows(path, "SELECT * FROM totals")) == 3


def test_default_style_is_found_by_qgis(tmp_path: Path):
    path = written(samples.layer(3), tmp_path)
    found = rows(path, "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles")
    assert found[0][:3] == ("test_plants", "geom", 1)
    root = etree.fromstring(found[0][3].encode())
    labels = [category.get("label") for category in root.iter("category")]
    assert labels == ["Wind", "Coal", "Not stated"]


def test_qml_sizes_by_area_as_the_style_does():
    expression = size_expression(samples.STYLE)
    python = expression.replace('coalesce("capacity_mw", 1)', "value")
    for value in (0.0, 1.0, 250.0, 4000.0, 9000.0):
        names = {"sqrt": np.sqrt, "min": min, "max": max, "value": value}
        found = eval(python, names)  # noqa: S307 - our own expression
        assert found == pytest.approx(samples.STYLE.diameter(value))
    assert "orderByClause" in qml(samples.STYLE, samples.look("fr").class_names())


@pytest.mark.parametrize("count", [0, 1])
def test_empty_and_single(tmp_path: Path, count: int):
    data = samples.layer(count)
    path = written(data, tmp_path)
    agreement.check_gpkg(data, path)
    assert pyogrio.read_info(path, layer="test_plants")["features"] == count


def test_same_data_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    one = written(samples.layer(25), tmp_path, "one.gpkg").read_bytes()
    two = written(samples.layer(25), tmp_path, "two.gpkg").read_bytes()
    assert one == two
    assert b"2022-03-01T00:00:00.000Z" in one


def test_point_without_coordinates_is_null():
    data = samples.layer(3)
    data.points.x[1] = np.nan
    assert arrow.wkb_points(data.points).is_null().to_pylist() == [False, True, False]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=60))
def test_any_text_survives(tmp_path: Path, text: str):
    data = samples.layer(2, texts=(text,))
    path = tmp_path / "t.gpkg"
    path.unlink(missing_ok=True)
    written(data, tmp_path, "t.gpkg")
    assert rows(path, "SELECT DISTINCT name FROM test_plants") == [(clean(text),)]
