"""Cells counted by class: of one raster, or from class to class of two; by zone, in windows, in threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from naatlas.errors import InputError
from naatlas.raster import kernels
from naatlas.raster.blocks import Block, blocks, in_threads, workers
from naatlas.raster.source import crs_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyproj
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.align import Raster

    Counts = NDArray[np.int64]

#: Codes that a class raster of 8 bits can hold.
CODES = 256
#: Rows of a strip: those of the tiles of our files, so that each tile is decoded once.
STRIP = 512


class ZonesOf(Protocol):
    """Zones of cells, such as ``zones.Zones``."""

    def __len__(self) -> int:
        """Return how many zones there are."""

    def of(self, block: Block) -> NDArray[np.int32]:
        """Return the number of the zone of each cell of a block; their count where there is none."""


def histogram(
    raster: Raster, grid: Grid, zones: ZonesOf | None = None, *, threads: int | None = None
) -> Counts:
    """Count the cells of each code.

    Parameters
    ----------
    raster
        Of 8 bits, its cells on the grid.
    zones
        None for the whole grid as one zone.

    Returns
    -------
    Counts of shape (zones + 1, 256); the last row is of cells in no zone.
    """
    placed_on(raster, grid)
    count = len(zones) if zones else 0

    def work(block: Block) -> Counts:
        cells = _cells(raster, block)
        return kernels.count((count + 1, CODES), None if zones is None else zones.of(block), cells)

    return _sum(work, grid, threads)


def crosstab(
    first: Raster, second: Raster, grid: Grid, zones: ZonesOf | None = None, *, threads: int | None = None
) -> Counts:
    """Count the cells that went from each code to each other, or stayed.

    Returns
    -------
    Counts of shape (zones + 1, 256, 256): zone, code in the first raster, code in the second. The last zone is of
    cells in none.
    """
    for raster in (first, second):
        placed_on(raster, grid)
    count = len(zones) if zones else 0

    def work(block: Block) -> Counts:
        pair = _cells(first, block), _cells(second, block)
        return kernels.count((count + 1, CODES, CODES), None if zones is None else zones.of(block), *pair)

    return _sum(work, grid, threads)


def _cells(raster: Raster, block: Block) -> NDArray[Any]:
    return raster.read(block.row, block.col, block.rows, block.cols)


def _sum(work: Callable[[Block], Counts], grid: Grid, threads: int | None) -> Counts:
    pieces = blocks(grid, rows=STRIP, cols=grid.cols)
    parts = in_threads(work, pieces, threads=threads or workers())
    _, total = next(parts)
    for _, part in parts:
        total += part
    return total


def placed_on(raster: Raster, grid: Grid) -> None:
    """Prove that the cells of a raster are those of a grid.

    Raises
    ------
    InputError
        They are of another size, number or place, or in another coordinate system.
    """
    placed = raster.placed
    told = [*placed.transform[:6], *placed.shape]
    wanted = [*grid.transform, grid.rows, grid.cols]
    if not np.allclose(told, wanted, rtol=0, atol=1e-6) or not _same_crs(placed.crs, crs_of(grid)):
        raise InputError(
            f"a raster of {placed.shape[1]} x {placed.shape[0]} cells at {placed.transform.c:g}, "
            f"{placed.transform.f:g} is not on the grid {grid.name} ({grid.cols} x {grid.rows} at {grid.left:g}, "
            f"{grid.top:g}); align it first"
        )


def _same_crs(told: str, wanted: pyproj.CRS) -> bool:
    import pyproj

    return bool(pyproj.CRS.from_user_input(told).to_cf() == wanted.to_cf()) or (
        pyproj.CRS.from_user_input(told).equals(wanted, ignore_axis_order=True)
    )
