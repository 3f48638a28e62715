"""Numbers as text, a column at a time; digit for digit what Python's own formatting gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naatlas.export.columns import TEXT, Text, joined, text
from naatlas.export.numbers import COARSE, MARKS, WHOLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.spec import Language

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Up to here every whole number is a float.
_EXACT = 2.0**53
#: Digits of the whole numbers of 64 bits, and the most decimals that Arrow writes without an exponent.
_DIGITS, _MOST_DECIMALS = 18, 6


def formatted(values: Floats, decimals: int, language: Language) -> Text:
    """Return numbers with the marks of a language, as ``numbers.format_all`` does."""
    return fixed(values, decimals, *MARKS[language])


def measured(values: Floats, decimals: int, language: Language) -> Text:
    """Return measured values with no more decimals than a reader can use, as ``numbers.format_measured`` does."""
    if decimals <= 1:
        return formatted(values, decimals, language)
    size = np.abs(values)
    places = np.where(size < COARSE, decimals, np.where(size < WHOLE, 1, 0))
    present = np.unique(places).tolist()
    rows = [np.flatnonzero(places == some) for some in present]
    told = [formatted(values[own], some, language) for own, some in zip(rows, present, strict=True)]
    order = np.argsort(np.concatenate([*rows, np.empty(0, dtype=np.int64)]))
    return pa.concat_arrays([*told, text([])]).take(pa.array(order))


def whole(values: Ints, language: Language) -> Text:
    """Return whole numbers with the mark of thousands of a language."""
    return _grouped(values, 0, MARKS[language][0])


def fixed(values: Floats, decimals: int, thousands: str = "", point: str = ".") -> Text:
    """Return numbers with so many decimals, rounded as Python rounds; what rounds to zero has no sign.

    Parameters
    ----------
    values
        No NaN.
    """
    if decimals > _MOST_DECIMALS or np.abs(values).max(initial=0) >= _EXACT / 10**decimals:
        return _by_python(values, decimals, thousands, point)
    told = _grouped(_rounded(values, decimals), decimals, thousands)
    return told if point == "." else cast("Text", pc.replace_substring(told, ".", point))


def _rounded(values: Floats, decimals: int) -> Ints:
    """Round to whole numbers of the last place.

    Python knows the exact value; its product with a power of ten may have been rounded. Where that ends in about a
    half, Python decides.
    """
    scaled = values * 10.0**decimals
    count = np.rint(scaled).astype(np.int64)
    close = np.abs(np.abs(scaled - count) - 0.5) <= np.abs(np.spacing(scaled))
    for at in np.flatnonzero(close).tolist():
        count[at] = int(f"{values[at]:.{decimals}f}".replace(".", ""))
    return count


def _grouped(count: Ints, decimals: int, mark: str) -> Text:
    """Return numbers, counted in their last place, with a mark between thousands."""
    plain, size, thousand = _told(count, decimals), np.abs(count), 1000 * 10**decimals
    if not mark or size.max(initial=0) < thousand:
        return plain
    above, below = np.divmod(size, thousand)
    # A leading digit keeps the zeros behind it, and gives way to the mark.
    last = pc.utf8_slice_codeunits(_told(below + thousand, decimals), 1)
    parted = joined(_grouped(above * np.sign(count), 0, mark), mark, last)
    return pc.if_else(pa.array(above > 0), parted, plain)


def _told(count: Ints, decimals: int) -> Text:
    numbers = pa.array(count)
    return (numbers.view(pa.decimal64(_DIGITS, decimals)) if decimals else numbers).cast(TEXT)


def _by_python(values: Floats, decimals: int, thousands: str, point: str) -> Text:
    """Format numbers that have more digits than a float tells exactly."""
    marks = {ord(","): thousands, ord("."): point}
    return text([f"{value:z,.{decimals}f}".translate(marks) for value in values.tolist()])
