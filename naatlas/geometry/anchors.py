"""Where rivers end in a coast or a shore: vertices that stay, so that mouths lie on the shore at every scale.

The files round rivers and shores each by itself, so that a mouth lies up to two steps of the grid beside the
shore it was drawn on. The mouth becomes a vertex of the shore, and such vertices never move when the shore is
generalized; ends of lines do not move either.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.framework.vertices import edges
from naatlas.geometry import arcs as cutting
from naatlas.geometry.faces import segments_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Farther than this a line ends beside a shore and not on it: the grid of the base geometry (14 m) moves either of
#: them by up to 10 m. At 1:1,000,000 it is a fifth of what can be seen.
ON_SHORE_M = 20.0

_AREA = 2  # dimension
_CORNERS = ["x0", "y0", "x1", "y1"]


def line_ends(lines: NDArray[Any]) -> Floats:
    """Return the places where lines end, each once, shape (m, 2)."""
    parts = shapely.get_parts(lines)
    ends = [shapely.get_coordinates(shapely.get_point(parts, at)) for at in (0, -1)]
    return np.asarray(np.unique(np.concatenate(ends), axis=0))


def anchored(
    shapes: NDArray[Any], places: Floats, *, within_m: float = ON_SHORE_M
) -> tuple[NDArray[Any], Floats]:
    """Lead outlines and lines through the places that lie on them.

    Parameters
    ----------
    shapes
        Lines or polygons in metres. Of polygons only the outer edges count, not borders between two of them, so that
        a coverage stays one. None and empty ones stay.
    places
        Shape (m, 2), metres.
    within_m
        How far beside an edge a place still lies on it.

    Returns
    -------
    shapes
        With a vertex at each such place; those without any are the same objects.
    anchors
        The places that lie on an edge, shape (k, 2).
    """
    segments = _shores(shapes)
    hits = _hits(segments, places, within_m)
    new = hits[~_at_corner(hits)].drop(columns="row").merge(segments, on=_CORNERS)
    out = np.array(shapes, dtype=object)
    rows = np.unique(new["row"].to_numpy())
    led = _inserted(out[rows], new.drop_duplicates("place"))
    # narrower than the way to the place: such an outline is left as it is
    crossed = shapely.is_valid(out[rows]) & ~shapely.is_valid(led)
    out[rows] = np.where(crossed, out[rows], led)
    lost = new["place"][np.isin(new["row"], rows[crossed])]
    return out, places[np.setdiff1d(hits["place"], lost)]


def _shores(shapes: NDArray[Any]) -> pd.DataFrame:
    """Return the edges that only one polygon has, and the segments of lines: two corners, and the row."""
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == _AREA)
    rings, first, second = edges(shapes[areas])
    lines = np.flatnonzero(shapely.get_dimensions(shapes) == 1)
    drawn = [segments_of(shapes[[row]]) for row in lines]
    row = np.concatenate([areas[first[second < 0]], np.repeat(lines, [len(some) for some in drawn])])
    corners = np.concatenate([rings[second < 0], *drawn]).reshape(-1, 4)
    told = pd.DataFrame(corners, columns=_CORNERS).assign(row=row.astype(np.int64))
    # in an order of their own, so that polygons and the lines along them choose the same edge at a corner
    return told.sort_values([*_CORNERS, "row"], ignore_index=True)


def _hits(segments: pd.DataFrame, places: Floats, within_m: float) -> pd.DataFrame:
    """Find for each place the nearest segment, if one is near enough: its corners and row, place, x, y, and share."""
    corners = segments[_CORNERS].to_numpy()
    tree = shapely.STRtree(np.asarray(shapely.linestrings(corners.reshape(-1, 2, 2))))
    place, at = tree.query_nearest(shapely.points(places), max_distance=within_m)
    told = segments.iloc[at].reset_index(drop=True).assign(place=place, at=at)
    told[["x", "y"]] = places[place]
    told["share"] = _share(corners[at], places[place])
    # two places at one corner go to its two sides
    taken = np.isin(at, at[~told.duplicated("place", keep=False)])
    order = np.lexsort((at, taken, _would_cross(told), place))
    nearest: pd.DataFrame = told.iloc[order].drop_duplicates("place", ignore_index=True)
    return nearest


def _would_cross(hits: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell, of segments that meet in the corner nearest to a place, those that may not be led through it.

    Led from its far end through the place and back to the corner, a segment would cross the other one when place and
    other far end lie on the same side of it.
    """
    low = hits["share"].to_numpy() < 0.5  # noqa: PLR2004 - the corner is the lower one
    corner, far = (np.where(low[:, None] == c, hits[["x0", "y0"]], hits[["x1", "y1"]]) for c in (True, False))
    one, two = _pairs(hits["place"].to_numpy())
    along = corner[one] - far[one]
    place, other = hits[["x", "y"]].to_numpy()[one] - far[one], far[two] - far[one]
    same_side = _cross(along, place) * _cross(along, other) > 0
    return np.asarray(np.bincount(one[same_side], minlength=len(hits)) > 0)


def _pairs(place: Ints) -> tuple[Ints, Ints]:
    """Return all pairs of different positions with one place."""
    told = pd.DataFrame({"place": place, "at": np.arange(len(place))})
    both = told.merge(told, on="place")
    both = both[both["at_x"] != both["at_y"]]
    return both["at_x"].to_numpy(), both["at_y"].to_numpy()


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _share(corners: Floats, places: Floats) -> Floats:
    """Return how far along its segment each place lies, 0 to 1."""
    along = corners[:, 2:] - corners[:, :2]
    return np.asarray(((places - corners[:, :2]) * along).sum(axis=1) / (along**2).sum(axis=1))


def _at_corner(hits: pd.DataFrame) -> NDArray[np.bool_]:
    low = (hits["x"] == hits["x0"]) & (hits["y"] == hits["y0"])
    high = (hits["x"] == hits["x1"]) & (hits["y"] == hits["y1"])
    return np.asarray(low | high)


def _inserted(shapes: NDArray[Any], new: pd.DataFrame) -> NDArray[Any]:
    """Put vertices into the segments they lie on, in order along the ring or line."""
    chains = cutting.flatten(shapes)
    found = _positions(chains, new)
    xy = np.insert(chains.xy, found["position"].to_numpy(), found[["x", "y"]].to_numpy(), axis=0)
    before = np.searchsorted(found["position"].to_numpy(), chains.starts, side="right")
    longer = replace(chains, xy=xy, starts=chains.starts + before)
    whole = np.ones(len(chains.part), dtype=bool)
    return cutting.rebuild(longer, np.arange(len(xy)), use=whole)


def _positions(chains: cutting.Chains, new: pd.DataFrame) -> pd.DataFrame:
    """Return where in the flat array each new vertex goes, and its coordinates, in ascending order."""
    real = np.ones(len(chains.xy), dtype=bool)
    real[chains.starts[1:] - 1] = False
    at = np.flatnonzero(real)
    ends = np.stack([chains.xy[at], chains.xy[at + 1]], axis=1)
    swap = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    ends[swap] = ends[swap, ::-1]
    drawn = pd.DataFrame(ends.reshape(-1, 4), columns=_CORNERS).assign(position=at + 1, swap=swap)
    found = drawn.merge(new, on=_CORNERS)
    way = np.where(found["swap"], -found["share"], found["share"])
    return found.assign(way=way).sort_values(["position", "way"], ignore_index=True)
