"""How a layer looks, written once in ``styles/<slug>.yaml`` and used by every product."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as of_dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from naatlas.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLOUR = re.compile(r"#[0-9a-f]{6}")

#: Parts of the base map of the preview that a layer can stand in for.
BASE_PARTS = frozenset({"sea", "land", "lakes", "borders"})
#: How lines and polygons are drawn when a style says nothing of it.
LINE_MM, OUTLINE, OPACITY = 0.25, "#6b6259", 0.75


@dataclass(frozen=True, slots=True)
class Style:
    """Classes by colour, symbols by area, lines by width.

    Attributes
    ----------
    field
        The coded field that decides the colour; its class list names the classes.
    class_list
        Name of that class list in the words.
    colours
        Code -> ``#rrggbb``, in legend order.
    size_field
        Numeric field whose value the symbol's area is proportional to; None for one size.
    size_range
        Diameter in millimetres of the smallest and the largest symbol.
    size_limits
        Values of ``size_field`` that get these diameters; values outside are drawn as the limit.
    widths_mm
        Code -> width in millimetres of the line, or of the outline of the polygon, where it is not ``line_mm``.
    unfilled
        Codes whose polygons are drawn as outlines only, in the colour of the class.
    line_mm
        Width in millimetres of lines, or of the outlines of polygons.
    outline
        Colour of the outlines of filled polygons, ``#rrggbb``.
    opacity
        Of the fill of polygons over somebody else's map, 0 to 1; on a map of our own it is whole.
    draw
        Codes in the order in which they are drawn, the last one on top.
    replaces
        Parts of the base map that the layer shows itself (``land``, ``lakes``, ``borders``): not drawn twice. A layer
        that shows the ``sea`` gets a plate below legend and title, which otherwise stand on the empty Pacific.
    """

    slug: str
    field: str
    class_list: str
    colours: dict[str, str]
    size_field: str | None
    size_range: tuple[float, float]
    size_limits: tuple[float, float]
    widths_mm: Mapping[str, float] = of_dataclass(default_factory=dict)
    unfilled: frozenset[str] = frozenset()
    line_mm: float = LINE_MM
    outline: str = OUTLINE
    opacity: float = OPACITY
    draw: tuple[str, ...] = ()
    replaces: frozenset[str] = frozenset()

    def width_mm(self, code: str | None) -> float:
        """Width in mm of the line or outline of a class; None for features without class."""
        return self.line_mm if code is None else self.widths_mm.get(code, self.line_mm)

    def edge(self, code: str | None, fill: str) -> str:
        """Colour of the outline of a polygon whose class has the colour ``fill``."""
        return fill if code in self.unfilled else self.outline

    def layers(self) -> dict[str | None, int]:
        """Place of each class in the order of drawing; features without class (None) lie at the bottom."""
        return {None: 0} | {
            code: place for place, code in enumerate(self.draw or [*self.colours][::-1], start=1)
        }

    def diameter(self, value: float) -> float:
        """Diameter in mm of the symbol for a value: its area grows as the value does, between the limits."""
        low, high = self.size_limits
        share = (min(max(value, low), high) - low) / (high - low)
        small, large = self.size_range
        return float((small**2 + share * (large**2 - small**2)) ** 0.5)


@cache
def load(slug: str) -> Style:
    """Read ``styles/<slug>.yaml``.

    Raises
    ------
    SpecError
        The file is missing or a colour is not ``#rrggbb``.
    """
    import yaml

    path = resources.files("naatlas") / "styles" / f"{slug}.yaml"
    if not path.is_file():
        raise SpecError(f"layer {slug}: its style is missing; write naatlas/styles/{slug}.yaml")
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    size, line = told.get("size") or {}, told.get("line") or {}
    classes: dict[str, dict[str, Any]] = told["classes"]
    style = Style(
        slug=slug,
        field=told["field"],
        class_list=told["class_list"],
        colours={code: str(entry["colour"]).lower() for code, entry in classes.items()},
        size_field=size.get("field"),
        size_range=tuple(size.get("range_mm", (2.0, 2.0))),
        size_limits=tuple(size.get("limits", (0.0, 1.0))),
        widths_mm={code: float(entry["width_mm"]) for code, entry in classes.items() if "width_mm" in entry},
        unfilled=frozenset(code for code, entry in classes.items() if not entry.get("fill", True)),
        line_mm=float(line.get("width_mm", LINE_MM)),
        outline=str(told.get("outline", OUTLINE)).lower(),
        opacity=float(told.get("opacity", OPACITY)),
        draw=tuple(told.get("draw", ())),
        replaces=frozenset(told.get("replaces", ())),
    )
    _check(style)
    return style


def _check(style: Style) -> None:
    """Refuse what no product could draw; names the file."""
    where = f"styles/{style.slug}.yaml"
    colours = style.colours | {"outline": style.outline}
    if bad := [code for code, colour in colours.items() if not _COLOUR.fullmatch(colour)]:
        raise SpecError(f"{where}: colour of {', '.join(bad)} is not #rrggbb")
    if style.draw and sorted(style.draw) != sorted(style.colours):
        raise SpecError(f"{where}: draw must name every class once")
    if lost := sorted(style.replaces - BASE_PARTS):
        raise SpecError(
            f"{where}: replaces names {', '.join(lost)}; there are {', '.join(sorted(BASE_PARTS))}"
        )
    if not 0 <= style.opacity <= 1 or min([style.line_mm, *style.widths_mm.values()]) <= 0:
        raise SpecError(f"{where}: opacity lies between 0 and 1, and widths are above 0")
