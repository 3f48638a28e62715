"""What can be wrong with a KML: code, how bad it is, what to do about it, and where."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from naatlas.validation.verdict import Point, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from naatlas.validation.kml.reading import Document

#: Places of one code that are named; the others are counted.
MOST = 100

_OUTER = "begin and end a ring with the same point, and give it three others at least"
_NOT_WEB = "put the file into the KMZ: what lies on the web is not there offline, and may be gone tomorrow"

#: Code -> how bad it is, and the advice. What readers refuse, lose or show wrongly has failed; what is merely unwise,
#: or may be meant, is a warning.
CODES: Mapping[str, tuple[Result, str]] = {
    "namespace": ("failed", 'begin with <kml xmlns="http://www.opengis.net/kml/2.2">'),
    "encoding": ("warning", "save the file as UTF-8 and declare it, or declare nothing"),
    "doc.kml": ("warning", "name the main file doc.kml and put it at the top, first in the archive"),
    "ids": ("failed", "begin every id with a letter, without blanks or colons, and use it once"),
    "styles": ("failed", "write the Style or StyleMap that the styleUrl names, or take the styleUrl out"),
    "style maps": ("failed", "give every StyleMap one pair normal and one pair highlight, each with a style"),
    "coordinates": (
        "failed",
        "write longitude,latitude[,height] in degrees, no blank after a comma; close rings, split at 180",
    ),
    "swapped coordinates": ("failed", "write longitude first: -100,45 is in South Dakota, 45,-100 nowhere"),
    "perhaps swapped": ("warning", "look at the places on a globe; if they are wrong, write longitude first"),
    "rings": ("failed", _OUTER),
    "ring direction": ("warning", "turn the ring: the outer boundary runs counterclockwise"),
    "ring shape": ("warning", "mend the polygon: an outline must not cross itself, nor a hole leave it"),
    "overlays": ("failed", "give the overlay an Icon with href, or a color"),
    "boxes": ("failed", "give north above south and east of west in degrees, within 90 and 180"),
    "level of detail": ("failed", "give minLodPixels below maxLodPixels, or maxLodPixels -1 for no limit"),
    "times": (
        "failed",
        "write dates as 2023, 2023-05, 2023-05-31 or 2023-05-31T12:00:00Z, and begin before end",
    ),
    "links": ("failed", "give the NetworkLink a Link with href"),
    "old links": ("warning", "write Link in place of Url, which is of KML 2.0"),
    "files inside": (
        "failed",
        "put the file into the KMZ, or correct its href: paths are relative to the KML",
    ),
    "files beside": ("warning", "send the file along, or pack all into a KMZ"),
    "files outside": ("warning", _NOT_WEB),
    "paths": ("failed", "write a relative path with forward slashes: others do not have your disk"),
    "pictures": ("failed", "put a PNG, JPEG or GIF there"),
    "schema data": ("failed", "declare the field in the Schema, and name the Schema in schemaUrl"),
    "schema types": ("warning", "correct the value, or declare the field as string"),
    "names": ("warning", "give every feature a name: a list of nameless entries helps nobody"),
    "scripts": ("failed", "take scripts, frames and event handlers out: viewers refuse or run them"),
    "tours": (
        "failed",
        "give every gx:Tour a gx:Playlist, every gx:FlyTo a view, and times of 0 or more seconds",
    ),
}


class Fault(NamedTuple):
    """Something wrong: code, what was found, and the element that has it."""

    code: str
    told: str
    node: etree._Element | None = None


def points(found: Iterable[tuple[Document, Fault]]) -> list[Point]:
    """Turn faults into points, by code in the order of ``CODES``; codes without fault have passed together."""
    by_code: dict[str, list[tuple[Document, Fault]]] = defaultdict(list)
    for document, fault in found:
        by_code[fault.code].append((document, fault))
    return [point for code in CODES for point in _told(code, by_code.get(code, []))]


def _told(code: str, found: list[tuple[Document, Fault]]) -> Iterator[Point]:
    severity, advice = CODES[code]
    for document, fault in found[:MOST]:
        yield Point(code, severity, fault.told, advice, where=place(document, fault.node))
    if len(found) > MOST:
        yield Point(code, severity, f"and {len(found) - MOST:,} more of the same", advice)


def place(document: Document, node: etree._Element | None) -> str:
    """Tell where an element stands: file of several, line, XPath by names of elements."""
    file = f"{document.name}, " if document.shown else ""
    if node is None:
        return file.removesuffix(", ")
    steps = [_step(one) for one in (node, *node.iterancestors())]
    return f"{file}line {node.sourceline}, /{'/'.join(reversed(steps))}"


def _step(node: etree._Element) -> str:
    number = sum(1 for _ in node.itersiblings(str(node.tag), preceding=True)) + 1
    others = number > 1 or next(node.itersiblings(str(node.tag)), None) is not None
    return f"{etree.QName(node).localname}{f'[{number}]' if others else ''}"
