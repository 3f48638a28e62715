"""Do neighbours share their borders? Gaps, overlaps and unshared edges of a polygon coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.model import Finding
from naatlas.quality.wording import examples, short

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.quality.shapes import ShapeLimits

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_ADVICE = "match the two sides (naatlas.geometry.seams), or have the publisher clean the layer"
# what rounding leaves between two straight edges of 1,000 km
_ROUNDING_M2 = 1e-2


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
    shown = examples(f"{keys[one[i]]} and {keys[other[i]]}: {short(area[i] / 1e6)} km2" for i in worst)
    touched = np.unique(np.concatenate([one, other]))
    text = f"{len(one):,} pairs of neighbours overlap, by {short(area.sum() / 1e6)} km2 in all ({shown})"
    return [
        Finding(
            rule="coverage-overlap",
            severity="error",
            message=text,
            advice=_ADVICE,
            count=len(one),
            ids=tuple(keys[i] for i in touched),
        )
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
    length = shapely.length(edges)
    ids = tuple(keys[i] for i in np.flatnonzero(bad))
    text = (
        f"{len(ids):,} features have borders that do not match their neighbours vertex by vertex, "
        f"{short(length.sum() / 1e3)} km in all ({examples(ids)})"
    )
    return [
        Finding(
            rule="coverage-unshared", severity="error", message=text, advice=_ADVICE, count=len(ids), ids=ids
        )
    ]


def _slot(edges: NDArray[Any], narrow: Bools, keys: list[str], limits: ShapeLimits) -> list[Finding]:
    ids = tuple(keys[i] for i in np.flatnonzero(narrow))
    text = (
        f"{len(ids):,} features have an edge within {short(limits.near_m)} m of another that it does not touch, "
        f"{short(shapely.length(edges[narrow]).sum() / 1e3)} km in all ({examples(ids)})"
    )
    advice = "a strait this narrow is rare: look at it on a map, and match the two sides if it is none"
    return [
        Finding(
            rule="coverage-slot", severity="warning", message=text, advice=advice, count=len(ids), ids=ids
        )
    ]


def _gap(shapes: NDArray[Any], *, bad: bool, keys: list[str], limits: ShapeLimits) -> list[Finding]:
    holes = gaps(shapes, bad=bad, width_m=limits.sliver_m)
    if not len(holes):
        return []
    area = shapely.area(holes)
    near = np.unique(shapely.STRtree(shapes).query(holes, predicate="intersects")[1])
    text = (
        f"{len(holes):,} gaps thinner than {short(limits.sliver_m)} m lie between neighbours, "
        f"{short(area.sum() / 1e6)} km2 in all ({examples(keys[i] for i in near)})"
    )
    return [
        Finding(
            rule="coverage-gap",
            severity="warning",
            message=text,
            advice=_ADVICE,
            count=len(holes),
            ids=tuple(keys[i] for i in near),
        )
    ]


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
