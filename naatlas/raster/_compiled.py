"""The inner loops as numba compiles them; kept on disk, so that only the first run pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]
    Words = NDArray[np.uint64]
    Counts = NDArray[np.int64]


@numba.njit(nogil=True, cache=True)
def gather(  # noqa: PLR0917 - what numba takes are plain arguments
    cols: Floats, rows: Floats, step: int, cells: NDArray[Any], top: int, left: int, down: float, right: float,
    out: NDArray[Any],
) -> None:  # fmt: skip
    """Do what ``kernels.gather`` says."""
    share = (np.arange(step) + right) / step
    for y in range(out.shape[0]):
        i, v = y // step, (y % step + down) / step
        for j in range((out.shape[1] + step - 1) // step):
            start = j * step
            count = min(step, out.shape[1] - start)
            col = cols[i, j] + v * (cols[i + 1, j] - cols[i, j])
            row = rows[i, j] + v * (rows[i + 1, j] - rows[i, j])
            across = cols[i, j + 1] + v * (cols[i + 1, j + 1] - cols[i, j + 1]) - col
            along = rows[i, j + 1] + v * (rows[i + 1, j + 1] - rows[i, j + 1]) - row
            _gather_between(
                col - left, across, row - top, along, share[:count], cells, out[y, start : start + count]
            )


@numba.njit(nogil=True, cache=True)
def _gather_between(
    col: float, across: float, row: float, along: float, share: Floats, cells: NDArray[Any], out: NDArray[Any]
) -> None:  # fmt: skip
    """Take the cells on a straight line; where both its ends lie inside, all of it does."""
    height, width = cells.shape
    last = share[-1]
    ends = (col + share[0] * across, col + last * across, row + share[0] * along, row + last * along)
    inside = min(ends[0], ends[1]) >= 1 and max(ends[0], ends[1]) < width - 1
    inside = inside and min(ends[2], ends[3]) >= 1 and max(ends[2], ends[3]) < height - 1
    if inside:
        for k in range(share.size):
            out[k] = cells[np.int32(row + share[k] * along), np.int32(col + share[k] * across)]
        return
    for k in range(share.size):
        down, right = np.floor(row + share[k] * along), np.floor(col + share[k] * across)
        if 0 <= down < height and 0 <= right < width:
            out[k] = cells[int(down), int(right)]


# Counting. A sea or a forest is one number over many cells: eight cells that are all alike, and like the eight before,
# are counted at once, by comparing them as words of 64 bits. Other cells are counted one by one.

_LOWEST, _ALL_ALIKE = np.uint64(255), np.uint64(0x0101010101010101)


@numba.njit(nogil=True, cache=True)
def _count_between(
    out: Counts, luts: Counts, first: Codes, second: Codes, first8: Words, second8: Words, start: int, stop: int,
) -> None:  # fmt: skip
    """Count the pairs of some cells; ``first8`` and ``second8`` are the same cells by eights."""
    head = min(stop, (start + 7) // 8 * 8)
    for place in range(start, head):
        out[luts[0, first[place]] + luts[1, second[place]]] += 1
    held, held2, run = np.uint64(0), np.uint64(0), 0  # nothing is held while the run is 0
    for eight in range(head // 8, stop // 8):
        word, word2 = first8[eight], second8[eight]
        if run and word == held and word2 == held2:
            run += 8
            continue
        if run:
            out[luts[0, held & _LOWEST] + luts[1, held2 & _LOWEST]] += run
        run = 0
        if (word & _LOWEST) * _ALL_ALIKE == word and (word2 & _LOWEST) * _ALL_ALIKE == word2:
            held, held2, run = word, word2, 8
            continue
        for place in range(eight * 8, eight * 8 + 8):
            out[luts[0, first[place]] + luts[1, second[place]]] += 1
    if run:
        out[luts[0, held & _LOWEST] + luts[1, held2 & _LOWEST]] += run
    for place in range(max(head, stop // 8 * 8), stop):
        out[luts[0, first[place]] + luts[1, second[place]]] += 1


@numba.njit(nogil=True, cache=True)
def count(
    out: Counts, luts: Counts, zones: NDArray[np.int32], first: Codes, second: Codes, first8: Words, second8: Words,
) -> None:  # fmt: skip
    """Do what ``kernels.add`` says; no zones for all under the first. Zones are runs of many cells."""
    if not zones.size:
        _count_between(out[0], luts, first, second, first8, second8, 0, first.size)
        return
    start = 0
    for place in range(1, first.size + 1):
        if place == first.size or zones[place] != zones[start]:
            _count_between(out[zones[start]], luts, first, second, first8, second8, start, place)
            start = place
