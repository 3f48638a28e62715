"""Sums over a register store by any of its columns, in memory that does not grow with the store.

One partition after the other is added up (:mod:`naatlas.register.partial`), and the sums are merged as whole numbers:
the result has the same bits whatever the partitions are, whoever adds them up, and in whatever order they arrive.

Arrow reads the text of Parquet as the codes of its dictionaries, and pandas' and numpy's kernels for whole numbers do
the rest. On fifty million lines this takes between a quarter and two thirds of the processor's time of polars and
DuckDB, and where there are many groups a seventh of their memory (figures, and where the others win, in
``benchmarks/register.md``); and it needs no further package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from naatlas.cluster import here
from naatlas.errors import UsageError
from naatlas.register.merge import Merger
from naatlas.register.partial import BASIS, FACILITY, Request, partial
from naatlas.register.reading import partitions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from naatlas.cluster import Runner


def aggregate(
    store: Path,
    by: Sequence[str],
    where: Mapping[str, object] | None = None,
    *,
    attributes: pd.DataFrame | None = None,
    run: Runner = here,
    exact: bool = False,
) -> pd.DataFrame:
    """Add a register up.

    Parameters
    ----------
    store
        A store, or the one file of a product (:func:`naatlas.register.partitions`).
    by
        Columns of the register with text or truth values, its year, or columns of ``attributes``; none for one sum over
        everything.
    where
        Value, or values, by column; only lines that have one of them count.
    attributes
        Further text columns of facilities, with ``atlas_id``; facilities that are not in it have missing ones.
    run
        Adds up partitions elsewhere, such as :func:`naatlas.cluster.connect` gives; by default threads of this process.
    exact
        Give quantities as decimals with nine places, which add up to totals without being rounded.

    Returns
    -------
    DataFrame
        Sorted by ``by``, missing last: the columns of ``by``, ``facilities`` (distinct), ``lines``, ``kg``, ``g``
        and, of dioxins told as toxic equivalent, which is no mass, ``g_teq``; the last three as floats and missing
        where no line tells them: absent is not zero.

    Raises
    ------
    UsageError
        There is no store, or no such column.
    AccountError
        Quantities beyond what can be added up.
    """
    # absolute, since another machine has another current folder
    parts = partitions(store.resolve())
    request = _request(parts[0].columns(), by, where or {}, attributes)
    merger = Merger(request)
    parts = partitions(store.resolve(), where)
    for told in run(partial, parts, request):
        merger.add(told)
    return merger.result(exact=exact)


def _request(
    columns: Sequence[str], by: Sequence[str], where: Mapping[str, object], attributes: pd.DataFrame | None
) -> Request:
    further = [] if attributes is None else [name for name in attributes.columns if name != FACILITY]
    known = [*columns, *further]
    if unknown := [name for name in (*by, *where) if name not in known]:
        raise UsageError(
            f"register: no column {', '.join(unknown)} to add up by; there are {', '.join(known)}"
        )
    if attributes is None:
        return Request(tuple(by), dict(where), basis=BASIS in columns)
    if twice := [name for name in further if name in columns]:
        raise UsageError(
            f"register: {', '.join(twice)} is a column of the store itself; rename the attribute"
        )
    text = attributes.astype("string")
    if text[FACILITY].duplicated().any():
        raise UsageError(f"register: the attributes list a facility twice, such as {_twice(text)}")
    table = pa.Table.from_pandas(text, preserve_index=False)
    return Request(tuple(by), dict(where), table, basis=BASIS in columns)


def _twice(text: pd.DataFrame) -> str:
    return str(text.loc[text[FACILITY].duplicated(), FACILITY].iloc[0])
