"""The inner loops as numba compiles them; kept on disk, so that only the first run pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]
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


@numba.njit(nogil=True, cache=True)
def count_cells(out: Counts, codes: Codes) -> None:
    """Count codes of 8 bits."""
    for place in range(codes.size):
        out[codes[place]] += 1


@numba.njit(nogil=True, cache=True)
def count_cells_by_zone(out: Counts, zones: NDArray[np.int32], codes: Codes) -> None:
    """Count codes by zone."""
    for place in range(codes.size):
        out[np.int64(zones[place]) * 256 + codes[place]] += 1


@numba.njit(nogil=True, cache=True)
def count_pairs(out: Counts, first: Codes, second: Codes) -> None:
    """Count pairs of codes."""
    for place in range(first.size):
        out[np.int64(first[place]) * 256 + second[place]] += 1


@numba.njit(nogil=True, cache=True)
def count_pairs_by_zone(out: Counts, zones: NDArray[np.int32], first: Codes, second: Codes) -> None:
    """Count pairs of codes by zone."""
    for place in range(first.size):
        out[np.int64(zones[place]) * 65536 + np.int64(first[place]) * 256 + second[place]] += 1
