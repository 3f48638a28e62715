"""What edge matching found and left, in figures for the report and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.framework.vertices import edges
from naatlas.geometry.rebuild import same_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.geometry.faces import Faces
    from naatlas.geometry.verdicts import Verdicts

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# what is nearer or thinner than this is rounding (at 10,000 km), and one place
_ON_M = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What lies between two layers.

    Attributes
    ----------
    gap_m2, overlap_m2
        Area narrower than the tolerance that belongs to neither layer; area that belongs to both.
    left_open_m2
        Area between the layers that is too wide to close, such as a lake that neither maps.
    unshared_vertices
        Vertices at gaps, overlaps and where the layers touch that only one of them has.
    """

    gap_m2: float
    overlap_m2: float
    left_open_m2: float
    unshared_vertices: int

    @property
    def closed(self) -> bool:
        """Neither gap nor overlap is left, and all vertices are shared."""
        return not (self.gap_m2 or self.overlap_m2 or self.unshared_vertices)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamFigures:
    """What edge matching found and left.

    Attributes
    ----------
    passes
        How often both layers were cut and put together until nothing was left to do.
    largest_move_m, mean_move_m
        How far the edge of either layer moved (a, b) where it moved: from its old vertices to its new outline.
        A deep overlap that is cut along the border counts as a move.
    a_to_b_m2, b_to_a_m2
        Area that only one layer drew and the other got, because it lies across the border.
    seam_m, on_border_m
        Length of the seam, and of the part of it that follows the border.
    vanished_a, vanished_b
        Positions of polygons of which nothing is left, because all of them lay on the other side.
    """

    tolerance_m: float
    passes: int
    before: Survey
    after: Survey
    largest_move_m: tuple[float, float]
    mean_move_m: tuple[float, float]
    a_to_b_m2: float
    b_to_a_m2: float
    seam_m: float
    on_border_m: float
    vanished_a: tuple[int, ...] = ()
    vanished_b: tuple[int, ...] = ()


def survey(faces: Faces, verdicts: Verdicts, a: NDArray[Any], b: NDArray[Any]) -> Survey:
    """Measure what lies between two layers that were cut into faces and judged."""
    real = 2 * faces.area_m2 > _ON_M * shapely.length(faces.polygons)
    return Survey(
        gap_m2=float(faces.area_m2[verdicts.gap & real].sum()),
        overlap_m2=float(faces.area_m2[verdicts.overlap & real].sum()),
        left_open_m2=float(faces.area_m2[verdicts.left_open].sum()),
        unshared_vertices=_unshared(faces, verdicts, a, b),
    )


def _unshared(faces: Faces, verdicts: Verdicts, a: NDArray[Any], b: NDArray[Any]) -> int:
    inner = faces.second >= 0
    i, j = faces.first[inner], faces.second[inner]
    drawn = (faces.a >= 0).astype(np.int64) - (faces.b >= 0)
    odd = verdicts.gap | verdicts.overlap
    seam = (odd[i] != odd[j]) | (drawn[i] * drawn[j] < 0)
    xy = np.unique(faces.segments[inner][seam].reshape(-1, 2), axis=0)
    in_a, in_b = same_places(xy, shapely.get_coordinates(a)), same_places(xy, shapely.get_coordinates(b))
    return int((in_a != in_b).sum())


def moves(old: NDArray[Any], new: NDArray[Any]) -> tuple[float, float]:
    """Return the largest and the mean distance (by length) from the outline of old polygons to that of the new.

    Measured at vertices and middles of edges; the mean is of the outline that moved.
    """
    before, after = _outline(old), _outline(new)
    if not len(before) or not len(after):
        return 0.0, 0.0
    tree = shapely.STRtree(np.asarray(shapely.linestrings(after)))
    at = np.stack([before[:, 0], before.mean(axis=1), before[:, 1]], axis=1)
    points = np.asarray(shapely.points(at.reshape(-1, 2)))
    _, distance = tree.query_nearest(points, all_matches=False, return_distance=True)
    by_edge = distance.reshape(-1, 3)
    weight = np.hypot(*(before[:, 1] - before[:, 0]).T) * (by_edge.max(axis=1) > _ON_M)
    mean = float(np.average(by_edge.mean(axis=1), weights=weight)) if weight.any() else 0.0
    return (float(distance.max()) if weight.any() else 0.0), mean


def _outline(layer: NDArray[Any]) -> Floats:
    """Return the edges that only one polygon of a layer has."""
    drawn = layer[~(shapely.is_empty(layer) | shapely.is_missing(layer))]
    segments, _, second = edges(drawn)
    return segments[second < 0]


def seam_lengths(faces: Faces, line: NDArray[Any]) -> tuple[float, float]:
    """Return the length of the edges between the two layers, and of those that lie on a line."""
    side = (faces.a >= 0).astype(np.int64) - (faces.b >= 0)
    seam = (faces.second >= 0) & (side[faces.first] * side[faces.second] < 0)
    tree = shapely.STRtree(np.asarray(shapely.points(faces.segments[seam].mean(axis=1))))
    on = np.zeros(int(seam.sum()), dtype=bool)
    on[tree.query(line, predicate="dwithin", distance=_ON_M)[1]] = True
    length = faces.length_m[seam]
    return float(length.sum()), float(length[on].sum())
