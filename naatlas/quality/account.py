"""The proof that rows and quantities add up, from the files read to the values published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.errors import AccountError
from naatlas.ledger import INTO_A_FEATURE, State
from naatlas.spec.layer import BY_LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from naatlas.ledger import Ledger
    from naatlas.spec import LayerSpec

#: Which rows of the winning source make up a published value, by the rule's name in ``LayerSpec.balance``.
RULES: dict[str, frozenset[State]] = {
    # The rows that are the feature; rows merged into it repeat it and must not be added.
    "source": frozenset({State.PUBLISHED, State.AGGREGATED}),
    # All rows that speak of the feature, as the stacks of a plant do that a supplement brings to it.
    "source-and-links": INTO_A_FEATURE,
    # The features of the layer that this one stands on: its provenance names the registers behind them.
    "used": frozenset({State.PUBLISHED, State.AGGREGATED}),
    # The same where levels lie on each other: each of those features is in one feature of every level.
    BY_LEVEL: frozenset({State.PUBLISHED, State.AGGREGATED}),
}

#: In place of a country where a quantity is not told by country.
ALL = "all"

#: Two sums are one when they agree within a millionth, or within 0.05 (registers print one decimal).
RELATIVE, ABSOLUTE = 1e-6, 0.05

#: Sums over other groups of the same numbers are one when they agree but for the order of adding.
EXACT = 1e-12

_SHOWN = 10


def balance(ledger: Ledger, frame: pd.DataFrame, provenance: pd.DataFrame, spec: LayerSpec) -> pd.DataFrame:
    """Prove that no row and no quantity was lost, and show it.

    Parameters
    ----------
    ledger
        The books, with each quantity of ``spec.balance`` measured for the sources that publish it.
    frame
        The layer as published, one row a feature.
    provenance
        Which source won each value: ``spec.key``, field, source.
    spec
        Its ``balance`` names the quantities and how each is made up (a key of ``RULES``).

    Returns
    -------
    DataFrame
        One row a source, country and quantity: rows and ``read`` (sum of all rows), the sum of each state,
        ``difference`` (read minus the states) and ``in_layer``, what the layer shows from this source: of levels
        that lie on each other what each of them shows, which is the same.

    Raises
    ------
    AccountError
        A row has no state, a sum does not agree, or a published value is not what its rows add up to;
        all differences are listed.
    """
    ledger.close()
    wrong: list[str] = []
    winners: dict[str, pd.DataFrame] = {}
    for field, rule in spec.balance.items():
        if rule not in RULES:
            raise AccountError(
                f"layer {spec.slug}: balance of {field} is {rule!r}; write {' or '.join(RULES)}"
            )
        if rule == BY_LEVEL:
            wrong += _levels(ledger, frame, spec, field)
            continue
        winners[field] = _winners(frame, provenance, spec, field)
        wrong += _features(ledger, winners[field].rename_axis("id").reset_index(), field, rule)
    table = _table(ledger, frame, winners, spec)
    for source, country, quantity, off in table.loc[
        ~_same(table["difference"], 0.0), ["source", "country", "quantity", "difference"]
    ].to_numpy():
        wrong.append(f"{source}, {country}: {quantity} read and accounted for differ by {off:,.3f}")
    if wrong:
        more = f"\n  and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise AccountError(f"{len(wrong)} sum(s) do not agree:\n  " + "\n  ".join(wrong[:_SHOWN]) + more)
    return table


def _table(
    ledger: Ledger, frame: pd.DataFrame, winners: Mapping[str, pd.DataFrame], spec: LayerSpec
) -> pd.DataFrame:
    keys = ["source", "country", "quantity"]
    table = _states(ledger).merge(_in_layer(frame, winners, spec), how="outer", on=keys).sort_values(keys)
    sums = table.columns.drop(keys)
    table[sums] = table[sums].astype("float64").fillna(0.0)
    return table.astype({"rows": "int64"}).reset_index(drop=True)


def _states(ledger: Ledger) -> pd.DataFrame:
    told = ledger.quantities()
    keys = ["source", "country", "quantity"]
    states = [str(state) for state in State]
    sums = told.pivot_table(index=keys, columns="state", values="value", aggfunc="sum", fill_value=0.0)
    sums = sums.reindex(columns=states, fill_value=0.0)
    whole = ledger.totals().set_index(keys)
    table = whole.join(sums)
    table["difference"] = table["read"] - table[states].sum(axis=1)
    return table.reset_index()


def _in_layer(frame: pd.DataFrame, winners: Mapping[str, pd.DataFrame], spec: LayerSpec) -> pd.DataFrame:
    parts = []
    for field, won in winners.items():  # none in a layer without quantities, which may know no countries
        by = [won["source"], frame.set_index(spec.key)["country"].reindex(won.index)]
        sums = (
            won[field].groupby(by).sum().rename("in_layer").rename_axis(["source", "country"]).reset_index()
        )
        parts.append(sums.assign(quantity=field))
    for field in (name for name, rule in spec.balance.items() if rule == BY_LEVEL):
        shown = {
            "source": spec.uses[0],
            "country": ALL,
            "quantity": field,
            "in_layer": whole(frame, spec, field),
        }
        parts.append(pd.DataFrame([shown]))
    empty = pd.DataFrame(columns=["source", "country", "in_layer", "quantity"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def levels(frame: pd.DataFrame, spec: LayerSpec, field: str) -> pd.Series:
    """Return the sum of a quantity by level, of levels that lie on each other."""
    told: pd.Series = frame[field].astype("Float64").astype("float64").groupby(frame[spec.nested_by]).sum()
    return told


def whole(frame: pd.DataFrame, spec: LayerSpec, field: str) -> float:
    """Return the sum of a quantity over the features that have no others in them: those of the last level."""
    sums = levels(frame, spec, field)
    return float(sums.iloc[-1]) if len(sums) else 0.0


def _levels(ledger: Ledger, frame: pd.DataFrame, spec: LayerSpec, field: str) -> Iterable[str]:
    """Name the levels that do not have the whole of what went into features."""
    rows = float(ledger.by_feature(field, states=RULES[BY_LEVEL])["value"].sum())
    for level, value in levels(frame, spec, field).items():
        if not np.isclose(value, rows, rtol=EXACT, atol=0.0):
            told = f"{spec.nested_by} {level}: {field} adds up to {value:,.6g}"
            yield f"{told}, its rows in {spec.uses[0]} to {rows:,.6g}"


def _winners(frame: pd.DataFrame, provenance: pd.DataFrame, spec: LayerSpec, field: str) -> pd.DataFrame:
    """Give the published value and the source that won it, by feature; missing values have no winner."""
    key = spec.key
    value = frame[[key, field]].set_index(key)[field].astype("Float64").astype("float64").dropna()
    if spec.balance[field] == "used":
        return pd.DataFrame({field: value, "source": spec.uses[0]})
    told = provenance.loc[provenance["field"] == field, [key, "source"]].drop_duplicates(key).set_index(key)
    return pd.DataFrame({field: value, "source": told["source"].reindex(value.index).astype("object")})


def _features(ledger: Ledger, won: pd.DataFrame, field: str, rule: str) -> Iterable[str]:
    """Name the features whose published value is not the sum of their rows."""
    sums = ledger.by_feature(field, states=RULES[rule])
    told = won.merge(sums.rename(columns={"value": "rows"}), how="left", on=["id", "source"])
    off = told[~_same(told[field], told["rows"])].sort_values("id")
    for name, value, source, rows in off[["id", field, "source", "rows"]].to_numpy():
        if pd.isna(source):
            yield f"{name}: {field} is {value:,.3f}, and the provenance names no source for it"
        elif pd.isna(rows):
            yield f"{name}: {field} is {value:,.3f}, and {source} has no rows of this feature on the books"
        else:
            yield f"{name}: {field} is {value:,.3f}, its rows in {source} add up to {rows:,.3f}"


def _same(one: pd.Series, other: pd.Series | float) -> pd.Series:
    told = np.isclose(one.astype("float64"), np.asarray(other, dtype="float64"), rtol=RELATIVE, atol=ABSOLUTE)
    return pd.Series(told, index=one.index)
