"""The legend, as a picture of dots and of lines, and the title that Google Earth lays over the map, in one language."""

from __future__ import annotations

import io
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from naatlas.export import canvas
from naatlas.export.numbers import format_short
from naatlas.text import span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.spec import Geometry
    from naatlas.styles import Style

#: Twice the 96 dots of an ordinary screen.
_DPI, _SCREEN_DPI = 192, 96
#: Height of the globe in the window of a common screen.
_WINDOW_PIXELS = 900
ROW_MM, _MARGIN_MM, _SWATCH_MM = 5.2, 3.2, 3.4
#: A name longer than this many characters goes on in a further line, so far below.
_NAME_CHARACTERS, _LINE_MM = 44, 3.6
HEADING_PT, TEXT_PT, _TITLE_PT = 8.5, 8.0, 15.0
#: The colour of a hair line on the map is still to be told in the legend.
_LEGEND_LINE_MM = 0.6
_PAPER = (1.0, 1.0, 1.0, 0.88)


def overlays(data: LayerData, look: Look) -> dict[str, bytes]:
    """Return the two PNG pictures by their path in the archive."""
    below = f"{look.text('atlas')} \u00b7 {look.phrase('edition', span(data.folder))}"
    if any(entry.tier == "starter" for entry in data.inputs):
        below += f" \u00b7 {look.phrase('starter')}"
    return {path("legend"): legend(data, look), path("title"): title(look.heading(data), below)}


def path(name: str) -> str:
    """Return where a picture lies in the archive."""
    return f"files/{name}.png"


