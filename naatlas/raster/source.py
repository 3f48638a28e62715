"""Where the cells of a publisher's raster lie, seen from a grid of the atlas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from naatlas import framework

if TYPE_CHECKING:
    from affine import Affine
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.mesh import ToSource

    Floats = NDArray[np.float64]

#: The ellipsoidal twin of the framework, of the 30 m land cover.
_LAEA_WGS84 = "+proj=laea +lat_0=45 +lon_0=-100 +datum=WGS84 +units=m +type=crs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Position of a raster.

    Attributes
    ----------
    crs
        Anything pyproj reads. What is in degrees is taken as WGS 84, whatever datum it names: the atlas puts geodetic
        latitude on its sphere unchanged, and an unnamed or impossible datum would move cells for nothing.
    transform
        Columns and rows, counted from the outer corner, to x and y.
    shape
        Rows and columns.
    """

    crs: str
    transform: Affine
    shape: tuple[int, int]

    @property
    def period(self) -> float:
        """Columns after which the raster comes round again; 0 for one that is not in degrees."""
        return 360 / abs(self.transform.a) if _is_geographic(self.crs) else 0.0


@cache
def _is_geographic(crs: str) -> bool:
    return pyproj.CRS.from_user_input(crs).is_geographic


def crs_of(grid: Grid) -> pyproj.CRS:
    """Return the coordinate reference system of a grid: the framework's sphere, or its twin on WGS 84."""
    return framework.crs() if grid.figure == "sphere" else pyproj.CRS(_LAEA_WGS84)


def to_source(grid: Grid, raster: Placed) -> ToSource:
    """Return the function from metres of a grid to columns and rows of a raster; threads may share it."""
    onward = from_degrees(raster)

    def located(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return onward(*_degrees(grid, x, y))

    return located


def from_degrees(raster: Placed) -> ToSource:
    """Return the function from longitude and latitude, in degrees, to columns and rows; threads may share it."""
    inverse = ~raster.transform
    period, width = raster.period, raster.shape[1]
    onward = None if period else pyproj.Transformer.from_crs("OGC:CRS84", raster.crs, always_xy=True)

    def located(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        x, y = onward.transform(lon, lat) if onward else (lon, lat)
        # what has no place there comes as infinite
        col, row = applied(inverse, np.where(np.isfinite(x), x, np.nan), np.where(np.isfinite(y), y, np.nan))
        return (_unrolled(col, period, width) if period else col), row

    return located


def to_degrees(raster: Placed, cols: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude of columns and rows of a raster, counted from its outer corner."""
    x, y = applied(raster.transform, cols, rows)
    return (x, y) if raster.period else framework.transformer(raster.crs)(x, y)


def applied(matrix: Affine, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Apply an affine transformation to arrays."""
    return matrix.a * x + matrix.b * y + matrix.c, matrix.d * x + matrix.e * y + matrix.f


def _degrees(grid: Grid, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    if grid.figure == "sphere":
        return framework.unproject(x, y)
    return framework.transformer(_LAEA_WGS84)(x, y)


def _unrolled(col: Floats, period: float, width: int) -> Floats:
    """Take columns of a raster that comes round to one turn about the middle one, so that neighbours stay so.

    The middle one itself is taken to the turn that the raster covers, or is nearest to it.
    """
    middle = col[col.shape[0] // 2, col.shape[1] // 2]
    if not np.isfinite(middle):
        return col
    centre = middle - np.round((middle - width / 2) / period) * period
    unrolled: Floats = centre + (col - centre + period / 2) % period - period / 2
    return unrolled
