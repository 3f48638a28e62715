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


#: What ``kernels`` says of them; a compiled loop takes them as constants.
_BITS, _FAR, _STEEP = 24, 2.0**31, 2.0**24
_ONE, _REST = 2.0**_BITS, (1 << _BITS) - 1
#: A run whose places differ by less fits into 32 bits, of which a processor handles several at once.
_NEAR, _WIDEST = 1 << (_BITS + 6), 1 << 24


@numba.njit(nogil=True, cache=True)
def gather(  # noqa: PLR0917 - one body: loops that are handed around are not vectorized
    cols: Floats, rows: Floats, step: int, cells: NDArray[Any], top: int, left: int, down: float, right: float,
    out: NDArray[Any],
) -> None:  # fmt: skip
    """Do what ``kernels.gather`` says; ``cells`` and ``out`` are contiguous."""
    flat, told, (height, width), length = cells.reshape(-1), out.reshape(-1), cells.shape, out.shape[1]
    apart, bits, wide = np.empty(step, dtype=np.int32), np.int32(_BITS), np.int32(width)
    for y in range(out.shape[0]):
        i, v = y // step, (y % step + down) / step
        for j in range((length + step - 1) // step):
            count, first = min(step, length - j * step), y * length + j * step
            col = cols[i, j] + v * (cols[i + 1, j] - cols[i, j])
            row = rows[i, j] + v * (rows[i + 1, j] - rows[i, j])
            across = (cols[i, j + 1] + v * (cols[i + 1, j + 1] - cols[i, j + 1]) - col) / step
            along = (rows[i, j + 1] + v * (rows[i + 1, j + 1] - rows[i, j + 1]) - row) / step
            col, row = col - left + right * across, row - top + right * along
            # written so that a place without coordinates is none
            if not (abs(col) < _FAR and abs(row) < _FAR and abs(across) < _STEEP and abs(along) < _STEEP):
                continue
            c, d = np.int64(np.floor(col * _ONE)), np.int64(np.floor(across * _ONE))
            r, e = np.int64(np.floor(row * _ONE)), np.int64(np.floor(along * _ONE))
            far_c, far_r = c + (count - 1) * d, r + (count - 1) * e
            inside = min(c, far_c, r, far_r) >= 0 and max(c, far_c) >> _BITS < width
            inside = inside and max(r, far_r) >> _BITS < height
            if not inside or max(abs(far_c - c), abs(far_r - r)) >= _NEAR or width >= _WIDEST:
                _gather_beyond((c, d, r, e), cells, told[first : first + count])
                continue
            base, (c3, d3) = (r >> _BITS) * width + (c >> _BITS), (np.int32(c & _REST), np.int32(d))
            r3, e3 = np.int32(r & _REST), np.int32(e)
            for k in range(count):
                n = np.int32(k)
                apart[k] = ((r3 + n * e3) >> bits) * wide + ((c3 + n * d3) >> bits)
            for k in range(count):
                told[np.uint64(first + k)] = flat[np.uint64(base + apart[k])]  # unsigned: none is below 0


@numba.njit(nogil=True, cache=True)
def _gather_beyond(line: tuple[np.int64, ...], cells: NDArray[Any], told: NDArray[Any]) -> None:
    """Take the cells on a straight line that may lie outside."""
    c, d, r, e = line
    for k in range(told.size):
        x, y = (c + k * d) >> _BITS, (r + k * e) >> _BITS
        if 0 <= x < cells.shape[1] and 0 <= y < cells.shape[0]:
            told[k] = cells[y, x]


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
def count(  # noqa: PLR0917
    out: Counts, luts: Counts, zones: NDArray[Any], words: Words, each: int, first: Codes, second: Codes,
    first8: Words, second8: Words,
) -> None:  # fmt: skip
    """Do what ``kernels.add`` says; no zones for all under the first. Zones are runs of many cells.

    ``words`` are the zones too, ``each`` of them at once as 64 bits.
    """
    if not zones.size:
        _count_between(out[0], luts, first, second, first8, second8, 0, first.size)
        return
    start, place, alike = 0, 1, np.uint64(0)
    for _ in range(each):
        alike = (alike << np.uint64(64 // each)) | np.uint64(1)
    while start < first.size:
        word = np.uint64(zones[start]) * alike
        while place < first.size and zones[place] == zones[start]:
            place += 1
            while place % each == 0 and place // each < words.size and words[place // each] == word:
                place += each
        _count_between(out[zones[start]], luts, first, second, first8, second8, start, place)
        start, place = place, place + 1
