"""No metadata, no layer: what is missing from the words or the record, and where to write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from naatlas.errors import GateError
from naatlas.model import Finding
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from naatlas.metadata.content import Record
    from naatlas.metadata.words import Text, Words
    from naatlas.spec import LayerSpec

#: What a layer's own words must have beyond what all layers share.
REQUIRED = ("title", "abstract", "purpose", "limitations", "use_constraints", "lineage", "credits")

#: Shorter texts may well be the same in two languages: "Nuclear", "NOx", an address.
_WORDS_IF_SAME = 4
# "todo" is a Spanish word, so that only capitals count
_PLACEHOLDER = re.compile(
    r"\b(TODO|FIXME|TBD|XXX)\b|(?i:\blorem ipsum\b|\bto be (written|done|translated)\b)"
)


def check(record: Record, words: Words, spec: LayerSpec) -> tuple[Finding, ...]:
    """Return everything that keeps a layer from being published, all at once."""
    return (*check_words(words, spec), *_record(record), *_codes(record))


def check_words(words: Words, spec: LayerSpec) -> tuple[Finding, ...]:
    """Hold the words of a layer against its specification; nothing needs to be built."""
    return tuple(
        _error(rule, where, message, f"write it in naatlas/metadata/{file}.yaml")
        for rule, where, message, file in (*_missing(words, spec), *_superfluous(words, spec), *_poor(words))
    )


def gate(findings: Iterable[Finding]) -> None:
    """Let a layer pass, or stop it.

    Raises
    ------
    GateError
        A finding is of severity error; all of them are listed, with what to do.
    """
    errors = [f for f in findings if f.severity == "error"]
    if errors:
        lines = "\n  ".join(f"{f.where + ': ' if f.where else ''}{f.message}; {f.advice}" for f in errors)
        raise GateError(f"{len(errors)} error(s); nothing was published:\n  {lines}")


def _error(rule: str, where: str, message: str, advice: str) -> Finding:
    return Finding(rule=rule, severity="error", where=where, message=message, advice=advice)


def _missing(words: Words, spec: LayerSpec) -> Iterator[tuple[str, str, str, str]]:
    for name in REQUIRED:
        if not words.texts.get(name):
            yield "text-missing", f"texts.{name}", "the layer has no such text", words.slug
    if not words.topics:
        yield "text-missing", "topics", "the layer names no ISO topic category", words.slug
    for field in spec.fields:
        if field.name not in words.labels:
            yield (
                "field-without-words",
                f"fields.{field.name}",
                "a field has no label and definition",
                words.slug,
            )
        if field.classes and field.classes not in words.classes and field.classes not in words.codesets:
            yield (
                "class-list-missing",
                f"classes.{field.classes}",
                f"{field.name} needs this class list",
                words.slug,
            )


def _superfluous(words: Words, spec: LayerSpec) -> Iterator[tuple[str, str, str, str]]:
    known = {field.name for field in spec.fields}
    for name in words.own:
        if name not in known:
            yield (
                "words-without-field",
                f"fields.{name}",
                "these words belong to no field; take them out",
                words.slug,
            )
    counts = {len(words.keywords[lang]) for lang in LANGUAGES}
    if len(counts) > 1:
        yield "keywords-uneven", "keywords", "the languages have different numbers of keywords", words.slug


def _poor(words: Words) -> Iterator[tuple[str, str, str, str]]:
    for where, text in _all(words):
        for lang in LANGUAGES:
            told = text.get(lang, "").strip()
            if not told:
                yield "text-missing", where, f"the text is missing in {lang}", words.slug
            elif _PLACEHOLDER.search(told):
                yield "text-placeholder", where, f"the text in {lang} is a placeholder", words.slug
            elif (
                lang != "en"
                and len(told.split()) >= _WORDS_IF_SAME
                and _untranslated(told, text.get("en", ""))
            ):
                yield "text-untranslated", where, f"the text in {lang} is the English one", words.slug


def _untranslated(told: str, english: str) -> bool:
    """Tell whether a text is the English one; a text of nothing but braces is the same in all languages."""
    return told.casefold() == english.strip().casefold() and bool(re.sub(r"\{\w+\}|\W|\d", "", told))


def _all(words: Words) -> Iterator[tuple[str, Text]]:
    yield from ((f"texts.{name}", text) for name, text in words.texts.items())
    yield from ((f"fields.{name}.label", text) for name, text in words.labels.items())
    yield from ((f"fields.{name}.definition", text) for name, text in words.definitions.items())
    for group, codes in words.classes.items():
        yield from ((f"classes.{group}.{code}", text) for code, text in codes.items())


def _record(record: Record) -> Iterator[Finding]:
    if record.box is None:
        yield _error(
            "extent-empty", "", "the layer has no feature with a position", "look at the rejected records"
        )
    if not record.inputs:
        yield _error(
            "lineage-empty", "", "the layer names no input file", "declare the sources in its specification"
        )
    if unsure := sorted({entry.source for entry in record.inputs if not entry.licence.checked}):
        yield Finding(
            rule="licence-unchecked",
            severity="warning",
            message=f"the licence of {', '.join(unsure)} was not confirmed from the publisher's own text",
            advice="confirm it with the publisher; the terms of use say so until then",
            count=len(unsure),
        )


def _codes(record: Record) -> Iterator[Finding]:
    for field in record.fields:
        labels = record.classes.get(field.domain or "")
        for code in field.codes:
            if labels is not None and code not in labels:
                message = f"the data hold {code!r}, which class list {field.domain} lacks"
                advice = (
                    f"write it in naatlas/metadata/{record.slug}.yaml (or common.yaml), or edit the crosswalk"
                )
                yield _error("class-without-label", field.name, message, advice)
