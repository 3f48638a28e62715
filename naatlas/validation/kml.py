"""Rules for KML beyond its schema: what makes Google Earth and other viewers show a file rightly."""

from __future__ import annotations

import re
import zipfile
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

from lxml import etree

from naatlas.errors import InputError
from naatlas.metadata import schemas as published
from naatlas.sources import archive
from naatlas.validation.verdict import Point, Verdict, of_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

KML = "{http://www.opengis.net/kml/2.2}"

#: What Google Maps and My Maps refuse.
MAPS_BYTES, MAPS_FEATURES, MAPS_LINKS = 10_000_000, 1_000, 10

_ADVICE = {
    "ids": "begin every id with a letter, and use it once",
    "styles": "write the Style or StyleMap that the styleUrl names, or take the styleUrl out",
    "style maps": "give every StyleMap one pair normal and one pair highlight",
    "coordinates": "write longitude,latitude[,height] in degrees, no blank after a comma; close rings, split at 180",
    "overlays": "give the overlay an Icon with href, or a color",
    "files inside": "put the file into the KMZ, or correct its href: paths are relative to the KML",
}

_NCNAME = re.compile(r"[A-Za-z_][\w.\-]*")


def judge(path: Path, *, schemas: Path | None = None) -> Verdict:
    """Judge a KML or KMZ file.

    Parameters
    ----------
    schemas
        Folder with the schema of KML, looked into before the installed package.

    Raises
    ------
    InputError
        It cannot be opened or is not well-formed.
    """
    root, members = _open(path)
    if root.tag != f"{KML}kml":
        return Verdict(path.name, "KML", (_stranger(root),))
    points = [Point("well-formed", "passed", "XML of KML 2.2")]
    for check, found in (
        ("ids", _ids(root)),
        ("styles", _styles(root)),
        ("style maps", _style_maps(root)),
        ("coordinates", _coordinates(root)),
        ("overlays", _overlays(root)),
        ("files inside", _links(root, members)),
    ):
        told = list(found)
        points.append(_point(check, told))
    points += _schema(root, schemas, sound=all(point.result == "passed" for point in points))
    points += _sizes(root, path)
    return Verdict(path.name, "KML", tuple(points))


def _schema(root: etree._Element, folder: Path | None, *, sound: bool) -> Iterable[Point]:
    """Judge by the schema what the rules found nothing wrong with: it would tell the same faults in other words."""
    if not sound:
        told = "not consulted: correct what is named above first"
        return [Point("schema", "note", told)]
    found = of_findings(published.check(root, "kml", folder))
    return found or [Point("schema", "passed", "valid by the OGC schema of KML 2.2")]


def _stranger(root: etree._Element) -> Point:
    name = etree.QName(root)
    told = f"the root is {name.localname!r} of {name.namespace or 'no namespace'}"
    return Point("namespace", "failed", told, 'begin with <kml xmlns="http://www.opengis.net/kml/2.2">')


def _point(check: str, told: list[str]) -> Point:
    if not told:
        return Point(check, "passed", "nothing wrong")
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""  # noqa: PLR2004 - the first three are shown
    return Point(check, "failed", "; ".join(told[:3]) + more, _ADVICE[check])


def _open(path: Path) -> tuple[etree._Element, set[str] | None]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        if path.suffix.lower() == ".kml":
            return etree.parse(path, parser).getroot(), None
        archive.check_zip(path, name=path.name)
        with zipfile.ZipFile(path) as kmz:
            names = kmz.namelist()
            first = next((n for n in names if n.lower().endswith(".kml")), None)
            if first is None:
                raise InputError(f"{path.name}: no KML inside")
            return etree.fromstring(kmz.read(first), parser), set(names)
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, EOFError) as error:
        told = " ".join(str(error).split())
        raise InputError(f"{path.name}: cannot be read ({told}); write the file again") from error


