"""Which watershed of each level a facility lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas.framework.base import layer_naaf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.model import LayerData

#: The basins are drawn so coarsely that they leave out strips of the coast, with the plants that stand there: on land
#: the nearest basin within this distance is taken.
COAST_KM = 5.0
#: The land of the framework is drawn for 1:10,000,000: a hotel on a spit of land is up to this far from it.
SHORE_KM = 2.0

#: How a facility was located, or why it could not be.
INSIDE, NEAREST = "inside", "nearest_on_land"
AT_SEA = "lies at sea, outside every watershed"
ON_LAND = f"lies on land more than {COAST_KM:g} km from every watershed of the source"


def locate(facilities: LayerData, watersheds: LayerData) -> pd.DataFrame:
    """Locate facilities in the polygons as they are published, so that anybody can do it again.

    A facility lies in one watershed of the last level (of several that it lies on the border of, in the first by id),
    and through it in one of each level above.

    Returns
    -------
    DataFrame
        Aligned with the facilities: ``level_1`` ... (ids, missing outside), ``location`` (``INSIDE``, ``NEAREST``, or
        why there is none), ``nearest`` (id of the nearest of the last level) and ``distance_km`` to it, 0 inside.
    """
    frame = watersheds.frame
    last = int(frame["level"].max())
    own = frame["level"].eq(last).to_numpy()
    ids = frame.loc[own, "atlas_id"].to_numpy(dtype=object)
    points = _points(facilities.points.x, facilities.points.y)
    place, distance_km = nearest(points, watersheds.shapes.metres[own])
    told = pd.DataFrame({"nearest": ids[place], "distance_km": distance_km}, index=facilities.frame.index)
    told["location"] = _location(distance_km, facilities)
    found = told["nearest"].where(told["location"].isin([INSIDE, NEAREST]))
    parent = frame.set_index("atlas_id")["parent"]
    for level in range(last, 0, -1):
        told[f"level_{level}"] = found.astype("string")
        found = found.map(parent)
    return told


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.points(x, y), dtype=object)


def nearest(
    points: NDArray[np.object_], polygons: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the position of the polygon of each point, the first of several, and the distance to it in km."""
    if not len(points):
        return np.empty(0, dtype=np.int64), np.empty(0)
    (point, polygon), distance = shapely.STRtree(polygons).query_nearest(points, return_distance=True)
    order = np.lexsort((polygon, point))
    _, first = np.unique(point[order], return_index=True)
    chosen = order[first]
    return polygon[chosen].astype(np.int64), distance[chosen] / 1000


def _location(distance_km: NDArray[np.float64], facilities: LayerData) -> NDArray[np.object_]:
    outside = np.flatnonzero(distance_km > 0)
    points = _points(facilities.points.x[outside], facilities.points.y[outside])
    _, from_land_km = nearest(points, layer_naaf("countries", "1M").geometry.to_numpy())
    on_land, near = from_land_km <= SHORE_KM, distance_km[outside] <= COAST_KM
    told = np.full(len(distance_km), INSIDE, dtype=object)
    told[outside] = np.select([on_land & near, on_land], [NEAREST, ON_LAND], default=AT_SEA)
    return told
