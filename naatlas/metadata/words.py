"""The words of a layer: what stands in ``metadata/<slug>.yaml``, in three languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from naatlas.errors import SpecError
from naatlas.spec import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

Text = dict[Language, str]

#: Parts of a file of words whose entries a layer's own file adds to, or replaces in, the common one.
_SECTIONS = ("texts", "fields", "patterns", "names", "classes", "codesets")

#: What a layer's own words must have beyond what all layers share.
REQUIRED = ("title", "abstract", "purpose", "limitations", "use_constraints", "lineage", "credits")
#: A text that nobody has written.
HOLE: Text = dict.fromkeys(LANGUAGES, "")

#: The safe loader in C, ten times as fast, where PyYAML was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """Texts by language; ``texts`` holds the prose (title, abstract, ...), the rest labels and definitions.

    Attributes
    ----------
    codesets
        Names of the code lists that are kept outside of the words, such as the codes of states and provinces.
    topics
        Topic categories of ISO 19115.
    subjects
        Terms of the Government of Canada Core Subject Thesaurus, of which the Canadian profile asks for one.
    notes
        Names of the layer's own texts that end in ``_note``: further limits, printed in that order.
    own
        Fields that the layer's own file names one by one: each of them must exist in the layer.
    """

    slug: str
    texts: Mapping[str, Text]
    keywords: Mapping[Language, tuple[str, ...]]
    labels: Mapping[str, Text]
    definitions: Mapping[str, Text]
    classes: Mapping[str, Mapping[str, Text]]
    codesets: Mapping[str, Text]
    topics: tuple[str, ...] = ()
    subjects: tuple[Text, ...] = ()
    notes: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def text(self, name: str, language: Language) -> str:
        """Prose such as ``title`` or ``abstract``."""
        return self.texts[name][language]

    def title(self, edition: str) -> Text:
        """Title of the layer, or of one edition that says more in its own: ``title_<edition>``."""
        return self.texts.get(f"title_{edition}", self.texts["title"])

    def label(self, field: str, language: Language) -> str:
        """Short name of a field, for column heads and balloons."""
        return self.labels[field][language]

    def definition(self, field: str, language: Language) -> str:
        """Meaning of a field's values, in one or two sentences."""
        return self.definitions[field][language]

    def class_label(self, class_list: str, code: str, language: Language) -> str:
        """Name of a class, such as "Natural gas" for ``energy_source``, ``natural_gas``."""
        return self.classes[class_list][code][language]


@cache
def load(slug: str) -> Words:
    """Read the words of a layer, over the words that all layers share (``metadata/common.yaml``).

    A file that says ``extends: raster`` is also read over ``metadata/raster.yaml``, which is shared by some layers.

    An entry of ``patterns`` such as ``{pollutant}_year`` stands for one field for each code of the table
    ``names.pollutant``, or of the class list of that name; a field that is
    named itself comes before a pattern.

    Raises
    ------
    SpecError
        The file is missing or not laid out as files of words are.

    Notes
    -----
    A text that is missing in a language is empty: the gate names all of them at once.
    """
    common, own = _read("common"), _read(slug)
    shared = _read(own["extends"]) if "extends" in own else {}
    told = {part: _over(part, common, shared, own) for part in _SECTIONS}
    fields = _expand(slug, told["patterns"], told["classes"] | told["names"]) | told["fields"]
    keywords = own.get("keywords") or {}
    return Words(
        slug=slug,
        texts=dict.fromkeys(REQUIRED, HOLE) | _texts(slug, "texts", told["texts"]),
        keywords={lang: tuple(keywords.get(lang) or ()) for lang in LANGUAGES},
        labels={
            name: _text(slug, f"fields.{name}.label", entry.get("label")) for name, entry in fields.items()
        },
        definitions={
            name: _text(slug, f"fields.{name}.definition", entry.get("definition"))
            for name, entry in fields.items()
        },
        classes={group: _texts(slug, f"classes.{group}", codes) for group, codes in told["classes"].items()},
        codesets=_texts(slug, "codesets", told["codesets"]),
        topics=tuple(own.get("topics", ())),
        subjects=tuple(_text(slug, "subjects", term) for term in own.get("subjects") or ()),
        notes=tuple(name for name in own.get("texts") or {} if name.endswith("_note")),
        own=tuple(own.get("fields") or {}),
    )


def _over(part: str, *files: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section of all files; what a later one repeats, it replaces."""
    told: dict[str, Any] = {}
    for file in files:
        told |= file.get(part) or {}
    return told


def _read(slug: str) -> dict[str, Any]:
    path = resources.files("naatlas") / "metadata" / f"{slug}.yaml"
    if not path.is_file():
        raise SpecError(f"layer {slug}: its words are missing; write naatlas/metadata/{slug}.yaml")
    told: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}  # noqa: S506 - safe
    return told


def _expand(slug: str, patterns: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """One entry a field for each pattern and each code of the table that its placeholder names."""
    fields: dict[str, Any] = {}
    for pattern, entry in patterns.items():
        found = _PLACEHOLDER.search(pattern)
        if not found or found[1] not in names:
            raise SpecError(
                f"metadata/{slug}.yaml, patterns.{pattern}: name one table of classes or names in braces"
            )
        for code, name in names[found[1]].items():
            filled = {part: _fill(text, found[0], name) for part, text in entry.items()}
            fields[pattern.replace(found[0], code)] = filled
    return fields


def _fill(text: Text, placeholder: str, name: Text) -> Text:
    return {lang: told.replace(placeholder, name.get(lang, "")) for lang, told in text.items()}


def _texts(slug: str, where: str, told: Mapping[str, object]) -> dict[str, Text]:
    return {name: _text(slug, f"{where}.{name}", text) for name, text in told.items()}


def _text(slug: str, where: str, told: object) -> Text:
    if not isinstance(told, dict | None):
        raise SpecError(f"metadata/{slug}.yaml (or common.yaml), {where}: write a text for each language")
    return {lang: " ".join(str((told or {}).get(lang) or "").split()) for lang in LANGUAGES}
