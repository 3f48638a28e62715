"""The sums of one partition: all that a thread, a process or a worker of a cluster does.

Text is read as the dictionary codes in which Parquet keeps it, so that groups are whole numbers from the start:
no text is compared more than once a distinct value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from naatlas.register import quantities
from naatlas.register.reading import wanted
from naatlas.register.schema import AMOUNTS, PARTITIONS, QUANTITIES, SCHEMA, TEQ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.register.reading import Partition

    Whole = NDArray[np.int64]

FACILITY, BASIS = "atlas_id", "basis"

#: Columns of ``Partial.sums``: distinct facilities (0 where not ``Request.yearly``), lines, then of each quantity the
#: lines that tell it, whole units, billionths.
SUMS = (
    "facilities",
    "lines",
    *(f"{name}_{part}" for name in QUANTITIES for part in ("told", "whole", "parts")),
)

#: Largest product of the numbers of values of several columns that still is one whole number.
_WIDEST = 2**62

#: So many combinations of values, and each has its place in a table.
_FEW = 2**18

_NOBODY = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of each partition.

    Attributes
    ----------
    by
        Columns of the register, or of ``attributes``.
    where
        Values by column; only lines that have one of them count.
    attributes
        Further columns of facilities: text by ``atlas_id``.
    basis
        Whether the register tells the basis of its grams.
    """

    by: tuple[str, ...]
    where: Mapping[str, object]
    attributes: pa.Table | None = None
    basis: bool = False

    @property
    def further(self) -> list[str]:
        """Names of the attributes."""
        return [] if self.attributes is None else [n for n in self.attributes.column_names if n != FACILITY]

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
        Group and facility of each line, as positions in ``keys`` and ``facilities``; none where ``Request.yearly``.
    facilities
        Atlas ids that ``members`` points to.
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

    codes: NDArray[np.int32]
    words: pa.Array

    @property
    def width(self) -> int:
        return len(self.words)

    def only(self, rows: NDArray[np.bool_]) -> _Coded:
        return _Coded(self.codes[rows], self.words)


def partial(part: Partition, request: Request) -> Partial:
    """Add up one partition."""
    elsewhere = {*PARTITIONS, *request.further}
    names = [name for name in (*request.by, *request.where) if name not in elsewhere]
    own = list(dict.fromkeys([FACILITY, *names, *([BASIS] if request.basis else [])]))
    table = part.read([*own, *AMOUNTS], codes=own)
    coded = {name: _coded(table[name]) for name in own}
    coded |= _attributes(request, coded[FACILITY])
    numbers = _by_basis({name: table[name] for name in AMOUNTS}, coded.get(BASIS))
    asked = {name: values for name, values in request.where.items() if name not in PARTITIONS}
    if asked:
        rows = _kept(coded, asked)
        coded = {name: column.only(rows) for name, column in coded.items()}
        numbers = {name: values.filter(pa.array(rows)) for name, values in numbers.items()}
    return _sums(part, request, coded, numbers)


