"""Sums by place that have the same bits in whatever order, and in whatever pieces, the numbers come.

A floating-point number is a whole number of 53 bits at some distance from the point. It is cut at fixed distances into
slices of 24 bits, and of each slice whole numbers are added up, which is exact: half a trillion of them fit into 64
bits. Only the sum of the slices is rounded, once and at the end, to within one unit of its last place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from naatlas.errors import AccountError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.raster.zones import Numbers

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

    #: By slice, the places that have something and how much.
    Packed: TypeAlias = "dict[int, tuple[NDArray[np.intp], Whole]]"

_BITS = 24


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

    def add(self, place: Numbers | NDArray[np.int64], numbers: Floats) -> None:
        """Add each number at its place.

        Raises
        ------
        AccountError
            One is infinite, or none at all.
        """
        rest = numbers
        while rest.size:
            top = float(np.abs(rest).max())
            if not np.isfinite(top):
                raise AccountError(f"a quantity of {top} cannot be added up; declare the number for no data")
            at = (int(np.frexp(top)[1]) - 1) // _BITS
            whole = np.trunc(np.ldexp(rest, -_BITS * at))
            # a sum of floats, and exact: whole numbers, and no array has so many of them that 53 bits are too few
            self._slice(at)[:] += np.bincount(place, whole, minlength=self._size).astype(np.int64)
            rest = rest - np.ldexp(whole, _BITS * at)  # not in place: they are the caller's numbers
            left = np.flatnonzero(rest)
            place, rest = place[left], rest[left]

    def count(self, place: Numbers | NDArray[np.int64]) -> None:
        """Add one at each place."""
        self._slice(0)[:] += np.bincount(place, minlength=self._size)

    def packed(self) -> Packed:
        """Return what there is, without the places that have nothing."""
        filled = {at: np.flatnonzero(own) for at, own in self._slices.items()}
        return {at: (places, self._slices[at][places]) for at, places in filled.items()}

    def take(self, packed: Packed) -> None:
        """Add what another one has."""
        for at, (places, whole) in packed.items():
            self._slice(at)[places] += whole

    def floats(self) -> Floats:
        """Return the sums, rounded."""
        total, over = np.zeros(self._size), np.zeros(self._size, dtype=np.int64)
        first, last = min(self._slices, default=0), max(self._slices, default=-1)
        for at in range(first, last + 1):
            own = self._slices.get(at, 0) + over
            # what is left of a slice is at most half a unit of the next one, so that no two ever cancel each other
            over = (own + (1 << (_BITS - 1))) >> _BITS
            total += np.ldexp((own - (over << _BITS)).astype(np.float64), _BITS * at)
        told: Floats = total + np.ldexp(over.astype(np.float64), _BITS * (last + 1))
        return told

    def _slice(self, at: int) -> Whole:
        return self._slices.setdefault(at, np.zeros(self._size, dtype=np.int64))
