"""The raster of a layer in the colours of its style, as a picture on a map in the framework projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from naatlas.raster.align import known
from naatlas.styles.colour import rgb

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from naatlas.model import LayerData
    from naatlas.styles import Style


def draw(axes: Axes, data: LayerData, style: Style, *, pixel_m: float) -> None:
    """Draw the cells into axes whose units are framework metres.

    Parameters
    ----------
    pixel_m
        Metres of ground for a pixel of the picture: cells that are smaller are taken together, classes by the most
        frequent one and quantities by their mean.
    """
    # Of the order of the land below it and the borders above it, so that what is drawn later lies on top.
    left, bottom, right, top = data.cells.grid.bounds
    cells = thinned(data, max(1, int(pixel_m / data.cells.grid.cell_m)))
    axes.imshow(
        coloured(cells, data, style), extent=(left, right, bottom, top), interpolation="nearest", aspect="equal",
        zorder=1, resample=False,
    )  # fmt: skip


def thinned(data: LayerData, times: int) -> NDArray[Any]:
    """Return the cells, as many times fewer on each side."""
    import rasterio
    from rasterio.enums import Resampling

    grid = data.cells.grid
    shape = (-(-grid.rows // times), -(-grid.cols // times))
    how = Resampling.mode if data.rules.kind == "class" else Resampling.average
    with rasterio.open(data.cells.path) as file:
        told: NDArray[Any] = file.read(
            1, out_shape=shape, resampling=how if times > 1 else Resampling.nearest
        )
    return told


def coloured(cells: NDArray[Any], data: LayerData, style: Style) -> NDArray[np.uint8]:
    """Return red, green, blue and opacity (rows, columns, 4) of cells; what has no data is transparent."""
    out = np.zeros((*cells.shape, 4), dtype=np.uint8)
    there = known(cells, data.cells.nodata)
    if style.breaks is None:
        table = np.zeros((256, 3), dtype=np.uint8)
        for number, colour in style.cell_colours(data.rules.codes).items():
            table[number] = colour
        out[..., :3] = table[cells]
    else:
        table = np.array([rgb(style.colours[code]) for code in style.breaks.codes], dtype=np.uint8)
        step = np.searchsorted(style.breaks.limits, np.where(there, cells, 0), side="left")
        out[..., :3] = table[step]
    out[..., 3] = np.where(there, 255, 0)
    return out
