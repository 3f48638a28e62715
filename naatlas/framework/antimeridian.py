"""Joining in the plane what was cut at 180 degrees, and cutting it again for formats that ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.framework.crs import project

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_SEAM, _TURN, _POLE = 180.0, 360.0, 90.0
_ROUNDING = 1e-9  # degrees: a tenth of a millimetre
_AREA, _LINE = 2, 1  # dimensions
#: Longitude that ``split`` takes for "a pole, which has none".
NO_LONGITUDE = 9_999.0


def project_seam(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Project as ``project`` does, with 180 and -180 degrees, and all longitudes of a pole, as one place to the bit."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    special = (lon == _SEAM) | (np.abs(lat) == _POLE)
    return project(np.where(special, -_SEAM, lon) if special.any() else lon, lat)


def noded(degrees: NDArray[Any]) -> NDArray[Any]:
    """Give both sides of 180 degrees the same vertices, so that the halves fit when they are joined."""
    out = np.array(degrees, dtype=object)
    rows = np.flatnonzero(_at_seam(out) & (shapely.get_dimensions(out) == _AREA))
    xy = shapely.get_coordinates(out[rows])
    latitudes = np.unique(xy[np.abs(xy[:, 0]) == _SEAM, 1])
    seam = shapely.MultiPoint([(side, lat) for side in (-_SEAM, _SEAM) for lat in latitudes])
    out[rows] = shapely.snap(out[rows], seam, _ROUNDING)
    return out


def _at_seam(degrees: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray((np.abs(shapely.bounds(degrees)[:, [0, 2]]) == _SEAM).any(axis=1))


def sewn(degrees: NDArray[Any], metres: NDArray[Any]) -> NDArray[Any]:
    """Join the parts of each row that meet at 180 degrees.

    Parameters
    ----------
    degrees, metres
        The same geometries before and after projecting with ``project_seam``.
    """
    out = np.array(metres, dtype=object)
    for row in np.flatnonzero(_at_seam(degrees)):
        dimension = shapely.get_dimensions(degrees[row])
        if dimension in (_AREA, _LINE):
            out[row] = _sewn_one(degrees[row], metres[row], dimension)
    return out


def _sewn_one(degrees: Any, metres: Any, dimension: int) -> Any:  # noqa: ANN401 - shapely geometries
    cut = _at_seam(shapely.get_parts(degrees))
    parts = shapely.get_parts(metres)
    if dimension == _LINE:
        line = shapely.line_merge(shapely.multilinestrings(parts[cut]))
        return _one([*parts[~cut], *shapely.get_parts(line)], shapely.MultiLineString)
    # a polygon around the pole runs along the seam twice
    twice = ~shapely.is_valid(parts)
    parts[twice] = shapely.make_valid(parts[twice], method="structure", keep_collapsed=False)
    joined = shapely.union_all(parts[cut]) if cut.sum() > 1 else parts[cut][0]
    return _one([*parts[~cut], *shapely.get_parts(joined)], shapely.MultiPolygon)


def _one(parts: list[Any], many: Any) -> Any:  # noqa: ANN401 - shapely geometries
    return parts[0] if len(parts) == 1 else many(parts)


def split(degrees: ArrayLike) -> NDArray[Any]:
    """Cut lines and polygons at 180 degrees, and bring all longitudes to -180..180.

    A step of more than 180 degrees (and less than 360) is one across 180. A ring around a pole is led along 180
    degrees to the pole, as formats in degrees want it. Neighbours get the same vertices where they are cut.

    Parameters
    ----------
    degrees
        Shapely geometries in degrees; points only get their longitude wrapped, None stays None. Where a ring goes
        around a pole or through it (a vertex with the longitude ``NO_LONGITUDE``), its inside is on the left, as in
        GeoJSON: outer rings run counterclockwise, holes clockwise.

    Returns
    -------
    ndarray of shapely geometries
        Those that need no cut are returned as they are.
    """
    out = np.array(degrees, dtype=object)
    dimension = shapely.get_dimensions(out)
    for row in np.flatnonzero(_crossing(out)):
        if dimension[row] == _AREA:
            parts = [piece for part in shapely.get_parts(out[row]) for piece in _split_polygon(part)]
            out[row] = _one(parts, shapely.MultiPolygon)
        elif dimension[row] == _LINE:
            lines = [
                shapely.LineString(_unwrapped(shapely.get_coordinates(p)))
                for p in shapely.get_parts(out[row])
            ]
            out[row] = _one([piece for line in lines for piece in _worlds(line)], shapely.MultiLineString)
        else:
            out[row] = shapely.transform(out[row], lambda xy: np.column_stack([_wrapped(xy[:, 0]), xy[:, 1]]))
    return out


def _wrapped(lon: Floats) -> Floats:
    return np.where(np.abs(lon) > _SEAM, (lon + _SEAM) % _TURN - _SEAM, lon)


def _crossing(degrees: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell the geometries that leave -180..180 or step across it."""
    bounds = shapely.bounds(degrees)
    out = np.asarray((np.abs(bounds[:, [0, 2]]) > _SEAM).any(axis=1))
    wide = np.flatnonzero((bounds[:, 2] - bounds[:, 0] > _SEAM) & ~out)
    parts, row = shapely.get_parts(degrees[wide], return_index=True)
    areas = shapely.get_dimensions(parts) == _AREA
    rings, part = shapely.get_rings(parts[areas], return_index=True)
    chains, owner = np.concatenate([rings, parts[~areas]]), np.concatenate([row[areas][part], row[~areas]])
    xy, chain = shapely.get_coordinates(chains, return_index=True)
    step = np.abs(np.diff(xy[:, 0]))
    across = (chain[1:] == chain[:-1]) & (step > _SEAM) & (step < _TURN)
    out[wide[owner[chain[1:][across]]]] = True
    return out


