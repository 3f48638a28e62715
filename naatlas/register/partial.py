"""The sums of one partition: all that a thread, a process or a worker of a cluster does.

Text is read as the dictionary codes in which Parquet keeps it, so that groups are whole numbers from the start:
no text is compared more than once a distinct value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from naatlas.register import quantities
from naatlas.register.schema import PARTITIONS, SCHEMA
from naatlas.register.store import wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.register.store import Partition

    Whole = NDArray[np.int64]

FACILITY = "atlas_id"
QUANTITIES = ("kg", "g")

#: Columns of ``Partial.sums``: lines, then of each quantity lines that tell it, whole units, billionths.
SUMS = ("lines", *(f"{name}_{part}" for name in QUANTITIES for part in ("told", "whole", "parts")))

#: Largest product of the numbers of values of several columns that still is one whole number.
_WIDEST = 2**62


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of each partition.

    Attributes
    ----------
    by
        Columns of ``KEYS``, or of ``attributes``.
    where
        Values by column; only lines that have one of them count.
    attributes
        Further columns of facilities: text by ``atlas_id``.
    """

    by: tuple[str, ...]
    where: Mapping[str, object]
    attributes: pa.Table | None = None

    @property
    def yearly(self) -> bool:
        """Each group lies in one year: then facilities of partitions add up."""
        return "year" in self.by


@dataclass(frozen=True, slots=True)
class Partial:
    """Sums of one partition.

    Attributes
    ----------
    keys
        One row a group, the columns of ``Request.by``.
    sums
        One row a group, the columns of ``SUMS``.
    members
        Group and facility of each distinct pair of the two, as positions in ``keys`` and ``facilities``.
    facilities
        Atlas ids.
    """

    country: str
    year: int
    keys: pa.Table
    sums: Whole
    members: tuple[NDArray[np.int32], NDArray[np.int32]]
    facilities: pa.StringArray


@dataclass(frozen=True, slots=True)
class _Coded:
    """A column as codes of its distinct values; the last value is the missing one."""

    codes: Whole
    words: pa.Array

    @property
    def width(self) -> int:
        return len(self.words)

    def only(self, rows: NDArray[np.bool_]) -> _Coded:
        return _Coded(self.codes[rows], self.words)


def partial(part: Partition, request: Request) -> Partial:
    """Add up one partition."""
    names = [name for name in (*request.by, *request.where) if name not in PARTITIONS]
    own = list(dict.fromkeys([FACILITY, *(n for n in names if n in SCHEMA.names)]))
    table = pq.read_table(part.path, columns=[*own, *QUANTITIES], partitioning=None, read_dictionary=own)
    coded = {name: _coded(table[name]) for name in own}
    coded |= _attributes(request, coded[FACILITY])
    rows = _kept(coded, request, len(table))
    numbers = {name: table[name].to_numpy()[rows] for name in QUANTITIES}
    coded = {name: column.only(rows) for name, column in coded.items()}
    return _sums(part, request, coded, numbers)


def _coded(column: pa.ChunkedArray) -> _Coded:
    """Codes of a column; the dictionaries of its row groups become one."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    one = column.unify_dictionaries().combine_chunks()
    if isinstance(one, pa.ChunkedArray):  # a column without rows has no chunk to combine
        one = pa.array([], column.type)
    values = pa.concat_arrays([one.dictionary, pa.nulls(1, one.dictionary.type)])
    return _Coded(one.indices.fill_null(len(values) - 1).to_numpy().astype(np.int64), values)


def _attributes(request: Request, facility: _Coded) -> dict[str, _Coded]:
    """Bring attributes of facilities to the lines, by way of the distinct facilities."""
    if request.attributes is None:
        return {}
    at = pc.index_in(facility.words, value_set=request.attributes[FACILITY].combine_chunks())
    asked = [n for n in request.attributes.column_names if n in {*request.by, *request.where}]
    told = {}
    for name in asked:
        column = _coded(pa.chunked_array([request.attributes[name].combine_chunks().take(at)]))
        told[name] = _Coded(column.codes[facility.codes], column.words)
    return told


def _kept(coded: Mapping[str, _Coded], request: Request, rows: int) -> NDArray[np.bool_]:
    kept = np.ones(rows, dtype=np.bool_)
    for name, asked in request.where.items():
        if name not in PARTITIONS:
            words = coded[name].words
            fit = pc.is_in(words, value_set=pa.array(wanted(asked)).cast(words.type))
            kept &= fit.to_numpy(zero_copy_only=False)[coded[name].codes]
    return kept


def _sums(
    part: Partition, request: Request, coded: Mapping[str, _Coded], numbers: Mapping[str, NDArray[np.float64]]
) -> Partial:
    inside = [name for name in request.by if name not in PARTITIONS]
    groups, first = _grouped([coded[name] for name in inside], len(numbers["kg"]))
    keys = {name: coded[name].words.take(pa.array(coded[name].codes[first])) for name in inside}
    constants = {
        k: pa.repeat(pa.scalar(getattr(part, k), SCHEMA.field(k).type), len(first)) for k in PARTITIONS
    }
    # without any column asked for, the table still has one row
    table = pa.table(keys | constants).select(list(request.by))
    facility = coded[FACILITY]
    return Partial(
        country=part.country,
        year=part.year,
        keys=table,
        sums=_add_up(groups, len(first), numbers),
        members=_members(groups, facility),
        facilities=facility.words.slice(0, facility.width - 1),
    )


def _grouped(columns: list[_Coded], rows: int) -> tuple[Whole, Whole]:
    """Give a number to each combination of values that occurs.

    Returns
    -------
    tuple
        Group of each row, and the first row of each group.
    """
    groups, count = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        if count * column.width >= _WIDEST:
            groups, count = _numbered(groups)
        groups, count = groups * column.width + column.codes, count * column.width
    groups, count = _numbered(groups)
    first = np.empty(count, dtype=np.int64)
    first[groups[::-1]] = np.arange(rows - 1, -1, -1)
    return groups, first


def _numbered(values: Whole) -> tuple[Whole, int]:
    """Give a number to each distinct value, in the order in which they come."""
    codes, distinct = pd.factorize(values)
    return codes.astype(np.int64, copy=False), len(distinct)


def _add_up(groups: Whole, count: int, numbers: Mapping[str, NDArray[np.float64]]) -> Whole:
    told = [np.bincount(groups, minlength=count)]
    for values in numbers.values():
        known = ~np.isnan(values)
        home = groups[known]
        told.append(np.bincount(home, minlength=count))
        told += [quantities.add_up(home, count, part) for part in quantities.split(values[known])]
    return np.stack(told, axis=1).astype(np.int64, copy=False)


def _members(groups: Whole, facility: _Coded) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    pairs = pd.unique(groups * facility.width + facility.codes)
    group, member = np.divmod(pairs, facility.width)
    return group.astype(np.int32), member.astype(np.int32)
