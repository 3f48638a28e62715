"""How a layer looks, written once in ``styles/<slug>.yaml`` and used by every product."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from naatlas.errors import SpecError

_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Style:
    """Classes by colour, symbols by area.

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
    """

    slug: str
    field: str
    class_list: str
    colours: dict[str, str]
    size_field: str | None
    size_range: tuple[float, float]
    size_limits: tuple[float, float]

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
    colours = {code: str(entry["colour"]).lower() for code, entry in told["classes"].items()}
    if bad := [code for code, colour in colours.items() if not _COLOUR.fullmatch(colour)]:
        raise SpecError(f"styles/{slug}.yaml: colour of {', '.join(bad)} is not #rrggbb")
    size = told.get("size") or {}
    return Style(
        slug=slug,
        field=told["field"],
        class_list=told["class_list"],
        colours=colours,
        size_field=size.get("field"),
        size_range=tuple(size.get("range_mm", (2.0, 2.0))),
        size_limits=tuple(size.get("limits", (0.0, 1.0))),
    )
