"""What checks find, in three languages: a finding is a rule and its values, and the catalogue words it.

The texts of all rules stand in the YAML files of this folder, message and advice in each language, with the values in
braces. Beside the formats of Python a brace takes ``short`` (a number of four digits), ``phrase``
(a reason that the catalogue translates), and two forms parted by a bar: ``{n:feature has|features have}`` gives the
number and the form that goes with it.
"""

from __future__ import annotations

import string
from dataclasses import replace
from functools import cache
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any

from naatlas.errors import SpecError
from naatlas.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from naatlas.languages import Language
    from naatlas.model import Severity

#: Thousands and decimals as each language writes them; the blank does not break.
MARKS: Mapping[Language, tuple[str, str]] = {
    "en": (",", "."),
    "fr": ("\u202f", ","),
    "es": ("\u202f", "."),
}
_FILES = (
    "checks.yaml",
    "geometry.yaml",
    "layers.yaml",
    "power_plants.yaml",
    "registers.yaml",
    "suspects.yaml",
)
_SHOWN, _LARGE = 3, 1000


class Item(dict[str, Any]):
    """One of several examples in a finding: a pattern and its values.

    The pattern is written as the texts are, or names one of the ``items`` of the rule, which differ by language.
    """

    def __init__(self, pattern: str, **values: object) -> None:
        super().__init__(values)
        self.pattern = pattern


def finding(
    rule: str,
    severity: Severity,
    *,
    where: str = "",
    count: int | None = None,
    ids: Sequence[str] = (),
    **values: object,
) -> Finding:
    """Make a finding of a rule of the catalogue.

    Parameters
    ----------
    where
        Country, source or field that it concerns; empty for the whole layer.
    count
        How many features, rows or values; the number of ids when left out, at least 1. It is ``{n}`` in the texts.
    values
        What fills the braces: texts, numbers, and tuples of texts or ``Item`` for examples.

    Raises
    ------
    SpecError
        The catalogue has no such rule.
    """
    number = count if count is not None else max(len(ids), 1)
    filled = {"n": number} | values
    bare = Finding(rule=rule, severity=severity, where=where, count=number, ids=tuple(ids), values=filled)
    message, advice = tell(bare, "en")
    return replace(bare, message=message, advice=advice)


def tell(found: Finding, language: Language) -> tuple[str, str]:
    """Return message and advice of a finding in a language; in its own words where it has no values."""
    if not found.values:
        return found.message, found.advice
    texts = _rule(found.rule)
    writer = _Writer(language, texts.get("items", {}))
    message, advice = (
        writer.vformat(texts[part][language], (), found.values) for part in ("message", "advice")
    )
    return message, advice


def heading(rule: str, language: Language) -> str:
    """Return what stands above all that a rule found, for the rules that have such words."""
    told: str = _rule(rule)["heading"][language]
    return told


def phrase(text: str, language: Language) -> str:
    """Return a reason in a language; the text itself where the catalogue does not have it."""
    told: Mapping[str, str] | None = _phrases().get(text)
    return text if told is None else told[language]


def rules() -> dict[str, Any]:
    """Return the whole catalogue by rule."""
    return dict(_catalogue()[0])


def short(value: float) -> str:
    """Write a number for a sentence: whole with separators when large, four digits when small."""
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.4g}"


def marked(text: str, language: Language) -> str:
    """Put the marks of a language into a number as Python writes it."""
    thousands, decimal = MARKS[language]
    told = text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    return told if language == "en" else told.replace("%", "\u00a0%")


def _rule(name: str) -> Mapping[str, Any]:
    texts: Mapping[str, Any] | None = _catalogue()[0].get(name)
    if texts is None:
        raise SpecError(f"rule {name}: the catalogue has no words for it; write them in naatlas/findings/")
    return texts


def _phrases() -> Mapping[str, Mapping[str, str]]:
    return _catalogue()[1]


@cache
def _catalogue() -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Read rules and phrases; the phrases by their English words."""
    import yaml

    told: dict[str, Any] = {}
    phrases: dict[str, dict[str, str]] = {}
    for name in _FILES:
        text = (resources.files("naatlas") / "findings" / name).read_text(encoding="utf-8")
        part = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe, and in C
        phrases |= {entry["en"]: entry for entry in part.pop("phrases", [])}
        told |= part
    return told, phrases


class _Writer(string.Formatter):
    """Fills braces as a language writes numbers, plurals and lists."""

    def __init__(self, language: Language, items: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__()
        self._language = language
        self._items = items

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - whatever stands in a finding
        if isinstance(value, tuple):
            return self._listed(value, format_spec)
        if isinstance(value, str):
            return phrase(value, self._language) if format_spec == "phrase" else value
        if "|" in format_spec:
            one, several = format_spec.split("|")
            return f"{marked(f'{value:,}', self._language)} {one if self._is_one(value) else several}"
        if format_spec == "short":
            return marked(short(value), self._language)
        return marked(format(value, format_spec), self._language) if format_spec else str(value)

    def _is_one(self, value: float) -> bool:
        return abs(value) < 2 if self._language == "fr" else value == 1  # noqa: PLR2004 - two are several

    def _listed(self, values: Iterable[str | Item], mark: str) -> str:
        """Join the first three, or with a mark to join them by, all."""
        if mark:
            return f"{mark} ".join(map(self._item, values))
        first = list(islice(values, _SHOWN + 1))
        return ", ".join(map(self._item, first[:_SHOWN])) + (", ..." if len(first) > _SHOWN else "")

    def _item(self, value: str | Item) -> str:
        if isinstance(value, str):
            return value
        pattern = (
            self._items[value.pattern][self._language] if value.pattern in self._items else value.pattern
        )
        return self.vformat(pattern, (), value)


__all__ = ["MARKS", "Item", "finding", "heading", "marked", "phrase", "rules", "short", "tell"]
