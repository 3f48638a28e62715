"""Layers whose levels lie on each other: which of them a picture or the globe shows at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.styles import Style

#: A folder of which one child is on at a time.
RADIO = "<Style><ListStyle><listItemType>radioFolder</listItemType></ListStyle></Style>"


def field(data: LayerData, style: Style) -> str | None:
    """Return the field of levels that hide each other, of which one is shown at a time.

    None where levels do not nest, and where they make the picture together: depths, the deep on the shallow, are
    told apart by the colour.
    """
    name = data.spec.nested_by
    return name if name and name != style.field else None


def present(data: LayerData, name: str) -> list[int]:
    """Return the levels that occur, from the whole down."""
    return sorted(int(level) for level in data.frame[name].dropna().unique())


def title(level: int, name: str, look: Look) -> str:
    """Return what a level is called: ``Level 2``."""
    return f"{look.label(name)} {level}"
