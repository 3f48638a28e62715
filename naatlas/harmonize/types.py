"""Columns in the types that a specification declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from naatlas.spec import Field


def as_declared(column: pd.Series | None, field: Field, index: pd.Index) -> pd.Series:
    """Cast one column: text to string, integer to nullable Int64, real to float64, boolean to nullable boolean.

    Parameters
    ----------
    column
        None gives a column of missing values; text that is no number becomes missing in a numeric one.
    """
    if column is None:
        column = pd.Series([None] * len(index), index=index, dtype="object")
    if field.dtype == "text":
        return column.astype("string")
    if field.dtype == "boolean":
        return column.astype("boolean")
    numbers = pd.to_numeric(column, errors="coerce").astype("Float64")
    return numbers.astype("Int64") if field.dtype == "integer" else numbers.astype("float64")
