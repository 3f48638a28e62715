"""From the legend of a country to that of the atlas: every number by a table, and none that it does not know."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from naatlas.errors import InputError, UnknownTermsError
from naatlas.raster import kernels
from naatlas.raster.blocks import cut, in_threads, workers
from naatlas.raster.counts import CODES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from naatlas.raster.align import Raster
    from naatlas.raster.blocks import Block
    from naatlas.raster.source import Placed

#: Numbers of a national legend that can be told apart: those of 16 bits.
_NUMBERS = 65_536


@dataclass(frozen=True, slots=True)
class Classified:
    """A class raster with the numbers of another legend; made by :func:`classify` or :func:`recoded`."""

    raster: Raster
    table: NDArray[np.uint8]
    nodata: float
    name: str

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""
        return self.raster.placed

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells, uint8; it may reach over the edges, with nodata there."""
        cells = self.raster.read(row, col, rows, cols)
        if cells.dtype.kind != "f":
            return self.table[_numbers(cells, self.name)]
        there = (np.abs(cells) < _NUMBERS // 2) & (
            cells == np.floor(cells)
        )  # what is no number of a class is no data
        out = np.full(cells.shape, self.nodata, dtype=np.uint8)
        out[there] = self.table[cells[there].astype(np.int64).astype(np.uint16)]
        return out


def classify(
    raster: Raster,
    codes: Mapping[int, int],
    *,
    nodata: int,
    empty: Collection[int] = (),
    table: str = "the crosswalk",
) -> Classified:
    """Give a class raster the numbers of another legend.

    All cells are looked at before the first is given out, so that an unknown number stops the work at its start.

    Parameters
    ----------
    codes
        Number of the national legend -> number of the atlas, 0 to 255.
    nodata
        Number for no data in the result, none of the atlas classes.
    empty
        Further numbers of the raster that say nothing, beside its own for no data.
    table
        Where a number that is not known is to be entered, for the message.

    Raises
    ------
    InputError
        The raster holds fractions or numbers beyond 16 bits, or its nodata is a class, before or after.
    UnknownTermsError
        Numbers that are in no line of the table, all of them, with their cells.
    """
    told = recoded(raster, codes, nodata=nodata)
    found = census(raster)
    unknown = [n for n in found if n not in codes and n not in empty and n != raster.nodata]
    if unknown:
        raise UnknownTermsError(
            f"{told.name}: class {n} of {found[n]:,} cells is in no line of {table}" for n in unknown
        )
    return told


def recoded(raster: Raster, codes: Mapping[int, int], *, nodata: int) -> Classified:
    """Give a class raster whose numbers were counted and found known those of another legend; all others are no data.

    Raises
    ------
    InputError
        The number for no data is a class, before or after.
    """
    name = str(getattr(raster, "name", "a raster"))
    for number, known, whose in (
        (raster.nodata, codes.keys(), "the table"),
        (nodata, codes.values(), "the atlas"),
    ):
        if number in known:
            raise InputError(f"{name}: {number:g} means no data, and is also a class of {whose}")
    own = np.full(_NUMBERS, nodata, dtype=np.uint8)
    for number, code in codes.items():
        own[number % _NUMBERS] = code
    return Classified(raster, own, nodata, name)


def census(raster: Raster) -> dict[int, int]:
    """Count the cells of each number in a class raster of any extent, nodata too; sorted by number.

    Raises
    ------
    InputError
        It holds fractions or numbers beyond 16 bits.
    """
    name = str(getattr(raster, "name", "a raster"))

    def work(block: Block) -> dict[int, int]:
        return tally(_numbers(raster.read(block.row, block.col, block.rows, block.cols), name))

    total: Counter[int] = Counter()
    for _, counts in in_threads(work, cut(*raster.placed.shape), threads=workers()):
        total.update(counts)
    signed = np.issubdtype(raster.read(0, 0, 1, 1).dtype, np.signedinteger)
    told = {n - _NUMBERS if signed and n >= _NUMBERS // 2 else n: cells for n, cells in total.items()}
    return dict(sorted(told.items()))


def tally(cells: NDArray[Any]) -> dict[int, int]:
    """Count the cells of each number, of 8 or 16 bits with or without a sign; sorted as without one."""
    if not cells.size:
        return {}
    if cells.dtype.itemsize == 1 or (cells.min() >= 0 and cells.max() < CODES):
        narrow = cells if cells.dtype.itemsize == 1 else cells.astype(np.uint8)
        counts = kernels.count((1, CODES), None, np.ascontiguousarray(narrow).view(np.uint8))[0]
    else:
        counts = np.bincount(np.ascontiguousarray(cells).view(np.uint16).reshape(-1))
    numbers = np.flatnonzero(counts)
    values = numbers.astype(f"u{cells.dtype.itemsize}").view(cells.dtype)
    return dict(zip(values.tolist(), counts[numbers].tolist(), strict=True))


def _numbers(cells: NDArray[Any], name: str) -> NDArray[np.uint16]:
    """Return whole numbers as 16 bits without a sign: -128 becomes 65,408."""
    if cells.dtype.kind not in "iu":
        raise InputError(
            f"{name}: holds numbers of type {cells.dtype}, and codes of classes are whole; get the file as published"
        )
    if (
        cells.dtype.itemsize > np.int16().itemsize
        and cells.size
        and not -_NUMBERS // 2 <= cells.min() <= cells.max() < _NUMBERS // 2
    ):
        raise InputError(f"{name}: holds codes from {cells.min()} to {cells.max()}, beyond those of 16 bits")
    return cells.astype(np.int64).astype(np.uint16) if cells.dtype.kind == "i" else cells.astype(np.uint16)
