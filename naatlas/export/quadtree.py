"""Places sorted into cells, each a quarter of the one above, and the most important ones taken first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from naatlas.export.regions import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

#: Cells at the last level are some metres wide: what lies together there cannot be told apart by coming nearer.
DEEPEST = 20
_LEAST_SIDE = 0.1
#: By how many levels a file may be wider than the cells in it.
WIDEST = 2
#: Bits of a number of a column or row, and of a level.
_PLACE_BITS, _LEVEL_BITS = DEEPEST, 5


class Cell(NamedTuple):
    """A cell by its level, 0 for the whole, and its place from west and south."""

    level: int
    ix: int
    iy: int

    def above(self, level: int) -> Cell:
        """Return the cell of a coarser level that holds this one."""
        down = self.level - level
        return Cell(level, self.ix >> down, self.iy >> down)


@dataclass(frozen=True, slots=True)
class Square:
    """The cell of level 0, in degrees; it may reach beyond the globe, its boxes do not."""

    west: float
    south: float
    side: float

    def box(self, cell: Cell) -> Box:
        """Return the part of the globe in a cell."""
        side = self.side / 2**cell.level
        west, south = self.west + cell.ix * side, self.south + cell.iy * side
        return Box(west, south, west + side, south + side).padded()

    def cells(self, x: Floats, y: Floats, level: int) -> tuple[Rows, Rows]:
        """Return in which cell of a level each place lies."""
        size = 2**level
        told = ((part - low) / self.side * size for part, low in ((x, self.west), (y, self.south)))
        ix, iy = (np.clip(part.astype(np.int64), 0, size - 1) for part in told)
        return ix, iy


def square(x: Floats, y: Floats) -> Square:
    """Return the smallest square around places, on whole tenths of degrees."""
    if not len(x):
        return Square(-0.5, -0.5, 1.0)
    west, south = np.floor(x.min() * 10) / 10, np.floor(y.min() * 10) / 10
    side = max(x.max() - west, y.max() - south, _LEAST_SIDE)
    return Square(float(west), float(south), float(np.ceil(side * 10 + 1e-9) / 10))


def thinned(x: Floats, y: Floats, around: Square, *, first: int, each: int) -> tuple[Rows, Rows, Rows]:
    """Give each place the coarsest cell that has room for it beside the more important ones in it.

    Counted are all places in a cell, those that coarser cells show already too. So however uneven they lie, no
    cell but the whole and those of the last level shows more than it may: ``each``, or all that lie in it where
    they are up to twice as many, lest the rest become a multitude of small files.

    Parameters
    ----------
    x, y
        Degrees, the most important place first.
    first, each
        How many places the whole shows, and about how many each cell below.

    Returns
    -------
    Level and place of the cell, by row of the input.
    """
    level = np.zeros(len(x), dtype=np.int64)
    ix, iy = level.copy(), level.copy()
    waiting = np.arange(len(x)) >= first
    for depth in range(1, DEEPEST + 1):
        if not waiting.any():
            break
        column, row = around.cells(x, y, depth)
        rank, total = _rank(column << depth | row)
        taken = waiting & ((rank < each) | (total <= 2 * each) | (depth == DEEPEST))
        level[taken], ix[taken], iy[taken] = depth, column[taken], row[taken]
        waiting &= ~taken
    return level, ix, iy


def gathered(groups: Rows, cells: tuple[Rows, Rows, Rows], *, most: int) -> Rows:
    """Return by how many levels the file of each place may be wider than its cell, by row of the input.

    Neighbours of one level share a file where they hold no more than this between them: hundreds of files with a
    dozen places each would say the same styles over and over, and keep the reader fetching.

    Parameters
    ----------
    groups
        Folder of each place, below 2 ** 18: those of two folders never share a file.
    cells
        Level and place of the cell, as :func:`thinned` returns them.
    most
        How many places a shared file may hold.
    """
    level, ix, iy = cells
    up, kind = np.zeros(len(level), dtype=np.int64), groups << _LEVEL_BITS | level
    for wider in range(1, WIDEST + 1):
        around = (kind << _PLACE_BITS | ix >> wider) << _PLACE_BITS | iy >> wider
        up[(_rank(around)[1] <= most) & (level >= wider)] = wider
    return up


def _rank(cell: Rows) -> tuple[Rows, Rows]:
    """Return, by place, how many in its cell come before it, and how many there are."""
    order = np.argsort(cell, kind="stable")  # who comes first stays in front
    begins = np.flatnonzero(np.diff(cell[order], prepend=-1))
    sizes = np.diff(begins, append=len(order))
    rank, total = np.empty((2, len(order)), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(begins, sizes)
    total[order] = np.repeat(sizes, sizes)
    return rank, total