def share(picture: bytes) -> float:
    """Return the share of the window's height at which a picture is as large as it was drawn."""
    from PIL import Image

    pixels = Image.open(io.BytesIO(picture)).height * _SCREEN_DPI / _DPI
    return float(round(min(pixels / _WINDOW_PIXELS, 0.9), 3))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend: what a class is called and how it is drawn."""

    name: str
    colour: str
    geometry: Geometry = "Point"
    edge: str = ""
    width_mm: float = 0.0
    filled: bool = True
    thinnest_mm: float = _LEGEND_LINE_MM
    code: str = "no-class"

    @property
    def lines(self) -> list[str]:
        """The name, in lines."""
        return textwrap.wrap(self.name, _NAME_CHARACTERS) or [""]

    @property
    def height_mm(self) -> float:
        """Height of its row."""
        return ROW_MM + _LINE_MM * (len(self.lines) - 1)


def classes(data: LayerData, look: Look) -> list[Entry]:
    """Return the classes that occur in the layer, in legend order; last the features without class.

    A quantity in cells has all its steps: the table of the raster tells means only.
    """
    style, kind, names = look.style, data.spec.geometry, look.class_names()
    codes: list[str | None] = [*style.colours]
    if kind != "Raster" or not style.breaks:
        values = style.classes(data.frame)
        present = set(values.dropna().unique())
        codes = [code for code in codes if code in present]
        codes += [None] if values.isna().any() else []
    return [_entry(style, code, names[code], kind) for code in codes]


def _entry(style: Style, code: str | None, name: str, kind: Geometry) -> Entry:
    colour = style.colour(code, kind)
    return Entry(
        name,
        colour,
        kind,
        edge=style.edge(code, colour),
        width_mm=style.width_mm(code),
        filled=code not in style.unfilled,
        code=code or "no-class",
    )


def heading(data: LayerData, look: Look) -> str:
    """Return what the classes are of: the name of the field, with its unit where the classes are steps."""
    field = look.style.field
    return look.heading_of(data.spec.field(field)) if look.style.breaks else look.label(field)


def size_heading(data: LayerData, look: Look) -> str:
    """Return the name of the field that decides the size, with its unit."""
    return look.heading_of(data.spec.field(str(look.style.size_field)))


def legend(data: LayerData, look: Look) -> bytes:
    """Draw the legend as PNG: a heading and the classes by colour, then circles by value."""
    with _sheet(data, look) as figure:
        return canvas.png(figure, _DPI)


def legend_svg(data: LayerData, look: Look) -> bytes:
    """Draw the same legend as SVG: sharp at any size, its texts are text, each class is a group ``class-<code>``."""
    with _sheet(data, look) as figure:
        return canvas.svg(figure, f"{look.title(data)} ({look.phrase('legend')})", look.language)


@contextmanager
def _sheet(data: LayerData, look: Look) -> Iterator[Figure]:
    entries = classes(data, look)
    values = canvas.legend_values(look.style)
    above = heading(data, look)
    below = size_heading(data, look) if values else ""
    width = _width(above, below, [line for entry in entries for line in entry.lines])
    height = (
        2 * _MARGIN_MM
        + ROW_MM
        + sum(entry.height_mm for entry in entries)
        + (ROW_MM * 1.4 + block_height(look.style) if values else 0)
    )
    with canvas.sheet(width, height, colour=_PAPER) as (figure, axes):
        top = draw_classes(axes, _MARGIN_MM, height - _MARGIN_MM, above, entries)
        if values:
            draw_sizes(axes, (_MARGIN_MM, top - ROW_MM * 0.4), below, look)
        yield figure


def _width(heading: str, below: str, names: list[str]) -> float:
    wide = [canvas.text_width_mm(text, HEADING_PT, bold=True) for text in (heading, below)]
    wide += [_SWATCH_MM + 2 + canvas.text_width_mm(name, TEXT_PT) for name in names]
    return max([*wide, 30.0]) + 2 * _MARGIN_MM


def draw_classes(axes: Axes, left: float, top: float, heading: str, entries: list[Entry]) -> float:
    """Draw heading and classes downwards from a corner (mm); return where they end."""
    canvas.write(axes, left, top - ROW_MM / 2, heading, HEADING_PT, weight="bold")
    top -= ROW_MM
    for entry in entries:
        middle = top - ROW_MM / 2
        _swatch(axes, left, middle, entry)
        for number, line in enumerate(entry.lines):
            canvas.write(axes, left + _SWATCH_MM + 2, middle - number * _LINE_MM, line, TEXT_PT)
        top -= entry.height_mm
    return top


def _swatch(axes: Axes, left: float, middle: float, entry: Entry) -> None:
    """Draw a circle, a piece of line or a patch, as the class looks on the map."""
    name = f"class-{entry.code}"
    if entry.geometry == "LineString":
        width = max(entry.width_mm, entry.thinnest_mm)
        canvas.line(axes, (left, left + _SWATCH_MM), middle, entry.colour, width, name=name)
    elif entry.geometry in {"Polygon", "Raster"}:
        fill, edge = (entry.colour if entry.filled else "none"), entry.edge
        size = (_SWATCH_MM, _SWATCH_MM * 0.75)
        canvas.patch(axes, (left, middle), size, fill, edge, entry.width_mm, name=name)
    else:
        diameter, centre = np.array([_SWATCH_MM]), (np.array([left + _SWATCH_MM / 2]), np.array([middle]))
        canvas.circles(axes, *centre, diameter, [entry.colour], name=name)


def block_height(style: Style) -> float:
    """Return the height in mm that the circles of the size legend take."""
    return max(sum(_step(style.diameter(value)) for value in canvas.legend_values(style)), ROW_MM)


def draw_sizes(
    axes: Axes, corner: tuple[float, float], heading: str, look: Look, *, shrink: float = 1.0
) -> float:
    """Draw heading and circles downwards from a corner (mm); return where they end.

    Parameters
    ----------
    shrink
        By how much the circles on the map are smaller than the style says.
    """
    left, top = corner
    canvas.write(axes, left, top - ROW_MM / 2, heading, HEADING_PT, weight="bold")
    top -= ROW_MM + 0.5
    widest = look.style.size_range[1] * shrink
    for value in canvas.legend_values(look.style):
        diameter = look.style.diameter(value) * shrink
        middle = np.array([top - _step(diameter) / 2])
        canvas.circles(axes, np.array([left + widest / 2]), middle, np.array([diameter]), ["#8a8f94"])
        canvas.write(axes, left + widest + 2, float(middle[0]), format_short(value, look.language), TEXT_PT)
        top -= _step(diameter)
    return top


def _step(diameter: float) -> float:
    """Return the height in mm of a line of the size legend: the circle, but at least its text."""
    return max(diameter, 4.0) + 1.0


def title(text: str, below: str) -> bytes:
    """Draw the title with a smaller line under it."""
    widths = canvas.text_width_mm(text, _TITLE_PT, bold=True), canvas.text_width_mm(below, TEXT_PT)
    width, height = max(widths) + 10, 14.0
    with canvas.sheet(width, height, colour=_PAPER) as (figure, axes):
        canvas.write(axes, width / 2, 9.2, text, _TITLE_PT, weight="bold", ha="center")
        canvas.write(axes, width / 2, 3.6, below, TEXT_PT, ha="center", color=canvas.MUTED_COLOUR)
        return canvas.png(figure, _DPI)
