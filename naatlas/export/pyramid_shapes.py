"""Lines and polygons over the files of a pyramid: simplified from afar, themselves near by.

They have too many vertices to be thinned only. From afar files below ``overview/`` show the largest of them, or all
where so many may be on the screen, simplified to a pixel; each gives way to its quarters at the very size at which
these appear, because both are held to the region of the same box. Of a reader that knows nothing of regions these
copies are seen too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from naatlas.export import pyramid
from naatlas.export.quadtree import DEEPEST, Cell, square
from naatlas.export.regions import Region

if TYPE_CHECKING:
    from naatlas.export.limits import Limits
    from naatlas.export.pyramid import Marks, Plan, Tile
    from naatlas.export.quadtree import Rows

#: Pixels at which lines and polygons of a cell give way to those of its quarters.
SWAP_PIXELS = 1024.0
#: A pixel of fewer degrees than this, 200 m, shows no more detail of maps at 1:1,000,000.
_FINEST_PIXEL = 0.002
_HALF_GLOBE = 180.0


def plan(marks: Marks, limits: Limits, *, together: bool = True) -> Plan:
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
    made = pyramid.Plan([], defaultdict(list))
    inside = order[here]
    for _, rows in [((), np.arange(len(inside)))] if together else pyramid.split(marks.group[inside]):
        _grow(made, marks, inside[rows], limits)
    pyramid.put_apart(made, marks, order[~here], "")
    return made.flat(limits)


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
        each = limits.features // pyramid.SHAPES_SHARE
        rows, kept = _kept(rows, around.cells(x[rows], y[rows], 1), each)
        first = min(limits.features // pyramid.WHOLE_SHARE, kept)
    waiting = [_Stage(Cell(0, 0, 0), rows, around.side / SWAP_PIXELS, first, {})] if len(rows) else []
    while waiting:
        stage = waiting.pop()
        if stage.is_leaf(marks, limits):
            _put_leaf(plan, marks, stage)
            continue
        made, level = _put_overview(plan, marks, stage), stage.cell.level + 1
        quarters = list(pyramid.split(*around.cells(x[stage.rows], y[stage.rows], level)))
        waiting += [
            _Stage(Cell(level, *at), stage.rows[some], stage.pixel / 2, each, made)
            for at, some in reversed(quarters)
        ]


def _kept(rows: Rows, quarters: tuple[Rows, Rows], each: int) -> tuple[Rows, int]:
    """Put first what its quarter shows too, and count it: what the whole shows must not go away as one comes nearer."""
    rank = np.zeros(len(rows), dtype=np.int64)
    for _, inside in pyramid.split(*quarters):
        rank[inside] = np.arange(len(inside))
    late = rank >= each
    return np.r_[rows[~late], rows[late]], int((~late).sum())


def _put_leaf(plan: Plan, marks: Marks, stage: _Stage) -> None:
    """Make a file of each group in a cell, with the features themselves."""
    for (group,), chosen in pyramid.split(marks.group[stage.rows]):
        rows = stage.rows[chosen]
        box = marks.box(rows)
        tile = pyramid.Tile(_path("tiles", group, stage.cell), rows, box, Region(box, 0))
        plan.tiles.append(tile)
        _link(plan, stage.holders.get(group), tile, group)


def _put_overview(plan: Plan, marks: Marks, stage: _Stage) -> dict[int, Tile]:
    """Make a file of each group in a cell, with the largest features simplified; return them by group."""
    made = {}
    for (group,), chosen in pyramid.split(marks.group[stage.rows]):
        box = marks.box(stage.rows[chosen])
        # The size of the box on the screen when a pixel there is as wide as the detail in it.
        region = Region(box, 0, box.side / stage.pixel)
        rows = stage.rows[chosen[chosen < stage.shown]]
        tile = made[group] = pyramid.Tile(
            _path("overview", group, stage.cell), rows, box, region, stage.pixel
        )
        plan.tiles.append(tile)
        _link(plan, stage.holders.get(group), tile, group)
    return made


def _path(folder: str, group: int, cell: Cell) -> str:
    return f"{folder}/{group}-{cell.level}-{cell.ix}-{cell.iy}.kml"


def _link(plan: Plan, holder: Tile | None, tile: Tile, group: int) -> None:
    """Link a file from the coarser one, from the very size at which that one goes away."""
    if holder is None or holder.region is None:
        plan.entries[group].append(pyramid.Link(tile.path, tile.box, None))
    else:
        swap = Region(holder.region.box, holder.region.high)
        holder.links.append(pyramid.Link(tile.path, tile.box, swap))