def _coded(column: pa.ChunkedArray) -> _Coded:
    """Codes of a column; the dictionaries of its row groups become one."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    one = column.unify_dictionaries().combine_chunks()
    if isinstance(one, pa.ChunkedArray):  # a column without rows has no chunk to combine
        one = pa.array([], column.type)
    values = pa.concat_arrays([one.dictionary, pa.nulls(1, one.dictionary.type)])
    codes = one.indices.fill_null(len(values) - 1) if one.indices.null_count else one.indices
    return _Coded(codes.to_numpy(), values)


def _by_basis(amounts: Mapping[str, pa.ChunkedArray], basis: _Coded | None) -> dict[str, pa.ChunkedArray]:
    """Part grams of toxic equivalent from grams of mass."""
    grams = amounts["g"]
    nothing = pa.scalar(None, grams.type)
    if basis is None or TEQ not in basis.words.to_pylist():
        return {**amounts, "g_teq": pa.chunked_array([pa.nulls(len(grams), grams.type)])}
    equivalent = pc.equal(basis.words, TEQ).take(pa.array(basis.codes))
    return {
        **amounts,
        "g": pc.if_else(equivalent, nothing, grams),
        "g_teq": pc.if_else(equivalent, grams, nothing),
    }


def _attributes(request: Request, facility: _Coded) -> dict[str, _Coded]:
    """Bring attributes of facilities to the lines, by way of the distinct facilities."""
    if request.attributes is None:
        return {}
    at = pc.index_in(facility.words, value_set=request.attributes[FACILITY].combine_chunks())
    asked = [n for n in request.further if n in {*request.by, *request.where}]
    told = {}
    for name in asked:
        column = _coded(pa.chunked_array([request.attributes[name].combine_chunks().take(at)]))
        told[name] = _Coded(column.codes[facility.codes], column.words)
    return told


def _kept(coded: Mapping[str, _Coded], asked: Mapping[str, object]) -> NDArray[np.bool_]:
    """Tell which rows have one of the values that are asked for, in every column."""
    fits = []
    for name, values in asked.items():
        words = coded[name].words
        fit = pc.is_in(words, value_set=pa.array(wanted(values)).cast(words.type))
        fits.append(fit.to_numpy(zero_copy_only=False)[coded[name].codes])
    told: NDArray[np.bool_] = np.logical_and.reduce(fits)
    return told


def _sums(
    part: Partition, request: Request, coded: Mapping[str, _Coded], numbers: Mapping[str, pa.ChunkedArray]
) -> Partial:
    facility = coded[FACILITY]
    inside = [coded[name] for name in request.by if name not in PARTITIONS]
    groups = _grouped(inside, len(facility.codes))
    met = _met(groups, facility) if request.yearly else np.zeros(groups.count, dtype=np.int64)
    members = groups.of_row.astype(np.int32), facility.codes
    return Partial(
        country=part.country,
        year=part.year,
        keys=_keys(part, request, coded, groups),
        sums=np.column_stack([met, *_add_up(groups, numbers)]),
        members=(_NOBODY, _NOBODY) if request.yearly else members,
        facilities=facility.words.slice(0, 0 if request.yearly else facility.width - 1),
    )


def _keys(part: Partition, request: Request, coded: Mapping[str, _Coded], groups: _Groups) -> pa.Table:
    inside = [name for name in request.by if name not in PARTITIONS]
    told = {
        name: coded[name].words.take(pa.array(codes))
        for name, codes in zip(inside, groups.codes, strict=True)
    }
    for key in PARTITIONS:
        told[key] = pa.repeat(pa.scalar(getattr(part, key), SCHEMA.field(key).type), groups.count)
    return pa.table(told).select(list(request.by))  # which has its rows even when no column is asked for


@dataclass(frozen=True, slots=True)
class _Groups:
    """Combinations of values that occur.

    Attributes
    ----------
    of_row
        Number of the group of each row.
    codes
        Of each column, the code by group.
    """

    of_row: Whole
    count: int
    codes: list[Whole]


def _grouped(columns: list[_Coded], rows: int) -> _Groups:
    """Give a number to each combination of values that occurs, by way of one whole number a row."""
    groups = _Groups(np.zeros(rows, dtype=np.int64), 1, [])
    widths: list[int] = []
    for column in columns:
        if groups.count * math.prod(widths) * column.width >= _WIDEST:
            groups, widths = _numbered(groups, widths), []
        mixed = groups.of_row * column.width + column.codes
        groups, widths = _Groups(mixed, groups.count, groups.codes), [*widths, column.width]
    return _numbered(groups, widths)


def _numbered(groups: _Groups, widths: list[int]) -> _Groups:
    """Give numbers to the mixed values that occur, and take them apart into the codes of their columns."""
    possible = groups.count * math.prod(widths)
    of_row, distinct = _dense(groups.of_row, possible) if possible <= _FEW else pd.factorize(groups.of_row)
    count, codes = len(distinct), []
    for width in reversed(widths):
        distinct, code = np.divmod(distinct, width)
        codes.append(code)
    return _Groups(of_row, count, [*(known[distinct] for known in groups.codes), *reversed(codes)])


def _dense(values: Whole, possible: int) -> tuple[Whole, Whole]:
    """Do as pandas' factorize, where there are so few possible values that each can have its place."""
    distinct = np.flatnonzero(np.bincount(values, minlength=possible))
    places = np.zeros(possible, dtype=np.int64)
    places[distinct] = np.arange(len(distinct))
    return places[values], distinct


def _add_up(groups: _Groups, numbers: Mapping[str, pa.ChunkedArray]) -> list[Whole]:
    told = [np.bincount(groups.of_row, minlength=groups.count)]
    for values in numbers.values():
        home = groups.of_row
        if values.null_count:
            home = home[values.is_valid().to_numpy()]
        told.append(np.bincount(home, minlength=groups.count))
        told += quantities.add_up(home, groups.count, values.drop_null().to_numpy())
    return told


def _met(groups: _Groups, facility: _Coded) -> Whole:
    """Count the distinct facilities of each group."""
    pairs = pd.unique(groups.of_row * facility.width + facility.codes)
    return np.bincount(pairs // facility.width, minlength=groups.count)
