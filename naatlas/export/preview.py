"""The preview: one finished map of the layer in the framework projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from naatlas.export import basemap, canvas, legend, levels
from naatlas.export.numbers import format_short
from naatlas.metadata.marks import MARKS
from naatlas.model import Cells, Points
from naatlas.styles.colour import SEA
from naatlas.text import span

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.spec import Language

#: A4, landscape.
_WIDTH_MM, _HEIGHT_MM, _DPI = 297.0, 210.0, 150
_EDGE_MM = 6.0
#: Framework metres at the centre of the sheet, and metres of ground for a millimetre of paper (1:39 million):
#: from Hawaii to Newfoundland, from Chiapas to Ellesmere Island.
_CENTRE_M, _GROUND_M_PER_MM = (-1_400_000.0, 560_000.0), 39_000.0
#: Of the map without words: 1,169 pixels wide, in as many colours as leave the classes as they are.
_PICTURE_DPI, _PICTURE_COLOURS = 100, 128
#: Symbols of the style are drawn for a wall of detail; the sheet shows a continent.
_SYMBOL_SHRINK = 0.62
#: Outlines of polygons would otherwise cover the small ones.
_EDGE_SHRINK = 0.5
#: A third of a pixel: finer is not seen.
_FINEST_M = _GROUND_M_PER_MM * canvas.MM_PER_INCH / _DPI / 3
_CREDIT_CHARACTERS, _TITLE_CHARACTERS = 100, 22
_FOOT_PT, _TITLE_MM = 6.5, 11.0
#: Draft, or restricted: red, and mostly transparent.
_ACROSS = (0.75, 0.1, 0.1, 0.3)
#: Width of the outline of the first of nested levels, over the hair lines of the last.
_TOP_LEVEL_MM = 0.4
#: Paper below title, legend and foot of a layer that shows the sea, and how much wider than the texts it is.
_PLATE, _PLATE_MARGIN_MM = "white", 6.0


def write(data: LayerData, path: Path, *, look: Look) -> None:
    """Draw the layer with legend, title, scale bar and credits, and write it as PNG (A4 landscape, 150 dpi).

    Symbols have the colour of their class and an area in proportion to their value; large ones lie below
    small ones. Lines and polygons are drawn class by class in the order of the style; parts of the base map that
    the layer shows itself are left out. Of levels that hide each other the last is drawn, and the outlines of the
    first above it. Same data, same bytes.
    """
    with canvas.sheet(_WIDTH_MM, _HEIGHT_MM, colour=SEA) as (figure, axes):
        _ground(figure, data, look)
        paper = canvas.plane(figure, _WIDTH_MM, _HEIGHT_MM)
        axes.remove()
        ends = _legend(paper, data, look, _title(paper, data, look)), _foot(paper, data, look)
        if "sea" in look.style.replaces:
            _plates(paper, *ends)
        for mark in data.marks:
            _across(paper, " - ".join(MARKS[mark].values()))
        path.write_bytes(canvas.png(figure, _DPI))


def picture(data: LayerData, *, look: Look) -> bytes:
    """Draw the same map without a word on it, for pages that have title and legend beside it, as a small PNG.

    Look's language is of no account.
    """
    with canvas.sheet(_WIDTH_MM, _HEIGHT_MM, colour=SEA) as (figure, axes):
        axes.remove()
        _ground(figure, data, look)
        return canvas.small_png(figure, _PICTURE_DPI, _PICTURE_COLOURS)


def _ground(figure: Figure, data: LayerData, look: Look) -> None:
    axes = _map(figure)
    if isinstance(data.geometry, Points):
        basemap.draw(axes)
        _symbols(axes, data, look)
    elif isinstance(data.geometry, Cells):
        _cells(axes, data, look)
    else:
        _shapes(axes, data, look)


def _cells(axes: Axes, data: LayerData, look: Look) -> None:
    """Draw a raster on the land and below the borders."""
    from naatlas.export import raster_picture  # GDAL's raster half is loaded only for rasters

    basemap.draw(axes, without=look.style.replaces | {"borders", "lakes"})
    raster_picture.draw(axes, data, look.style, pixel_m=_GROUND_M_PER_MM * canvas.MM_PER_INCH / _DPI)
    if "lakes" not in look.style.replaces:
        basemap.draw_lakes(axes)
    basemap.draw_borders(axes)


def _map(figure: Figure) -> Axes:
    axes = figure.add_axes((0, 0, 1, 1))
    half_x, half_y = _WIDTH_MM / 2 * _GROUND_M_PER_MM, _HEIGHT_MM / 2 * _GROUND_M_PER_MM
    x, y = _CENTRE_M
    axes.set(xlim=(x - half_x, x + half_x), ylim=(y - half_y, y + half_y), aspect="equal")
    axes.axis("off")
    return axes


def _symbols(axes: Axes, data: LayerData, look: Look) -> None:
    points, frame, style = data.points, data.frame, look.style
    classes = style.classes(frame).map(style.colours).astype("object")
    colours = classes.fillna(style.colour(None)).to_numpy(dtype=object)
    diameters = _diameters(data, look)
    order = np.argsort(-diameters, kind="stable")
    order = order[np.isfinite(points.x[order])]
    canvas.circles(
        axes, points.x[order], points.y[order], diameters[order] * _SYMBOL_SHRINK, colours[order].tolist()
    )


def _shapes(axes: Axes, data: LayerData, look: Look) -> None:
    """Draw lines above the base map, polygons below its borders, and polygons that are the land below its lakes too."""
    polygons, replaced = data.spec.geometry == "Polygon", look.style.replaces
    above = {"borders": basemap.draw_borders} if polygons else {}
    above |= {"lakes": basemap.draw_lakes} if polygons and "land" in replaced else {}
    basemap.draw(axes, without=replaced | set(above))
    shapes = shapely.simplify(data.shapes.metres, _FINEST_M, preserve_topology=False)
    classes = look.style.classes(data.frame)
    first, last = _levels(data, look)
    layers = look.style.layers()
    for code in sorted(layers, key=lambda code: layers[code]):
        chosen = classes.isna() if code is None else classes.eq(code).fillna(value=False)
        _one_class(axes, shapes[chosen.to_numpy(dtype=bool) & last], code, data, look)
    if first.any():
        basemap.fill(axes, shapes[first], "none", look.style.outline, canvas.points_of(_TOP_LEVEL_MM))
    for part in sorted(set(above) - replaced, reverse=True):
        above[part](axes)


def _levels(data: LayerData, look: Look) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which features are outlined, and which are drawn: of nested levels the first and the last."""
    size = len(data.frame)
    name = levels.field(data, look.style)
    if name is None or not size:
        return np.zeros(size, dtype=bool), np.ones(size, dtype=bool)
    level = data.frame[name].to_numpy(dtype=np.int64)
    return level == level.min(), level == level.max()


