"""The coordinate reference system of the NAAF, and the ways in and out of it.

Lambert azimuthal equal-area on a sphere of 6,370,997 m, centred on 45 N 100 W. Geodetic latitude is put on
the sphere unchanged (a null datum shift): that is how the Atlas has always been made, and a geocentric
conversion lands 20 km off. It is written as WKT under its own name and never as an EPSG code, because GDAL
swaps EPSG:2163 for EPSG:9311.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from naatlas.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: Name that ArcGIS users know; a CRS is recognised by its figures, this is for people.
NAME = "Sphere_ARC_INFO_Lambert_Azimuthal_Equal_Area"
#: Radius of the sphere in metres.
RADIUS_M = 6_370_997.0
_LATITUDE, _LONGITUDE = 45.0, -100.0
_MILLIMETRE = 1e-3

#: For the .prj of shapefiles: Esri's own spelling and parameter names, which GDAL would write otherwise.
ESRI_WKT = (
    f'PROJCS["{NAME}",GEOGCS["GCS_Sphere_ARC_INFO",DATUM["D_Sphere_ARC_INFO",'
    f'SPHEROID["Sphere_ARC_INFO",{RADIUS_M},0.0]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Lambert_Azimuthal_Equal_Area"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],'
    f'PARAMETER["Central_Meridian",{_LONGITUDE}],PARAMETER["Latitude_Of_Origin",{_LATITUDE}],UNIT["Meter",1.0]]'
)

#: The same for GeoPackage, FlatGeobuf and GeoParquet.
WKT2 = (
    f'PROJCRS["{NAME}",BASEGEOGCRS["GCS_Sphere_ARC_INFO",DATUM["D_Sphere_ARC_INFO",'
    'ELLIPSOID["Sphere_ARC_INFO",6370997,0,LENGTHUNIT["metre",1]]],'
    'PRIMEM["Greenwich",0,ANGLEUNIT["Degree",0.0174532925199433]]],'
    'CONVERSION["NAAF Lambert azimuthal equal area",'
    'METHOD["Lambert Azimuthal Equal Area (Spherical)",ID["EPSG",1027]],'
    'PARAMETER["Latitude of natural origin",45,ANGLEUNIT["Degree",0.0174532925199433],ID["EPSG",8801]],'
    'PARAMETER["Longitude of natural origin",-100,ANGLEUNIT["Degree",0.0174532925199433],ID["EPSG",8802]],'
    'PARAMETER["False easting",0,LENGTHUNIT["metre",1],ID["EPSG",8806]],'
    'PARAMETER["False northing",0,LENGTHUNIT["metre",1],ID["EPSG",8807]]],'
    'CS[Cartesian,2],AXIS["(E)",east,ORDER[1],LENGTHUNIT["metre",1]],AXIS["(N)",north,ORDER[2],LENGTHUNIT["metre",1]]]'
)


@cache
def crs() -> pyproj.CRS:
    """Return the NAAF coordinate reference system (metres, x east, y north)."""
    return pyproj.CRS.from_wkt(WKT2)


@cache
def _sphere() -> pyproj.Transformer:
    # from the base of the same CRS: no datum step can slip in
    return pyproj.Transformer.from_crs(crs().geodetic_crs, crs(), always_xy=True)


def project(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Project longitude and latitude to the NAAF.

    Parameters
    ----------
    lon, lat
        Degrees (WGS84, NAD83 or the like: latitude is used as it is), arrays of one shape.

    Returns
    -------
    x, y
        Metres, float64, of the same shape; NaN where a coordinate is missing or impossible, or lies at the
        antipode.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return _finite(*_sphere().transform(lon, lat))


def unproject(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Take NAAF metres back to longitude and latitude.

    Returns
    -------
    lon, lat
        Degrees, float64, longitude from -180 to 180; NaN where there is no such place.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    lon, lat = _sphere().transform(x, y, direction="INVERSE")
    # a quarter turn from the central meridian PROJ may take the angle of (x, 0) for 0
    astray = (lon == _LONGITUDE) & (np.abs(x) > _MILLIMETRE)
    return _finite(np.where(astray, np.where(x > 0, _LONGITUDE + 90, _LONGITUDE + 270), lon), lat)


def _finite(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    good = np.isfinite(a) & np.isfinite(b)
    return (a, b) if good.all() else (np.where(good, a, np.nan), np.where(good, b, np.nan))


@cache
def _to_degrees(source: pyproj.CRS) -> pyproj.Transformer:
    target = pyproj.CRS("OGC:CRS84")
    base = source.geodetic_crs
    if base is not None and base.ellipsoid is not None and base.ellipsoid.inverse_flattening == 0:
        target = base  # latitude on a sphere is geodetic latitude unchanged, as in project()
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def transformer(source_crs: str | pyproj.CRS) -> Callable[[ArrayLike, ArrayLike], tuple[Floats, Floats]]:
    """Return the function that takes coordinates of a declared CRS to longitude and latitude.

    NAD83 and ITRF count as WGS84 to about a metre. NAD27 is shifted with the grids that PROJ finds, else
    with three parameters (about 10 m): far below what 1:1,000,000 shows.

    Parameters
    ----------
    source_crs
        Anything pyproj reads: ``"EPSG:4269"``, ``"EPSG:32614"``, WKT, a CRS.

    Raises
    ------
    InputError
        PROJ does not know the CRS.
    """
    try:
        steps = _to_degrees(pyproj.CRS.from_user_input(source_crs))
    except pyproj.exceptions.CRSError as error:
        shown = str(source_crs)[:60]
        raise InputError(f"coordinate system {shown!r} is unknown; declare an EPSG code or WKT") from error

    def to_degrees(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        return _finite(*steps.transform(x, y))

    return to_degrees


def densify(geometries: ArrayLike, *, max_degrees: float) -> NDArray[Any]:
    """Add vertices so that no segment is longer than ``max_degrees``; to be done before projecting.

    Neighbours stay neighbours: the new vertices of an edge do not depend on the direction in which it is
    drawn, to the last bit, which ``shapely.segmentize`` does not promise.

    Parameters
    ----------
    geometries
        Shapely geometries (points, lines, polygons, their collections; None stays None) in degrees.
    max_degrees
        Longest segment in degrees; see ``SCALES``.
    """
    from naatlas.framework.vertices import densified  # keeps shapely out of the import

    return densified(geometries, max_degrees=max_degrees)


def explain_crs(other: str | pyproj.CRS | None) -> str | None:
    """Say in one sentence what is wrong with the CRS of somebody's layer; None when it is the NAAF.

    A CRS is compared by its figures, so that another name or another spelling of WKT does no harm; a .prj
    that GDAL wrote counts as what it says.
    """
    if other is None:
        return "the layer states no coordinate system (a shapefile without .prj); state it first"
    try:
        given = pyproj.CRS.from_user_input(other)
    except pyproj.exceptions.CRSError:
        return f"the coordinate system {str(other)[:60]!r} cannot be read; write the NAAF as WKT ({NAME})"
    operation = given.coordinate_operation
    if operation is None or not operation.method_name.startswith("Lambert Azimuthal Equal Area"):
        return f"the layer is in {given.name}, not in the NAAF; project it to {NAME}"
    if off := _off_centre(given):
        return off
    return _figure(given)


def _off_centre(given: pyproj.CRS) -> str | None:
    operation = given.coordinate_operation
    params = operation.params if operation else []
    values = {p.name.lower(): float(p.value) * p.unit_conversion_factor for p in params}
    found = [values.get(f"{part} of natural origin", np.nan) for part in ("latitude", "longitude")]
    shift = [values.get(f"false {part}", 0.0) for part in ("easting", "northing")]
    unit = {axis.unit_conversion_factor for axis in given.axis_info}
    wanted = np.radians([_LATITUDE, _LONGITUDE])
    if np.allclose(found, wanted, rtol=0, atol=1e-9) and not any(shift) and unit == {1.0}:
        return None
    centre = ", ".join(f"{v:g}" for v in np.degrees(found))
    return f"{given.name} has centre {centre}, false origin {shift}; the NAAF has 45, -100, none, metres"


def _figure(given: pyproj.CRS) -> str | None:
    figure = given.ellipsoid
    if figure is None:
        return f"{given.name} names no figure of the Earth; the NAAF uses a sphere of {RADIUS_M:.0f} m"
    if figure.inverse_flattening == 0:
        if abs(figure.semi_major_metre - RADIUS_M) < 1e-3:  # noqa: PLR2004 - a millimetre
            return None
        radius = f"{figure.semi_major_metre:.0f} m"
        return f"{given.name} uses a sphere of {radius}; the NAAF one of {RADIUS_M:.0f} m"
    if "National Atlas" in given.name or "National_Atlas" in given.name:
        return (
            f"{given.name} (EPSG:9311): GDAL put it in place of EPSG:2163, the sphere; 247 m off, 10 km in "
            f"some programs; project the original again to {NAME} given as WKT"
        )
    return (
        f"{given.name} is Lambert azimuthal on an ellipsoid ({figure.name}), 4 to 18 km off the NAAF sphere "
        f"and right only for the 30 m land cover grid; project the original again to {NAME}"
    )
