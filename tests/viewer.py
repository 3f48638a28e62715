"""A viewer of KML pyramids by the rules of the standard: what is fetched, and what is drawn, in a view.

A Region is active while its box is in the view and the square root of its area on the screen lies between its limits;
a link is followed, and a folder drawn, while its Region is active. CesiumJS knows no Regions, Google Earth does.
"""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

K = "{http://www.opengis.net/kml/2.2}"
SCREEN = 1920, 1080
_SIDES = ("west", "south", "east", "north")


class View(NamedTuple):
    """Middle and scale of what is on the screen, in degrees and degrees of latitude a pixel."""

    lon: float
    lat: float
    scale: float

    @property
    def box(self) -> NDArray[np.float64]:
        """West, south, east, north."""
        wide, high = np.array(SCREEN) / 2 * self.scale / [np.cos(np.radians(self.lat)), 1]
        return np.array([self.lon - wide, self.lat - high, self.lon + wide, self.lat + high])


class Region(NamedTuple):
    """Box and limits in pixels, -1 for no upper one."""

    west: float
    south: float
    east: float
    north: float
    low: float
    high: float


def meet(boxes: NDArray[np.float64], view: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (
        (boxes[:, 0] <= view[2])
        & (boxes[:, 2] >= view[0])
        & (boxes[:, 1] <= view[3])
        & (boxes[:, 3] >= view[1])
    )


@dataclass(frozen=True)
class Part:
    """A document or folder: what it draws itself.

    Attributes
    ----------
    regions
        Its own, and those of all links and folders above it.
    shown
        Nothing above it is switched off.
    """

    regions: tuple[Region, ...]
    shown: bool
    names: list[str]
    boxes: NDArray[np.float64]


class Viewer:
    """A KMZ that is opened by a double click."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self._files = {name: archive.read(name) for name in archive.namelist() if name.endswith(".kml")}
        self.sizes = {name: len(content) for name, content in self._files.items()}
        self.linked: list[str] = []
        self.parts = [part for part in self._document("doc.kml", (), shown=True) if part.names]
        self._regions = list({region for part in self.parts for region in part.regions})
        number = {region: at for at, region in enumerate(self._regions)}
        self._above = [[number[region] for region in part.regions] for part in self.parts]

    def _document(self, name: str, above: tuple[Region, ...], *, shown: bool) -> Iterator[Part]:
        self.linked.append(name)
        root = etree.fromstring(self._files[name])
        yield from self._part(name, root.find(f"{K}Document"), above, shown=shown)

    def _part(
        self, name: str, node: etree._Element, above: tuple[Region, ...], *, shown: bool
    ) -> Iterator[Part]:
        regions = (*above, *_regions(node))
        marks = node.findall(f"{K}Placemark")
        boxes = np.array([_extent(mark) for mark in marks]).reshape(-1, 4)
        yield Part(regions, shown, [mark.findtext(f"{K}name", "") for mark in marks], boxes)
        for child in node.iterchildren(f"{K}Folder", f"{K}NetworkLink"):
            seen = shown and child.findtext(f"{K}visibility") != "0"
            if child.tag == f"{K}Folder":
                yield from self._part(name, child, regions, shown=seen)
            else:
                path = posixpath.join(posixpath.dirname(name), child.findtext(f"{K}Link/{K}href", ""))
                below = (*regions, *_regions(child))
                yield from self._document(posixpath.normpath(path), below, shown=seen)

    def drawn(self, view: View) -> list[str]:
        """Return the names of the placemarks on the screen, once for each placemark."""
        box, names = view.box, []
        active = self._active(view)
        for part, above in zip(self.parts, self._above, strict=True):
            if part.shown and all(active[at] for at in above):
                names += [part.names[at] for at in np.flatnonzero(meet(part.boxes, box))]
        return names

    def _active(self, view: View) -> list[bool]:
        west, south, east, north, low, high = np.array(self._regions).reshape(-1, 6).T
        area = (east - west) * np.cos(np.radians((north + south) / 2)) * (north - south)
        pixels = np.sqrt(area) / view.scale
        inside = meet(np.column_stack([west, south, east, north]), view.box)
        active: list[bool] = (inside & (low <= pixels) & ((high < 0) | (pixels < high))).tolist()
        return active


def _regions(node: etree._Element) -> tuple[Region, ...]:
    region = node.find(f"{K}Region")
    if region is None:
        return ()
    box = [region.findtext(f"{K}LatLonAltBox/{K}{side}", "") for side in _SIDES]
    lod = [region.findtext(f"{K}Lod/{K}{name}LodPixels", "") for name in ("min", "max")]
    return (Region(*map(float, (*box, *lod))),)


def _extent(mark: etree._Element) -> tuple[float, ...]:
    pairs = [
        pair.split(",")[:2] for node in mark.iter(f"{K}coordinates") for pair in (node.text or "").split()
    ]
    lon, lat = np.array(pairs, dtype=float).T
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
