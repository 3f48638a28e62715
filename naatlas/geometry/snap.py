"""Snap a thematic layer to the base: its edges take the framework's coast or border where they are near.

"Relative positions are correct" is the framework's promise: a forest does not end 800 m off the coast because
somebody else drew that coast. The layer and the outlines of the base are cut into faces (``faces``). Each
polygon is at home in the regions of the base (countries, states, or the sea outside all of them) that hold
most of it, so that protected areas at sea and forests on land follow the same coast. Then, within the
tolerance of an outline:

1. what a polygon draws outside its home, and hangs on to the rest of it, goes to the neighbour that is at home
   there, or to nobody. Where it reaches farther than the tolerance, the drawn edge stays;
2. what is left empty between the layer and the outline goes to the neighbour at home there with the longer
   shared edge, unless it is wider open than it is deep, as a bay is.

Estuaries follow from the two rules, and the base decides as long as it is near. Where the base has water that a
polygon covers, the polygon gives it up, if no place of it is farther than the tolerance from a bank: an inlet up to
twice as wide as the tolerance. A wider one stays covered, as it was meant. Where a polygon leaves out an estuary that
is land in the base, the estuary stays open: its banks are farther from any outline of the base than the tolerance,
and nobody but the layer knows what lies there.

A valid coverage stays one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.framework.vertices import edges
from naatlas.geometry.faces import covering, cut
from naatlas.geometry.rebuild import connected, contacts, grown, kept, rebuilt
from naatlas.geometry.verdicts import wholly_within, within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from naatlas.geometry.faces import Faces

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

# a polygon is at home where more than this share of it lies: more than slips, less than what is meant
_HOME_SHARE = 0.2
_ON_M = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapFigures:
    """How far the outer edge lay from the base line, and lies now.

    Attributes
    ----------
    edge_before_m, edge_after_m
        Length of the layer's outer edge within the tolerance of the base line.
    on_base_before, on_base_after
        Share of that length that lies on the base line.
    mean_before_m, mean_after_m
        Mean distance of that edge from the base line, by length.
    added_m2, removed_m2
        Area that the layer took up to the line, and gave up beyond it.
    """

    tolerance_m: float
    edge_before_m: float
    edge_after_m: float
    on_base_before: float
    on_base_after: float
    mean_before_m: float
    mean_after_m: float
    added_m2: float
    removed_m2: float


@dataclass(frozen=True, slots=True)
class Snapped:
    """A snapped layer, in the order given, and what was done."""

    geometry: NDArray[Any]
    figures: SnapFigures


def snap_to_base(geometry: ArrayLike, base: ArrayLike, *, tolerance_m: float) -> Snapped:
    """Let the edges of a polygon layer follow the outlines of the base where they come near them.

    Parameters
    ----------
    geometry
        Valid polygons in framework metres; edges that two polygons share stay, but for the last stretch to
        the outline.
    base
        Polygons of the framework in metres, a coverage: one of all land for the coast, countries or states
        to follow their borders too.
    tolerance_m
        Farthest that an edge is moved; an edge farther off stays as drawn.
    """
    out, regions = np.array(geometry, dtype=object), np.atleast_1d(np.asarray(base, dtype=object))
    line, here = _outlines_near(regions, out, tolerance_m)
    old = out[here]
    faces = cut(old, np.empty(0, dtype=object), line, tolerance_m=tolerance_m)
    region = covering(shapely.STRtree(faces.points), regions) + 1
    owner = _owners(faces, region, len(old), line, tolerance_m)
    drawn = shapely.get_coordinates(np.concatenate([old, line]))
    new = rebuilt(faces, owner, len(old), vertices=drawn)
    out[here] = kept(old, new)
    return Snapped(out, _figures(faces, owner, line, tolerance_m))


def _outlines_near(
    regions: NDArray[Any], layer: NDArray[Any], tolerance_m: float
) -> tuple[NDArray[Any], Ints]:
    """Return single edges of the base within the tolerance of the layer, each once, and the polygons they are near."""
    edge = np.asarray(shapely.linestrings(edges(regions)[0]))
    # asked with the polygons, which are prepared then: a coast has too many vertices to be gone over for each edge
    polygon, at = shapely.STRtree(edge).query(layer, predicate="dwithin", distance=tolerance_m)
    near, here = np.zeros(len(edge), dtype=bool), np.zeros(len(layer), dtype=bool)
    near[at], here[polygon] = True, True
    return np.asarray(edge[near]), np.flatnonzero(here)


def _owners(faces: Faces, region: Ints, count: int, line: NDArray[Any], tolerance_m: float) -> Ints:
    at_home = _homes(faces, region, count)
    near = within(faces.polygons, line, tolerance_m)
    inside = wholly_within(faces, near, line, tolerance_m)
    covered = faces.a >= 0
    home = covered & at_home[faces.a, region]
    slip = _slips(faces, covered & ~home, inside, home, tolerance_m)
    short = _short_of(faces, ~covered & inside, region, home, line)
    owner = np.where(covered & ~slip, faces.a, -1)
    # a face takes an owner from its own region only, and only from polygons that are at home there
    lend = np.where(home, owner, -1)
    taken = grown(faces, lend, np.where(slip | short | home, region + 1, 0))
    return np.where(slip | short, taken, owner)


def _homes(faces: Faces, region: Ints, count: int) -> Bools:
    """Tell in which regions each polygon is at home, shape (polygons, regions)."""
    area = np.zeros((count, int(region.max(initial=0)) + 1))
    covered = faces.a >= 0
    np.add.at(area, (faces.a[covered], region[covered]), faces.area_m2[covered])
    return np.asarray(
        (area > _HOME_SHARE * area.sum(axis=1, keepdims=True)) | (area == area.max(axis=1)[:, None])
    )


def _slips(faces: Faces, abroad: Bools, inside: Bools, home: Bools, tolerance_m: float) -> Bools:
    """Tell what polygons draw outside their home by less than the tolerance, and not as islets of their own."""
    slip, meant = abroad & inside, abroad & ~inside
    if meant.any() and slip.any():
        at = np.flatnonzero(slip)
        slip[at[within(faces.polygons[at], faces.polygons[meant], tolerance_m)]] = False
    group = connected(faces, np.where(slip, 0, -1))
    touching = contacts(faces, group, np.where(home, 0, -1))[0]
    return slip & np.isin(group, touching)


def _short_of(faces: Faces, empty: Bools, region: Ints, home: Bools, line: NDArray[Any]) -> Bools:
    """Tell the empty faces between the layer and an outline, with more edge on either than open ends."""
    group = connected(faces, np.where(empty, region, -1))
    inner = faces.second >= 0
    ends = np.column_stack([faces.first, faces.second])
    own, other = np.concatenate([ends, ends[inner, ::-1]]).T
    at = np.concatenate([np.arange(len(ends)), np.flatnonzero(inner)])
    there = other >= 0
    outer = (group[own] >= 0) & (group[own] != np.where(there, group[other], -1))
    own, other, at, there = own[outer], other[outer], at[outer], there[outer]
    on_line = within(np.asarray(shapely.points(faces.segments[at].mean(axis=1))), line, _ON_M)
    lends = there & ~on_line & home[other]
    mouth = ~on_line & ~(there & (faces.a[other] >= 0))
    size = int(group.max(initial=-1)) + 1
    by_layer, by_line, open_m = (
        np.bincount(group[own], faces.length_m[at] * kind, size) for kind in (lends, on_line, mouth)
    )
    closes = (np.minimum(by_layer, by_line) >= open_m) & (by_layer > 0)
    return np.asarray(empty & np.append(closes, [False])[group])


def _figures(faces: Faces, owner: NDArray[np.int64], line: NDArray[Any], tolerance_m: float) -> SnapFigures:
    rims = [_rim(faces, covered) for covered in (faces.a >= 0, owner >= 0)]
    away = _away(faces, rims[0] | rims[1], line, tolerance_m)
    before, after = (_nearness(faces.length_m[rim], away[rim]) for rim in rims)
    return SnapFigures(
        tolerance_m=tolerance_m,
        edge_before_m=before[0],
        edge_after_m=after[0],
        on_base_before=before[1],
        on_base_after=after[1],
        mean_before_m=before[2],
        mean_after_m=after[2],
        added_m2=float(faces.area_m2[(faces.a < 0) & (owner >= 0)].sum()),
        removed_m2=float(faces.area_m2[(faces.a >= 0) & (owner < 0)].sum()),
    )


def _rim(faces: Faces, covered: Bools) -> Bools:
    """Tell the edges that have covered ground on one side only."""
    return np.asarray(covered[faces.first] != (covered[faces.second] & (faces.second >= 0)))


def _away(faces: Faces, chosen: Bools, line: NDArray[Any], tolerance_m: float) -> NDArray[np.float64]:
    """Return the distance of the middle of chosen edges from the line; infinite beyond the tolerance."""
    middle = np.asarray(shapely.points(faces.segments[chosen].mean(axis=1)))
    (at, _), distance = shapely.STRtree(line).query_nearest(
        middle, max_distance=tolerance_m, return_distance=True, all_matches=False
    )
    out = np.full(len(chosen), np.inf)
    out[np.flatnonzero(chosen)[at]] = distance
    return out


def _nearness(length: NDArray[np.float64], away: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return length of the outline near a line, share of it on the line, and its mean distance."""
    near = np.isfinite(away)
    length, away = length[near], away[near]
    if not length.sum():
        return 0.0, 0.0, 0.0
    on = float(length[away <= _ON_M].sum() / length.sum())
    return float(length.sum()), on, float(np.average(away, weights=length))
