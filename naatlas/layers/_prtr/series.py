"""What a facility reports of a substance into a medium through the years, and how each year lies to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.layers._prtr.releases import NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What makes a series: one facility, one substance, one medium.
SERIES = ("atlas_id", "substance", "medium")
#: Others within this factor of their median are near it; within that one, close to it.
NEAR, CLOSE = 3.0, 1.5
#: Wider than any logarithm of a quantity, to keep series apart in one sorted array.
_APART = 1e3
#: Quantities that differ by their last figure only are the same.
_SAME = 1e-6


def series(lines: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Sum the lines of each facility, substance, medium and year; zeros and silence are left out.

    Parameters
    ----------
    lines
        The long table of several years: ``atlas_id``, ``substance``, ``kind``, ``medium``, ``year``, ``kg``, ``g``,
        ``amount``, ``national_unit``, ``national_column``, ``source``, ``row``.
    frame
        The facilities: ``atlas_id``, ``country``, ``sector``.

    Returns
    -------
    DataFrame
        One row a year of a series: ``value`` (kg, dioxins and furans in g), ``log`` (of ten), origin and cell of its
        largest line, ``rate`` (its amount for a kg or g), ``rows`` (how many lines), ``country``, ``sector``; and how
        it lies to the other years of its series: ``others`` (how many), ``usual`` (median of their logarithms),
        ``apart`` (own logarithm less that), ``near`` and ``close`` (share of the others within a factor of their
        median), ``alike`` (how many others are within the factor ``NEAR`` of this one), ``inner`` (there are years
        before and after it), ``amid`` (the ones next to it are near the median of the others).
    """
    told = lines[lines["medium"].ne(NONE)].assign(value=lines["kg"].fillna(lines["g"]))
    told = told[told["value"].gt(0)].sort_values("value", ascending=False, kind="stable")
    keys = [*SERIES, "year"]
    number = told.groupby(keys, observed=True, sort=True).ngroup()
    table = told.loc[~number.duplicated()].assign(number=number).sort_values("number", ignore_index=True)
    table["value"] = told.groupby(number)["value"].sum().to_numpy()
    table["rows"] = np.bincount(number)
    table["rate"] = table["amount"] / table["kg"].fillna(table["g"])
    place = frame.drop_duplicates("atlas_id").set_index("atlas_id")[["country", "sector"]]
    table = table.drop(columns="number").join(place, on="atlas_id")
    table["log"] = np.log10(table["value"])
    return table.join(_against_others(table))


def _against_others(table: pd.DataFrame) -> pd.DataFrame:
    """Compare each year with the others of its series, itself left out; the rows come sorted by series and year."""
    number = table.groupby(list(SERIES), observed=True).ngroup().to_numpy()
    log, year = table["log"].to_numpy(), table["year"]
    order = np.lexsort((log, number))
    counts = np.bincount(number)
    first = (np.cumsum(counts) - counts)[number]
    place = np.empty(len(table), dtype=np.int64)
    place[order] = np.arange(len(table))
    others = counts[number] - 1
    usual = _median_without(log[order], first, place, others)
    ranked, at = log[order] + _APART * number[order], _APART * number
    told: dict[str, object] = {"others": others, "usual": usual, "apart": log - usual}
    for name, factor in (("near", NEAR), ("close", CLOSE)):
        within = _count(ranked, at + usual, factor) - (np.abs(log - usual) <= np.log10(factor) + _SAME)
        told[name] = np.where(others > 0, within / np.maximum(others, 1), np.nan)
    told["alike"] = _count(ranked, at + log, NEAR) - 1
    years = year.groupby(number)
    told["inner"] = (years.transform("min").lt(year) & years.transform("max").gt(year)).to_numpy()
    beside = [table["log"].groupby(number).shift(step) for step in (1, -1)]
    before, after = ((one - usual).abs().le(np.log10(NEAR) + _SAME) for one in beside)
    told["amid"] = before & after
    return pd.DataFrame(told, index=table.index)


def _median_without(
    ranked: NDArray[np.float64], first: NDArray[np.int64], place: NDArray[np.int64], others: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Median of a series without the value that stands at a place of it; NaN where nothing else is in it."""

    def nth(rank: NDArray[np.int64]) -> NDArray[np.float64]:
        at = first + np.maximum(rank, 0)
        told: NDArray[np.float64] = ranked[np.minimum(at + (at >= place), len(ranked) - 1)]
        return told

    middle = (nth((others - 1) // 2) + nth(others // 2)) / 2
    return np.where(others > 0, middle, np.nan)


def _count(ranked: NDArray[np.float64], about: NDArray[np.float64], factor: float) -> NDArray[np.int64]:
    """Count the values within a factor of each of some places."""
    reach = np.log10(factor) + _SAME
    first = np.searchsorted(ranked, about - reach, side="left")
    count: NDArray[np.int64] = np.searchsorted(ranked, about + reach, side="right") - first
    return count
