"""National tiles as one raster: each counts in its own country, and where they meet the report says how they differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.errors import InputError
from naatlas.raster.align import known
from naatlas.raster.blocks import Block
from naatlas.raster.counts import crosstab, same_crs
from naatlas.raster.source import Placed, crs_of
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from affine import Affine
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.align import Raster

#: How far, in cells, a tile may lie beside the grid: less than any resampling moves a cell.
_TOLERANCE = 1e-3
#: Columns of the report of two tiles that overlap.
_COLUMNS = ("first", "second", "first_class", "second_class", "cells", "area_km2", "percent", "agree")


@dataclass(frozen=True, slots=True)
class Tile:
    """A national raster.

    Attributes
    ----------
    name
        How reports call it, such as ``CAN``.
    raster
        Its cells on cells of the grid of the mosaic, anywhere on it or beyond.
    home
        Polygons, in metres of the grid's CRS, in which this tile comes before all others.
    """

    name: str
    raster: Raster
    home: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Shifted:
    """A raster of another extent, seen in rows and columns of a grid."""

    raster: Raster
    placed: Placed
    row: int
    col: int
    name: str

    @property
    def nodata(self) -> float:
        """The number that stands for no data."""
        return self.raster.nodata

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of the grid, with nodata where the raster does not reach."""
        return self.raster.read(row - self.row, col - self.col, rows, cols)


def shifted(raster: Raster, grid: Grid, *, name: str = "") -> Shifted:
    """See a raster in rows and columns of a grid.

    Raises
    ------
    InputError
        Its cells are not cells of the grid.
    """
    transform: Affine = raster.placed.transform
    name = name or str(getattr(raster, "name", "a raster"))
    col, row = (transform.c - grid.left) / grid.cell_m, (grid.top - transform.f) / grid.cell_m
    beside = max(abs(col - round(col)), abs(row - round(row)))
    told = [transform.a, transform.b, transform.d, -transform.e]
    if not np.allclose(told, [grid.cell_m, 0, 0, grid.cell_m], rtol=0, atol=1e-6):
        raise InputError(
            f"{name}: its cells are not squares of {grid.cell_m:g} m, rows from the north; align it first"
        )
    if beside > _TOLERANCE or not same_crs(raster.placed.crs, crs_of(grid)):
        raise InputError(
            f"{name}: lies {beside:.3f} cells beside the grid {grid.name}, or in another coordinate system; "
            "align it first"
        )
    placed = Placed(crs=crs_of(grid).to_wkt(), transform=_affine(grid), shape=(grid.rows, grid.cols))
    return Shifted(raster, placed, round(row), round(col), name)


def _affine(grid: Grid) -> Affine:
    from affine import Affine

    return Affine(*grid.transform)


class Mosaic:
    """National tiles as one raster on a grid; it can be counted, aligned and written like any other.

    In the home of a tile that tile counts, wherever it has data. Elsewhere, and where it has none, the first tile of
    those that have data does, in the order in which they are given.

    Parameters
    ----------
    nodata
        Number for no data in the mosaic; the tiles may each have another.

    Raises
    ------
    InputError
        The cells of a tile are not cells of the grid.
    """

    def __init__(self, tiles: Sequence[Tile], grid: Grid, *, nodata: int, name: str = "mosaic") -> None:
        self.tiles, self.grid, self.nodata, self.name = tuple(tiles), grid, nodata, name
        self._parts = [shifted(tile.raster, grid, name=tile.name) for tile in tiles]
        self.placed = Placed(crs=crs_of(grid).to_wkt(), transform=_affine(grid), shape=(grid.rows, grid.cols))
        polygons = np.array([polygon for tile in tiles for polygon in tile.home], dtype=object)
        numbers = np.repeat(np.arange(len(tiles)), [len(tile.home) for tile in tiles])
        self._homes = Zones(polygons, grid, numbers=numbers)

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells, uint8; it may reach over the edges, with nodata there."""
        homes = self._homes.of(Block(row, col, rows, cols))
        out = np.full((rows, cols), self.nodata, dtype=np.uint8)
        empty = np.ones((rows, cols), dtype=bool)
        windows = [part.read(row, col, rows, cols) for part in self._parts]
        there = [known(cells, part.nodata) for cells, part in zip(windows, self._parts, strict=True)]
        for own in (True, False):
            for number, cells in enumerate(windows):
                taken = empty & there[number]
                taken &= (homes == number) | (not own)
                out[taken] = cells[taken]
                empty &= ~taken
        return out


def disagreement(tiles: Sequence[Tile], grid: Grid, *, classes: Mapping[int, str]) -> pd.DataFrame:
    """Tell where two tiles overlap and what they say there.

    Parameters
    ----------
    classes
        Number -> class, of all tiles.

    Returns
    -------
    DataFrame
        One row a pair of tiles and pair of classes: ``first``, ``second`` (tiles), ``first_class``, ``second_class``,
        ``cells``, ``area_km2``, ``percent`` of the cells where both have data, and whether they ``agree``; the most
        cells first among those of a pair of tiles.
    """
    parts = [shifted(tile.raster, grid, name=tile.name) for tile in tiles]
    told = [_differences(*pair, grid, classes) for pair in combinations(parts, 2)]
    met = [frame for frame in told if frame is not None]
    return pd.concat(met, ignore_index=True) if met else pd.DataFrame(columns=list(_COLUMNS))


def _differences(one: Shifted, other: Shifted, grid: Grid, classes: Mapping[int, str]) -> pd.DataFrame | None:
    """Compare two tiles where they overlap; None where they do not."""
    top, left = max(one.row, other.row, 0), max(one.col, other.col, 0)
    ends = [
        (part.row + part.raster.placed.shape[0], part.col + part.raster.placed.shape[1])
        for part in (one, other)
    ]
    bottom, right = (min(*numbers) for numbers in zip(*ends, (grid.rows, grid.cols), strict=True))
    if bottom <= top or right <= left:
        return None
    part = replace(
        grid,
        cols=right - left,
        rows=bottom - top,
        left=grid.left + left * grid.cell_m,
        top=grid.top - top * grid.cell_m,
    )
    values = sorted(classes)
    before, after = (shifted(side.raster, part, name=side.name) for side in (one, other))
    counts = crosstab(before, after, part, codes=values)[0][:-1, :-1]
    first, second = np.nonzero(counts)
    cells = counts[first, second]
    names = np.array([classes[value] for value in values], dtype=object)
    frame = pd.DataFrame(
        {
            "first": one.name,
            "second": other.name,
            "first_class": names[first],
            "second_class": names[second],
            "cells": cells,
            "area_km2": cells * (grid.cell_m / 1000) ** 2,
            "percent": 100 * cells / max(cells.sum(), 1),
            "agree": first == second,
        }
    )
    return frame.sort_values("cells", ascending=False, kind="stable")
