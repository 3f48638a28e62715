"""Conditions as somebody writes them on the command line, and the tables that come back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from naatlas.errors import ProductError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

_SPAN = re.compile(r"(\d{4})-(\d{4})")
#: Columns that are true or false, and how that is written.
_EITHER = ("on_site", "pbt")
_TRUTH = {"true": True, "false": False}


def conditions(texts: Iterable[str]) -> dict[str, list[object]]:
    """Read conditions on the lines of a register, ``COLUMN=VALUE[,VALUE]``; years may be spans.

    Raises
    ------
    UsageError
        One is not written like that.
    """
    told = {}
    for text in texts:
        column, values = _condition(text)
        told[column] = [one for value in values for one in _values(column, value)]
    return told


def texts(conditions: Iterable[str]) -> dict[str, list[str]]:
    """Read conditions on columns of any kind: the values are the texts as they stand."""
    return dict(map(_condition, conditions))


def _condition(text: str) -> tuple[str, list[str]]:
    column, sign, values = text.partition("=")
    if not (sign and column and values):
        raise UsageError(f"condition {text!r}: write it as COLUMN=VALUE, such as medium=air,water")
    return column.strip(), [value.strip() for value in values.split(",")]


def _values(column: str, text: str) -> Sequence[object]:
    if column == "year":
        if span := _SPAN.fullmatch(text):
            return range(int(span[1]), int(span[2]) + 1)
        if not text.isdecimal():
            raise UsageError(
                f"condition on the year: {text!r} is neither a year nor a span such as 2014-2022"
            )
        return [int(text)]
    if column in _EITHER:
        if text not in _TRUTH:
            raise UsageError(f"condition on {column}: {text!r} is neither true nor false")
        return [_TRUTH[text]]
    return [text]


def named(path: Path) -> Path:
    """Return the path of a table to write; whoever works long for it asks before, not after.

    Raises
    ------
    UsageError
        It is neither .csv nor .parquet.
    """
    if path.suffix not in {".csv", ".parquet"}:
        raise UsageError(f"{path.name}: a table is written as .csv or .parquet")
    return path


def save(table: pd.DataFrame, path: Path) -> None:
    """Write a table as its file name says.

    Raises
    ------
    UsageError
        It is neither .csv nor .parquet.
    ProductError
        It cannot be written.
    """
    try:
        if named(path).suffix == ".csv":
            table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
        else:
            table.to_parquet(path, index=False)
    except OSError as error:
        raise ProductError(f"{path}: cannot be written ({error.strerror or error})") from error
