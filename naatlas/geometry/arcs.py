"""The arcs that the outlines of a layer share: cut once, put together again.

All rings and lines of a layer are *chains* in one flat array of vertices. A *node* is a vertex where a chain
ends, or whose neighbours along one chain are not its neighbours along another: where the set of adjacent faces
changes. An *arc* runs between two nodes; what two polygons share is one arc that occurs twice. Vertices are
matched by their exact coordinates. Two different vertices of one hash become nodes, which costs a vertex and
never a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry.threads import in_threads, slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Hashes = NDArray[np.uint64]

_BLOCK = 1 << 16  # vertices that fit the cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """Rings and lines of an array of geometries, laid flat.

    Attributes
    ----------
    xy
        Shape (n, 2): the vertices of all chains; a ring ends with its first vertex.
    starts
        Position of the first vertex of each chain, and n.
    part
        Part of each chain: a polygon with its holes, or a line.
    row
        Row of each part in the array of geometries.
    rings
        Whether each chain is a ring; lines come after all rings.
    area
        Area in square units that each ring encloses; 0 for lines.
    rows
        Length of the array of geometries.
    """

    xy: Floats
    starts: Ints
    part: Ints
    row: Ints
    rings: Bools
    area: Floats
    rows: int

    @property
    def shell(self) -> Bools:
        """Whether each chain is the outer ring of its polygon."""
        first = np.concatenate([[True], self.part[1:] != self.part[:-1]])[: len(self.part)]
        return np.asarray(self.rings & first)


def flatten(geometry: NDArray[Any]) -> Chains:
    """Lay out polygons and lines; points, empty and missing geometries have no chains."""
    dimension = np.where(shapely.is_empty(geometry), -1, shapely.get_dimensions(geometry))
    areas, lines = np.flatnonzero(dimension == 2), np.flatnonzero(dimension == 1)  # noqa: PLR2004 - areas
    polygons, polygon_row = shapely.get_parts(geometry[areas], return_index=True)
    rings, ring_part = shapely.get_rings(polygons, return_index=True)
    single, line_row = shapely.get_parts(geometry[lines], return_index=True)
    chains = np.concatenate([rings, single])
    counts = shapely.get_num_coordinates(chains)
    return Chains(
        xy=shapely.get_coordinates(chains) + 0.0,  # no negative zero: it is another bit pattern
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        part=np.concatenate([ring_part, len(polygons) + np.arange(len(single))]).astype(np.int64),
        row=np.concatenate([areas[polygon_row], lines[line_row]]).astype(np.int64),
        rings=np.arange(len(chains)) < len(rings),
        area=np.concatenate([_ring_areas(polygons, rings, ring_part), np.zeros(len(single))]),
        rows=len(geometry),
    )


def _ring_areas(polygons: NDArray[Any], rings: NDArray[Any], part: Ints) -> Floats:
    area = np.empty(len(rings))
    hole = np.concatenate([[False], part[1:] == part[:-1]])[: len(part)]
    area[hole] = shapely.area(shapely.polygons(rings[hole]))
    area[~hole] = shapely.area(polygons) + np.bincount(
        part[hole], weights=area[hole], minlength=len(polygons)
    )
    return area


def rebuild(chains: Chains, kept: Ints, *, use: Bools) -> NDArray[Any]:
    """Make geometries of the kept vertices.

    Parameters
    ----------
    kept
        Positions in ``chains.xy``, ascending; of a ring the first and last may be missing or not, but not one
        without the other.
    use
        Whether each chain is used; a polygon without its outer ring is left out.

    Returns
    -------
    ndarray of shapely geometries
        One a row; None where nothing is left.
    """
    out = np.full(chains.rows, None, dtype=object)
    bounds = np.searchsorted(kept, chains.starts)
    counts = np.diff(bounds)
    use = use & (counts > 0)
    xy = chains.xy[kept]
    chosen = use & chains.rings
    if chosen.any():
        made = _chain_objects(xy, bounds, chosen, shapely.linearrings)
        polygons, part = _polygons(made, chains.part[chosen])
        _gather(out, polygons, chains.row[part], shapely.multipolygons)
    chosen = use & ~chains.rings
    if chosen.any():
        made = _chain_objects(xy, bounds, chosen, shapely.linestrings)
        _gather(out, made, chains.row[chains.part[chosen]], shapely.multilinestrings)
    return out


def _chain_objects(xy: Floats, bounds: Ints, chosen: Bools, make: Any) -> NDArray[Any]:  # noqa: ANN401
    counts = np.diff(bounds)
    wanted = xy[np.repeat(chosen, counts)] if not chosen.all() else xy
    made: NDArray[Any] = make(wanted, indices=np.repeat(np.arange(int(chosen.sum())), counts[chosen]))
    return made


def _polygons(rings: NDArray[Any], part: Ints) -> tuple[NDArray[Any], Ints]:
    """Put rings together to polygons; the first ring of a part is its outer one."""
    first = np.concatenate([[True], part[1:] != part[:-1]])
    shells, holes, number = rings[first], rings[~first], np.cumsum(first) - 1
    made = shapely.polygons(shells)
    with_holes = np.unique(number[~first])
    if len(with_holes):
        inner = np.split(holes, np.flatnonzero(np.diff(number[~first])) + 1)
        made[with_holes] = [
            shapely.Polygon(shells[n], list(h)) for n, h in zip(with_holes, inner, strict=True)
        ]
    return made, part[first]


def _gather(out: NDArray[Any], parts: NDArray[Any], row: Ints, make: Any) -> None:  # noqa: ANN401
    """Put single parts as they are, and several parts of one row as a multipart geometry."""
    rows, first, count = np.unique(row, return_index=True, return_counts=True)
    out[rows] = parts[first]
    many = np.repeat(count > 1, count)
    if many.any():
        out[rows[count > 1]] = make(
            parts[many], indices=np.repeat(np.arange((count > 1).sum()), count[count > 1])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arcs:
    """Occurrences of arcs along the chains, in order.

    Attributes
    ----------
    first, last
        Positions of the end vertices of each occurrence in the flat array.
    original
        Occurrence that stands for all of the same arc: the first of them.
    flipped
        Whether the occurrence runs against its original.
    uses
        How often the arc of this occurrence occurs.
    """

    first: Ints
    last: Ints
    original: Ints
    flipped: Bools
    uses: Ints

    @property
    def originals(self) -> Ints:
        """Occurrences that stand for an arc."""
        return np.flatnonzero(self.original == np.arange(len(self.original)))


def cut(chains: Chains, *, anchors: Floats | None = None) -> Arcs:
    """Cut chains at their nodes and match the arcs.

    Parameters
    ----------
    anchors
        Shape (m, 2): vertices with these coordinates are nodes, too.
    """
    hashes = _hashes(chains.xy)
    node = _nodes(hashes, chains.starts, None if anchors is None else _hashes(np.asarray(anchors) + 0.0))
    at = np.flatnonzero(node)
    ends = np.zeros(len(node), dtype=bool)
    ends[chains.starts[1:] - 1] = True
    run = ~ends[at[:-1]]
    first, last = at[:-1][run], at[1:][run]
    return _matched(hashes, first, last)


def _matched(hashes: Hashes, first: Ints, last: Ints) -> Arcs:
    total = np.cumsum(hashes)  # wraps around, and differences come out right
    key = (total[last] - total[first] + hashes[first]) ^ ((last - first).astype(np.uint64) * _ODD[2])
    _, index, group, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    original = index[group]
    begins = first[original]
    along = (hashes[first] == hashes[begins]) & (hashes[first + 1] == hashes[begins + 1])
    return Arcs(first=first, last=last, original=original, flipped=~along, uses=count[group])


_ODD = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], dtype=np.uint64)


def _hashes(xy: Floats) -> Hashes:
    """Mix the bits of x and y to one number a vertex."""
    out = np.empty(len(xy), dtype=np.uint64)

    def mix(piece: slice) -> None:
        bits = np.ascontiguousarray(xy[piece]).view(np.uint64)
        mixed = bits[:, 0] * _ODD[0]
        mixed ^= mixed >> np.uint64(32)
        mixed += bits[:, 1] * _ODD[1]
        mixed ^= mixed >> np.uint64(29)
        mixed *= _ODD[2]
        mixed ^= mixed >> np.uint64(32)
        mixed *= _ODD[0]
        out[piece] = mixed ^ (mixed >> np.uint64(29))

    in_threads(mix, slices(len(xy), _BLOCK))
    return out


def _nodes(hashes: Hashes, starts: Ints, anchors: Hashes | None) -> Bools:
    """Tell the vertices that end an arc wherever they occur."""
    count = len(hashes)
    around = np.empty(count, dtype=np.uint64)  # the neighbours, whichever comes first
    np.add(hashes[:-2], hashes[2:], out=around[1:-1])
    # the ends of a chain have one neighbour; a constant keeps them apart from all other vertices
    around[starts[:-1]], around[starts[1:] - 1] = _ODD[0], _ODD[1]
    if anchors is not None:
        hashes = np.concatenate([hashes, anchors])
        around = np.concatenate([around, np.full(len(anchors), _ODD[2])])
    node = np.zeros(len(hashes), dtype=bool)
    node[_differing(hashes, around)] = True
    node[starts[:-1]] = node[starts[1:] - 1] = True
    return node[:count]


def _differing(hashes: Hashes, around: Hashes) -> Ints:
    """Return the positions of vertices that occur with different neighbours."""
    # upper bits of the hash and the position in one number: sorting plain numbers is several times faster
    # than sorting positions by hash
    low = np.uint64(max(len(hashes) - 1, 1).bit_length())
    mask = (np.uint64(1) << low) - np.uint64(1)
    packed = np.empty(len(hashes), dtype=np.uint64)

    def pack(piece: slice) -> None:
        packed[piece] = (hashes[piece] & ~mask) | np.arange(piece.start, piece.stop, dtype=np.uint64)

    in_threads(pack, slices(len(packed), _BLOCK))
    _sort(packed)

    def look(piece: slice) -> Hashes:
        some = packed[piece.start : piece.stop + 1]
        group, beside = some >> low, around[(some & mask).astype(np.int64)]
        return np.unique(group[1:][(group[1:] == group[:-1]) & (beside[1:] != beside[:-1])])

    found = [np.empty(0, dtype=np.uint64), *in_threads(look, slices(len(packed), _BLOCK))]
    wanted = np.unique(np.concatenate(found)) << low
    at = ranges(np.searchsorted(packed, wanted), np.searchsorted(packed, wanted | mask, side="right"))
    return np.asarray((packed[at] & mask).astype(np.int64))


def _sort(numbers: Hashes) -> None:
    """Sort in place, the two halves in threads of their own."""
    middle = len(numbers) // 2
    if middle:
        numbers.partition(middle)
    in_threads(lambda half: half.sort(), [numbers[:middle], numbers[middle:]])


def ranges(begin: Ints, end: Ints) -> Ints:
    """Return all positions from each ``begin`` up to, not with, its ``end``, one run after the other."""
    counts = end - begin
    shift = begin - np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else begin
    return np.asarray(np.arange(int(counts.sum()), dtype=np.int64) + np.repeat(shift, counts))


def spread(arcs: Arcs, kept: Ints) -> Ints:
    """Carry vertices kept on the originals over to all occurrences; positions come out ascending."""
    copies = np.flatnonzero(arcs.original != np.arange(len(arcs.original)))
    source = arcs.original[copies]
    begin = np.searchsorted(kept, arcs.first[source])
    end = np.searchsorted(kept, arcs.last[source], side="right")
    step = kept[ranges(begin, end)] - np.repeat(arcs.first[source], end - begin)
    onto = np.repeat(copies, end - begin)
    there = np.where(arcs.flipped[onto], arcs.last[onto] - step, arcs.first[onto] + step)
    return merged(int(arcs.last[-1]) + 1 if len(arcs.last) else 0, kept, there)


def merged(count: int, *positions: Ints) -> Ints:
    """Return positions below ``count`` once each, ascending; marks are far quicker than sorting."""
    marked = np.zeros(count, dtype=bool)
    for some in positions:
        marked[some] = True
    return np.flatnonzero(marked)


def on_originals(arcs: Arcs, positions: Ints) -> Ints:
    """Return the positions of inner vertices of arcs on the originals of their arcs."""
    occurrence = np.searchsorted(arcs.first, positions, side="right") - 1
    source, step = arcs.original[occurrence], positions - arcs.first[occurrence]
    return np.where(arcs.flipped[occurrence], arcs.last[source] - step, arcs.first[source] + step)
