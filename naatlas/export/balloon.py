"""The table in a balloon: a row for each field that has a value, the national term beside the harmonized one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from naatlas.export.columns import full, joined, together, where
from naatlas.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.export.cells import Cells
    from naatlas.export.columns import Template, Text
    from naatlas.export.look import Look
    from naatlas.spec import Field

#: Ending of the field that holds a value as the national register words it.
NATIONAL = "_national"
#: Ending of the field with the year that a value is of: ``co2_year`` is that of ``co2_t``.
YEAR = "_year"


def add_rows(told: Template, cells: Cells, fields: Sequence[Field], look: Look, *, heading: Text) -> None:
    """Add a table row for each field that has a value, and one that names all fields whose value is zero.

    A reported zero is not an absence, but a dozen rows of zeros would hide what matters. A name that says what the
    heading says needs no row.
    """
    zeros: dict[str, list[Text]] = {}
    names = {field.name for field in fields if field.balloon}
    for field in fields:
        if field.name not in names or _is_beside(field.name, names):
            continue
        label, values = escape(look.label(field.name)), cells.shown[field.name]
        if field.dtype == "real":
            zero = pc.equal(cells.typed[field.name], 0.0).fill_null(fill_value=False)
            values = where(pc.invert(zero), values)
            shared, own = parted(label)
            zeros.setdefault(shared, []).append(where(zero, own))
        elif field.name == "name" or field.name.startswith("name_"):
            values = where(pc.not_equal(values, heading), values)
        values = _with_year(field.name, _with_national(field.name, values, cells), cells)
        told.cells(f"<tr><td>{label}</td><td>", values, "</td></tr>")
    if zeros:
        told.cells(f"<tr><td>{look.phrase('zero')}</td><td><i>", listed(zeros), "</i></td></tr>")


def _is_beside(name: str, told: set[str]) -> bool:
    """Tell whether a field is shown beside the harmonized one instead of in a row of its own."""
    return name.endswith(NATIONAL) and name.removesuffix(NATIONAL) in told


def _with_national(name: str, values: Text, cells: Cells) -> Text:
    """Put the term of the national register beside the harmonized one, unless it is the same word."""
    national = cells.shown.get(name + NATIONAL)
    if national is None:
        return values
    other = pc.not_equal(pc.utf8_lower(national), pc.utf8_lower(values))
    return together(values, together(" <i>(", where(other, national), ")</i>").fill_null(""))


def _with_year(name: str, values: Text, cells: Cells) -> Text:
    """Put the year that a value is of behind it; two pollutants of one plant may be of two years."""
    stem = name.rpartition("_")[0] or name
    year = cells.shown.get(stem + YEAR)
    return values if year is None else together(values, together(" (", year, ")").fill_null(""))


def parted(label: str) -> tuple[str, str]:
    """Part a label such as ``Capacity: Wind`` into what it shares with others and its own words."""
    shared, colon, own = label.rpartition(": ")
    return shared + colon, own


def listed(groups: Mapping[str, Sequence[Text]]) -> Text:
    """List the labels of each row, saying what labels share only once; a row without any has none."""
    own = {shared: full(joined(*labels, between=", ")) for shared, labels in groups.items()}
    return full(joined(*(together(shared, labels) for shared, labels in own.items()), between="; "))
