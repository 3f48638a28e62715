"""A raster as globes show it: tiles in degrees, each level half as fine as the next, none across 180 degrees.

Columns of tiles are counted from 180 degrees: eastward from 0, westward from -1. So for every size of tile a border
of tiles lies there. Rows are counted from the north pole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from naatlas.raster.align import known, sampled
from naatlas.raster.mesh import TOLERANCE, Places
from naatlas.raster.source import from_degrees, to_degrees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from naatlas.raster.align import Raster
    from naatlas.raster.mesh import ToSource
    from naatlas.raster.source import Placed
    from naatlas.spec import Summary

    Floats = NDArray[np.float64]

#: Pixels along the side of a tile.
TILE = 256
#: Levels that a piece holds above its finest tiles: it is 4 by 4 of them, and is read at once.
_DEPTH = 2
#: No tile is wider or higher than this many degrees.
_LARGEST = 90.0
_SOUTH_POLE = -90.0
#: Where the columns to the east of 180 degrees meet those to the west: opposite the middle of the atlas.
_SEAM = 80.0
#: Pixels from node to node of the mesh on which places are computed exactly: what is tried first, and the least that
#: saves anything.
_FIRST_STEP, _LEAST_STEP = 32, 4


class Tile(NamedTuple):
    """A tile: level (0 is the coarsest), row from the north pole, column from 180 degrees."""

    level: int
    row: int
    col: int

    def quarters(self) -> tuple[Tile, Tile, Tile, Tile]:
        """Return the four tiles of the next finer level, row by row."""
        below, row, col = self.level + 1, 2 * self.row, 2 * self.col
        return (
            Tile(below, row, col),
            Tile(below, row, col + 1),
            Tile(below, row + 1, col),
            Tile(below, row + 1, col + 1),
        )

    @property
    def above(self) -> Tile:
        """The tile that this one is a quarter of."""
        return Tile(self.level - 1, self.row // 2, self.col // 2)


@dataclass(frozen=True, slots=True)
class Pyramid:
    """The tiles of a raster.

    Attributes
    ----------
    height, width
        Of a pixel of the finest level, in degrees.
    finest, first
        Levels from the finest to the coarsest that is worth showing: on it the raster is about one tile.
    """

    height: float
    width: float
    finest: int
    first: int

    @classmethod
    def of(cls, placed: Placed, *, pixel: float | None = None) -> Pyramid:
        """Fit a pyramid to a raster.

        Parameters
        ----------
        placed
            Raster in metres or in degrees.
        pixel
            Height of a pixel of the finest level in degrees; that of a cell of the raster when left out, or less where
            a tile would be wider than 90 degrees. A pixel is as wide as it is high on the ground in the middle.
        """
        side, latitude = _cell(placed)
        narrow = max(math.cos(math.radians(latitude)), 0.1)
        # the pixels of a very coarse raster are finer than its cells: else one tile would go half round the globe
        height = min(pixel or side, _LARGEST / TILE * narrow)
        width = height / narrow
        finest = max(0, math.floor(math.log2(_LARGEST / (TILE * max(height, width)))))
        halvings = math.ceil(math.log2(max(max(placed.shape) * side / height / TILE, 1)))
        return cls(height, width, finest, max(0, finest - halvings))

    @property
    def depth(self) -> int:
        """Levels of a piece above its finest one."""
        return min(_DEPTH, self.finest - self.first)

    def span(self, tile: Tile) -> tuple[float, float]:
        """Return width and height of a tile in degrees."""
        side = TILE * 2.0 ** (self.finest - tile.level)
        return self.width * side, self.height * side

    def box(self, tile: Tile) -> tuple[float, float, float, float]:
        """Return west, south, east and north of a tile in degrees, longitude within 180."""
        wide, high = self.span(tile)
        turn = 360.0 if tile.col < 0 else 0.0
        west, east = (turn - 180 + (tile.col + step) * wide for step in (0, 1))
        return west, 90 - (tile.row + 1) * high, east, 90 - tile.row * high

    def cropped(self, tile: Tile) -> tuple[tuple[float, float, float, float], int]:
        """Return the box of a tile as far as the south pole, and how many of its rows of pixels that are."""
        west, south, east, north = self.box(tile)
        if south >= _SOUTH_POLE:
            return (west, south, east, north), TILE
        rows = math.ceil((north + 90) / (north - south) * TILE)
        return (west, _SOUTH_POLE, east, north), rows

    def column(self, tile: Tile) -> int:
        """Return the column of a tile counted from the seam, for names: it is never negative."""
        return tile.col - math.floor((_SEAM - 180) / self.span(tile)[0])

    def pieces(self, placed: Placed) -> list[Tile]:
        """Return the tiles of the level ``finest - depth`` that may hold cells of the raster, quarter by quarter."""
        locate = from_degrees(placed)
        wide, high = self.span(Tile(0, 0, 0))
        columns = range(math.floor((_SEAM - 180) / wide), math.ceil((_SEAM + 180) / wide))
        starts = [Tile(0, row, col) for row in range(math.ceil(180 / high)) for col in columns]
        return [piece for start in starts for piece in self._descend(start, placed, locate)]

    def _descend(self, tile: Tile, placed: Placed, locate: ToSource) -> Iterator[Tile]:
        wide, _ = self.span(tile)
        west = -180 + tile.col * wide
        if west >= _SEAM or west + wide <= _SEAM - 360 or not self._touches(tile, placed, locate):
            return
        if tile.level == self.finest - self.depth:
            yield tile
            return
        for quarter in tile.quarters():
            yield from self._descend(quarter, placed, locate)

    def _touches(self, tile: Tile, placed: Placed, locate: ToSource) -> bool:
        """Tell whether a tile may hold cells, by nine by nine of its places and what may lie between them."""
        nodes = self._nodes(tile, 8, 1 / 8, 0.0, locate)
        for place, length in zip(nodes, reversed(placed.shape), strict=True):
            known_ones = place[np.isfinite(place)]
            if not len(known_ones):
                return False
            steps = [np.abs(np.diff(place, axis=axis)) for axis in (0, 1)]
            gap = max(float(step[np.isfinite(step)].max(initial=1.0)) for step in steps)
            if known_ones.min() - gap > length or known_ones.max() + gap < 0:
                return False
        return True

    def _nodes(
        self, tile: Tile, count: int, share: float, shift: float, locate: ToSource
    ) -> tuple[Floats, Floats]:
        """Locate ``count + 1`` nodes a side, ``share`` of the tile apart, ``shift`` of it from its corner."""
        wide, high = self.span(tile)
        west, _, _, north = self.box(tile)
        along = np.arange(count + 1) * share + shift
        return locate(*np.meshgrid(west + along * wide, north - along * high))

    def places(self, piece: Tile, locate: ToSource) -> Places:
        """Locate all pixels of a piece in the raster; by a mesh where that is exact enough, else one by one."""
        pixels, step = TILE << self.depth, _FIRST_STEP
        while step > 1:
            share, half = step / pixels, 0.5 / pixels
            nodes = self._nodes(piece, pixels // step, share, half, locate)
            exact = self._nodes(piece, pixels // step, share, half + share / 2, locate)
            bend = max(_bend(one, told) for one, told in zip(nodes, exact, strict=True))
            if bend <= TOLERANCE:
                return Places(*nodes, step)
            step = _finer(step, bend)
        return Places(*self._nodes(piece, pixels, 1 / pixels, 0.5 / pixels, locate), 1)

    def read(self, raster: Raster, piece: Tile, locate: ToSource) -> NDArray[Any] | None:
        """Return the pixels of a piece, each the cell that its middle lies in; None where there is no data."""
        pixels = TILE << self.depth
        cells = sampled(raster, self.places(piece, locate), (pixels, pixels))
        return cells if known(cells, raster.nodata).any() else None


def _cell(placed: Placed) -> tuple[float, float]:
    """Return the side of the cell in the middle of a raster in degrees of latitude, and the latitude there."""
    rows, cols = placed.shape
    # the middle, and one cell to the right and one down from it
    lon, lat = to_degrees(placed, np.array([0.0, 1, 0]) + cols // 2, np.array([0.0, 0, 1]) + rows // 2)
    east = ((lon - lon[0] + 180) % 360 - 180) * math.cos(math.radians(lat[0]))
    sides = np.hypot(east, lat - lat[0])[1:]
    return float(np.sqrt(sides.prod())), float(lat[0])


def _bend(nodes: Floats, middle: Floats) -> float:
    """Return how far, in cells, the middle of a mesh may lie from where it is taken to lie."""
    guess = (nodes[:-1, :-1] + nodes[:-1, 1:] + nodes[1:, :-1] + nodes[1:, 1:]) / 4
    bend = float(np.abs(guess - middle[:-1, :-1]).max())
    return bend if math.isfinite(bend) else math.inf  # a place without coordinates counts as bent


def _finer(step: int, bend: float) -> int:
    """Return the step at which a mesh bends little enough: the bend goes with its square."""
    wanted = step * math.sqrt(TOLERANCE / bend) if math.isfinite(bend) else 1.0
    return 1 if wanted < _LEAST_STEP else min(step // 2, 1 << int(math.log2(wanted)))


def halved(cells: NDArray[Any], nodata: float, summary: Summary) -> NDArray[Any]:
    """Return cells of twice the side: of each four their most frequent class, their mean, or the first of them.

    Cells without data have no say. Of two classes equally frequent that of the upper left cell is taken, so that no
    class gains by its number.
    """
    if summary == "sample":
        return cells[::2, ::2].copy()  # a view would keep all of the cells for as long as it is kept
    four = [cells[down::2, right::2] for down in (0, 1) for right in (0, 1)]
    return _mode(four, nodata) if summary == "mode" else _mean(four, nodata)


def _mode(four: list[NDArray[Any]], nodata: float) -> NDArray[Any]:
    one, two, three, last = four
    empty = np.asarray(nodata, dtype=one.dtype)
    first = np.where(one != empty, one, np.where(two != empty, two, np.where(three != empty, three, last)))
    told = np.where((three == last) & (three != empty), three, first)
    told = np.where(((two == three) | (two == last)) & (two != empty), two, told)
    out: NDArray[Any] = np.where(((one == two) | (one == three) | (one == last)) & (one != empty), one, told)
    return out


def _mean(four: list[NDArray[Any]], nodata: float) -> NDArray[np.float32]:
    total, count = np.zeros(four[0].shape), np.zeros(four[0].shape, dtype=np.uint8)
    for cells in four:
        there = known(cells, nodata)
        total += np.where(there, cells, 0)
        count += there
    return np.where(count > 0, total / np.maximum(count, 1), nodata).astype(np.float32)
