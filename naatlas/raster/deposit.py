"""Counted quantities, such as people: each cell of the source is handed over whole, so that the total stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from naatlas import framework
from naatlas.raster.source import applied, crs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.source import Placed

    Floats = NDArray[np.float64]

#: Parts along the side of a cell of the source: each goes whole into the cell of the grid that its centre lies in.
PARTS = 32


@dataclass(frozen=True, slots=True)
class Deposited:
    """A counted quantity on a grid.

    Attributes
    ----------
    cells
        Sum in each cell, float64; NaN where no part of a cell with data fell.
    outside
        Sum of what lies outside the grid.
    """

    cells: Floats
    outside: float


def deposit(values: Floats, raster: Placed, grid: Grid, *, parts: int = PARTS) -> Deposited:
    """Hand a counted quantity over to a grid; what is in the cells and outside is the sum of the source.

    Parameters
    ----------
    values
        Quantity in each cell of the source, float64, NaN where there is none; small enough to lie in memory.
    parts
        Parts along the side of a cell, all of one size in the units of the source. In degrees a part nearer the pole
        is smaller on the ground: shares are by area on the sphere.
    """
    rows, cols = (index.astype(np.float64) for index in np.nonzero(np.isfinite(values)))
    amounts = values[np.isfinite(values)]
    total, touched = np.zeros(grid.rows * grid.cols), np.zeros(grid.rows * grid.cols, dtype=bool)
    outside = 0.0
    for down in range(parts):
        share = _shares(rows, down, raster, parts)
        for right in range(parts):
            places = _cells(rows + (down + 0.5) / parts, cols + (right + 0.5) / parts, raster, grid)
            told = amounts * share
            inside = places >= 0
            total += np.bincount(places[inside], weights=told[inside], minlength=total.size)
            touched[places[inside]] = True
            outside += float(told[~inside].sum())
    return Deposited(np.where(touched, total, np.nan).reshape(grid.rows, grid.cols), outside)


def _shares(rows: Floats, down: int, raster: Placed, parts: int) -> Floats:
    """Return the share of its cell's area that one part in the given row of parts has."""
    if not raster.period:
        return np.full(len(rows), 1 / parts**2)
    edges = [np.sin(np.radians(_y(raster, rows + at))) for at in (0, 1, down / parts, (down + 1) / parts)]
    share: Floats = (edges[3] - edges[2]) / (edges[1] - edges[0]) / parts
    return share


def _y(raster: Placed, rows: Floats) -> Floats:
    y: Floats = raster.transform.f + raster.transform.e * rows
    return np.clip(y, -90, 90)


def _cells(rows: Floats, cols: Floats, raster: Placed, grid: Grid) -> NDArray[np.int64]:
    """Return the number of the grid's cell that each place lies in, -1 outside."""
    x, y = applied(raster.transform, cols, rows)
    if not raster.period:
        x, y = framework.transformer(raster.crs)(x, y)
    x, y = _project(x, y, grid)
    col, row = np.floor((x - grid.left) / grid.cell_m), np.floor((grid.top - y) / grid.cell_m)
    inside = (col >= 0) & (col < grid.cols) & (row >= 0) & (row < grid.rows)
    return np.where(inside, row * grid.cols + col, -1).astype(np.int64)


def _project(lon: Floats, lat: Floats, grid: Grid) -> tuple[Floats, Floats]:
    if grid.figure == "sphere":
        return framework.project(lon, lat)
    x, y = pyproj.Transformer.from_crs("OGC:CRS84", crs_of(grid), always_xy=True).transform(lon, lat)
    return x, y
