"""Values far from their peers, and values that physics does not allow.

Method, the same for all layers: for each rule the value (or its ratio to another field, such as tonnes per
MW) is put on a logarithmic scale and compared with the features of the same group, by default country and
primary source. The score is the robust z-score: distance from the group's median, divided by 1.4826 times the
median absolute deviation, which a wrong value cannot drag along as it drags mean and standard deviation. A
group of fewer than ``LEAST`` values is compared with the same sources of all countries together. The spread
of a group is taken as at least ``NARROWEST``, so that nothing within ten times its peers' median is called
unusual, however alike they are (Canadian solar plants are 10 MW for the sake of a tariff). Zero is a reported
value and has no logarithm: it is not scored.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.findings import finding, short
from naatlas.spec import OutlierRule

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from naatlas.model import Finding

#: Absolute score above which a value is listed, and fewest values from which a group's own median is taken.
FAR, LEAST = OutlierRule.far, OutlierRule.least
#: Smallest spread of a group in powers of ten: with it, only what is more than ten times off can be far.
NARROWEST = 0.2
#: Makes the median absolute deviation an estimate of the standard deviation.
_MAD_TO_SIGMA = 1.4826

COLUMNS = ("country", "group", "field", "value", "expected", "score", "reason")


def outliers(frame: pd.DataFrame, rules: Sequence[OutlierRule], *, key: str) -> pd.DataFrame:
    """List values that are far from their peers or beyond a physical limit.

    Parameters
    ----------
    frame
        One row a feature. It is not changed; rules whose fields are absent or empty find nothing.
    rules
        Declared by the layer.
    key
        Name of the id column.

    Returns
    -------
    DataFrame
        ``key``, country, group, field (the rule's label), value (of the field or ratio, in its unit),
        expected (median of the group), score (robust z; missing where the group is too small) and reason;
        within country and field the farthest first.
    """
    levels = {rule.groups: _levels(frame, rule.groups) for rule in rules if set(rule.groups) <= set(frame)}
    parts = [
        _judge(frame, rule, levels[rule.groups], key)
        for rule in rules
        if rule.groups in levels and rule.field in frame
    ]
    told = [part for part in parts if not part.empty]
    if not told:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in (key, *COLUMNS)})
    far = pd.concat(told, ignore_index=True)
    order = far.assign(_far=-far["score"].abs()).sort_values(["country", "field", "_far", key], kind="stable")
    return order.drop(columns="_far").reset_index(drop=True)


def findings(table: pd.DataFrame, *, key: str) -> list[Finding]:
    """Sum the listed outliers up by country.

    Parameters
    ----------
    table
        As :func:`outliers` gives it.
    """
    return [_finding(str(country), part, key) for country, part in table.groupby("country", sort=True)]


def _finding(country: str, part: pd.DataFrame, key: str) -> Finding:
    counts = tuple(f"{field} {count}" for field, count in part["field"].value_counts(sort=False).items())
    ids = tuple(part[key].astype(str).drop_duplicates())
    return finding("outlier", "warning", where=country, ids=ids, values=len(part), fields=counts)


def _levels(frame: pd.DataFrame, groups: Sequence[str]) -> list[pd.Series]:
    """Name the group of each feature, and the wider one without the first of the fields: all countries."""
    told = [frame[name].astype("string").fillna("?") for name in groups]
    return [
        reduce(lambda one, other: one + " " + other, told[level:]).astype("category")
        for level in range(min(2, len(told)))
    ]


def _judge(frame: pd.DataFrame, rule: OutlierRule, levels: Sequence[pd.Series], key: str) -> pd.DataFrame:
    value = _quantity(frame, rule)
    scored = _scores(value, levels)
    beyond = value > (np.inf if rule.ceiling is None else rule.ceiling)
    hit = beyond | (scored["score"].abs() > FAR)
    told = scored[hit].assign(value=value[hit], beyond=beyond[hit])
    country = frame.loc[told.index, "country"].astype("string") if "country" in frame else ""
    told = told.assign(country=country, field=rule.label, **{key: frame.loc[told.index, key]})
    told["reason"] = [_reason(row, rule) for row in told.to_dict("records")]
    return told[[key, *COLUMNS]]


def _quantity(frame: pd.DataFrame, rule: OutlierRule) -> pd.Series:
    value = frame[rule.field].astype("Float64").astype("float64")
    if rule.per is not None:
        divisor = frame[rule.per].astype("Float64").astype("float64")
        value = value / divisor.where(divisor > 0)
    return value


def _scores(value: pd.Series, levels: Sequence[pd.Series]) -> pd.DataFrame:
    """Score each positive value against its group, or against the wider group where that one is too small."""
    logs = np.log10(value.where(value > 0))
    scored = pd.DataFrame({"score": np.nan, "expected": np.nan, "group": "", "peers": 0}, index=value.index)
    for by in levels:
        median = logs.groupby(by).transform("median")
        spread = (logs - median).abs().groupby(by).transform("median") * _MAD_TO_SIGMA
        peers = logs.groupby(by).transform("count")
        new = scored["score"].isna() & logs.notna() & (peers >= LEAST)
        score = (logs - median) / spread.clip(lower=NARROWEST)
        level_told = pd.DataFrame({"score": score, "expected": 10.0**median, "group": by, "peers": peers})
        scored.loc[new] = level_told.loc[new].astype(scored.dtypes)
    return scored


def _reason(row: Mapping[Hashable, object], rule: OutlierRule) -> str:
    value, expected = float(str(row["value"])), float(str(row["expected"]))
    told = []
    if row["beyond"]:
        told.append(f"above the physical limit of {short(rule.ceiling or 0.0)} ({rule.why})")
    if np.isfinite(expected):
        ratio = value / expected
        far = f"{short(ratio)} times" if ratio >= 1 else f"1/{short(1 / ratio)} of"
        told.append(f"{far} the median {short(expected)} of {row['peers']} values for {row['group']}")
    else:
        told.append(f"fewer than {LEAST} peers to compare with")
    return "; ".join(told)
