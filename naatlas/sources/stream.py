"""Delimited files in stretches of rows: a national register of a year need not fit into memory at once."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.errors import InputError, UsageError
from naatlas.model import Table
from naatlas.sources import archive, cells, delimited, known, locate
from naatlas.spec import Csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from gzip import GzipFile
    from pathlib import Path
    from typing import IO, TextIO

    from naatlas.model import InputFile
    from naatlas.spec import Source

    _Reader = IO[bytes] | GzipFile

#: Rows of a stretch: of a register of 122 columns they take some 100 MB as text.
ROWS = 10_000

_CHUNK = 2**20


def read_batches(source: Source, data: Path, *, rows: int = ROWS) -> Iterator[Table]:
    """Read a delimited file as :func:`naatlas.sources.read` does, a stretch of rows at a time.

    Parameters
    ----------
    rows
        Rows of a stretch.

    Yields
    ------
    Table
        Rows as published, numbered as in the whole file. Nameless columns are left out of stretches where they are
        empty.

    Raises
    ------
    UsageError
        The source is no delimited file.
    InputError
        As for a whole file; what is wrong farther down is told when the reading comes there.
    """
    layout = source.layout
    if not isinstance(layout, Csv):
        raise UsageError(f"source {source.id}: only delimited files can be read in stretches")
    path = locate.locate(source, data)
    entry = locate.describe(source, path, data)
    known.refuse_mistaken(entry)
    with _text(path, layout, entry.name) as stream:
        headers = delimited.headers_of(stream, layout, entry.name)
    # the header is read by another parser, which reads ahead: the rows begin with the file anew
    with _text(path, layout, entry.name) as stream:
        for frame in _frames(stream, layout, len(headers), entry.name, rows):
            yield _table(frame, headers, source, entry)


def _table(frame: pd.DataFrame, headers: list[str], source: Source, entry: InputFile) -> Table:
    columns = delimited.without_spare([frame[i] for i in frame.columns], entry.name)
    return Table(source, cells.to_frame(headers, columns, source, name=entry.name), entry)


def _frames(stream: TextIO, layout: Csv, width: int, name: str, rows: int) -> Iterator[pd.DataFrame]:
    first = layout.header_row + 1
    try:
        with pd.read_csv(stream, chunksize=rows, **delimited.parsing(layout, width)) as parser:
            for frame in parser:
                yield frame.set_axis(pd.RangeIndex(first, first + len(frame)), axis="index")
                first += len(frame)
    except pd.errors.EmptyDataError:
        return
    except pd.errors.ParserError as error:
        raise delimited.misfit(error, width, name) from error


@contextmanager
def _text(path: Path, layout: Csv, name: str) -> Iterator[TextIO]:
    """Open the file as text, unpacked."""
    try:
        with ExitStack() as files:
            binary = io.BufferedReader(
                _Checked(_unpacked(path, layout, name, files), path, layout, name), _CHUNK
            )
            if binary.peek(len(delimited.MARK)).startswith(delimited.MARK):
                delimited.refuse_mark(delimited.MARK, layout.encoding, name)
                binary.read(len(delimited.MARK))
            yield _decoded(binary, layout.encoding, name)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: byte 0x{error.object[error.start]:02x} is not {layout.encoding}, as declared; "
            "naatlas inspect tells in which encoding it would decode"
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise InputError(f"{name}: damaged or cut off ({error}); download it again") from error


def _decoded(binary: IO[bytes], encoding: str, name: str) -> TextIO:
    try:
        return io.TextIOWrapper(binary, encoding=encoding, newline="")
    except LookupError as error:
        raise delimited.no_encoding(encoding, name) from error


def _unpacked(path: Path, layout: Csv, name: str, files: ExitStack) -> _Reader:
    packed = archive.kind_of(path, name=name)
    if packed == "gzip":
        return files.enter_context(gzip.open(path))
    if packed == "zip":
        member = archive.member_of(path, name=name, member=layout.member)
        return files.enter_context(files.enter_context(zipfile.ZipFile(path)).open(member))
    return files.enter_context(path.open("rb"))


class _Checked(io.RawIOBase):
    """Bytes as they come out of a file, until they are too many for what was packed, or no text."""

    def __init__(self, inner: _Reader, path: Path, layout: Csv, name: str) -> None:
        self._inner, self._encoding, self._name = inner, layout.encoding, name
        self._packed, self._unpacked = path.stat().st_size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the type of a writable buffer has no name before 3.12
        part = self._inner.read(len(buffer))
        self._unpacked += len(part)
        archive.check_size(self._unpacked, self._packed, self._name)
        if b"\x00" in part:
            raise delimited.nul(self._encoding, self._name)
        buffer[: len(part)] = part
        return len(part)
