"""Islands and lakes too small for a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.geometry.arcs import ranges

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from naatlas.geometry.arcs import Arcs, Chains

    Bools = NDArray[np.bool_]

_M2_PER_KM2 = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Which chains are still used, and how many islands and lakes are not."""

    use: Bools
    islands: int
    lakes: int


def small(chains: Chains, arcs: Arcs, *, minimum_km2: float, names: ArrayLike | None) -> Dropped:
    """Find the islands and lakes (holes) below a minimum size that nobody would miss.

    A part that shares a border stays, since it would leave a gap. The largest part of a named row stays.
    A hole stays as long as something lies in it.

    Parameters
    ----------
    names
        One a row, missing for rows without a name; without it all rows count as named.
    """
    use = np.ones(len(chains.part), dtype=bool)
    if minimum_km2 <= 0 or not len(use):
        return Dropped(use=use, islands=0, lakes=0)
    little = chains.rings & (chains.area < minimum_km2 * _M2_PER_KM2) & _alone(chains, arcs)
    named = (
        np.ones(chains.rows, dtype=bool)
        if names is None
        else ~np.asarray(pd.isna(np.asarray(names, dtype=object)))
    )
    islands = _islands(chains, little, named)
    use[np.isin(chains.part, chains.part[islands])] = False
    lakes = np.flatnonzero(little & ~chains.shell & use)
    lakes = lakes[~_inhabited(chains, lakes, np.flatnonzero(little & chains.shell & use))]
    use[lakes] = False
    return Dropped(use=use, islands=len(islands), lakes=len(lakes))


def _alone(chains: Chains, arcs: Arcs) -> Bools:
    """Tell the chains that share no arc."""
    chain = np.searchsorted(chains.starts, arcs.first, side="right") - 1
    shared = np.zeros(len(chains.part), dtype=bool)
    shared[chain[arcs.uses > 1]] = True
    return ~shared


def _islands(chains: Chains, little: Bools, named: Bools) -> NDArray[np.int64]:
    """Return the outer rings to drop: all small ones but the largest of each named row."""
    shells = np.flatnonzero(chains.shell)
    row = chains.row[chains.part[shells]]
    order = np.lexsort((-chains.area[shells], row))
    largest = np.zeros(len(shells), dtype=bool)
    largest[order[np.unique(row[order], return_index=True)[1]]] = True
    return shells[little[shells] & ~(largest & named[row])]


def _inhabited(chains: Chains, lakes: NDArray[np.int64], islands: NDArray[np.int64]) -> Bools:
    """Tell the holes in which a small island stays; a large one does not fit in."""
    if not len(lakes) or not len(islands):
        return np.zeros(len(lakes), dtype=bool)
    at = ranges(chains.starts[lakes], chains.starts[lakes + 1])
    holes = shapely.polygons(
        shapely.linearrings(
            chains.xy[at], indices=np.repeat(np.arange(len(lakes)), np.diff(chains.starts)[lakes])
        )
    )
    corners: Any = shapely.points(chains.xy[chains.starts[islands]])
    inside = np.zeros(len(lakes), dtype=bool)
    inside[shapely.STRtree(corners).query(holes, predicate="intersects")[0]] = True
    return inside