def _all_ids(root: etree._Element) -> Iterator[str]:
    yield from (node.get("id", "") for node in root.iter(etree.Element) if "id" in node.attrib)


def _ids(root: etree._Element) -> Iterator[str]:
    seen: set[str] = set()
    for name in _all_ids(root):
        if not _NCNAME.fullmatch(name):
            yield f"id {name!r} does not start with a letter"
        if name in seen:
            yield f"id {name!r} stands twice"
        seen.add(name)


def _styles(root: etree._Element) -> Iterator[str]:
    known = {f"#{name}" for name in _all_ids(root)}
    used = {node.text or "" for node in root.iter(f"{KML}styleUrl")}
    yield from (
        f"styleUrl {url} leads nowhere" for url in sorted(used) if url.startswith("#") and url not in known
    )


def _style_maps(root: etree._Element) -> Iterator[str]:
    for node in root.iter(f"{KML}StyleMap"):
        keys = sorted(key.text or "" for key in node.iter(f"{KML}key"))
        if keys != ["highlight", "normal"]:
            yield f"StyleMap {node.get('id')} has pairs {', '.join(keys) or 'none'}, not normal and highlight"


def _coordinates(root: etree._Element) -> Iterator[str]:
    for node in root.iter(f"{KML}coordinates"):
        told = (node.text or "").split()
        wrong = [text for text in told if not _in_range(text)]
        yield from (f"{text!r} is not longitude,latitude in degrees" for text in wrong)
        if not wrong and len(told) > 1:
            yield from _around_the_globe(told)
    for ring in root.iter(f"{KML}LinearRing"):
        corners = (ring.findtext(f"{KML}coordinates") or "").split()
        if len(corners) < 4 or corners[0] != corners[-1]:  # noqa: PLR2004 - a triangle, closed
            yield "a ring is not closed or has fewer than four points"


def _around_the_globe(pairs: list[str]) -> Iterator[str]:
    """Name the first side that is longer than half the globe, unless it lies at a pole: it was meant to cross 180."""
    places = [tuple(map(float, pair.split(",")[:2])) for pair in pairs]
    for (west, south), (east, north) in pairwise(places):
        if abs(east - west) > 180 and not abs(south) == abs(north) == 90:  # noqa: PLR2004 - degrees
            yield f"a side from {west:g} to {east:g} degrees spans more than half the globe"
            return


def _in_range(text: str) -> bool:
    try:
        lon, lat = (float(part) for part in text.split(",")[:2])
    except ValueError:
        return False
    return -180 <= lon <= 180 and -90 <= lat <= 90  # noqa: PLR2004 - degrees


def _overlays(root: etree._Element) -> Iterator[str]:
    for name in ("ScreenOverlay", "GroundOverlay"):
        for node in root.iter(f"{KML}{name}"):
            if node.find(f"{KML}Icon/{KML}href") is None and node.find(f"{KML}color") is None:
                yield f"{name} {node.findtext(f'{KML}name') or ''} has neither Icon nor color"


def _links(root: etree._Element, members: set[str] | None) -> Iterator[str]:
    for node in root.iter(f"{KML}href"):
        target = (node.text or "").strip()
        if members is not None and "://" not in target and target not in members:
            yield f"{target} is not in the archive"


def _sizes(root: etree._Element, path: Path) -> Iterator[Point]:
    features = sum(1 for _ in root.iter(f"{KML}Placemark"))
    links = sum(1 for _ in root.iter(f"{KML}NetworkLink"))
    yield Point(
        "features", "note", f"{features:,} placemarks, {links} network links, {path.stat().st_size:,} bytes"
    )
    over = features > MAPS_FEATURES or links > MAPS_LINKS or path.stat().st_size > MAPS_BYTES
    if over:
        yield Point(
            "other viewers",
            "warning",
            f"Google Maps takes {MAPS_BYTES:,} bytes, {MAPS_FEATURES:,} features, {MAPS_LINKS} links at most",
            "use Google Earth, or split the layer",
        )
