"""The base geometry of the atlas: land, borders, coast, lakes, rivers and towns of North America.

From Natural Earth 1:10m (public domain), put together by ``scripts/make_framework_data.py``. Land is stored
once, as one coverage of states, provinces and the countries around; countries, borders and coast are derived
from it, so that all of them share their vertices. ``locate`` and ``placement`` ask it about points.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from naatlas.errors import UsageError
from naatlas.framework.antimeridian import noded, project_seam, sewn
from naatlas.framework.crs import crs
from naatlas.framework.land import pieces, read, tolerance_degrees
from naatlas.framework.placement import TOLERANCE_KM, VERDICTS, locate, placement
from naatlas.framework.places import country_names, state_names
from naatlas.framework.scales import SCALES, WINDOWS
from naatlas.framework.vertices import densified, edges, map_xy
from naatlas.model import Scale
from naatlas.spec import COUNTRIES, LANGUAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "LAYERS",
    "TOLERANCE_KM",
    "VERDICTS",
    "boundaries",
    "coast",
    "layer",
    "layer_naaf",
    "locate",
    "pieces",
    "placement",
]

#: Names of the layers that ``layer`` and ``layer_naaf`` give.
LAYERS = ("countries", "states", "coast", "boundaries", "lakes", "rivers", "towns")


def layer(name: str, scale: Scale = "10M") -> gpd.GeoDataFrame:
    """Return one base layer in longitude and latitude (EPSG:4326).

    The data are drawn for 1:10,000,000. ``10M`` drops what that scale cannot show (``SCALES``); ``1M`` is all
    the detail there is, good for locating points and not for measuring.

    Parameters
    ----------
    name
        ``countries`` (country, role, names; role ``context`` around the three), ``states`` (state, country,
        names), ``coast`` (code), ``boundaries`` (kind ``country`` or ``state``, code_a, code_b), ``lakes``
        (area_km2), ``rivers`` (name, rank, kind), ``towns`` (name, state, rank, population, capital).

    Raises
    ------
    UsageError
        There is no such layer or scale.
    """
    _known(name, scale)
    return _layer(name, scale).copy()


def layer_naaf(name: str, scale: Scale = "10M") -> gpd.GeoDataFrame:
    """Return one base layer in NAAF metres, densified first so that parallels bend as they should.

    Land that is cut at 180 degrees is whole again. Columns and errors as in ``layer``.
    """
    _known(name, scale)
    return _layer_naaf(name, scale).copy()


def _known(name: str, scale: str) -> None:
    if name not in LAYERS:
        raise UsageError(f"no base layer {name!r}; there are {', '.join(LAYERS)}")
    if scale not in get_args(Scale):
        raise UsageError(f"no scale {scale!r}; there are {', '.join(get_args(Scale))}")


@cache
def _layer_naaf(name: str, scale: Scale) -> gpd.GeoDataFrame:
    frame = _layer(name, scale)
    degrees = noded(frame.geometry.to_numpy())
    dense = densified(degrees, max_degrees=SCALES[scale].densify_degrees)
    flat = sewn(degrees, map_xy(dense, project_seam))
    return frame.set_geometry(gpd.GeoSeries(flat, index=frame.index, crs=crs()))


@cache
def _layer(name: str, scale: Scale) -> gpd.GeoDataFrame:
    if name in {"lakes", "rivers", "towns"}:
        frame = read(name)
        return frame if scale == "1M" or name == "towns" else _thinned(frame, scale)
    land = pieces(scale)
    derive = {"countries": _countries, "states": _states, "coast": coast, "boundaries": boundaries}
    return derive[name](land)


def _thinned(frame: gpd.GeoDataFrame, scale: Scale) -> gpd.GeoDataFrame:
    thin = shapely.simplify(frame.geometry.to_numpy(), tolerance_degrees(scale), preserve_topology=True)
    return frame.set_geometry(gpd.GeoSeries(thin, index=frame.index, crs=frame.crs))


def _countries(land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    whole = land[["country", "geometry"]].dissolve("country", method="coverage", dropna=False).reset_index()
    whole["role"] = np.where(whole["country"].isin(COUNTRIES), "subject", "context")
    for language in LANGUAGES:
        whole[f"name_{language}"] = whole["country"].map(country_names(language)).astype("string")
    return whole[["country", "role", *_names(), "geometry"]]


def _states(land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame = land[land["code"].str.contains("-")].rename(columns={"code": "state"}).reset_index(drop=True)
    for language in LANGUAGES:
        frame[f"name_{language}"] = frame["state"].map(state_names(language)).astype("string")
    return frame[["state", "country", *_names(), "geometry"]]


def _names() -> list[str]:
    return [f"name_{language}" for language in LANGUAGES]


def _lines(land: gpd.GeoDataFrame, segments: NDArray[np.float64], keys: pd.DataFrame) -> gpd.GeoDataFrame:
    """Join segments (n, 2, 2) that carry the same keys to lines, one row a combination."""
    group = keys.groupby(list(keys), sort=True).ngroup().to_numpy()
    order = np.argsort(group, kind="stable")
    single = np.asarray(shapely.linestrings(segments[order]))
    many = shapely.multilinestrings(single, indices=group[order])
    table = keys.iloc[order][~pd.Series(group[order]).duplicated().to_numpy()].reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=shapely.line_merge(many), crs=land.crs)


def coast(land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the shore of each piece of a coverage of land (``code``, ``country``), one row a code."""
    segments, left, right = edges(land.geometry.to_numpy())
    owner = land["code"].to_numpy()[left]
    shore = (right < 0) & ~((owner == "") & _on_frame(segments))  # states and countries are nowhere cut
    codes = owner[shore]
    return _lines(land, segments[shore], pd.DataFrame({"code": codes}))


def _on_frame(segments: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell segments that are no shore but the cut of the window, 180 degrees among them."""
    xs = [x for west, _, east, _ in WINDOWS for x in (west, east)]
    ys = [y for _, south, _, north in WINDOWS for y in (south, north)]
    (x, y), level = segments[:, 0].T, segments[:, 0] == segments[:, 1]
    return np.asarray((level[:, 0] & np.isin(x, xs)) | (level[:, 1] & np.isin(y, ys)))


def boundaries(land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the lines between pieces of a coverage of land: kind (``country``, ``state``), code_a, code_b."""
    segments, left, right = edges(land.geometry.to_numpy())
    shared = right >= 0
    a, b = left[shared], right[shared]
    code, country = land["code"].to_numpy(), land["country"].fillna("").to_numpy()
    kind = np.where(country[a] == country[b], "state", "country")
    return _lines(land, segments[shared], pd.DataFrame({"kind": kind, "code_a": code[a], "code_b": code[b]}))
