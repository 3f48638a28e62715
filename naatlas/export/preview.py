"""The preview: one finished map of the layer in the framework projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from naatlas.export import basemap, canvas, legend
from naatlas.export.numbers import format_short
from naatlas.model import Points
from naatlas.styles.qml import NO_CLASS_COLOUR

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
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
#: Symbols of the style are drawn for a wall of detail; the sheet shows a continent.
_SYMBOL_SHRINK = 0.62
#: Outlines of polygons would otherwise cover the small ones.
_EDGE_SHRINK = 0.5
#: A third of a pixel: finer is not seen.
_FINEST_M = _GROUND_M_PER_MM * canvas.MM_PER_INCH / _DPI / 3
_CREDIT_CHARACTERS, _TITLE_CHARACTERS = 100, 22
_FOOT_PT, _TITLE_MM = 6.5, 11.0
#: Width of the paper below title, legend and foot of a layer that shows the sea.
_PLATE_MM = 92.0


def write(data: LayerData, path: Path, *, look: Look) -> None:
    """Draw the layer with legend, title, scale bar and credits, and write it as PNG (A4 landscape, 150 dpi).

    Symbols have the colour of their class and an area in proportion to their value; large ones lie below
    small ones. Lines and polygons are drawn class by class in the order of the style; parts of the base map that
    the layer shows itself are left out. Same data, same bytes.
    """
    with canvas.sheet(_WIDTH_MM, _HEIGHT_MM, colour=basemap.SEA) as (figure, axes):
        ground = _map(figure)
        if isinstance(data.geometry, Points):
            basemap.draw(ground)
            _symbols(ground, data, look)
        else:
            _shapes(ground, data, look)
        paper = canvas.plane(figure, _WIDTH_MM, _HEIGHT_MM)
        axes.remove()
        ends = _legend(paper, data, look, _title(paper, data, look)), _foot(paper, data, look)
        if "sea" in look.style.replaces:
            _plates(paper, *ends)
        path.write_bytes(canvas.png(figure, _DPI))


def _map(figure: Figure) -> Axes:
    axes = figure.add_axes((0, 0, 1, 1))
    half_x, half_y = _WIDTH_MM / 2 * _GROUND_M_PER_MM, _HEIGHT_MM / 2 * _GROUND_M_PER_MM
    x, y = _CENTRE_M
    axes.set(xlim=(x - half_x, x + half_x), ylim=(y - half_y, y + half_y), aspect="equal")
    axes.axis("off")
    return axes


def _symbols(axes: Axes, data: LayerData, look: Look) -> None:
    points, frame, style = data.points, data.frame, look.style
    colours = (
        frame[style.field].map(style.colours).astype("object").fillna(NO_CLASS_COLOUR).to_numpy(dtype=object)
    )
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
    classes = data.frame[look.style.field]
    layers = look.style.layers()
    for code in sorted(layers, key=lambda code: layers[code]):
        chosen = classes.isna() if code is None else classes.eq(code).fillna(value=False)
        _one_class(axes, shapes[chosen.to_numpy(dtype=bool)], code, data, look)
    for part in sorted(set(above) - replaced, reverse=True):
        above[part](axes)


def _one_class(
    axes: Axes, shapes: NDArray[np.object_], code: str | None, data: LayerData, look: Look
) -> None:
    style = look.style
    colour = style.colours[code] if code is not None else legend.unclassed(data.spec.geometry)
    width = canvas.points_of(style.width_mm(code))
    if data.spec.geometry == "LineString":
        basemap.stroke(axes, shapes, colour, width)
        return
    told = "none" if code in style.unfilled else colour
    basemap.fill(axes, shapes, told, style.edge(code, colour), width * _EDGE_SHRINK)


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
    # Letters may reach Siberia.
    halo = [withStroke(linewidth=4, foreground=basemap.SEA)]
    for line in textwrap.wrap(look.text("title"), _TITLE_CHARACTERS):
        top -= _TITLE_MM
        canvas.write(axes, left, top, line, 24, weight="bold", path_effects=halo)
    below = [look.text("atlas"), look.phrase("edition", data.folder)]
    if any(entry.tier == "starter" for entry in data.inputs):
        below.append(look.phrase("starter"))
    top -= 3
    for line in below:
        top -= 5.5
        canvas.write(axes, left, top, line, 11, color=canvas.MUTED_COLOUR, path_effects=halo)
    return top


def _plates(axes: Axes, legend_end_mm: float, foot_end_mm: float) -> None:
    """Lay paper below title and legend, and below the foot, down and up to where they end."""
    from matplotlib.patches import Rectangle

    top = _HEIGHT_MM - _EDGE_MM / 2
    for bottom, height in ((legend_end_mm - 3, top - legend_end_mm + 3), (_EDGE_MM / 2, foot_end_mm + 2)):
        corner, colour = (_EDGE_MM / 2, bottom), (1, 1, 1, 0.85)
        axes.add_patch(Rectangle(corner, _PLATE_MM, height, facecolor=colour, edgecolor="none", zorder=0.5))


def _legend(axes: Axes, data: LayerData, look: Look, top: float) -> float:
    """Draw the legend below the title, in the empty Pacific north of Hawaii; return where it ends (mm)."""
    entries = legend.classes(data, look)
    heading = look.label(look.style.field)
    left = _EDGE_MM + 2
    top = legend.draw_classes(axes, left, top - 8, heading, entries)
    if look.style.size_field and isinstance(data.geometry, Points):
        below = legend.size_heading(data, look)
        top = legend.draw_sizes(axes, (left, top - 2.0), below, look, shrink=_SYMBOL_SHRINK)
    return top


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