def _one_class(
    axes: Axes, shapes: NDArray[np.object_], code: str | None, data: LayerData, look: Look
) -> None:
    style = look.style
    colour = style.colour(code, data.spec.geometry)
    width = canvas.points_of(style.width_mm(code))
    if data.spec.geometry == "LineString":
        basemap.stroke(axes, shapes, colour, width)
        return
    told = "none" if code in style.unfilled else colour
    basemap.fill(axes, shapes, told, style.edge(code, colour), width * _EDGE_SHRINK)


def _across(axes: Axes, text: str) -> None:
    """Write across the sheet that it may not go out, pale enough to leave the map to be read."""
    place = _WIDTH_MM / 2, _HEIGHT_MM / 2
    size = min(46.0, 46.0 * _WIDTH_MM / canvas.text_width_mm(text, 46.0, bold=True))
    canvas.write(axes, *place, text, size, weight="bold", ha="center", rotation=28, color=_ACROSS, zorder=9)


def _diameters(data: LayerData, look: Look) -> NDArray[np.float64]:
    style, frame = look.style, data.frame
    if style.size_field is None:
        return np.full(len(frame), style.size_range[0])
    values = frame[style.size_field].to_numpy(dtype=np.float64, na_value=style.size_limits[0])
    distinct, place = np.unique(values, return_inverse=True)
    return np.array([style.diameter(value) for value in distinct.tolist()])[place]


def _title(axes: Axes, data: LayerData, look: Look) -> float:
    """Write title, atlas and edition downwards from the upper left corner; return where they end (mm)."""
    import textwrap

    from matplotlib.patheffects import withStroke

    left, top = _EDGE_MM + 2, _HEIGHT_MM - _EDGE_MM + 5
    # Letters may reach Siberia, where there is no paper below them.
    halo = [] if "sea" in look.style.replaces else [withStroke(linewidth=4, foreground=SEA)]
    for line in textwrap.wrap(look.heading(data), _TITLE_CHARACTERS):
        top -= _TITLE_MM
        canvas.write(axes, left, top, line, 24, weight="bold", path_effects=halo)
    below = [look.text("atlas"), look.phrase("edition", span(data.folder))]
    if any(entry.tier == "starter" for entry in data.inputs):
        below.append(look.phrase("starter"))
    top -= 3
    for line in below:
        top -= 5.5
        canvas.write(axes, left, top, line, 11, color=canvas.MUTED_COLOUR, path_effects=halo)
    return top


