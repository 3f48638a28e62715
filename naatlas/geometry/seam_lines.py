"""Lines of two layers meet at a border: roads and railways that cross it, rivers that both sides drew along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.ops import substring

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# a line that crosses another at whatever angle leaves its neighbourhood within less than this many tolerances
_ALONG = 4
# width of the cut by which a doubled stretch is taken out, in metres
_CUT_M = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeamFigures:
    """What was done to the lines of two layers (a, b).

    Attributes
    ----------
    met
        Pairs of ends that now are one point, on the border where there is one.
    alone
        Ends of either layer near the border for which the other has none within the tolerance.
    largest_gap_before_m, largest_gap_after_m
        Largest distance between the two ends of a pair.
    largest_move_m
        Farthest that an end of either layer was moved.
    doubled_m
        Length that both layers drew along the border, and that was taken out of the second.
    """

    tolerance_m: float
    met: int
    alone: tuple[int, int]
    largest_gap_before_m: float
    largest_gap_after_m: float
    largest_move_m: tuple[float, float]
    doubled_m: float


@dataclass(frozen=True, slots=True)
class LineSeam:
    """Two matched line layers, in the order given, and what was done."""

    a: NDArray[Any]
    b: NDArray[Any]
    figures: LineSeamFigures


@dataclass(slots=True)
class _Parts:
    """Single lines of a layer, the feature each belongs to, and the ends of them near the border."""

    lines: NDArray[Any]
    feature: Ints
    part: Ints
    last: NDArray[np.bool_]
    points: NDArray[Any]


def match_lines(a: ArrayLike, b: ArrayLike, border: ArrayLike, *, tolerance_m: float) -> LineSeam:
    """Let lines that end near each other at a border end in one point, and draw what both drew along it once.

    Two ends belong together when each is the nearest of the other, no farther apart than the tolerance. They
    meet on the border, at the place nearest to the middle between them.

    Parameters
    ----------
    a, b
        Lines in framework metres; None and empty stay.
    border
        Lines of the framework between the two, in metres.
    tolerance_m
        How near ends must be to the border and to each other; a line of ``b`` that keeps this near to ``a`` and
        to the border for four times as long is drawn double, and that stretch of it is dropped.
    """
    first, second = np.array(a, dtype=object), np.array(b, dtype=object)
    line = shapely.union_all(np.atleast_1d(np.asarray(border, dtype=object)))
    second, doubled_m = _without_doubled(first, second, line, tolerance_m)
    one, other = _parts(first, line, tolerance_m), _parts(second, line, tolerance_m)
    i, j = _pairs(one.points, other.points, tolerance_m)
    meeting = _meeting(one.points[i], other.points[j], line)
    gap_before = shapely.distance(one.points[i], other.points[j])
    moved = [shapely.distance(ends[at], meeting) for ends, at in ((one.points, i), (other.points, j))]
    new_a, new_b = _joined(first, one, i, meeting), _joined(second, other, j, meeting)
    return LineSeam(
        new_a,
        new_b,
        LineSeamFigures(
            tolerance_m=tolerance_m,
            met=len(i),
            alone=(len(one.points) - len(i), len(other.points) - len(j)),
            largest_gap_before_m=float(gap_before.max(initial=0.0)),
            largest_gap_after_m=_farthest(meeting, new_a, new_b),
            largest_move_m=(float(moved[0].max(initial=0.0)), float(moved[1].max(initial=0.0))),
            doubled_m=doubled_m,
        ),
    )


def _without_doubled(
    a: NDArray[Any],
    b: NDArray[Any],
    line: Any,  # noqa: ANN401 - a shapely geometry
    tolerance_m: float,
) -> tuple[NDArray[Any], float]:
    along = shapely.buffer(line, tolerance_m, quad_segs=4)
    close = shapely.intersection(shapely.buffer(shapely.union_all(a), tolerance_m, quad_segs=4), along)
    both, feature = shapely.get_parts(shapely.line_merge(shapely.intersection(b, close)), return_index=True)
    long = shapely.length(both) > _ALONG * tolerance_m
    out = b.copy()
    for row in np.unique(feature[long]):
        cut = shapely.buffer(shapely.union_all(both[long & (feature == row)]), _CUT_M, cap_style="flat")
        out[row] = shapely.difference(b[row], cut)
    return out, float(shapely.length(both[long]).sum())


def _parts(layer: NDArray[Any], line: Any, tolerance_m: float) -> _Parts:  # noqa: ANN401 - a shapely geometry
    lines, feature = shapely.get_parts(layer, return_index=True)
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    part = np.tile(np.arange(len(lines)), 2)
    last = np.repeat([False, True], len(lines))
    shapely.prepare(line)
    near = shapely.dwithin(line, ends, tolerance_m) & ~shapely.is_closed(lines)[part]
    return _Parts(lines, feature, part[near], last[near], ends[near])


def _pairs(one: NDArray[Any], other: NDArray[Any], tolerance_m: float) -> tuple[Ints, Ints]:
    """Return positions of ends that are nearest to each other within the tolerance."""
    if not len(one) or not len(other):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    xy, others = shapely.get_coordinates(one), shapely.get_coordinates(other)
    distance, there = (np.asarray(found) for found in cKDTree(others).query(xy))
    back = np.asarray(cKDTree(xy).query(others)[1])
    i = np.flatnonzero((back[there] == np.arange(len(xy))) & (distance <= tolerance_m))
    return i, there[i]


def _meeting(one: NDArray[Any], other: NDArray[Any], line: Any) -> NDArray[Any]:  # noqa: ANN401 - shapely
    middle = np.asarray(shapely.points((shapely.get_coordinates(one) + shapely.get_coordinates(other)) / 2))
    if line.is_empty:
        return middle
    return np.asarray(shapely.get_point(shapely.shortest_line(middle, line), 1))


def _joined(layer: NDArray[Any], parts: _Parts, ends: Ints, meeting: NDArray[Any]) -> NDArray[Any]:
    lines = parts.lines.copy()
    for end, point in zip(ends, meeting, strict=True):
        lines[parts.part[end]] = _ending_at(lines[parts.part[end]], point, last=bool(parts.last[end]))
    out = layer.copy()
    for row in np.unique(parts.feature[parts.part[ends]]):
        own = lines[parts.feature == row]
        out[row] = own[0] if len(own) == 1 else shapely.MultiLineString(list(own))
    return out


def _ending_at(line: Any, point: Any, *, last: bool) -> Any:  # noqa: ANN401 - shapely geometries
    """Let a line end at a point: as much of its end as it is away from it gives way, so that none is folded back."""
    way = line if last else shapely.reverse(line)
    away = shapely.distance(shapely.get_point(way, -1), point)
    kept = substring(way, 0, max(way.length - away, 0.0))
    xy = np.vstack([shapely.get_coordinates(kept), shapely.get_coordinates(point)])
    xy = xy[np.insert((xy[1:] != xy[:-1]).any(axis=1), 0, values=True)]
    moved = shapely.LineString(xy) if len(xy) > 1 else way
    return moved if last else shapely.reverse(moved)


def _farthest(meeting: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> float:
    """Measure how far the lines as they now are end from the points where they should meet."""
    if not len(meeting):
        return 0.0
    worst = 0.0
    for layer in (a, b):
        lines = shapely.get_parts(layer)
        ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
        away, _ = cKDTree(shapely.get_coordinates(ends)).query(shapely.get_coordinates(meeting))
        worst = max(worst, float(np.max(away)))
    return worst
