"""Counted quantities, such as people: each cell of the source is handed over whole, so that the total stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyproj

from naatlas import framework
from naatlas.raster.blocks import Block
from naatlas.raster.source import applied, crs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.source import Placed

    Floats = NDArray[np.float64]

#: Parts along the side of a cell of the source: each goes whole into the cell of the grid that its centre lies in.
PARTS = 32


@dataclass(frozen=True, slots=True)
class Deposited:
    """A counted quantity on a grid.

    Attributes
    ----------
    cells
        Sum in each cell, float64; NaN where no part of a cell with data fell.
    outside
        Sum of what lies outside the grid.
    by_zone
        Sum in each zone of the ground, and last what lies in none of them or outside the grid.
    """

    cells: Floats
    outside: float
    by_zone: Floats


class Ground(Protocol):
    """Where counted things can be, in zones, such as ``pinned.Pinned``."""

    def __len__(self) -> int:
        """Return how many zones there are."""

    def at(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        """Return the zone of places in metres of the grid, ``len(self)`` where there is none."""


def deposit(
    values: Floats, raster: Placed, grid: Grid, *, parts: int = PARTS, ground: Ground | None = None,
    corner: tuple[int, int] = (0, 0), block: Block | None = None,
) -> Deposited:  # fmt: skip
    """Hand a counted quantity over to a grid; what is in the cells and outside is the sum of the source.

    Parameters
    ----------
    values
        Quantity in each cell of the source, float64, NaN where there is none; small enough to lie in memory.
    parts
        Parts along the side of a cell, all of one size in the units of the source. In degrees a part nearer the pole
        is smaller on the ground: shares are by area on the sphere.
    ground
        Where the things can be, such as the land for people: a cell of the source is handed over to those of its
        parts that lie on it, and as a whole where none does. Nothing is known of the ground outside the grid, so that
        parts there keep their share.
    corner
        Row and column of the first value in the source, where they are a window of it.
    block
        Cells of the grid that are wanted; what falls elsewhere is outside. Those of several blocks have the same bits
        as those of the whole, if each is given all cells of the source that reach into it. None for the whole.
    """
    there, block = np.isfinite(values), block or Block(0, 0, grid.rows, grid.cols)
    rows, cols = (
        index.astype(np.float64) + first for index, first in zip(np.nonzero(there), corner, strict=True)
    )
    amounts, spread = values[there], _Spread(raster, grid, parts, ground, block)
    firm = np.ones(len(rows))
    if ground is not None:
        firm = sum((part.share * part.firm for part in spread.over(rows, cols)), np.zeros(len(rows)))
    # of a cell without firm ground all parts are as good as each other
    loose, firm = firm <= 0, np.where(firm > 0, firm, 1.0)
    total, touched = np.zeros(block.rows * block.cols), np.zeros(block.rows * block.cols, dtype=bool)
    by_zone, outside = np.zeros(spread.zones + 1), 0.0
    for part in spread.over(rows, cols):
        taken = loose | part.firm
        told = np.where(taken, amounts * part.share / firm, 0.0)
        inside = part.cells >= 0
        total += np.bincount(part.cells[inside], weights=told[inside], minlength=total.size)
        touched[part.cells[inside & taken]] = True
        by_zone += np.bincount(part.zones, weights=told, minlength=by_zone.size)
        outside += float(told[~inside].sum())
    return Deposited(np.where(touched, total, np.nan).reshape(block.rows, block.cols), outside, by_zone)


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of each cell of the source: its share of the area, where it falls, and whether that is firm."""

    share: Floats
    cells: NDArray[np.int64]
    zones: NDArray[np.int32]
    firm: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Spread:
    """How the cells of a source fall on a grid, part by part."""

    raster: Placed
    grid: Grid
    parts: int
    ground: Ground | None
    block: Block

    @property
    def zones(self) -> int:
        return 0 if self.ground is None else len(self.ground)

    def over(self, rows: Floats, cols: Floats) -> Iterator[_Part]:
        """Yield each part of the cells at these rows and columns."""
        for down in range(self.parts):
            share = _shares(rows, down, self.raster, self.parts)
            for right in range(self.parts):
                yield self._part(rows + (down + 0.5) / self.parts, cols + (right + 0.5) / self.parts, share)

    def _part(self, rows: Floats, cols: Floats, share: Floats) -> _Part:
        x, y = _metres(rows, cols, self.raster, self.grid)
        cells = _cells(x, y, self.grid, self.block)
        if self.ground is None:
            return _Part(share, cells, np.zeros(len(x), dtype=np.int32), np.ones(len(x), dtype=bool))
        zones = self.ground.at(x, y)
        return _Part(share, cells, zones, (zones < len(self.ground)) | (cells < 0))


def _shares(rows: Floats, down: int, raster: Placed, parts: int) -> Floats:
    """Return the share of its cell's area that one part in the given row of parts has."""
    if not raster.period:
        return np.full(len(rows), 1 / parts**2)
    edges = [np.sin(np.radians(_y(raster, rows + at))) for at in (0, 1, down / parts, (down + 1) / parts)]
    share: Floats = (edges[3] - edges[2]) / (edges[1] - edges[0]) / parts
    return share


def _y(raster: Placed, rows: Floats) -> Floats:
    y: Floats = raster.transform.f + raster.transform.e * rows
    return np.clip(y, -90, 90)


def _metres(rows: Floats, cols: Floats, raster: Placed, grid: Grid) -> tuple[Floats, Floats]:
    """Return places of a source in metres of a grid."""
    x, y = applied(raster.transform, cols, rows)
    if not raster.period:
        x, y = framework.transformer(raster.crs)(x, y)
    return _project(x, y, grid)


def _cells(x: Floats, y: Floats, grid: Grid, block: Block) -> NDArray[np.int64]:
    """Return the number of the block's cell that each place lies in, -1 outside."""
    # counted from the corner of the grid: two blocks must agree on which of them a place lies in
    col = np.floor((x - grid.left) / grid.cell_m) - block.col
    row = np.floor((grid.top - y) / grid.cell_m) - block.row
    inside = (col >= 0) & (col < block.cols) & (row >= 0) & (row < block.rows)
    return np.where(inside, row * block.cols + col, -1).astype(np.int64)


def _project(lon: Floats, lat: Floats, grid: Grid) -> tuple[Floats, Floats]:
    if grid.figure == "sphere":
        return framework.project(lon, lat)
    x, y = pyproj.Transformer.from_crs("OGC:CRS84", crs_of(grid), always_xy=True).transform(lon, lat)
    return x, y
