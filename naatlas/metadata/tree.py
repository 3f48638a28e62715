"""Small steps for building XML: one child after another, and only text that XML can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from naatlas.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable


def put(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """Append a chain of elements, such as ``citation/citeinfo``, and return the last one.

    Parameters
    ----------
    path
        Names from the parent down, prefixes as in the parent's namespaces.
    text
        Text of the last element; characters that XML forbids become U+FFFD.
    """
    for name in path.split("/"):
        parent = etree.SubElement(parent, _qualified(parent, name))
    if text is not None:
        parent.text = clean(text)
    return parent


def put_all(parent: etree._Element, name: str, texts: Iterable[str]) -> None:
    """Append one element of that name for each text."""
    for text in texts:
        put(parent, name, text)


def _qualified(parent: etree._Element, name: str) -> str:
    prefix, colon, local = name.partition(":")
    return f"{{{parent.nsmap[prefix]}}}{local}" if colon else name


def as_bytes(root: etree._Element) -> bytes:
    """Write the document as UTF-8, indented."""
    etree.indent(root, space="  ")
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document + b"\n"
