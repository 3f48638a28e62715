"""Where a point lies, and whether that agrees with the country and state its register declares."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from naatlas.framework.crs import project, unproject
from naatlas.framework.land import pieces
from naatlas.framework.scales import SCALES
from naatlas.framework.vertices import densified, edges, map_xy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: How far from its declared state a point may lie on the base geometry and still count as there. Chosen on
#: the registers (36,000 rows of the trilateral tables, EIA-860 and Atlas, 6,698 Canadian turbines): shores,
#: river dams and border plants lie up to 5 km out, islets that the geometry lacks up to 9.0 km (Ramea in
#: Newfoundland); then nothing up to 17.4 km, and what is farther out on land is a true error.
TOLERANCE_KM = 10.0

#: At sea and no error of itself: the exclusive economic zone of the declared country, 200 nautical miles.
#: Offshore wind farms stand 29 to 69 km off their state, oil platforms up to 352 km.
OFFSHORE_KM = 370.4

#: What ``placement`` can say.
VERDICTS = (
    "inside",
    "within_tolerance",
    "at_sea",
    "other_state",
    "other_country",
    "off_continent",
    "no_coordinates",
)


def locate(lon: ArrayLike, lat: ArrayLike) -> pd.DataFrame:
    """Tell the country and state in which each point lies on the base geometry.

    Parameters
    ----------
    lon, lat
        Degrees, of one length; a longitude outside -180 to 180 is nowhere.

    Returns
    -------
    DataFrame
        ``country`` (ISO alpha-3, the countries around the three included) and ``state`` (ISO 3166-2); both
        missing at sea, outside the map and without coordinates. The index is that of ``lon`` where it has
        one.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    under = pieces()[["country", "code"]].reindex(_piece_of(x, y)).set_axis(_index(lon, len(x)))
    state = under["code"].where(under["code"].str.contains("-", na=False))
    return pd.DataFrame({"country": under["country"], "state": state}, dtype="string")


def _index(lon: ArrayLike, size: int) -> pd.Index:
    return lon.index if isinstance(lon, pd.Series) else pd.RangeIndex(size)


def _piece_of(lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """Return the position of the piece of land under each point, -1 where there is none."""
    where = np.full(len(lon), -1, dtype=np.int64)
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    # the tree holds the points and is asked with the polygons: it is the asking side that shapely prepares
    tree = shapely.STRtree(np.asarray(shapely.points(lon[known], lat[known])))
    piece, point = tree.query(pieces().geometry.to_numpy(), predicate="intersects")
    last_wins = np.argsort(-piece, kind="stable")  # on a border the first piece of the table
    where[known[point[last_wins]]] = piece[last_wins]
    return where


def placement(lon: ArrayLike, lat: ArrayLike, country: ArrayLike, state: ArrayLike) -> pd.DataFrame:
    """Judge points against the country and state their register declares; nothing is changed.

    The declared place wins within ``TOLERANCE_KM`` of its outline. Without a declared state the country
    alone counts.

    Parameters
    ----------
    lon, lat
        Degrees, of one length.
    country, state
        ISO codes as declared, one for all or one a point, missing where the register says nothing.

    Returns
    -------
    DataFrame
        ``located_country``, ``located_state`` as ``locate`` gives them; ``distance_to_state_km`` and
        ``distance_to_country_km``: kilometres on WGS84 to the nearest edge of the declared one, 0 inside it,
        missing where nothing is declared, the coordinates are impossible, or the base geometry does not have
        the place (Guam); ``verdict``:

        - ``inside``, ``within_tolerance``;
        - ``at_sea``: on no land and farther out, but within ``OFFSHORE_KM`` of the declared country;
        - ``other_state`` of the declared country, ``other_country``;
        - ``off_continent``: none of these, such as 0,0;
        - ``no_coordinates``.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    found = locate(lon, lat).add_prefix("located_")
    declared = pd.DataFrame(
        {name: _column(codes, len(x)) for name, codes in (("country", country), ("state", state))},
        index=found.index,
        dtype="string",
    )
    for level in ("state", "country"):
        found[f"distance_to_{level}_km"] = _distances(x, y, declared[level], found[f"located_{level}"])
    found["verdict"] = _verdicts(found, declared, known=np.isfinite(x) & np.isfinite(y))
    return found


def _column(codes: ArrayLike, size: int) -> NDArray[Any]:
    return np.broadcast_to(np.asarray(codes, dtype=object), size)


def _verdicts(found: pd.DataFrame, declared: pd.DataFrame, *, known: NDArray[np.bool_]) -> pd.Series:
    near = {}
    for level in ("state", "country"):
        distance = found[f"distance_to_{level}_km"]
        near[level] = (distance <= TOLERANCE_KM) | declared[level].isna()
    at_home = (found["located_country"] == declared["country"]).fillna(value=False)
    same = (found["located_state"] == declared["state"]).fillna(value=False) | declared["state"].isna()
    nowhere_declared = declared["country"].isna()
    on_land = found["located_state"].notna()
    landed = found["located_country"].notna()
    offshore = ~landed & (found["distance_to_country_km"] <= OFFSHORE_KM)
    cases = [
        ~known,
        (at_home & same) | (nowhere_declared & on_land & same),
        near["state"] & near["country"] & ~(nowhere_declared & declared["state"].isna()),
        offshore,
        at_home,
        landed,
    ]
    names = ["no_coordinates", *VERDICTS[:5]]
    chosen = np.select([np.asarray(case, dtype=bool) for case in cases], names, default="off_continent")
    return pd.Series(chosen, index=found.index, dtype="string")


def _distances(lon: Floats, lat: Floats, declared: pd.Series, located: pd.Series) -> Floats:
    """Return kilometres from each point to what is declared; 0 where it was located there."""
    same = (declared == located).fillna(value=False).to_numpy(dtype=bool)
    km = np.where(same, 0.0, np.nan)
    x, y = project(lon, lat)
    open_ones = np.flatnonzero(~same & declared.notna().to_numpy() & np.isfinite(x))
    for code, rows in pd.Series(open_ones).groupby(declared.to_numpy()[open_ones]):
        points = np.asarray(shapely.points(x[rows], y[rows]))
        km[rows] = _nearest_km(lon[rows], lat[rows], points, str(code))
    return km


def _nearest_km(lon: Floats, lat: Floats, points: NDArray[Any], code: str) -> Floats:
    """Find the nearest edge in the NAAF and measure the way to it on the ellipsoid."""
    outline = _outline(code)
    if outline is None:
        return np.full(len(lon), np.nan)
    way = shapely.shortest_line(points, outline.geometries[outline.nearest(points)])
    there = shapely.get_coordinates(shapely.get_point(way, 1))
    to_lon, to_lat = unproject(there[:, 0], there[:, 1])
    metres = pyproj.Geod(ellps="WGS84").inv(lon, lat, to_lon, to_lat)[2]
    return np.asarray(metres, dtype=np.float64) / 1000


@cache
def _outline(code: str) -> shapely.STRtree | None:
    """Return a search tree of the edges of a state, or of all states of a country; None where there are none.

    The edges between states do no harm: a point outside the country is nearer to the outer ones.
    """
    land = pieces()
    chosen = ((land["code"] == code) | (land["country"] == code).fillna(value=False)).to_numpy(dtype=bool)
    if not chosen.any():
        return None
    dense = densified(land.geometry.to_numpy()[chosen], max_degrees=SCALES["1M"].densify_degrees)
    return shapely.STRtree(np.asarray(shapely.linestrings(edges(map_xy(dense, project))[0])))
