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
from naatlas.geometry.rebuild import grown, kept, rebuilt
from naatlas.geometry.seam_figures import SeamFigures, moves, seam_lengths, survey
from naatlas.geometry.sides import chains
from naatlas.geometry.verdicts import Verdicts, judged

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


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
    line = chains(border)
    here_a, here_b = _zone(first, second, line, tolerance_m)
    old_a, old_b = first[here_a], second[here_b]
    faces, verdicts = _judged(old_a, old_b, line, tolerance_m)
    owner = _owners(faces, verdicts.side, len(old_a))
    drawn = shapely.get_coordinates(np.concatenate([old_a, old_b, line]))
    new = rebuilt(faces, owner, len(old_a) + len(old_b), vertices=drawn)
    first[here_a], second[here_b] = kept(old_a, new[: len(old_a)]), kept(old_b, new[len(old_a) :])
    figures = _figures(faces, verdicts, owner, (here_a, here_b), (old_a, old_b), new, line, tolerance_m)
    return Seam(first, second, figures)


def _judged(
    a: NDArray[Any], b: NDArray[Any], line: NDArray[Any], tolerance_m: float
) -> tuple[Faces, Verdicts]:
    faces = cut(a, b, line, tolerance_m=tolerance_m)
    return faces, judged(faces, a, b, line, tolerance_m)


def _figures(
    faces: Faces,
    verdicts: Verdicts,
    owner: Ints,
    here: tuple[Ints, Ints],
    old: tuple[NDArray[Any], NDArray[Any]],
    new: NDArray[Any],
    line: NDArray[Any],
    tolerance_m: float,
) -> SeamFigures:
    count_a = len(old[0])
    new_a, new_b = new[:count_a], new[count_a:]
    in_a, in_b = (owner >= 0) & (owner < count_a), owner >= count_a
    move_a, move_b = moves(faces, faces.a >= 0, in_a), moves(faces, faces.b >= 0, in_b)
    seam_m, on_border_m = seam_lengths(faces, in_a.astype(np.int64) - in_b, line)
    return SeamFigures(
        tolerance_m=tolerance_m,
        before=survey(faces, verdicts, *old),
        after=survey(*_judged(new_a, new_b, line, tolerance_m), new_a, new_b),
        largest_move_m=(move_a[0], move_b[0]),
        mean_move_m=(move_a[1], move_b[1]),
        a_to_b_m2=float(faces.area_m2[in_b & (faces.b < 0) & (faces.a >= 0)].sum()),
        b_to_a_m2=float(faces.area_m2[in_a & (faces.a < 0) & (faces.b >= 0)].sum()),
        seam_m=seam_m,
        on_border_m=on_border_m,
        vanished_a=_vanished(here[0], old[0], new_a),
        vanished_b=_vanished(here[1], old[1], new_b),
    )


def _vanished(here: Ints, old: NDArray[Any], new: NDArray[Any]) -> tuple[int, ...]:
    return tuple(int(i) for i in here[shapely.is_empty(new) & ~shapely.is_empty(old)])


def _zone(a: NDArray[Any], b: NDArray[Any], line: NDArray[Any], tolerance_m: float) -> tuple[Ints, Ints]:
    """Return the positions of the polygons that come within the tolerance of the other layer or the border."""
    tree_a, tree_b = shapely.STRtree(a), shapely.STRtree(b)
    pair_b, pair_a = tree_a.query(b, predicate="dwithin", distance=tolerance_m)
    _, by_a = tree_a.query(line, predicate="dwithin", distance=tolerance_m)
    _, by_b = tree_b.query(line, predicate="dwithin", distance=tolerance_m)
    return np.union1d(pair_a, by_a), np.union1d(pair_b, by_b)


def _owners(faces: Faces, side: Ints, count_a: int) -> Ints:
    """Give the owner of each face by number: polygons of the first layer from 0, of the second after them."""
    owner = np.full(len(side), -1, dtype=np.int64)
    owner = np.where((side > 0) & (faces.a >= 0), faces.a, owner)
    owner = np.where((side < 0) & (faces.b >= 0), faces.b + count_a, owner)
    return grown(faces, owner, side)
