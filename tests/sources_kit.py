"""What the tests of the sources room share: a source in one line, and files in the publishers' layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xlsxwriter

from naatlas.spec import Csv, Licence, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from naatlas.spec import Layout

LICENCE = Licence(id="pd", name="Public domain", attribution="EIA", url="https://www.cec.org/licence")


def source(
    path: str,
    layout: Layout | None = None,
    columns: Sequence[str] = (),
    *,
    missing: Sequence[str] = ("",),
    totals: tuple[str, str] | None = None,
    starter: str | None = None,
    optional: bool = False,
    name: str = "register",
) -> Source:
    return Source(
        id=name,
        country=None,
        title="A register",
        publisher="An agency",
        landing_page="https://www.cec.org/register",
        licence=LICENCE,
        vintage="2023",
        path=path,
        layout=layout or Csv(),
        columns=tuple(columns),
        missing=tuple(missing),
        totals=totals,
        starter=starter,
        optional=optional,
    )


def workbook(path: Path, rows: Sequence[Sequence[object]], *, sheet: str = "Plant", below: int = 0) -> Path:
    """Write rows to a sheet, beginning ``below`` rows under the top; dates get a date format."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows, start=below):
            for place, cell in enumerate(row):
                write = page.write_string if isinstance(cell, str) else page.write
                write(number, place, cell)
    return path
