"""Raster files: their bands to read windows from, and the account of what their cells hold."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from affine import Affine

from naatlas import framework
from naatlas.errors import InputError
from naatlas.framework import BOX_M
from naatlas.raster.blocks import Block, cut, in_threads, workers
from naatlas.raster.classify import tally
from naatlas.raster.files import Array, File
from naatlas.raster.intact import prove_intact
from naatlas.raster.source import Placed, applied
from naatlas.sources.archive import read_bytes
from naatlas.sources.delimited import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.sources.delimited import Read
    from naatlas.spec import RasterFile, TextGrid

    #: Left, bottom, right, top in metres of the framework CRS.
    Bounds = tuple[float, float, float, float]
    Floats = NDArray[np.float64]
    Metres = Callable[[Floats, Floats], tuple[Floats, Floats]]

#: Columns of the account of a raster.
COLUMNS = ("band", "value", "place", "cells")
#: What a cell holds that is no code of a class.
DATA, NO_DATA, FRACTION, NOT_A_NUMBER, IMPOSSIBLE = (
    "data", "no data", "a fraction of a class number", "not a number", "outside the valid range",
)  # fmt: skip
#: Contents for which a cell is refused or rejected.
STRANGE = (FRACTION, NOT_A_NUMBER, IMPOSSIBLE)
INSIDE, OUTSIDE = "inside", "outside"

#: Cells from node to node where it is asked whether a block lies in the frame as a whole.
_NODES = 64


class _Band(Protocol):
    @property
    def placed(self) -> Placed: ...

    @property
    def nodata(self) -> float: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]: ...


@dataclass(frozen=True, slots=True)
class Sound:
    """A band of a quantity whose impossible cells have no data."""

    band: _Band
    valid: tuple[float, float]

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""
        return self.band.placed

    @property
    def nodata(self) -> float:
        """The number that stands for no data."""
        return self.band.nodata

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the cells."""
        return self.band.dtype

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells; it may reach over the edges, with nodata there."""
        cells = self.band.read(row, col, rows, cols)
        low, high = self.valid
        return np.where((cells < low) | (cells > high), np.asarray(self.nodata, dtype=cells.dtype), cells)


def read_raster(
    path: Path, layout: RasterFile, *, name: str, bounds: Bounds | None = None
) -> tuple[Read, tuple[_Band, ...]]:
    """Open the bands of a raster and count what their cells hold.

    Parameters
    ----------
    bounds
        The frame that cells lie inside or outside of, by their centre; None for the map frame of the atlas.

    Returns
    -------
    tuple
        Headers and columns of the account, one row a band, kind of cell and place; and the bands.

    Raises
    ------
    InputError
        The file is empty or damaged, lacks a band, says nothing of its place, or holds cells that mean nothing and
        the layout refuses them.
    """
    if path.stat().st_size == 0:
        raise InputError(f"{name}: the file is empty; download it again")
    bands = tuple(_open(path, layout, band, name) for band in layout.bands)
    if not (layout.text or layout.variable):
        prove_intact(path, name=name)
    counted = [_count(band, layout, bounds or BOX_M) for band in bands]
    if layout.refuse:
        _refuse(sum(counted, Counter()), layout, name)
    rows = [
        (str(number), value, place, str(cells))
        for number, told in zip(layout.bands, counted, strict=True)
        for (value, place), cells in sorted(told.items(), key=lambda item: _order(*item[0]))
    ]
    index = pd.RangeIndex(1, len(rows) + 1)
    columns = [
        pd.Series(pd.array(text, dtype="string"), index=index) for text in map(list, zip(*rows, strict=True))
    ]
    return (list(COLUMNS), columns), bands


def _open(path: Path, layout: RasterFile, band: int, name: str) -> _Band:
    raw: _Band
    if layout.text:
        raw = _typed(path, layout, layout.text, name)
    else:
        raw = File(path, band=band, crs=layout.crs, nodata=layout.nodata, name=name, variable=layout.variable)
    return Sound(raw, layout.valid) if layout.valid else raw


def _typed(path: Path, layout: RasterFile, text: TextGrid, name: str) -> Array:
    """Read a grid of numbers as text into memory, float64 with NaN where the number of no data stands."""
    lines = [
        line for line in decode(read_bytes(path, name=name), "ascii", name=name).splitlines() if line.strip()
    ]
    wrong = [number for number, line in enumerate(lines, 1) if len(line.split()) != text.cols]
    if len(lines) != text.rows or wrong:
        where = f"line {wrong[0]} has another number" if wrong else f"it has {len(lines)} lines"
        raise InputError(
            f"{name}: should hold {text.rows} lines of {text.cols} numbers, and {where}; get it again"
        )
    try:
        cells = np.array([line.split() for line in lines], dtype=np.float64)
    except ValueError as error:
        raise InputError(f"{name}: holds what is no number ({error}); get it again") from error
    if layout.nodata is not None:
        cells[cells == layout.nodata] = np.nan
    (x, y), (right, down) = text.first, text.step
    transform = Affine(right, 0.0, x - right / 2, 0.0, down, y - down / 2)
    placed = Placed(crs=str(layout.crs), transform=transform, shape=(text.rows, text.cols))
    return Array(placed, cells, math.nan)


def _refuse(told: Counter[tuple[str, str]], layout: RasterFile, name: str) -> None:
    found = {what: sum(n for (value, _), n in told.items() if value == what) for what in STRANGE}
    verbs = {FRACTION: "hold", NOT_A_NUMBER: "are", IMPOSSIBLE: "are"}
    if parts := [f"{count:,} cells {verbs[what]} {what}" for what, count in found.items() if count]:
        why = (
            "the classes were interpolated as if they were a quantity"
            if layout.kind == "class"
            else "it is {:g} to {:g}".format(*layout.valid or ())
        )
        raise InputError(
            f"{name}: {' and '.join(parts)}; {why}. Get the file as published, or declare "
            "refuse=False in the layout of the source to reject these cells one by one"
        )


def _order(value: str, place: str) -> tuple[bool, int, str, str]:
    return not value.isdigit(), int(value) if value.isdigit() else 0, value, place


def _count(band: _Band, layout: RasterFile, bounds: Bounds) -> Counter[tuple[str, str]]:
    raw = band.band if isinstance(band, Sound) else band
    metres = _to_metres(raw.placed)

    def work(block: Block) -> Counter[tuple[str, str]]:
        cells = raw.read(block.row, block.col, block.rows, block.cols)
        inside = _inside(block, metres, bounds)
        told: Counter[tuple[str, str]] = Counter()
        parts = (
            {INSIDE: cells[inside], OUTSIDE: cells[~inside]}
            if isinstance(inside, np.ndarray)
            else {inside: cells}
        )
        for place, own in parts.items():
            for value, count in _kinds(own, layout, raw.nodata):
                told[value, place] += count
        return told

    rows, cols = raw.placed.shape
    parts = in_threads(work, cut(rows, cols), threads=workers())
    return sum((told for _, told in parts), Counter())


def _kinds(cells: NDArray[Any], layout: RasterFile, nodata: float) -> Iterator[tuple[str, int]]:
    """Yield what some cells hold and how many of them do."""
    if layout.kind == "class" and cells.dtype.kind in "iu" and cells.dtype.itemsize <= np.int16().itemsize:
        yield from ((NO_DATA if code == nodata else str(code), count) for code, count in tally(cells).items())
        return
    empty = np.isnan(cells) if math.isnan(nodata) else cells == nodata
    lost = np.isnan(cells) if cells.dtype.kind == "f" else np.zeros(cells.shape, dtype=bool)
    # among classes NaN is no data only where somebody says so: else it is a trace of resampling
    if layout.kind == "class" and not (layout.nodata is not None and math.isnan(layout.nodata)):
        empty = empty & ~lost
    there = ~(empty | lost)
    yield from _some(NO_DATA, empty)
    yield from _some(NOT_A_NUMBER if layout.kind == "class" else NO_DATA, lost & ~empty)
    yield from _classes(cells[there]) if layout.kind == "class" else _numbers(cells[there], layout.valid)


def _some(what: str, which: NDArray[np.bool_]) -> Iterator[tuple[str, int]]:
    if count := int(np.count_nonzero(which)):
        yield what, count


def _classes(cells: NDArray[Any]) -> Iterator[tuple[str, int]]:
    whole = cells == np.floor(cells) if cells.dtype.kind == "f" else np.ones(cells.shape, dtype=bool)
    yield from _some(FRACTION, ~whole)
    codes, counts = np.unique(cells[whole], return_counts=True)
    yield from ((str(int(code)), int(count)) for code, count in zip(codes, counts, strict=True))


def _numbers(cells: NDArray[Any], valid: tuple[float, float] | None) -> Iterator[tuple[str, int]]:
    low, high = valid or (-math.inf, math.inf)
    sound = (cells >= low) & (cells <= high)
    yield from _some(DATA, sound)
    yield from _some(IMPOSSIBLE, ~sound)


def _inside(block: Block, metres: Metres, bounds: Bounds) -> NDArray[np.bool_] | str:
    """Tell which cells of a block have their centre in the frame; the one word for all of them where it is the same.

    Cell by cell that is the greater part of the work, so that it is asked of nodes first: where all of them are further
    from the edge than from each other, what lies between is on the same side. Else it is asked of each quarter.
    """
    side = max(block.rows, block.cols)
    apart = min(_NODES, max(side // 8, 1))
    rows, cols = (_steps(length, apart) for length in (block.rows, block.cols))
    x, y = metres(rows + block.row + 0.5, cols + block.col + 0.5)
    depth = _depth(x, y, bounds)
    if len(rows) > 1 and len(cols) > 1 and np.isfinite(depth).all():
        most = max(float(np.hypot(np.diff(x, axis=a), np.diff(y, axis=a)).max()) for a in (0, 1))
        if np.abs(depth).min() > most and (depth > 0).all() == (depth > 0).any():
            return INSIDE if depth.flat[0] > 0 else OUTSIDE
    if side <= _NODES:
        down, right = (np.arange(length, dtype=np.float64) + 0.5 for length in (block.rows, block.cols))
        return _depth(*metres(down + block.row, right + block.col), bounds) >= 0
    out = np.empty((block.rows, block.cols), dtype=bool)
    for part in cut(block.rows, block.cols, rows=-(-block.rows // 2), cols=-(-block.cols // 2)):
        told = _inside(replace(part, row=part.row + block.row, col=part.col + block.col), metres, bounds)
        own = np.s_[part.row : part.row + part.rows, part.col : part.col + part.cols]
        out[own] = told == INSIDE if isinstance(told, str) else told
    return out


def _steps(length: int, apart: int) -> Floats:
    return np.unique(np.append(np.arange(0, length, apart), length - 1)).astype(np.float64)


def _to_metres(placed: Placed) -> Metres:
    """Return the function from rows and columns of a raster to metres of the framework."""
    onward = None if placed.period else framework.transformer(placed.crs)

    def metres(rows: Floats, cols: Floats) -> tuple[Floats, Floats]:
        x, y = applied(placed.transform, *np.meshgrid(cols, rows))
        return framework.project(*(onward(x, y) if onward else (x, y)))

    return metres


def _depth(x: Floats, y: Floats, bounds: Bounds) -> Floats:
    """Return how far places are inside the frame, in metres; negative outside."""
    left, bottom, right, top = bounds
    depth: Floats = np.minimum(np.minimum(x - left, right - x), np.minimum(y - bottom, top - y))
    return np.where(np.isnan(depth), -math.inf, depth)
