"""Which files a large layer becomes, and when each is shown: coarse ones from afar, fine ones from near by.

Every feature stands once, whole and with its values, in a file below ``tiles/``. How points are spread over the files
tells ``pyramid_points``, how lines and polygons are ``pyramid_shapes``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from naatlas.export.regions import Box, Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.export.limits import Limits
    from naatlas.export.quadtree import Floats, Rows

#: Of what may be on the screen the whole shows a half. A cell of points shows an eighth, one of lines or polygons a
#: tenth: four of those and eight of these fit on a screen. The rest is for uneven places at the edges, and for the
#: coarser cells of points, which stay.
WHOLE_SHARE, POINTS_SHARE, SHAPES_SHARE = 2, 8, 10
#: Bytes of the main document for each file that it links to itself, names beside features.
_LINK_BYTES = 1000


class Link(NamedTuple):
    """One file as another links to it."""

    path: str
    box: Box | None
    region: Region | None


@dataclass(frozen=True, slots=True)
class Tile:
    """One file of the pyramid; the writer divides it where it becomes too large.

    Attributes
    ----------
    path
        In the archive.
    rows
        Positions in the frame.
    box
        Where its features lie; None where they lie everywhere.
    region
        When its features are shown; None for always when the file is open.
    pixel
        Degrees to which lines and polygons are simplified; 0 for files with the features themselves.
    links
        The finer files.
    """

    path: str
    rows: Rows
    box: Box | None
    region: Region | None = None
    pixel: float = 0.0
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """The files of a layer, and those that each group is entered by."""

    tiles: list[Tile]
    entries: dict[int, list[Link]]

    def flat(self, limits: Limits) -> Plan:
        """Return the plan with all links in the main document, unless they are too many: then file links to file.

        Google Earth follows links from file to file; CesiumJS, and GDAL where it lists layers, only the first.
        """
        if len(self.tiles) * _LINK_BYTES > limits.file_bytes:
            return self
        empty = {tile.path for tile in self.tiles if not len(tile.rows)}
        entries = {
            group: [link for link in _followed(links, self.tiles) if link.path not in empty]
            for group, links in self.entries.items()
        }
        full = [replace(tile, links=[]) for tile in self.tiles if tile.path not in empty]
        return Plan(full, entries)


def _followed(links: list[Link], tiles: list[Tile]) -> Iterator[Link]:
    """Yield links and those that the files behind them hold, coarse ones first."""
    held = {tile.path: tile.links for tile in tiles}
    while links:
        yield from links
        links = [further for link in links for further in held[link.path]]


@dataclass(frozen=True, slots=True)
class Marks:
    """Features as the pyramid sees them, by row.

    Attributes
    ----------
    bounds
        West, south, east, north in degrees; NaN for features without geometry.
    weight
        The larger, the earlier it is shown; NaN last.
    size
        About how many bytes of KML.
    group
        Folder, from 0.
    """

    bounds: Floats
    weight: Floats
    size: Floats
    group: Rows

    @property
    def order(self) -> Rows:
        """Rows by importance; among equals that of the frame."""
        return np.argsort(-np.nan_to_num(self.weight, nan=-np.inf), kind="stable")

    def box(self, rows: Rows) -> Box:
        """Return the box around some features."""
        low, high = self.bounds[rows].min(axis=0), self.bounds[rows].max(axis=0)
        return Box(float(low[0]), float(low[1]), float(high[2]), float(high[3])).padded()


def split(*columns: Rows) -> Iterator[tuple[tuple[int, ...], Rows]]:
    """Yield each combination of values in order, and the rows that have it, in their own order."""
    order = np.lexsort(columns[::-1])
    table = np.column_stack(columns)[order]
    begins = np.flatnonzero(np.r_[True, (np.diff(table, axis=0) != 0).any(axis=1)][: len(order)])
    for start, rows in zip(begins.tolist(), np.split(order, begins[1:]), strict=False):
        yield tuple(table[start].tolist()), np.sort(rows)


def put_apart(plan: Plan, marks: Marks, rows: Rows, name: str) -> None:
    """Make files of features that have no place in a tree: shown always."""
    for (group,), chosen in split(marks.group[rows]):
        path = f"tiles/{name}all{group}.kml"
        plan.tiles.append(Tile(path, rows[chosen], None))
        plan.entries[group].append(Link(path, None, None))
