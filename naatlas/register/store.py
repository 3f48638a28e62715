"""The register store: Parquet files below ``country=USA/year=2023``, written from a stream in bounded memory.

Files are compressed with zstd in row groups of ``ROW_GROUP`` lines. Rows wait in memory until a partition has a full
row group, or until ``PENDING`` rows wait in all of them: then the fullest is written. So a stream may come in any
order, and memory does not grow with it.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from naatlas.errors import ProductError, UsageError
from naatlas.register.schema import FILE_SCHEMA, OPTIONAL, PARTITIONS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: Lines of a row group: some MB of memory for the reader, and long enough runs for the compression.
ROW_GROUP = 131_072

#: Lines that wait at most, in all partitions together: about 150 MB.
PENDING = 1_048_576

#: File of a partition.
NAME = "part-0.parquet"
_UNFINISHED = f".{NAME}.unfinished"


@dataclass(slots=True)
class _Open:
    """A partition that is being written."""

    path: Path
    writer: pq.ParquetWriter
    waiting: list[pa.Table] = field(default_factory=list)
    rows: int = 0

    def flush(self) -> int:
        rows, self.rows = self.rows, 0
        if rows:
            self.writer.write_table(pa.concat_tables(self.waiting), row_group_size=ROW_GROUP)
            self.waiting.clear()
        return rows


def write(frames: Iterable[pd.DataFrame | pa.Table], folder: Path) -> list[Path]:
    """Write a stream of tables to a store.

    A partition that occurs in the stream replaces what the store had of that country and year; the others stay. Until
    the stream has ended well the store stays as it was.

    Parameters
    ----------
    frames
        Tables with the columns of ``SCHEMA``, those of ``OPTIONAL`` where known, in any order of rows; further
        columns are left out.
    folder
        The store; made where it is not there.

    Returns
    -------
    list of Path
        The files written, sorted.

    Raises
    ------
    UsageError
        A column is missing, or holds what its type does not allow.
    ProductError
        A file cannot be written.
    """
    parts: dict[tuple[str, int], _Open] = {}
    try:
        with ExitStack() as files:
            for frame in frames:
                _take(as_table(frame), parts, folder, files)
            for part in parts.values():
                part.flush()
        return sorted(_publish(part.path) for part in parts.values())
    except OSError as error:
        raise ProductError(
            f"{folder}: the register store cannot be written ({error.strerror or error})"
        ) from error
    finally:
        for part in parts.values():
            part.path.unlink(missing_ok=True)


def _take(table: pa.Table, parts: dict[tuple[str, int], _Open], folder: Path, files: ExitStack) -> None:
    for key, rows in _split(table):
        if key not in parts:
            parts[key] = _begin(key, folder, files)
        part = parts[key]
        part.waiting.append(rows)
        part.rows += len(rows)
        if part.rows >= ROW_GROUP:
            part.flush()
    waiting = sum(part.rows for part in parts.values())
    while waiting > PENDING:
        waiting -= max(parts.values(), key=lambda part: part.rows).flush()


def _split(table: pa.Table) -> Iterator[tuple[tuple[str, int], pa.Table]]:
    """Part a table by country and year; the order of the rows is kept."""
    keys = table.select(PARTITIONS).group_by(PARTITIONS).aggregate([]).to_pylist()
    for key in sorted(keys, key=lambda key: (key["country"], key["year"])):
        own = pc.and_(
            pc.equal(table["country"], key["country"]),
            pc.equal(table["year"], pa.scalar(key["year"], pa.int16())),
        )
        rows = table if len(keys) == 1 else table.filter(own)
        _guard_country(rows, key["country"])
        yield (key["country"], key["year"]), rows.drop_columns(list(PARTITIONS))


def _guard_country(rows: pa.Table, country: str) -> None:
    """Facilities are counted by country and added up: none may be in two."""
    strange = rows["atlas_id"].filter(pc.invert(pc.starts_with(rows["atlas_id"], f"{country}-")))
    if len(strange):
        raise UsageError(
            f"register store: facility {strange[0].as_py()} is said to be in {country}; ids begin with {country}-"
        )


def _begin(key: tuple[str, int], folder: Path, files: ExitStack) -> _Open:
    home = folder / f"country={key[0]}" / f"year={key[1]}"
    home.mkdir(parents=True, exist_ok=True)
    path = home / _UNFINISHED
    writer = pq.ParquetWriter(path, FILE_SCHEMA, compression="zstd", compression_level=3, version="2.6")
    return _Open(path, files.enter_context(writer))


def _publish(path: Path) -> Path:
    target = path.with_name(NAME)
    os.replace(path, target)  # noqa: PTH105 - Path.replace is the same, but says less of what happens on Windows
    return target


def as_table(frame: pd.DataFrame | pa.Table) -> pa.Table:
    """Bring a table to the columns and types of ``SCHEMA``.

    Raises
    ------
    UsageError
        A column is missing, or holds what its type does not allow.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False) if isinstance(frame, pd.DataFrame) else frame
    columns = [_column(table, entry) for entry in SCHEMA]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _column(table: pa.Table, entry: pa.Field) -> pa.ChunkedArray:
    if entry.name not in table.column_names:
        if entry.name in OPTIONAL:
            return pa.chunked_array([pa.nulls(len(table), entry.type)])
        raise UsageError(
            f"register store: the table has no column {entry.name!r}, but {', '.join(table.column_names)}"
        )
    try:
        column = table[entry.name].cast(entry.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise UsageError(
            f"register store: column {entry.name!r} cannot be {entry.type} ({' '.join(str(error).split())})"
        ) from error
    if pa.types.is_floating(entry.type):
        column = pc.if_else(pc.is_nan(column), None, column)  # missing is null, whoever made the table
    if column.null_count and not entry.nullable:
        raise UsageError(f"register store: column {entry.name!r} is empty in {column.null_count} row(s)")
    return column
