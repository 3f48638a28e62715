"""The report that goes to the owner of the data: suspect values as a page and as a table to answer in."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

from naatlas.findings import finding, heading, marked, short, tell
from naatlas.languages import OF_COUNTRY
from naatlas.metadata import marks
from naatlas.report import suspects
from naatlas.templates import template
from naatlas.text import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from naatlas.languages import Language
    from naatlas.metadata.words import Words
    from naatlas.model import InputFile, LayerData

#: Columns of the table, by their word; the last three are for the answer.
TOLD = (
    "number",
    "name",
    "id",
    "what",
    "file",
    "row",
    "column",
    "published",
    "unit",
    "expected",
    "why",
    "cause",
)
ANSWER = ("answer", "corrected", "remark")
_FIGURES = 3
#: Below it a number is written out: owners of data read no powers of ten.
_SMALLEST = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one country is asked, in one language.

    Attributes
    ----------
    lines
        One a value, in the order of their numbers: the words of ``TOLD`` with their texts, and ``rule``.
    gaps
        What could not be checked, in words.
    """

    country: str
    language: Language
    page: str
    table: str
    lines: Sequence[Mapping[str, str]]
    gaps: Sequence[str]


def documents(data: LayerData, words: Words) -> dict[str, bytes]:
    """Write the reports of all countries, each in the languages of its agencies.

    Returns
    -------
    dict
        Content by file name: ``suspects_MEX.html`` and ``suspects_MEX.csv`` and so on; a second language of a country
        stands in ``suspects_CAN_fr.html``. A country without suspects has a report only where the layer looks for
        suspects of its own, and says there that it found none.
    """
    told: dict[str, bytes] = {}
    for report in _reports(data, words):
        told[report.page] = _html(report, data, words)
        told[report.table] = _csv(report)
    return told


def summary(data: LayerData, words: Words) -> list[dict[str, Any]]:
    """Tell of each report its country, language, files and number of values."""
    return [
        {
            "country": report.country,
            "language": report.language,
            "page": report.page,
            "table": report.table,
            "values": len(report.lines),
        }
        for report in _reports(data, words)
    ]


def _reports(data: LayerData, words: Words) -> Iterator[Report]:
    table = suspects.gather(data, words)
    looks = suspects.TABLE in data.tables
    present = set(data.frame["country"].dropna()) if "country" in data.frame else set()
    for country, languages in OF_COUNTRY.items():
        part = table[table["country"].eq(country)]
        if part.empty and not (looks and country in present):
            continue
        for language in languages:
            ending = "" if language == languages[0] else f"_{language}"
            yield Report(
                country=country,
                language=language,
                page=f"suspects_{country}{ending}.html",
                table=f"suspects_{country}{ending}.csv",
                lines=[_line(row, number, language, data) for number, row in enumerate(_rows(part), start=1)],
                gaps=_gaps(data, country, language, words),
            )


def _rows(part: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in part.to_dict("records")]


def _line(row: Mapping[str, Any], number: int, language: Language, data: LayerData) -> dict[str, str]:
    """Word a suspect."""
    why, cause = tell(finding(str(row["rule"]), "warning", **suspects.values(row)), language)
    files = {entry.source.id: entry.name for entry in data.inputs}
    told = {
        "number": number,
        "rule": row["rule"],
        "what": row[f"what_{language}"],
        "file": files.get(str(row["source"]), row["source"]),
        "column": row["national_column"],
        "unit": row["national_unit"],
        "expected": _usual(row["expected_published"], language),
        "why": why,
        "cause": cause,
    }
    plain = {name: row[name] for name in ("name", "id", "row", "published")}
    return {name: "" if pd.isna(value) else str(value) for name, value in (told | plain).items()}


def _usual(value: float | None, language: Language) -> str:
    """Write a usual value with three figures: it is a median, and no more is meant."""
    if value is None or pd.isna(value):
        return ""
    rounded = float(f"{value:.{_FIGURES}g}")
    told = short(rounded) if abs(rounded) >= _SMALLEST else np.format_float_positional(rounded, trim="-")
    return marked(told, language)


def _gaps(data: LayerData, country: str, language: Language, words: Words) -> list[str]:
    known = (
        words.texts.get(f"gap_{gap.field}_{country}", {}).get(language, gap.why)
        for gap in data.spec.gaps
        if gap.country == country
    )
    return list(dict.fromkeys(known))


@cache
def _words() -> dict[str, dict[str, str]]:
    text = (resources.files("naatlas") / "report" / "suspects.yaml").read_text(encoding="utf-8")
    told: dict[str, dict[str, str]] = yaml.safe_load(text)
    return told


def _csv(report: Report) -> bytes:
    """Write the table: UTF-8 with a byte order mark, without which Excel shows accents wrongly."""
    words = _words()
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([words[name][report.language] for name in (*TOLD, *ANSWER)])
    writer.writerows([*(line[name] for name in TOLD), *("" for _ in ANSWER)] for line in report.lines)
    return stream.getvalue().encode("utf-8-sig")


def _html(report: Report, data: LayerData, words: Words) -> bytes:
    language = report.language
    rules = dict.fromkeys(line["rule"] for line in report.lines)
    inputs = _inputs(report, data)
    page = template("report", "suspects.html.j2")
    told = page.render(
        report=report,
        words={name: text[language] for name, text in _words().items()},
        title=dict(marks.marked(words.title(data.edition), data.marks))[language],
        edition=span(data.edition),
        starter=all(entry.tier == "starter" for entry in data.inputs),
        country=_country(report, words),
        publishers=list(dict.fromkeys(entry.source.publisher for entry in inputs)),
        inputs=inputs,
        email=words.texts.get("contact_email", {}).get(language, "info@cec.org"),
        sections=[(rule, heading(rule, language), _of(report, rule)) for rule in rules],
        number=lambda value: marked(f"{value:,}", language),
        others=[name for name in _others(report) if name != report.page],
    )
    return told.encode("utf-8")


def _of(report: Report, rule: str) -> list[Mapping[str, str]]:
    return [line for line in report.lines if line["rule"] == rule]


def _others(report: Report) -> list[str]:
    languages = OF_COUNTRY[report.country]
    return [
        f"suspects_{report.country}{'' if lang == languages[0] else f'_{lang}'}.html" for lang in languages
    ]


def _inputs(report: Report, data: LayerData) -> list[InputFile]:
    """Return the files that the values stand in; those of the country where there are no values."""
    named = {line["file"] for line in report.lines}
    return [
        entry
        for entry in data.inputs
        if (entry.name in named if named else entry.source.country == report.country)
    ]


def _country(report: Report, words: Words) -> str:
    return words.classes.get("country", {}).get(report.country, {}).get(report.language, report.country)
