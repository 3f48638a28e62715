"""Parts that all JSON-LD records share: texts with their language, identifiers, and the bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from naatlas.metadata.content import Box, Record
    from naatlas.metadata.words import Text

Node = dict[str, Any]

#: Records lie in ``metadata/``; all they point at is told relative to that, so that a product may lie anywhere.
UP = "../"


def identifier(record: Record) -> str:
    """Return the lasting name of the product, the same in all records."""
    return f"urn:uuid:{record.identifier}"


def tagged(text: Text) -> list[Node]:
    """Give a text in all languages, each tagged with its own; what is the same in all stands once, untagged."""
    if len(set(text.values())) == 1:
        return [{"@value": text["en"]}]
    return [{"@language": lang, "@value": text[lang]} for lang in LANGUAGES]


def boxes(box: Box) -> tuple[Box, ...]:
    """Cut a window at 180 degrees where it crosses that meridian, for readers that know no such windows."""
    if box.west <= box.east:
        return (box,)
    return (replace(box, east=180.0), replace(box, west=-180.0))


def ring(box: Box) -> list[tuple[float, float]]:
    """Return the outline of a window as longitude and latitude, closed and counter-clockwise."""
    west, east, south, north = (round(side, 6) for side in (box.west, box.east, box.south, box.north))
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


#: Name of the record that tells how the product was made; other records point into it.
LINEAGE = "lineage.jsonld"


def source_id(source: str) -> str:
    """Name an input of the product, as the lineage record defines it."""
    return f"{LINEAGE}#source-{source}"


def last_change(record: Record) -> str:
    """Name the last step that changed the features; the check that follows it changes nothing."""
    return next(step.name for step in reversed(record.steps) if step.name not in {"", "check"})


def as_bytes(told: object) -> bytes:
    """Return a record as JSON in UTF-8, keys in the order in which they were told."""
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
