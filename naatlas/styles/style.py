"""The style of a layer: classes by colour, quantities by steps, symbols by area, lines by width, names by scale."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from dataclasses import field as of_dataclass
from typing import TYPE_CHECKING, Literal

from naatlas.styles import colour as colours_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from naatlas.spec import Geometry, Language
    from naatlas.styles.breaks import Scheme

#: How lines and polygons are drawn when a style says nothing of it.
LINE_MM, OUTLINE, OPACITY = 0.25, "#6b6259", 0.75
#: How many circle sizes stand for the whole range of values where a product cannot grow them one by one.
SIZE_STEPS = 8

Check = Literal["contrast", "difference"]
Order = Literal["nominal", "sequential", "diverging"]


@dataclass(frozen=True, slots=True)
class Breaks:
    """The steps of a quantity.

    Attributes
    ----------
    limits
        Ascending values between the classes, one less than there are classes; a value that is a limit belongs to the
        class below it, as in QGIS and mapclassify. They are stated, so that the same data give the same bytes.
    scheme
        How the limits were found (:func:`naatlas.styles.breaks.find`).
    """

    limits: tuple[float, ...]
    scheme: Scheme = "manual"

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the classes, lowest first: ``step_0``, ``step_1``, ..."""
        return tuple(f"step_{number}" for number in range(len(self.limits) + 1))

    def code(self, value: float) -> str:
        """Return the class of a value."""
        return self.codes[bisect_left(self.limits, value)]

    def bounds(self, code: str) -> tuple[float | None, float | None]:
        """Return the limits of a class: above the first, up to the second; None where it is open."""
        ends = (None, *self.limits, None)
        number = self.codes.index(code)
        return ends[number], ends[number + 1]


@dataclass(frozen=True, slots=True)
class Labels:
    """Names on the map.

    Attributes
    ----------
    field
        Field of the name; a name in the reader's language (``name_fr``) comes before it where there is one.
    from_scale
        Names are drawn at this scale and at larger ones: 5000000 for 1:5,000,000.
    """

    field: str
    from_scale: float

    def columns(self, fields: frozenset[str], language: Language) -> tuple[str, ...]:
        """Return the columns of the names, of which the first that is filled counts; empty where there is none."""
        return tuple(name for name in (f"{self.field}_{language}", self.field) if name in fields)


@dataclass(frozen=True, slots=True)
class Exemption:
    """Classes that a check of colours is not held against, and why: it is said, never silent."""

    classes: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Style:
    """Classes by colour, symbols by area, lines by width.

    Attributes
    ----------
    field
        The coded field that decides the colour; its class list names the classes. With ``breaks`` it is a quantity.
    class_list
        Name of that class list in the words; empty with ``breaks``, whose classes are told by their limits.
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
    breaks
        Steps of a quantity; None for coded classes.
    order
        ``nominal`` where the classes have none; ``sequential`` from little to much, lightness runs one way;
        ``diverging`` to both sides of a middle, which is lightest or darkest.
    labels
        Names on the map; None for none.
    exempt
        Classes that a check of colours is not held against.
    timeline
        Table of the layer with the class of features in each year, for the time slider of the globe; empty for none.
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
    breaks: Breaks | None = None
    order: Order = "nominal"
    labels: Labels | None = None
    exempt: Mapping[Check, Exemption] = of_dataclass(default_factory=dict)
    timeline: str = ""

    def classes(self, frame: pd.DataFrame) -> pd.Series[str]:
        """Return the class of every feature: its code, or the step its quantity falls into; missing stays missing."""
        values = frame[self.field]
        if self.breaks is None:
            return values
        return values.astype("Float64").map(self.breaks.code, na_action="ignore").astype("str")

    def colour(self, code: str | None, geometry: Geometry = "Point") -> str:
        """Return the colour of a class; None is for features without one."""
        if code is not None:
            return self.colours[code]
        return colours_of.NO_CLASS_LINE if geometry == "LineString" else colours_of.NO_CLASS_COLOUR

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

    def steps(self) -> list[tuple[float, float, float]]:
        """Return lower value, upper value and diameter in mm of ``SIZE_STEPS`` symbols, equal steps of diameter.

        The first step has all values below its upper one, the last all from its lower one.
        """
        (low, high), (small, large) = self.size_limits, self.size_range
        if small == large:
            return [(low, high, small)]
        rise = (large - small) / SIZE_STEPS
        ends = [small + rise * number for number in range(SIZE_STEPS + 1)]
        values = [low + (end**2 - small**2) / (large**2 - small**2) * (high - low) for end in ends]
        return [(values[n], values[n + 1], ends[n] + rise / 2) for n in range(SIZE_STEPS)]

    def cell_colours(self, numbers: Mapping[str, int]) -> dict[int, tuple[int, int, int]]:
        """Return the colour table of a raster of classes: number in the cells -> red, green, blue.

        Parameters
        ----------
        numbers
            Code -> number in the cells, as the rules of the raster have it.
        """
        return {number: colours_of.rgb(self.colours[code]) for code, number in numbers.items()}
