"""The values of some features as text: as they are exchanged, and as people of a language read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from naatlas.export import digits
from naatlas.export.arrow import column
from naatlas.export.columns import TEXT, Text, text, together, where
from naatlas.export.numbers import is_year, symbol
from naatlas.text import escape, escape_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.spec import Field


@dataclass(frozen=True, slots=True)
class Cells:
    """Columns by field, missing where there is no value.

    Attributes
    ----------
    typed
        Numbers and truth values.
    raw
        Values as text for programs, escaped: codes, points for decimals, 0 and 1.
    shown
        Values as people read them, escaped: names of classes, marks of the language, units.
    """

    typed: dict[str, pa.Array]
    raw: dict[str, Text]
    shown: dict[str, Text]

    @classmethod
    def of(cls, frame: pd.DataFrame, rows: NDArray[np.int64], fields: Sequence[Field], look: Look) -> Cells:
        """Return the values of some rows, by position, in that order."""
        cells = cls({}, {}, {})
        some = frame[[field.name for field in fields]].iloc[rows]
        for field in fields:
            cells._add(some[field.name], field, look)
        return cells

    def _add(self, values: pd.Series, field: Field, look: Look) -> None:
        name = field.name
        if field.dtype == "text":
            self.raw[name] = escape_column(values)
            self.shown[name] = _named(values, field.classes, look) if field.classes else self.raw[name]
            return
        typed = self.typed[name] = column(values, field.dtype)
        if field.dtype == "boolean":
            self.raw[name] = _chosen(("0", "1"), typed)
            self.shown[name] = _chosen((look.phrase("no"), look.phrase("yes")), typed)
            return
        self.raw[name] = typed.cast(TEXT)
        self.shown[name] = self.raw[name] if is_year(field) else _measured(typed, field, look)


def _named(codes: pd.Series, class_list: str, look: Look) -> Text:
    """Return the names of classes."""
    place, present = pd.factorize(codes)
    names = [escape(look.class_name(code, class_list)) for code in present]
    return text([*names, None]).take(pa.array(np.where(place < 0, len(names), place)))


def _chosen(words: tuple[str, str], values: pa.BooleanArray) -> Text:
    """Return the first word for false, the second for true."""
    return text(words).take(values.cast(pa.int8()))


def _measured(values: pa.Array, field: Field, look: Look) -> Text:
    """Return numbers with the marks of the language and their unit."""
    numbers, unit = values.fill_null(0).to_numpy(), symbol(field.unit)
    if field.dtype == "integer":
        told = digits.whole(numbers, look.language)
    else:
        write = digits.measured if unit else digits.formatted
        told = write(numbers, field.decimals, look.language)
    told = together(told, f"\u00a0{unit}") if unit else told
    return where(values.is_valid(), told) if values.null_count else told
