"""Slips of the unit and of the decimal point: a year against the others of its facility, and against its peers.

Each function takes the table of :func:`naatlas.layers._prtr.series.series` and tells which of its rows are suspects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.layers._limits import LARGEST_CO2_T
from naatlas.layers._prtr.media import TRANSFERS

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Powers of ten of a slip between grams, kilograms and tonnes, and how far off them a slip may lie: no year is quite
#: like another. Where another year is off as well, it must be nearer.
UNITS, REACH, NEARER = (3.0, 6.0), 0.3, 0.15
#: Fewest other years, and the share of them that must lie near their median.
LEAST_OTHERS, SHARE = 4, 0.75
#: Least distance from years that are all near each other, or from two of them and beyond the peers as well.
LEAST_APART, LEAST_AGREED, LEAST_BOTH = 2.7, 3, 2
#: Of a whole report: fewest substances, fewest other years of each, share that must be off by the same factor.
LEAST_SUBSTANCES, LEAST_YEARS, SHARE_OF_REPORT, TOGETHER, REACH_OF_REPORT = 3, 2, 2 / 3, 0.2, 0.35
#: Shifts of the decimal point, how near to them, and fewest other years.
SHIFTS, REACH_OF_SHIFT, LEAST_FOR_SHIFT = (1.0, 2.0), 0.05, 5
#: Of peers: fewest values, fewest facilities, and how far beyond their scatter a slip lies.
LEAST_PEERS, LEAST_FACILITIES, FAR = 12, 8, 5.0
#: Classes that hold sectors of all kinds: nobody's peers.
MIXED = ("other", "not_stated")
#: Media whose quantities go off in loads, not in a stream.
_LOADS = tuple(medium for medium in TRANSFERS if medium != "transfer_sewage")
_NORMAL = 1.4826  # of a normal distribution, median absolute deviation to standard deviation
_NARROWEST = 0.2  # powers of ten
_KG_PER_T = 1000.0


def beyond_any_plant(table: pd.DataFrame) -> pd.Series:
    """Tell carbon dioxide of more than any plant of the three countries can emit."""
    return table["substance"].eq("124-38-9") & table["value"].gt(LARGEST_CO2_T * _KG_PER_T)


def whole_report(table: pd.DataFrame) -> pd.Series:
    """Tell reports in which most substances of a medium are off from their other years by the same factor."""
    known = table[table["others"].ge(LEAST_YEARS)]
    reports = [known["atlas_id"], known["year"], known["medium"]]
    common = known["apart"].groupby(reports).transform("median")
    together = (known["apart"] - common).abs().le(TOGETHER)
    share = together.groupby(reports).transform("mean")
    enough = known["apart"].groupby(reports).transform("size").ge(LEAST_SUBSTANCES)
    told = enough & share.ge(SHARE_OF_REPORT) & together & _off(common, UNITS).le(REACH_OF_REPORT)
    return told.reindex(table.index, fill_value=False)


def own_years(table: pd.DataFrame) -> pd.Series:
    """Tell years that are a thousand or a million times steady others, or that part of them."""
    off = _off(table["apart"], UNITS)
    # A second year of the same kind is a slip that was made twice, or a change of the plant: three to one, and nearer.
    twice = table["alike"].eq(1) & off.le(NEARER) & table["others"].ge(2 * LEAST_OTHERS - 1)
    # What is little at the end of a series is the start of an operation, or the end of it.
    again = twice & _share(table).ge(SHARE) & (table["apart"].gt(0) | table["inner"])
    return again | (_alone(table) & off.le(REACH))


def far_from_own_years(table: pd.DataFrame, beside: pd.DataFrame) -> pd.Series:
    """Tell single years that are far from their others by whatever factor.

    Parameters
    ----------
    beside
        As :func:`peers` gives it: where only two other years are known, the quantity must be far from the peers too.
    """
    agreed = table["others"].ge(LEAST_BOTH) & _share(table).eq(1) & table["apart"].ge(LEAST_APART)
    beyond = agreed & beside["enough"] & table["log"].ge(beside["high"] + 1)
    return _alone(table) | beyond


def _alone(table: pd.DataFrame) -> pd.Series:
    """Tell years far from steady others and unlike any of them; those with little only amid years with the usual."""
    enough = table["others"].ge(LEAST_OTHERS) & _share(table).ge(SHARE)
    steady = enough | (table["others"].ge(LEAST_AGREED) & _share(table).eq(1))
    alone = steady & table["alike"].eq(0) & table["apart"].abs().ge(LEAST_APART)
    told: pd.Series = alone & (table["apart"].gt(0) | table["amid"])
    return told


def _share(table: pd.DataFrame) -> pd.Series:
    """Share of the other years that are steady: loads of waste come and go more than what is emitted or discharged."""
    return table["near"].where(~table["medium"].isin(_LOADS), table["close"])


def decimal_point(table: pd.DataFrame) -> pd.Series:
    """Tell single years that are ten or a hundred times their others, or that part, where the others are steady."""
    steady = table["others"].ge(LEAST_FOR_SHIFT) & table["near"].eq(1) & table["alike"].eq(0)
    off = _off(table["apart"], SHIFTS).le(REACH_OF_SHIFT)
    tenfold = table["apart"].abs().lt(np.mean(SHIFTS))
    told: pd.Series = steady & off & (~tenfold | table["close"].ge(SHARE)) & table["inner"]
    return told


def peers(table: pd.DataFrame) -> pd.DataFrame:
    """Compare with all facilities of the sector and country that report the substance into the medium, in all years.

    Returns
    -------
    DataFrame
        ``slip`` (a thousand times their median or more, far outside of their scatter, and a thousandth of it would
        be usual; and its own other years do not say the same), ``median`` and ``high`` (powers of ten: of 19 in 20
        values), ``facilities``, ``enough`` (to say something). Where a
        sector has too few of them, all sectors of the country are the peers.
    """
    wide = _among(table, ["country", "substance", "medium"])
    narrow = _among(table, ["country", "substance", "medium", "sector"])
    mixed = table["sector"].isin(MIXED) | ~narrow["enough"]
    told = narrow.mask(mixed, wide)
    beyond = table["log"] - told["median"]
    far = beyond.ge(UNITS[0]) & beyond.gt(FAR * told["scatter"].clip(lower=_NARROWEST))
    usual = (table["log"] - UNITS[0]).between(told["low"], told["high"])
    confirmed = table["others"].ge(1) & table["apart"].abs().lt(1)
    slip = told["enough"].astype(bool) & far & usual & ~confirmed
    enough = told["enough"].astype(bool)
    return told[["median", "high", "facilities"]].assign(slip=slip, enough=enough)


def _among(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    number = table.groupby(list(by), observed=True).ngroup()
    log = table["log"].groupby(number)
    median = log.transform("median")
    scatter = (table["log"] - median).abs().groupby(number).transform("median") * _NORMAL
    first = ~pd.DataFrame({"number": number, "id": table["atlas_id"]}).duplicated()
    facilities = first.groupby(number).transform("sum")
    enough = facilities.ge(LEAST_FACILITIES) & log.transform("size").ge(LEAST_PEERS)
    low, high = (log.transform("quantile", q) for q in (0.05, 0.95))
    return pd.DataFrame(
        {
            "median": median,
            "scatter": scatter,
            "low": low,
            "high": high,
            "facilities": facilities,
            "enough": enough,
        }
    )


def _off(apart: pd.Series, powers: Sequence[float]) -> pd.Series:
    """Distance from the nearest of some powers of ten, up or down."""
    size = apart.abs()
    told = pd.concat([(size - power).abs() for power in powers], axis=1)
    return told.min(axis=1)
