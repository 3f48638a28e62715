"""Where and from which size on the screen a part of the KML is shown: Region and Lod, and links that wait for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from naatlas.export.numbers import format_one
from naatlas.text import escape

if TYPE_CHECKING:
    from naatlas.export.look import Look
    from naatlas.spec import Language

#: No upper limit: shown however near one comes.
EVER = -1.0
#: A box must have a size: what has none is given this many degrees around it.
_MARGIN = 0.005
#: Boxes narrower than this many degrees need a decimal in their name.
_NARROW = 2.0

_REGION = (
    "<Region><LatLonAltBox><north>{north:.5f}</north><south>{south:.5f}</south><east>{east:.5f}</east>"
    "<west>{west:.5f}</west></LatLonAltBox><Lod><minLodPixels>{low:.6g}</minLodPixels>"
    "<maxLodPixels>{high:.6g}</maxLodPixels></Lod></Region>"
)
_LINK = (
    "<NetworkLink><name>{name}</name>{off}{region}<Link><href>{href}</href>"
    "<viewRefreshMode>{mode}</viewRefreshMode></Link></NetworkLink>\n"
)


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the globe in degrees, WGS84; it does not cross 180."""

    west: float
    south: float
    east: float
    north: float

    @property
    def side(self) -> float:
        """Side in degrees of a square of the same area."""
        return math.sqrt((self.east - self.west) * (self.north - self.south))

    def padded(self) -> Box:
        """Return the box with a margin, within the globe."""
        return Box(
            max(self.west - _MARGIN, -180.0),
            max(self.south - _MARGIN, -90.0),
            min(self.east + _MARGIN, 180.0),
            min(self.north + _MARGIN, 90.0),
        )

    def title(self, look: Look) -> str:
        """Return the box as people name it: ``40-50° N, 90-100° W``, with dashes."""
        south_north = _span(self.south, self.north, "S", "N", look.language)
        west_east = _span(self.west, self.east, look.phrase("west"), "E", look.language)
        return f"{south_north}, {west_east}"


def _span(low: float, high: float, minus: str, plus: str, language: Language) -> str:
    decimals = 0 if high - low >= _NARROW else 2
    first, last = (format_one(abs(value), decimals, language) for value in (low, high))
    if low < 0 < high:
        return f"{first}° {minus}\u2013{last}° {plus}"
    if high <= 0:
        return f"{last}\u2013{first}° {minus}"
    return f"{first}\u2013{last}° {plus}"


@dataclass(frozen=True, slots=True)
class Region:
    """A box and the sizes in pixels at which it is active: the square root of its area on the screen.

    Attributes
    ----------
    low, high
        Active from ``low`` up to ``high`` pixels; ``EVER`` for no upper limit.
    """

    box: Box
    low: float
    high: float = EVER

    def kml(self) -> str:
        """Return the element."""
        box = self.box
        return _REGION.format(
            north=box.north, south=box.south, east=box.east, west=box.west, low=self.low, high=self.high
        )


def link(name: str, href: str, region: Region | None, *, hidden: bool = False) -> str:
    """Return a link to another KML of the archive, fetched when its region becomes active; at once without one.

    Parameters
    ----------
    name
        Not yet escaped.
    """
    return _LINK.format(
        name=escape(name),
        off="<visibility>0</visibility>" if hidden else "",
        region="" if region is None else region.kml(),
        href=href,
        mode="never" if region is None else "onRegion",
    )
