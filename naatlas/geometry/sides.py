"""On which side of a line a place lies, and which layer is at home on that side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def chains(line: ArrayLike) -> NDArray[Any]:
    """Merge pieces of a line to the longest lines without a fork; each then has one left side."""
    pieces = np.atleast_1d(np.asarray(line, dtype=object))
    whole = shapely.line_merge(shapely.union_all(shapely.force_2d(pieces)))
    return np.asarray(shapely.get_parts(whole))


def signed(points: NDArray[Any], lines: NDArray[Any]) -> tuple[Ints, Ints]:
    """Tell on which side of its nearest line each point lies.

    Returns
    -------
    side
        1 to the left, -1 to the right, 0 where there is no line.
    line
        Position of the nearest line.
    """
    side, nearest = np.zeros(len(points), dtype=np.int64), np.zeros(len(points), dtype=np.int64)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    real = line[1:] == line[:-1]
    if not real.any() or not len(points):
        return side, nearest
    start, end = xy[:-1][real], xy[1:][real]
    tree = shapely.STRtree(np.asarray(shapely.linestrings(np.stack([start, end], axis=1))))
    point, segment = tree.query_nearest(points, all_matches=True)
    along = end[segment] - start[segment]
    away = shapely.get_coordinates(points)[point] - start[segment]
    offset = (along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0]) / np.hypot(*along.T)
    # where a bend is nearest, the segment that stands more square to the point tells the side
    order = np.lexsort((np.abs(offset), point))
    side[point[order]] = np.sign(offset[order]).astype(np.int64)
    nearest[point[order]] = line[:-1][real][segment[order]]
    return side, nearest


def home(side: Ints, line: Ints, weight: Floats) -> Ints:
    """Turn left and right into the two layers, line by line, by where more of each lies.

    Parameters
    ----------
    side, line
        From ``signed``.
    weight
        Area of the place where only the first layer is, negative where only the second is, else 0.

    Returns
    -------
    int array
        1 where the first layer is at home, -1 where the second is, 0 where the line divides neither.
    """
    left_is_first = np.bincount(line, weights=side * weight, minlength=int(line.max(initial=0)) + 1)
    return np.asarray(side * np.sign(left_is_first[line]).astype(np.int64))
