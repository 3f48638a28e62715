"""Points over the files of a pyramid: the most important ones from afar, all of them near by.

The whole shows the most important points, each cell of a quadtree adds those that are next in it, and nothing that is
on the screen goes away when one comes nearer. So a reader that knows nothing of regions, and opens all files, shows
every point once. Neighbouring cells with few points share a file.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from naatlas.export import pyramid
from naatlas.export.quadtree import WIDEST, Cell, Square, gathered, square, thinned
from naatlas.export.regions import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.export.limits import Limits
    from naatlas.export.pyramid import Marks, Plan, Tile
    from naatlas.export.quadtree import Rows

#: Pixels from which on the points of a cell are shown. A screen of 1920 by 1080 has room for three or four such cells.
NEAR_PIXELS = 768.0


def plan(marks: Marks, limits: Limits, *, name: str = "") -> Plan:
    """Plan the files of points: important ones first, each of them in one file.

    Parameters
    ----------
    name
        Begins the names of the files, so that two plans can lie in one archive.
    """
    order = marks.order
    x, y = marks.bounds[order, 0], marks.bounds[order, 1]
    here = np.isfinite(x) & np.isfinite(y)
    made = pyramid.Plan([], defaultdict(list))
    for side, chosen in (("w", here & (x < 0)), ("e", here & (x >= 0))):
        rows, around = order[chosen], square(x[chosen], y[chosen])
        first, each = limits.features // pyramid.WHOLE_SHARE, limits.features // pyramid.POINTS_SHARE
        cells = thinned(x[chosen], y[chosen], around, first=first, each=each)
        up = gathered(marks.group[rows], cells, most=2 * each)
        _put_points(made, marks, rows, (up, *cells), around, name + side)
    pyramid.put_apart(made, marks, order[~here], name)
    return made.flat(limits)


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
    for (group, fine, wide, *at), chosen in pyramid.split(marks.group[rows], level, up, ix >> up, iy >> up):
        spot = _Spot(group, fine, Cell(fine - wide, *at))
        path = f"tiles/{name}{spot.name}.kml"
        tile = made[spot] = pyramid.Tile(path, rows[chosen], around.box(spot.cell))
        holder = next((made[one] for one in spot.coarser() if one in made), None)
        region = spot.region(around) if fine else None
        (holder.links if holder else plan.entries[group]).append(pyramid.Link(path, tile.box, region))
    plan.tiles.extend(made.values())
