"""A raster brought to a grid of the atlas: classes keep their codes, quantities their meaning."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from naatlas.raster import kernels
from naatlas.raster.blocks import Block, blocks, in_threads, workers
from naatlas.raster.counts import same_crs
from naatlas.raster.mesh import every, meshed
from naatlas.raster.source import crs_of, to_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.mesh import Places
    from naatlas.raster.source import Placed

#: What the cells hold: codes of classes, or a quantity of each place such as metres or millimetres. A quantity that
#: is counted, such as people, is not sampled but handed over whole: see ``deposit``.
Kind = Literal["class", "quantity"]
Method = Literal["nearest", "mode", "bilinear", "average"]

#: Points looked at along the side of a cell, at most.
_MOST_SAMPLES = 16


class Raster(Protocol):
    """What can be aligned: a position, and windows of cells that several threads may read."""

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""

    @property
    def nodata(self) -> float:
        """The number that stands for no data."""

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells; it may reach over the edges, with nodata there."""


def method_of(kind: Kind, raster: Raster, grid: Grid) -> Method:
    """Choose how the value of a cell comes about, by what the raster holds and how fine it is.

    Classes are never averaged. Where a cell of the grid holds several of the source, the class that most of them
    have or their mean; else the class of the one it lies in, or a value between its four neighbours.
    """
    several = _samples(raster, grid) > 1
    if kind == "class":
        return "mode" if several else "nearest"
    return "average" if several else "bilinear"


def align(
    raster: Raster, grid: Grid, *, method: Method, threads: int | None = None
) -> Iterator[tuple[Block, NDArray[Any]]]:
    """Bring a raster to a grid, block by block from the upper left.

    Parameters
    ----------
    method
        ``mode`` and ``average`` look at as many points of a cell as it holds cells of the source, at most 16 by 16.
        Cells without data have no say in the value of a cell.

    Yields
    ------
    Block and its cells: of the type of the source for classes, float32 for quantities; nodata where there is none.
    """
    if method == "nearest" and (moved := _moved(raster.placed, grid)):
        yield from in_threads(lambda b: _window(raster, b, moved), blocks(grid), threads=threads or workers())
        return
    locate = to_source(grid, raster.placed)
    samples = _samples(raster, grid) if method in {"mode", "average"} else 1

    def work(piece: tuple[Block, Places | None]) -> NDArray[Any]:
        block, told = piece
        return _block(raster, block, told or every(grid, block, locate), method, samples)

    # meshes are made here: each new thread would set up PROJ anew, for longer than all its meshes take
    pieces = ((block, meshed(grid, block, locate)) for block in blocks(grid))
    for (block, _), cells in in_threads(work, pieces, threads=threads or workers()):
        yield block, cells


def _moved(placed: Placed, grid: Grid) -> tuple[int, int] | None:
    """Return how many rows and columns later a raster's cells come than the same ones of the grid; None for others."""
    told, cell = placed.transform, grid.cell_m
    if (told.a, told.b, told.d, told.e) != (cell, 0, 0, -cell) or not same_crs(placed.crs, crs_of(grid)):
        return None
    down, right = (grid.top - told.f) / cell, (told.c - grid.left) / cell
    return (int(down), int(right)) if down.is_integer() and right.is_integer() else None


def _window(raster: Raster, block: Block, moved: tuple[int, int]) -> NDArray[Any]:
    return raster.read(block.row - moved[0], block.col - moved[1], block.rows, block.cols)


