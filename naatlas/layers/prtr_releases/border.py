"""Distance of points to the borders between the three countries, and the zones along them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyproj
import shapely

from naatlas import framework
from naatlas.framework.base import layer_naaf
from naatlas.spec import COUNTRIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Width of the zone on either side, as in the La Paz agreement between Mexico and the United States.
ZONE_KM = 100.0


def lines() -> dict[str, NDArray[np.object_]]:
    """Return the borders on land, through rivers and lakes too, in framework metres: ``CAN-USA`` and ``MEX-USA``."""
    drawn = layer_naaf("boundaries", "1M")
    drawn = drawn[drawn["kind"].eq("country")]
    sides = [drawn[side].astype("string").fillna("").str.slice(0, 2) for side in ("code_a", "code_b")]
    short = {"CA": "CAN", "US": "USA", "MX": "MEX"}
    pairs = ["-".join(sorted(short.get(code, "") for code in pair)) for pair in zip(*sides, strict=True)]
    zones = [f"{a}-{b}" for a in sorted(COUNTRIES) for b in sorted(COUNTRIES) if a < b]
    found = {
        zone: drawn.geometry.to_numpy()[[pair == zone for pair in pairs]] for zone in zones if zone in pairs
    }
    return {zone: np.asarray(shapely.get_parts(parts)) for zone, parts in found.items()}


def border(longitude: pd.Series, latitude: pd.Series) -> pd.DataFrame:
    """Tell how far points are from the nearest border of two of the three countries, and in which zone they lie.

    The nearest place on the border is sought on the equal-area map, where both are drawn; the distance to it is that
    on the ellipsoid, so that it does not depend on how far from the middle of the map it is.

    Parameters
    ----------
    longitude, latitude
        Degrees.

    Returns
    -------
    DataFrame
        By the index of the points: ``border_km`` and ``border_zone`` (``CAN-USA``, ``MEX-USA``; missing beyond
        ``ZONE_KM``).
    """
    lon, lat = longitude.to_numpy("float64"), latitude.to_numpy("float64")
    x, y = framework.project(lon, lat)
    points = shapely.points(np.asarray(x), np.asarray(y))
    drawn = lines()
    parts = np.concatenate(list(drawn.values()))
    names = np.repeat(np.array(list(drawn), dtype=object), [len(one) for one in drawn.values()])
    nearest = shapely.STRtree(parts).nearest(points)
    feet = shapely.get_point(shapely.shortest_line(parts[nearest], points), 0)
    there = framework.unproject(shapely.get_x(feet), shapely.get_y(feet))
    away = pyproj.Geod(ellps="WGS84").inv(lon, lat, np.asarray(there[0]), np.asarray(there[1]))[2]
    km = np.asarray(away) / 1000
    told = pd.DataFrame({"border_km": km.round(2)}, index=longitude.index)
    zone = pd.Series(names[nearest], index=longitude.index, dtype="string")
    told["border_zone"] = zone.where(told["border_km"].le(ZONE_KM))
    return told
