"""The inner loops of exact sums as numba compiles them; kept on disk, so that only the first run pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

_SLICE, _LOW = 32, (1 << 32) - 1
#: Bits of the fraction of a 64-bit float, and of its exponent.
_FRACTION, _EXPONENT = 52, 0x7FF


@numba.njit(nogil=True, cache=True)
def reach(bits: Whole) -> tuple[int, int]:
    """Return the lowest and the highest exponent among numbers that are not 0; the lowest above it if all are."""
    low, high = _EXPONENT + 1, 0
    for told in bits:
        if told & ((1 << 63) - 1):
            at = (told >> _FRACTION) & _EXPONENT
            low, high = min(low, at), max(high, at)
    return low, high


@numba.njit(nogil=True, cache=True)
def add(place: NDArray[Any], bits: Whole, lowest: int, out: Whole) -> None:
    """Add floats, as their bits, to the slices of their places; the first slice begins at the bit ``lowest``."""
    for i in range(bits.size):
        told = bits[i]
        at = (told >> _FRACTION) & _EXPONENT
        whole = told & ((1 << _FRACTION) - 1)
        if at:
            whole |= 1 << _FRACTION
        shift = max(at, 1) - lowest
        first, rest = shift // _SLICE, shift % _SLICE
        low, high = (whole & _LOW) << rest, (whole >> _SLICE) << rest
        middle = (low >> _SLICE) + (high & _LOW)
        sign, own = (-1 if told < 0 else 1), place[i]
        out[first, own] += sign * (low & _LOW)
        out[first + 1, own] += sign * (middle & _LOW)
        out[first + 2, own] += sign * ((middle >> _SLICE) + (high >> _SLICE))
