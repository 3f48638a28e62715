"""FGDC records as indented text, the form that ``mp`` writes: read into the tree that their XML has.

A line such as ``Publication_Date: 2004`` opens an element; further lines belong to it as long as no other element
opens. Which element may stand in which is known from the standard, so that the indentation, which copying loses,
is not needed; where it is there, it tells text from elements.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from naatlas.metadata.lint.lines import set_line
from naatlas.metadata.lint.tables import table
from naatlas.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A record begins with one of its sections; whatever stands above is a covering note.
_SECTIONS = {"idinfo", "metainfo"}


@cache
def _known() -> dict[str, tuple[str, frozenset[str], bool]]:
    """Element, parents and whether it holds elements, by long name; case and punctuation do not count."""
    return {
        _plain(row["name"]): (row["element"], frozenset(row["parents"].split()), bool(row["compound"]))
        for row in table("csdgm_names")
    }


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def parse(lines: Iterable[tuple[int, str]]) -> etree._Element | None:
    """Return the tree of a record, or None when the lines hold none.

    Parameters
    ----------
    lines
        Line numbers and lines; elements keep the number as ``sourceline``.
    """
    reader = _Reader()
    for number, line in lines:
        reader.take(number, line)
    return reader.root if any(child.tag in _SECTIONS for child in reader.root) else None


class _Reader:
    """The elements that are open, innermost last, with their indentation."""

    def __init__(self) -> None:
        self.root = etree.Element("metadata")
        self._open: list[tuple[etree._Element, int, bool]] = [(self.root, -1, True)]

    def take(self, number: int, line: str) -> None:
        """Open the element that a line names, or add the line to the text of the open one."""
        name, colon, told = line.strip().partition(":")
        indent = len(line.expandtabs(8)) - len(line.expandtabs(8).lstrip())
        element, parents, compound = _known().get(_plain(name), ("", frozenset(), False))
        # compounds may lack the colon, but nothing follows them; all others have it
        begins = not told.strip() if compound else bool(colon and element)
        parent = self._parent(parents, indent) if begins else None
        if parent is None:
            self._add(line)
            return
        child = etree.SubElement(parent, element)
        set_line(child, number)
        child.text = clean(told.strip()) or None
        self._open.append((child, indent, compound))

    def _parent(self, parents: frozenset[str], indent: int) -> etree._Element | None:
        """Close elements down to the innermost one that may hold the new one; None when the line is text."""
        _, depth, holds = self._open[-1]
        if not holds and 0 <= depth < indent:
            return None  # deeper than an element of text: part of that text
        for place in range(len(self._open) - 1, -1, -1):
            element, depth, _ = self._open[place]
            if element.tag in parents and (depth < indent or not indent):
                del self._open[place + 1 :]
                return element
        return None

    def _add(self, line: str) -> None:
        element, _, holds = self._open[-1]
        if not holds and line.strip():
            element.text = clean(f"{element.text} {line.strip()}" if element.text else line.strip())
