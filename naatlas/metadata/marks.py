"""What a product that may not go out says of itself, in every title: draft, or restricted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.phrasing import join

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from naatlas.metadata.words import Text
    from naatlas.model import Mark

MARKS: Mapping[Mark, Text] = {
    "draft": {"en": "DRAFT", "fr": "ÉBAUCHE", "es": "BORRADOR"},
    "restricted": {"en": "RESTRICTED", "fr": "DIFFUSION RESTREINTE", "es": "DIFUSIÓN RESTRINGIDA"},
}


def marked(title: Text, marks: Iterable[Mark]) -> Text:
    """Put the marks of a product before its title."""
    told = [MARKS[mark] for mark in marks]
    return join((*told, title), " - ") if told else title
