"""Headers and cells: what makes a frame of text out of what a reader delivers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd
from rapidfuzz import fuzz, process

from naatlas.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.model import Table
    from naatlas.spec import Source

#: Columns that starter files carry beside the national ones; they are for readers of the file.
STARTER_COLUMNS = ("row_source", "row_attribution")

#: Similarity (0 to 100) from which another header is worth naming as the new name of a missing one.
_RENAMED = 60

#: Two-byte UTF-8 read as cp1252 or latin-1 is A with tilde or circumflex and then what 0x80 to 0xBF became;
#: beside it the beginnings of three-byte ones, and the replacement character itself or so read.
_AFTER = "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
_MOJIBAKE = f"[\u00c2\u00c3][{_AFTER}]|\u00e2\u20ac|\u00ef\u00bf\u00bd|\ufffd"


def collapse(header: str) -> str:
    """Header with every run of white space (line breaks, no-break blanks) as one blank, without BOM."""
    return " ".join(header.replace("\ufeff", "").split())


def to_frame(
    headers: Sequence[str], columns: Sequence[pd.Series], source: Source, *, name: str
) -> pd.DataFrame:
    """Build the frame of a table.

    Parameters
    ----------
    headers
        As they stand in the file, one a column.
    columns
        Text, aligned, indexed by row number in the file.
    name
        How messages call the file.

    Returns
    -------
    pandas.DataFrame
        String columns; empty cells and the texts of ``source.missing`` are NA; rows without text are gone.

    Raises
    ------
    InputError
        A declared column is missing or stands twice.
    """
    plain = [collapse(header) for header in headers]
    _check_headers(plain, source, name)
    unique = _unique(plain)
    bare = [column.str.strip() for column in columns]
    full = [(stripped != "").to_numpy(dtype=bool) for stripped in bare]
    keep = [i for i, label in enumerate(plain) if label or full[i].any()]
    missing = ["", *source.missing]
    frame = pd.DataFrame({unique[i]: columns[i].mask(bare[i].isin(missing)) for i in keep})
    lively = pd.DataFrame({unique[i]: full[i] for i in keep}, index=frame.index).any(axis=1)
    return frame[lively].rename_axis(index="row")


def _unique(headers: list[str]) -> list[str]:
    """Give nameless and repeated columns their place as name, so that no cell is lost."""
    seen: set[str] = set()
    labels = []
    for place, header in enumerate(headers, start=1):
        label = header if header and header not in seen else f"{header} (column {place})".strip()
        seen.add(label)
        labels.append(label)
    return labels


def _check_headers(headers: list[str], source: Source, name: str) -> None:
    count = Counter(headers)
    declared = (*source.columns, *(source.totals or ())[:1])
    wanted = list(dict.fromkeys(collapse(column) for column in declared))
    told = [_lost(column, headers, wanted) for column in wanted if column not in count]
    told += [f'"{column}" stands {count[column]} times' for column in wanted if count[column] > 1]
    if told:
        raise InputError(
            f"{name}: column {'; column '.join(told)}; "
            f"use the {source.vintage} file of source {source.id}, or correct the specification"
        )


def _lost(column: str, headers: list[str], wanted: list[str]) -> str:
    others = [header for header in headers if header and header not in wanted]
    best = process.extractOne(
        column, others, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_RENAMED
    )
    hint = f'renamed? nearest is "{best[0]}"' if best else "no header is like it"
    return f'"{column}" is missing ({hint})'


def is_total(table: Table) -> pd.Series:
    """Tell which rows are the publisher's own totals or notes; all False where the source declares none.

    Returns
    -------
    pandas.Series
        Boolean, by row number.
    """
    if table.source.totals is None:
        return pd.Series(data=False, index=table.frame.index, dtype=bool)
    column, pattern = table.source.totals
    return table.frame[collapse(column)].str.contains(pattern, regex=True).fillna(value=False).astype(bool)


def looks_like_mojibake(text: pd.Series) -> pd.Series:
    """Tell which cells look like UTF-8 that somebody read as a one-byte encoding ("MÃ©xico").

    Returns
    -------
    pandas.Series
        Boolean, aligned; missing cells are False.
    """
    return text.str.contains(_MOJIBAKE, regex=True).fillna(value=False).astype(bool)
