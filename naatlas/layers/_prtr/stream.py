"""A national file of the Toxics Release Inventory to a register store, without ever holding it whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from naatlas import register
from naatlas.errors import AccountError, UnknownTermsError
from naatlas.framework.places import resolve_state, unknown_places
from naatlas.harmonize.translate import numbers
from naatlas.layers._points import repaired
from naatlas.layers._prtr import tri
from naatlas.layers._prtr.tri_files import layout
from naatlas.sources import read_batches
from naatlas.sources.stream import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from naatlas.model import Table, Work
    from naatlas.spec import Source


@dataclass(slots=True)
class Account:
    """What was read and written, by source.

    Attributes
    ----------
    rows
        Forms of the national file.
    lines
        Lines of the long table: one a form and medium, at least one a form.
    points
        ``atlas_id``, ``longitude`` and ``latitude`` of the facilities of each stretch.
    """

    rows: dict[str, int] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    points: list[pd.DataFrame] = field(default_factory=list)

    def add(self, table: Table, told: pd.DataFrame) -> None:
        """Take a stretch of rows on the books.

        Raises
        ------
        AccountError
            A form is in no line, or a line is of no form.
        """
        name = table.source.id
        if set(told["row"]) != set(table.frame.index):
            lost = set(table.frame.index).symmetric_difference(told["row"])
            raise AccountError(f"source {name}: {len(lost)} row(s) went nowhere, e.g. row {min(lost)}")
        self.rows[name] = self.rows.get(name, 0) + len(table.frame)
        self.lines[name] = self.lines.get(name, 0) + len(told)


def store_tri(
    sources: Sequence[Source], data: Path, folder: Path, work: Work, *, rows: int = ROWS
) -> Account:
    """Read files of the TRI into a register store, in stretches.

    Every form is in the store, whether its facility has a usable point or not; beside it are the points that are
    usable, repaired as in the layers.

    Parameters
    ----------
    folder
        The store; a country and year that is in the files is replaced.
    work
        Takes the findings. Quantities are not put on its books: the account of a stream is the store itself.
    rows
        Rows of a stretch: memory grows with them, and with nothing else.

    Raises
    ------
    InputError
        A file cannot be read.
    UnknownTermsError
        Codes, units or columns that no table knows, of all files; nothing was written.
    """
    account = Account()
    register.write(_lines(sources, data, work, account, rows), folder)
    register.write_points(pd.concat(account.points).drop_duplicates("atlas_id", keep="last"), folder)
    return account


def _lines(
    sources: Sequence[Source], data: Path, work: Work, account: Account, rows: int
) -> Iterator[pd.DataFrame]:
    for source in sources:
        for table in read_batches(source, data, rows=rows):
            told = placed(table, tri.read(table, work), work)
            account.add(table, told)
            account.points.append(points(table))
            if not work.unknown:
                yield told
    if work.unknown:
        raise UnknownTermsError(list(dict.fromkeys(work.unknown)))


def points(table: Table) -> pd.DataFrame:
    """Return the usable points of the facilities of a stretch, each from its last form that has one."""
    columns = layout(table.source)
    text = table.frame
    point = pd.DataFrame(
        {"longitude": numbers(text[columns.longitude]), "latitude": numbers(text[columns.latitude])}
    )
    country = pd.Series(tri.COUNTRY, index=text.index)
    told = repaired(point, country, resolve_state(text[columns.state], tri.COUNTRY))
    told = told.assign(atlas_id=tri.ids_of(table))
    usable = told[told["coordinate_quality"].notna()]
    return usable.drop_duplicates("atlas_id", keep="last")[list(register.POINTS)]


def placed(table: Table, lines: pd.DataFrame, work: Work) -> pd.DataFrame:
    """Add country, state and sector, as each form tells them."""
    columns = layout(table.source)
    text = table.frame[columns.state]
    state = resolve_state(text, tri.COUNTRY)
    work.unknown.extend(unknown_places(f"{table.source.id}, column {columns.state}", text, state))
    sector = tri.sector(table, columns, work).told
    return lines.assign(
        country=tri.COUNTRY,
        state=lines["row"].map(state),
        sector=lines["row"].map(sector).fillna("not_stated"),
    )
