"""What is read of a register, a country and year at a time: from a store, or from the one file of a product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from naatlas.errors import InputError, UsageError
from naatlas.register.schema import AMOUNTS, PARTITIONS, SCHEMA
from naatlas.register.store import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

#: Columns that lead back to the national file: nobody adds up by them.
_ORIGIN = ("row", "national_column", "national_unit")


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One country and year of a register.

    Attributes
    ----------
    path
        A Parquet file; this, the row groups and the two keys are all that another process needs to work on it.
    groups
        Its row groups that hold the country and year; none for all of them.
    """

    country: str
    year: int
    path: Path
    groups: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Name it, for people and for a journal."""
        return f"country={self.country}/year={self.year}"

    def columns(self) -> list[str]:
        """Columns by which sums can be made: country and year, and the text and truth values of the file."""
        with _opened(self.path) as file:
            schema = file.schema_arrow
        own = [
            field.name
            for field in schema
            if field.name not in (*_ORIGIN, *PARTITIONS) and _is_key(field.type)
        ]
        return [*PARTITIONS, *own]

    def read(self, columns: Sequence[str], *, codes: Sequence[str] = ()) -> pa.Table:
        """Read columns of the file, some of them as the codes of their dictionaries."""
        with _opened(self.path, codes) as file:
            groups = self.groups or range(file.num_row_groups)
            return file.read_row_groups(list(groups), columns=list(columns))


def _is_key(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_boolean)
    return any(test(kind) for test in tests)


def _opened(path: Path, codes: Sequence[str] = ()) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, read_dictionary=list(codes))
    except pa.ArrowInvalid as error:
        raise InputError(
            f"{path}: is no Parquet file, or a damaged one ({' '.join(str(error).split())})"
        ) from error


def partitions(store: Path, where: Mapping[str, object] | None = None) -> list[Partition]:
    """List what a register is read in, sorted by country and year.

    Parameters
    ----------
    store
        A folder that :func:`naatlas.register.write` wrote; or one Parquet file whose row groups hold one country and
        year each, such as ``NA_PRTRReleases_<edition>_releases.parquet``.
    where
        As in :func:`naatlas.register.aggregate`; only ``country`` and ``year`` count here.

    Raises
    ------
    UsageError
        There is no store in the folder, or the file is no long table in such row groups.
    InputError
        The file is damaged.
    """
    found = _row_groups(store) if store.is_file() else _files(store)
    asked = where or {}
    return [part for part in found if all(_fits(getattr(part, key), asked, key) for key in PARTITIONS)]


def _files(folder: Path) -> list[Partition]:
    found = [_partition(path) for path in folder.glob(f"country=*/year=*/{NAME}")]
    if not found:
        raise UsageError(f"{folder}: no register store (no country=.../year=.../{NAME} below it)")
    return sorted(found)


def _partition(path: Path) -> Partition:
    year, country = path.parent, path.parent.parent
    return Partition(country.name.removeprefix("country="), int(year.name.removeprefix("year=")), path)


def _row_groups(path: Path) -> list[Partition]:
    """Tell the countries and years of a file from the least and greatest values of its row groups."""
    needed = [field.name for field in SCHEMA if not field.nullable or field.name in AMOUNTS]
    groups: dict[tuple[str, int], list[int]] = {}
    with _opened(path) as file:
        names = file.schema_arrow.names
        if lost := [name for name in needed if name not in names]:
            raise UsageError(
                f"{path.name}: is no long table of a register: it has no column {', '.join(lost)}"
            )
        for number in range(file.num_row_groups):
            groups.setdefault(_keys(file, number, path), []).append(number)
    return sorted(Partition(*key, path, tuple(own)) for key, own in groups.items())


def _keys(file: pq.ParquetFile, number: int, path: Path) -> tuple[str, int]:
    group = file.metadata.row_group(number)
    told = [group.column(file.schema_arrow.names.index(name)).statistics for name in PARTITIONS]
    if any(one is None or not one.has_min_max or one.min != one.max or one.null_count for one in told):
        raise UsageError(
            f"{path.name}: row group {number} holds several countries or years; sort the table by country and year "
            "and write a row group for each, or make a store of it (naatlas.register.write)"
        )
    return str(told[0].min), int(told[1].min)


def _fits(value: object, where: Mapping[str, object], key: str) -> bool:
    return key not in where or value in wanted(where[key])


def wanted(asked: object) -> list[object]:
    """Return the values of a condition: one, or each of several."""
    return list(asked) if isinstance(asked, (list, tuple, set, frozenset, range)) else [asked]


def scan(
    store: Path, columns: Iterable[str] | None = None, where: Mapping[str, object] | None = None
) -> Iterator[pa.Table]:
    """Read a register, one partition at a time.

    Parameters
    ----------
    columns
        Of ``SCHEMA``; None for all.
    where
        Value, or values, by column; only rows that have one of them are given.

    Yields
    ------
    pyarrow.Table
        The rows of a country and year, in the order in which they were written.
    """
    names = list(SCHEMA.names if columns is None else columns)
    for part in partitions(store, where):
        yield read_partition(part, names, where)


def read_partition(
    part: Partition, columns: Iterable[str], where: Mapping[str, object] | None = None
) -> pa.Table:
    """Read columns of one partition; its country and year become columns where they are asked for."""
    names = list(columns)
    asked = {key: wanted(value) for key, value in (where or {}).items() if key not in PARTITIONS}
    if unknown := [name for name in (*names, *asked) if name not in SCHEMA.names]:
        raise UsageError(
            f"register store: no column {', '.join(unknown)}; there are {', '.join(SCHEMA.names)}"
        )
    inside = [name for name in names if name not in PARTITIONS]
    table = part.read(list(dict.fromkeys([*inside, *asked])))
    for key, values in asked.items():
        table = table.filter(pc.is_in(table[key], pa.array(values, SCHEMA.field(key).type)))
    for key in (key for key in PARTITIONS if key in names):
        value = pa.repeat(pa.scalar(getattr(part, key), SCHEMA.field(key).type), len(table))
        table = table.append_column(SCHEMA.field(key), value)
    return table.select(names)
