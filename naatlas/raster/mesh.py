"""Where the cells of a block lie in another raster: exact on a mesh, interpolated between, proved in the middle.

A transformation of every cell of the 250 m grid takes minutes. Between nodes a few kilometres apart the map from
one projection to another is all but linear, so that only the nodes are transformed, and the middle of each mesh as
a test: where it is further off than ``TOLERANCE``, near a pole or the antimeridian say, every cell is transformed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from naatlas.framework import RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.blocks import Block

    Floats = NDArray[np.float64]
    #: Metres of the grid to columns and rows of the source, in cells from its outer corner.
    ToSource = Callable[[Floats, Floats], tuple[Floats, Floats]]

#: Largest distance, in cells of the source, that the middle of a mesh may lie from its exact place. One cell in
#: 1 / (2 * this) can then fall to the wrong side of a cell border at the very most.
TOLERANCE = 0.002
_LARGEST = 64


@dataclass(frozen=True, slots=True)
class Places:
    """Columns and rows of the source for every cell centre of a block, as float64 in cells of the source.

    Attributes
    ----------
    cols, rows
        Values at the nodes, of shape (n + 1, m + 1); node (i, j) is the centre of cell (i * step, j * step).
    step
        Cells from node to node; 1 where every cell was transformed.
    """

    cols: Floats
    rows: Floats
    step: int


def step_of(grid: Grid) -> int:
    """Return how many cells apart nodes may be so that the curvature of the Earth bends the map by TOLERANCE."""
    return max(1, min(_LARGEST, int(math.sqrt(8 * RADIUS_M * TOLERANCE / grid.cell_m))))


def places(grid: Grid, block: Block, to_source: ToSource, *, step: int | None = None) -> Places:
    """Locate all cells of a block in the source; by a mesh where that is exact enough, else cell by cell."""
    step = step_of(grid) if step is None else step
    if step > 1:
        cols, rows = _nodes(grid, block, to_source, step)
        if _is_straight(grid, block, to_source, cols, rows, step):
            return Places(cols, rows, step)
    cols, rows = _nodes(grid, block, to_source, 1)
    return Places(cols, rows, 1)


def _axes(grid: Grid, block: Block, step: int, shift: float) -> tuple[Floats, Floats]:
    """Return x of the node columns and y of the node rows, in metres; one node beyond the last cell."""
    count = [-(-length // step) + 1 for length in (block.cols, block.rows)]
    x, y = (np.arange(n, dtype=np.float64) * step + shift + 0.5 for n in count)
    return grid.left + (block.col + x) * grid.cell_m, grid.top - (block.row + y) * grid.cell_m


def _nodes(
    grid: Grid, block: Block, to_source: ToSource, step: int, shift: float = 0.0
) -> tuple[Floats, Floats]:
    x, y = _axes(grid, block, step, shift)
    return to_source(*np.meshgrid(x, y))


def _is_straight(
    grid: Grid, block: Block, to_source: ToSource, cols: Floats, rows: Floats, step: int
) -> bool:
    exact = _nodes(grid, block, to_source, step, step / 2)
    for nodes, middle in zip((cols, rows), exact, strict=True):
        guess = (nodes[:-1, :-1] + nodes[:-1, 1:] + nodes[1:, :-1] + nodes[1:, 1:]) / 4
        # written so that a place without coordinates counts as bent
        if not (np.abs(guess - middle[:-1, :-1]) <= TOLERANCE).all():
            return False
    return True
