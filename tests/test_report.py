"""The report says what the layer is made of, escapes what it shows, and is the same each time."""

from __future__ import annotations

import csv
import dataclasses
import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from naatlas import report
from naatlas.ledger import Ledger
from naatlas.model import Finding
from naatlas.report.page import _words, number
from naatlas.spec import LANGUAGES, OutlierRule
from naatlas.styles import Style
from tests.quality_samples import SPEC, WORDS, layer, ledger

STYLE = Style(
    slug="sample-plants",
    field="primary_source",
    class_list="energy_source",
    colours={"coal": "#3b3b3b", "natural_gas": "#e07b39", "hydroelectric": "#1f78b4"},
    size_field=None,
    size_range=(1.0, 1.0),
    size_limits=(0.0, 1.0),
)
FINDINGS = (
    Finding(rule="b-note", severity="info", message="a note", where="USA"),
    Finding(
        rule="a-warning", severity="warning", message="is <script>x</script>", advice="do", ids=("USA-1",) * 9
    ),
    Finding(rule="c-error", severity="error", message="wrong", where="capacity_mw"),
)


def told(**changes: object) -> dict:
    data = dataclasses.replace(layer(FINDINGS), **changes)
    return report.build(data, words=WORDS, style=STYLE)


def page(language: str = "en", **changes: object):
    return parser.fromstring(report.html(told(**changes), language).decode("utf-8"))


def test_the_report_is_plain_data_and_the_same_each_time():
    one, two = told(), told()
    text = json.dumps(one, ensure_ascii=False, allow_nan=False, sort_keys=True)
    assert text == json.dumps(two, ensure_ascii=False, allow_nan=False, sort_keys=True)
    assert report.html(one, "fr") == report.html(json.loads(text), "fr")


def test_totals_add_up_and_absent_is_not_zero():
    capacity, co2 = told()["totals"]["quantities"]
    assert capacity["total"] == {"CAN": 5428.0, "USA": 6360.5, "total": 11788.5}
    assert [r["code"] for r in capacity["rows"]] == ["coal", "natural_gas", "hydroelectric"]
    assert co2["rows"] == [{"code": "coal", "CAN": None, "USA": 9e6, "total": 9e6}]
    assert co2["total"]["CAN"] is None
    cells = page().xpath("//h3[contains(., 'Co2 t')]/following-sibling::div[1]//tr[@class='total']/td/text()")
    assert [c.strip() for c in cells] == ["\u2013", "9,000,000", "9,000,000"]


def test_rows_and_reasons_are_accounted():
    accounts = told()["accounts"]
    us = next(line for line in accounts["rows"] if line["source"] == "us-plants")
    assert (us["read"], us["aggregated"], us["published"], us["rejected"], us["control"]) == (5, 2, 1, 1, 1)
    lost = next(line for line in accounts["left_out"] if line["state"] == "rejected")
    assert (lost["reason"], lost["rows"], lost["capacity_mw"]) == ("no coordinates", 1, 12.5)
    assert page().xpath("//h2[@id='left_out']/following-sibling::div[1]//td[text()='no coordinates']")


def test_findings_are_by_severity_and_escaped():
    assert [f["rule"] for f in told()["findings"]] == ["c-error", "a-warning", "b-note"]
    tree = page()
    assert not tree.xpath("//script")
    assert tree.xpath("//td[contains(., 'is <script>x</script>')]")
    assert tree.xpath("//td[contains(., 'first 5 of 9')]")
    heads = [" ".join(h.text_content().split()) for h in tree.xpath("//h3[span[contains(@class, 'tag')]]")]
    assert heads == ["Errors 1", "Warnings 1", "Notes 1"]


def test_differing_years_are_warned_on_top():
    assert page().xpath("//p[@class='note'][contains(., 'different years')]")
    data = layer()
    assert not page(inputs=data.inputs[:1]).xpath("//p[@class='note']")


