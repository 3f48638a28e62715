"""Coordinates of plants: repaired only where the declared state proves the repair, else rejected, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.framework.placement import locate
from naatlas.ledger import State
from naatlas.sources import coordinates

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.harmonize.translate import Translated
    from naatlas.model import Work


def add_points(
    facts: Facts,
    rows: Translated,
    entity: pd.Series,
    *,
    country: str | pd.Series,
    state: pd.Series,
    work: Work,
    settle: bool = True,
) -> pd.DataFrame:
    """Add coordinate facts; rows without a usable point are rejected (when ``settle``) and left out.

    A repair (swapped pair, lost sign, shifted point) is made only if the repaired point lies in the declared
    state; it is logged as a correction.

    Returns
    -------
    DataFrame
        ``longitude`` and ``latitude`` (degrees) and ``coordinate_quality``, by row, for the rows that are kept.
    """
    source = rows.table.source.id
    index = entity.dropna().index
    by_row = country.loc[index] if isinstance(country, pd.Series) else pd.Series(country, index=index)
    point = rows.frame.loc[index, ["longitude", "latitude"]].astype("float64")
    told = repaired(point, by_row, state.loc[index])
    lost = told.index[told["coordinate_quality"].isna()]
    if settle:
        work.ledger.settle(source, lost, State.REJECTED, told.loc[lost, "why"])
    told = told.drop(index=lost)
    _log_repairs(told, rows, work)
    for field in ("longitude", "latitude", "coordinate_quality"):
        column = rows.picks["latitude" if field == "coordinate_quality" else field].column
        national = rows.table.frame.loc[told.index, column]
        facts.add(
            field, entity[told.index], told[field], source=source, row=told.index, column=column,
            national=national, rule=told["why"],
        )  # fmt: skip
    return told[["longitude", "latitude", "coordinate_quality"]]


def refusals(rows: Translated, entity: pd.Series, *, country: str, state: pd.Series) -> pd.Series:
    """Say why rows that :func:`add_points` left out have no usable point, by row."""
    index = entity.dropna().index
    point = rows.frame.loc[index, ["longitude", "latitude"]].astype("float64")
    return repaired(point, pd.Series(country, index=index), state.loc[index])["why"]


def repaired(point: pd.DataFrame, country: pd.Series, state: pd.Series) -> pd.DataFrame:
    """Judge published points, and repair those whose declared state proves the repair.

    Parameters
    ----------
    point
        ``longitude``, ``latitude`` as published; country and state, by the same rows, as declared.

    Returns
    -------
    DataFrame
        The two, ``coordinate_quality`` (missing where there is no usable point) and ``why``.
    """
    told = point.assign(coordinate_quality="as_published", why="as published")
    doubt = coordinates.suspects(point["longitude"], point["latitude"], country)
    odd = doubt["suspicion"].fillna("").ne("")
    told.loc[odd, ["coordinate_quality", "why"]] = [None, "coordinates outside the declared country"]
    empty = point.isna().any(axis=1)
    told.loc[empty, ["coordinate_quality", "why"]] = [None, "no coordinates"]
    tried = doubt[odd & ~empty & doubt["candidate_lon"].notna()]
    if not tried.empty:
        found = locate(tried["candidate_lon"], tried["candidate_lat"])["state"]  # missing at sea
        proved = tried.index[found.eq(state.loc[tried.index]).fillna(value=False)]
        told.loc[proved, "longitude"] = tried.loc[proved, "candidate_lon"]
        told.loc[proved, "latitude"] = tried.loc[proved, "candidate_lat"]
        told.loc[proved, "coordinate_quality"] = "corrected"
        told.loc[proved, "why"] = (
            "repaired (" + tried.loc[proved, "suspicion"] + "), confirmed by the declared state"
        )
    return told


def _log_repairs(told: pd.DataFrame, rows: Translated, work: Work) -> None:
    for row, plant in told[told["coordinate_quality"] == "corrected"].iterrows():
        for field in ("longitude", "latitude"):
            old = rows.table.frame.at[row, rows.picks[field].column]
            work.ledger.correct(
                rows.table.source.id, str(row), field=field, old=old, new=plant[field],
                reason=str(plant["why"]), by="rule",
            )  # fmt: skip
