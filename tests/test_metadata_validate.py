"""Records that somebody hands in: each mandatory element that is taken away is missed."""

from __future__ import annotations

import pytest
from lxml import etree

from naatlas.errors import InputError
from naatlas.metadata import fgdc, iso19139
from naatlas.metadata.iso_parts import NAMESPACES
from naatlas.metadata.validate import _rules, validate_bytes, validate_record
from tests import metadata_samples as samples

RECORD = samples.record()
ISO, FGDC = iso19139.write(RECORD), fgdc.write(RECORD)


def _without(content: bytes, path: str) -> bytes:
    root = etree.fromstring(content)
    for part in path.split("|"):
        for element in root.findall(part, NAMESPACES):
            element.getparent().remove(element)
    return etree.tostring(root)


@pytest.mark.parametrize("rule", _rules("iso19139.csv"), ids=lambda rule: rule["path"][-60:])
def test_each_mandatory_element_of_iso_is_missed(rule):
    found = validate_bytes(_without(ISO, rule["path"]))
    assert any(f.rule == "metadata-missing" and rule["what"] in f.message for f in found)


@pytest.mark.parametrize(
    ("parent", "child"),
    [(rule["parent"], child) for rule in _rules("fgdc.csv") for child in rule["children"].split()],
)
def test_each_mandatory_element_of_fgdc_is_missed(parent, child):
    path = child if parent == "metadata" else f".//{parent}/{child}"
    found = validate_bytes(_without(FGDC, path))
    assert any(
        f.rule == "metadata-missing" and f"CSDGM {parent}" in f.message and child in f.message for f in found
    )


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b">Proj4<", b">EPSG 9001<", "reference system"),
        (b"Metadata; Profil", b"Meta; Profil", "exact name of the standard"),
        (RECORD.identifier.encode(), b"plants-1", "UUID"),
        (b"info@cec.org", b"nobody", "e-mail"),
    ],
)
def test_a_wrong_value_is_named(old, new, what):
    found = validate_bytes(ISO.replace(old, new))
    assert [(f.rule, what in f.message) for f in found] == [("metadata-invalid", True)]


def test_a_text_that_lacks_a_declared_language_is_a_warning():
    path = "gmd:identificationInfo/*/gmd:abstract/gmd:PT_FreeText/gmd:textGroup[3]"
    found = validate_bytes(_without(ISO, path))
    assert [(f.rule, f.severity, f.message) for f in found] == [
        ("metadata-language", "warning", "abstract: not in all declared languages, #spa missing")
    ]


def test_free_text_without_character_string_is_an_error():
    found = validate_bytes(_without(ISO, "gmd:identificationInfo/*/gmd:purpose/gco:CharacterString"))
    assert [f.message for f in found] == [
        "purpose: PT_FreeText without CharacterString, which catalogues lose"
    ]


def test_other_xml_and_no_xml_are_told_apart():
    assert [f.rule for f in validate_bytes(b"<kml/>")] == ["metadata-unknown"]
    assert [f.rule for f in validate_bytes(ISO[: len(ISO) // 2])] == ["xml-not-well-formed"]
    assert [f.rule for f in validate_bytes(b"")] == ["xml-not-well-formed"]


def test_entities_of_a_foreign_record_stay_closed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    bomb = f'<!DOCTYPE metadata [<!ENTITY x SYSTEM "{secret.as_uri()}">]><metadata><idinfo>&x;</idinfo></metadata>'
    found = validate_bytes(bomb.encode())
    assert found
    assert not any("secret" in f.message for f in found)


def test_a_file_is_read_and_a_missing_one_is_one_line(tmp_path):
    path = tmp_path / "record.xml"
    path.write_bytes(FGDC)
    assert validate_record(path) == ()
    with pytest.raises(InputError, match="cannot be read"):
        validate_record(tmp_path / "none.xml")
