"""Headless drawing with matplotlib, the same bytes every time: default settings, bundled font, no dates."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from naatlas.styles.colour import rim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from PIL import Image

    from naatlas.styles import Style

MM_PER_INCH = 25.4
TEXT_COLOUR, MUTED_COLOUR = "#222222", "#5f6368"
#: Diameters of the circles in a size legend, as shares of the largest.
_LEGEND_SHARES = (1.0, 0.62, 0.34)


@contextmanager
def sheet(
    width_mm: float, height_mm: float, *, colour: str | tuple[float, float, float, float] = "white"
) -> Iterator[tuple[Figure, Axes]]:
    """Open a figure with one drawing area that covers it, in millimetres from the lower left corner.

    The user's own matplotlib settings have no effect.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        figure = Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), facecolor=colour)
        yield figure, plane(figure, width_mm, height_mm)


def plane(figure: Figure, width_mm: float, height_mm: float) -> Axes:
    """Add a drawing area in millimetres that covers the figure, above what is there."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width_mm), ylim=(0, height_mm), aspect="equal")
    axes.axis("off")
    return axes


def png(figure: Figure, dpi: float) -> bytes:
    """Return the figure as PNG without software name or date."""
    from PIL import Image

    return _as_png(Image.fromarray(_pixels(figure, dpi)), dpi)


def svg(figure: Figure, title: str, language: str) -> bytes:
    """Return the figure as SVG with a title for readers that speak; texts stay text, no date, no software name."""
    import matplotlib as mpl
    from lxml import etree
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out = io.BytesIO()
    quiet = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "naatlas", "svg.id": None}):
        FigureCanvasSVG(figure).print_svg(out, metadata=quiet)  # type: ignore[no-untyped-call]
    root = etree.fromstring(out.getvalue())
    root.attrib.update({"role": "img", "lang": language})
    told = etree.Element(f"{{{root.nsmap[None]}}}title")
    told.text = title
    root.insert(0, told)
    drawn: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return drawn


def small_png(figure: Figure, dpi: float, colours: int) -> bytes:
    """Return the figure as PNG with a palette of so many colours: about a third of the bytes."""
    from PIL import Image

    full = Image.fromarray(_pixels(figure, dpi)[:, :, :3])
    return _as_png(full.quantize(colours, dither=Image.Dither.NONE), dpi)


def _pixels(figure: Figure, dpi: float) -> NDArray[np.uint8]:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(dpi)
    drawn = FigureCanvasAgg(figure)
    with mpl.rc_context({"savefig.dpi": dpi}):
        drawn.draw()  # type: ignore[no-untyped-call]
    return np.asarray(drawn.buffer_rgba())  # type: ignore[no-untyped-call]


def _as_png(image: Image.Image, dpi: float) -> bytes:
    out = io.BytesIO()
    image.save(out, format="PNG", optimize=True, dpi=(dpi, dpi))
    return out.getvalue()


def write(axes: Axes, x_mm: float, y_mm: float, text: str, size_pt: float, **more: Any) -> None:  # noqa: ANN401 - for matplotlib
    """Write text; a dollar sign is a dollar sign, not mathematics."""
    told: dict[str, Any] = {"color": TEXT_COLOUR, "va": "center", "parse_math": False} | more
    axes.text(x_mm, y_mm, text, fontsize=size_pt, **told)


def circles(
    axes: Axes,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    diameter_mm: NDArray[np.float64],
    colours: Sequence[str],
    *,
    name: str | None = None,
) -> None:
    """Draw filled circles of given diameters on paper, in the order in which they are given."""
    size_pt = diameter_mm / MM_PER_INCH * 72
    width = np.clip(size_pt * 0.05, 0.25, 0.6)
    rims = {colour: rim(colour) for colour in colours}
    edges = [rims[colour] for colour in colours]
    axes.scatter(x, y, s=size_pt**2, c=list(colours), edgecolors=edges, linewidths=width.tolist(), gid=name)


def points_of(width_mm: float) -> float:
    """Return a width on paper in the points that matplotlib counts in."""
    return width_mm / MM_PER_INCH * 72


def line(
    axes: Axes,
    ends_x: tuple[float, float],
    y: float,
    colour: str,
    width_mm: float,
    *,
    name: str | None = None,
) -> None:
    """Draw a level line (mm)."""
    axes.plot(ends_x, (y, y), color=colour, linewidth=points_of(width_mm), solid_capstyle="butt", gid=name)


def patch(
    axes: Axes,
    left_middle: tuple[float, float],
    size: tuple[float, float],
    fill: str,
    edge: str,
    width_mm: float,
    *,
    name: str | None = None,
) -> None:
    """Draw a rectangle (mm) from the middle of its left side; ``fill`` may be ``none``."""
    from matplotlib.patches import Rectangle

    (left, middle), (width, height) = left_middle, size
    corner = (left, middle - height / 2)
    axes.add_patch(
        Rectangle(
            corner, width, height, facecolor=fill, edgecolor=edge, linewidth=points_of(width_mm), gid=name
        )
    )


def legend_values(style: Style) -> list[float]:
    """Return round values for the size legend, largest first; empty where all symbols have one size."""
    if style.size_field is None:
        return []
    (low, high), (small, large) = style.size_limits, style.size_range
    values = [high]
    for share in _LEGEND_SHARES[1:]:
        part = max((share * large) ** 2 - small**2, 0.0) / (large**2 - small**2)
        values.append(_round_one_digit(low + part * (high - low)))
    return list(dict.fromkeys(value for value in values if low <= value <= high))


def _round_one_digit(value: float) -> float:
    if value <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(round(value / power) * power)


def text_width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return how wide a text will be."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    path = TextPath((0, 0), text.replace("$", r"\$"), size=size_pt, prop=font)
    return float(path.get_extents().width / 72 * MM_PER_INCH)
