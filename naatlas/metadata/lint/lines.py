"""Lines of a file that elements come from, where the tree was not read from XML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lxml import etree


def line_of(element: etree._Element) -> int:
    """Return the line that an element begins in; the first where it is not known."""
    return cast(Any, element).sourceline or 1


def set_line(element: etree._Element, line: int) -> None:
    """Let an element remember the line that it begins in."""
    cast(Any, element).sourceline = line
