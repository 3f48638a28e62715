"""Pages: the item description that ArcGIS exports, and FGDC records as HTML. Both become the tree of their XML."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from lxml import etree

from naatlas.metadata.lint.lines import line_of, set_line
from naatlas.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Headings of an item description in three languages, and the element of ArcGIS metadata below each.
_HEADINGS = {
    "tags": "dataIdInfo/searchKeys/keyword",
    "keywords": "dataIdInfo/searchKeys/keyword",
    "balises": "dataIdInfo/searchKeys/keyword",
    "etiquetas": "dataIdInfo/searchKeys/keyword",
    "summary": "dataIdInfo/idPurp",
    "resume": "dataIdInfo/idPurp",
    "resumen": "dataIdInfo/idPurp",
    "description": "dataIdInfo/idAbs",
    "descripcion": "dataIdInfo/idAbs",
    "credits": "dataIdInfo/idCredit",
    "credits (attribution)": "dataIdInfo/idCredit",
    "creditos": "dataIdInfo/idCredit",
    "use limitations": "dataIdInfo/resConst/Consts/useLimit",
    "access and use limitations": "dataIdInfo/resConst/Consts/useLimit",
    "terms of use": "dataIdInfo/resConst/Consts/useLimit",
    "limites d'utilisation": "dataIdInfo/resConst/Consts/useLimit",
    "limitaciones de uso": "dataIdInfo/resConst/Consts/useLimit",
    "extent": "extent",
    "etendue": "extent",
    "extension": "extent",
    "scale range": "",
    "plage d'echelles": "",
    "rango de escala": "",
}
#: A page is an item description when it has the first of these headings and one of the others.
_FIRST, _OTHERS = "dataIdInfo/idAbs", {"dataIdInfo/idPurp", "dataIdInfo/searchKeys/keyword"}
_SIDES = (
    ("westBL", r"\b(?:west|ouest|oeste)\b"),
    ("eastBL", r"\b(?:east|est|este)\b"),
    ("northBL", r"\b(?:north|nord|norte)\b"),
    ("southBL", r"\b(?:south|sud|sur)\b"),
)
_BLOCKS = {
    "address", "article", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "section", "table", "td", "th", "tr", "ul",
}  # fmt: skip
_SILENT = {"head", "script", "style", "title"}


def parse(page: etree._Element) -> etree._Element | None:
    """Return the tree of ArcGIS metadata that a page shows, or None when it shows none."""
    root = etree.Element("metadata")
    title = page.find(".//h1") if page.find(".//h1") is not None else page.find(".//title")
    if title is not None and (told := _one_line(" ".join(map(str, title.itertext())))):
        _put(root, "dataIdInfo/idCitation/resTitle", told, line_of(title))
    sections = list(_sections(_lines(page)))
    headings = {path for path, _, _ in sections}
    if _FIRST not in headings or not headings & _OTHERS:
        return None
    for path, line, texts in sections:
        told = _one_line(" ".join(texts))
        if path == "extent":
            _extent(root, told, line)
        elif path.endswith("keyword"):
            for keyword in filter(None, map(_one_line, re.split(r"[,;]", told))):
                _put(root, path, keyword, line)
        elif path and told and not _says_none(told):
            _put(root, path, told, line)
    return root


def csdgm_lines(page: etree._Element) -> Iterator[tuple[int, str]]:
    """Yield the lines of a page as ``mp`` writes it: names in italics, depth by nested lists."""
    for number, text, depth in _lines(page):
        yield number, f"{'  ' * depth}{text}"


def _lines(page: etree._Element) -> Iterator[tuple[int, str, int]]:
    """Yield what a reader sees, line by line: line in the file, text, and depth in definition lists."""
    line: list[str] = []
    start, depth = 1, 0
    for number, text, level in _pieces(page):
        if text is None:
            if told := _one_line("".join(line)):
                yield start, told, depth
            line, start, depth = [], number, level
        else:
            line.append(text)
    if told := _one_line("".join(line)):
        yield start, told, depth


def _pieces(page: etree._Element) -> Iterator[tuple[int, str | None, int]]:
    """Yield texts in order, and None where a line begins."""
    depth, silent = 0, 0
    for event, node in etree.iterwalk(page, events=("start", "end")):
        name, number = str(node.tag), line_of(node)
        step = 1 if event == "start" else -1
        depth += step * (name == "dl")
        silent += step * (name in _SILENT)
        if name in _BLOCKS:
            yield number, None, depth
        text = node.text if event == "start" else node.tail
        if text and not silent and (event == "end" or isinstance(node.tag, str)):
            yield number, text, depth


def _sections(lines: Iterable[tuple[int, str, int]]) -> Iterator[tuple[str, int, list[str]]]:
    path, start, texts = "", 0, list[str]()
    for number, text, _ in lines:
        heading = _HEADINGS.get(_folded(text))
        if heading is None:
            texts.append(text)
            continue
        yield path, start, texts
        path, start, texts = heading, number, []
    yield path, start, texts


def _extent(root: etree._Element, told: str, line: int) -> None:
    for name, side in _SIDES:
        match = re.search(rf"{side}[^\w-]*(-?\d+(?:\.\d+)?)", _folded(told))
        if match:
            box = root.find("dataIdInfo/dataExt/geoEle/GeoBndBox")
            if box is None:
                box = _put(root, "dataIdInfo/dataExt/geoEle/GeoBndBox", None, line)
            _put(box, name, match[1], line)


def _put(root: etree._Element, path: str, text: str | None, line: int) -> etree._Element:
    """Append a chain of elements of which all but the last may be there."""
    *way, last = path.split("/")
    for name in way:
        found = root.find(name)
        root = etree.SubElement(root, name) if found is None else found
        set_line(root, line)
    element = etree.SubElement(root, last)
    set_line(element, line)
    element.text = clean(text) if text else None
    return element


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _folded(text: str) -> str:
    """Lower case without accents and without the colon at the end."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).strip().rstrip(":").strip()


def _says_none(text: str) -> bool:
    """ArcGIS writes that there is nothing: "There are no credits for this item."."""
    return bool(
        re.fullmatch(r"(there (is|are) no .* for this item|no .* (available|provided))\.?", _folded(text))
    )
