"""No metadata, no layer: what is missing from the words or the record, and where to write it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from naatlas.errors import GateError
from naatlas.metadata import glossary, schemas
from naatlas.metadata.statements import gap_name
from naatlas.metadata.validate import validate_bytes
from naatlas.model import Finding
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from naatlas.metadata.content import Record
    from naatlas.metadata.words import Text, Words
    from naatlas.spec import Language, LayerSpec

#: Schemas of our own records.
_STANDARDS: Mapping[str, schemas.Standard] = {
    "metadata/iso19115.xml": "iso19139",
    "metadata/fgdc.xml": "fgdc",
}
#: Shorter texts may well be the same in two languages: "Nuclear", "NOx", an address.
_WORDS_IF_SAME = 4
# "todo" is a Spanish word, so that only capitals count
_PLACEHOLDER = re.compile(
    r"\b(TODO|FIXME|TBD|XXX)\b|(?i:\blorem ipsum\b|\bto be (written|done|translated)\b)"
)


def check(
    record: Record, words: Words, spec: LayerSpec, documents: Mapping[str, bytes] | None = None
) -> tuple[Finding, ...]:
    """Return everything that keeps a layer from being published, all at once.

    Parameters
    ----------
    documents
        What was written from the record: the records in XML are judged as any reader would judge them.
    """
    made = (*_record(record), *_codes(record))
    # What the record lacks is missing in every document too: it is said once.
    written = () if made else check_documents(documents or {})
    return (*check_words(words, spec), *made, *written, *glossary.findings(words))


def check_words(words: Words, spec: LayerSpec) -> tuple[Finding, ...]:
    """Hold the words of a layer against its specification; nothing needs to be built."""
    return tuple(
        _error(rule, where, message, f"write it in naatlas/metadata/{words.slug}.yaml")
        for rule, where, message in (*_missing(words, spec), *_superfluous(words, spec), *_poor(words))
    )


def check_documents(documents: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Judge the records as they were written: by rules of our own, and by the published schemas where they are."""
    return tuple(
        replace(finding, where=" ".join(part for part in (name, finding.where) if part))
        for name, content in documents.items()
        if name.startswith("metadata/") and name.endswith(".xml")
        for finding in (*validate_bytes(content), *_by_schema(name, content))
        if finding.severity == "error"
    )


def _by_schema(name: str, content: bytes) -> tuple[Finding, ...]:
    """Judge a record by its published schema, where that is installed."""
    standard = _STANDARDS.get(name)
    return () if standard is None else schemas.check(etree.fromstring(content), standard)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that keep a layer from being published."""
    return tuple(finding for finding in findings if finding.severity == "error")


def told(findings: Iterable[Finding]) -> str:
    """Lay findings out, one a line: where, what, and what to do."""
    return "\n".join(f"  {f.where + ': ' if f.where else ''}{f.message}; {f.advice}" for f in findings)


def gate(findings: Iterable[Finding]) -> None:
    """Let a layer pass, or stop it.

    Raises
    ------
    GateError
        A finding is of severity error; all of them are listed, with what to do.
    """
    if stop := errors(findings):
        raise GateError(f"{len(stop)} error(s); nothing was published:\n{told(stop)}")


def _error(rule: str, where: str, message: str, advice: str) -> Finding:
    return Finding(rule=rule, severity="error", where=where, message=message, advice=advice)


def _missing(words: Words, spec: LayerSpec) -> Iterator[tuple[str, str, str]]:
    if not words.topics:
        yield "text-missing", "topics", "the layer names no ISO topic category"
    for field in spec.fields:
        if field.name not in words.labels:
            yield "field-without-words", f"fields.{field.name}", "the field has no label and definition"
        if field.classes and field.classes not in words.classes and field.classes not in words.codesets:
            yield "class-list-missing", f"classes.{field.classes}", f"{field.name} needs this class list"
    for gap in spec.gaps:
        if gap_name(gap) not in words.texts:
            yield "text-missing", f"texts.{gap_name(gap)}", f"the gap ({gap.why}) has no words"


def _superfluous(words: Words, spec: LayerSpec) -> Iterator[tuple[str, str, str]]:
    known = {field.name for field in spec.fields}
    for name in words.own:
        if name not in known:
            yield "words-without-field", f"fields.{name}", "these words belong to no field; take them out"
    if len({len(words.keywords[lang]) for lang in LANGUAGES}) > 1:
        yield "keywords-uneven", "keywords", "the languages have different numbers of keywords"
    elif not words.keywords["en"]:
        yield "text-missing", "keywords", "the layer has no keywords"


def _poor(words: Words) -> Iterator[tuple[str, str, str]]:
    """Name each poor text once for each fault, with all languages that have it."""
    for where, text in texts_of(words):
        faults: dict[tuple[str, str], list[str]] = {}
        for lang in LANGUAGES:
            if fault := fault_of(text, lang):
                faults.setdefault(fault, []).append(lang)
        for (rule, message), langs in faults.items():
            yield rule, where, message.format(", ".join(langs))


def fault_of(text: Text, lang: Language) -> tuple[str, str] | None:
    """Return rule and message when a text cannot be published in a language; ``{}`` takes the languages."""
    said = text.get(lang, "").strip()
    if not said:
        return "text-missing", "the text is missing in {}"
    if _PLACEHOLDER.search(said):
        return "text-placeholder", "the text in {} is a placeholder"
    if lang != "en" and len(said.split()) >= _WORDS_IF_SAME and _untranslated(said, text.get("en", "")):
        return "text-untranslated", "the text in {} is the English one"
    return None


def _untranslated(said: str, english: str) -> bool:
    """Tell whether a text is the English one; a text of nothing but braces is the same in all languages."""
    return said.casefold() == english.strip().casefold() and bool(re.sub(r"\{\w+\}|\W|\d", "", said))


def texts_of(words: Words) -> Iterator[tuple[str, Text]]:
    """Yield all words with the place where they stand in their file."""
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
