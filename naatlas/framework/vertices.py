"""Work on the vertices of many geometries at once, as flat arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# type numbers of shapely; each type is laid out by itself, since a mixed ragged array turns all into multiparts
_LINE, _POLYGON, _MULTILINE, _MULTIPOLYGON, _COLLECTION = 1, 3, 5, 6, 7
_HALF = 180.0  # degrees


#: Takes the lower ends of segments, the way to their other ends (both (n, 2)) and the number of equal pieces each
#: is cut into; returns how many it should be cut into.
Cuts = Callable[["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.int64]"], "NDArray[np.int64]"]


def densified(geometries: ArrayLike, *, max_degrees: float, cuts: Cuts | None = None) -> NDArray[Any]:
    """Add vertices so that no segment exceeds ``max_degrees``, the same on both sides of a shared edge.

    A segment over more than 180 degrees of longitude, and less than all 360, goes the shorter way, past 180.
    ``cuts`` may ask for more vertices than that.
    """
    out = np.array(geometries, dtype=object)
    kinds = shapely.get_type_id(out)
    for kind in (_LINE, _POLYGON, _MULTILINE, _MULTIPOLYGON):
        chosen = (kinds == kind) & ~shapely.is_empty(out)
        if chosen.any():
            out[chosen] = _densify_one_type(out[chosen], max_degrees, cuts)
    for at in np.argwhere(kinds == _COLLECTION):
        parts = densified(shapely.get_parts(out[tuple(at)]), max_degrees=max_degrees, cuts=cuts)
        out[tuple(at)] = shapely.GeometryCollection(list(parts))
    return out


def _densify_one_type(geometries: NDArray[Any], max_degrees: float, cuts: Cuts | None) -> NDArray[Any]:
    kind, xy, offsets = shapely.to_ragged_array(geometries, include_z=False)
    innermost, *outer = (np.asarray(o, dtype=np.int64) for o in offsets)
    rows, starts = _refine(xy, innermost, max_degrees, cuts)
    refined: NDArray[Any] = shapely.from_ragged_array(kind, rows, (starts, *outer))
    return refined


def _refine(
    xy: NDArray[np.float64], starts: NDArray[np.int64], longest: float, more: Cuts | None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cut the segments of all rings; ``starts`` holds the first vertex of each ring and the total."""
    a, b = xy[:-1], xy[1:]
    # drawn from the same end whichever way the ring runs, so that neighbours get identical vertices
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    low, way = np.where(swap[:, None], b, a), np.abs(b - a)
    way[:, 1] = np.where(swap, a[:, 1] - b[:, 1], b[:, 1] - a[:, 1])
    way[(way[:, 0] > _HALF) & (way[:, 0] < 2 * _HALF), 0] -= 2 * _HALF
    cuts = np.maximum(np.ceil(np.hypot(*way.T) / longest), 1).astype(np.int64)
    if more is not None:
        cuts = np.maximum(cuts, more(low, way, cuts))
    cuts[starts[1:-1] - 1] = 1  # from the end of a ring to the start of the next there is no segment
    first = np.concatenate([[0], np.cumsum(cuts)])  # place of each old vertex among the new ones
    segment = np.repeat(np.arange(len(cuts)), cuts)
    step = np.arange(len(segment)) - first[segment]
    share = np.where(swap[segment], cuts[segment] - step, step) / cuts[segment]
    new = low[segment] + way[segment] * share[:, None]
    new[step == 0] = a[segment[step == 0]]
    return np.vstack([new, xy[-1:]]), first[np.minimum(starts, len(xy) - 1)] + (starts == len(xy))


def map_xy(
    geometries: ArrayLike, function: Callable[[ArrayLike, ArrayLike], tuple[Any, Any]]
) -> NDArray[Any]:
    """Apply a function of two coordinate arrays, such as ``project``, to all vertices; heights drop out."""
    given = np.asarray(geometries, dtype=object)
    # the type stubs know the interleaved form only
    changed: NDArray[Any] = shapely.transform(given, function, interleaved=False)  # type: ignore[arg-type]
    return changed


def edges(coverage: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each edge of a coverage once, with the polygons on its two sides.

    Returns
    -------
    segments
        Shape (n, 2, 2): two ends, x and y.
    first, second
        Positions of the polygons in the coverage; ``second`` is -1 where there is none.
    """
    segments, owner = _segments(np.asarray(coverage, dtype=object))
    if not len(segments):
        return segments, owner, owner
    order = np.lexsort((owner, *segments.reshape(-1, 4).T))
    segments, owner = segments[order], owner[order]
    same = np.append((segments[1:] == segments[:-1]).all(axis=(1, 2)), [False])
    second = np.where(same, np.append(owner[1:], -1), -1)
    once = ~np.insert(same[:-1], 0, values=False)
    return segments[once], owner[once], second[once]


def _segments(polygons: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the segments of all rings, each from its lower end, and the polygon it belongs to."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    real = ring[1:] == ring[:-1]
    a, b = xy[:-1][real], xy[1:][real]
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    ends = np.stack([np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)], axis=1)
    return ends, polygon[part[ring[1:][real]]]
