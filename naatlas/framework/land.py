"""The land of the base geometry: one coverage, from which all outlines of the atlas are derived."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio
import shapely

from naatlas.framework.scales import SCALES

if TYPE_CHECKING:
    import pandas as pd

    from naatlas.model import Scale

_METRES_PER_DEGREE = 111_320.0

#: Grid of the coordinates in degrees: 13.6 m at the equator, far below 0.1 mm at 1:1,000,000. A power of two
#: leaves the lower bytes of a double empty, so that the files compress to a third.
GRID_DEGREES = 2.0**-13


def read(name: str) -> gpd.GeoDataFrame:
    """Read one of the package's own files (EPSG:4326)."""
    with resources.as_file(resources.files("naatlas") / "data" / "framework" / f"{name}.fgb") as path:
        return pyogrio.read_dataframe(path)


@cache
def pieces(scale: Scale = "1M") -> gpd.GeoDataFrame:
    """Return all land as one coverage (EPSG:4326); not to be changed, it is shared.

    Returns
    -------
    GeoDataFrame
        ``code`` (state, or country around the three, or empty), ``country`` (alpha-3, or missing), geometry.
    """
    frame = read("land")
    frame["country"] = country_of(frame["code"])
    if scale == "10M":
        thin = shapely.coverage_simplify(frame.geometry.to_numpy(), tolerance_degrees(scale))
        frame = frame.set_geometry(gpd.GeoSeries(thin, crs=frame.crs))
    return frame


def country_of(codes: pd.Series) -> pd.Series:
    """Return the country (alpha-3) of each code of land: of a state, or a country around the three; missing for ""."""
    told = codes.astype("string")
    country = told.str.split("-").str[0].map({"CA": "CAN", "US": "USA", "MX": "MEX"})
    return country.where(told.str.contains("-"), told.mask(told.eq("").fillna(value=False))).astype("string")


def tolerance_degrees(scale: Scale) -> float:
    """Return the tolerance of simplification in degrees of latitude."""
    # in degrees, because a border along a parallel is straight only there; towards the pole this keeps more
    # detail than the scale shows, never less
    return SCALES[scale].simplify_m / _METRES_PER_DEGREE
