"""The published schemas: our records are valid against them, faults are told by place, what is missing is said."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec

import pytest
from lxml import etree

from naatlas.errors import UsageError
from naatlas.metadata import fgdc, iso19139, schemas
from naatlas.metadata.iso_parts import NAMESPACES
from tests import metadata_layers

WITHOUT_FGDC = find_spec("pymdwizard") is None
fgdc_schema = pytest.mark.skipif(
    WITHOUT_FGDC,
    reason="the schema of FGDC is not here: pip install --no-deps pymdwizard",
)
GML_2006 = b"http://www.opengis.net/gml"
KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark>{}</Placemark></kml>'
ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "plants",
    "geometry": None,
    "properties": {"datetime": "2023-01-01T00:00:00Z"},
    "links": [],
    "assets": {},
}


@pytest.fixture(scope="module")
def records():
    return metadata_layers.records()


@pytest.fixture(scope="module")
def plants(records):
    return next(record for record in records if (record.slug, record.edition) == ("power-plants", "2023"))


@pytest.fixture
def iso(plants):
    return etree.fromstring(iso19139.write(plants))


@pytest.fixture
def csdgm(plants):
    return etree.fromstring(fgdc.write(plants))


def test_the_iso_record_of_every_layer_is_valid(records):
    assert len(records) > 12
    for record in records:
        told = schemas.check(etree.fromstring(iso19139.write(record)), "iso19139")
        assert told == (), f"{record.slug}, {record.edition}"


@fgdc_schema
def test_the_fgdc_record_of_every_layer_is_valid(records):
    for record in records:
        told = schemas.check(etree.fromstring(fgdc.write(record)), "fgdc")
        assert told == (), f"{record.slug}, {record.edition}"


@pytest.mark.parametrize(
    ("path", "edit", "place", "told"),
    [
        ("gmd:dateStamp/gco:Date", "yesterday", "gmd:dateStamp/gco:Date", "not a valid value"),
        ("gmd:contact", None, "gmd:dateStamp", "Expected is one of ( hierarchyLevel, "),
        ("gmd:identificationInfo", None, "gmd:contentInfo", "Expected is one of"),
        (".//gmd:DQ_QuantitativeResult/gmd:value", None, "gmd:DQ_QuantitativeResult", "Missing child"),
        (".//gco:Decimal", "99 W", "gco:Decimal", "not a valid value"),
        (".//gmd:LI_Source[@id]", "", "gmd:LI_Source", "no ID"),
    ],
)
def test_a_fault_in_an_iso_record_is_told_by_line_and_path(iso, path, edit, place, told):
    element = iso.find(path, NAMESPACES)
    if edit is None:
        element.getparent().remove(element)
    elif edit:
        element.text = edit
    else:
        element.set("id", "no ID: blanks")
    first = schemas.check(iso, "iso19139")[0]
    assert (first.rule, first.severity) == ("schema-invalid", "error")
    assert place in first.where
    assert first.where.startswith("line ")
    assert told in first.message
    assert "{http" not in first.message


@fgdc_schema
@pytest.mark.parametrize(
    ("path", "edit", "place"),
    [
        ("idinfo/spdom/bounding/westbc", "-200", "bounding/westbc"),
        ("idinfo/descript/purpose", None, "idinfo/descript"),
        ("eainfo/detailed/attr/attrdefs", None, "detailed/attr"),
        ("dataqual/lineage/procstep/procdate", "last week", "procstep"),
        ("metainfo/metstdn", None, "metainfo"),
    ],
)
def test_a_fault_in_an_fgdc_record_is_told_by_line_and_path(csdgm, path, edit, place):
    element = csdgm.find(path)
    if edit is None:
        element.getparent().remove(element)
    else:
        element.text = edit
    found = schemas.check(csdgm, "fgdc")
    assert found
    assert all(finding.severity == "error" for finding in found)
    assert place in found[0].where


def test_the_same_fault_in_many_places_is_told_once_with_its_count(iso):
    dates = list(iso.iterfind(".//gmd:LI_ProcessStep/gmd:dateTime/gco:DateTime", NAMESPACES))
    for date in dates:
        date.text = "never"
    found = schemas.check(iso, "iso19139")
    assert [finding.count for finding in found] == [len(dates)]
    assert len(dates) > 3


def test_a_record_of_the_2006_edition_is_judged_and_its_edition_told_once(plants):
    old = iso19139.write(plants).replace(GML_2006 + b"/3.2", GML_2006)
    found = schemas.check(etree.fromstring(old), "iso19139")
    assert [finding.rule for finding in found] == ["schema-edition"]
    assert found[0].severity == "warning"
    spoiled = etree.fromstring(old.replace(b"<gco:Decimal>", b"<gco:Decimal>x"))
    assert [f.rule for f in schemas.check(spoiled, "iso19139")][:2] == ["schema-edition", "schema-invalid"]
    assert spoiled.find(".//{http://www.opengis.net/gml}TimePeriod") is not None  # the record itself stays


def test_kml_is_judged_by_its_schema():
    good = etree.fromstring(
        KML.format("<name>Beauharnois</name><Point><coordinates>-73,45</coordinates></Point>")
    )
    assert schemas.check(good, "kml") == ()
    found = schemas.check(etree.fromstring(KML.format("<Point/><name>after</name>")), "kml")
    assert "name" in found[0].message


def test_stac_is_judged_by_its_core_schema():
    assert schemas.check(ITEM, "stac") == ()
    found = schemas.check(ITEM | {"id": 3}, "stac")
    assert [(finding.where, finding.severity) for finding in found] == [("$.id", "error")]
    found = schemas.check({"type": "Collection", "id": "atlas"}, "stac")
    assert "'license' is a required property" in [finding.message for finding in found]
    json.dumps(ITEM)  # judged, not changed


@pytest.mark.parametrize("standard", ["iso19139", "fgdc", "kml", "stac"])
def test_a_schema_that_is_not_there_is_said_and_how_to_get_it(csdgm, monkeypatch, standard):
    monkeypatch.setattr(schemas, "_package", lambda _: None)
    (note,) = schemas.check(ITEM if standard == "stac" else csdgm, standard)
    assert (note.rule, note.severity) == ("schema-not-consulted", "info")
    assert "was not consulted" in note.message
    assert "pip install" in note.advice
    assert "--schemas DIR" in note.advice


def test_stac_without_its_judge_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    (note,) = schemas.check(ITEM, "stac")
    assert note.rule == "schema-not-consulted"


def test_a_folder_of_schemas_comes_before_the_packages(csdgm, tmp_path):
    inner = tmp_path / "deep" / "er"
    inner.mkdir(parents=True)
    schema = inner / "fgdc-std-001-1998-annotated.xsd"
    schema.write_text(
        '<schema xmlns="http://www.w3.org/2001/XMLSchema"><element name="other"/></schema>', encoding="utf-8"
    )
    (finding,) = schemas.check(csdgm, "fgdc", tmp_path)
    assert "No matching global declaration" in finding.message
    schema.unlink()
    (inner / "fgdc-std-001-1998.xsd").write_text("<schema", encoding="utf-8")
    (finding,) = schemas.check(csdgm, "fgdc", tmp_path)
    assert (finding.rule, finding.severity) == ("schema-not-consulted", "info")
    assert "cannot be read" in finding.message


def test_schemas_of_another_edition_in_the_folder_are_passed_over(iso, tmp_path):
    (tmp_path / "gmx.xsd").write_text("<schema", encoding="utf-8")
    (tmp_path / "crsItem.xsd").write_text(
        '<schema xmlns:gml="http://www.opengis.net/gml"/>', encoding="utf-8"
    )
    assert schemas.check(iso, "iso19139", tmp_path) == ()


def test_a_folder_that_is_none_is_a_mistake_of_the_caller(iso, tmp_path):
    with pytest.raises(UsageError, match="give the folder that holds the schemas"):
        schemas.check(iso, "iso19139", tmp_path / "nowhere")


def test_no_carrier_is_imported_to_reach_its_schema(iso, csdgm):
    schemas.check(iso, "iso19139")
    schemas.check(csdgm, "fgdc")
    assert "pymdwizard" not in sys.modules
