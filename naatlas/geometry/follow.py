"""Lines along polygons that are already generalized: coast and borders run where the published polygons end.

A line that is thinned by itself keeps other vertices than the polygons it was taken from: where a ring begins, and
where vertices come back so that nothing crosses, differs. Such a line takes the choice of the polygons over instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry import arcs as cutting
from naatlas.geometry.thinning import distance_to_chords

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.geometry.arcs import Chains

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_M2_PER_KM2 = 1e6
_ROUNDING = 1.0 + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Lines as the polygons have them.

    Attributes
    ----------
    geometry
        One a row; None where the line is none of the polygons', or all of it was left out.
    follows
        Whether each row runs along the polygons, whole or but for islands that they left out.
    vertices, largest_m, sum_m
        Vertices of the rows that follow, as they were; their largest displacement and the sum of all, in metres.
    islands
        Closed lines that were left out.
    """

    geometry: NDArray[Any]
    follows: Bools
    vertices: int
    largest_m: float
    sum_m: float
    islands: int


def follow(
    lines: NDArray[Any], outlines: NDArray[Any], *, tolerance_m: float, minimum_km2: float
) -> Followed:
    """Keep those vertices of lines that generalized polygons kept of the same line.

    Parameters
    ----------
    lines
        Not generalized, in metres, with the vertices that the polygons had before.
    outlines
        The generalized polygons.
    tolerance_m
        How far the polygons were moved at most; what would be moved further is no line of theirs.
    minimum_km2
        Closed lines around less that are not the polygons' are islands that these left out.
    """
    chains = cutting.flatten(lines)
    known = np.unique(_numbers(shapely.get_coordinates(outlines)))
    chains = _turned(chains, np.isin(_numbers(chains.xy), known))
    closed, kept = _closed(chains), np.isin(_numbers(chains.xy), known)
    kept[chains.starts[:-1][~closed]] = kept[chains.starts[1:][~closed] - 1] = True  # ends never move
    largest, sums = _moved(chains, kept)
    along = kept[chains.starts[:-1]] & (largest <= tolerance_m * _ROUNDING)
    out = closed & ~along & (_areas(chains) < minimum_km2 * _M2_PER_KM2)
    row = chains.row[chains.part]
    follows = np.ones(chains.rows, dtype=bool)
    follows[row[~along & ~out]] = False
    use = along & follows[row]
    lengths = np.diff(chains.starts)
    return Followed(
        geometry=cutting.rebuild(chains, np.flatnonzero(kept), use=use),
        follows=follows,
        vertices=int(lengths[use].sum()),
        largest_m=float(largest[use].max(initial=0.0)),
        sum_m=float(sums[use].sum()),
        islands=int((out & follows[row]).sum()),
    )


def _numbers(xy: Floats) -> NDArray[np.complex128]:
    """Make one number of each vertex, so that numpy can sort and look up."""
    return np.ascontiguousarray(xy + 0.0).view(np.complex128).ravel()


def _closed(chains: Chains) -> Bools:
    return np.asarray((chains.xy[chains.starts[:-1]] == chains.xy[chains.starts[1:] - 1]).all(axis=1))


def _chain(chains: Chains) -> Ints:
    return np.repeat(np.arange(len(chains.part)), np.diff(chains.starts))


def _turned(chains: Chains, kept: Bools) -> Chains:
    """Let closed lines begin with a vertex that is kept, so that they close again."""
    chain, lengths = _chain(chains), np.diff(chains.starts)
    place = np.arange(len(chains.xy)) - chains.starts[chain]
    first = np.zeros(len(lengths), dtype=np.int64)
    np.maximum.at(
        first, chain[kept], (lengths[chain] - 1 - place)[kept]
    )  # the earliest is farthest from the end
    turn = np.where(_closed(chains) & (first > 0), lengths - 1 - first, 0)
    around = np.maximum(lengths - 1, 1)
    moved = chains.starts[chain] + np.where(turn[chain] > 0, (place + turn[chain]) % around[chain], place)
    return replace(chains, xy=chains.xy[moved])


def _moved(chains: Chains, kept: Bools) -> tuple[Floats, Floats]:
    """Return the largest displacement in metres, and the sum of all, of each chain whose ends are kept."""
    largest, sums = np.zeros(len(chains.part)), np.zeros(len(chains.part))
    at = np.flatnonzero(kept)
    if not len(at):
        return largest, sums
    a, b = at[:-1], at[1:]
    chain = _chain(chains)
    gap = (b - a > 1) & (chain[a] == chain[b])
    a, b = a[gap], b[gap]
    if len(a):
        far, of = distance_to_chords(chains.xy, a, b), np.repeat(chain[a], b - a - 1)
        np.maximum.at(largest, of, far)
        np.add.at(sums, of, far)
    return largest, sums


def _areas(chains: Chains) -> Floats:
    """Return the area that each chain, closed by its chord, encloses."""
    (x, y), chain = chains.xy.T, _chain(chains)
    cross = np.zeros(len(x))
    x0, y0 = x[chains.starts[chain]], y[chains.starts[chain]]  # near zero, or the small areas drown
    cross[:-1] = (x[:-1] - x0[:-1]) * (y[1:] - y0[:-1]) - (x[1:] - x0[:-1]) * (y[:-1] - y0[:-1])
    cross[chains.starts[1:] - 1] = 0.0
    return np.asarray(np.abs(np.bincount(chain, weights=cross, minlength=len(chains.part))) / 2)
