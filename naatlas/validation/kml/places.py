"""Rules of places: coordinates, rings, boxes of overlays and regions."""

from __future__ import annotations

from itertools import compress, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.validation.kml.fault import Fault
from naatlas.validation.kml.reading import GX, KML, features

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree
    from numpy.typing import NDArray

    from naatlas.validation.kml.reading import Document, Opened

    Floats = NDArray[np.float64]

_SIDES = ("north", "south", "east", "west")
#: Positions in a ring, at least: a triangle, closed.
_RING = 4
_MOST_OF_ONE = 3
#: Longitude and latitude of what would lie in North America with the two swapped: far south, in the Indian Ocean and
#: Antarctica, where no layer of ours has anything.
_SWAPPED_LON, _SWAPPED_LAT = (7.0, 84.0), (-90.0, -50.0)
_MOST = 0.8


def faults(opened: Opened) -> Iterator[tuple[Document, Fault]]:
    """Yield what is wrong with places in all documents."""
    for document in opened.documents:
        for fault in _of(document):
            yield document, fault


def _of(document: Document) -> Iterator[Fault]:
    read: dict[etree._Element, Floats] = {}
    for node in document.root.iter(f"{KML}coordinates"):
        told = list(_unread(node))
        yield from told
        if not told:
            read[node] = _numbers(node.text or "")
            yield from _out_of_range(node, read[node])
    yield from _perhaps_swapped(document, read)
    yield from _lines(read)
    yield from _rings(document, read)
    yield from _points(document, read)
    yield from _tracks(document)
    for name in ("LatLonBox", "LatLonAltBox"):
        for node in document.root.iter(f"{KML}{name}"):
            yield from _box(node)
    for node in document.root.iter(f"{KML}Lod"):
        yield from _lod(node)
    yield from _overlays(document)


def _numbers(text: str) -> Floats:
    """Return coordinates that are known to be well-formed, longitude and latitude."""
    values = np.array(text.replace(",", " ").split(), dtype=np.float64)
    count = len(text.split())
    return values.reshape(count, -1)[:, :2] if count else np.empty((0, 2))


def _unread(node: etree._Element) -> Iterator[Fault]:
    """Tell positions that are no two or three numbers."""
    told = (node.text or "").split()
    if not told:
        yield Fault("coordinates", "there are no coordinates", node)
        return
    parts = {text.count(",") for text in told}
    if len(parts) == 1 and parts <= {1, 2} and _are_numbers(told):
        return
    wrong = [text for text in told if text.count(",") not in {1, 2} or not _are_numbers([text])]
    if not wrong:
        yield Fault("coordinates", "some positions have a height and others have none", node)
    for text in wrong[:_MOST_OF_ONE]:
        yield Fault("coordinates", f"{_short(text)} is not longitude,latitude in degrees", node)


def _are_numbers(told: list[str]) -> bool:
    try:
        values = np.array(",".join(told).split(","), dtype=np.float64)
    except ValueError:
        return False
    return bool(np.isfinite(values).all())


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")  # noqa: PLR2004 - characters


def _inside(lon: Any, lat: Any) -> Any:  # noqa: ANN401 - numbers or arrays of them
    return (np.abs(lon) <= 180) & (np.abs(lat) <= 90)  # noqa: PLR2004 - degrees


def _out_of_range(node: etree._Element, places: Floats) -> Iterator[Fault]:
    lon, lat = places.T
    bad = ~_inside(lon, lat)
    swapped = bad & _inside(lat, lon)
    texts = (node.text or "").split()
    for at in np.flatnonzero(bad)[:_MOST_OF_ONE].tolist():
        if swapped[at]:
            told = f"{_short(texts[at])} is not longitude,latitude: as a latitude {lat[at]:g} is impossible"
            yield Fault("swapped coordinates", told, node)
        else:
            yield Fault("coordinates", f"{_short(texts[at])} is not longitude,latitude in degrees", node)


def _perhaps_swapped(document: Document, read: dict[etree._Element, Floats]) -> Iterator[Fault]:
    if not read:
        return
    lon, lat = np.concatenate([*read.values()]).T
    (west, east), (south, north) = _SWAPPED_LON, _SWAPPED_LAT
    there = (lon >= west) & (lon <= east) & (lat > south) & (lat < north)
    if len(there) and there.mean() >= _MOST:
        told = f"{int(there.sum()):,} of {len(there):,} positions lie off Antarctica"
        yield Fault("perhaps swapped", f"{told}; swapped, in North America", document.root)


def _lines(read: dict[etree._Element, Floats]) -> Iterator[Fault]:
    """Name the first side that is longer than half the globe, unless it lies at a pole: it was meant to cross 180."""
    for node, places in read.items():
        above = node.getparent()
        if above is not None and above.tag == f"{KML}LineString" and len(places) < 2:  # noqa: PLR2004 - ends
            yield Fault("coordinates", "a line has two points at least", node)
        for (west, south), (east, north) in pairwise(places.tolist()) if _spans(places) else ():
            if abs(east - west) > 180 and not abs(south) == abs(north) == 90:  # noqa: PLR2004 - degrees
                told = f"a side from {west:g} to {east:g} degrees spans more than half the globe"
                yield Fault("coordinates", told, node)
                break