def _unwrapped(xy: Floats) -> Floats:
    """Let longitude run on past 180, and add a vertex where a segment crosses it; the inside is on the left."""
    xy, along_pole = _pole_opened(xy)
    lon = xy[:, 0]
    step = np.diff(lon)
    across = (np.abs(step) > _SEAM) & (np.abs(step) < _TURN)
    turns = np.where(across, -np.sign(step), 0.0)
    # with the pole ahead and the inside on the left the way along the pole is westward
    west = xy[:-1, 1] > 0
    turns = np.where(along_pole, np.where(west, -(step > 0).astype(float), (step < 0).astype(float)), turns)
    lon = lon + _TURN * np.concatenate([[0.0], np.cumsum(turns)])
    nearest = np.round((lon - _SEAM) / _TURN) * _TURN + _SEAM
    lon = np.where(np.abs(lon - nearest) < _ROUNDING, nearest, lon)
    return _with_crossings(np.column_stack([lon, xy[:, 1]]))


def _pole_opened(xy: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Put for each pole its two ends in degrees: the longitude it is reached by and the one it is left by."""
    pole = xy[:, 0] == NO_LONGITUDE
    if not pole.any():
        return xy, np.zeros(len(xy) - 1, dtype=bool)
    begin = int(np.argmin(pole))  # a ring that starts at the pole is turned to start elsewhere
    if begin:
        xy = np.vstack([xy[begin:-1], xy[: begin + 1]])
    pole = xy[:, 0] == NO_LONGITUDE
    at = np.flatnonzero(pole[:-1] & ~np.concatenate([[False], pole[:-2]]))
    after = np.array([i + int(np.argmin(pole[i:])) for i in at])
    opened = np.where(pole[:, None], np.nan, xy)
    opened[at] = np.column_stack([xy[at - 1, 0], np.copysign(_POLE, xy[at, 1])])
    ends = np.column_stack([xy[after, 0], np.copysign(_POLE, xy[at, 1])])
    mark = np.zeros(len(xy), dtype=bool)
    mark[at] = True
    mark, opened = np.insert(mark, at + 1, values=False), np.insert(opened, at + 1, ends, axis=0)
    there = ~np.isnan(opened[:, 0])
    return opened[there], mark[there][:-1]


def _with_crossings(xy: Floats) -> Floats:
    a, b = xy[:-1], xy[1:]
    world_a, world_b = ((side[:, 0] + _SEAM) / _TURN for side in (a, b))
    low, high = np.minimum(world_a, world_b), np.maximum(world_a, world_b)
    at = np.flatnonzero(np.ceil(high) - np.floor(low) > 1)  # a whole number of worlds lies between the ends
    if not len(at):
        return xy
    # from the southern end whichever way it is drawn: neighbours agree to the bit
    swap = a[at, 1] > b[at, 1]
    start, end = np.where(swap[:, None], b[at], a[at]), np.where(swap[:, None], a[at], b[at])
    seam = np.ceil(low[at]) * _TURN - _SEAM
    inside = np.abs(seam - start[:, 0]) / np.abs(end[:, 0] - start[:, 0])
    new = np.column_stack([seam, start[:, 1] + (end[:, 1] - start[:, 1]) * inside])
    return np.insert(xy, at + 1, new, axis=0)


def _split_polygon(polygon: Any) -> list[Any]:  # noqa: ANN401 - shapely geometries
    shell, *holes = (
        _worlds(_to_pole(_unwrapped(shapely.get_coordinates(ring)), hole=number > 0))
        for number, ring in enumerate(shapely.get_rings(polygon))
    )
    if not holes:
        return shell
    inner = [piece for hole in holes for piece in hole]
    cut = [shapely.difference(piece, shapely.MultiPolygon(inner)) for piece in shell]
    return [part for piece in cut for part in shapely.get_parts(piece) if not part.is_empty]


def _to_pole(xy: Floats, *, hole: bool) -> Any:  # noqa: ANN401 - a shapely polygon
    """Close a ring that goes around a pole along the pole; what a hole encloses is on its right."""
    turn = xy[-1, 0] - xy[0, 0]
    if abs(turn) > _SEAM:
        pole = _POLE if (turn > 0) != hole else -_POLE
        # begin at 180, so that the way to the pole is the cut
        at = int(np.argmax((xy[:, 0] + _SEAM) % _TURN == 0))
        xy = np.vstack([xy[at:], xy[1 : at + 1] + np.array([turn, 0.0])])
        xy = np.vstack([xy, [xy[-1, 0], pole], [xy[0, 0], pole]])
    return shapely.Polygon(xy)


def _worlds(geometry: Any) -> list[Any]:  # noqa: ANN401 - shapely geometries
    """Cut at each 180 degrees and move the pieces home."""
    west, _, east, _ = geometry.bounds
    dimension = shapely.get_dimensions(geometry)
    if not shapely.is_valid(geometry):  # leading a ring to the pole may lay it on itself
        geometry = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    found: list[Any] = []
    for world in range(int(np.floor((west + _SEAM) / _TURN)), int(np.ceil((east + _SEAM) / _TURN))):
        shift = world * _TURN
        box = shapely.box(shift - _SEAM, -_POLE, shift + _SEAM, _POLE)
        pieces = shapely.get_parts(shapely.intersection(geometry, box))
        found += [
            _moved(p, -shift) for p in pieces if shapely.get_dimensions(p) == dimension and not p.is_empty
        ]
    return found


def _moved(geometry: Any, by: float) -> Any:  # noqa: ANN401 - shapely geometries
    return shapely.transform(geometry, lambda xy: xy + np.array([by, 0.0]))
