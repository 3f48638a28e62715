"""The rules by which each face near a border goes to one side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry.faces import distinct
from naatlas.geometry.rebuild import connected, contact_table
from naatlas.geometry.sides import home, signed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.geometry.faces import Faces

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What each face is as drawn, and where it goes.

    Attributes
    ----------
    side
        1 for the first layer, -1 for the second, 0 for neither.
    gap, overlap
        Faces that belong to neither layer though they lie between the two, or to both.
    left_open
        Faces between the two layers that are too wide to be a slip of the pen.
    """

    side: Ints
    gap: Bools
    overlap: Bools
    left_open: Bools


def judged(
    faces: Faces, a: NDArray[Any], b: NDArray[Any], line: NDArray[Any], tolerance_m: float
) -> Verdicts:
    """Decide for each face between two layers which of them it goes to; the rules stand in ``seams``."""
    drawn = _drawn(faces)
    near = within(faces.polygons, line, tolerance_m)
    at_home = _at_home(faces, drawn, line, near)
    inside = wholly_within(faces, near, line, tolerance_m)
    overlap = (faces.a >= 0) & (faces.b >= 0)
    gap, left_open = _gaps(faces, a, b, tolerance_m)
    side = np.where(_slips(faces, drawn, at_home, inside, tolerance_m), at_home, drawn)
    side = np.where(overlap, _overlaps(faces, overlap, drawn, near, at_home), side)
    longer = _longer(faces, gap, drawn)
    side = np.where(gap, np.where(inside & (at_home != 0), at_home, longer), side)
    return Verdicts(side=side, gap=gap, overlap=overlap, left_open=left_open)


def _drawn(faces: Faces) -> Ints:
    return (faces.a >= 0).astype(np.int64) - (faces.b >= 0)


def within(shapes: NDArray[Any], others: NDArray[Any], distance_m: float) -> Bools:
    """Tell which shapes come within a distance of some other shape; no other shape may be a line inside of one."""
    if len(others) > 1 and (shapely.get_type_id(others) == shapely.GeometryType.LINESTRING).all():
        whole = shapely.multilinestrings(others)
        shapely.prepare(whole)  # an index of all its segments
        return np.asarray(shapely.dwithin(whole, shapes, distance_m))
    out = np.zeros(len(shapes), dtype=bool)
    out[shapely.STRtree(shapes).query(others, predicate="dwithin", distance=distance_m)[1]] = True
    return out


def _at_home(faces: Faces, drawn: Ints, line: NDArray[Any], near: Bools) -> Ints:
    judge = near | ((faces.a >= 0) & (faces.b >= 0))
    side, nearest = signed(faces.points[judge], line)
    out = np.zeros(len(faces.points), dtype=np.int64)
    out[judge] = home(side, nearest, (faces.area_m2 * drawn * near)[judge])
    return out


def wholly_within(faces: Faces, chosen: Bools, shapes: NDArray[Any], distance_m: float) -> Bools:
    """Tell which of the chosen faces have all their vertices within a distance of some shape."""
    xy, at = shapely.get_coordinates(faces.polygons[chosen], return_index=True)
    places, place = distinct(xy)
    far = ~within(np.asarray(shapely.points(places)), shapes, distance_m)
    out = chosen.copy()
    out[np.flatnonzero(chosen)[at[far[place]]]] = False
    return out


def _slips(faces: Faces, drawn: Ints, at_home: Ints, inside: Bools, tolerance_m: float) -> Bools:
    """Tell what one layer draws across the border by less than the tolerance."""
    across = (drawn != 0) & (at_home == -drawn)
    meant = across & ~inside
    slip = np.asarray(across & inside)
    if meant.any() and slip.any():
        at = np.flatnonzero(slip)
        slip[at[within(faces.polygons[at], faces.polygons[meant], tolerance_m)]] = False
    return slip


def _overlaps(faces: Faces, overlap: Bools, drawn: Ints, near: Bools, at_home: Ints) -> Ints:
    group = connected(faces, np.where(overlap, 0, -1))
    at_border = np.isin(group, group[overlap & near])
    return np.where(at_border & (at_home != 0), at_home, _longer(faces, overlap, drawn))


def _longer(faces: Faces, chosen: Bools, drawn: Ints) -> Ints:
    """Give each group of faces to the layer with the longer shared edge; to the first when they are equal."""
    group = connected(faces, np.where(chosen, 0, -1))
    first, second = contact_table(faces, group, _label(drawn), labels=2).T
    return (
        np.where(chosen, np.where(first >= second, 1, -1)[np.where(chosen, group, 0)], 0)
        if len(first)
        else drawn
    )


def _label(drawn: Ints) -> Ints:
    return np.choose(drawn + 1, [1, -1, 0])


def _gaps(faces: Faces, a: NDArray[Any], b: NDArray[Any], tolerance_m: float) -> tuple[Bools, Bools]:
    """Tell the faces between the layers: those narrow enough to close, and those left open.

    A gap is at least twice as deep, on either side, as its mouths are wide; else it is a bay. With less, what
    was closed would let the next stretch of a bay pass for a gap, and so on to its end.
    """
    empty = (faces.a < 0) & (faces.b < 0)
    narrow = wholly_within(faces, wholly_within(faces, empty, a, tolerance_m), b, tolerance_m)
    group = connected(faces, np.where(empty, narrow.astype(np.int64), -1))
    label = np.where(faces.a >= 0, 0, np.where(faces.b >= 0, 1, np.where(empty & ~narrow, 2, -1)))
    first, second, mouth = contact_table(faces, group, label, labels=3).T
    mouth += _rim(faces, group, len(mouth))
    between = np.append((first > 0) & (second > 0), [False])[group]
    deep = np.append(np.minimum(first, second) >= 2 * mouth, [False])[group]
    closes: Bools = narrow & between & deep
    return closes, empty & between & ~closes


def _rim(faces: Faces, group: Ints, count: int) -> Floats:
    """Return the metres by which each group faces the outside of all faces."""
    rim = (faces.second < 0) & (group[faces.first] >= 0)
    metres = np.bincount(group[faces.first[rim]], weights=faces.length_m[rim], minlength=count)
    return metres.astype(np.float64)
