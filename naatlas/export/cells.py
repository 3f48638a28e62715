"""The values of some features as text: as they are exchanged, and as people of a language read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from naatlas.export import digits
from naatlas.export.arrow import column
from naatlas.export.columns import TEXT, Text, text, together, where
from naatlas.export.numbers import is_year, symbol
from naatlas.framework.places import country_names, state_names
from naatlas.text import escape, escape_column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.spec import Field

#: Fields that list codes of the framework, and what names these.
_LISTS = {"countries": country_names, "states": state_names}
_BETWEEN = ", "
#: The field that says of when the values of a feature are: a year, or a month as in 201708.
PERIOD = "reference_period"
_MONTH = "^([0-9]{4})(0[1-9]|1[0-2])$"


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
        coded = {f.name: naming for f in fields if (naming := _naming(f, look))}
        self._codes = {name: _Codes.of(frame[name], naming) for name, naming in coded.items()}
        self._typed = {f.name: column(frame[f.name], f.dtype) for f in fields if f.dtype != "text"}
        plain = [f.name for f in fields if f.name not in coded and f.name not in self._typed]
        self._texts = {name: escape_column(frame[name]) for name in plain}

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
                told = cells.raw[name] = self._texts[name].take(places)
                cells.shown[name] = _dated(told) if name == PERIOD else told
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


def _naming(field: Field, look: Look) -> Callable[[str], str] | None:
    """Return what names the values of a coded field, or of one that lists codes of the framework."""
    if field.classes:
        return partial(look.class_name, class_list=field.classes)
    if field.dtype == "text" and field.name in _LISTS:
        return partial(_listed, names=_LISTS[field.name](look.language))
    return None


def _listed(codes: str, names: Mapping[str, str]) -> str:
    return _BETWEEN.join(names.get(code, code) for code in codes.split(_BETWEEN))


def _dated(periods: Text) -> Text:
    """Write a month with a hyphen, as ISO 8601 does: 201708 reads like a number."""
    return cast("Text", pc.replace_substring_regex(periods, _MONTH, r"\1-\2"))


@dataclass(frozen=True, slots=True)
class _Codes:
    """A coded column: each code and the name of its class once, escaped, and by feature which of them it has."""

    codes: Text
    names: Text
    which: pa.IntegerArray

    @classmethod
    def of(cls, values: pd.Series, naming: Callable[[str], str]) -> _Codes:
        place, present = pd.factorize(values)
        names = [escape(naming(code)) for code in present]
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
