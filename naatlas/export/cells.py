"""The values of some features as text: as they are exchanged, and as people of a language read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from naatlas.export import digits
from naatlas.export.arrow import column
from naatlas.export.columns import TEXT, Text, text, together, where
from naatlas.export.numbers import is_year, symbol
from naatlas.text import escape, escape_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.spec import Field


@dataclass(frozen=True, slots=True)
class Cells:
    """The values of some features by field, missing where there is no value.

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


class Columns:
    """The values of all features in one language, as Arrow holds them: cleaned and escaped once, not block by block.

    Numbers become text with the block that they are written in, or memory would grow with the layer.
    """

    def __init__(self, frame: pd.DataFrame, fields: Sequence[Field], look: Look) -> None:
        self._fields, self._look = fields, look
        self._texts = {f.name: escape_column(frame[f.name]) for f in fields if _is_plain(f)}
        self._codes = {f.name: _Codes.of(frame[f.name], f.classes, look) for f in fields if f.classes}
        self._typed = {f.name: column(frame[f.name], f.dtype) for f in fields if f.dtype != "text"}

    def cells(self, rows: NDArray[np.int64]) -> Cells:
        """Return the values of some features, by position, in that order."""
        cells, places = Cells({}, {}, {}), pa.array(rows)
        for field in self._fields:
            name = field.name
            if name in self._typed:
                self._add_number(cells, field, self._typed[name].take(places))
            elif name in self._codes:
                cells.raw[name], cells.shown[name] = self._codes[name].at(places)
            else:
                cells.raw[name] = cells.shown[name] = self._texts[name].take(places)
        return cells

    def _add_number(self, cells: Cells, field: Field, values: pa.Array) -> None:
        name, look = field.name, self._look
        cells.typed[name] = values
        if field.dtype == "boolean":
            cells.raw[name] = _chosen(("0", "1"), values)
            cells.shown[name] = _chosen((look.phrase("no"), look.phrase("yes")), values)
            return
        cells.raw[name] = values.cast(TEXT)
        cells.shown[name] = cells.raw[name] if is_year(field) else _measured(values, field, look)


def _is_plain(field: Field) -> bool:
    return field.dtype == "text" and not field.classes


@dataclass(frozen=True, slots=True)
class _Codes:
    """A coded column: each code and the name of its class once, escaped, and by feature which of them it has."""

    codes: Text
    names: Text
    which: pa.IntegerArray

    @classmethod
    def of(cls, values: pd.Series, class_list: str, look: Look) -> _Codes:
        place, present = pd.factorize(values)
        names = [escape(look.class_name(code, class_list)) for code in present]
        which = pa.array(place, mask=place < 0)
        return cls(text([escape(code) for code in present]), text(names), which)

    def at(self, places: pa.IntegerArray) -> tuple[Text, Text]:
        """Return codes and names of the features in some places."""
        which = self.which.take(places)
        return self.codes.take(which), self.names.take(which)


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
