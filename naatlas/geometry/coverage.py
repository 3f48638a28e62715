"""Operations on many polygons that are quick because most of the work is not done: dissolve, clip, within."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry.threads import even_slices, in_threads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]

_PIECES = 8
# of the area of a group: what rounding may change
_SAME_AREA = 1e-9


def dissolve(geometry: ArrayLike, groups: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Unite polygons by group: as a coverage, by leaving out shared edges, where they are one.

    Groups whose polygons overlap or do not share their vertices are united edge by edge, ten times slower.

    Parameters
    ----------
    geometry
        Shapely polygons.
    groups
        One key a polygon.

    Returns
    -------
    keys
        Each key once, sorted.
    united
        One geometry a key.
    """
    polygons = np.asarray(geometry, dtype=object)
    keys, number = np.unique(np.asarray(groups), return_inverse=True)
    order = np.argsort(number, kind="stable")
    members = np.split(polygons[order], np.cumsum(np.bincount(number, minlength=len(keys)))[:-1])
    weights = np.bincount(number, weights=shapely.get_num_coordinates(polygons), minlength=len(keys))
    pieces = even_slices(weights.astype(np.int64) + 1, _PIECES)
    united = in_threads(lambda piece: [_united(some) for some in members[piece]], pieces)
    out = np.empty(len(keys), dtype=object)
    out[:] = [one for piece in united for one in piece]
    return keys, out


def _united(polygons: NDArray[Any]) -> Any:  # noqa: ANN401 - a shapely geometry
    """Unite as a coverage, and look at the result: an overlap makes it invalid or changes its area."""
    try:
        quick = shapely.coverage_union_all(polygons)
    except shapely.GEOSException:  # crossing edges
        return shapely.union_all(polygons)
    expected = float(shapely.area(polygons).sum())
    if shapely.is_valid(quick) and abs(shapely.area(quick) - expected) <= _SAME_AREA * expected:
        return quick
    return shapely.union_all(polygons)


def clip(geometry: ArrayLike, mask: shapely.Polygon | shapely.MultiPolygon) -> NDArray[Any]:
    """Cut geometries to a mask; those well inside are returned as they are, and None where nothing is left.

    Parameters
    ----------
    geometry
        Shapely geometries; of polygons only polygons are kept, of lines only lines.
    mask
        A valid polygon.
    """
    out = np.array(geometry, dtype=object)
    shapely.prepare(mask)
    touched = shapely.intersects(mask, out)
    inside = np.zeros(len(out), dtype=bool)
    inside[touched] = shapely.contains_properly(mask, out[touched])
    out[~touched] = None
    cut = np.flatnonzero(touched & ~inside)
    pieces = even_slices(shapely.get_num_coordinates(out[cut]), _PIECES)
    done = in_threads(
        lambda piece: _of_dimension(shapely.intersection(out[cut[piece]], mask), out[cut[piece]]), pieces
    )
    for piece, some in zip(pieces, done, strict=True):
        out[cut[piece]] = some
    return out


def _of_dimension(cut: NDArray[Any], before: NDArray[Any]) -> NDArray[Any]:
    """Leave out points and lines where polygons only touch the mask."""
    wanted = shapely.get_dimensions(before)
    cut[shapely.get_dimensions(cut) < wanted] = None
    for at in np.flatnonzero(shapely.get_type_id(cut) == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(cut[at])
        same = parts[shapely.get_dimensions(parts) == wanted[at]]
        cut[at] = shapely.union_all(same)
    return cut


def within(xy: ArrayLike, polygons: ArrayLike) -> Ints:
    """Return for each point the polygon it lies in or on: the first of several, -1 for none.

    Parameters
    ----------
    xy
        Shape (n, 2), in the CRS of the polygons; NaN lies in none.
    polygons
        Shapely polygons.
    """
    places, faces = np.asarray(xy, dtype=np.float64), np.asarray(polygons, dtype=object)
    out = np.full(len(places), -1, dtype=np.int64)
    there = np.flatnonzero(np.isfinite(places).all(axis=1))
    points: Any = shapely.points(places[there])
    tree = shapely.STRtree(points)
    # the tree stands over the points: then each polygon is prepared once and asked for all of them
    pieces = even_slices(shapely.get_num_coordinates(faces) + 1, _PIECES)
    found = in_threads(lambda piece: tree.query(faces[piece], predicate="intersects"), pieces)
    for piece, (face, point) in reversed(list(zip(pieces, found, strict=True))):
        order = np.argsort(-face, kind="stable")
        out[there[point[order]]] = face[order] + piece.start
    return out
