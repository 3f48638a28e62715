"""Delimited text: decoded as declared or refused, never guessed."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.errors import InputError
from naatlas.sources import archive

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from naatlas.spec import Csv

#: The encodings in which the three countries publish.
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1")

#: Longest cell; the default of 128 KiB of the csv module is too short for geometry as text.
MAX_CELL = 2**27

#: Byte order mark of UTF-8.
MARK = b"\xef\xbb\xbf"

Read = tuple[list[str], list[pd.Series]]


def read_csv(path: Path, layout: Csv, *, name: str) -> Read:
    """Read a delimited file as text.

    Returns
    -------
    tuple
        Headers, and one string column each, indexed by record number: the header is ``layout.header_row`` and
        the next record one more. A record is a line, unless a quoted cell holds a break; empty lines count.

    Raises
    ------
    InputError
        The bytes do not decode, or the records do not fit the header.
    """
    text = decode(archive.read_bytes(path, name=name, member=layout.member), layout.encoding, name=name)
    headers = headers_of(io.StringIO(text, newline=""), layout, name)
    columns = _columns(text, layout, len(headers), name)
    if len(columns) > len(headers):
        headers.append("")
    return headers, columns


def decode(data: bytes, encoding: str, *, name: str) -> str:
    """Decode strictly; a byte order mark is dropped.

    Raises
    ------
    InputError
        Says at which byte and line it fails and which encodings would do.
    """
    refuse_mark(data, encoding, name)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}: byte {error.start} (0x{data[error.start]:02x}, line {line}) is not {encoding}, "
            f"as declared; {_would_do(data)}"
        ) from error
    except LookupError as error:
        raise no_encoding(encoding, name) from error
    if "\x00" in text:
        raise nul(encoding, name)
    return text.removeprefix("\ufeff")


def refuse_mark(data: bytes, encoding: str, name: str) -> None:
    """Refuse the byte order mark of UTF-8 where another encoding is declared."""
    if data.startswith(MARK) and not encoding.lower().startswith("utf"):
        raise InputError(
            f"{name}: declared as {encoding}, but begins with the byte order mark of utf-8-sig; declare that"
        )


def no_encoding(encoding: str, name: str) -> InputError:
    """Say that the declared encoding does not exist."""
    return InputError(f"{name}: Python knows no encoding {encoding!r}; correct the layout")


def nul(encoding: str, name: str) -> InputError:
    """Say that a file is no text."""
    return InputError(
        f"{name}: holds NUL characters, so it is no {encoding} text; look at it with naatlas inspect"
    )


def candidates(data: bytes) -> list[str]:
    """Return those of the four usual encodings in which the bytes decode; utf-8-sig only with its mark."""
    marked = data.startswith(b"\xef\xbb\xbf")
    return [e for e in ENCODINGS if (e != "utf-8-sig" or marked) and _decodes(data, e)]


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _would_do(data: bytes) -> str:
    return f"it would decode as {' or '.join(candidates(data))}: find out which is right and declare it"


def headers_of(stream: TextIO, layout: Csv, name: str) -> list[str]:
    """Read the headers from the beginning of a file.

    Raises
    ------
    InputError
        There is none where the layout says, or the first record has more cells.
    """
    csv.field_size_limit(MAX_CELL)
    records = csv.reader(stream, delimiter=layout.delimiter)
    try:
        headers = next(islice(records, layout.header_row - 1, None), [])
        first = next(records, [])
    except csv.Error as error:
        raise InputError(f"{name}: the header cannot be read ({error})") from error
    if not any(header.strip() for header in headers):
        raise InputError(
            f"{name}: record {layout.header_row} should be the header but is empty; correct header_row"
        )
    # Of the first record alone pandas would cut off what is too much; of the others it says so.
    if len(first) > len(headers) + 1:
        raise InputError(f"{name}: record {layout.header_row + 1} has more cells than the header")
    return headers


def _columns(text: str, layout: Csv, width: int, name: str) -> list[pd.Series]:
    try:
        frame = pd.read_csv(io.StringIO(text, newline=""), **parsing(layout, width))
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame({i: pd.Series(dtype="string") for i in range(width + 1)})
    except pd.errors.ParserError as error:
        raise misfit(error, width, name) from error
    frame.index = pd.RangeIndex(layout.header_row + 1, layout.header_row + 1 + len(frame))
    return without_spare([frame[i] for i in range(width + 1)], name)


def parsing(layout: Csv, width: int) -> dict[str, Any]:
    """Options for pandas, so that every cell stays the text that it is."""
    return {
        "sep": layout.delimiter,
        "header": None,
        # One column more than there are headers: records that end in a delimiter are common and harmless.
        "names": range(width + 1),
        "index_col": False,
        "skiprows": layout.header_row,
        "dtype": "string",
        "na_filter": False,
        "skip_blank_lines": False,
    }


def misfit(error: Exception, width: int, name: str) -> InputError:
    """Say that records do not fit the headers."""
    return InputError(f"{name}: records do not fit the {width} headers ({_reason(error)})")


def without_spare(columns: list[pd.Series], name: str) -> list[pd.Series]:
    """Drop the spare column: it only holds something where records have a cell more than the header."""
    spare = columns[-1].str.strip()
    long = spare.index[spare != ""]
    if len(long):
        raise InputError(
            f"{name}: {len(long)} record(s) have more cells than the header, first record {long[0]}"
        )
    return columns[:-1]


def _reason(error: Exception) -> str:
    text = str(error).replace("Error tokenizing data. C error: ", "")
    return " ".join(text.split())
