"""The balance of each file: what stands in it times the factor of its unit is what is published and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.errors import AccountError
from naatlas.harmonize.units import factor

if TYPE_CHECKING:
    from naatlas.layers._prtr.reading import Registers

#: Two sums of a file are one when they agree within a billionth.
RELATIVE = 1e-9
_KEYS = ["year", "source", "national_unit", "unit"]
_UNITS = {"kg": "kilogram", "g": "gram"}


def balances(registers: Registers) -> pd.DataFrame:
    """Balance each file and unit of it.

    Returns
    -------
    DataFrame
        ``year``, ``source``, ``national_unit``, ``unit`` (``kg``, ``g`` of dioxins and furans), ``rows`` (with a
        quantity), ``amount`` (sum in the national unit), ``factor``, ``read`` (their product), ``published`` and
        ``rejected`` (sums of what came out, in the unit) and ``difference``.

    Raises
    ------
    AccountError
        A difference is more than rounding; all of them are named.
    """
    parts = {"published": registers.lines, "rejected": registers.lost}
    told = pd.concat([_told(lines).assign(part=part) for part, lines in parts.items()], ignore_index=True)
    sums = told.groupby(_KEYS).agg(rows=("row", "nunique"), amount=("amount", "sum"))
    rates = [_rate(national, unit) for _, _, national, unit in sums.index]
    out = told.pivot_table(index=_KEYS, columns="part", values="value", aggfunc="sum", fill_value=0.0)
    table = sums.assign(factor=rates, read=sums["amount"] * np.array(rates))
    for part in parts:
        table[part] = out.get(part, 0.0)
    table["difference"] = table["read"] - table["published"] - table["rejected"]
    _prove(table)
    return table.reset_index()


def _rate(national: str, unit: str) -> float:
    """Return what one of the national unit is; toxic equivalents are told in grams, and are no mass."""
    return factor("g" if "TEQ" in national.upper() else national, _UNITS[unit])


def _told(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines with a quantity: those of a certificate, and of rows that say nothing, have none."""
    told = lines.assign(value=lines["kg"].fillna(lines["g"]))
    told["unit"] = np.where(lines["g"].notna(), "g", "kg")
    return told.loc[told["value"].notna(), [*_KEYS, "row", "amount", "value"]]


def _prove(table: pd.DataFrame) -> None:
    wrong = table[table["difference"].abs() > RELATIVE * table["read"].abs() + RELATIVE]
    if len(wrong):
        columns = ["source", "national_unit", "difference", "read"]
        rows = wrong.reset_index()[columns].itertuples(index=False, name=None)
        told = [f"{source}, {unit}: {off:,.6g} of {read:,.6g}" for source, unit, off, read in rows]
        raise AccountError(f"{len(wrong)} file(s) do not balance:\n  " + "\n  ".join(told))
