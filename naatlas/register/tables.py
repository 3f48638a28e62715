"""Sums of a register store as somebody asks for them on the command line."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

from naatlas.errors import ProductError, UsageError
from naatlas.register.sums import aggregate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

_SPAN = re.compile(r"(\d{4})-(\d{4})")
_TRUTH = {"true": True, "false": False}


def sums(
    store: Path, by: Sequence[str], conditions: Iterable[str], *, cluster: str | None = None
) -> pd.DataFrame:
    """Add a store up, here or on a cluster.

    Parameters
    ----------
    conditions
        As ``COLUMN=VALUE[,VALUE]``.
    cluster
        Address of a Dask scheduler; None for this process.
    """
    where = dict(_condition(text) for text in conditions)
    with ExitStack() as stack:
        if cluster is None:
            return aggregate(store, by, where)
        from naatlas.cluster import connect

        return aggregate(store, by, where, run=stack.enter_context(connect(cluster)))


def _condition(text: str) -> tuple[str, list[object]]:
    column, sign, values = text.partition("=")
    if not (sign and column and values):
        raise UsageError(f"condition {text!r}: write it as COLUMN=VALUE, such as medium=air,water")
    told = [one for value in values.split(",") for one in _values(column.strip(), value.strip())]
    return column.strip(), told


def _values(column: str, text: str) -> Sequence[object]:
    if column == "year":
        if span := _SPAN.fullmatch(text):
            return range(int(span[1]), int(span[2]) + 1)
        if not text.isdecimal():
            raise UsageError(
                f"condition on the year: {text!r} is neither a year nor a span such as 2014-2022"
            )
        return [int(text)]
    if column == "on_site":
        if text not in _TRUTH:
            raise UsageError(f"condition on on_site: {text!r} is neither true nor false")
        return [_TRUTH[text]]
    return [text]


def save(table: pd.DataFrame, path: Path) -> None:
    """Write a table as its file name says.

    Raises
    ------
    UsageError
        It is neither .csv nor .parquet.
    ProductError
        It cannot be written.
    """
    if path.suffix not in {".csv", ".parquet"}:
        raise UsageError(f"{path.name}: a table is written as .csv or .parquet")
    try:
        if path.suffix == ".csv":
            table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
        else:
            table.to_parquet(path, index=False)
    except OSError as error:
        raise ProductError(f"{path}: cannot be written ({error.strerror or error})") from error
