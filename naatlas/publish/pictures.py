"""The pictures of a tour: where each site lies, and charts of values by year. Our own maps; no photographs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas import framework
from naatlas.errors import InputError
from naatlas.export import basemap, canvas, symbols
from naatlas.export.numbers import format_short
from naatlas.styles.colour import SEA

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from PIL import Image

    from naatlas.publish.sites import Chart, Tour
    from naatlas.spec import Language

_WIDTH_MM, _HEIGHT_MM, _DPI, _COLOURS = 90.0, 68.0, 160, 64
#: Metres that the map shows around the outermost sites, and at least from side to side.
_MARGIN_M, _LEAST_M = 600_000.0, 2_400_000.0
_OTHERS, _DOT_PIXELS, _SITE_PIXELS = "#8a8f94", 14, 34
_YEARS_A_TICK = 6


def locators(tour: Tour) -> dict[str, bytes]:
    """Return a small map for each site, by its id: PNG, all sites grey and its own in the tour's colour."""
    from PIL import Image

    x, y = framework.project([site.lon for site in tour.sites], [site.lat for site in tour.sites])
    window = _window(np.asarray(x), np.asarray(y))
    ground = Image.open(io.BytesIO(_ground(window))).convert("RGB")
    places = _pixels(np.column_stack([x, y]), window, ground.size)
    for place in places:
        _dot(ground, place, _OTHERS, _DOT_PIXELS)
    return {
        site.id: _marked(ground, place, tour.colour) for site, place in zip(tour.sites, places, strict=True)
    }


def _window(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return the part of the frame with all sites, in the proportions of the picture: west, south, east, north."""
    wide = max(float(np.ptp(x)) + 2 * _MARGIN_M, _LEAST_M)
    high = max(float(np.ptp(y)) + 2 * _MARGIN_M, wide * _HEIGHT_MM / _WIDTH_MM)
    wide = high * _WIDTH_MM / _HEIGHT_MM
    middle_x, middle_y = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    return middle_x - wide / 2, middle_y - high / 2, middle_x + wide / 2, middle_y + high / 2


def _ground(window: tuple[float, float, float, float]) -> bytes:
    west, south, east, north = window
    with canvas.sheet(_WIDTH_MM, _HEIGHT_MM, colour=SEA) as (figure, axes):
        axes.remove()
        ground = figure.add_axes((0, 0, 1, 1))
        ground.set(xlim=(west, east), ylim=(south, north), aspect="equal")
        ground.axis("off")
        basemap.draw(ground)
        return canvas.small_png(figure, _DPI, _COLOURS)


def _pixels(
    places: NDArray[np.float64], window: tuple[float, float, float, float], size: tuple[int, int]
) -> list[tuple[int, int]]:
    west, south, east, north = window
    columns = (places[:, 0] - west) / (east - west) * size[0]
    rows = (north - places[:, 1]) / (north - south) * size[1]
    return [(round(column), round(row)) for column, row in zip(columns, rows, strict=True)]


def _marked(ground: Image.Image, place: tuple[int, int], colour: str) -> bytes:
    from PIL import Image

    picture = ground.copy()
    _dot(picture, place, colour, _SITE_PIXELS)
    out = io.BytesIO()
    few = picture.quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(out, format="PNG", optimize=True, dpi=(_DPI, _DPI))
    return out.getvalue()


def _dot(picture: Image.Image, place: tuple[int, int], colour: str, pixels: int) -> None:
    from PIL import Image

    circle = Image.open(io.BytesIO(symbols.circle(colour))).resize((pixels, pixels), Image.Resampling.LANCZOS)
    picture.paste(circle, (place[0] - pixels // 2, place[1] - pixels // 2), circle)


def chart(told: Chart, data: Path, colour: str, language: Language) -> bytes:
    """Draw values by year as bars: PNG.

    Parameters
    ----------
    data
        The folder with the national files.

    Raises
    ------
    InputError
        The file has no such columns of numbers.
    """
    years, values = _series(told, data)
    with canvas.sheet(_WIDTH_MM, _HEIGHT_MM) as (figure, paper):
        title = told.title[language]
        canvas.write(paper, 3, _HEIGHT_MM - 4, title, _fitting(title, 7.5), weight="bold")
        canvas.write(paper, 3, _HEIGHT_MM - 8.5, told.axis[language], 6.5, color=canvas.MUTED_COLOUR)
        canvas.write(paper, 3, 3, told.credit[language], 4.6, color=canvas.MUTED_COLOUR)
        axes = figure.add_axes((0.09, 0.17, 0.88, 0.66))
        axes.bar(years, values, color=colour, width=0.72)
        _scales(axes, years, language)
        return canvas.small_png(figure, _DPI, _COLOURS)


def _fitting(text: str, size_pt: float) -> float:
    """Return the size at which a bold text is not wider than the picture."""
    return size_pt * min(1.0, (_WIDTH_MM - 6) / canvas.text_width_mm(text, size_pt, bold=True))


def _scales(axes: Axes, years: list[int], language: Language) -> None:
    """Label years and values sparely; lines behind the bars carry the eye."""
    from matplotlib.ticker import FixedLocator, FuncFormatter

    axes.xaxis.set_major_locator(FixedLocator(list(range(years[0], years[-1] + 1, _YEARS_A_TICK))))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_short(value, language)))
    axes.tick_params(labelsize=6.5, length=0, colors=canvas.MUTED_COLOUR)
    axes.grid(axis="y", color="#e3e3e3", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "left", "right"]].set_visible(False)
    axes.spines["bottom"].set_color("#8a8f94")


def _series(told: Chart, data: Path) -> tuple[list[int], list[float]]:
    """Read the two columns; a year without a value has no bar, and a zero has a bar of no height."""
    path = data / told.file
    try:
        table = pd.read_csv(path, encoding="utf-8", usecols=[told.year, told.value]).dropna()
        return table[told.year].astype("int64").tolist(), table[told.value].astype("float64").tolist()
    except (ValueError, OSError) as error:
        why = " ".join(str(error).split())[:160]
        raise InputError(
            f"{told.file}: no columns {told.year} and {told.value} of numbers ({why})"
        ) from error
