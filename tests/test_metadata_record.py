"""The record knows what the build knows, and every writer says it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from naatlas.metadata import fgdc, iso19139, page
from naatlas.metadata import words as layer_words
from naatlas.metadata.documents import documents, pages
from naatlas.metadata.iso_parts import NAMESPACES
from naatlas.metadata.record import describe
from naatlas.metadata.terms import citation, how_to_cite, terms_of_use
from naatlas.metadata.validate import validate_bytes
from naatlas.model import Finding, Points
from naatlas.spec import LANGUAGES
from naatlas.text import clean
from tests import metadata_samples as samples

WORDS = layer_words.load("power-plants")


@pytest.fixture(scope="module")
def record():
    return samples.record()


def test_the_window_is_measured_and_crosses_180(record):
    assert (round(record.box.west, 3), record.box.east) == (174.1, -73.9)
    assert (record.box.south, record.box.north) == (32.4, 52.7)


def test_no_position_means_no_window():
    data = samples.layer()
    nowhere = Points(*(np.full(3, np.nan) for _ in range(4)))
    assert describe(dataclasses.replace(data, geometry=nowhere), WORDS).box is None


def test_counts_period_and_dictionary_come_from_the_data(record):
    assert record.countries == {"CAN": 1, "USA": 1, "MEX": 1}
    assert record.period == (2016, 2023)
    fields = {field.name: field for field in record.fields}
    assert list(fields) == [field.name for field in samples.SPEC.fields]
    assert (fields["capacity_mw"].unit, fields["nox_t"].unit, fields["hg_kg"].unit) == ("MW", "t", "kg")
    assert (fields["name"].filled, fields["owner"].filled) == (3, 0)
    assert fields["primary_source"].codes == ("geothermal", "hydroelectric", "petroleum")


def test_the_account_of_the_ledger_is_told(record):
    told = " ".join(step.text["en"] for step in record.steps)
    sources = len(record.inputs)
    assert f"Records read: {3 * sources} ({2 * sources} published, {sources} rejected). Features: 3." in told
    assert all(entry.records == 3 for entry in record.inputs)


def test_findings_are_counted_by_severity():
    found = (Finding(rule="r", severity="warning", message="m", count=1234),) * 1001
    told = describe(dataclasses.replace(samples.layer(), findings=found), WORDS)
    assert told.findings["en"] == "Errors: 0, warnings: 1,001, notes: 0"
    assert told.findings["fr"] == "Erreurs : 0, avertissements : 1\u00a0001, remarques : 0"


def test_starter_inputs_and_variants_are_said_first():
    starter = describe(samples.layer(tier="starter"), WORDS)
    assert "starter inputs" in starter.limits[0]["en"]
    variant = describe(samples.layer(variant="min50mw"), WORDS)
    assert variant.title["fr"].endswith("Centrales électriques, 2023 (min50mw)")
    assert "min50mw" in variant.limits[0]["es"]
    assert len({starter.identifier, variant.identifier, samples.record().identifier}) == 3


def test_a_larger_scale_is_said_with_the_separators_of_the_language():
    told = describe(dataclasses.replace(samples.layer(), scale="1M"), WORDS)
    assert told.scale == 1_000_000
    assert "1:1,000,000" in citation(told)["en"]
    assert "1:1\u00a0000\u00a0000" in citation(told)["es"]


def test_gaps_have_their_reason_in_three_languages(record):
    mexico = next(gap for gap in record.gaps if "Mexico" in gap["en"])
    assert mexico["en"].startswith("Mexico: no data for Sulphur dioxide (SO2). The RETC")
    assert mexico["fr"].endswith("Le RETC ne comprend pas le dioxyde de soufre.")


def test_the_same_layer_gives_the_same_bytes_and_the_date_is_not_the_clock(record, monkeypatch):
    assert documents(record) == documents(samples.record())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    later = samples.record()
    assert later.date.isoformat() == "2023-11-14"
    assert later.identifier == record.identifier


def test_fgdc_defines_every_field_and_names_every_agency(record):
    root = etree.fromstring(fgdc.write(record))
    assert [label.text for label in root.iter("attrlabl")] == [field.name for field in record.fields]
    origins = [origin.text for origin in root.iterfind("idinfo/citation/citeinfo/origin")]
    assert origins[1:] == list(record.agencies)
    assert len({entry.publisher for entry in record.inputs}) == len(record.agencies) > 3


def test_free_text_of_iso_stands_in_three_languages(record):
    root = etree.fromstring(iso19139.write(record))
    groups = list(root.iter(f"{{{NAMESPACES['gmd']}}}PT_FreeText"))
    assert len(groups) > 50
    for group in groups:
        given = [e.get("locale") for e in group.iterfind(".//gmd:LocalisedCharacterString", NAMESPACES)]
        assert given == ["#eng", "#fra", "#spa"]


@pytest.mark.parametrize("name", ["metadata/iso19115.xml", "metadata/fgdc.xml"])
def test_both_records_have_all_mandatory_elements(record, name):
    assert validate_bytes(documents(record)[name]) == ()


def test_all_documents_have_their_place(record):
    names = set(documents(record, ("fr",))) | set(pages(record, ("fr",)))
    assert names == {
        "metadata/iso19115.xml",
        "metadata/fgdc.xml",
        "metadata/power-plants_fr.html",
        "How_to_Cite_fr.txt",
        "Terms_of_Use_fr.txt",
    }


def test_the_terms_print_every_attribution_and_flag_what_is_not_sure(record):
    told = terms_of_use(record, "en")
    assert all(entry.licence.attribution in told for entry in record.inputs)
    unsure = [entry for entry in record.inputs if not entry.licence.checked]
    assert unsure
    assert all(entry.source in told for entry in unsure)
    assert WORDS.text("terms_cc_by", "en") in told


def test_the_terms_say_nothing_of_creative_commons_where_there_is_none(record):
    plain = [entry for entry in record.inputs if entry.licence.checked and "CC" not in entry.licence.id]
    told = terms_of_use(dataclasses.replace(record, inputs=tuple(plain)), "fr")
    assert WORDS.text("terms_cc_by", "fr") not in told
    assert WORDS.text("terms_unchecked", "fr") not in told


@pytest.mark.parametrize(
    ("licence", "obliged"), [("CC-BY-SA-4.0", True), ("ODbL-1.0", True), ("CC-BY-4.0", False)]
)
def test_share_alike_is_told_from_attribution(record, licence, obliged):
    entry = record.inputs[0]
    entry = dataclasses.replace(entry, licence=dataclasses.replace(entry.licence, id=licence))
    told = terms_of_use(dataclasses.replace(record, inputs=(entry,)), "en")
    assert ("share-alike" in told) is obliged


def test_the_citation_names_agencies_edition_and_identifier(record):
    told = how_to_cite(record, "es")
    assert told.startswith("Atlas ambiental de América del Norte - Centrales eléctricas, 2023\n")
    assert all(agency in told for agency in record.agencies)
    assert record.identifier in told
    assert documents(record)["How_to_Cite_es.txt"].startswith("\ufeffAtlas".encode())


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=()), min_size=1))
def test_any_text_survives_every_writer(text):
    title = dict.fromkeys(LANGUAGES, text)
    small = dataclasses.replace(_BARE, title=title)
    iso = etree.fromstring(iso19139.write(small))
    path = "gmd:identificationInfo/*/gmd:citation/*/gmd:title/gco:CharacterString"
    assert iso.findtext(path, namespaces=NAMESPACES) == clean(text)
    assert etree.fromstring(fgdc.write(small)).findtext("idinfo/citation/citeinfo/title") == clean(text)
    assert f"<h1>{page.escape(text)}</h1>".encode() in page.write(small, "en")


_BARE = dataclasses.replace(samples.record(), fields=(), inputs=(), classes={})


def test_steps_name_only_sources_that_the_record_describes(record):
    root = etree.fromstring(fgdc.write(record))
    known = {e.text for e in root.iter("srccitea")}
    assert {e.text for e in root.iter("srcused")} == known == {entry.source for entry in record.inputs}


def test_a_layer_made_from_another_claims_no_records_of_its_own(record):
    entry = dataclasses.replace(record.inputs[0], records=0)
    told = etree.fromstring(fgdc.write(dataclasses.replace(record, inputs=(entry,))))
    assert told.findtext(".//srccontr").startswith("file ")
