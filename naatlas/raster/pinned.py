"""Zones as cells in memory, to ask millions of places about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from naatlas.raster.blocks import Block
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.framework import Grid


class Pinned:
    """Zones as cells; a cell has the zone of its centre.

    Parameters
    ----------
    polygons
        As for ``Zones``.
    grid
        Its cells tell how exact the answer is: of 2 km, 20 million for the map frame of the atlas.
    """

    def __init__(self, polygons: NDArray[np.object_], grid: Grid) -> None:
        self.grid = grid
        self._count = len(polygons)
        self.cells = Zones(polygons, grid).of(Block(0, 0, grid.rows, grid.cols)).astype(np.int16)

    def __len__(self) -> int:
        return self._count

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the zone of places in metres of the grid, ``len(self)`` where there is none."""
        grid = self.grid
        col, row = np.floor((x - grid.left) / grid.cell_m), np.floor((grid.top - y) / grid.cell_m)
        inside = (col >= 0) & (col < grid.cols) & (row >= 0) & (row < grid.rows)
        zones = np.full(np.shape(x), len(self), dtype=np.int32)
        zones[inside] = self.cells[row[inside].astype(np.int64), col[inside].astype(np.int64)]
        return zones