def _samples(raster: Raster, grid: Grid) -> int:
    """Return how many cells of the source lie along the side of a cell of the grid, at its centre and corners."""
    locate = to_source(grid, raster.placed)
    most = 1.0
    for row, col in ((grid.rows // 2, grid.cols // 2), (grid.rows // 4, grid.cols // 4)):
        told = every(grid, Block(row, col, 1, 1), locate)
        sides = [np.hypot(*(np.diff(v, axis=axis).max() for v in (told.cols, told.rows))) for axis in (0, 1)]
        most = max(most, *(float(side) for side in sides if np.isfinite(side)))
    return min(_MOST_SAMPLES, math.ceil(most - 0.25))


def _block(raster: Raster, block: Block, told: Places, method: Method, samples: int) -> NDArray[Any]:
    shape = (block.rows, block.cols)
    window = window_of(told, raster.placed)
    if window is None:
        kind = np.float32 if method in {"bilinear", "average"} else raster.read(0, 0, 1, 1).dtype
        return np.full(shape, raster.nodata, dtype=kind)
    cells, corner = raster.read(*window), (window[0], window[1])
    if method == "nearest":
        return kernels.gather(told, shape, cells, corner, raster.nodata)
    if method == "bilinear":
        return _bilinear(told, shape, cells, corner, raster.nodata)
    reduce = _mode if method == "mode" else _average
    points = (kernels.gather(told, shape, cells, corner, raster.nodata, s) for s in _shifts(samples))
    return reduce(points, shape, raster.nodata)


def window_of(told: Places, placed: Placed) -> tuple[int, int, int, int] | None:
    """Return first row and column, rows and columns of the source that a block needs; None for none at all."""
    known = np.isfinite(told.cols) & np.isfinite(told.rows)
    if not known.any():
        return None
    rows, cols = told.rows[known], told.cols[known]
    top, bottom = _clipped(rows.min() - 2, rows.max() + 3, placed.shape[0])
    # a raster that comes round to one turn is read beyond its edge: what lies there is its other end
    length = math.inf if placed.period else placed.shape[1]
    left, right = _clipped(cols.min() - 2, cols.max() + 3, length)
    return (top, left, bottom - top, right - left) if bottom > top and right > left else None


def _clipped(low: float, high: float, length: float) -> tuple[int, int]:
    if math.isinf(length):
        return math.floor(low), math.ceil(high)
    return max(math.floor(low), 0), min(math.ceil(high), int(length))


def _shifts(samples: int) -> list[tuple[float, float]]:
    """Return the points of a cell that are looked at, from its centre, in cells."""
    steps = [(index + 0.5) / samples - 0.5 for index in range(samples)]
    return [(down, right) for down in steps for right in steps]


def _mode(points: Iterator[NDArray[Any]], shape: tuple[int, int], nodata: float) -> NDArray[Any]:
    """Return the class that most points have; of equals the lower code."""
    stack = np.stack(list(points))
    best = np.zeros(shape, dtype=np.uint16)
    out = np.full(shape, nodata, dtype=stack.dtype)
    for code in np.unique(stack):
        if code == nodata:
            continue
        count = (stack == code).sum(axis=0, dtype=np.uint16)
        more = count > best
        out[more], best[more] = code, count[more]
    return out


def _average(points: Iterator[NDArray[Any]], shape: tuple[int, int], nodata: float) -> NDArray[Any]:
    total, count = np.zeros(shape), np.zeros(shape, dtype=np.uint16)
    for values in points:
        there = known(values, nodata)
        total[there] += values[there]
        count += there
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, nodata).astype(np.float32)


def known(values: NDArray[Any], nodata: float) -> NDArray[np.bool_]:
    """Tell which cells hold a value: neither nodata nor, among floats, NaN."""
    there: NDArray[np.bool_] = values != nodata
    return there & ~np.isnan(values) if values.dtype.kind == "f" else there


def _bilinear(
    told: Places, shape: tuple[int, int], cells: NDArray[Any], corner: tuple[int, int], nodata: float
) -> NDArray[Any]:
    """Weigh the four nearest cells; those without data have no weight, and a cell in none of them no value."""
    col, row = (kernels.between(nodes, told.step, shape) for nodes in (told.cols, told.rows))
    inside = kernels.gather(told, shape, known(cells, nodata).astype(np.uint8), corner, 0) > 0
    col, row = np.nan_to_num(col - corner[1] - 0.5), np.nan_to_num(row - corner[0] - 0.5)
    total, weight = np.zeros(shape), np.zeros(shape)
    for down in (0, 1):
        for right in (0, 1):
            part, values = _corner(col, row, cells, down, right)
            there = known(values, nodata)
            total[there] += (part * values)[there]
            weight[there] += part[there]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(inside & (weight > 0), total / weight, nodata).astype(np.float32)


def _corner(col: Any, row: Any, cells: NDArray[Any], down: int, right: int) -> tuple[Any, Any]:  # noqa: ANN401
    """Return weight and value of one of the four cells around each place."""
    x, y = np.floor(col), np.floor(row)
    part = np.abs(1 - right - (col - x)) * np.abs(1 - down - (row - y))
    i = np.clip(y + down, 0, cells.shape[0] - 1).astype(np.int64)
    j = np.clip(x + right, 0, cells.shape[1] - 1).astype(np.int64)
    return part, cells[i, j]
