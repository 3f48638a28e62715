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


def add_rows(told: Template, cells: Cells, fields: Sequence[Field], look: Look) -> None:
    """Add a table row for each field that has a value, and one that names all fields whose value is zero.

    A reported zero is not an absence, but a dozen rows of zeros would hide what matters.
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
        told.cells(f"<tr><td>{label}</td><td>", _with_national(field.name, values, cells), "</td></tr>")
    if zeros:
        told.cells(f"<tr><td>{look.phrase('zero')}</td><td><i>", listed(zeros), "</i></td></tr>")


def _is_beside(name: str, told: set[str]) -> bool:
    """Tell whether a field is shown beside the harmonized one instead of in a row of its own."""
    return name.endswith(NATIONAL) and name.removesuffix(NATIONAL) in told


def _with_national(name: str, values: Text, cells: Cells) -> Text:
    """Put the term of the national register beside the harmonized one."""
    national = cells.shown.get(name + NATIONAL)
    if national is None:
        return values
    return together(values, together(" <i>(", national, ")</i>").fill_null(""))


def parted(label: str) -> tuple[str, str]:
    """Part a label such as ``Capacity: Wind`` into what it shares with others and its own words."""
    shared, colon, own = label.rpartition(": ")
    return shared + colon, own


def listed(groups: Mapping[str, Sequence[Text]]) -> Text:
    """List the labels of each row, saying what labels share only once; a row without any has none."""
    own = {shared: full(joined(*labels, between=", ")) for shared, labels in groups.items()}
    return full(joined(*(together(shared, labels) for shared, labels in own.items()), between="; "))
