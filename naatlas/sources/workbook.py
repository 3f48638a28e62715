"""Spreadsheets (xlsx, xls): one sheet as text, the way a person reads it."""

from __future__ import annotations

import datetime as dt
import zipfile
from typing import TYPE_CHECKING, cast

import pandas as pd
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from naatlas.errors import InputError
from naatlas.sources import archive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from naatlas.sources.delimited import Read
    from naatlas.spec import Excel


def read_excel(path: Path, layout: Excel, *, name: str) -> Read:
    """Read one sheet as text.

    Returns
    -------
    tuple
        Headers, and one string column each, indexed by the row number that the spreadsheet shows. Numbers
        have their shortest form (3, not 3.0), dates are ISO 8601, a time of midnight is left out. Cells that
        show an error such as #N/A are empty.

    Raises
    ------
    InputError
        The workbook is damaged or locked, or has no such sheet or header row.
    """
    rows = _rows(path, layout, name)
    if len(rows) < layout.header_row or not any(str(cell).strip() for cell in rows[layout.header_row - 1]):
        raise InputError(
            f"{name}: row {layout.header_row} of sheet {layout.sheet!r} should be the header but is empty; "
            "correct header_row"
        )
    headers = as_text(rows[layout.header_row - 1])
    index = pd.RangeIndex(layout.header_row + 1, len(rows) + 1)
    body = zip(*rows[layout.header_row :], strict=True) if len(index) else ([] for _ in headers)
    # By way of Arrow: pandas would look at each cell again.
    texts = (pa.array(as_text(cells), type=pa.large_string()) for cells in body)
    return headers, [pd.Series(pd.arrays.ArrowStringArray(text), index=index) for text in texts]


def open_workbook(path: Path, *, name: str) -> CalamineWorkbook:
    """Open a workbook after looking for zip bombs.

    Raises
    ------
    InputError
        The file is empty, damaged or locked with a password.
    """
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{name}: the file is empty; download it again")
        if zipfile.is_zipfile(path):
            archive.check_zip(path, name=name)
        return CalamineWorkbook.from_path(path)
    except CalamineError as error:
        raise InputError(f"{name}: not a readable workbook ({error}); damaged, cut off or locked") from error
    except OSError as error:
        raise InputError(f"{name}: cannot be opened ({error.strerror or error})") from error


def as_text(cells: Sequence[object]) -> list[str]:
    """Write cells as a person reads them; a sequence of texts is returned as it is."""
    kinds = set(map(type, cells))
    if kinds <= {str}:
        return list(cast("Sequence[str]", cells))
    if kinds == {float}:
        return list(map(_number, cast("Sequence[float]", cells)))
    return [cell if type(cell) is str else _WRITERS[type(cell)](cell) for cell in cells]


def _rows(path: Path, layout: Excel, name: str) -> list[list[object]]:
    workbook = open_workbook(path, name=name)
    if layout.sheet not in workbook.sheet_names:
        sheets = ", ".join(repr(sheet) for sheet in workbook.sheet_names)
        raise InputError(f"{name}: has no sheet {layout.sheet!r}; it has {sheets}")
    try:
        # The empty rows above the first used one must stay, or the row numbers would be wrong.
        sheet = workbook.get_sheet_by_name(layout.sheet)
        return cast("list[list[object]]", sheet.to_python(skip_empty_area=False))
    except CalamineError as error:
        raise InputError(f"{name}: sheet {layout.sheet!r} is damaged ({error}); download it again") from error


def _number(value: float) -> str:
    # Adding nothing makes 0 of the minus 0 that some formulas leave.
    return repr(value + 0.0).removesuffix(".0")


def _moment(value: dt.datetime) -> str:
    return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")


_WRITERS: dict[type, Callable[..., str]] = {
    float: _number,
    int: str,
    bool: lambda value: "TRUE" if value else "FALSE",
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: str,
    type(None): lambda _: "",
}