def test_outliers_stand_with_name_and_reason():
    rule = OutlierRule(field="capacity_mw", ceiling=5000.0, why="five times a gigawatt")
    spec = dataclasses.replace(SPEC, outliers=(rule,))
    (value,) = told(spec=spec)["outliers"]["values"]
    assert (value["id"], value["value"], value["score"]) == ("CAN-1", 5428.0, None)
    row = page(spec=spec).xpath("//h2[@id='outliers']/following-sibling::div[1]//tbody/tr")[0].text_content()
    assert "Centrale Île-à-l'Échelle" in row
    assert "physical limit of 5,000 (five times a gigawatt)" in row


def test_what_became_of_the_ids_is_told_only_when_an_edition_before_was_given():
    assert told()["ids"] is None
    fates = pd.DataFrame(
        {
            "atlas_id": ["CAN-1", "USA-9", "USA-2"],
            "fate": ["kept", "ended", "new"],
            "name": ["a", "b", None],
            "reason": ["", "gone", ""],
        }
    )
    ids = told(tables={"ids": fates})["ids"]
    assert ids["counts"] == {"ended": 1, "kept": 1, "new": 1}
    assert [line["id"] for line in ids["changed"]] == ["USA-9", "USA-2"]
    assert page(tables={"ids": fates}).xpath("//h2[@id='ids']")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_and_the_page_needs_nothing_else(language: str):
    assert all(text[language].strip() for text in _words().values())
    tree = page(language)
    assert tree.get("lang") == language
    assert tree.xpath("//h1")[0].text_content().endswith("2023")
    assert not tree.xpath("//link | //img | //@src | //script")
    assert _words()["accounts"][language] in tree.text_content()
    anchors = {a.lstrip("#") for a in tree.xpath("//nav//@href")}
    assert anchors <= set(tree.xpath("//@id"))


def test_a_layer_without_style_is_summed_by_country():
    data = layer()
    totals = report.build(data, words=WORDS)["totals"]
    assert totals["by"] == "country"
    assert [r["code"] for r in totals["quantities"][0]["rows"]] == ["CAN", "USA"]


def test_rejects_and_corrections_open_in_a_spreadsheet():
    for content in (report.rejected_csv(ledger()), report.corrections_csv(ledger())):
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\r\n") == 2
    (row,) = csv.DictReader(io.StringIO(report.rejected_csv(ledger()).decode("utf-8-sig")))
    assert row == {
        "source": "us-plants",
        "row": "5",
        "reason": "no coordinates",
        "original": "id=D; name=Lost",
    }
    (row,) = csv.DictReader(io.StringIO(report.corrections_csv(ledger()).decode("utf-8-sig")))
    assert (row["old"], row["new"], row["decided_by"]) == ("63.9", "-63.9", "rule: sign")
    assert report.rejected_csv(Ledger()).decode("utf-8-sig") == "source,row,reason,original\r\n"


def test_numbers_are_written_as_each_language_does():
    assert number(1234567.891, 1, language="en") == "1,234,567.9"
    assert number(1234567.891, 1, language="fr") == "1\u202f234\u202f567,9"
    assert number(1234567.891, 1, language="es") == "1\u202f234\u202f567.9"
    assert number(0.0, 1, language="en") == "0.0"
    assert number(0.02, 1, language="en") == "0.02"
    assert number(None, language="en") == ""


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_a_small_number_never_reads_as_zero(value: float):
    assert number(value, 1, language="en") not in {"0", "0.0"}


def test_pages_in_three_languages_link_to_each_other():
    told_pages = report.pages(told(), ("fr", "en", "es"))
    assert list(told_pages) == ["report.html", "report_en.html", "report_es.html"]
    for language, page in zip(("fr", "en", "es"), told_pages.values(), strict=True):
        root = parser.fromstring(page.decode("utf-8"))
        assert root.get("lang") == language
        links = {a.get("hreflang"): a.get("href") for a in root.iterfind(".//a[@hreflang]")}
        assert links == {"fr": "report.html", "en": "report_en.html", "es": "report_es.html"}
    assert list(report.pages(told(), ("es",))) == ["report.html"]
    assert b"hreflang" not in report.pages(told(), ("es",))["report.html"]
