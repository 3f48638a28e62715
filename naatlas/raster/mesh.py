"""Where the cells of a block lie in another raster: exact at nodes, interpolated between, proved in the middle.

A transformation of every cell of the 250 m grid takes minutes. Over some kilometres the map from one projection to
another is a cubic to a thousandth of a cell, so that only nodes are transformed, and the middle of each mesh as a
test: where it is further off than ``CURVED``, meshes are made smaller, and near a pole every cell is transformed. The
cubic gives the nodes of a finer mesh, between which places lie on straight lines to ``TOLERANCE``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from naatlas.raster.blocks import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.blocks import Block

    Floats = NDArray[np.float64]
    #: Metres of the grid to columns and rows of the source, in cells from its outer corner.
    ToSource = Callable[[Floats, Floats], tuple[Floats, Floats]]
    #: For each place on an axis the first of the four nodes around it, and the weight of each of the four.
    _Weights = tuple[NDArray[np.int64], tuple[Floats, Floats, Floats, Floats]]

#: Largest distance, in cells of the source, of a place from its exact one. As places are off to both sides alike, and
#: most of them by less than half of it, fewer than one cell in a thousand falls to the wrong side of a border.
TOLERANCE = 0.002
#: The same for the cubic, whose error comes on top.
CURVED = TOLERANCE / 10
#: How far the middle of a mesh may then lie from straight lines between its exact corners: see ``_balanced``.
_BEND = TOLERANCE * 3 / 2
#: Cells from node to node that are tried; their divisors are the steps of the finer mesh.
_WIDTHS = (60, 24, 8)
#: Side, in cells, up to which a block is cut into quarters where no mesh does for the whole of it.
_SMALLEST = 256


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

    def halves(self, shape: tuple[int, int]) -> tuple[int, list[tuple[Places, tuple[int, int]]]]:
        """Cut a block of so many rows and columns at a node, across its longer side.

        Returns
        -------
        The axis along which it was cut, and places and shape of both parts.
        """
        axis = int(shape[1] > shape[0])
        node = self.rows.shape[axis] // 2
        cells = node * self.step
        parts = []
        for nodes, length in ((slice(node + 1), cells), (slice(node, None), shape[axis] - cells)):
            own = (slice(None), nodes) if axis else (nodes, slice(None))
            places = Places(self.cols[own], self.rows[own], self.step)
            parts.append((places, (shape[0], length) if axis else (length, shape[1])))
        return axis, parts


def meshed(grid: Grid, block: Block, to_source: ToSource) -> Places | None:
    """Locate all cells of a block in the source by a mesh; None where none is exact enough."""
    tried = (_curved(grid, block, to_source, width) for width in _WIDTHS)
    return next(filter(None, tried), None)


def located(grid: Grid, block: Block, to_source: ToSource) -> Iterator[tuple[Block, Places]]:
    """Locate all cells of a block: as a whole, or by quarters where no mesh does.

    So only a small neighbourhood of a pole is transformed cell by cell.
    """
    told, small = meshed(grid, block, to_source), max(block.rows, block.cols) <= _SMALLEST
    if told and (small or told.step > 1):
        yield block, told
    elif small:
        yield block, every(grid, block, to_source)
    else:
        half = -(-max(block.rows, block.cols) // 2)
        for part in cut(block.rows, block.cols, rows=half, cols=half):
            own = replace(part, row=block.row + part.row, col=block.col + part.col)
            yield from located(grid, own, to_source)


def every(grid: Grid, block: Block, to_source: ToSource) -> Places:
    """Transform the centre of each cell of a block."""
    return Places(*_nodes(grid, block, to_source, 1), 1)


def _nodes(
    grid: Grid, block: Block, to_source: ToSource, step: int, *, first: float = 0.0, more: int = 0
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return places at nodes, from ``first`` cells after the first centre to 1 + ``more`` nodes beyond the last."""
    count = [-(-length // step) + 1 + more for length in (block.cols, block.rows)]
    x, y = (np.arange(n, dtype=np.float64) * step + first + 0.5 for n in count)
    return to_source(
        *np.meshgrid(grid.left + (block.col + x) * grid.cell_m, grid.top - (block.row + y) * grid.cell_m)
    )


def _curved(grid: Grid, block: Block, to_source: ToSource, width: int) -> Places | None:
    """Locate cells by a cubic between nodes ``width`` apart, a ring of them around the block; None if off."""
    nodes = _nodes(grid, block, to_source, width, first=-width, more=2)
    exact = _nodes(grid, block, to_source, width, first=width / 2, more=-1)
    sides = (block.rows, block.cols)
    halves = [_weights(length, width, width, 0.5) for length in sides]
    for own, middle in zip(nodes, exact, strict=True):
        # written so that a place without coordinates is off
        if not (np.abs(_cubic(own, halves) - middle) <= CURVED).all():
            return None
    bend = max(map(_bend, nodes))
    straight = [
        step for step in range(1, width + 1) if not width % step and bend * (step / width) ** 2 <= _BEND
    ]
    if not straight:
        return None
    step = straight[-1]
    finer = [_weights(length, width, step) for length in sides]
    cols, rows = (_cubic(_balanced(own, step / width), finer) for own in nodes)
    return Places(cols, rows, step)


def _cubic(nodes: Floats, weights: Sequence[_Weights]) -> Floats:
    """Interpolate along both axes: each place from the four nodes around it."""
    (down, downs), (right, rights) = weights
    across = np.zeros((len(nodes), len(right)))
    for k, share in enumerate(rights):
        across += share * nodes[:, right + k]
    told = np.zeros((len(down), len(right)))
    for k, share in enumerate(downs):
        told += share[:, None] * across[down + k]
    return told


def _balanced(nodes: Floats, share: float) -> Floats:
    """Move nodes so that straight lines between finer ones, that share of a mesh apart, lie off to both sides alike.

    Between nodes on a curve they all lie on its inner side, by two thirds of the greatest distance on average. Moved
    by that much, they lie off by less than half of it on average, and fewer cells fall to the wrong side of a border.
    """
    down = np.pad(np.diff(nodes, 2, axis=0), ((1, 1), (0, 0)), "edge")
    right = np.pad(np.diff(nodes, 2, axis=1), ((0, 0), (1, 1)), "edge")
    told: Floats = nodes - (down + right) * (share**2 / 12)
    return told


def _bend(nodes: Floats) -> float:
    """Return how far the middle of a mesh lies from straight lines between its corners, by second differences."""
    return sum(float(np.abs(np.diff(nodes, 2, axis=axis)).max()) for axis in (0, 1)) / 8


@lru_cache(maxsize=64)
def _weights(length: int, width: int, step: int, first: float = 0.0) -> _Weights:
    """Return the first of the four nodes around each place on an axis, and the weights of the four: a cubic.

    Parameters
    ----------
    length
        Cells of the block along the axis; nodes lie ``width`` of them apart, the first one mesh before the block.
    step, first
        Cells from place to place, and where the first one is, in meshes; those from 0 reach to the end of the block.
    """
    meshes = -(-length // width)
    place = np.arange(-(-length // step) + (not first)) * (step / width) + first
    start = np.minimum(place.astype(np.int64), meshes - 1)
    u = place - start
    before, after = (u + 1) * u, (u - 1) * (u - 2)
    return start, (-u * after / 6, (u + 1) * after / 2, -before * (u - 2) / 2, before * (u - 1) / 6)
