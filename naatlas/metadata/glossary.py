"""One English term, one French, one Spanish: ``glossary.csv`` against the names of fields, classes and keywords."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from naatlas.model import Finding
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.metadata.words import Text, Words
    from naatlas.spec import Language

#: Endings by which a plural differs from its singular, in all three languages.
_PLURAL = re.compile(r"[esx]+$")
_Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the Atlas: what it is called in each language; forms beyond number are alternatives."""

    said: dict[Language, tuple[str, ...]]
    domain: str
    source: str

    def stems(self, language: Language) -> tuple[_Stems, ...]:
        """Return the stems of each form."""
        return tuple(_stems(form) for form in self.said[language])


@cache
def terms() -> tuple[Term, ...]:
    """Return all terms, those of most words first: "sea ice" before "ice"."""
    text = (resources.files("naatlas") / "metadata" / "glossary.csv").read_text(encoding="utf-8")
    told = [
        Term({lang: tuple(row[lang].split("|")) for lang in LANGUAGES}, row["domain"], row["source"])
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(told, key=lambda term: -len(_stems(term.said["en"][0]))))


def findings(words: Words) -> tuple[Finding, ...]:
    """Name every label that calls a term of the glossary otherwise; whoever writes the words decides."""
    return tuple(
        _finding(words.slug, where, text, *lost) for where, text in labels(words) for lost in departures(text)
    )


def departures(text: Text) -> Iterator[tuple[Term, Language]]:
    """Yield the terms that stand in the English text and not in one of the others, with that language."""
    rest = _stems(text["en"])
    for term in terms():
        (english,) = term.stems("en")
        at = _place(english, rest)
        if at is None:
            continue
        while at is not None:  # what is part of a longer term is not looked at again
            rest = (*rest[:at], "", *rest[at + len(english) :])
            at = _place(english, rest)
        for lang in LANGUAGES[1:]:
            if all(_place(form, _stems(text[lang])) is None for form in term.stems(lang)):
                yield term, lang


def labels(words: Words) -> Iterator[tuple[str, Text]]:
    """Yield title, keywords, and the names of fields and classes, with their place in the file of words."""
    yield "texts.title", words.texts["title"]
    for number, told in enumerate(zip(*(words.keywords[lang] for lang in LANGUAGES), strict=False)):
        yield f"keywords[{number}]", dict(zip(LANGUAGES, told, strict=True))
    yield from ((f"fields.{name}.label", text) for name, text in words.labels.items())
    for group, codes in words.classes.items():
        yield from ((f"classes.{group}.{code}", text) for code, text in codes.items())


def _stems(text: str) -> _Stems:
    return tuple(_stem(word) for word in re.findall(r"\w+", text.casefold()))


def _stem(word: str) -> str:
    """Take number off a word: cities as city, emisiones as emisión."""
    bare = _PLURAL.sub("", word) or word
    if bare.endswith("y"):
        return bare[:-1] + "i"
    return bare[:-3] + "ion" if bare.endswith("ión") else bare


def _place(wanted: _Stems, stems: _Stems) -> int | None:
    size = len(wanted)
    return next((at for at in range(len(stems) - size + 1) if stems[at : at + size] == wanted), None)


def _finding(slug: str, where: str, text: Text, term: Term, language: Language) -> Finding:
    usual, english = " or ".join(term.said[language]), term.said["en"][0]
    return Finding(
        rule="term-departs",
        severity="warning",
        where=where,
        message=f'"{english}" is called "{usual}" in {language} elsewhere; here: "{text[language]}"',
        advice=f"use the same term in naatlas/metadata/{slug}.yaml, or give it a line in glossary.csv",
    )
