"""Polygons as zones of a grid: which of them the centre of each cell lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from rasterio.enums import MergeAlg
from rasterio.features import rasterize
from rasterio.transform import Affine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.blocks import Block


class Zones:
    """Polygons that cells are counted by.

    Parameters
    ----------
    polygons
        Shapely polygons in metres of the grid's CRS. Where two cover a cell centre, the later one has it.
    """

    def __init__(self, polygons: NDArray[np.object_], grid: Grid) -> None:
        self.polygons, self.grid = polygons, grid
        self._tree = shapely.STRtree(polygons)

    def __len__(self) -> int:
        return len(self.polygons)

    def of(self, block: Block) -> NDArray[np.int32]:
        """Return the number of the zone of each cell of a block, ``len(self)`` where there is none."""
        grid = self.grid
        left, top = grid.left + block.col * grid.cell_m, grid.top - block.row * grid.cell_m
        frame = shapely.box(left, top - block.rows * grid.cell_m, left + block.cols * grid.cell_m, top)
        shape, none = (block.rows, block.cols), len(self)
        near = np.sort(self._tree.query(frame, predicate="intersects"))
        if len(near) == 1 and shapely.contains_properly(self.polygons[near[0]], frame):
            return np.full(shape, near[0], dtype=np.int32)
        if not len(near):
            return np.full(shape, none, dtype=np.int32)
        # only what lies in the block is burned: a country has a million vertices
        parts = shapely.clip_by_rect(self.polygons[near], *shapely.bounds(shapely.buffer(frame, grid.cell_m)))
        drawn = [
            (part, number) for part, number in zip(parts, near.tolist(), strict=True) if not part.is_empty
        ]
        if not drawn:
            return np.full(shape, none, dtype=np.int32)
        burned: NDArray[np.int32] = rasterize(
            drawn,
            out_shape=shape,
            fill=none,
            transform=Affine(grid.cell_m, 0, left, 0, -grid.cell_m, top),
            dtype="int32",
            merge_alg=MergeAlg.replace,
        )
        return burned
