"""Emissions of plants: one way in for all registers, and what an empty cell means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.layers.power_plants.fields import COMBUSTION, GAPS, POLLUTANTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.facts import Facts

#: Why values of one pollutant may or may not be set side by side across the countries, for both editions.
#: comparable: same substance, unit, period and kind of estimate in at least two countries; limited: the same
#: substance, but other years, thresholds or methods; not_comparable: one country only has it by plant.
COMPARABILITY = {
    "nox": "limited",  # US measured and estimated NOx as NO2; Mexico reports nitrogen dioxide above a threshold
    "so2": "not_comparable",  # United States only
    "co2": "limited",  # US all plants; Mexico reporters only, other year
    "co2e": "not_comparable",  # Canada only, all greenhouse gases together
    "ch4": "limited",  # US estimated by emission factor; Mexico reported
    "n2o": "limited",  # the same
    "hg": "limited",  # US only some units; Mexico mercury and its compounds
    "pm25": "not_comparable",
    "pm10": "not_comparable",
}


def add(  # noqa: PLR0913 - a value with all that goes with it
    facts: Facts,
    pollutant: str,
    *,
    entity: pd.Series | Sequence[str],
    value: pd.Series | Sequence[float],
    year: int,
    method: str | pd.Series,
    agency: str,
    source: str,
    row: pd.Series | Sequence[object],
    column: str,
    national: pd.Series | Sequence[object],
    rule: str | pd.Series,
    score: pd.Series | None = None,
) -> None:
    """Add the value of one pollutant with its year, method and agency, each with the same origin.

    Parameters
    ----------
    value
        Tonnes a year; kilograms a year for mercury.
    method
        ``measured``, ``estimated`` or ``reported``.
    """
    told = pd.Series(value).reset_index(drop=True).astype("float64")
    origin: dict[str, Any] = {
        "source": source,
        "row": row,
        "column": column,
        "national": national,
        "score": score,
    }
    known = told.notna()
    facts.add(POLLUTANTS[pollutant][0], entity, told, rule=rule, **origin)
    for field, content in (("year", year), ("method", method), ("source", agency)):
        column_of = pd.Series(np.broadcast_to(np.asarray(content, dtype=object), told.shape).copy()).where(
            known
        )
        facts.add(
            f"{pollutant}_{field}", entity, column_of, rule=f"with {POLLUTANTS[pollutant][0]}", **origin
        )


def status(frame: pd.DataFrame) -> pd.DataFrame:
    """Say for each plant and pollutant what its value means: zero, not reported and not required stay apart.

    A plant that burns nothing has nothing to report; a plant that does and has no value is not reported, even
    where a threshold may free it, because no register says that it does. Where the layer knows no value of a
    pollutant for a whole country, nothing is said of its plants that burn: they may well report elsewhere.

    Parameters
    ----------
    frame
        Plants with country, capacities by source, primary source and emission values.

    Returns
    -------
    DataFrame
        The ``*_status`` and ``*_comparability`` columns, same index.
    """
    burns = _burns(frame)
    columns: dict[str, pd.Series] = {}
    for pollutant, (field, _) in POLLUTANTS.items():
        if pollutant in GAPS:
            continue
        value = frame[field] if field in frame else pd.Series(np.nan, index=frame.index)
        told = np.select(
            [value.eq(0).fillna(value=False), value.notna(), burns],
            ["reported_zero", "reported", "not_reported"],
            default="not_required",
        )
        seen = value.notna().groupby(frame["country"]).transform("any")
        said = pd.Series(told, index=frame.index, dtype="string")
        columns[f"{pollutant}_status"] = said.where(seen | said.ne("not_reported"))
        flag = pd.Series(COMPARABILITY[pollutant], index=frame.index, dtype="string")
        columns[f"{pollutant}_comparability"] = flag.where(value.notna())
    return pd.DataFrame(columns)


def _burns(frame: pd.DataFrame) -> pd.Series:
    by_source = frame.reindex(columns=[f"{s}_mw" for s in COMBUSTION]).astype("float64")
    return (by_source > 0).any(axis=1) | frame["primary_source"].isin(COMBUSTION)
