"""Lines and polygons as KML text: rounded, wound as the standard asks, light enough for Google Earth, open at 180.

A polygon that is cut at 180 degrees, or into pieces because it has too many vertices, would show the cuts as
borders. Such a feature is filled without outline, and its outline is drawn as lines that leave the cuts out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.spec import Geometry

    Floats = NDArray[np.float64]

#: Digits after the point of a degree: a metre on the ground, a thousandth of a millimetre at 1:1,000,000.
DECIMALS = 5
#: Vertices of a ring or line that Google Earth draws at ease; longer ones are written in pieces.
MOST_VERTICES = 20_000
#: Rounds of halving: enough for a ring of a thousand million vertices.
_MOST_ROUNDS = 16
_PAIR = f"%.{DECIMALS}f,%.{DECIMALS}f"
#: What counts as 180 degrees, or as a pole: sources cut there by eye, up to 100 m beside it.
_SEAM, _POLE = 179.999, 89.999
_RING = "<LinearRing><coordinates>%s</coordinates></LinearRing>"
_LINE = "<LineString><tessellate>1</tessellate><coordinates>%s</coordinates></LineString>"


def is_cut(degrees: NDArray[np.object_], kind: Geometry) -> NDArray[np.bool_]:
    """Tell which features need their outline as lines: polygons that touch 180 degrees, and very large ones."""
    if kind != "Polygon" or not len(degrees):
        return np.zeros(len(degrees), dtype=bool)
    west, _, east, _ = shapely.bounds(degrees).T
    with np.errstate(invalid="ignore"):  # no geometry, no bounds
        touching = (west <= -_SEAM) | (east >= _SEAM)
    return np.asarray(touching | _large(degrees))


def _large(degrees: NDArray[np.object_]) -> NDArray[np.bool_]:
    large = shapely.get_num_coordinates(degrees) > MOST_VERTICES
    at = np.flatnonzero(large)
    parts, row = shapely.get_parts(degrees[at], return_index=True)
    large[at] = False
    large[at[row[shapely.get_num_coordinates(parts) > MOST_VERTICES]]] = True
    return np.asarray(large)


def elements(degrees: NDArray[np.object_], kind: Geometry, cut: NDArray[np.bool_]) -> list[str | None]:
    """Return the geometry of each feature as KML; None where there is none.

    Parameters
    ----------
    degrees
        Lines or polygons in WGS84 degrees, split at 180.
    cut
        As ``is_cut`` tells: filled and outlined apart.
    """
    told: list[list[str]] = [[] for _ in range(len(degrees))]
    if kind == "LineString":
        _tell(told, *_lines(degrees), _LINE)
    else:
        parts, row = shapely.get_parts(degrees, return_index=True)
        pieces, piece_row = _pieces(parts, row, cut)
        _tell_polygons(told, pieces, piece_row)
        rings, ring_part = shapely.get_rings(parts[cut[row]], return_index=True)
        outlines, at = _open(rings)
        lines, line = _lines(outlines)
        _tell(told, lines, row[cut[row]][ring_part[at]][line], _LINE)
    return [_one(parts) for parts in told]


def _one(parts: list[str]) -> str | None:
    if len(parts) < 2:  # noqa: PLR2004 - several parts need a wrapping
        return parts[0] if parts else None
    return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def _tell(told: list[list[str]], lines: NDArray[Any], row: NDArray[np.int64], pattern: str) -> None:
    for text, at in zip(coordinates(lines), row.tolist(), strict=True):
        told[at].append(pattern % text)


def _tell_polygons(told: list[list[str]], polygons: NDArray[Any], row: NDArray[np.int64]) -> None:
    rings, polygon = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
    outer = np.diff(polygon, prepend=-1) > 0
    texts = coordinates(rings)
    made: list[list[str]] = [[] for _ in polygons]
    for text, at, first in zip(texts, polygon.tolist(), outer.tolist(), strict=True):
        side = "outerBoundaryIs" if first else "innerBoundaryIs"
        made[at].append(f"<{side}>{_RING % text}</{side}>")
    for parts, at in zip(made, row.tolist(), strict=True):
        told[at].append(f"<Polygon><tessellate>1</tessellate>{''.join(parts)}</Polygon>")


def coordinates(lines: NDArray[Any]) -> list[str]:
    """Return the vertices of each line or ring as KML writes them, formatted in one step for all."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    # Adding zero takes the sign from what rounds to nothing.
    values = (np.round(xy, DECIMALS) + 0.0).ravel().tolist()
    texts = ((_PAIR + "\n") * len(xy) % tuple(values)).split("\n")[:-1]
    bounds = [0, *np.cumsum(np.bincount(line, minlength=len(lines))).tolist()]
    return [" ".join(texts[start:end]) for start, end in pairwise(bounds)]


