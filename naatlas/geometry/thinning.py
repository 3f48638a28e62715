"""Which vertices of the arcs a map scale needs: Douglas and Peucker's rule, less for small rings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from naatlas.geometry import arcs as cutting
from naatlas.geometry.threads import even_slices, in_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.geometry.arcs import Arcs, Chains

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

#: A ring is not moved further than this share of the root of its area: its area changes by some per cent.
_SHARE_OF_RING = 0.05
_FEWEST = 4  # vertices of a ring, with the first again at its end
_BLOCK = 1 << 16


def thinned(chains: Chains, arcs: Arcs, *, tolerance: float, use: Bools) -> Ints:
    """Return the vertices to keep on the originals of the arcs, ascending.

    Parameters
    ----------
    tolerance
        Largest displacement in metres.
    use
        Whether each chain is used; of those that are, no ring collapses.
    """
    kept = _simplified(chains.xy, arcs, _tolerances(chains, arcs, tolerance))
    return _whole_small_rings(chains, arcs, kept, use)


def _tolerances(chains: Chains, arcs: Arcs, tolerance: float) -> Floats:
    """Return the tolerance of each original arc: less for arcs of small rings, which would lose their shape."""
    root = np.where(chains.rings, np.sqrt(chains.area), np.inf)[chain_of(chains, arcs)]
    out = np.full(len(arcs.first), tolerance)
    np.minimum.at(out, arcs.original, root * _SHARE_OF_RING)
    return out[arcs.originals]


def chain_of(chains: Chains, arcs: Arcs) -> Ints:
    """Return the chain that each occurrence of an arc belongs to."""
    return np.searchsorted(chains.starts, arcs.first, side="right") - 1


def _simplified(xy: Floats, arcs: Arcs, tolerance: Floats) -> Ints:
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


def distance_to_chords(xy: Floats, a: Ints, b: Ints) -> Floats:
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


def moved(xy: Floats, arcs: Arcs, kept: Ints, used: Bools) -> tuple[float, float]:
    """Return the largest and the mean displacement in metres of the vertices of all used arcs."""
    originals = arcs.originals
    originals = originals[used[originals]]
    first, last = arcs.first[originals], arcs.last[originals]
    at = cutting.ranges(np.searchsorted(kept, first), np.searchsorted(kept, last))
    a, b = kept[at], kept[at + 1]
    a, b = a[b - a > 1], b[b - a > 1]

    def largest_and_sum(piece: slice) -> tuple[float, float]:
        far = distance_to_chords(xy, a[piece], b[piece])
        return float(far.max()), float(far.sum())

    told = in_threads(largest_and_sum, even_slices(b - a, 1 + int((b - a).sum()) // _BLOCK))
    vertices = int((last - first + 1).sum())
    return max((m for m, _ in told), default=0.0), sum(s for _, s in told) / max(vertices, 1)
