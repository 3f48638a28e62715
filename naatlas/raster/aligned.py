"""A raster seen on a grid of the atlas: each window is computed when it is read, the same one wherever that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from naatlas.raster.align import known, moved_by, sampled, samples_of, window_of
from naatlas.raster.blocks import BLOCK, Block
from naatlas.raster.deposit import PARTS, deposit
from naatlas.raster.mesh import every, meshed
from naatlas.raster.source import Placed, crs_of, to_source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.align import Method, Raster
    from naatlas.raster.mesh import Places, ToSource

#: Parts along the side of a cell of a grid into which a count is cut to be handed over.
_PARTS = 4
#: Cells along the side of a window of the source that are handed over at once: each needs some 100 bytes.
_SOURCE_SIDE = 1448
#: Degrees of latitude beyond which a window in degrees has all columns.
_POLAR = 80.0


@dataclass(frozen=True, slots=True)
class Aligned:
    """Classes or a quantity on a grid, as :func:`naatlas.raster.align.align` has them.

    Attributes
    ----------
    method
        See :func:`naatlas.raster.align.method_of`.
    samples
        Points along the side of a cell that are looked at.
    """

    raster: Raster
    grid: Grid
    method: Method
    samples: int

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""
        return placed(self.grid)

    @property
    def nodata(self) -> float:
        """The number that stands for no data, as the type of the cells has it."""
        told = self.raster.nodata
        return told if self.method in {"nearest", "mode"} else float(np.float32(told))

    @property
    def side(self) -> int:
        """Rows and columns that fit into memory at once with all their points."""
        return max(BLOCK // self.samples // 512 * 512, 512)

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells: classes of the type of the source, quantities as float32."""
        if self.method == "nearest" and (moved := moved_by(self.raster.placed, self.grid)):
            return self.raster.read(row - moved[0], col - moved[1], rows, cols)
        told = _places(self.raster, self.grid, Block(row, col, rows, cols))
        return sampled(self.raster, told, (rows, cols), method=self.method, samples=self.samples)


def aligned(raster: Raster, grid: Grid, method: Method) -> Aligned:
    """See a raster on a grid."""
    several = method in {"mode", "average"}
    return Aligned(raster, grid, method, samples_of(raster, grid) if several else 1)


@dataclass(frozen=True, slots=True)
class Handed:
    """A counted quantity on a grid: what is in the cells of the source is handed over whole, by area.

    Attributes
    ----------
    parts
        Along the side of a cell of the source.
    side
        Rows and columns whose source fits into memory at once.
    """

    raster: Raster
    grid: Grid
    parts: int
    side: int

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""
        return placed(self.grid)

    @property
    def nodata(self) -> float:
        """NaN, as in all that is computed."""
        return float("nan")

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[np.float64]:
        """Return a window of cells, float64; they have the same bits whatever the window."""
        block, source = Block(row, col, rows, cols), self.raster.placed
        window = window_of(_places(self.raster, self.grid, block), source, around=True)
        if window is None:
            return np.full((rows, cols), np.nan)
        top, left, height, width = _home(window, source)
        cells = self.raster.read(top, left, height, width)
        values = np.where(known(cells, self.raster.nodata), cells, np.nan).astype(np.float64)
        return deposit(values, source, self.grid, parts=self.parts, corner=(top, left), block=block).cells


def _home(window: tuple[int, int, int, int], source: Placed) -> tuple[int, int, int, int]:
    """Return a window within the columns of a source, no cell of it twice and each under its own longitude."""
    top, left, height, width = window
    if turn := round(source.period):
        left %= turn
        # next to a pole half a cell further may be any longitude
        edges = (source.transform.f + source.transform.e * row for row in (top, top + height))
        if left + width > source.shape[1] or max(map(abs, edges)) > _POLAR:
            left, width = 0, source.shape[1]
    return top, left, height, width


def handed(raster: Raster, grid: Grid) -> Handed | None:
    """Hand a count over to a grid; None for one whose cells are too large for it, so that some would go empty."""
    wide = coarseness(raster, grid)
    if wide > PARTS / 2:
        return None
    parts = min(max(round(_PARTS * wide), _PARTS), PARTS)
    side = 2 ** min(max(math.floor(math.log2(max(_SOURCE_SIDE * wide, 1.0))), 6), 11)
    return Handed(raster, grid, parts, side)


def coarseness(raster: Raster, grid: Grid) -> float:
    """Return how many cells of a grid lie along the side of one of the source, at the most of some places."""
    locate, sides = _locator(grid, raster.placed), [0.0]
    for down, right in ((2, 2), (1, 2), (3, 1), (3, 3)):
        told = every(grid, Block(grid.rows * down // 4, grid.cols * right // 4, 1, 1), locate)
        steps = [np.hypot(*(np.diff(v, axis=a).max() for a in (0, 1))) for v in (told.cols, told.rows)]
        sides += [1 / float(step) for step in steps if np.isfinite(step) and step > 0]
    return max(sides)


def placed(grid: Grid) -> Placed:
    """Return where the cells of a grid lie."""
    return Placed(crs=crs_of(grid).to_wkt(), transform=Affine(*grid.transform), shape=(grid.rows, grid.cols))


def _places(raster: Raster, grid: Grid, block: Block) -> Places:
    locate = _locator(grid, raster.placed)
    return meshed(grid, block, locate) or every(grid, block, locate)


@lru_cache(maxsize=16)
def _locator(grid: Grid, source: Placed) -> ToSource:
    """Return the function from metres of a grid to a source, made once for all windows."""
    return to_source(grid, source)
