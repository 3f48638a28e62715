"""The three countries side by side: what is filled, from when, and what may be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.findings import finding
from naatlas.spec import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naatlas.model import Finding, InputFile
    from naatlas.spec import Field, LayerSpec

#: Units whose values may be added up; a height or a year may not.
_ADDITIVE = frozenset({"megawatt", "metric_ton", "kilogram", "kilometer**2"})

#: Class list of the fields that say how far a quantity may be compared across countries.
_COMPARABILITY = "comparability"

TOTAL = "total"


def quantities(spec: LayerSpec) -> tuple[Field, ...]:
    """Fields whose values may be added up."""
    return tuple(f for f in spec.fields if f.dtype == "real" and f.unit in _ADDITIVE and not f.gap)


def countries(frame: pd.DataFrame) -> list[str]:
    """Countries of a layer: the three in the atlas's order, then any other."""
    present = set(map(str, frame["country"].dropna().unique())) if "country" in frame else set()
    return [*(c for c in COUNTRIES if c in present), *sorted(present - set(COUNTRIES))]


def coverage(frame: pd.DataFrame, spec: LayerSpec) -> pd.DataFrame:
    """Count how far each field is filled, by country.

    Returns
    -------
    DataFrame
        field, country, features, filled, share (0 to 1), median (numbers only) and sum (quantities only, in
        the field's unit), in the order of the specification.
    """
    # Where levels lie on each other there is no sum over them.
    additive = set() if spec.nested_by else {f.name for f in quantities(spec)}
    lines: list[tuple[object, ...]] = []
    for country in countries(frame):
        part = frame[frame["country"] == country]
        lines += [
            _covered(part[field.name], field, country, additive=field.name in additive)
            for field in spec.fields
            if field.name in frame
        ]
    columns = ["field", "country", "features", "filled", "share", "median", "sum"]
    order = {f.name: number for number, f in enumerate(spec.fields)}
    told = pd.DataFrame(lines, columns=columns)
    return told.sort_values("field", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)


def _covered(column: pd.Series, field: Field, country: str, *, additive: bool) -> tuple[object, ...]:
    filled = int(column.notna().sum())
    numeric = field.dtype in {"real", "integer"} and filled
    value = column.astype("Float64").astype("float64") if numeric else None
    median = None if value is None else float(value.median())
    total = float(value.sum()) if additive and value is not None else None
    return field.name, country, len(column), filled, filled / max(len(column), 1), median, total


def pivot(frame: pd.DataFrame, quantity: str, by: str) -> pd.DataFrame:
    """Sum a quantity by class and country, with totals that are the sums of the lines and columns.

    Returns
    -------
    DataFrame
        One line a class of ``by`` and a last one ``total``; one column a country and a last one ``total``.
        Missing where no feature has a value: not reported is not zero.
    """
    nowhere = pd.Series(pd.NA, index=frame.index, dtype="string")
    parts = {by: frame.get(by, nowhere), "country": frame.get("country", nowhere)}
    table = pd.DataFrame({n: c.astype("string").fillna("not stated") for n, c in parts.items()})
    table["value"] = frame[quantity].astype("Float64").astype("float64")
    told = table.pivot_table(index=by, columns="country", values="value", aggfunc=_sum, dropna=False)
    told = told.reindex(columns=countries(table))
    told[TOTAL] = told.sum(axis=1, min_count=1)
    told.loc[TOTAL] = told.sum(axis=0, min_count=1)
    return told.rename_axis(index=by, columns="country")


def _sum(values: pd.Series) -> float:
    return float(values.sum(min_count=1))


def comparability(frame: pd.DataFrame, spec: LayerSpec) -> pd.DataFrame:
    """Say for each quantity with a comparability flag what the countries' values are worth side by side.

    Returns
    -------
    DataFrame
        field (the quantity), country, flag (code of the class list), features, first_year and last_year.
    """
    lines: list[tuple[object, ...]] = []
    for flag in (f for f in spec.fields if f.classes == _COMPARABILITY and not f.gap and f.name in frame):
        stem = flag.name.removesuffix("_comparability")
        quantity = next((f.name for f in quantities(spec) if f.name.rpartition("_")[0] == stem), stem)
        years = frame[f"{stem}_year"] if f"{stem}_year" in frame else pd.Series(pd.NA, index=frame.index)
        for country in countries(frame):
            own = frame.loc[frame["country"] == country, flag.name].dropna()
            for code, rows in sorted(own.groupby(own).groups.items()):
                told = years.loc[rows].dropna()
                span = (int(told.min()), int(told.max())) if len(told) else (None, None)
                lines.append((quantity, country, str(code), len(rows), *span))
    return pd.DataFrame(lines, columns=["field", "country", "flag", "features", "first_year", "last_year"])


def vintages(inputs: Iterable[InputFile]) -> pd.DataFrame:
    """List which time each country's inputs describe.

    Returns
    -------
    DataFrame
        country ("" where one file covers several), source, vintage and tier, sorted by country and source.
    """
    lines = [(i.source.country or "", i.source.id, i.source.vintage, i.tier) for i in inputs]
    return pd.DataFrame(sorted(lines), columns=["country", "source", "vintage", "tier"])


def check_vintages(inputs: Iterable[InputFile], frame: pd.DataFrame, spec: LayerSpec) -> list[Finding]:
    """Warn where the countries' inputs, or the years of one quantity, are of different years.

    Parameters
    ----------
    inputs
        The files that were read.
    frame
        The layer; fields that end in ``_year`` and stand beside a quantity are looked at.
    """
    table = vintages(inputs)
    table = table[table["country"] != ""].assign(year=table["vintage"].str[:4])
    newest = table.groupby("country")["year"].max()
    found = []
    if len(set(newest)) > 1:
        found.append(_spread("vintages-differ", "", newest))
    for quantity in quantities(spec):
        year = f"{quantity.name.rpartition('_')[0]}_year"
        if year in frame:
            told = frame[["country", year]].dropna(subset=[year])
            common = told.groupby("country")[year].agg(lambda y: int(y.mode().iloc[0]))
            if len(set(common)) > 1:
                found.append(_spread("years-differ", quantity.name, common))
    return found


def _spread(rule: str, field: str, years: pd.Series) -> Finding:
    told = tuple(f"{country} {years[country]}" for country in years.sort_index().index)
    return finding(rule, "warning", where=field, count=len(years), field=field, years=told)
