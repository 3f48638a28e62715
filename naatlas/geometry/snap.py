"""Snap a thematic layer to the base: its outer edges take the framework's coast or border where they are near.

"Relative positions are correct" is the framework's promise: a forest does not end 800 m off the coast because
somebody else drew that coast. The layer and the base line are cut into faces (``faces``). What the layer draws
across the line by less than the tolerance is cut off, what it leaves empty up to the line goes to the polygon
with the longer shared edge, and a valid coverage stays one. Which side of the line is the layer's is told
stretch by stretch, so that protected areas at sea and forests on land follow the same coast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry.faces import cut
from naatlas.geometry.rebuild import grown, kept, rebuilt
from naatlas.geometry.sides import chains, stretches
from naatlas.geometry.verdicts import judged_alone

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from naatlas.geometry.faces import Faces

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

# stretches of the base line that are judged by themselves, in tolerances: long against the slips, short
# against the parts of a layer
_STRETCH = 20
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
    vanished
        Positions of polygons of which nothing is left.
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
    vanished: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Snapped:
    """A snapped layer, in the order given, and what was done."""

    geometry: NDArray[Any]
    figures: SnapFigures


def snap_to_base(geometry: ArrayLike, base_lines: ArrayLike, *, tolerance_m: float) -> Snapped:
    """Let the outer edges of a polygon layer follow the base line where they come near it.

    Parameters
    ----------
    geometry
        Valid polygons in framework metres; edges that two polygons share stay, but for the last stretch to
        the line.
    base_lines
        Coast or borders of the framework, in metres.
    tolerance_m
        Farthest that an edge is moved; an edge farther off stays as drawn.
    """
    out = np.array(geometry, dtype=object)
    line = stretches(chains(base_lines), length_m=_STRETCH * tolerance_m)
    here = np.unique(shapely.STRtree(out).query(line, predicate="dwithin", distance=tolerance_m)[1])
    old = out[here]
    faces = cut(old, np.empty(0, dtype=object), line, tolerance_m=tolerance_m)
    side = judged_alone(faces, line, tolerance_m)
    owner = grown(faces, np.where((side > 0) & (faces.a >= 0), faces.a, -1), side)
    drawn = shapely.get_coordinates(np.concatenate([old, line]))
    new = rebuilt(faces, owner, len(old), vertices=drawn)
    out[here] = kept(old, new)
    vanished = here[shapely.is_empty(new) & ~shapely.is_empty(old)]
    return Snapped(out, _figures(faces, owner, line, tolerance_m, tuple(int(i) for i in vanished)))


def _figures(
    faces: Faces, owner: NDArray[np.int64], line: NDArray[Any], tolerance_m: float, vanished: tuple[int, ...]
) -> SnapFigures:
    before = _distances(faces, faces.a >= 0, line, tolerance_m)
    after = _distances(faces, owner >= 0, line, tolerance_m)
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
        vanished=vanished,
    )


def _distances(
    faces: Faces, covered: Bools, line: NDArray[Any], tolerance_m: float
) -> tuple[float, float, float]:
    """Return length of the outline near a line, share of it on the line, and its mean distance."""
    rim = np.where(faces.second >= 0, covered[faces.first] != covered[faces.second], covered[faces.first])
    middle = np.asarray(shapely.points(faces.segments[rim].mean(axis=1)))
    tree = shapely.STRtree(line)
    (at, _), distance = tree.query_nearest(
        middle, max_distance=tolerance_m, return_distance=True, all_matches=False
    )
    length = faces.length_m[rim][at]
    if not length.sum():
        return 0.0, 0.0, 0.0
    on = float(length[distance <= _ON_M].sum() / length.sum())
    return float(length.sum()), on, float(np.average(distance, weights=length))
