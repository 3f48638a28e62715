"""Bring vertices back where simplified lines cross or sweep over an island, there and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry import arcs as cutting
from naatlas.geometry.faults import faults
from naatlas.geometry.thinning import distance_to_chords

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.geometry.arcs import Arcs, Chains

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_ROUNDS = 40
_TOUCH_M = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is generalized.

    Attributes
    ----------
    given
        Geometry in metres as it came.
    use
        Whether each chain is used; the others are islands and lakes too small for the map.
    tolerance
        Largest displacement in metres.
    """

    given: NDArray[Any]
    chains: Chains
    arcs: Arcs
    use: Bools
    kind: str
    tolerance: float

    def built(self, kept: Ints, rows: Ints | None = None) -> NDArray[Any]:
        """Put the geometry of all rows, or of some, together from the vertices kept on the originals."""
        use = self.use if rows is None else self.use & np.isin(self.chains.row[self.chains.part], rows)
        made = cutting.rebuild(self.chains, cutting.spread(self.arcs, kept), use=use)
        return made if rows is None else made[rows]


@dataclass(frozen=True, slots=True)
class Mended:
    """Geometry by row, the vertices it is made of, and how many rows are still not as they should be."""

    geometry: NDArray[Any]
    kept: Ints
    faults: int


def mended(job: Job, kept: Ints) -> Mended:
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
    return Mended(geometry, kept, int(wrong.sum()))


def _around(job: Job, geometry: NDArray[Any], rows: Ints) -> Ints:
    """Return rows with their neighbours, where neighbours matter."""
    return rows if job.kind == "polygons" or not len(rows) else _near(geometry, geometry[rows], 0.0)


def _near(geometry: NDArray[Any], others: NDArray[Any], reach: float) -> Ints:
    """Return the rows whose boxes come within reach of the boxes of others."""
    bounds = shapely.bounds(others) + np.array([-reach, -reach, reach, reach])
    rows: Ints = np.unique(shapely.STRtree(geometry).query(shapely.box(*bounds.T))[1])
    return rows


def _new(job: Job, bad: Ints, places: NDArray[Any], old: NDArray[Any]) -> NDArray[Any]:
    """Return the places of faults that are not near old ones, nor in polygons that were invalid before."""
    places = places[shapely.is_valid(job.given[bad])]
    if not len(old) or not len(places):
        return places
    near = shapely.STRtree(old).query(places, predicate="dwithin", distance=job.tolerance)[0]
    return np.delete(places, np.unique(near))


def _restored(job: Job, kept: Ints, rows: Ints, places: NDArray[Any], reach: float) -> Ints:
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
        far, chord = distance_to_chords(xy, a, b), np.repeat(np.arange(len(a)), b - a - 1)
        order = np.lexsort((-far, chord))
        furthest = order[np.unique(chord, return_index=True)[1]]
        wanted = (far[furthest] > tolerance) | (len(found) == 1)
        middle = cutting.ranges(a + 1, b)[furthest][wanted]
        found.append(middle)
        a, b = np.concatenate([a[wanted], middle]), np.concatenate([middle, b[wanted]])
        a, b = a[b - a > 1], b[b - a > 1]
    return np.concatenate(found)
