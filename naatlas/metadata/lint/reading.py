"""What a record says, wherever its standard puts it: titles, dates, boxes, contacts, columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree, html

from naatlas.metadata.lint.tables import paths, rules
from naatlas.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.metadata.lint.document import Document


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of the data that a record lies beside.

    Attributes
    ----------
    names
        Names of the files, the nearest first, to hold the title against.
    folders
        Names of the folders that they lie in, the nearest first.
    columns
        Columns of the table; None when no table is there.
    box
        West, south, east and north of the data in degrees; west is greater than east across 180 degrees.
    """

    names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a record and the element that it stands in."""

    text: str
    element: etree._Element


@dataclass(frozen=True, slots=True)
class Reading:
    """A document, and the way to what it says."""

    document: Document

    def all(self, what: str, within: etree._Element | None = None) -> list[Said]:
        """Return all texts of that kind that are not empty; codes count as texts."""
        found = ((node, said(node)) for node in self.elements(what, within))
        return [Said(text, node) for node, text in found if text]

    def first(self, what: str, within: etree._Element | None = None) -> Said | None:
        """Return the first text of that kind."""
        return next(iter(self.all(what, within)), None)

    def elements(self, what: str, within: etree._Element | None = None) -> Iterator[etree._Element]:
        """Yield the elements of that kind, empty ones too; none where the standard has no such thing."""
        path = paths(self.document.standard).get(what, "")
        yield from find(self.document.root if within is None else within, path)

    def finding(
        self, code: str, message: str, element: etree._Element | None = None, missing: str = ""
    ) -> Finding:
        """Report against a rule; without an element the whole record is meant."""
        rule = rules()[code]
        where = self.document.where(self.document.root if element is None else element, missing)
        return Finding(rule=code, severity=rule.severity, message=message, advice=rule.advice, where=where)


def find(start: etree._Element, path: str) -> Iterator[etree._Element]:
    """Yield elements by local names, whatever their namespace and prefix; ``|`` parts alternatives."""
    for part in filter(None, path.split("|")):
        deep = part.startswith(".//")
        steps = [
            s if s in {"", "*"} else f"{{*}}{s.rpartition(':')[2]}"
            for s in part.removeprefix(".//").split("/")
        ]
        yield from start.iterfind((".//" if deep else "") + "/".join(steps))


def said(element: etree._Element) -> str:
    """Return the text of an element in one line, else the code in its attributes; markup in ArcGIS texts goes."""
    told = " ".join("".join(str(text) for text in element.itertext()).split())
    if told.startswith("<") and told.endswith(">"):
        told = _without_markup(told)
    return told or str(element.get("codeListValue") or element.get("value") or "").strip()


def _without_markup(text: str) -> str:
    try:
        return " ".join(" ".join(str(part) for part in html.fromstring(text).itertext()).split())
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return text
