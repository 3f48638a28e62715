"""A record as handed in: recognised, and read into one tree whatever form it came in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lxml import etree, html

from naatlas.metadata.lint import csdgm_text, item_page
from naatlas.metadata.lint.lines import line_of
from naatlas.metadata.lint.tables import PREFIXES
from naatlas.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.metadata.lint.tables import Standard

Form = Literal["XML", "text", "HTML"]

_GMD = "http://www.isotc211.org/2005/gmd"
_ROOTS = {f"{{{_GMD}}}MD_Metadata", "{http://www.isotc211.org/2005/gmi}MI_Metadata"}
_ISO_3 = re.compile(r"\{https?://standards\.iso\.org/iso/19115/-3/mdb/[\d.]+\}MD_Metadata")
_CATALOGUE = re.compile(r"\{http://www\.opengis\.net/cat/csw/.*\}")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Document:
    """A record in one of the families that are read.

    Attributes
    ----------
    root
        Tree of the record. Text and pages are brought into the tree that the XML of their standard has; the
        elements keep the line that they come from.
    encoding
        As the file is written.
    """

    standard: Standard
    form: Form
    root: etree._Element
    encoding: str = "utf-8"

    def where(self, element: etree._Element, missing: str = "") -> str:
        """Tell where an element is, or would be: the XPath, in text and pages the line and the element."""
        tail = f"/{missing}" if missing else ""
        if self.form == "XML":
            return xpath(element) + tail
        names = [str(node.tag) for node in (element, *element.iterancestors())][-2::-1]
        return f"line {line_of(element)}: {'/'.join([*names, *([missing] if missing else [])])}"


def xpath(element: etree._Element) -> str:
    """Return the path of an element with the customary prefixes; a number where siblings have the same name."""
    return "".join(f"/{_step(node)}" for node in (*reversed(list(element.iterancestors())), element))


def _step(node: etree._Element) -> str:
    uri, _, name = str(node.tag).rpartition("}")
    prefix = PREFIXES.get(uri[1:], node.prefix)
    step = f"{prefix}:{name}" if uri and prefix else name
    before = sum(1 for _ in node.itersiblings(node.tag, preceding=True))
    alone = not before and next(node.itersiblings(node.tag), None) is None
    return step if alone else f"{step}[{before + 1}]"


def read(content: bytes) -> Document | Finding:
    """Recognise a record and read it; what cannot be read is a finding."""
    start = _decoded(content[:4096])[0].strip().lower()
    if not start:
        return _broken("xml-not-well-formed", "the file is empty", "", "get the file again")
    if re.match(
        r"<!doctype html|<html|(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype html[^>]*>\s*)?<html",
        start,
        re.DOTALL,
    ):
        return _page(content)
    return _xml(content) if start.startswith("<") else _text(content)


def _xml(content: bytes) -> Document | Finding:
    # entities and external files stay closed: a record is somebody else's file
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line, column = getattr(error, "position", (0, 0))
        told = f"not well-formed XML: {getattr(error, 'msg', None) or error}"
        place = f"line {line}, column {column}" if line else ""
        return _broken("xml-not-well-formed", told, place, "correct it at that line")
    encoding = (root.getroottree().docinfo.encoding or "utf-8").lower()
    if found := _recognised(root):
        return Document(found[0], "XML", found[1], encoding)
    return _unknown(f"the root element is {str(root.tag)[:120]}")


def _recognised(root: etree._Element) -> tuple[Standard, etree._Element] | None:
    if root.tag in _ROOTS:
        return "iso19139", root
    if _ISO_3.fullmatch(str(root.tag)):
        return "iso19115-3", root
    if root.tag == "metadata" or root.find("idinfo") is not None:
        return _plain(root), root
    if _CATALOGUE.match(str(root.tag)):  # the answer of a catalogue service holds the record
        inner = (node for tag in (*_ROOTS, "metadata") for node in root.iter(tag))
        return next((found for node in inner if (found := _recognised(node))), None)
    return None


def _plain(root: etree._Element) -> Standard:
    """Tell ArcGIS metadata from FGDC: both begin with ``metadata``, and ArcGIS may carry both."""
    ours = root.find("idinfo") is not None and root.find("metainfo") is not None
    theirs = root.find("dataIdInfo") is not None or root.find("Esri") is not None
    return "arcgis" if theirs and not ours else "fgdc"


def _text(content: bytes) -> Document | Finding:
    text, encoding = _decoded(content)
    root = csdgm_text.parse(enumerate(text.splitlines(), start=1))
    if root is None:
        return _unknown("the text has no FGDC element, such as Identification_Information")
    return Document("fgdc", "text", root, encoding)


def _page(content: bytes) -> Document | Finding:
    text, encoding = _decoded(content)
    try:  # the parser takes what browsers take, but no declaration of an encoding in a text that is decoded
        told = re.sub(r"^\s*<\?xml[^>]*>", "", text)
        page = html.document_fromstring(told, parser=html.HTMLParser(remove_comments=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return _unknown("the page has no text")
    root = csdgm_text.parse(item_page.csdgm_lines(page))
    if root is not None:
        return Document("fgdc", "HTML", root, encoding)
    root = item_page.parse(page)
    if root is None:
        return _unknown("the page is not of ArcGIS, with Tags, Summary and Description, nor of FGDC")
    return Document("arcgis", "HTML", root, encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    """Decode; what is not UTF-8 is taken for the encoding of Windows, as most such files are."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _harmless(content.decode(encoding, errors="replace").lstrip("\ufeff")), encoding
    try:
        return _harmless(content.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        return _harmless(content.decode("cp1252", errors="replace")), "cp1252"


def _harmless(text: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)


def _unknown(told: str) -> Finding:
    message = f"no metadata record that can be judged: {told}"
    advice = (
        "hand in ISO 19139, ISO 19115-3, FGDC CSDGM (XML, text or page) or ArcGIS metadata (XML or item page)"
    )
    return _broken("metadata-unknown", message, "", advice)


def _broken(rule: str, message: str, where: str, advice: str) -> Finding:
    return Finding(rule=rule, severity="error", message=message, where=where, advice=advice)


def elements(root: etree._Element) -> Iterator[etree._Element]:
    """All elements, without comments and processing instructions."""
    yield from (node for node in root.iter() if isinstance(node.tag, str))
