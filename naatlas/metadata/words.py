"""The words of a layer: what stands in ``metadata/<slug>.yaml``, in three languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from naatlas.errors import SpecError
from naatlas.spec import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

Text = dict[Language, str]


@dataclass(frozen=True, slots=True)
class Words:
    """Texts by language; ``texts`` holds the prose (title, abstract, ...), the rest labels and definitions."""

    slug: str
    texts: Mapping[str, Text]
    keywords: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Text]
    definitions: Mapping[str, Text]
    classes: Mapping[str, Mapping[str, Text]]

    def text(self, name: str, language: Language) -> str:
        """Prose such as ``title`` or ``abstract``."""
        return self.texts[name][language]

    def label(self, field: str, language: Language) -> str:
        """Short name of a field, for column heads and balloons."""
        return self.labels[field][language]

    def class_label(self, class_list: str, code: str, language: Language) -> str:
        """Name of a class, such as "Natural gas" for ``energy_source``, ``natural_gas``."""
        return self.classes[class_list][code][language]


@cache
def load(slug: str) -> Words:
    """Read the words of a layer, over the words that all layers share (``metadata/common.yaml``).

    Raises
    ------
    SpecError
        The file is missing, or a text lacks one of the three languages.
    """
    common, own = _read("common"), _read(slug)
    labels, definitions = {}, {}
    for name, entry in (common["fields"] | own.get("fields", {})).items():
        labels[name] = _text(slug, f"fields.{name}.label", entry["label"])
        definitions[name] = _text(slug, f"fields.{name}.definition", entry["definition"])
    classes = {
        group: {code: _text(slug, f"classes.{group}.{code}", text) for code, text in codes.items()}
        for group, codes in (common["classes"] | own.get("classes", {})).items()
    }
    prose = common["texts"] | own["texts"]
    texts = {name: _text(slug, f"texts.{name}", text) for name, text in prose.items()}
    keywords = {lang: tuple(own["keywords"][lang]) for lang in LANGUAGES}
    return Words(slug, texts, keywords, labels, definitions, classes)


def _read(slug: str) -> dict[str, dict[str, dict[str, str]]]:
    import yaml

    path = resources.files("naatlas") / "metadata" / f"{slug}.yaml"
    if not path.is_file():
        raise SpecError(f"layer {slug}: its words are missing; write naatlas/metadata/{slug}.yaml")
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _text(slug: str, where: str, told: object) -> Text:
    if not isinstance(told, dict) or any(not str(told.get(lang) or "").strip() for lang in LANGUAGES):
        raise SpecError(f"metadata/{slug}.yaml (or common.yaml), {where}: write all of {', '.join(LANGUAGES)}")
    return {lang: " ".join(str(told[lang]).split()) for lang in LANGUAGES}
