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

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry.faces import Faces, cut
from naatlas.geometry.rebuild import grown, kept, rebuilt
from naatlas.geometry.seam_figures import SeamFigures, moves, seam_lengths, survey
from naatlas.geometry.seam_lines import match_lines
from naatlas.geometry.sides import chains
from naatlas.geometry.verdicts import Verdicts, judged

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


__all__ = ["Seam", "SeamFigures", "match", "match_lines"]

# a pass that leaves something is followed by another; noise made on purpose needed three
_PASSES = 6


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
    old = np.concatenate([first[here_a], second[here_b]])
    new, figures = _matched(old, len(here_a), line, tolerance_m)
    kept_ = kept(old, new)
    first[here_a], second[here_b] = kept_[: len(here_a)], kept_[len(here_a) :]
    gone = shapely.is_empty(new) & ~shapely.is_empty(old)
    vanished_a, vanished_b = here_a[gone[: len(here_a)]], here_b[gone[len(here_a) :]]
    figures = replace(figures, vanished_a=tuple(vanished_a.tolist()), vanished_b=tuple(vanished_b.tolist()))
    return Seam(first, second, figures)


def _matched(
    old: NDArray[Any], count_a: int, line: NDArray[Any], tolerance_m: float
) -> tuple[NDArray[Any], SeamFigures]:
    """Match polygons of the first layer (``count_a`` of them) and the second, pass by pass until nothing is left.

    One pass does it but where a wide gap is closed from its narrow ends: what was a mouth is narrower then.
    """
    now = old
    given: list[tuple[float, float]] = []
    faces, verdicts = _judged(now, count_a, line, tolerance_m)
    before = after = survey(faces, verdicts, now[:count_a], now[count_a:])
    while len(given) < _PASSES and not (given and after.closed):
        owner = _owners(faces, verdicts.side, count_a)
        given.append(_exchanged(faces, owner, count_a))
        drawn = shapely.get_coordinates(np.concatenate([now, line]))
        now = rebuilt(faces, owner, len(now), vertices=drawn)
        faces, verdicts = _judged(now, count_a, line, tolerance_m)
        after = survey(faces, verdicts, now[:count_a], now[count_a:])
    seam_m, on_border_m = seam_lengths(faces, line)
    move_a, move_b = moves(old[:count_a], now[:count_a]), moves(old[count_a:], now[count_a:])
    return now, SeamFigures(
        tolerance_m=tolerance_m,
        passes=len(given),
        before=before,
        after=after,
        largest_move_m=(move_a[0], move_b[0]),
        mean_move_m=(move_a[1], move_b[1]),
        a_to_b_m2=sum(to_b for to_b, _ in given),
        b_to_a_m2=sum(to_a for _, to_a in given),
        seam_m=seam_m,
        on_border_m=on_border_m,
    )


def _judged(
    layers: NDArray[Any], count_a: int, line: NDArray[Any], tolerance_m: float
) -> tuple[Faces, Verdicts]:
    a, b = layers[:count_a], layers[count_a:]
    faces = cut(a, b, line, tolerance_m=tolerance_m)
    return faces, judged(faces, a, b, line, tolerance_m)


def _exchanged(faces: Faces, owner: Ints, count_a: int) -> tuple[float, float]:
    """Return the area that only one layer covers and the other gets: from first to second, and back."""
    to_b = (owner >= count_a) & (faces.b < 0) & (faces.a >= 0)
    to_a = (owner >= 0) & (owner < count_a) & (faces.a < 0) & (faces.b >= 0)
    return float(faces.area_m2[to_b].sum()), float(faces.area_m2[to_a].sum())


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
    owner = grown(faces, owner, side)
    # what lies across the border where the other side has nothing near stays with the side that drew it
    drawn = np.where(faces.a >= 0, faces.a, np.where(faces.b >= 0, faces.b + count_a, -1))
    return np.where(owner < 0, drawn, owner)
