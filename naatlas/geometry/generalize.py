"""Draw lines and polygons for a map scale, moving nothing further than can be seen.

Vertices are dropped by Douglas and Peucker's rule, whose tolerance is the displacement itself: 0.1 mm at map
scale. Shared borders are simplified once (``arcs``), so that neighbours stay neighbours; where simplified lines
would cross, or sweep over an island, the vertices that matter come back, there and nowhere else, until GEOS
finds no fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import shapely

from naatlas.errors import UsageError
from naatlas.framework.scales import SCALES
from naatlas.geometry import arcs as cutting
from naatlas.geometry.faults import faults
from naatlas.geometry.small import Dropped, small
from naatlas.geometry.threads import even_slices, in_threads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from naatlas.geometry.arcs import Arcs, Chains
    from naatlas.model import Scale

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

Kind = Literal["coverage", "polygons", "lines"]

#: Largest displacement in millimetres at map scale.
ERROR_MM = 0.1
#: A ring is not moved further than this share of the root of its area: its area changes by some per cent.
_SHARE_OF_RING = 0.05
_FEWEST = 4  # vertices of a ring, with the first again at its end
_ROUNDS = 40
_TOUCH_M = 0.001
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What generalizing did, for the report.

    Attributes
    ----------
    vertices_before, vertices_after
        Vertices of all rings and lines, as they are stored.
    displacement_max_mm, displacement_mean_mm
        Distance of the old vertices from the new line, in millimetres at map scale; the mean is over all
        vertices of the arcs, those that stayed among them.
    area_change
        Shape (rows,): new area less old area, by old area; 0 for lines, NaN where nothing is left.
    area_change_max, area_change_mean
        Largest and mean of its absolute values.
    islands_dropped, lakes_dropped, rows_dropped
        Outer rings and holes below the minimum size, and rows of which nothing is left.
    arcs, arcs_shared
        Different arcs, and those of them that occur more than once.
    restored
        Vertices that came back so that nothing crosses.
    faults
        Rows that are still not valid; not zero only where they were not before.
    """

    vertices_before: int
    vertices_after: int
    displacement_max_mm: float
    displacement_mean_mm: float
    area_change: Floats
    area_change_max: float
    area_change_mean: float
    islands_dropped: int
    lakes_dropped: int
    rows_dropped: int
    arcs: int
    arcs_shared: int
    restored: int
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generalized:
    """Generalized geometry, aligned with what went in; None where all of a row was too small."""

    geometry: NDArray[Any]
    figures: Figures


def generalize(
    metres: ArrayLike,
    *,
    kind: Kind,
    scale: Scale,
    minimum_km2: float = 0.0,
    names: ArrayLike | None = None,
    anchors: Floats | None = None,
    error_mm: float = ERROR_MM,
) -> Generalized:
    """Generalize geometry in NAAF metres for a map scale.

    Lines may stand in one array with polygons: what they share stays shared, so that borders and coast, drawn as
    lines, run along the polygons. Ends and meeting points of lines never move.

    Parameters
    ----------
    metres
        Shapely lines and polygons in metres; points, empty and missing ones stay as they are.
    kind
        ``coverage``: polygons share borders and must not overlap; ``polygons``: they may lie on each other;
        ``lines``.
    minimum_km2
        Islands and lakes (holes) below are dropped, but never the largest part of a named row.
    names
        One a row, missing for rows without a name: these may be dropped altogether. Without it all rows count
        as named.
    anchors
        Shape (m, 2): vertices that never move, such as the mouths of rivers in a coast of another layer.
    error_mm
        Largest displacement in millimetres at map scale.

    Raises
    ------
    UsageError
        There is no such kind.
    """
    if kind not in get_args(Kind):
        raise UsageError(f"no way {kind!r} to generalize; there are {', '.join(get_args(Kind))}")
    given = np.array(metres, dtype=object)
    tolerance = error_mm / 1000 * SCALES[scale].denominator
    chains = cutting.flatten(given)
    arcs = cutting.cut(chains, anchors=anchors)
    dropped = small(chains, arcs, minimum_km2=minimum_km2, names=names)
    kept = _simplified(chains.xy, arcs, _tolerances(chains, arcs, tolerance))
    kept = _whole_small_rings(chains, arcs, kept, dropped.use)
    begun = len(kept)
    job = _Job(given=given, chains=chains, arcs=arcs, use=dropped.use, kind=kind, tolerance=tolerance)
    geometry, kept, bad = _repaired(job, kept)
    untouched = (shapely.get_dimensions(given) < 1) | shapely.is_empty(given)
    geometry[untouched] = given[untouched]
    used = dropped.use[_chain_of(chains, arcs)]
    mm = 1000 / SCALES[scale].denominator
    largest, mean = _displacement(chains.xy, arcs, kept, used)
    figures = _figures(given, geometry, arcs, dropped, (largest * mm, mean * mm))
    return Generalized(geometry=geometry, figures=Figures(restored=len(kept) - begun, faults=bad, **figures))


