"""The report as one page that needs nothing beside itself: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from functools import cache, partial
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

from naatlas.findings import marked
from naatlas.templates import template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.spec import Language

_UNITS = {
    "megawatt": "MW",
    "metric_ton": "t",
    "kilogram": "kg",
    "kilometer**2": "km²",
    "kilometer": "km",
    "meter": "m",
}
_THOUSANDTH, _LARGE = 1e-3, 1e3


def pages(report: Mapping[str, Any], languages: Sequence[Language]) -> dict[str, bytes]:
    """Write the report in several languages, each page with links to the others.

    Returns
    -------
    dict
        Content by file name: ``report.html`` in the first language, ``report_fr.html`` and so on in the others.
    """
    names = {lang: "report.html" if lang == languages[0] else f"report_{lang}.html" for lang in languages}
    return {name: html(report, lang, others=names) for lang, name in names.items()}


def html(
    report: Mapping[str, Any],
    language: Language = "en",
    *,
    others: Mapping[Language, str] = MappingProxyType({}),
) -> bytes:
    """Write the report as a page.

    Parameters
    ----------
    report
        As :func:`naatlas.report.build` gives it.
    language
        Of headings, labels, findings and gaps; reasons of rows left out and of outliers are in English in all.
    others
        Name of the page in each language, for links.

    Returns
    -------
    bytes
        HTML 5 in UTF-8; every text of the registers is escaped.
    """
    words = {name: text[language] for name, text in _words().items()}
    newest = _newest(report)
    page = template("report", "report.html.j2")
    told = page.render(
        report=report,
        words=words,
        language=language,
        others=others,
        number=partial(number, language=language),
        label=partial(_label, report, language),
        unit=_UNITS.get,
        of_class=partial(_class, report, language),
        median=partial(_median, language=language),
        newest=newest,
        years_differ=len({vintage[:4] for vintage in newest.values()}) > 1,
        bars=_bars(report),
    )
    return told.encode("utf-8")


@cache
def _words() -> dict[str, dict[str, str]]:
    text = (resources.files("naatlas") / "report" / "words.yaml").read_text(encoding="utf-8")
    told: dict[str, dict[str, str]] = yaml.safe_load(text)
    return told


def number(value: float | None, digits: int = 0, *, language: Language) -> str:
    """Write a number as the language does, "" for None; what rounds to nothing but is not is said to be below."""
    if value is None:
        return ""
    smallest = 10.0**-digits
    text = f"{value:,.{digits}f}"
    if 0 < abs(value) < smallest / 2:
        text = f"{value:.2g}" if abs(value) >= _THOUSANDTH else f"<{_THOUSANDTH}"
    return marked(text, language)


def _median(value: float | None, line: Mapping[str, Any], *, language: Language) -> str:
    """Write a median: whole when large; a number without a unit, such as a year, without separators."""
    if value is None:
        return ""
    if line["unit"] is None and float(value).is_integer():
        return f"{value:.0f}"
    return number(value, 0 if abs(value) >= _LARGE else 2, language=language)


def _label(report: Mapping[str, Any], language: Language, field: str) -> str:
    """Label of a field, or of a ratio of two ("co2_t per capacity_mw")."""
    fields = report["labels"]["fields"]
    parts = [fields[name][language] if name in fields else name for name in field.split(" per ")]
    return f" {_words()['per'][language]} ".join(parts)


def _class(report: Mapping[str, Any], language: Language, group: str, code: str) -> str:
    text = report["labels"]["classes"].get(group, {}).get(code)
    return code if text is None else str(text[language])


def _newest(report: Mapping[str, Any]) -> dict[str, str]:
    """Newest vintage by country, over the inputs that are of one country."""
    newest: dict[str, str] = {}
    for line in report["inputs"]:
        if line["country"] and not line["lookup"]:
            newest[line["country"]] = max(newest.get(line["country"], ""), line["vintage"])
    return newest


def _bars(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Shares of the first quantity by class, one stacked bar a country: x and width in per cent."""
    totals = report["totals"]
    if not totals["quantities"] or not totals["colours"] or totals["nested"]:
        return []
    table = totals["quantities"][0]
    if len(table["rows"]) == 1:  # one colour from end to end tells nothing
        return []
    return [
        {
            "country": country,
            "total": table["total"][country],
            "parts": _parts(table["rows"], country, totals),
        }
        for country in totals["countries"]
        if table["total"][country]
    ]


def _parts(rows: list[dict[str, Any]], country: str, totals: Mapping[str, Any]) -> list[dict[str, Any]]:
    amounts = [max(row[country] or 0.0, 0.0) for row in rows]
    parts, x = [], 0.0
    for row, amount in zip(rows, amounts, strict=True):
        width = 100 * amount / sum(amounts)
        colour = totals["colours"].get(row["code"], "#9a9a9a")
        parts.append({"code": row["code"], "x": round(x, 3), "width": round(width, 3), "colour": colour})
        x += width
    return parts
