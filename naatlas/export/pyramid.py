"""Which files a large layer becomes, and when each is shown: coarse ones from afar, fine ones from near by.

Every feature stands once, whole and with its values, in a file below ``tiles/``.

Points are thinned: the whole shows the most important ones, each cell of a quadtree adds those that are next in it,
and nothing that is on the screen goes away when one comes nearer. So a reader that knows nothing of regions, and
opens all files, shows every point once. Neighbouring cells with few points share a file.

Lines and polygons have too many vertices for that. From afar files below ``overview/`` show the largest of them, or
all where so many may be on the screen, simplified to a pixel; each gives way to its quarters at the very size at which
these appear, because both are held to the region of the same box. Of a reader that knows nothing of regions these
copies are seen too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from naatlas.export.quadtree import DEEPEST, WIDEST, Cell, Square, gathered, square, thinned
from naatlas.export.regions import Box, Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.export.limits import Limits
    from naatlas.export.quadtree import Floats, Rows

#: Pixels from which on the points of a cell are shown. A screen of 1920 by 1080 has room for three or four such cells.
NEAR_PIXELS = 768.0
#: Pixels at which lines and polygons of a cell give way to those of its quarters.
SWAP_PIXELS = 1024.0
#: Of what may be on the screen the whole shows a half, a cell of points an eighth, one of lines or polygons a tenth:
#: four of those and eight of these fit on a screen. The rest is for uneven places at the edges, and for the coarser
#: cells of points, which stay.
_WHOLE_SHARE, _POINTS_SHARE, _SHAPES_SHARE = 2, 8, 10
#: A pixel of fewer degrees than this, 200 m, shows no more detail of maps at 1:1,000,000.
_FINEST_PIXEL = 0.002
_HALF_GLOBE = 180.0
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


def points(marks: Marks, limits: Limits, *, name: str = "") -> Plan:
    """Plan the files of points: important ones first, each of them in one file.

    Parameters
    ----------
    name
        Begins the names of the files, so that two plans can lie in one archive.
    """
    order = marks.order
    x, y = marks.bounds[order, 0], marks.bounds[order, 1]
    here = np.isfinite(x) & np.isfinite(y)
    plan = Plan([], defaultdict(list))
    for side, chosen in (("w", here & (x < 0)), ("e", here & (x >= 0))):
        rows, around = order[chosen], square(x[chosen], y[chosen])
        first, each = limits.features // _WHOLE_SHARE, limits.features // _POINTS_SHARE
        cells = thinned(x[chosen], y[chosen], around, first=first, each=each)
        up = gathered(marks.group[rows], cells, most=2 * each)
        _put_points(plan, marks, rows, (up, *cells), around, name + side)
    _put_apart(plan, marks, order[~here], name)
    return plan.flat(limits)


class _Spot(NamedTuple):
    """Where the points of a file lie: a cell, and the level of their own cells in it, which may be finer."""

    group: int
    level: int
    cell: Cell

    def region(self, around: Square) -> Region:
        """Return when its points are shown: when their own cells are near enough."""
        box, whole = around.box(self.cell), around.side / 2**self.cell.level
        # Beyond the globe a cell is cut off, and what is left of it is smaller on the screen.
        shown = min(box.side / whole, 1.0)
        return Region(box, shown * NEAR_PIXELS * 2.0 ** (self.level - self.cell.level))

    @property
    def name(self) -> str:
        """Part of the name of the file."""
        wide = f"-wide{self.level - self.cell.level}" if self.cell.level < self.level else ""
        return f"{self.group}-{self.level}-{self.cell.ix}-{self.cell.iy}{wide}"

    def coarser(self) -> Iterator[_Spot]:
        """Yield where the file may be linked from: all spots of coarser points around it, the next coarser first."""
        for level in range(self.level - 1, -1, -1):
            for wide in range(min(level, WIDEST) + 1):
                if level - wide <= self.cell.level:
                    yield _Spot(self.group, level, self.cell.above(level - wide))


def _put_points(
    plan: Plan, marks: Marks, rows: Rows, cells: tuple[Rows, Rows, Rows, Rows], around: Square, name: str
) -> None:
    """Make a file of each group and cell, and let the next coarser one of the group link to it."""
    up, level, ix, iy = cells
    made: dict[_Spot, Tile] = {}
    for (group, fine, wide, *at), chosen in _split(marks.group[rows], level, up, ix >> up, iy >> up):
        spot = _Spot(group, fine, Cell(fine - wide, *at))
        path = f"tiles/{name}{spot.name}.kml"
        tile = made[spot] = Tile(path, rows[chosen], around.box(spot.cell))
        holder = next((made[one] for one in spot.coarser() if one in made), None)
        region = spot.region(around) if fine else None
        (holder.links if holder else plan.entries[group]).append(Link(path, tile.box, region))
    plan.tiles.extend(made.values())


def _split(*columns: Rows) -> Iterator[tuple[tuple[int, ...], Rows]]:
    """Yield each combination of values in order, and the rows that have it, in their own order."""
    order = np.lexsort(columns[::-1])
    table = np.column_stack(columns)[order]
    begins = np.flatnonzero(np.r_[True, (np.diff(table, axis=0) != 0).any(axis=1)][: len(order)])
    for start, rows in zip(begins.tolist(), np.split(order, begins[1:]), strict=False):
        yield tuple(table[start].tolist()), np.sort(rows)


def _put_apart(plan: Plan, marks: Marks, rows: Rows, name: str) -> None:
    """Make files of features that have no place in a tree: shown always."""
    for (group,), chosen in _split(marks.group[rows]):
        path = f"tiles/{name}all{group}.kml"
        plan.tiles.append(Tile(path, rows[chosen], None))
        plan.entries[group].append(Link(path, None, None))


def shapes(marks: Marks, limits: Limits, *, together: bool = True) -> Plan:
    """Plan the files of lines and polygons: overviews, and each feature itself in one file.

    A feature on both sides of 180 degrees has no box that a region could be made of: it is shown always.

    Parameters
    ----------
    together
        All groups may be on the screen at once, so they share what fits on it.
    """
    order = marks.order
    width = marks.bounds[order, 2] - marks.bounds[order, 0]
    here = width < _HALF_GLOBE
    plan = Plan([], defaultdict(list))
    inside = order[here]
    for _, rows in [((), np.arange(len(inside)))] if together else _split(marks.group[inside]):
        _grow(plan, marks, inside[rows], limits)
    _put_apart(plan, marks, order[~here], "")
    return plan.flat(limits)


@dataclass(frozen=True, slots=True)
class _Stage:
    """The lines or polygons of one cell, the most important first.

    Attributes
    ----------
    pixel
        Degrees in a pixel when the cell gives way to its quarters.
    shown
        How many of them may be shown until then.
    holders
        Files of the cell above, by group.
    """

    cell: Cell
    rows: Rows
    pixel: float
    shown: int
    holders: dict[int, Tile]

    def is_leaf(self, marks: Marks, limits: Limits) -> bool:
        """Tell whether the features themselves are shown."""
        small = marks.size[self.rows].sum() <= limits.file_bytes or self.pixel <= _FINEST_PIXEL
        return bool(len(self.rows) <= self.shown and small) or self.cell.level == DEEPEST


def _grow(plan: Plan, marks: Marks, rows: Rows, limits: Limits) -> None:
    """Divide features by quarters until each cell holds few enough."""
    x, y = (marks.bounds[:, :2] + marks.bounds[:, 2:]).T / 2
    around = square(x[rows], y[rows])
    if len(rows) <= limits.features:  # all may be on the screen: a map of areas without holes
        first = each = len(rows)
    else:
        each = limits.features // _SHAPES_SHARE
        rows, kept = _kept(rows, around.cells(x[rows], y[rows], 1), each)
        first = min(limits.features // _WHOLE_SHARE, kept)
    waiting = [_Stage(Cell(0, 0, 0), rows, around.side / SWAP_PIXELS, first, {})] if len(rows) else []
    while waiting:
        stage = waiting.pop()
        if stage.is_leaf(marks, limits):
            _put_leaf(plan, marks, stage)
            continue
        made, level = _put_overview(plan, marks, stage), stage.cell.level + 1
        quarters = list(_split(*around.cells(x[stage.rows], y[stage.rows], level)))
        waiting += [
            _Stage(Cell(level, *at), stage.rows[some], stage.pixel / 2, each, made)
            for at, some in reversed(quarters)
        ]


def _kept(rows: Rows, quarters: tuple[Rows, Rows], each: int) -> tuple[Rows, int]:
    """Put first what its quarter shows too, and count it: what the whole shows must not go away as one comes nearer."""
    rank = np.zeros(len(rows), dtype=np.int64)
    for _, inside in _split(*quarters):
        rank[inside] = np.arange(len(inside))
    late = rank >= each
    return np.r_[rows[~late], rows[late]], int((~late).sum())


def _put_leaf(plan: Plan, marks: Marks, stage: _Stage) -> None:
    """Make a file of each group in a cell, with the features themselves."""
    for (group,), chosen in _split(marks.group[stage.rows]):
        rows = stage.rows[chosen]
        box = marks.box(rows)
        tile = Tile(_path("tiles", group, stage.cell), rows, box, Region(box, 0))
        plan.tiles.append(tile)
        _link(plan, stage.holders.get(group), tile, group)


def _put_overview(plan: Plan, marks: Marks, stage: _Stage) -> dict[int, Tile]:
    """Make a file of each group in a cell, with the largest features simplified; return them by group."""
    made = {}
    for (group,), chosen in _split(marks.group[stage.rows]):
        box = marks.box(stage.rows[chosen])
        # The size of the box on the screen when a pixel there is as wide as the detail in it.
        region = Region(box, 0, box.side / stage.pixel)
        rows = stage.rows[chosen[chosen < stage.shown]]
        tile = made[group] = Tile(_path("overview", group, stage.cell), rows, box, region, stage.pixel)
        plan.tiles.append(tile)
        _link(plan, stage.holders.get(group), tile, group)
    return made


def _path(folder: str, group: int, cell: Cell) -> str:
    return f"{folder}/{group}-{cell.level}-{cell.ix}-{cell.iy}.kml"


def _link(plan: Plan, holder: Tile | None, tile: Tile, group: int) -> None:
    """Link a file from the coarser one, from the very size at which that one goes away."""
    if holder is None or holder.region is None:
        plan.entries[group].append(Link(tile.path, tile.box, None))
    else:
        swap = Region(holder.region.box, holder.region.high)
        holder.links.append(Link(tile.path, tile.box, swap))
