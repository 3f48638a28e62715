"""Columns in the types that a specification declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from naatlas.spec import Field

#: Above this, float64 does not know every whole number.
LARGEST_WHOLE = 2.0**53

#: How files without a boolean type write one.
_TRUTH = {
    "true": True,
    "t": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "f": False,
    "no": False,
    "n": False,
    "0": False,
}


def as_declared(column: pd.Series | None, field: Field, index: pd.Index) -> pd.Series:
    """Cast one column: text to string, integer to nullable Int64, real to float64, boolean to nullable boolean.

    Parameters
    ----------
    column
        None gives a column of missing values. What has no value in the type becomes missing: text in a number,
        a fraction in an integer.
    """
    if column is None:
        column = pd.Series([None] * len(index), index=index, dtype="object")
    if field.dtype == "text":
        return column.astype("string")
    if field.dtype == "boolean":
        return column.astype("string").str.lower().map(_TRUTH).astype("boolean")
    numbers = pd.to_numeric(column, errors="coerce").astype("Float64")
    if field.dtype == "real":
        return numbers.astype("float64")
    whole = numbers.mod(1).eq(0) & numbers.abs().lt(LARGEST_WHOLE)
    return numbers.where(whole.fillna(value=False)).astype("Int64")
