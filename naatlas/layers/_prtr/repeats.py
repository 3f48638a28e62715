"""Columns that change places, figures that repeat, and quantities that break off: slips of the pen, not of the unit.

Each function takes the table of :func:`naatlas.layers._prtr.series.series` and tells which of its rows are suspects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.layers._prtr.media import ON_SITE
from naatlas.layers._prtr.series import NEAR, SERIES

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Fewest significant figures of a number that nobody writes twice by chance, and how many are looked at.
LEAST_FIGURES, _FIGURES = 4, 9
#: Years in which the same figure is a copy of the one before; substances for which it is a total.
YEARS_ALIKE, SUBSTANCES_ALIKE = 6, 5
#: Fewest other years for which a medium has quantities; and steady ones around a zero, of how much (1 kg).
LEAST_OTHERS, LEAST_AROUND, LEAST_LOG = 3, 6, 0.0
#: Least difference of two media, powers of ten, for their exchange to be seen.
_DIFFERENT = 1.0
_NEAR = np.log10(NEAR)
#: What is told from one sample of waste water is told with one limit of detection: alike without being a total.
_SAMPLED = ("water", "land", "transfer_sewage")


def swapped(table: pd.DataFrame) -> pd.DataFrame:
    """Find quantities that stand in one medium on the site for a year, and in another one in all the others.

    Returns
    -------
    DataFrame
        By index of the table: ``other`` (the medium of the other years), ``expected`` (power of ten, usual there),
        ``years`` (how many).
    """
    site = table[table["medium"].isin(list(ON_SITE))]
    told = pd.concat([_exchanged(site), _moved(site)]).drop_duplicates("at").set_index("at")
    return told[["medium_other", "usual_other", "years_other"]].set_axis(
        ["other", "expected", "years"], axis=1
    )


def _exchanged(site: pd.DataFrame) -> pd.DataFrame:
    """Both columns are filled, each with what is usual in the other."""
    steady = site[site["others"].ge(LEAST_OTHERS) & site["near"].eq(1)].reset_index(names="at")
    columns = ["atlas_id", "substance", "year", "medium", "log", "usual", "others"]
    pairs = steady.merge(steady[columns], on=columns[:3], suffixes=("", "_other"))
    different = (pairs["usual"] - pairs["usual_other"]).abs().ge(_DIFFERENT)
    there = (pairs["log"] - pairs["usual_other"]).abs().le(_NEAR)
    back = (pairs["log_other"] - pairs["usual"]).abs().le(_NEAR)
    return pairs[different & there & back].rename(columns={"others_other": "years_other"})


def _moved(site: pd.DataFrame) -> pd.DataFrame:
    """One column is filled for this year alone, and another one in all years but this."""
    by = site.groupby(list(SERIES), observed=True)
    log, year = by["log"], by["year"]
    usual = {"usual": log.median(), "years": log.size(), "spread": log.max() - log.min()}
    usual |= {"first": year.min(), "last": year.max()}
    others = pd.DataFrame({f"{name}_other": value for name, value in usual.items()}).reset_index()
    alone = site[site["others"].eq(0)].reset_index(names="at")
    pairs = alone.merge(others, on=["atlas_id", "substance"], suffixes=("", "_other"))
    filled = pd.MultiIndex.from_frame(site[[*SERIES, "year"]])
    there = pd.MultiIndex.from_frame(pairs[["atlas_id", "substance", "medium_other", "year"]]).isin(filled)
    fits = (pairs["log"] - pairs["usual_other"]).abs().le(_NEAR)
    steady = pairs["years_other"].ge(LEAST_OTHERS) & pairs["spread_other"].le(_NEAR)
    # Where the other medium only begins or ends, the plant may have changed.
    amid = pairs["first_other"].lt(pairs["year"]) & pairs["last_other"].gt(pairs["year"])
    return pairs[~there & fits & steady & amid]


def same_in_many_years(table: pd.DataFrame) -> pd.Series:
    """Count the years in which a facility writes the very same figure for a substance and medium; 0 below the limit."""
    return _repeated(table, SERIES, "year", YEARS_ALIKE)


def same_for_many_substances(table: pd.DataFrame) -> pd.Series:
    """Count the substances for which a facility writes the very same figure in a year; 0 below the limit."""
    told = _repeated(table, ("atlas_id", "year", "medium"), "substance", SUBSTANCES_ALIKE)
    return told.mask(table["medium"].isin(_SAMPLED), 0)


def _repeated(table: pd.DataFrame, keys: Sequence[str], over: str, least: int) -> pd.Series:
    unit = table["national_unit"].str.lower().str.slice(0, 3)
    by = [*(table[key] for key in keys), table["amount"].round(12), unit]
    count = table[over].groupby(by, observed=True).transform("nunique")
    # A sum of several rows is nobody's figure.
    told = count.ge(least) & figures(table["amount"]).ge(LEAST_FIGURES) & table["rows"].eq(1)
    return count.where(told, 0)


def figures(amount: pd.Series) -> pd.Series:
    """Count the significant figures of numbers, up to nine; zeros at the end are none."""
    power = np.floor(np.log10(amount.where(amount.gt(0), 1)))
    whole = (amount / 10.0**power * 10.0 ** (_FIGURES - 1)).round().astype("int64")
    told = pd.Series(_FIGURES, index=amount.index)
    for places in range(1, _FIGURES):
        told = told.mask(whole.mod(10**places).eq(0), _FIGURES - places)
    return told


def sudden_zero(lines: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Find years in which a medium has nothing although the substance is reported, steady in the years around.

    Parameters
    ----------
    lines
        The long table, with the lines that report zero.

    Returns
    -------
    DataFrame
        One row a zero: ``SERIES``, ``year``, ``source``, ``row``, ``national_unit``, ``national_column`` (that of the
        medium in the other years), ``expected`` (power of ten), ``others``.
    """
    site = table[table["medium"].isin(list(ON_SITE))]
    known = site[[*SERIES, "year", "log", "national_column"]]
    by = known.groupby(list(SERIES), observed=True)
    told = pd.DataFrame(
        {
            "expected": by["log"].median(),
            "spread": by["log"].max() - by["log"].min(),
            "others": by.size(),
            "national_column": by["national_column"].last(),
            "first": by["year"].min(),
            "last": by["year"].max(),
        }
    )
    steady = told["spread"].le(_NEAR) & told["others"].ge(LEAST_AROUND) & told["expected"].ge(LEAST_LOG)
    spoken = lines[lines["kg"].fillna(lines["g"]).notna()].drop_duplicates(["atlas_id", "substance", "year"])
    columns = ["atlas_id", "substance", "year", "source", "row", "national_unit"]
    both = spoken[columns].merge(told[steady].reset_index(), on=["atlas_id", "substance"])
    both = both[both["year"].between(both["first"], both["last"])]
    keys = [*SERIES, "year"]
    filled = pd.MultiIndex.from_frame(both[keys]).isin(pd.MultiIndex.from_frame(known[keys]))
    empty = both[~filled]
    # A medium that is now filled and now not is no slip.
    once = ~empty.duplicated(list(SERIES), keep=False)
    return empty.loc[once, [*keys, *columns[3:], "national_column", "expected", "others"]].reset_index(
        drop=True
    )
