"""From the polygons of nine depths to features: each once, and whole at 180 degrees.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from naatlas.facts import Facts
from naatlas.framework.scales import WINDOWS
from naatlas.layers import _features as features
from naatlas.layers._overlay import first_of_equal, shapes_of
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec

#: The source cuts its polygons up to this far beside 180 degrees: there are vertices 0.00097 degrees (57 m at 57 N)
#: and less from it, and then none nearer than 0.0046.
CUT_BESIDE_DEGREES = 0.001

_SEAM = 180.0
_FAR = "lies beyond the map of the framework, in another ocean"
_NO_WIDTH = "lies between 180 degrees and where the source was cut beside it, and has no width"


def assemble(spec: LayerSpec, intervals: Mapping[int, str], table: Table, work: Work) -> Combined:
    """Publish every polygon with its depth and the interval that is seen of it, halves at 180 degrees as one."""
    pieces = _pieces(table, intervals, work)
    whole = _whole(pieces)
    _settle(pieces.join(whole["id"], on="group"), table.source.id, work)
    cell = table.frame.loc[whole["row"]]
    facts = Facts(work.edition.sources)
    told: dict[str, tuple[str, features.Values, str]] = {
        "depth_m": ("depth", whole["depth"], "as published"),
        "interval": ("depth", whole["depth"].map(intervals), "down to the next depth of the source"),
        "clipped": ("clipped", whole["clipped"], "1 = yes, of any part"),
        "area_km2": ("geometry", features.area_km2(whole["geometry"]), "area on the ellipsoid"),
    }
    for field, (column, value, rule) in told.items():
        origin = features.Origin(table.source.id, cell.index, column, cell[column])
        features.derive(facts, field, whole["id"], value, origin, rule)
    return features.combined(facts, spec, whole.set_index("id")["geometry"].to_dict())


def _pieces(table: Table, intervals: Mapping[int, str], work: Work) -> pd.DataFrame:
    """Return one row a polygon near the map: row, geometry, depth, clipped, and group, the feature it is of.

    Group is -1 for what has no width; ``own`` is not set where a polygon stands a second time.
    """
    depth = pd.to_numeric(table.frame["depth"]).astype("Int64")
    strange = depth[~depth.isin(list(intervals))]
    work.unknown.extend(
        f"{table.source.id}: depth {value} m in {count} row(s): add it to _DEPTHS_M of naatlas/layers/bathymetry.py"
        for value, count in strange.value_counts().sort_index().items()
    )
    shapes = shapes_of(table)
    near = shapely.intersects(shapely.union_all([shapely.box(*window) for window in WINDOWS]), shapes)
    work.ledger.settle(table.source.id, table.frame.index[~near], State.OUT_OF_SCOPE, _FAR)
    told = pd.DataFrame({"row": table.frame.index, "geometry": to_seam(shapes), "depth": depth.array})
    told["clipped"] = table.frame["clipped"].eq("1").array
    told = told[near].reset_index(drop=True)
    first = first_of_equal(told["geometry"].to_numpy(), told["depth"])
    told["own"] = first == np.arange(len(first))
    group = _across_seam(told["geometry"].to_numpy(), told["depth"].to_numpy())[first]
    return told.assign(group=np.where(shapely.is_empty(told["geometry"].to_numpy()), -1, group))


def to_seam(polygons: NDArray[Any]) -> NDArray[Any]:
    """Move what was cut beside 180 degrees onto it; what has no width then is empty."""

    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        beside = np.abs(xy[:, 0]) >= _SEAM - CUT_BESIDE_DEGREES
        return np.column_stack([np.where(beside, np.copysign(_SEAM, xy[:, 0]), xy[:, 0]), xy[:, 1]])

    west, _, east, _ = shapely.bounds(polygons).T
    out = np.array(polygons, dtype=object)
    cut = np.flatnonzero(np.fmax(np.abs(west), np.abs(east)) >= _SEAM - CUT_BESIDE_DEGREES)
    out[cut] = shapely.make_valid(
        shapely.transform(out[cut], moved), method="structure", keep_collapsed=False
    )
    return out


def _across_seam(polygons: NDArray[Any], depth: NDArray[Any]) -> NDArray[np.int64]:
    """Give polygons of one depth that share a stretch of 180 degrees one number."""
    sides = [_seam_edges(polygons, at) for at in (-_SEAM, _SEAM)]
    west, east = (shapely.STRtree(shapely.transform(edge, np.abs)) for edge, _ in sides)
    one, two = east.query(west.geometries, predicate="intersects")
    shared = shapely.length(shapely.intersection(west.geometries[one], east.geometries[two])) > 0
    a, b = sides[0][1][one[shared]], sides[1][1][two[shared]]
    a, b = (some[depth[a] == depth[b]] for some in (a, b))
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(polygons),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _seam_edges(polygons: NDArray[Any], at: float) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the stretches of the outlines that run along a meridian, and the polygon of each."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    along = (ring[1:] == ring[:-1]) & (xy[1:, 0] == at) & (xy[:-1, 0] == at)
    edge = np.asarray(shapely.linestrings(np.stack([xy[:-1][along], xy[1:][along]], axis=1)))
    return edge, polygon[part[ring[1:][along]]].astype(np.int64)


def _whole(pieces: pd.DataFrame) -> pd.DataFrame:
    """Return one row a feature by group, named after its largest piece: row, geometry, depth, clipped, id."""
    mine = pieces[pieces["own"] & pieces["group"].ge(0)]
    mine = mine.assign(area=features.area_km2(mine["geometry"])).sort_values(
        "area", ascending=False, kind="stable"
    )
    groups = mine.groupby("group")
    whole = groups[["row", "depth"]].first()
    ids = features.place_ids(
        "NA-BAT", groups["geometry"].first(), whole["depth"].astype("string").reset_index(drop=True)
    )
    whole["clipped"] = groups["clipped"].any()
    whole["geometry"] = groups["geometry"].agg(_joined)
    return whole.assign(id=ids.to_numpy())


def _joined(polygons: pd.Series) -> Any:  # noqa: ANN401 - a shapely polygon
    parts = shapely.get_parts(polygons.to_numpy())
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _settle(pieces: pd.DataFrame, source: str, work: Work) -> None:
    """Say where the rows went: alone into a feature, as a half of one, or nowhere."""
    own = pieces["own"] & pieces["group"].ge(0)
    alone = own & pieces["group"].map(pieces.loc[own, "group"].value_counts()).eq(1)
    cases = [pieces["group"].lt(0), alone, own]
    states = [State.OUT_OF_SCOPE, State.PUBLISHED, State.AGGREGATED]
    into = np.select(cases, states, default=State.MERGED)
    detail = pieces["id"].fillna(_NO_WIDTH)
    for state, told in pieces.assign(state=into, detail=detail).groupby("state"):
        work.ledger.settle(
            source, pd.Index(told["row"]), State(str(state)), told["detail"].reset_index(drop=True)
        )