def _tolerances(chains: Chains, arcs: Arcs, tolerance: float) -> Floats:
    """Return the tolerance of each original arc: less for arcs of small rings, which would lose their shape."""
    root = np.where(chains.rings, np.sqrt(chains.area), np.inf)[_chain_of(chains, arcs)]
    out = np.full(len(arcs.first), tolerance)
    np.minimum.at(out, arcs.original, root * _SHARE_OF_RING)
    return out[arcs.originals]


def _chain_of(chains: Chains, arcs: Arcs) -> Ints:
    return np.searchsorted(chains.starts, arcs.first, side="right") - 1


def _simplified(xy: Floats, arcs: Arcs, tolerance: Floats) -> Ints:
    """Return the vertices to keep on the originals of the arcs, ascending; their ends are among them."""
    originals = arcs.originals
    first, last = arcs.first[originals], arcs.last[originals]
    long = last - first > 1
    first, last, tolerance = first[long], last[long], tolerance[long]
    pieces = even_slices(last - first, 1 + int((last - first).sum()) // _BLOCK)
    inner = in_threads(lambda p: _douglas_peucker(xy, first[p], last[p], tolerance[p]), pieces)
    return cutting.merged(len(xy), arcs.first[originals], arcs.last[originals], *inner)


def _douglas_peucker(xy: Floats, first: Ints, last: Ints, tolerance: Floats) -> Ints:
    position = cutting.ranges(first, last + 1)
    # the position travels as the height, which GEOS carries along and does not look at
    xyz = np.column_stack([xy[position], position])
    lines = shapely.linestrings(xyz, indices=np.repeat(np.arange(len(first)), last - first + 1))
    thin = shapely.simplify(lines, tolerance, preserve_topology=False)
    kept: Ints = shapely.get_coordinates(thin, include_z=True)[:, 2].astype(np.int64)
    return kept


def _whole_small_rings(chains: Chains, arcs: Arcs, kept: Ints, use: Bools) -> Ints:
    """Give rings and closed lines that would collapse all their vertices back."""
    counts = np.diff(np.searchsorted(cutting.spread(arcs, kept), chains.starts))
    closed = (chains.xy[chains.starts[:-1]] == chains.xy[chains.starts[1:] - 1]).all(axis=1)
    thin = np.flatnonzero(closed & use & (counts < _FEWEST))
    begin = np.searchsorted(arcs.first, chains.starts[thin])
    occurrence = cutting.ranges(begin, np.searchsorted(arcs.first, chains.starts[thin + 1]))
    source = np.unique(arcs.original[occurrence])
    return cutting.merged(len(chains.xy), kept, cutting.ranges(arcs.first[source], arcs.last[source] + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What the repair works on."""

    given: NDArray[Any]
    chains: Chains
    arcs: Arcs
    use: Bools
    kind: Kind
    tolerance: float

    def built(self, kept: Ints, rows: Ints | None = None) -> NDArray[Any]:
        use = self.use if rows is None else self.use & np.isin(self.chains.row[self.chains.part], rows)
        made = cutting.rebuild(self.chains, cutting.spread(self.arcs, kept), use=use)
        return made if rows is None else made[rows]


def _repaired(job: _Job, kept: Ints) -> tuple[NDArray[Any], Ints, int]:
    """Bring vertices back near faults until there are none, or nothing to bring back."""
    geometry = job.built(kept)
    wrong = np.zeros(len(geometry), dtype=bool)
    bad, places = faults(geometry, kind=job.kind)
    wrong[bad] = True
    old = faults(job.given, kind=job.kind, among=_around(job, geometry, np.flatnonzero(wrong)))[1]
    for turn in range(_ROUNDS):
        # an outline that swept over an island does not touch the fault, but passes within the tolerance
        reach = job.tolerance if turn % 2 else _TOUCH_M
        places = _new(job, bad, places, old)
        if not len(places):
            break
        rows = _near(geometry, places, reach)
        more = _restored(job, kept, rows, places, reach)
        if turn % 2 and not len(more):
            break
        kept = cutting.merged(len(job.chains.xy), kept, more)
        geometry[rows] = job.built(kept, rows)
        looked = _around(job, geometry, rows)
        bad, places = faults(geometry, kind=job.kind, among=looked)
        wrong[looked] = np.isin(looked, bad)
    return geometry, kept, int(wrong.sum())


def _around(job: _Job, geometry: NDArray[Any], rows: Ints) -> Ints:
    """Return rows with their neighbours, where neighbours matter."""
    return rows if job.kind == "polygons" or not len(rows) else _near(geometry, geometry[rows], 0.0)


def _near(geometry: NDArray[Any], others: NDArray[Any], reach: float) -> Ints:
    """Return the rows whose boxes come within reach of the boxes of others."""
    bounds = shapely.bounds(others) + np.array([-reach, -reach, reach, reach])
    rows: Ints = np.unique(shapely.STRtree(geometry).query(shapely.box(*bounds.T))[1])
    return rows


def _new(job: _Job, bad: Ints, places: NDArray[Any], old: NDArray[Any]) -> NDArray[Any]:
    """Return the places of faults that are not near old ones, nor in polygons that were invalid before."""
    places = places[shapely.is_valid(job.given[bad])]
    if not len(old) or not len(places):
        return places
    reach = job.tolerance
    return np.delete(
        places, np.unique(shapely.STRtree(old).query(places, predicate="dwithin", distance=reach)[0])
    )


def _restored(job: _Job, kept: Ints, rows: Ints, places: NDArray[Any], reach: float) -> Ints:
    """Return old vertices to bring back: of each simplified segment within reach of a fault the furthest one."""
    chains, arcs = job.chains, job.arcs
    use = job.use & np.isin(chains.row[chains.part], rows)
    everywhere = cutting.spread(arcs, kept)
    bounds = np.searchsorted(everywhere, chains.starts)
    at = cutting.ranges(bounds[:-1][use], bounds[1:][use] - 1)
    a, b = everywhere[at], everywhere[at + 1]
    a, b = a[b - a > 1], b[b - a > 1]
    segments: Any = shapely.linestrings(np.stack([chains.xy[a], chains.xy[b]], axis=1))
    near = np.unique(shapely.STRtree(segments).query(places, predicate="dwithin", distance=reach)[1])
    return np.unique(cutting.on_originals(arcs, _split(chains.xy, a[near], b[near], job.tolerance)))


def _split(xy: Floats, a: Ints, b: Ints, tolerance: float) -> Ints:
    """Split chords at their furthest vertex, and on until no vertex is further away than the tolerance."""
    found = [np.empty(0, dtype=np.int64)]
    while len(a):
        far, chord = _distance_to_chords(xy, a, b), np.repeat(np.arange(len(a)), b - a - 1)
        order = np.lexsort((-far, chord))
        furthest = order[np.unique(chord, return_index=True)[1]]
        wanted = (far[furthest] > tolerance) | (len(found) == 1)
        middle = cutting.ranges(a + 1, b)[furthest][wanted]
        found.append(middle)
        a, b = np.concatenate([a[wanted], middle]), np.concatenate([middle, b[wanted]])
        a, b = a[b - a > 1], b[b - a > 1]
    return np.concatenate(found)


def _distance_to_chords(xy: Floats, a: Ints, b: Ints) -> Floats:
    """Return how far the vertices between positions ``a`` and ``b`` are from the straight line that replaces them."""
    count = b - a - 1
    start, along = xy[a], xy[b] - xy[a]
    square = (along**2).sum(axis=1)
    along_unit = along / np.where(square > 0, square, 1.0)[:, None]
    chord = np.repeat(np.arange(len(a)), count)
    off = xy[cutting.ranges(a + 1, b)] - start[chord]
    share = np.clip(np.einsum("ij,ij->i", off, along_unit[chord]), 0.0, 1.0)
    off -= share[:, None] * along[chord]
    return np.hypot(off[:, 0], off[:, 1])


def _displacement(xy: Floats, arcs: Arcs, kept: Ints, used: Bools) -> tuple[float, float]:
    """Return the largest and the mean displacement in metres of the vertices of all used arcs."""
    originals = arcs.originals
    originals = originals[used[originals]]
    first, last = arcs.first[originals], arcs.last[originals]
    begin, end = np.searchsorted(kept, first), np.searchsorted(kept, last)
    at = cutting.ranges(begin, end)
    a, b = kept[at], kept[at + 1]
    a, b = a[b - a > 1], b[b - a > 1]

    def largest_and_sum(piece: slice) -> tuple[float, float]:
        far = _distance_to_chords(xy, a[piece], b[piece])
        return float(far.max()), float(far.sum())

    told = in_threads(largest_and_sum, even_slices(b - a, 1 + int((b - a).sum()) // _BLOCK))
    vertices = int((last - first + 1).sum())
    return max((m for m, _ in told), default=0.0), sum(s for _, s in told) / max(vertices, 1)


def _figures(
    before: NDArray[Any], after: NDArray[Any], arcs: Arcs, dropped: Dropped, moved_mm: tuple[float, float]
) -> dict[str, Any]:
    areas = [shapely.area(side) for side in (before, after)]
    change = np.divide(areas[1] - areas[0], areas[0], out=np.zeros(len(before)), where=areas[0] > 0)
    there = np.isfinite(change)
    return {
        "vertices_before": int(shapely.get_num_coordinates(before).sum()),
        "vertices_after": int(shapely.get_num_coordinates(after).sum()),
        "displacement_max_mm": moved_mm[0],
        "displacement_mean_mm": moved_mm[1],
        "area_change": change,
        "area_change_max": float(np.abs(change[there]).max(initial=0.0)),
        "area_change_mean": float(np.abs(change[there]).mean()) if there.any() else 0.0,
        "islands_dropped": dropped.islands,
        "lakes_dropped": dropped.lakes,
        "rows_dropped": int((shapely.is_missing(after) & ~shapely.is_missing(before)).sum()),
        "arcs": len(arcs.originals),
        "arcs_shared": int((arcs.uses[arcs.originals] > 1).sum()),
    }
