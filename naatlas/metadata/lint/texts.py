"""Texts: languages, what a template left, and characters that were lost on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ftfy import fix_text
from ftfy.badness import is_bad

from naatlas.metadata.lint.document import elements
from naatlas.metadata.lint.reading import find, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from naatlas.metadata.lint.reading import Reading
    from naatlas.model import Finding

# "todo" is a Spanish word, so that only capitals count; catalogue programs fill in "REQUIRED: ..."
_PLACEHOLDER = re.compile(
    r"\b(TODO|FIXME|TBD|XXX+)\b|^\s*REQUIRED:"
    r"|(?i:\blorem ipsum\b|\bto be (written|done|translated|determined|added|completed)\b"
    r"|\b(enter|insert|type|put) (your |the |an? )?[\w -]{2,40} here\b|^\s*\[(insert|enter)\b[^\]]*\]"
    r"|^\s*(test|asdf+|foo|bar|abc|xyz|placeholder|your (name|organi[sz]ation|title|e-?mail).*)\s*$"
    r"|\bexample\.(com|org|net)\b|^\s*[.?_-]{2,}\s*$|\{\{.*\}\}|\$\{\w+\})"
)
_LOST = "\ufffd"
#: Elements that are prose, so that two languages never say them in the same words.
_PROSE = {"title", "abstract", "purpose", "statement", "supplementalInformation"}
_WORDS_IF_SAME = 4


def placeholders(reading: Reading) -> Iterator[Finding]:
    """Name texts that a template left."""
    for element, text in _leaves(reading):
        if match := _PLACEHOLDER.search(text):
            yield reading.finding("placeholder", f"a template left {_around(text, match[0])!r}", element)


def characters(reading: Reading) -> Iterator[Finding]:
    """Name texts that were decoded with the wrong encoding, and say what they probably were."""
    if reading.document.encoding not in {"utf-8", "utf-16", "us-ascii", "ascii"}:
        yield reading.finding("encoding", f"the file is {reading.document.encoding}, not UTF-8")
    for element, text in _leaves(reading):
        if _LOST in text:
            yield reading.finding("text-garbled", f"a character is lost in {_around(text, _LOST)!r}", element)
        elif is_bad(text):
            word = next((word for word in text.split() if is_bad(word)), text[:40])
            meant = fix_text(word)
            guess = f", meant is probably {meant[:40]!r}" if meant != word else ""
            yield reading.finding("text-garbled", f"{word[:40]!r} is garbled{guess}", element)


def _leaves(reading: Reading) -> Iterator[tuple[etree._Element, str]]:
    yield from (
        (node, text)
        for node in elements(reading.document.root)
        if not len(node) and (text := (node.text or "").strip())
    )


def _around(text: str, mark: str) -> str:
    """Return the mark with some of the text before and after it."""
    at = text.index(mark)
    return text[max(0, at - 15) : at + len(mark) + 25].strip()


def abstract(reading: Reading) -> Iterator[Finding]:
    """Tell that the abstract is the title once more."""
    title, told = reading.first("title"), reading.first("abstract")
    if title and told and title.text.casefold().strip(". ") == told.text.casefold().strip(". "):
        yield reading.finding("abstract-repeats", "the abstract is the title once more", told.element)


def declared(reading: Reading) -> Iterator[Finding]:
    """Tell that the record does not say in which language it is."""
    if not reading.all("language"):
        missing = "gmd:language" if reading.document.standard == "iso19139" else "mdb:defaultLocale"
        yield reading.finding(
            "language-undeclared", "the record does not declare its language", None, missing
        )


def languages(reading: Reading) -> Iterator[Finding]:
    """Judge the translations of an ISO record: beside a main text, in every declared language, and real ones."""
    root = reading.document.root
    ids = {locale.get("id", "") for locale in find(root, "locale/PT_Locale")}
    for group in find(root, ".//PT_FreeText"):
        element = next(group.iterancestors())
        name = element.tag.rpartition("}")[2]
        if not any(map(said, find(element, "CharacterString"))):
            yield reading.finding(
                "language-lost", f"{name} has translations but no main text", element, "gco:CharacterString"
            )
        texts = list(find(group, ".//LocalisedCharacterString"))
        given = {text.get("locale", "").lstrip("#") for text in texts if said(text)}
        if lost := sorted(ids - given):
            yield reading.finding("language-incomplete", f"{name} is not given in {', '.join(lost)}", element)
        yield from _translations(reading, element, texts, ids)


def _translations(
    reading: Reading, element: etree._Element, texts: list[etree._Element], ids: set[str]
) -> Iterator[Finding]:
    for text in texts:
        name = text.get("locale", "").lstrip("#")
        if name not in ids:
            yield reading.finding("language-unknown", f"language {name!r} is not declared as PT_Locale", text)
    if element.tag.rpartition("}")[2] not in _PROSE:
        return
    seen: dict[str, str] = {}
    for text in texts:
        told, name = said(text).casefold(), text.get("locale", "").lstrip("#")
        if told in seen and len(told.split()) >= _WORDS_IF_SAME:
            yield reading.finding("language-same", f"the text in {name} is the one in {seen[told]}", text)
        seen.setdefault(told, name)
