"""Cells counted by class: of one raster, or from class to class of two; by zone, strip by strip."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from naatlas.cluster import here
from naatlas.errors import InputError
from naatlas.raster import kernels
from naatlas.raster.blocks import Block, beside, blocks, without_idle_warnings
from naatlas.raster.source import crs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import NDArray

    from naatlas.cluster import Runner
    from naatlas.framework import Grid
    from naatlas.raster.align import Raster
    from naatlas.raster.zones import Numbers

    Counts = NDArray[np.int64]

#: Codes that a class raster of 8 bits can hold.
CODES = 256
#: Rows of a strip: those of the tiles of our files, so that each tile is decoded once.
STRIP = 512
#: Columns of a block where zones are asked: in a narrow one only those polygons are drawn that lie there.
_BLOCK = 4096
#: Columns of a block where none are: the rows of a strip then fit into some ten MB.
_WIDE = 32_768


class ZonesOf(Protocol):
    """Zones of cells, such as ``zones.Zones``."""

    def __len__(self) -> int:
        """Return how many zones there are."""

    def each(self, block: Block) -> list[Numbers]:
        """Return the zone of each cell of a block, as often as zones lie on each other."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is counted in each strip: descriptions of files and polygons, not cells."""

    rasters: tuple[Raster, ...]
    zones: ZonesOf | None
    codes: tuple[int, ...] | None
    cols: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Zones first; the last one is of cells that lie in a zone, but in no further one."""
        width = CODES if self.codes is None else len(self.codes) + 1
        return ((len(self.zones) if self.zones else 0) + 2, *[width] * len(self.rasters))


def histogram(raster: Raster, grid: Grid, zones: ZonesOf | None = None, *, run: Runner = here) -> Counts:
    """Count the cells of each code.

    Parameters
    ----------
    raster
        Of codes from 0 to 255, or of 8 bits with a sign, its cells on the grid.
    zones
        None for the whole grid as one zone.
    run
        Counts strip by strip, here or elsewhere: see :mod:`naatlas.cluster`.

    Returns
    -------
    Counts of shape (zones + 1, 256); the last row is of cells in no zone. A code below 0 counts as 256 more: -128 as
    128.
    """
    return _count((raster,), grid, zones, None, run)


def crosstab(
    first: Raster,
    second: Raster,
    grid: Grid,
    zones: ZonesOf | None = None,
    *,
    codes: Sequence[int] | None = None,
    run: Runner = here,
) -> Counts:
    """Count the cells that went from each code to each other, or stayed.

    Parameters
    ----------
    codes
        Those that are counted each for itself, all others together behind them; None for all 256. With hundreds of
        zones it is the difference between megabytes and gigabytes.
    run
        As :func:`histogram`.

    Returns
    -------
    Counts of shape (zones + 1, 256, 256), or as many as codes and one: zone, code in the first raster, code in the
    second. The last zone is of cells in none.
    """
    return _count((first, second), grid, zones, None if codes is None else tuple(codes), run)


def _count(
    rasters: tuple[Raster, ...],
    grid: Grid,
    zones: ZonesOf | None,
    codes: tuple[int, ...] | None,
    run: Runner,
) -> Counts:
    for raster in rasters:
        placed_on(raster, grid)
    # a narrow window of some files costs as much to decode as one of the whole width
    whole = any(getattr(raster, "striped", False) for raster in rasters)
    asked = _Asked(rasters, zones, codes, grid.cols if whole else _BLOCK if zones else _WIDE)
    total = np.zeros(asked.shape, dtype=np.int64)
    with without_idle_warnings():
        for places, cells in run(_counted, strips(grid), asked):
            total.reshape(-1)[places] += cells
    return total[:-1]


def strips(grid: Grid) -> list[Block]:
    """Cut a grid into the pieces that are counted each for itself, and that a cluster or a journal knows."""
    return blocks(grid, rows=STRIP, cols=grid.cols)


def _counted(strip: Block, asked: _Asked) -> tuple[NDArray[np.intp], Counts]:
    """Count a strip: the places of a table of ``asked.shape`` that have cells, and how many."""
    luts = kernels.lookup(len(asked.rasters), asked.codes)
    total = np.zeros(asked.shape, dtype=np.int64)
    for block in beside(strip, cols=asked.cols):
        cells = [codes_of(raster, block) for raster in asked.rasters]
        for told in [None] if asked.zones is None else asked.zones.each(block):
            kernels.add(total, luts, told, *cells)
    flat = total.reshape(-1)
    places = np.flatnonzero(flat)
    return places, flat[places]


def codes_of(raster: Raster, block: Block) -> NDArray[np.uint8]:
    """Return the codes of a block as uint8; of numbers with a sign the same bits, of no data :func:`empty_code`.

    Raises
    ------
    InputError
        They are fractions, or too large for a code.
    """
    cells = raster.read(block.row, block.col, block.rows, block.cols)
    if cells.dtype.itemsize == 1:
        return cells.view(np.uint8)
    name = getattr(raster, "name", "a raster")
    if cells.dtype.kind not in "iu":
        raise InputError(
            f"{name}: holds numbers of type {cells.dtype}, and codes of classes are whole; get the file as published, "
            "or bring it to the grid by nearest cell"
        )
    if -CODES // 2 <= raster.nodata < CODES and cells.min() >= 0 and cells.max() < CODES:
        return cells.astype(np.uint8)
    empty = cells == raster.nodata
    held = cells[~empty]
    if held.size and (held.min() < 0 or held.max() >= CODES):
        raise InputError(
            f"{name}: holds codes from {held.min()} to {held.max()}; those of classes are 0 to {CODES - 1}"
        )
    return np.where(empty, empty_code(raster), cells).astype(np.uint8)


def empty_code(raster: Raster) -> int:
    """Return the code under which cells without data are counted: their number as 8 bits, 255 for one beyond them."""
    nodata = raster.nodata
    return int(nodata) % CODES if -CODES // 2 <= nodata < CODES else CODES - 1


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
    if not np.allclose(told, wanted, rtol=0, atol=1e-6) or not same_crs(placed.crs, crs_of(grid)):
        raise InputError(
            f"{getattr(raster, 'name', 'a raster')}: {placed.shape[1]} x {placed.shape[0]} cells of "
            f"{placed.transform.a:g} from {placed.transform.c:g}, {placed.transform.f:g} are not on the grid "
            f"{grid.name} ({grid.cols} x {grid.rows} cells of {grid.cell_m:g} from {grid.left:g}, {grid.top:g}, figure "
            f"{grid.figure}); align it first"
        )


@lru_cache(maxsize=64)
def same_crs(told: str, wanted: pyproj.CRS) -> bool:
    """Tell whether two coordinate systems are one, whatever their names."""
    import pyproj

    own = pyproj.CRS.from_user_input(told)
    return own.equals(wanted, ignore_axis_order=True) or _figures(own) == _figures(wanted)


def _figures(crs: pyproj.CRS) -> dict[str, object]:
    """Return what a system measures with, without its names and their spelling."""
    names = ("semi_major_axis", "inverse_flattening", "longitude_of_prime_meridian", "grid_mapping_name")
    own = crs.to_cf()
    return {name: own.get(name) for name in names} | {
        k: v for k, v in own.items() if "projection" in k or "false" in k
    }
