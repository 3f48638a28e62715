"""Words for a draft: every hole is filled with a remark that says what belongs there, so that it can be looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from naatlas.metadata.gate import fault_of
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.metadata.words import Text, Words
    from naatlas.spec import Language, LayerSpec

#: In the place of a text that is not there.
_HOLE: Text = {
    "en": "[not yet written: {}]",
    "fr": "[pas encore rédigé : {}]",
    "es": "[aún sin redactar: {}]",
}
#: Before a text that is there in English only.
_FOREIGN: Text = {"fr": "[pas encore traduit] ", "es": "[aún sin traducir] "}
#: Any topic category of ISO 19115 will do: the standard allows none to be absent.
_TOPIC = "environment"


def completed(words: Words, spec: LayerSpec) -> Words:
    """Return words that every writer can use, whatever is missing; what is written well stays as it is."""
    labels = {field.name: words.labels.get(field.name, {}) for field in spec.fields}
    definitions = {field.name: words.definitions.get(field.name, {}) for field in spec.fields}
    return replace(
        words,
        texts=_mended(words.texts),
        keywords=_even(words.keywords),
        labels=_mended({**words.labels, **labels}),
        definitions=_mended({**words.definitions, **definitions}),
        classes={name: _mended(codes) for name, codes in {**words.classes, **_lists(words, spec)}.items()},
        codesets=_mended(words.codesets),
        topics=words.topics or (_TOPIC,),
        own=tuple(name for name in words.own if name in labels),
    )


def _lists(words: Words, spec: LayerSpec) -> dict[str, dict[str, Text]]:
    """Return a class list of one hole for each that the fields name and the words lack."""
    named = {field.classes for field in spec.fields if field.classes}
    return {name: {"?": {}} for name in named - words.classes.keys() - words.codesets.keys()}


def _mended(texts: Mapping[str, Text]) -> dict[str, Text]:
    return {name: {lang: _said(name, text, lang) for lang in LANGUAGES} for name, text in texts.items()}


def _said(name: str, text: Text, lang: Language) -> str:
    fault = fault_of(text, lang)
    if fault is None:
        return text[lang]
    return f"{_FOREIGN[lang]}{text[lang]}" if fault[0] == "text-untranslated" else _HOLE[lang].format(name)


def _even(keywords: Mapping[Language, tuple[str, ...]]) -> dict[Language, tuple[str, ...]]:
    """Return as many keywords in each language; the records pair them one by one."""
    most = max(1, *(len(told) for told in keywords.values()))
    return {
        lang: keywords[lang] + (_HOLE[lang].format("keyword"),) * (most - len(keywords[lang]))
        for lang in LANGUAGES
    }