def _lines(geometry: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Take lines apart, and those with too many vertices into pieces that share their ends."""
    parts, row = shapely.get_parts(geometry, return_index=True)
    sizes = shapely.get_num_coordinates(parts)
    parts, row = parts[sizes > 0], row[sizes > 0]
    long = np.flatnonzero(sizes[sizes > 0] > MOST_VERTICES)
    if not len(long):
        return parts, row
    short = np.delete(np.arange(len(parts)), long)
    cut = [np.array(_chopped(shapely.get_coordinates(parts[at])), dtype=object) for at in long.tolist()]
    owner = [row[short], *(np.full(len(pieces), row[at]) for at, pieces in zip(long, cut, strict=True))]
    return np.concatenate([parts[short], *cut]), np.concatenate(owner)


def _chopped(xy: Floats) -> list[Any]:
    starts = range(0, len(xy) - 1, MOST_VERTICES - 1)
    return [shapely.LineString(xy[start : start + MOST_VERTICES]) for start in starts]


def _pieces(
    parts: NDArray[Any], row: NDArray[np.int64], cut: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Halve polygons until none has too many vertices."""
    full = ~shapely.is_empty(parts)
    parts, row = parts[full], row[full]
    for _ in range(_MOST_ROUNDS):
        large = np.flatnonzero(cut[row] & (shapely.get_num_coordinates(parts) > MOST_VERTICES))
        if not len(large):
            break
        halves, owner = _halved(parts[large])
        rest = np.delete(np.arange(len(parts)), large)
        parts, row = np.concatenate([parts[rest], halves]), np.concatenate([row[rest], row[large][owner]])
    return parts, row


def _halved(polygons: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Cut polygons across the middle of their vertices, at right angles to their longer side."""
    made, owner = [], []
    for number, polygon in enumerate(polygons):
        xy = shapely.get_coordinates(polygon)
        low, high = xy.min(axis=0), xy.max(axis=0)
        axis = int(np.argmax(high - low))
        first, second = (low.copy(), high.copy()), (low.copy(), high.copy())
        first[1][axis] = second[0][axis] = np.median(xy[:, axis])
        for corner, other in (first, second):
            half = shapely.get_parts(shapely.intersection(polygon, shapely.box(*corner, *other)))
            areas = half[shapely.get_type_id(half) == shapely.GeometryType.POLYGON]
            made.append(areas)
            owner.append(np.full(len(areas), number))
    return np.concatenate(made), np.concatenate(owner)


def _open(rings: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return what remains of rings without their sides along 180 degrees and at a pole, and the ring it is of."""
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(xy):
        return np.array([], dtype=object), np.array([], dtype=np.int64)
    a, b = xy[:-1], xy[1:]
    near = np.minimum(np.abs(a), np.abs(b))
    along = (near[:, 0] >= _SEAM) & (np.sign(a[:, 0]) == np.sign(b[:, 0]))
    along |= near[:, 1] >= _POLE
    side = (ring[1:] == ring[:-1]) & ~along
    keep = np.flatnonzero(side)
    run = np.cumsum(np.r_[True, np.diff(keep) > 1]) - 1
    starts = np.flatnonzero(np.r_[True, np.diff(run) > 0])
    ends = np.r_[starts[1:], len(keep)]
    lines = [shapely.LineString(xy[keep[s] : keep[e - 1] + 2]) for s, e in zip(starts, ends, strict=True)]
    return np.array(lines, dtype=object), ring[keep[starts]]
