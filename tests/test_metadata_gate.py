"""No metadata, no layer: the gate finds every kind of hole and says where to fill it."""

from __future__ import annotations

import dataclasses

import pytest

from naatlas.errors import GateError
from naatlas.metadata import documents as documents_of
from naatlas.metadata import words as layer_words
from naatlas.metadata.drafting import completed
from naatlas.metadata.gate import check, check_documents, check_words, errors, gate
from naatlas.metadata.record import describe
from naatlas.metadata.words import HOLE
from naatlas.model import Finding
from tests import metadata_samples as samples

WORDS = layer_words.load("power-plants")


def _with_text(name, **changes):
    texts = dict(WORDS.texts)
    texts[name] = {**texts[name], **changes}
    return dataclasses.replace(WORDS, texts=texts)


def _rules(words):
    return [(finding.rule, finding.where) for finding in check_words(words, samples.SPEC)]


def test_the_layer_itself_passes():
    record = samples.record()
    found = check(record, WORDS, samples.SPEC)
    assert [f.rule for f in found if f.severity == "error"] == []
    gate(found)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"fr": " "}, "text-missing"),
        ({"es": WORDS.text("abstract", "en")}, "text-untranslated"),
        ({"en": "Abstract, to be written."}, "text-placeholder"),
        ({"fr": "TODO: résumé"}, "text-placeholder"),
    ],
)
def test_a_poor_text_is_found(change, rule):
    assert _rules(_with_text("abstract", **change)) == [(rule, "texts.abstract")]


def test_spanish_todo_is_a_word_and_not_a_placeholder():
    assert _rules(_with_text("abstract", es="Todas las centrales de todo el continente.")) == []


def test_a_required_text_that_is_not_there_is_found():
    told = dataclasses.replace(WORDS, texts={**WORDS.texts, "lineage": HOLE})
    (found,) = check_words(told, samples.SPEC)
    assert (found.rule, found.where) == ("text-missing", "texts.lineage")
    assert found.message == "the text is missing in en, fr, es"


def test_a_field_without_words_and_words_without_field_are_found():
    labels = {name: text for name, text in WORDS.labels.items() if name != "owner"}
    told = dataclasses.replace(WORDS, labels=labels, own=(*WORDS.own, "horsepower"))
    assert set(_rules(told)) == {
        ("field-without-words", "fields.owner"),
        ("words-without-field", "fields.horsepower"),
    }


def test_a_class_list_that_is_not_there_is_found():
    classes = {name: codes for name, codes in WORDS.classes.items() if name != "plant_status"}
    assert _rules(dataclasses.replace(WORDS, classes=classes)) == [
        ("class-list-missing", "classes.plant_status")
    ]


def test_uneven_keywords_and_missing_topics_are_found():
    told = dataclasses.replace(WORDS, keywords={**WORDS.keywords, "fr": ("centrale",)}, topics=())
    assert _rules(told) == [("text-missing", "topics"), ("keywords-uneven", "keywords")]


def test_a_class_in_the_data_without_label_is_found():
    features = samples.frame()
    features.loc[0, "primary_source"] = "perpetual_motion"
    record = describe(samples.layer(features=features), WORDS)
    found = [f for f in check(record, WORDS, samples.SPEC) if f.severity == "error"]
    assert [(f.rule, f.where) for f in found] == [("class-without-label", "primary_source")]
    assert "'perpetual_motion'" in found[0].message


def test_an_empty_layer_is_found():
    record = samples.record(box=None, inputs=())
    rules = [f.rule for f in check(record, WORDS, samples.SPEC) if f.severity == "error"]
    assert rules == ["extent-empty", "lineage-empty"]


def test_the_gate_lists_every_error_and_where_to_write_it():
    told = dataclasses.replace(_with_text("abstract", es=""), topics=())
    with pytest.raises(GateError) as stopped:
        describe(samples.layer(), told)
    message = str(stopped.value)
    assert message.startswith("2 error(s); nothing was published:")
    assert (
        "texts.abstract: the text is missing in es; write it in naatlas/metadata/power-plants.yaml" in message
    )
    assert "topics" in message


def test_only_errors_block():
    gate(
        [Finding(rule="r", severity="warning", message="m"), Finding(rule="r", severity="info", message="m")]
    )
    with pytest.raises(GateError, match="1 error"):
        gate([Finding(rule="r", severity="error", message="bad", advice="mend it")])


def test_the_written_records_are_judged_too():
    written = documents_of.documents(samples.record())
    assert check_documents(written) == ()
    broken = (
        written["metadata/fgdc.xml"].replace(b"<purpose>", b"<purpos>").replace(b"</purpose>", b"</purpos>")
    )
    found = check_documents(written | {"metadata/fgdc.xml": broken})
    assert found
    assert all(f.severity == "error" for f in found)
    assert all(f.where.startswith("metadata/fgdc.xml") for f in found)
    with pytest.raises(GateError, match=r"metadata/fgdc\.xml.*purpose"):
        gate(found)


def test_the_written_records_are_held_to_the_published_schema():
    pytest.importorskip("pycsw", reason="the schemas of ISO 19139 come with the validate extra")
    written = documents_of.documents(samples.record())
    strange = written["metadata/iso19115.xml"].replace(
        b"<gmd:hierarchyLevel>", b"<gmd:strange/><gmd:hierarchyLevel>", 1
    )
    assert strange != written["metadata/iso19115.xml"]
    found = check_documents({"metadata/iso19115.xml": strange})
    assert any("strange" in finding.message for finding in found)


def _hollow():
    """Words with every kind of hole."""
    return dataclasses.replace(
        WORDS,
        texts={**WORDS.texts, "title": HOLE, "abstract": {**WORDS.texts["abstract"], "fr": "TODO"}},
        keywords={**WORDS.keywords, "fr": (), "es": ("energía",)},
        labels={name: text for name, text in WORDS.labels.items() if name != "owner"},
        definitions={name: text for name, text in WORDS.definitions.items() if name != "owner"},
        classes={name: codes for name, codes in WORDS.classes.items() if name != "plant_status"},
        own=(*WORDS.own, "horsepower"),
        topics=(),
    )


def test_a_draft_gets_words_that_every_writer_can_use():
    told = completed(_hollow(), samples.SPEC)
    assert len(check_words(_hollow(), samples.SPEC)) > 6
    assert check_words(told, samples.SPEC) == ()
    assert told.texts["title"]["fr"] == "[pas encore rédigé : title]"
    assert told.texts["purpose"] == WORDS.texts["purpose"]
    written = documents_of.documents(describe(samples.layer(), told))
    assert errors(check_documents(written)) == ()


def test_words_that_are_whole_stay_as_they_are():
    assert completed(WORDS, samples.SPEC) == WORDS
