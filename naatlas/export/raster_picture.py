"""The raster of a layer in the colours of its style, as a picture on a map in the framework projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.export import basemap
from naatlas.export.raster_paint import Paint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from naatlas.model import LayerData
    from naatlas.styles import Style

#: What lies beyond the frame of a map, and the line around it.
_PAPER, _LINE, _LINE_PT = "white", "#8c857a", 0.5


def draw(axes: Axes, data: LayerData, style: Style, *, pixel_m: float) -> None:
    """Draw the cells into axes whose units are framework metres.

    Parameters
    ----------
    pixel_m
        Metres of ground for a pixel of the picture: cells that are smaller are taken together, as the rules of the
        layer say.
    """
    # Of the order of the land below it and the borders above it, so that what is drawn later lies on top.
    left, bottom, right, top = data.cells.grid.bounds
    cells = thinned(data, max(1, int(pixel_m / data.cells.grid.cell_m)))
    axes.imshow(
        coloured(cells, data, style), extent=(left, right, bottom, top), interpolation="nearest", aspect="equal",
        zorder=1, resample=False,
    )  # fmt: skip
    if "sea" in style.replaces:
        _frame(axes, shapely.box(left, bottom, right, top))


def _frame(axes: Axes, frame: shapely.Polygon) -> None:
    """Leave what lies beyond the frame of a map of land and sea as paper: else its edge looks like a shore."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    beyond = shapely.difference(shapely.box(west, south, east, north), frame)
    basemap.fill(axes, np.array([beyond]), _PAPER, "none", 0)
    basemap.stroke(axes, np.array([frame.exterior]), _LINE, _LINE_PT)


def thinned(data: LayerData, times: int) -> NDArray[Any]:
    """Return the cells, as many times fewer on each side."""
    import rasterio
    from rasterio.enums import Resampling

    grid = data.cells.grid
    shape = (-(-grid.rows // times), -(-grid.cols // times))
    hows = {"mode": Resampling.mode, "mean": Resampling.average, "sample": Resampling.nearest}
    how = hows[data.rules.summary] if times > 1 else Resampling.nearest
    with rasterio.open(data.cells.path) as file:
        told: NDArray[Any] = file.read(1, out_shape=shape, resampling=how)
    return told


def coloured(cells: NDArray[Any], data: LayerData, style: Style) -> NDArray[np.uint8]:
    """Return red, green, blue and opacity (rows, columns, 4) of cells; what has no data is transparent."""
    paint = Paint.of(data, style)
    table = np.array([(0, 0, 0, 0), *((*colour, 255) for colour in paint.colours)], dtype=np.uint8)
    return table[paint.entries(cells, data.cells.nodata)]
