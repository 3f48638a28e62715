"""From degrees to the plane of the framework and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.framework.antimeridian import NO_LONGITUDE, noded, project_seam, sewn, split
from naatlas.framework.crs import project, unproject
from naatlas.framework.scales import SCALES
from naatlas.framework.vertices import Cuts, densified, map_xy
from naatlas.geometry.threads import even_slices, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from naatlas.model import Scale

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["place", "split", "unplace"]

# Within 90 degrees of the centre a chord of one degree is never further than this from the true line; the
# distance grows with the square of the length.
_BOW_M_PER_DEGREE2 = 1_000.0
_CENTRE = np.radians([-100.0, 45.0])
_QUARTERS = np.array([0.25, 0.5, 0.75])
_POLE_M = 0.01  # closer than this a place is the pole: the way back is no better there
_MOST_CUTS = 1 << 14
_VERTICES_A_PIECE = 1 << 15  # they fit the cache


def place(degrees: ArrayLike, *, scale: Scale, error_mm: float = 0.1) -> NDArray[Any]:
    """Project geometry to the framework as it was meant: straight in degrees, whole at 180.

    No segment is longer than the scale allows, and none further from the true line than ``error_mm`` at map
    scale; neighbours get the same vertices. Parts that meet at 180 degrees are joined; a polygon around a pole
    loses the seam that leads there.

    Parameters
    ----------
    degrees
        Shapely geometries in longitude and latitude; None stays None.
    error_mm
        Millimetres at map scale.

    Returns
    -------
    ndarray of shapely geometries
        NAAF metres, aligned.
    """
    rules = SCALES[scale]
    within = error_mm / 1000 * rules.denominator
    flat = noded(np.array(degrees, dtype=object))

    def prepared(some: NDArray[Any]) -> NDArray[Any]:
        dense = densified(some, max_degrees=rules.densify_degrees, cuts=_bow_cuts(within))
        return map_xy(dense, project_seam)

    return _still_valid(flat, sewn(flat, _in_pieces(prepared, flat)))


def unplace(metres: ArrayLike) -> NDArray[Any]:
    """Take geometry in NAAF metres back to degrees, cut at 180 (see ``split``); None stays None."""
    given = np.array(metres, dtype=object)
    # seen from above, the inside of a polygon is now on the left of all its rings
    back = _in_pieces(lambda some: map_xy(shapely.orient_polygons(some), _unproject_seam), given)
    return _still_valid(given, split(back))


def _unproject_seam(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    lon, lat = unproject(x, y)
    # the sign of 180 is rounding; with one sign no segment seems to go around the world
    lon = np.where(np.abs(lon) > 180 - 1e-9, 180.0, lon)
    poles = project([0.0, 0.0], [90.0, -90.0])
    for pole_x, pole_y, pole in zip(*poles, (90.0, -90.0), strict=True):
        there = np.hypot(np.asarray(x) - pole_x, np.asarray(y) - pole_y) < _POLE_M
        lon, lat = np.where(there, NO_LONGITUDE, lon), np.where(there, pole, lat)
    return lon, lat


def _still_valid(before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """Mend polygons that were valid and are not: outlines closer than a chord is straight may cross."""
    bad = np.flatnonzero(~shapely.is_valid(after) & (shapely.get_dimensions(after) == 2))  # noqa: PLR2004 - areas
    bad = bad[shapely.is_valid(before[bad])]
    after[bad] = shapely.make_valid(after[bad], method="structure", keep_collapsed=False)
    return after


def projected(degrees: ArrayLike) -> NDArray[Any]:
    """Project the vertices that are there, and no others (see ``place``)."""
    return _in_pieces(lambda some: map_xy(some, project_seam), np.array(degrees, dtype=object))


def _in_pieces(change: Callable[[NDArray[Any]], NDArray[Any]], given: NDArray[Any]) -> NDArray[Any]:
    """Change an array piece by piece in threads: while one builds objects the other computes."""
    counts = shapely.get_num_coordinates(given)
    done = in_threads(
        lambda p: change(given[p]), even_slices(counts + 1, 1 + int(counts.sum()) // _VERTICES_A_PIECE)
    )
    out = np.empty(len(given), dtype=object)
    if done:
        out[:] = np.concatenate(done)
    return out


def _bow_cuts(within: float) -> Cuts:
    """Return what asks for more cuts where the projected chord would stray from the line by more than ``within``."""
    safe = np.sqrt(within / _BOW_M_PER_DEGREE2)

    def cuts(low: Floats, way: Floats, counts: Ints) -> Ints:
        wanted = counts.copy()
        doubtful = np.flatnonzero((np.hypot(*way.T) / counts > safe) | _far(low) | _far(low + way))
        while len(doubtful):
            bow = _bow(low[doubtful], way[doubtful], wanted[doubtful])
            more = (bow > within) & (wanted[doubtful] < _MOST_CUTS)
            doubtful, bow = doubtful[more], bow[more]
            growth = np.clip(np.sqrt(bow / within), 1.1, 8.0)
            wanted[doubtful] = np.ceil(wanted[doubtful] * growth).astype(np.int64)
        return wanted

    return cuts


def _far(lonlat: Floats) -> NDArray[np.bool_]:
    """Tell places more than 90 degrees from the centre of the projection."""
    lon, lat = np.radians(lonlat).T
    cosine = np.sin(_CENTRE[1]) * np.sin(lat) + np.cos(_CENTRE[1]) * np.cos(lat) * np.cos(lon - _CENTRE[0])
    return np.asarray(cosine < 0)


def _bow(low: Floats, way: Floats, counts: Ints) -> Floats:
    """Return the largest distance in metres of the line from its projected chords, for each segment."""
    segment = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(counts) - counts, counts)

    def at(share: float) -> Floats:
        lonlat = low[segment] + way[segment] * ((step + share) / counts[segment])[:, None]
        return np.column_stack(project(*lonlat.T))

    a, b = at(0.0), at(1.0)
    bow = np.zeros(len(segment))
    for share in _QUARTERS:
        bow = np.fmax(bow, _off(at(share), a, b))
    return np.maximum.reduceat(bow, np.cumsum(counts) - counts)


def _off(point: Floats, a: Floats, b: Floats) -> Floats:
    """Return the distance of points from segments, all of shape (n, 2)."""
    along = b - a
    square = (along**2).sum(axis=1)
    share = np.clip(((point - a) * along).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    off: Floats = np.hypot(*(point - a - share[:, None] * along).T)
    return off
