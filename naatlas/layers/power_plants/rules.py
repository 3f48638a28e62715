"""Rules that the trilateral tables follow (all rows of 2017 but four): held against every edition, never enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.findings import finding
from naatlas.layers.power_plants.fields import ENERGY_SOURCES, RENEWABLE

if TYPE_CHECKING:
    from naatlas.model import Work

#: The registers round to 0.1 MW a source; twelve of them together may be half a megawatt off.
TOTAL_TOLERANCE_MW = 0.6
RENEWABLE_TOLERANCE_MW = 0.1


def check(frame: pd.DataFrame, work: Work) -> None:
    """Report plants whose total, renewable total or primary source does not follow from the capacities by source."""
    by_source = frame.reindex(columns=[f"{s}_mw" for s in ENERGY_SOURCES]).astype("float64")
    by_source.columns = pd.Index(ENERGY_SOURCES)
    whole = by_source.notna().any(axis=1) & _complete(by_source, frame)
    total = by_source.sum(axis=1).sub(frame["capacity_mw"].astype("float64")).abs()
    _report(frame, whole & (total > TOTAL_TOLERANCE_MW), "total-is-sum-of-sources", work)
    renewable = by_source[list(RENEWABLE)].sum(axis=1, skipna=False)
    off = renewable.sub(frame["renewable_mw"].astype("float64")).abs() > RENEWABLE_TOLERANCE_MW + 1e-9
    _report(frame, off.fillna(value=False), "renewable-is-sum", work)
    largest = by_source.max(axis=1)
    primary = pd.Series(0.0, index=frame.index)
    for source in ENERGY_SOURCES:
        primary = primary.where(~frame["primary_source"].eq(source), by_source[source].fillna(float("nan")))
    smaller = whole & primary.lt(largest - 1e-9)
    _report(frame, smaller.fillna(value=False), "primary-is-largest", work)


def _complete(by_source: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Only plants with no open source can break a sum; the sources a register has no column for do not count."""
    told = by_source.drop(columns=["tidal", "battery"])
    return told.notna().all(axis=1) & frame["capacity_mw"].notna()


def _report(frame: pd.DataFrame, hit: pd.Series, rule: str, work: Work) -> None:
    for country, ids in frame.loc[hit, "atlas_id"].groupby(frame["country"]):
        work.findings.append(finding(rule, "warning", where=str(country), ids=tuple(sorted(ids))))
