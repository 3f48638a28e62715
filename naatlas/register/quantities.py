"""Sums of quantities that do not depend on the order: whole units and billionths, both as whole numbers.

A float is split into its nearest whole number and the rest in billionths (micrograms of a kilogram, nanograms of a
gram), rounded once a line; what was split adds up without any further rounding. So every partitioning, every order
and every engine gives the same bits, and the sum differs from that of the floats by half a billionth a line at most.
From eight million units on a float has no finer billionths, and nothing is rounded at all.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING

import numpy as np

from naatlas.errors import AccountError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

#: Parts of a unit.
PARTS = 1_000_000_000

#: Largest quantity, and largest sum: one bit below what 64 bits hold.
LARGEST = 2**62

#: Values that are split at once.
_STRETCH = 2**15

#: Figures enough for any sum.
_PRECISE = Context(prec=40)


def split(values: Floats) -> tuple[Whole, Whole]:
    """Split quantities into whole units and billionths.

    Parameters
    ----------
    values
        Finite numbers.

    Raises
    ------
    AccountError
        A number is infinite or missing, or together they are beyond 4.6e18: what was split can be added up safely.
    """
    if not np.abs(values).sum() < LARGEST:
        worst = float(values[np.argmax(np.abs(values))])
        raise AccountError(
            f"quantities up to {worst:g} cannot be added up; look for a wrong unit in the register"
        )
    whole = np.rint(values)
    return whole.astype(np.int64), np.rint((values - whole) * PARTS).astype(np.int64)


def join(whole: Whole, parts: Whole) -> Floats:
    """Make floats of whole units and billionths; the same bits for the same sum."""
    over = parts // PARTS
    told: Floats = (whole + over).astype(np.float64) + (parts - over * PARTS) / PARTS
    return told


def decimals(whole: Whole, parts: Whole) -> NDArray[np.object_]:
    """Make decimals of whole units and billionths; nothing is rounded."""
    pairs = zip(whole.tolist(), parts.tolist(), strict=True)
    return np.array([Decimal(w * PARTS + p).scaleb(-9, _PRECISE) for w, p in pairs], dtype=object)


def add_up(groups: Whole, count: int, values: Floats) -> tuple[Whole, Whole]:
    """Add quantities up by group, in stretches that stay in the cache of the processor.

    Parameters
    ----------
    groups
        Number of the group of each value, from 0.
    count
        Groups in all.

    Returns
    -------
    tuple
        Whole units and billionths by group.

    Raises
    ------
    AccountError
        As :func:`split`.
    """
    told = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for begin in range(0, len(values), _STRETCH):
        home = groups[begin : begin + _STRETCH]
        for sums, part in zip(told, split(values[begin : begin + _STRETCH]), strict=True):
            np.add.at(sums, home, part)
        guard(*told)
    return told


def guard(*sums: Whole) -> None:
    """Refuse sums that might no longer fit into 64 bits when as much is added to them."""
    if any(one.size and max(int(one.max()), -int(one.min())) >= LARGEST / 2 for one in sums):
        raise AccountError("quantities add up to more than 2.3e18; look for a wrong unit in the register")
