"""A raster brought to a grid of the atlas: classes keep their codes, quantities their meaning."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from naatlas.raster import kernels
from naatlas.raster.blocks import Block, blocks, in_threads, workers
from naatlas.raster.counts import same_crs
from naatlas.raster.mesh import every, located
from naatlas.raster.source import crs_of, to_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.mesh import Places
    from naatlas.raster.source import Placed

    Floats = NDArray[np.float64]

#: What the cells hold: codes of classes, or a quantity of each place such as metres or millimetres. A quantity that
#: is counted, such as people, is not sampled but handed over whole: see ``deposit``.
Kind = Literal["class", "quantity"]
Method = Literal["nearest", "mode", "bilinear", "average"]

#: Points looked at along the side of a cell, at most.
_MOST_SAMPLES = 16
#: Cells of the source around a place that are read with it.
_MARGIN = 2
#: Cells of the source that are read at once, at most, and the nodes below which a block is not cut any further.
_LARGEST_WINDOW, _FEWEST_NODES = 1 << 25, 4


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
    several = samples_of(raster, grid) > 1
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
    if method == "nearest" and (moved := moved_by(raster.placed, grid)):
        yield from in_threads(lambda b: _window(raster, b, moved), blocks(grid), threads=threads or workers())
        return
    locate = to_source(grid, raster.placed)
    samples = samples_of(raster, grid) if method in {"mode", "average"} else 1

    def work(piece: tuple[Block, list[tuple[Block, Places]]]) -> NDArray[Any]:
        block, parts = piece
        told = [
            (part, sampled(raster, places, (part.rows, part.cols), method=method, samples=samples))
            for part, places in parts
        ]
        return joined(block, told)

    # meshes are made here: each new thread would set up PROJ anew, for longer than all its meshes take
    pieces = ((block, list(located(grid, block, locate))) for block in blocks(grid))
    for (block, _), cells in in_threads(work, pieces, threads=threads or workers()):
        yield block, cells


def joined(block: Block, parts: Sequence[tuple[Block, NDArray[Any]]]) -> NDArray[Any]:
    """Put the parts of a block together."""
    if len(parts) == 1:
        return parts[0][1]
    out = np.empty((block.rows, block.cols), dtype=parts[0][1].dtype)
    for part, cells in parts:
        row, col = part.row - block.row, part.col - block.col
        out[row : row + part.rows, col : col + part.cols] = cells
    return out


def moved_by(placed: Placed, grid: Grid) -> tuple[int, int] | None:
    """Return how many rows and columns later a raster's cells come than the same ones of the grid; None for others."""
    told, cell = placed.transform, grid.cell_m
    if (told.a, told.b, told.d, told.e) != (cell, 0, 0, -cell) or not same_crs(placed.crs, crs_of(grid)):
        return None
    down, right = (grid.top - told.f) / cell, (told.c - grid.left) / cell
    return (int(down), int(right)) if down.is_integer() and right.is_integer() else None


def _window(raster: Raster, block: Block, moved: tuple[int, int]) -> NDArray[Any]:
    return raster.read(block.row - moved[0], block.col - moved[1], block.rows, block.cols)


def samples_of(raster: Raster, grid: Grid) -> int:
    """Return how many cells of the source lie along the side of a cell of the grid, at its centre and corners."""
    locate = to_source(grid, raster.placed)
    most = 1.0
    for row, col in ((grid.rows // 2, grid.cols // 2), (grid.rows // 4, grid.cols // 4)):
        told = every(grid, Block(row, col, 1, 1), locate)
        sides = [np.hypot(*(np.diff(v, axis=axis).max() for v in (told.cols, told.rows))) for axis in (0, 1)]
        most = max(most, *(float(side) for side in sides if np.isfinite(side)))
    return min(_MOST_SAMPLES, math.ceil(most - 0.25))


def sampled(
    raster: Raster, told: Places, shape: tuple[int, int], *, method: Method = "nearest", samples: int = 1
) -> NDArray[Any]:
    """Return the value of each cell of a block of so many rows and columns whose places in the source are told.

    Near a pole of degrees a block may need a large part of the source: it is then worked through in smaller ones.
    """
    window = window_of(told, raster.placed, around=samples > 1)
    if window is None:
        kind = np.float32 if method in {"bilinear", "average"} else raster.read(0, 0, 1, 1).dtype
        return np.full(shape, raster.nodata, dtype=kind)
    if window[2] * window[3] > _LARGEST_WINDOW and min(told.cols.shape) > _FEWEST_NODES:
        axis, halves = told.halves(shape)
        parts = [sampled(raster, *half, method=method, samples=samples) for half in halves]
        return np.concatenate(parts, axis=axis)
    cells, corner = raster.read(*window), (window[0], window[1])
    if method == "nearest":
        return kernels.gather(told, shape, cells, corner, raster.nodata)
    if method == "bilinear":
        return _bilinear(told, shape, cells, corner, raster.nodata)
    summed_up = _mode if method == "mode" else _average
    points = (kernels.gather(told, shape, cells, corner, raster.nodata, s) for s in _shifts(samples))
    return summed_up(points, shape, raster.nodata)


def window_of(told: Places, placed: Placed, *, around: bool) -> tuple[int, int, int, int] | None:
    """Return first row and column, rows and columns of the source that a block needs; None for none at all.

    Only meshes that meet the source count: those of a block at the antipode of a projection lie all around it, and
    the window between them would be the whole source, though it is needed nowhere.

    Parameters
    ----------
    around
        Whether points are looked at up to half a cell of the block from its centre.
    """
    height, width = placed.shape
    # a raster that comes round to one turn is read beyond its edge: what lies there is its other end
    first, last = (-math.inf, math.inf) if placed.period else (0, width)
    rows, cols = (_extremes(nodes, told.step, around=around) for nodes in (told.rows, told.cols))
    near = _meets(rows, 0, height) & _meets(cols, first, last)
    if not near.any():
        return None
    (top, bottom), (left, right) = (
        (math.floor(low[near].min()) - _MARGIN, math.ceil(high[near].max()) + _MARGIN + 1)
        for low, high in (rows, cols)
    )
    top, bottom, left, right = max(top, 0), min(bottom, height), max(left, first), min(right, last)
    return top, int(left), bottom - top, int(right - left)


def _extremes(nodes: Floats, step: int, *, around: bool) -> tuple[Floats, Floats]:
    """Return the least and the greatest place of each mesh, NaN where a corner has none; single places twice."""
    if step == 1 and not around:
        return nodes, nodes
    corners = (nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, :-1], nodes[1:, 1:])
    low, high = reduce(np.minimum, corners), reduce(np.maximum, corners)
    half = (high - low) / step if around else 0.0  # half a cell down and half a cell to the right
    return low - half, high + half


def _meets(places: tuple[Floats, Floats], first: float, last: float) -> NDArray[np.bool_]:
    """Tell which meshes reach between two places on an axis."""
    low, high = places
    return (high >= first - _MARGIN) & (low < last + _MARGIN)


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