def _plates(axes: Axes, legend_end_mm: float, foot_end_mm: float) -> None:
    """Lay paper below title and legend, and below the foot, down and up to where they end, as wide as their texts."""
    from matplotlib.patches import Rectangle

    top = _HEIGHT_MM - _EDGE_MM / 2
    blocks = ((legend_end_mm - 3, top - legend_end_mm + 3), (_EDGE_MM / 2, foot_end_mm + 2))
    for bottom, height in blocks:
        texts = [text for text in axes.texts if bottom < text.get_position()[1] < bottom + height]
        wide = max(_end_mm(text) for text in texts) + _PLATE_MARGIN_MM - _EDGE_MM / 2
        corner = (_EDGE_MM / 2, bottom)
        axes.add_patch(Rectangle(corner, wide, height, facecolor=_PLATE, edgecolor="none", zorder=0.5))


def _end_mm(text: Text) -> float:
    """Return where a text that begins at its position ends."""
    bold = text.get_fontweight() == "bold"
    width = canvas.text_width_mm(text.get_text(), float(text.get_fontsize()), bold=bold)
    return float(text.get_position()[0]) + width


def _legend(axes: Axes, data: LayerData, look: Look, top: float) -> float:
    """Draw the legend below the title, in the empty Pacific north of Hawaii; return where it ends (mm)."""
    entries = legend.classes(data, look)
    heading = legend.heading(data, look)
    left = _EDGE_MM + 2
    top = legend.draw_classes(axes, left, top - 8, heading, entries)
    if lines := _level_entries(data, look):
        top = legend.draw_classes(axes, left, top - 2.0, look.label(data.spec.nested_by), lines)
    if look.style.size_field and isinstance(data.geometry, Points):
        below = legend.size_heading(data, look)
        top = legend.draw_sizes(axes, (left, top - 2.0), below, look, shrink=_SYMBOL_SHRINK)
    return top


def _level_entries(data: LayerData, look: Look) -> list[legend.Entry]:
    """Return the outlines of the first and the last of nested levels; nothing where all levels are drawn alike."""
    name = levels.field(data, look.style)
    numbers = levels.present(data, name) if name else []
    widths = dict.fromkeys(numbers[-1:], look.style.line_mm) | dict.fromkeys(numbers[:1], _TOP_LEVEL_MM)
    return [
        legend.Entry(
            levels.title(number, str(name), look),
            look.style.outline,
            "LineString",
            width_mm=width,
            thinnest_mm=width,
        )
        for number, width in sorted(widths.items())
    ]


def _foot(axes: Axes, data: LayerData, look: Look) -> float:
    """Write scale, projection and sources at the lower left, in the empty Pacific; return where they end (mm)."""
    left, line = _EDGE_MM + 2, 3.4
    publishers = dict.fromkeys(entry.source.publisher for entry in data.inputs)
    credit = look.phrase("sources_are", "; ".join(publishers))
    lines = [look.phrase("projection"), look.phrase("map_data"), *_folded(credit)]
    for number, text in enumerate(reversed(lines)):
        place = _EDGE_MM + 2 + number * line
        canvas.write(axes, left, place, text, _FOOT_PT, color=canvas.MUTED_COLOUR)
    bar = _EDGE_MM + 3 + len(lines) * line
    _scale_bar(axes, left, bar, look.language)
    return bar + 3


def _folded(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, _CREDIT_CHARACTERS)


def _scale_bar(axes: Axes, left: float, bottom: float, language: Language) -> None:
    """Draw a bar of 1,000 km; the projection keeps areas, lengths are true at its centre."""
    from matplotlib.patches import Rectangle

    half = 500_000 / _GROUND_M_PER_MM
    for part, colour in enumerate(("#555b60", "white")):
        corner = (left + part * half, bottom)
        axes.add_patch(Rectangle(corner, half, 1.2, facecolor=colour, edgecolor="#555b60", linewidth=0.5))
    for part, text in enumerate(("0", "500", f"{format_short(1000, language)}\u00a0km")):
        place = left + part * half
        align = "left" if part == 0 else "center"
        canvas.write(axes, place, bottom + 3.2, text, _FOOT_PT, ha=align, color=canvas.MUTED_COLOUR)
