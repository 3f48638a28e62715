"""The record against the data that it lies beside: extent, columns, and whether it is their record at all."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz

from naatlas.metadata.lint import sense
from naatlas.metadata.lint.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from naatlas.metadata.lint.reading import Beside, Reading
    from naatlas.model import Finding

    Box = tuple[float, float, float, float]

#: What a box may be short of the data, in degrees and as a share of its width; and how much wider it may be.
DATE_LINE = 180.0
TOLERANCE_DEG, TOLERANCE_SHARE = 0.01, 0.005
LOOSE_DEG, LOOSE_SHARE = 1.0, 0.1

#: Columns that programs add and nobody documents.
_OF_PROGRAMS = {
    "fid", "ogc_fid", "gid", "objectid", "objectid_1", "shape", "geom", "geometry", "the_geom", "shape_leng",
    "shape_length", "shape_le_1", "shape_area", "shape_ar_1", "shape__length", "shape__area",
}  # fmt: skip
_DBF_NAME = 10
#: How a definition names the column of a shapefile.
_ELSEWHERE = re.compile(r"\bnot in the shapefile\b", re.IGNORECASE)
_ALIAS = re.compile(r"\b(?:column|field|colonne|champ|columna|campo)\s+[\"'«]?([A-Za-z_]\w*)", re.IGNORECASE)

#: Words in names of files that say nothing of their subject.
_GENERIC = {
    "north", "america", "american", "atlas", "shapefile", "metadata", "data", "dataset", "layer", "layers", "record",
    "iso19115", "iso19139", "fgdc", "readme", "final", "version", "copy", "export", "points", "lines", "polygons",
    "polygon", "point", "line", "zipped", "package", "mappackage", "geotiff", "canada", "mexico", "united", "states",
    "table", "output", "product", "temp", "test", "untitled",
}  # fmt: skip
_SHORTEST, _ALIKE = 4, 80


def extent(reading: Reading, beside: Beside) -> Iterator[Finding]:
    """Compare the boxes of the record, taken together, with the extent of the data."""
    if beside.box is None or any(sense.boxes(reading)):
        return
    there = [(element, told) for element in reading.elements("box") if (told := sense.box(reading, element))]
    if there:
        yield from _compared(reading, there[0][0], _together([told for _, told in there]), beside.box)


def _compared(reading: Reading, element: etree._Element, told: Box, measured: Box) -> Iterator[Finding]:
    (west, south, east, north), (left, low, right, high) = told, _unrolled(measured)
    spans = (right - left, high - low) * 2
    short = (west - left, south - low, right - east, high - north)  # how far data lie outside, side by side
    whole = east - west >= 360  # noqa: PLR2004 - around the globe
    if whole:
        short = (-1.0, short[1], -1.0, short[3])
    sides = f"west, south, east, north are {_sides(told)}; of the data {_sides(measured)}"
    if any(off > max(TOLERANCE_DEG, TOLERANCE_SHARE * span) for off, span in zip(short, spans, strict=True)):
        yield reading.finding("box-differs", f"data lie outside of the box: {sides}", element)
    elif whole or any(
        -off > max(LOOSE_DEG, LOOSE_SHARE * span) for off, span in zip(short, spans, strict=True)
    ):
        yield reading.finding("box-loose", f"the box is much wider than the data: {sides}", element)


def _sides(box: Box) -> str:
    """Write a box as records do, with longitudes between -180 and 180 degrees."""
    west, south, east, north = box
    west += 2 * DATE_LINE if west < -DATE_LINE else 0
    return ", ".join(f"{round(value, 4):g}" for value in (west, south, east, north))


def _together(boxes: list[Box]) -> Box:
    """Join boxes; what ends at 180 degrees lies west of what begins there."""
    meets = any(box[2] == DATE_LINE for box in boxes) and any(box[0] == -DATE_LINE for box in boxes)
    turned = [
        (w - 360, s, e - 360, n) if meets and w > 0 else (w, s, e, n) for w, s, e, n in map(_unrolled, boxes)
    ]
    west, south, east, north = zip(*turned, strict=True)
    return min(west), min(south), max(east), max(north)


def _unrolled(box: Box) -> Box:
    """Let east be above west where the box crosses 180 degrees."""
    west, south, east, north = box
    return (west - 360 if west > east else west, south, east, north)


def columns(reading: Reading, beside: Beside) -> Iterator[Finding]:
    """Compare the field list of the record with the columns of the data, by any name it gives them."""
    if beside.columns is None or not lists_columns(reading):
        return
    listed = [_documented(reading, element) for element in reading.elements("attribute")]
    known = _OF_PROGRAMS.union(*(entry.names for entry in listed))
    if lost := [column for column in beside.columns if column.lower() not in known]:
        told = (
            f"not in the field list: {', '.join(lost)}" if listed else f"no field list, for {', '.join(lost)}"
        )
        yield reading.finding("column-undocumented", told, None, "eainfo/detailed/attr")
    there = {column.lower() for column in beside.columns}
    for entry in listed:
        if not entry.elsewhere and entry.label.lower() not in _OF_PROGRAMS and not entry.names & there:
            message = f"{entry.label} is documented, but no column of the data"
            yield reading.finding("column-absent", message, entry.element)


def lists_columns(reading: Reading) -> bool:
    """Tell whether a record of this kind has a field list; the item page of ArcGIS has none."""
    document = reading.document
    return document.standard == "fgdc" or (document.standard == "arcgis" and document.form == "XML")


class _Documented(NamedTuple):
    """A line of the field list: its label, all names that the column may have, and whether it is not in all formats."""

    element: etree._Element
    label: str
    names: frozenset[str]
    elsewhere: bool


def _documented(reading: Reading, element: etree._Element) -> _Documented:
    """Read a line of the field list; in a shapefile names are cut off after ten characters, or as defined."""
    label, told = reading.first("attribute.label", element), reading.first("attribute.told", element)
    name, definition = label.text if label else "", told.text if told else ""
    names = {name.lower(), name.lower()[:_DBF_NAME], *(word.lower() for word in _ALIAS.findall(definition))}
    return _Documented(element, name, frozenset(names), not name or bool(_ELSEWHERE.search(definition)))


def title(reading: Reading, beside: Beside) -> Iterator[Finding]:
    """Hold the title against the names of the files: packages do carry the record of another layer."""
    told = reading.first("title")
    if told is None:
        return
    subject = _themes(_spaced(told.text))
    for name in (*beside.names, *beside.folders):
        if themes := _themes(_spaced(name)) | _themes(_squeezed(name), within=True):
            if subject and not subject & themes:
                message = f"the title {told.text[:80]!r} speaks of {_and(subject)}, the name {name!r} of {_and(themes)}"
                yield reading.finding("title-other-layer", message, told.element)
            return
    texts = (told, reading.first("abstract"), *reading.all("keyword"))
    all_said = _spaced(" ".join(text.text for text in texts if text))
    words = next(filter(None, map(_telling, beside.names)), [])
    if words and not any(_alike(word, all_said) for word in words):
        message = (
            f"nothing in title, abstract and keywords speaks of {' '.join(words)!r}, as the file is named"
        )
        yield reading.finding("title-unrelated", message, told.element)


def _alike(word: str, text: str) -> bool:
    return fuzz.partial_ratio(word, text) >= _ALIKE or word in text.replace(" ", "")


def _themes(text: str, *, within: bool = False) -> set[str]:
    """Themes of the Atlas that a text names; ``within`` finds long ones inside words run together."""
    found = set()
    for row in table("themes"):
        for word in row["words"].split("|"):
            squeezed = word.replace(" ", "")
            inside = within and len(squeezed) > 2 * _SHORTEST and squeezed in text
            if inside or (not within and re.search(rf"\b{re.escape(word)}", text)):
                found.add(row["theme"])
    return found


def _spaced(text: str) -> str:
    """Lower case words without accents, parted where a name changes from small letters to capitals."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFD", parted).casefold()
    return re.sub(r"[\W_]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def _squeezed(name: str) -> str:
    return _spaced(name).replace(" ", "")


def _telling(name: str) -> list[str]:
    """Words of a file name that may say what the file is about; identifiers with digits inside say nothing."""
    stem = re.split(r"\.(?=[A-Za-z])", name)[0]
    words = [re.sub(r"\d+$", "", word) for word in _spaced(stem).split()]
    return [word for word in words if len(word) >= _SHORTEST and word.isalpha() and word not in _GENERIC]


def _and(themes: set[str]) -> str:
    words = {row["theme"]: row["words"].split("|")[0] for row in table("themes")}
    return " and ".join(sorted(words[theme] for theme in themes))
