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
    height, width = cells.shape
    for y in range(out.shape[0]):
        i = y // step
        v = (y % step + down) / step
        for x in range(out.shape[1]):
            j = x // step
            u = (x % step + right) / step
            upper = cols[i, j] + u * (cols[i, j + 1] - cols[i, j])
            lower = cols[i + 1, j] + u * (cols[i + 1, j + 1] - cols[i + 1, j])
            col = np.floor(upper + v * (lower - upper)) - left
            upper = rows[i, j] + u * (rows[i, j + 1] - rows[i, j])
            lower = rows[i + 1, j] + u * (rows[i + 1, j + 1] - rows[i + 1, j])
            row = np.floor(upper + v * (lower - upper)) - top
            if 0 <= row < height and 0 <= col < width:
                out[y, x] = cells[int(row), int(col)]


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
