"""Dates, boxes, addresses and contacts: what a schema lets pass and no reader can use."""

from __future__ import annotations

import calendar
import re
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from naatlas.metadata.lint.reading import Reading, Said
    from naatlas.model import Finding

_ISO_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?Z?"
)
_FGDC_DATE = re.compile(r"(\d{4})(?:(\d\d)(?:(\d\d))?)?")
#: What CSDGM allows in place of a date; years before the common era begin with letters.
_FGDC_WORDS = re.compile(r"unknown|present|unpublished material|not complete|(bc|cc|cd)\d+", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]+")
_WEB = {"http", "https", "ftp", "ftps", "sftp"}
_OTHER_SCHEMES = {"doi", "urn", "hdl", "info"}
_SIDES = ("west", "east", "south", "north")
_LON, _LAT = 180.0, 90.0
_ROUND = 360.0
#: Degrees of the widest box across 180 degrees that is taken for one: the base layers reach from eastern Siberia to
#: Iceland, 200 degrees. Two sides exchanged make a wider one for all layers of a country.
_WIDEST = 220.0

Day = tuple[int, ...]


def dates(reading: Reading) -> Iterator[Finding]:
    """Name dates that are none, and dates in an order that cannot be."""
    for told in reading.all("date"):
        if _day(told.text, reading) is None and not _words(told, reading):
            message = f"{told.text[:40]!r} is no date of this standard"
            yield reading.finding("date-format", message, told.element)
    for cited in reading.elements("cited"):
        yield from _cited(reading, cited)
    for period in reading.elements("period"):
        begin, end = reading.first("period.begin", period), reading.first("period.end", period)
        if begin and end and _after(begin, end, reading):
            message = f"the period begins ({begin.text}) after it ends ({end.text})"
            yield reading.finding("period-order", message, period)


def _day(text: str, reading: Reading) -> Day | None:
    """Return year, month and day as far as they are given, or None when that is no date."""
    standard = reading.document.standard
    match = None if standard == "fgdc" else _ISO_DATE.fullmatch(text)
    if match is None and standard in {"fgdc", "arcgis"}:  # ArcGIS writes both
        match = _FGDC_DATE.fullmatch(text)
    if match is None:
        return None
    day = tuple(int(part) for part in match.groups() if part)
    if len(day) > 1 and not 1 <= day[1] <= 12:  # noqa: PLR2004 - months
        return None
    if len(day) > 2 and not (day[0] and 1 <= day[2] <= calendar.monthrange(*day[:2])[1]):  # noqa: PLR2004 - days
        return None
    return day


def _words(told: Said, reading: Reading) -> bool:
    """Tell whether the standard allows the word in place of a date."""
    return reading.document.standard in {"fgdc", "arcgis"} and bool(_FGDC_WORDS.fullmatch(told.text))


def _after(one: Said, other: Said, reading: Reading) -> bool:
    """Compare as far as both dates are given: 2023 is not after 2023-05."""
    first, second = _day(one.text, reading), _day(other.text, reading)
    if first is None or second is None:
        return False
    given = min(len(first), len(second))
    return first[:given] > second[:given]


def _cited(reading: Reading, cited: etree._Element) -> Iterator[Finding]:
    """Nothing is published or revised before it was made."""
    days: dict[str, list[Said]] = {"creation": [], "publication": [], "revision": []}
    for date in reading.elements("cited.date", cited):
        day, kind = reading.first("cited.day", date), next(reading.elements("cited.kind", date), None)
        if day and kind is not None and kind.get("codeListValue") in days:
            days[str(kind.get("codeListValue"))].append(day)
    for name in ("creation", "publication"):
        days[name] += reading.all(f"cited.{name}", cited)
    for later, made in product((*days["publication"], *days["revision"]), days["creation"]):
        if _after(made, later, reading):
            done = "published" if later in days["publication"] else "revised"
            message = f"{done} ({later.text}) before it was created ({made.text})"
            yield reading.finding("date-order", message, later.element)


def boxes(reading: Reading) -> Iterator[Finding]:
    """Name bounding boxes that are no place on the globe."""
    for element in reading.elements("box"):
        sides = {side: reading.first(f"box.{side}", element) for side in _SIDES}
        wrong = [told for told in sides.values() if told and not _NUMBER.fullmatch(told.text)]
        for told in wrong:
            yield reading.finding("box-number", f"{told.text[:40]!r} is no number", told.element)
        if not wrong and all(sides.values()):
            yield from _box(reading, element, *(float(told.text) for told in sides.values() if told))


def box(reading: Reading, element: etree._Element) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north, or None when they are no numbers or not all there."""
    told = [reading.first(f"box.{side}", element) for side in ("west", "south", "east", "north")]
    values = [float(side.text) for side in told if side and _NUMBER.fullmatch(side.text)]
    return (values[0], values[1], values[2], values[3]) if len(values) == len(told) else None


def _box(
    reading: Reading, element: etree._Element, west: float, east: float, south: float, north: float
) -> Iterator[Finding]:
    told = f"west {west:g}, east {east:g}, south {south:g}, north {north:g}"
    high = max(abs(south), abs(north))
    if _LAT < high <= _LON and max(abs(west), abs(east)) <= _LAT:
        yield reading.finding("box-swapped", f"longitude and latitude are exchanged: {told}", element)
    elif high > _LAT or max(abs(west), abs(east)) > _LON:
        metres = ", as if in metres" if high > 1000 else ""  # noqa: PLR2004 - no angle is that large
        yield reading.finding("box-range", f"not in degrees{metres}: {told}", element)
    elif south > north:
        yield reading.finding("box-order", f"south is above north: {told}", element)
    elif west > east and west - east < _ROUND - _WIDEST:
        # a box across 180 degrees also has west above east, and is then no wider than any layer of the Atlas
        yield reading.finding("box-order", f"west is east of east: {told}", element)


def links(reading: Reading) -> Iterator[Finding]:
    """Name addresses that no browser can follow."""
    for told in reading.all("link"):
        if why := _unfit(told.text):
            yield reading.finding("link-malformed", f"{told.text[:80]!r} {why}", told.element)


def _unfit(url: str) -> str:
    if re.match(r"[A-Za-z]:[\\/]|\\\\|file:", url):
        return "is a path on somebody's computer"
    if " " in url:
        return "holds a space"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "is no address"
    if parts.scheme.lower() in _OTHER_SCHEMES:
        return ""
    if parts.scheme.lower() not in _WEB:
        return "does not say its protocol" if "." in url else "is no address"
    fit = "." in host.strip(".") or host == "localhost"
    return "" if fit and re.fullmatch(r"[^\s\"<>\\^`{|}]+", url) else "names no computer on the web"


def contacts(reading: Reading) -> Iterator[Finding]:
    """Every contact has a role and a way to reach it."""
    asks_role = reading.document.standard != "fgdc"  # there the place of the contact is its role
    for element in reading.elements("contact"):
        if asks_role and not reading.all("contact.role", element):
            yield reading.finding("contact-role", "a contact without a role", element, _role(reading))
        if not reading.all("contact.reach", element):
            yield reading.finding("contact-reach", "a contact that nobody can reach", element)
        for told in reading.all("contact.email", element):
            if not _EMAIL.fullmatch(told.text):
                yield reading.finding("contact-email", f"{told.text[:60]!r} is no address", told.element)


def _role(reading: Reading) -> str:
    return {"iso19139": "gmd:role", "iso19115-3": "cit:role"}.get(reading.document.standard, "role")
