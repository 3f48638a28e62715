"""What goes to the owner of the data: in the country's language, with file, row and value as published, and no more."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from naatlas import findings, report
from naatlas.errors import InputError, SpecError
from naatlas.languages import OF_COUNTRY
from naatlas.metadata.files import ProductFile
from naatlas.quality.placement import check_placement
from naatlas.report import owners, suspects
from naatlas.spec import LANGUAGES, OutlierRule
from naatlas.validation import owners as judges
from tests.quality_samples import SPEC, WORDS, layer

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

RULE = OutlierRule(field="capacity_mw", ceiling=5000.0, why="five times a gigawatt")


def row(**told: object) -> dict[str, object]:
    usual = {
        "atlas_id": "USA-1", "country": "USA", "rule": "suspect-own-years", "source": "us-plants", "row": 2,
        "national_column": "co2", "published": "9000000", "national_unit": "t", "expected_published": 8765.4321,
        "factor": 1026.8, "compared": 7, **{f"what_{language}": f"CO2 ({language})" for language in LANGUAGES},
    }  # fmt: skip
    return usual | told


def told(*rows: dict[str, object], **changes: object) -> LayerData:
    spec = dataclasses.replace(SPEC, outliers=())
    tables = {suspects.TABLE: pd.DataFrame(rows, columns=list(row()) if not rows else None)}
    return dataclasses.replace(layer(), spec=spec, tables=tables, **changes)


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def page(content: bytes):
    return parser.fromstring(content.decode("utf-8"))


def test_each_country_is_written_to_in_its_languages():
    told_of = owners.documents(told(row(), row(atlas_id="CAN-1", country="CAN", source="ca-plants")), WORDS)
    names = ["suspects_CAN.html", "suspects_CAN.csv", "suspects_CAN_fr.html", "suspects_CAN_fr.csv"]
    assert list(told_of) == [*names, "suspects_USA.html", "suspects_USA.csv"]
    assert [page(told_of[name]).get("lang") for name in names[::2]] == ["en", "fr"]
    (french,), (english,) = lines(told_of["suspects_CAN_fr.csv"]), lines(told_of["suspects_CAN.csv"])
    assert french["Objet"] == "CO2 (fr)"
    assert french["Pourquoi elle est suspecte"].startswith("1\u202f030 fois la médiane des 7 autres années")
    assert english["Why it is suspect"].startswith("1,030 times the median of the 7 other years")
    assert set(OF_COUNTRY) == {"CAN", "MEX", "USA"}


def test_a_line_says_where_the_value_stands_as_published_and_leaves_room_to_answer():
    ((name, value),) = (
        (name, c) for name, c in owners.documents(told(row()), WORDS).items() if name == "suspects_USA.csv"
    )
    (line,) = lines(value)
    assert line["File"] == "us-plants.csv"
    assert (line["Row"], line["Column"], line["Value as published"], line["Unit"]) == (
        "2",
        "co2",
        "9000000",
        "t",
    )
    assert line["Usual value, same unit"] == "8,770"
    assert line["Facility"] == "Barry <1>"
    assert line["Likely cause"] == "the unit: grams, kilograms, pounds or tonnes were mixed up"
    assert [line[name] for name in ("Right or wrong", "Corrected value", "Remark")] == ["", "", ""]
    assert value.startswith(b"\xef\xbb\xbf")
    assert ProductFile(name).role == "metadata"


def test_the_page_needs_nothing_else_escapes_names_and_sums_up_by_reason():
    rows = [row(row=n) for n in (9, 10)] + [row(rule="suspect-same-in-many-years", row=3, factor=np.nan)]
    tree = page(owners.documents(told(*rows), WORDS)["suspects_USA.html"])
    assert not tree.xpath("//script | //link | //img | //@src")
    assert tree.xpath("//th[contains(., 'Barry <1>')]")
    anchors = {a[1:] for a in tree.xpath("//a/@href") if a.startswith("#")}
    assert anchors == {"suspect-own-years", "suspect-same-in-many-years"} <= set(tree.xpath("//@id"))
    counts = [
        c.text_content() for c in tree.xpath("//h2[@id='summary']/following-sibling::div[1]//td[@class='n']")
    ]
    assert counts == ["2", "1", "3"]
    assert tree.xpath("//section | //main")
    numbers = tree.xpath("//h2[@id='suspect-own-years']/following-sibling::div[1]//tbody/tr/td[1]/text()")
    assert numbers == ["1", "2"]
    assert tree.xpath("//a[@href='suspects_USA.csv']")
    assert "Agency of us-plants" in tree.text_content()


def test_a_layer_that_looked_says_that_it_found_nothing_and_what_it_could_not_check():
    names = owners.documents(told(), WORDS)
    assert set(names) == {f"suspects_{c}.{e}" for c in ("CAN", "CAN_fr", "USA") for e in ("html", "csv")}
    text = page(names["suspects_USA.html"]).text_content()
    assert "No suspect value was found" in text
    assert lines(names["suspects_USA.csv"]) == []
    # A layer without a table of its own writes to nobody about nothing.
    plain = dataclasses.replace(layer(), spec=dataclasses.replace(SPEC, outliers=()))
    assert owners.documents(plain, WORDS) == {}


def test_outliers_of_any_layer_are_traced_to_the_cell_they_come_from():
    data = dataclasses.replace(layer(), spec=dataclasses.replace(SPEC, outliers=(RULE,)))
    (line,) = lines(owners.documents(data, WORDS)["suspects_CAN.csv"])
    origin = data.provenance.query("atlas_id == 'CAN-1' and field == 'capacity_mw'").iloc[0]
    assert line["Value as published"] == str(origin["national_value"])
    assert line["Column"] == str(origin["national_field"])
    assert line["What"] == "Capacity mw"
    assert line["Why it is suspect"] == "5,428, above the physical limit of 5,000"
    both = report.build(data, words=WORDS)["owners"]
    assert [(entry["country"], entry["language"], entry["values"]) for entry in both] == [
        ("CAN", "en", 1),
        ("CAN", "fr", 1),
    ]


def test_the_report_links_to_the_pages():
    data = told(row())
    facts = report.build(data, words=WORDS)
    tree = page(report.html(facts, "es"))
    assert tree.xpath("//h2[@id='owners']/following-sibling::div[1]//a/@href")[-2:] == [
        "suspects_USA.html",
        "suspects_USA.csv",
    ]
    assert not page(report.html(report.build(layer(), words=WORDS))).xpath("//h2[@id='owners']")


def test_what_is_one_finding_on_several_lines_is_told_once():
    table = [row(row=2, listed=False), row(row=3, listed=True)]
    (line,) = lines(owners.documents(told(*table), WORDS)["suspects_USA.csv"])
    assert line["Row"] == "3"


def test_a_table_without_its_columns_is_refused():
    data = told({name: value for name, value in row().items() if name != "published"})
    with pytest.raises(SpecError, match="its table suspects lacks published"):
        owners.documents(data, WORDS)


@pytest.mark.parametrize("rule", [rule for rule in findings.rules() if rule.startswith("suspect-")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_heading_and_is_worded_without_a_gap(rule: str, language: str):
    if rule == "suspect-quantities":  # a finding on all of them
        return
    assert findings.heading(rule, language)[0].isupper()
    values = {"compared": 5, "medium": "air", "other_medium": "water", "value": 7.0, "limit": 5.0}
    for factor in (1000.0, 0.001):
        found = findings.finding(rule, "warning", **suspects.values(row(rule=rule, factor=factor) | values))
        message, advice = findings.tell(found, language)
        assert "{" not in message + advice
        assert "None" not in message
    assert len({findings.heading(rule, other) for other in LANGUAGES}) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_all_its_words(language: str):
    assert all(text[language].strip(" ") for text in owners._words().values())


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30), st.floats(1e-9, 1e12)
)
def test_whatever_a_register_writes_comes_back_from_the_table(name: str, factor: float):
    data = told(row(published=name, national_column=name, factor=factor))
    (line,) = lines(owners.documents(data, WORDS)["suspects_USA.csv"])
    assert (line["Value as published"], line["Column"]) == (name, name)
    assert page(owners.documents(data, WORDS)["suspects_USA.html"]).xpath("//tbody")


# validation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = told(row(), row(row=3))
    for name, content in owners.documents(data, WORDS).items():
        (tmp_path / name).write_bytes(content)
    facts = report.build(data, words=WORDS)
    (tmp_path / "report.json").write_text(json.dumps(facts), encoding="utf-8")
    (tmp_path / "manifest.json").write_text(
        json.dumps({"inputs": [{"file": "us-plants.csv"}]}), encoding="utf-8"
    )
    return tmp_path


def results(folder: Path) -> list[str]:
    return [point.result for point in judges.judge(folder / "suspects_USA.csv").points]


def test_a_table_as_it_was_written_passes(folder: Path):
    (point,) = judges.judge(folder / "suspects_USA.csv").points
    assert (point.result, point.told) == ("passed", "2 values, each of a file that was read")


def test_a_table_that_lost_a_line_or_a_column_fails(folder: Path):
    path = folder / "suspects_USA.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rstrip().rfind(b"\r\n") + 2])
    assert results(folder) == ["failed"]
    path.write_bytes(whole.replace(b",Remark", b""))
    assert results(folder) == ["failed"]
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not in UTF-8"):
        judges.judge(path)


def test_a_table_of_other_files_or_of_no_report_fails(folder: Path):
    (folder / "manifest.json").write_text('{"inputs": []}', encoding="utf-8")
    assert results(folder) == ["failed"]
    (folder / "report.json").write_text("{}", encoding="utf-8")
    assert results(folder) == ["failed", "failed"]


def test_points_across_a_border_are_told_with_both_cells_and_what_to_do():
    plants = layer()
    ids = plants.frame["atlas_id"].iloc[:1].tolist()
    frame = plants.frame[plants.frame["atlas_id"].isin(ids)].assign(
        country="MEX", state="MX-BCN", longitude=-116.57, latitude=32.71
    )
    cells = pd.DataFrame(
        {
            "atlas_id": ids * 2,
            "field": ["latitude", "longitude"],
            "source": "us-plants",
            "row": "7",
            "national_field": ["LATITUD", "LONGITUD"],
            "national_value": ["32°42'38\"", "116°34'22\""],
            "rule": "as published",
            "score": np.nan,
        }
    )
    found = check_placement(frame, key="atlas_id")[0]
    assert [f.rule for f in found] == ["placed-other-country"]
    data = told(frame=frame, provenance=cells, findings=found)
    documents = owners.documents(data, WORDS)
    (line,) = lines(documents["suspects_MEX.csv"])
    assert line["Qué"].startswith("declarado: Baja California; punto: California (Estados Unidos); a ")
    assert line["Valor publicado"] == "32°42'38\", 116°34'22\""
    assert line["Columna"] == "LATITUD, LONGITUD"
    assert "verifique ambos" in line["Causa probable"]
    both = told(row(country="MEX"), frame=frame, provenance=cells, findings=found)
    first = lines(owners.documents(both, WORDS)["suspects_MEX.csv"])[0]
    assert "los otros 7 años" in first["Por qué es sospechoso"], "a count stays whole beside rows without one"
    assert "Un punto en otro país" in page(documents["suspects_MEX.html"]).text_content()
    bare = told(frame=frame, provenance=cells.iloc[:0], findings=found)
    assert owners.summary(bare, WORDS)[0]["values"] == 0, "what no file tells is nobody's to mend"


def test_small_numbers_are_written_out():
    (line,) = lines(owners.documents(told(row(expected_published=1.5432e-10)), WORDS)["suspects_USA.csv"])
    assert line["Usual value, same unit"] == "0.000000000154"
