"""Give faces to polygons, and put polygons together again from their faces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from naatlas.framework.vertices import edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.geometry.faces import Faces

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

# a vertex that noding put on a straight edge is off it by rounding only; a corner is off by far more
_STRAIGHT_M = 1e-5
_PASSES_BY = 2  # edges at a vertex that is no node
_TRIANGLE = 3


def connected(faces: Faces, kind: Ints) -> Ints:
    """Give each group of faces of one kind that share edges a number; -1 where the kind is negative."""
    inner = faces.second >= 0
    i, j = faces.first[inner], faces.second[inner]
    same = (kind[i] == kind[j]) & (kind[i] >= 0)
    graph = coo_array((np.ones(same.sum()), (i[same], j[same])), shape=(len(kind), len(kind)))
    return np.where(kind >= 0, connected_components(graph, directed=False)[1], -1).astype(np.int64)


def contacts(faces: Faces, group: Ints, label: Ints) -> tuple[Ints, Ints, Floats]:
    """Add up the length in metres of the edges between groups of faces and labelled faces (-1: neither).

    Returns
    -------
    group, label, length_m
        One row a pair that shares edges, sorted by group.
    """
    inner = faces.second >= 0
    i = np.concatenate([faces.first[inner], faces.second[inner]])
    j = np.concatenate([faces.second[inner], faces.first[inner]])
    counts = (group[i] >= 0) & (label[j] >= 0)
    pairs = np.column_stack([group[i], label[j]])[counts]
    pairs, at = np.unique(pairs, axis=0, return_inverse=True)
    length = _added(at, np.tile(faces.length_m[inner], 2)[counts], len(pairs))
    return pairs[:, 0], pairs[:, 1], length


def _added(at: Ints, length: Floats, count: int) -> Floats:
    return np.bincount(at.ravel(), weights=length, minlength=count).astype(np.float64)


def contact_table(faces: Faces, group: Ints, label: Ints, *, labels: int) -> Floats:
    """Return the same as a table: metres by group and label."""
    table = np.zeros((int(group.max(initial=-1)) + 1, labels))
    rows, columns, length = contacts(faces, group, label)
    table[rows, columns] = length
    return table


def grown(faces: Faces, owner: Ints, side: Ints) -> Ints:
    """Let owned faces grow over faces of their own side that have no owner.

    Each face goes to the neighbour with which it shares the longer edge (ties: to the lower number), then the
    next row of faces.

    Parameters
    ----------
    owner
        Number of the owner of each face, -1 for none yet.
    side
        1 or -1; faces of side 0 get no owner.
    """
    owner = owner.copy()
    for _ in range(len(owner)):
        free = np.where((owner < 0) & (side != 0), np.arange(len(owner)), -1)
        face, neighbour, length = contacts(faces, free, np.where(owner >= 0, np.arange(len(owner)), -1))
        fits = side[face] == side[neighbour]
        if not fits.any():
            break
        claims, at = np.unique(np.column_stack([face, owner[neighbour]])[fits], axis=0, return_inverse=True)
        weight = _added(at, length[fits], len(claims))
        order = np.lexsort((-claims[:, 1], weight))
        owner[claims[order, 0]] = claims[order, 1]
    return owner


def rebuilt(faces: Faces, owner: Ints, count: int, *, vertices: Floats) -> NDArray[Any]:
    """Put polygons together from the faces they own.

    Parameters
    ----------
    count
        How many polygons there are; one that owns nothing is empty.
    vertices
        Vertices as drawn, shape (n, 2). Others that noding put on straight edges are taken out again.
    """
    out = np.full(count, shapely.MultiPolygon(), dtype=object)
    owned = np.flatnonzero(owner >= 0)
    if not len(owned):
        return out
    order = owned[np.argsort(owner[owned], kind="stable")]
    present, start = np.unique(owner[order], return_index=True)
    for number, group in zip(present, np.split(order, start[1:]), strict=True):
        out[number] = shapely.coverage_union_all(faces.polygons[group])
    return _without_passing(out, vertices)


def _without_passing(polygons: NDArray[Any], vertices: Floats) -> NDArray[Any]:
    """Take out vertices that are no node, were not drawn, and lie on the straight line between their neighbours."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return polygons
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    open_end = np.append(ring[1:] == ring[:-1], [False])  # without the last vertex, which repeats the first
    passing = _passing(polygons, xy, ring, vertices)[open_end]
    xy, ring = xy[open_end], ring[open_end]
    thin = np.bincount(ring, weights=~passing, minlength=len(rings)) < _TRIANGLE
    passing &= ~np.isin(_packed(xy), _packed(xy[thin[ring]]))  # a ring that would vanish keeps its vertices
    whole = np.asarray(shapely.linearrings(xy[~passing], indices=ring[~passing]))
    return _assembled(whole, part, polygon, len(polygons))


def _assembled(rings: NDArray[Any], part: Ints, polygon: Ints, count: int) -> NDArray[Any]:
    shell = np.insert(part[1:] != part[:-1], 0, values=True)
    made = np.asarray(shapely.polygons(rings[shell]))
    if (~shell).any():
        holed = np.unique(part[~shell])
        holes = np.searchsorted(holed, part[~shell])
        made[holed] = shapely.polygons(rings[shell][holed], holes=_ragged(rings[~shell], holes))
    out = np.full(count, shapely.MultiPolygon(), dtype=object)
    present = np.unique(polygon)
    many = np.asarray(shapely.multipolygons(made, indices=np.searchsorted(present, polygon)))
    single = shapely.get_num_geometries(many) == 1
    many[single] = shapely.get_geometry(many[single], 0)
    out[present] = many
    return out


def _ragged(rings: NDArray[Any], row: Ints) -> NDArray[Any]:
    """Lay holes out as one row a polygon, filled up with None."""
    place = np.arange(len(row)) - np.searchsorted(row, row)
    table = np.full((int(row.max()) + 1, int(place.max()) + 1), None, dtype=object)
    table[row, place] = rings
    return table


def _passing(polygons: NDArray[Any], xy: Floats, ring: Ints, vertices: Floats) -> Bools:
    ends = _packed(edges(polygons)[0].reshape(-1, 2))
    places, degree = np.unique(ends, return_counts=True)
    here = _packed(xy)
    no_node = degree[np.searchsorted(places, here)] == _PASSES_BY
    before, after = _neighbours(xy, ring)
    chord, to = after - before, xy - before
    cross = np.abs(chord[:, 0] * to[:, 1] - chord[:, 1] * to[:, 0])
    straight = cross <= _STRAIGHT_M * np.hypot(*chord.T)
    return np.asarray(no_node & straight & ~np.isin(here, _packed(vertices)))


def _neighbours(xy: Floats, ring: Ints) -> tuple[Floats, Floats]:
    """Return the vertex before and after each vertex of closed rings."""
    first = np.searchsorted(ring, ring)
    last = np.searchsorted(ring, ring, side="right") - 1
    at = np.arange(len(ring))
    return xy[np.where(at == first, last - 1, at - 1)], xy[
        np.where(at == last, first + 1, (at + 1) % len(at))
    ]


def _packed(xy: Floats) -> NDArray[np.complex128]:
    return np.ascontiguousarray(xy + 0.0).view(np.complex128).ravel()


def same_places(xy: Floats, others: Floats) -> Bools:
    """Tell which vertices are, to the last bit, among others."""
    return np.isin(_packed(xy), _packed(others))


def kept(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
    """Keep the old object where nothing changed, with its order of rings and vertices."""
    same = shapely.equals_exact(shapely.normalize(old), shapely.normalize(new), tolerance=0)
    return np.where(same, old, new)
