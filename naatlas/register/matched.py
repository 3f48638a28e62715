"""Facilities that reported through the years: the reporting population grows, and a trend must not grow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence


def matched(reports: pd.DataFrame, years: Sequence[int], *, share: float = 1.0) -> pd.Index:
    """Find the facilities that reported in all years, or in a share of them.

    Parameters
    ----------
    reports
        ``atlas_id`` and ``year``, one row or more a year in which a facility reported.
    years
        Years that the register has a file for, each counted once.
    share
        Least share of them, above 0, at most 1.

    Returns
    -------
    Index
        Atlas ids, sorted. A larger share never gives more; each reported in ``share * len(years)`` years or more.

    Raises
    ------
    ValueError
        The share is out of bounds.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share {share:g}: it must be above 0 and at most 1")
    wanted = sorted(set(years))
    told = reports.loc[reports["year"].isin(wanted), ["atlas_id", "year"]].drop_duplicates()
    count = told["atlas_id"].value_counts()
    # A share such as 0.7 of 10 years is 7 of them, whatever the last bit of the product.
    found: pd.Index = pd.Index(sorted(count.index[count >= share * len(wanted) - 1e-9]), name="atlas_id")
    return found


def areas(country: pd.Series, state: pd.Series) -> pd.Series:
    """Tell the area whose files come in the same years: a country as a whole, of the United States each state."""
    told: pd.Series = state.where(country.eq("USA"), country)
    return told


def matched_by_area(reports: pd.DataFrame, *, share: float = 1.0) -> pd.Index:
    """Find the facilities that reported in all years of their area, or in a share of them.

    Parameters
    ----------
    reports
        ``atlas_id``, ``year``, ``country`` and ``state``; the years of an area are those in which anybody there
        reported.

    Returns
    -------
    Index
        Atlas ids, sorted.
    """
    area = areas(reports["country"], reports["state"]).to_numpy()
    found = [matched(part, part["year"].unique().tolist(), share=share) for _, part in reports.groupby(area)]
    ids = np.concatenate([told.to_numpy() for told in found]) if found else np.array([], dtype=object)
    every: pd.Index = pd.Index(np.sort(ids), name="atlas_id")
    return every
