"""Sums of quantities that do not depend on the order: whole units and billionths, both as whole numbers.

A float is split into its nearest whole number and the rest in billionths (micrograms of a kilogram, nanograms of a
gram), rounded once a line; what was split adds up without any further rounding. So every partitioning, every order
and every engine gives the same bits, and the sum differs from that of the floats by half a billionth a line at most.
From eight million units on a float has no finer billionths, and nothing is rounded at all.
"""

from __future__ import annotations

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
LARGEST = 2.0**62


def split(values: Floats) -> tuple[Whole, Whole]:
    """Split quantities into whole units and billionths.

    Parameters
    ----------
    values
        Finite numbers.

    Raises
    ------
    AccountError
        A number is infinite, missing, or beyond 4.6e18.
    """
    if not (np.abs(values) < LARGEST).all():
        worst = float(values[~(np.abs(values) < LARGEST)][0])
        raise AccountError(f"a quantity of {worst:g} cannot be added up; correct it at its source")
    whole = np.rint(values)
    return whole.astype(np.int64), np.rint((values - whole) * PARTS).astype(np.int64)


def join(whole: Whole, parts: Whole) -> Floats:
    """Make floats of whole units and billionths; the same bits for the same sum."""
    over = parts // PARTS
    told: Floats = (whole + over).astype(np.float64) + (parts - over * PARTS) / PARTS
    return told


def add_up(groups: Whole, count: int, values: Whole) -> Whole:
    """Add whole numbers up by group.

    Parameters
    ----------
    groups
        Number of the group of each value, from 0.
    count
        Groups in all.

    Raises
    ------
    AccountError
        The sum does not fit into 64 bits.
    """
    guard_sum(values)
    told = np.zeros(count, dtype=np.int64)
    np.add.at(told, groups, values)
    return told


def guard_sum(values: Whole) -> None:
    """Refuse numbers whose sum would not fit into 64 bits."""
    if np.abs(values.astype(np.float64)).sum() >= LARGEST:
        raise AccountError("quantities add up to more than 4.6e18; look for a wrong unit in the register")
