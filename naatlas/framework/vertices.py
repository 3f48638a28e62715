"""Work on the vertices of many geometries at once, as flat arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

#: Families that shapely can lay out in one ragged array: lines with multilines, polygons with multipolygons.
_LINES, _POLYGONS = (1, 5), (3, 6)
_COLLECTION = 7


def densified(geometries: ArrayLike, *, max_degrees: float) -> NDArray[Any]:
    """Add vertices so that no segment exceeds ``max_degrees``, the same on both sides of a shared edge."""
    out = np.array(geometries, dtype=object)
    kinds = shapely.get_type_id(out)
    for family in (_LINES, _POLYGONS):
        chosen = np.isin(kinds, family) & ~shapely.is_empty(out)
        if chosen.any():
            out[chosen] = _densify_family(out[chosen], max_degrees)
    for at in np.argwhere(kinds == _COLLECTION):
        parts = densified(shapely.get_parts(out[tuple(at)]), max_degrees=max_degrees)
        out[tuple(at)] = shapely.GeometryCollection(list(parts))
    return out


def _densify_family(geometries: NDArray[Any], max_degrees: float) -> NDArray[Any]:
    kind, xy, offsets = shapely.to_ragged_array(geometries, include_z=False)
    rows, starts = _refine(xy, np.asarray(offsets[0]), max_degrees)
    refined: NDArray[Any] = shapely.from_ragged_array(kind, rows, (starts, *tuple(offsets)[1:]))
    return refined


def _refine(
    xy: NDArray[np.float64], starts: NDArray[np.int64], longest: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cut the segments of all rings; ``starts`` holds the first vertex of each ring and the total."""
    a, b = xy[:-1], xy[1:]
    cuts = np.maximum(np.ceil(np.hypot(*(b - a).T) / longest), 1).astype(np.int64)
    cuts[starts[1:-1] - 1] = 1  # from the end of a ring to the start of the next there is no segment
    first = np.concatenate([[0], np.cumsum(cuts)])  # place of each old vertex among the new ones
    segment = np.repeat(np.arange(len(cuts)), cuts)
    step = np.arange(len(segment)) - first[segment]
    # drawn from the same end whichever way the ring runs, so that neighbours get identical vertices
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    low, high = np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)
    share = np.where(swap[segment], cuts[segment] - step, step) / cuts[segment]
    new = low[segment] + (high - low)[segment] * share[:, None]
    new[step == 0] = a[segment[step == 0]]
    return np.vstack([new, xy[-1:]]), first[np.minimum(starts, len(xy) - 1)] + (starts == len(xy))


def map_xy(
    geometries: ArrayLike, function: Callable[[ArrayLike, ArrayLike], tuple[Any, Any]]
) -> NDArray[Any]:
    """Apply a function of two coordinate arrays, such as ``project``, to all vertices; heights are dropped."""
    changed: NDArray[Any] = shapely.transform(
        np.asarray(geometries, dtype=object), lambda xy: np.column_stack(function(xy[:, 0], xy[:, 1]))
    )
    return changed
