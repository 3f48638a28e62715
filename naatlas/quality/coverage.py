"""Do neighbours share their borders? Gaps, overlaps and unshared edges of a polygon coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.findings import Item, finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.model import Finding
    from naatlas.quality.shapes import ShapeLimits

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# what rounding leaves between two straight edges of 1,000 km
_ROUNDING_M2 = 1e-2
#: Examples that go into a finding: one more than is shown, so that it can tell that there are more.
_EXAMPLES = 4


def coverage_findings(
    shapes: NDArray[Any], keys: list[str], *, limits: ShapeLimits, usable: Bools
) -> list[Finding]:
    """Return findings for overlaps, gaps and edges whose vertices are not shared; nothing for a clean coverage.

    Parameters
    ----------
    shapes
        Polygons in framework metres.
    usable
        Which of them are valid and not empty; the others have findings of their own.
    """
    at = np.flatnonzero(usable)
    clean = shapes[at]
    edges = shapely.coverage_invalid_edges(clean)
    bad = ~shapely.is_empty(edges)
    slots = shapely.coverage_invalid_edges(clean, gap_width=limits.near_m)
    narrow = ~shapely.is_empty(slots) & ~bad
    found = []
    if bad.any():
        found += _overlap(clean, bad, [keys[i] for i in at])
        found += _unshared(edges, bad, [keys[i] for i in at])
    if narrow.any():
        found += _slot(slots, narrow, [keys[i] for i in at], limits)
    return found + _gap(clean, bad=bool(bad.any()), keys=[keys[i] for i in at], limits=limits)


def _overlap(shapes: NDArray[Any], bad: Bools, keys: list[str]) -> list[Finding]:
    one, other, area = overlaps(shapes, bad)
    if not len(one):
        return []
    worst = np.argsort(-area, kind="stable")
    shown = tuple(
        Item("pair", one=keys[one[i]], other=keys[other[i]], km2=area[i] / 1e6) for i in worst[:_EXAMPLES]
    )
    touched = tuple(keys[i] for i in np.unique(np.concatenate([one, other])))
    return [
        finding("coverage-overlap", "error", count=len(one), ids=touched, km2=area.sum() / 1e6, shown=shown)
    ]


def overlaps(shapes: NDArray[Any], chosen: Bools) -> tuple[Ints, Ints, Floats]:
    """Return pairs that overlap, one of them chosen, and the area they share in square metres."""
    at = np.flatnonzero(chosen)
    one, other = shapely.STRtree(shapes).query(shapes[at], predicate="intersects")
    pairs = np.sort(np.column_stack([at[one], other]), axis=1)
    one, other = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).T
    area = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    real = area > _ROUNDING_M2
    return one[real], other[real], area[real]


def _unshared(edges: NDArray[Any], bad: Bools, keys: list[str]) -> list[Finding]:
    ids = tuple(keys[i] for i in np.flatnonzero(bad))
    km = shapely.length(edges).sum() / 1e3
    return [finding("coverage-unshared", "error", ids=ids, km=km, shown=ids[:_EXAMPLES])]


def _slot(edges: NDArray[Any], narrow: Bools, keys: list[str], limits: ShapeLimits) -> list[Finding]:
    ids = tuple(keys[i] for i in np.flatnonzero(narrow))
    km = shapely.length(edges[narrow]).sum() / 1e3
    return [finding("coverage-slot", "warning", ids=ids, metres=limits.near_m, km=km, shown=ids[:_EXAMPLES])]


def _gap(shapes: NDArray[Any], *, bad: bool, keys: list[str], limits: ShapeLimits) -> list[Finding]:
    holes = gaps(shapes, bad=bad, width_m=limits.sliver_m)
    if not len(holes):
        return []
    near = np.unique(shapely.STRtree(shapes).query(holes, predicate="intersects")[1])
    ids = tuple(keys[i] for i in near)
    told = {"metres": limits.sliver_m, "km2": shapely.area(holes).sum() / 1e6, "shown": ids[:_EXAMPLES]}
    return [finding("coverage-gap", "warning", count=len(holes), ids=ids, **told)]


def gaps(shapes: NDArray[Any], *, bad: bool, width_m: float) -> NDArray[Any]:
    """Return the enclosed gaps of a coverage whose mean width is less than a limit; wider ones are lakes.

    Parameters
    ----------
    bad
        The coverage is not valid, so that the slow and safe union must be taken.
    """
    whole = shapely.union_all(shapes) if bad else shapely.coverage_union_all(shapes)
    rings = shapely.get_rings(shapely.get_parts(whole))
    outer = shapely.get_exterior_ring(shapely.get_parts(whole))
    holes = shapely.polygons(rings[~np.isin(shapely.to_wkb(rings), shapely.to_wkb(outer))])
    holes = np.atleast_1d(np.asarray(holes, dtype=object))
    return np.asarray(holes[2 * shapely.area(holes) < width_m * shapely.length(holes)])