def _spans(places: Floats) -> bool:
    return len(places) > 1 and bool((np.abs(np.diff(places[:, 0])) > 180).any())  # noqa: PLR2004 - degrees


def _rings(document: Document, read: dict[etree._Element, Floats]) -> Iterator[Fault]:
    sound: dict[etree._Element, Floats] = {}
    for ring in document.root.iter(f"{KML}LinearRing"):
        node = ring.find(f"{KML}coordinates")
        if node is None:
            yield Fault("rings", "a ring has no coordinates", ring)
        elif (places := read.get(node)) is not None:
            if len(places) < _RING or (places[0] != places[-1]).any():
                yield Fault("rings", "a ring is not closed or has fewer than four points", ring)
            else:
                sound[ring] = places
    yield from _shapes(document, sound)


def _shapes(document: Document, rings: dict[etree._Element, Floats]) -> Iterator[Fault]:
    """Judge direction and shape of polygons whose rings are all sound."""
    nodes, shapes = [], []
    for node in document.root.iter(f"{KML}Polygon"):
        outer = node.find(f"{KML}outerBoundaryIs/{KML}LinearRing")
        inner = node.findall(f"{KML}innerBoundaryIs/{KML}LinearRing")
        if outer is None:
            yield Fault("rings", "a polygon has no outer boundary", node)
        elif outer in rings and all(ring in rings for ring in inner):
            nodes.append(node)
            shapes.append(shapely.Polygon(rings[outer], [rings[ring] for ring in inner]))
    if shapes:
        yield from _judged(nodes, np.array(shapes, dtype=object))


def _judged(nodes: list[etree._Element], shapes: NDArray[np.object_]) -> Iterator[Fault]:
    good = shapely.is_valid(shapes)
    for node, reason in zip(compress(nodes, ~good), shapely.is_valid_reason(shapes[~good]), strict=True):
        yield Fault("ring shape", reason.replace("[", " at ").replace("]", ""), node)
    turned = ~shapely.is_ccw(shapely.get_exterior_ring(shapes)) & good
    for node in compress(nodes, turned):
        yield Fault("ring direction", "the outer boundary runs clockwise", node)


def _points(document: Document, read: dict[etree._Element, Floats]) -> Iterator[Fault]:
    for point in document.root.iter(f"{KML}Point"):
        node = point.find(f"{KML}coordinates")
        if node is None:
            yield Fault("coordinates", "a point has no coordinates", point)
        elif node in read and len(read[node]) != 1:
            yield Fault("coordinates", f"a point has {len(read[node])} positions", point)


def _tracks(document: Document) -> Iterator[Fault]:
    for node in document.root.iter(f"{GX}coord"):
        parts = (node.text or "").split()
        if len(parts) not in {2, 3} or not _are_numbers(parts) or not _inside(*map(float, parts[:2])):
            yield Fault(
                "coordinates",
                f"gx:coord {_short(node.text or '')} is not longitude latitude in degrees",
                node,
            )


def _box(node: etree._Element) -> Iterator[Fault]:
    texts = [(node.findtext(f"{KML}{side}") or "").strip() for side in _SIDES]
    if not all(texts) or not _are_numbers(texts):
        lost = [
            side for side, text in zip(_SIDES, texts, strict=True) if not text or not _are_numbers([text])
        ]
        yield Fault("boxes", f"{', '.join(lost)} of a box is no number", node)
        return
    north, south, east, west = map(float, texts)
    if not (_inside(east, north) and _inside(west, south)):
        yield Fault("boxes", f"a box from {west:g}, {south:g} to {east:g}, {north:g} leaves the globe", node)
    elif north <= south:
        yield Fault("boxes", f"north {north:g} is not above south {south:g}", node)
    elif east <= west:
        told = f"east {east:g} is not beyond west {west:g}; what crosses 180 degrees is two boxes"
        yield Fault("boxes", told, node)


def _lod(node: etree._Element) -> Iterator[Fault]:
    low, high = (node.findtext(f"{KML}{name}") or fallback for name, fallback in
                 (("minLodPixels", "0"), ("maxLodPixels", "-1")))  # fmt: skip
    if not _are_numbers([low, high]):
        yield Fault("level of detail", f"{_short(low)} to {_short(high)} pixels are no numbers", node)
    elif float(high) != -1 and float(low) >= float(high):
        yield Fault("level of detail", f"from {low} to {high} pixels is never", node)


def _overlays(document: Document) -> Iterator[Fault]:
    for node in features(document.root, "ScreenOverlay", "GroundOverlay", "PhotoOverlay"):
        if node.find(f"{KML}Icon/{KML}href") is None and node.find(f"{KML}color") is None:
            kind = str(node.tag).removeprefix(KML)
            told = f"{kind} {node.findtext(f'{KML}name') or ''} has neither Icon nor color"
            yield Fault("overlays", told, node)
    for node in features(document.root, "GroundOverlay"):
        if node.find(f"{KML}LatLonBox") is None and node.find(f"{GX}LatLonQuad") is None:
            yield Fault("boxes", f"GroundOverlay {node.findtext(f'{KML}name') or ''} has no LatLonBox", node)
