"""Sums by place that have the same bits in whatever order, and in whatever pieces, the numbers come.

A floating-point number is a whole number of 53 bits at some distance from the point. It is cut at fixed distances into
slices of 32 bits, and of each slice whole numbers are added up, which is exact; what goes beyond 32 bits is carried to
the next slice. Only the sum of the slices is rounded, once and at the end, to within one unit of its last place.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from naatlas.errors import AccountError
from naatlas.raster.kernels import COMPILED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from naatlas.raster.zones import Numbers

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

    #: By slice, the places that have something and how much.
    Packed: TypeAlias = "dict[int, tuple[NDArray[np.intp], Whole]]"

_BITS = 32
#: So many numbers of 32 bits add up to one of 53.
_MOST = 1 << 21
#: The exponent of a float whose lowest bit is a one.
_POINT = 1075
#: From here on, a power of two may be no number.
_FAR = 960


class Sums:
    """Sums of numbers, one a place.

    Parameters
    ----------
    size
        How many places there are.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._slices: dict[int, Whole] = {}

    def add(self, place: Numbers | Whole, numbers: Floats) -> None:
        """Add each number at its place.

        Raises
        ------
        AccountError
            One is infinite, or none at all.
        """
        for start in range(0, len(numbers), _MOST):
            piece = slice(start, start + _MOST)
            own = np.ascontiguousarray(numbers[piece])
            if not np.isfinite(own).all():
                raise AccountError(
                    "a quantity without end cannot be added up; declare the number for no data"
                )
            (self._add_compiled if COMPILED else self._add)(place[piece], own)

    def _add_compiled(self, place: Numbers | Whole, numbers: Floats) -> None:
        """Cut each number where its bits are."""
        from naatlas.raster import _compiled_sums as loops

        bits = numbers.view(np.int64)
        low, high = loops.reach(bits)
        if high < low:
            return
        first, last = ((at - _POINT) // _BITS for at in (max(low, 1), high))
        out = np.zeros((last - first + 3, self._size), dtype=np.int64)
        loops.add(place, bits, first * _BITS + _POINT, out)
        for at, own in enumerate(out, start=first):
            self._slice(at)[:] += own

    def _add(self, place: Numbers | Whole, rest: Floats) -> None:
        """Cut all numbers from the top."""
        while top := max(rest.max(initial=0.0), -rest.min(initial=0.0)):
            at = (math.frexp(top)[1] - 1) // _BITS
            whole = np.trunc(_shifted(rest, -_BITS * at))
            # floats add up exactly here: they are whole, and their sum has no more than 53 bits
            self._slice(at)[:] += np.bincount(place, whole, minlength=self._size).astype(np.int64)
            rest = rest - _shifted(whole, _BITS * at)  # not in place: they are the caller's numbers
            left = np.flatnonzero(rest)
            if 2 * len(left) < len(rest):
                place, rest = place[left], rest[left]

    def count(self, place: Numbers | Whole) -> None:
        """Add one at each place."""
        self._slice(0)[:] += np.bincount(place, minlength=self._size)

    def packed(self) -> Packed:
        """Return what there is, without the places that have nothing; no slice has more than 32 bits."""
        filled = ((at, own, np.flatnonzero(own)) for at, own in self._carried())
        return {at: (places, own[places]) for at, own, places in filled if len(places)}

    def take(self, packed: Packed) -> None:
        """Add what another one has."""
        for at, (places, whole) in packed.items():
            self._slice(at)[places] += whole

    def floats(self) -> Floats:
        """Return the sums, rounded."""
        total = np.zeros(self._size)
        for at, own in self._carried():
            total += _shifted(own.astype(np.float64), _BITS * at)
        return total

    def _carried(self) -> Iterator[tuple[int, Whole]]:
        """Yield slices from the lowest, each at most half a unit of the next one, so that no two cancel each other."""
        over = np.zeros(self._size, dtype=np.int64)
        first, last = min(self._slices, default=0), max(self._slices, default=-1)
        for at in range(first, last + 1):
            own = self._slices[at] + over if at in self._slices else over
            over = (own + (1 << (_BITS - 1))) >> _BITS
            yield at, own - (over << _BITS)
        yield last + 1, over

    def _slice(self, at: int) -> Whole:
        return self._slices.setdefault(at, np.zeros(self._size, dtype=np.int64))


def _shifted(numbers: Floats, bits: int) -> Floats:
    """Multiply by a power of two, which is exact."""
    told: Floats = numbers * 2.0**bits if abs(bits) < _FAR else np.ldexp(numbers, bits)
    return told
