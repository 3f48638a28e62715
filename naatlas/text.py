"""Text made harmless: the same cleaning for every product, and escaping for XML and HTML, both vectorised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Characters that XML 1.0 forbids, or at which C strings end: no product carries them.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: The same without surrogates, which UTF-8 cannot carry.
_FORBIDDEN_IN_UTF8 = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]"
REPLACEMENT = "\ufffd"
#: What these characters begin with or are in UTF-8.
_FORBIDDEN_BYTES = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_FORBIDDEN_PAIRS = ("\ufffe".encode(), "\uffff".encode())

#: A carriage return would be read back as a line feed, and Google Earth replaces ``$[name]`` by a field.
_ESCAPES = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("'", "&#39;"),
    ("\r", "&#13;"),
    ("$[", "&#36;["),
)
_SPECIAL = re.compile("[&<>\"'\r$]")
_MARK = "\x00"
_SPAN = re.compile(r"(?<!\d)([12]\d{3})to([12]\d{3})(?!\d)")
_YEARLY = re.compile(r".+-[12][0-9]{3}")


def clean(text: str) -> str:
    """Return the text with U+FFFD for each forbidden character, so that one sees that something was there."""
    return FORBIDDEN.sub(REPLACEMENT, text)


def clean_column(values: pd.Series) -> pd.Series:
    """Return a column as text (``str`` dtype) without forbidden characters; missing stays missing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        told = clean_column(pd.Series(values.cat.categories)).reindex(values.cat.codes)
        return told.set_axis(values.index)
    if values.dtype == object:
        # A Python string may hold half a surrogate pair, which no ``str`` column can.
        return values.map(lambda value: clean(str(value)), na_action="ignore").astype("str")
    told = values.astype("str")
    if not _forbidden_in(_bytes_of(_column(told))):
        return told
    hit = told.str.contains(_FORBIDDEN_IN_UTF8, regex=True, na=False)
    return told.mask(hit, told[hit].map(clean))


def _column(values: pd.Series) -> pa.LargeStringArray:
    told = pa.array(values, type=pa.large_string(), from_pandas=True)
    return told.combine_chunks() if isinstance(told, pa.ChunkedArray) else told


def _bytes_of(column: pa.LargeStringArray) -> bytes:
    """Return all texts of a column, one after the other: one scan of them finds what none of the texts has."""
    _, offsets, told = column.buffers()
    if offsets is None or told is None:
        return b""
    ends = memoryview(offsets).cast("q")
    return bytes(memoryview(told)[ends[column.offset] : ends[column.offset + len(column)]])


def _forbidden_in(told: bytes) -> bool:
    return len(told.translate(None, _FORBIDDEN_BYTES)) < len(told) or any(
        pair in told for pair in _FORBIDDEN_PAIRS
    )


def escape(text: str) -> str:
    """Return the text for use in XML and, inside a CDATA section, in HTML; forbidden characters replaced."""
    return _escape(clean(text))


def escape_all(texts: Sequence[str]) -> list[str]:
    """Escape many texts at once: they are joined, escaped as one, and split again."""
    if not texts:
        return []
    joined = _MARK.join(texts)
    if FORBIDDEN.search(joined.replace(_MARK, "")) or joined.count(_MARK) != len(texts) - 1:
        texts = [clean(text) for text in texts]
        joined = _MARK.join(texts)
    return _escape(joined).split(_MARK)


def escape_column(values: pd.Series) -> pa.LargeStringArray:
    """Return a column of texts as ``escape`` returns each; missing stays missing."""
    column = _column(clean_column(values))
    told = _bytes_of(column)
    for character, entity in _ESCAPES:
        if character.encode() in told:
            column = pc.replace_substring(column, character, entity)
    return cast("pa.LargeStringArray", column)


def _escape(text: str) -> str:
    if _SPECIAL.search(text) is None:
        return text
    for character, entity in _ESCAPES:
        text = text.replace(character, entity)
    return text


def cut(text: str, max_bytes: int) -> str:
    """Return the longest beginning of the text that fits into so many bytes of UTF-8, never half a character."""
    return text.encode("utf-8")[:max_bytes].decode("utf-8", errors="ignore")


def years_together(names: Iterable[str]) -> tuple[str, ...]:
    """Write names that differ only by the year at their end as one, in the order of the first of them.

    Such as ``mex-retc-em 2004-2018, 2020-2022`` for seventeen files; a name that stands alone stays as it is.
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        stem = name[:-5] if _YEARLY.fullmatch(name) else name
        groups.setdefault(stem, []).append(name)
    return tuple(
        found[0] if len(found) == 1 else f"{stem} {year_runs(int(name[-4:]) for name in found)}"
        for stem, found in groups.items()
    )


def span(edition: str) -> str:
    """Write an edition of several years as people read it: ``1987-2023`` for ``1987to2023``, which files are named."""
    return _SPAN.sub(r"\1-\2", edition)


def year_runs(years: Iterable[int]) -> str:
    """Write years the short way: ``2004-2018, 2020``."""
    told: list[list[int]] = []
    for year in sorted(set(years)):
        if told and told[-1][-1] == year - 1:
            told[-1].append(year)
        else:
            told.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in told)
