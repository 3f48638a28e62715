"""Lengths and areas on the ellipsoid, and how far one drawing of a thing is from another."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from naatlas.framework.vertices import densified
from naatlas.geometry.threads import in_threads, slices

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# a line between two vertices is straight in degrees, as maps in degrees draw it, and not the shortest way: along
# the 49th parallel that is 1 % of 30 degrees, and nothing of a tenth of one
_STEP_DEGREES = 0.1
_BLOCK = 1 << 17


@cache
def _geod() -> pyproj.Geod:
    return pyproj.Geod(ellps="WGS84")


def length_km(degrees: ArrayLike, *, max_degrees: float = _STEP_DEGREES) -> Floats:
    """Return lengths on the WGS84 ellipsoid in kilometres; of polygons the length of all rings.

    Parameters
    ----------
    degrees
        Shapely geometries in longitude and latitude; points and missing ones are 0 long.
    max_degrees
        Longer segments are followed in pieces of this length.
    """
    dense = densified(degrees, max_degrees=max_degrees)
    chains, row = _chains(dense)
    xy, chain = shapely.get_coordinates(chains, return_index=True)
    real = chain[1:] == chain[:-1]
    metres = _distances(xy[:-1][real], xy[1:][real])
    return np.bincount(row[chain[1:][real]], weights=metres, minlength=len(dense)) / 1000


def _chains(geometry: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return all lines and rings, and the row of each."""
    parts, row = shapely.get_parts(geometry, return_index=True)
    dimension = shapely.get_dimensions(parts)
    areas, lines = dimension == 2, dimension == 1  # noqa: PLR2004
    rings, polygon = shapely.get_rings(parts[areas], return_index=True)
    return np.concatenate([rings, parts[lines]]), np.concatenate([row[areas][polygon], row[lines]])


def _distances(a: Floats, b: Floats) -> Floats:
    out = np.empty(len(a))

    def measure(piece: slice) -> None:
        out[piece] = _geod().inv(*a[piece].T.copy(), *b[piece].T.copy())[2]

    in_threads(measure, slices(len(a), _BLOCK))
    return out


def area_km2(degrees: ArrayLike, *, max_degrees: float = _STEP_DEGREES) -> Floats:
    """Return areas on the WGS84 ellipsoid in square kilometres, holes taken off; 0 for points, lines and None.

    Parameters
    ----------
    degrees
        Shapely geometries in longitude and latitude, valid and cut at 180 degrees.
    max_degrees
        Longer segments are followed in pieces of this length.
    """
    dense = densified(degrees, max_degrees=max_degrees)
    parts, row = shapely.get_parts(dense, return_index=True)
    areas = shapely.get_dimensions(parts) == 2  # noqa: PLR2004
    parts, row = parts[areas], row[areas]
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, starts = shapely.get_coordinates(rings), np.cumsum(shapely.get_num_coordinates(rings))
    size = np.array([_ring_m2(ring) for ring in np.split(xy, starts[:-1])]) if len(rings) else np.empty(0)
    hole = np.concatenate([[False], part[1:] == part[:-1]])[: len(part)]
    return np.bincount(row[part], weights=np.where(hole, -size, size), minlength=len(dense)) / 1e6


def _ring_m2(ring: Floats) -> float:
    return abs(_geod().polygon_area_perimeter(*ring.T.copy())[0])


def displacement(old: ArrayLike, new: ArrayLike) -> Floats:
    """Return how far new geometries are from old ones: the Hausdorff distance, taken at the vertices of both.

    Parameters
    ----------
    old, new
        Shapely lines or polygons, aligned, in one plane CRS; of polygons the outlines are compared.

    Returns
    -------
    ndarray of float
        In units of the CRS; NaN where one of the two is missing or empty.
    """
    a, b = (_outlines(np.asarray(side, dtype=object)) for side in (old, new))
    return np.fmax(_furthest(a, b), _furthest(b, a))


def _outlines(geometry: NDArray[Any]) -> NDArray[Any]:
    out = np.array(geometry, dtype=object)
    areas = shapely.get_dimensions(out) == 2  # noqa: PLR2004
    out[areas] = shapely.boundary(out[areas])
    shapely.prepare(out)
    return out


def _furthest(a: NDArray[Any], b: NDArray[Any]) -> Floats:
    """Return the largest distance of the vertices of ``a`` from ``b``, for each row."""
    xy, row = shapely.get_coordinates(a, return_index=True)
    away = shapely.distance(b[row], shapely.points(xy))
    out = np.full(len(a), np.nan)
    np.fmax.at(out, row, away)
    return out
