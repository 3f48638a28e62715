"""Where a generalized layer is not as it should be, found by GEOS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas.geometry.threads import even_slices, in_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_PLACE = re.compile(r"\[(\S+) (\S+)\]$")


def faults(geometry: NDArray[Any], *, kind: str, among: Ints | None = None) -> tuple[Ints, NDArray[Any]]:
    """Find polygons that are invalid or overlap their neighbours, and lines that cross.

    Parameters
    ----------
    kind
        ``coverage``, ``polygons`` (may lie on each other) or ``lines``.
    among
        Look at these rows only.

    Returns
    -------
    rows, places
        For each fault, the position in ``geometry`` and a point or line where it is.
    """
    rows = np.arange(len(geometry)) if among is None else among
    dimension = shapely.get_dimensions(geometry[rows])
    areas, lines = rows[dimension == 2], rows[dimension == 1]  # noqa: PLR2004 - areas
    found = [_invalid(geometry, areas)]
    if kind == "coverage":
        found.append(_overlapping(geometry, areas))
    if kind == "lines":
        found.append(_crossing(geometry, lines))
    bad, places = (np.concatenate(side) for side in zip(*found, strict=True))
    return bad, places


def _invalid(geometry: NDArray[Any], rows: Ints) -> tuple[Ints, NDArray[Any]]:
    pieces = even_slices(shapely.get_num_coordinates(geometry[rows]), 16)
    good = in_threads(lambda piece: shapely.is_valid(geometry[rows[piece]]), pieces)
    bad = rows[~np.concatenate(good)] if good else rows
    told = [_PLACE.search(reason) for reason in shapely.is_valid_reason(geometry[bad])]
    at = [(float(found[1]), float(found[2])) if found else (np.nan, np.nan) for found in told]
    # GEOS tells the first fault of each polygon only; a continent would be mended one fault a turn
    one, two, crossings = _crossings(geometry, bad)
    own = one == two
    return np.concatenate([bad, one[own]]), np.concatenate(
        [shapely.points(np.array(at).reshape(-1, 2)), crossings[own]]
    )


def _overlapping(geometry: NDArray[Any], rows: Ints) -> tuple[Ints, NDArray[Any]]:
    places, at = shapely.get_parts(shapely.coverage_invalid_edges(geometry[rows]), return_index=True)
    there = ~shapely.is_empty(places)
    return rows[at[there]], places[there]


def _crossing(geometry: NDArray[Any], rows: Ints) -> tuple[Ints, NDArray[Any]]:
    one, two, places = _crossings(geometry, rows)
    return np.concatenate([one, two]), np.concatenate([places, places])


def _crossings(geometry: NDArray[Any], rows: Ints) -> tuple[Ints, Ints, NDArray[Any]]:
    """Find segments that cross between their ends, and the two rows they belong to; touching does not count."""
    parts, row = shapely.get_parts(geometry[rows], return_index=True)
    if len(parts) and shapely.get_dimensions(parts[0]) == 2:  # noqa: PLR2004 - areas
        parts, part = shapely.get_rings(parts, return_index=True)
        row = row[part]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    real = part[1:] == part[:-1]
    a, b, row = xy[:-1][real], xy[1:][real], rows[row[part[1:][real]]]
    segments: Any = shapely.linestrings(np.stack([a, b], axis=1))
    one, two = shapely.STRtree(segments).query(segments)
    one, two = one[one < two], two[one < two]
    cross = _apart(a[one], b[one], a[two], b[two]) & _apart(a[two], b[two], a[one], b[one])
    one, two = one[cross], two[cross]
    places: NDArray[Any] = shapely.intersection(segments[one], segments[two])
    return row[one], row[two], places


def _apart(a: Any, b: Any, p: Any, q: Any) -> NDArray[np.bool_]:  # noqa: ANN401 - arrays (n, 2)
    """Tell whether p and q lie on different sides of the line through a and b."""
    along = b - a
    sides = [along[:, 0] * (r - a)[:, 1] - along[:, 1] * (r - a)[:, 0] for r in (p, q)]
    return np.asarray(sides[0] * sides[1] < 0)
