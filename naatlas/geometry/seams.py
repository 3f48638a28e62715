"""Edge matching: two layers drawn independently of each other meet at a border without gap or overlap.

Both layers and the border of the framework are cut into faces (``faces``), each face goes to one side, and
the polygons are put together again. The rules, in this order:

1. within the tolerance of the border, the border decides: what is drawn across it goes to the other side, a
   gap goes to the side it lies on. Where a layer reaches farther across than the tolerance and the other
   gives way, that is no slip of the pen: the drawn line stays;
2. an overlap that touches the border, or comes within the tolerance of it, is cut along it, however deep;
   any other goes whole to the layer with which it shares the longer edge;
3. a gap narrower than the tolerance, that no border is near, goes to the layer with the longer shared edge;
   a wider one, such as a lake that neither side maps, stays and is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry.faces import Faces, cut
from naatlas.geometry.rebuild import grown, rebuilt
from naatlas.geometry.sides import chains
from naatlas.geometry.verdicts import judged

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

#: Two vertices nearer than this are one place: a tenth of a millimetre, above what noding rounds at 1e7 m.
SAME_M = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamFigures:
    """What edge matching found and left.

    Attributes
    ----------
    gap_before_m2, gap_after_m2
        Area between the layers, narrower than the tolerance, that belongs to neither.
    overlap_before_m2, overlap_after_m2
        Area that belongs to both.
    unshared_before, unshared_after
        Vertices on the outline of one layer that face or touch the other layer and are no vertex of it.
    largest_move_m, mean_move_m
        How far the seam edge of either layer moved (a, b): from its old vertices to its new outline.
    given_m2, taken_m2
        Area that the first layer gave up to the second, and took over from it (overlaps excluded).
    seam_m, on_border_m
        Length of the seam, and of the part of it that follows the border.
    vanished_a, vanished_b
        Positions of polygons of which nothing is left: all of them lay on the other side.
    """

    tolerance_m: float
    gap_before_m2: float
    gap_after_m2: float
    overlap_before_m2: float
    overlap_after_m2: float
    unshared_before: int
    unshared_after: int
    largest_move_m: tuple[float, float]
    mean_move_m: tuple[float, float]
    given_m2: float
    taken_m2: float
    seam_m: float
    on_border_m: float
    vanished_a: tuple[int, ...]
    vanished_b: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seam:
    """Two matched layers, in the order in which they were given, and what was done."""

    a: NDArray[Any]
    b: NDArray[Any]
    figures: SeamFigures


def match(a: ArrayLike, b: ArrayLike, border: ArrayLike, *, tolerance_m: float) -> Seam:
    """Let two polygon layers meet at a border: no gap, no overlap, all vertices of the seam shared.

    Polygons that come nowhere near the seam are returned as they are, and so are vertices away from it.

    Parameters
    ----------
    a, b
        Valid polygons in framework metres, each layer a coverage; None and empty stay.
    border
        Lines of the framework between the two, in metres; empty when there is none.
    tolerance_m
        Farthest that drawn lines are moved to the border, and widest gap that is closed.
    """
    first, second = np.array(a, dtype=object), np.array(b, dtype=object)
    line = chains(np.atleast_1d(np.asarray(border, dtype=object)))
    here_a, here_b = _zone(first, second, line, tolerance_m)
    old_a, old_b = first[here_a], second[here_b]
    faces = cut(old_a, old_b, line, tolerance_m=tolerance_m)
    verdicts = judged(faces, old_a, old_b, line, tolerance_m)
    owner = _owners(faces, verdicts.side, len(old_a))
    drawn = shapely.get_coordinates(np.concatenate([old_a, old_b, line]))
    new = rebuilt(faces, owner, len(old_a) + len(old_b), vertices=drawn)
    first[here_a], second[here_b] = _kept(old_a, new[: len(old_a)]), _kept(old_b, new[len(old_a) :])
    return Seam(first, second, faces, verdicts, owner)


def _zone(a: NDArray[Any], b: NDArray[Any], line: NDArray[Any], tolerance_m: float) -> tuple[Ints, Ints]:
    """Return the positions of the polygons that come within the tolerance of the other layer or the border."""
    tree_a, tree_b = shapely.STRtree(a), shapely.STRtree(b)
    pair_b, pair_a = tree_a.query(b, predicate="dwithin", distance=tolerance_m)
    _, by_a = tree_a.query(line, predicate="dwithin", distance=tolerance_m)
    _, by_b = tree_b.query(line, predicate="dwithin", distance=tolerance_m)
    return np.union1d(pair_a, by_a), np.union1d(pair_b, by_b)


def _owners(faces: Faces, side: Ints, count_a: int) -> Ints:
    """Number the owner of each face: polygons of the first layer from 0, of the second after them."""
    owner = np.full(len(side), -1, dtype=np.int64)
    owner = np.where((side > 0) & (faces.a >= 0), faces.a, owner)
    owner = np.where((side < 0) & (faces.b >= 0), faces.b + count_a, owner)
    return grown(faces, owner, side)


def _kept(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
    """Keep the old object where nothing changed, with its order of rings and vertices."""
    same = shapely.equals_exact(shapely.normalize(old), shapely.normalize(new), tolerance=0)
    return np.where(same, old, new)
