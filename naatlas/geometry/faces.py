"""Two layers and a line cut into faces: the ground on which seams are closed and coasts are snapped.

Whatever is decided about a face, the polygons put together again from faces share their vertices, have no
overlap and no gap, because all of them come from one noded set of lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import Delaunay, QhullError

from naatlas.framework.vertices import edges

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_A, _B, _LINE = 1, 2, 4
_TRIANGLE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """The faces that the outlines of two layers, a line and the bridges between them make.

    Attributes
    ----------
    polygons
        One polygon a face, a valid coverage; what lies between the layers is there too.
    points
        A point inside each face.
    a, b
        Position of the polygon of either layer that covers the face, -1 where none does.
    first, second
        Faces on the two sides of each edge; ``second`` is -1 at the rim.
    segments
        Two ends of each edge, shape (n, 2, 2).
    area_m2, length_m
        Of each face, of each edge.
    """

    polygons: NDArray[Any]
    points: NDArray[Any]
    a: Ints
    b: Ints
    first: Ints
    second: Ints
    segments: Floats
    area_m2: Floats
    length_m: Floats


def cut(a: NDArray[Any], b: NDArray[Any], line: ArrayLike, *, tolerance_m: float) -> Faces:
    """Cut two layers and the line between them into faces, fine ones where they come near each other.

    Parameters
    ----------
    a, b
        Polygons in metres; of a layer that overlaps itself, the first polygon counts.
    line
        The line between the layers, in metres.
    tolerance_m
        Bridges up to this length join vertices of the three, so that a long sliver is cut into short pieces
        and a gap that is open at its ends is closed there.
    """
    lines = _linework(a, b, np.atleast_1d(np.asarray(line, dtype=object)), tolerance_m)
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    points = shapely.point_on_surface(polygons)
    segments, first, second = edges(polygons)
    tree = shapely.STRtree(points)
    return Faces(
        polygons=polygons,
        points=points,
        a=covering(tree, a),
        b=covering(tree, b),
        first=first,
        second=second,
        segments=segments,
        area_m2=np.asarray(shapely.area(polygons)),
        length_m=np.asarray(np.hypot(*(segments[:, 1] - segments[:, 0]).T)),
    )


def covering(tree: shapely.STRtree, layer: NDArray[Any]) -> Ints:
    """Return for each point of a tree the position of the first polygon that covers it, -1 where none does."""
    polygon, point = tree.query(layer, predicate="contains")
    owner = np.full(len(tree.geometries), -1, dtype=np.int64)
    order = np.argsort(-polygon, kind="stable")  # the first polygon is written last and stays
    owner[point[order]] = polygon[order]
    return owner


def _linework(a: NDArray[Any], b: NDArray[Any], line: NDArray[Any], tolerance_m: float) -> NDArray[Any]:
    """Return single segments: outlines and line, halved until short where they are near, and the bridges."""
    sides = [_outlines(a), _outlines(b), segments_of(line)]
    split = [_split(own, [*others], tolerance_m) for own, *others in _each_with_others(sides, a, b, line)]
    fine, coarse = [fine for fine, _ in split], [coarse for _, coarse in split]
    every = np.concatenate([*fine, *coarse, _bridges(fine, tolerance_m)])
    return np.asarray(shapely.linestrings(distinct(every.reshape(-1, 4))[0].reshape(-1, 2, 2)))


def _each_with_others(sides: list[Floats], *shapes: NDArray[Any]) -> list[tuple[Any, ...]]:
    return [(side, *(s for j, s in enumerate(shapes) if j != i)) for i, side in enumerate(sides)]


def _outlines(layer: NDArray[Any]) -> Floats:
    drawn = layer[~(shapely.is_empty(layer) | shapely.is_missing(layer))]
    return edges(drawn)[0]


def segments_of(lines: NDArray[Any]) -> Floats:
    """Return the segments of lines, shape (n, 2, 2), each from its lower end."""
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    real = line[1:] == line[:-1]
    ends = np.stack([xy[:-1][real], xy[1:][real]], axis=1)
    swap = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    ends[swap] = ends[swap, ::-1]
    return np.asarray(ends)


def distinct(rows: Floats) -> tuple[Floats, Ints]:
    """Return different rows in ascending order, and which of them each row is; ``numpy.unique`` takes far longer."""
    order = np.lexsort(rows.T[::-1])
    ranked = rows[order]
    first = np.insert((ranked[1:] != ranked[:-1]).any(axis=1), 0, values=True)[: len(rows)]
    at = np.empty(len(rows), dtype=np.int64)
    at[order] = np.cumsum(first) - 1
    return ranked[first], at


def _near(segments: Floats, others: list[NDArray[Any]], distance_m: float) -> Bools:
    near = np.zeros(len(segments), dtype=bool)
    if len(segments):
        tree = shapely.STRtree(np.asarray(shapely.linestrings(segments)))
        for other in others:
            near[tree.query(other, predicate="dwithin", distance=distance_m)[1]] = True
    return near


def _split(segments: Floats, others: list[NDArray[Any]], distance_m: float) -> tuple[Floats, Floats]:
    """Return what is near the others, in pieces no longer than half the distance, and the rest in few pieces.

    A long edge is divided only where it is near: by eight, and each near piece again.
    """
    near = _near(segments, others, distance_m)
    fine, coarse, segments = [], [segments[~near]], segments[near]
    while len(segments):
        short = np.hypot(*(segments[:, 1] - segments[:, 0]).T) <= distance_m / 2
        fine.append(segments[short])
        pieces = _divided(segments[~short], distance_m / 2, most=8)
        near = _near(pieces, others, distance_m)
        coarse.append(pieces[~near])
        segments = pieces[near]
    return np.concatenate([np.empty((0, 2, 2)), *fine]), np.concatenate(coarse)


def _divided(segments: Floats, longest_m: float, *, most: int) -> Floats:
    """Divide segments evenly; both sides of a shared edge get the same points, as each has one direction."""
    length = np.hypot(*(segments[:, 1] - segments[:, 0]).T)
    count = np.clip(np.ceil(length / longest_m), 1, most).astype(np.int64)
    at = np.repeat(np.arange(len(segments)), count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    start, end, n = segments[at, 0], segments[at, 1], count[at]
    lower = start + (end - start) * (step / n)[:, None]
    upper = np.where((step + 1 == n)[:, None], end, start + (end - start) * ((step + 1) / n)[:, None])
    return np.stack([lower, upper], axis=1)


def _bridges(fine: list[Floats], longest_m: float) -> Floats:
    """Join near vertices of different sides, by the triangulation of Delaunay, so that no two bridges cross."""
    xy = np.concatenate([side.reshape(-1, 2) for side in fine])
    bits = np.repeat([_A, _B, _LINE], [side.shape[0] * 2 for side in fine])
    vertices, at = distinct(xy)
    mask = np.zeros(len(vertices), dtype=np.int64)
    np.bitwise_or.at(mask, at, bits)
    if len(vertices) < _TRIANGLE:
        return np.empty((0, 2, 2))
    try:
        triangles = Delaunay(vertices - vertices.mean(axis=0)).simplices
    except (QhullError, ValueError):  # all on one line: nothing to bridge
        return np.empty((0, 2, 2))
    low, high = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1).astype(np.int64).T
    numbers = np.sort(low * len(vertices) + high)  # sorting is quicker here than the hashing of numpy.unique
    once = numbers[np.insert(numbers[1:] != numbers[:-1], 0, values=True)]
    pairs = np.stack(np.divmod(once, len(vertices)), axis=1)
    ends: Floats = vertices[pairs]
    short = np.hypot(*(ends[:, 1] - ends[:, 0]).T) <= longest_m
    return np.asarray(ends[short & (mask[pairs[:, 0]] != mask[pairs[:, 1]])])
