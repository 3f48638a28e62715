"""Polygons as zones of a grid: which of them the centre of each cell lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from rasterio.enums import MergeAlg
from rasterio.features import rasterize
from rasterio.transform import Affine

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from naatlas.framework import Grid
    from naatlas.raster.blocks import Block

    #: Numbers of zones: of 8 or 16 bits without a sign, or of 32 with one, as few as they need.
    Numbers = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.int32]


class Zones:
    """Polygons that cells are counted by.

    Parameters
    ----------
    polygons
        Shapely polygons in metres of the grid's CRS.
    numbers
        Zone of each polygon, from 0 without gaps; None where each is a zone of its own.
    overlaps
        Whether zones may lie on each other, as protected areas do, and each has all of its cells. Else the later of
        two polygons has a cell that both of them cover.
    """

    def __init__(
        self,
        polygons: NDArray[np.object_],
        grid: Grid,
        *,
        numbers: ArrayLike | None = None,
        overlaps: bool = False,
    ) -> None:
        self.polygons, self.grid = polygons, grid
        self.numbers = np.arange(len(polygons)) if numbers is None else np.asarray(numbers)
        self._tree = shapely.STRtree(polygons)
        self._dtype = _narrowest(len(self) + 1)
        self._layer = self._layers() if overlaps else np.zeros(len(polygons), dtype=np.int64)

    def __len__(self) -> int:
        return int(self.numbers.max()) + 1 if len(self.numbers) else 0

    def of(self, block: Block) -> Numbers:
        """Return the number of the zone of each cell of a block, ``len(self)`` where there is none."""
        return self._drawn(block, np.arange(len(self.polygons)))

    def each(self, block: Block) -> list[Numbers]:
        """Return the zone of each cell as often as zones lie on each other.

        ``len(self)`` is told once for a cell in no zone; one that has no zone more than another array tells has
        ``len(self) + 1`` here.
        """
        count = int(self._layer.max(initial=0)) + 1
        told = [self._drawn(block, np.flatnonzero(self._layer == layer)) for layer in range(count)]
        if count == 1:
            return told
        nowhere = np.logical_and.reduce([cells == len(self) for cells in told])
        for cells in told:
            cells[cells == len(self)] += 1
        told[0][nowhere] -= 1
        return told

    def _layers(self) -> NDArray[np.int64]:
        """Put polygons that cover more than a cell of one of another zone into another layer than that one's."""
        one, other = self._tree.query(self.polygons, predicate="intersects")
        pairs = np.flatnonzero((one < other) & (self.numbers[one] != self.numbers[other]))
        one, other = one[pairs], other[pairs]
        common = shapely.area(shapely.intersection(self.polygons[one], self.polygons[other]))
        clash = common > self.grid.cell_m**2
        layer = np.zeros(len(self.polygons), dtype=np.int64)
        for late in np.unique(other[clash]):
            taken = set(layer[one[clash & (other == late)]].tolist())
            layer[late] = next(n for n in range(len(taken) + 1) if n not in taken)
        return layer

    def _drawn(self, block: Block, own: NDArray[np.intp]) -> Numbers:
        grid = self.grid
        left, top = grid.left + block.col * grid.cell_m, grid.top - block.row * grid.cell_m
        frame = shapely.box(left, top - block.rows * grid.cell_m, left + block.cols * grid.cell_m, top)
        out: Numbers = np.full((block.rows, block.cols), len(self), dtype=self._dtype)
        near = np.sort(self._tree.query(frame, predicate="intersects"))
        near = near[np.isin(near, own)]
        if len(near) == 1 and shapely.contains_properly(self.polygons[near[0]], frame):
            out[:] = self.numbers[near[0]]
            return out
        # only what lies in the block is burned: a country has a million vertices
        parts = shapely.clip_by_rect(self.polygons[near], *shapely.bounds(shapely.buffer(frame, grid.cell_m)))
        numbers = self.numbers[near].tolist()
        if drawn := [(part, n) for part, n in zip(parts, numbers, strict=True) if not part.is_empty]:
            placed = Affine(grid.cell_m, 0, left, 0, -grid.cell_m, top)
            rasterize(drawn, out=out, transform=placed, merge_alg=MergeAlg.replace)
        return out


def _narrowest(highest: int) -> DTypeLike:
    """Return the narrowest of the types of ``Numbers``: half the work with zones is to carry their numbers about."""
    return next(kind for kind in (np.uint8, np.uint16, np.int32) if highest <= np.iinfo(kind).max)
