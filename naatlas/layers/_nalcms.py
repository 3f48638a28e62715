"""The North American land cover: its legend, and the files of each year at 250 m and 30 m as they are published.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from naatlas.spec import Licence, RasterFile, Source

#: Class -> number in the cells: the nineteen classes of the North American Land Change Monitoring System.
NALCMS = {
    "temperate_needleleaf_forest": 1,
    "taiga_needleleaf_forest": 2,
    "tropical_evergreen_forest": 3,
    "tropical_deciduous_forest": 4,
    "temperate_deciduous_forest": 5,
    "mixed_forest": 6,
    "tropical_shrubland": 7,
    "temperate_shrubland": 8,
    "tropical_grassland": 9,
    "temperate_grassland": 10,
    "polar_shrubland": 11,
    "polar_grassland": 12,
    "polar_barren": 13,
    "wetland": 14,
    "cropland": 15,
    "barren": 16,
    "urban": 17,
    "water": 18,
    "snow_and_ice": 19,
}

CEC = Licence(
    id="CEC-terms",
    name="Terms of the Commission for Environmental Cooperation: use with attribution",
    attribution="Land cover: North American Land Change Monitoring System (NALCMS): Natural Resources Canada, U.S. "
    "Geological Survey, INEGI, CONABIO and CONAFOR, through the Commission for Environmental Cooperation.",
    url="http://www.cec.org/north-american-environmental-atlas/",
    checked=False,
)


#: Sides of the cells of the two products, in metres.
FINE_M, COARSE_M = 30.0, 250.0


def _file(year: str, cell_m: float, *, page: str, name: str, nodata: int) -> Source:
    return Source(
        id=f"nalcms-{cell_m:g}m-{year}",
        country=None,
        title=f"Land cover of North America at {cell_m:g} meters, {year}",
        publisher="Commission for Environmental Cooperation",
        landing_page=f"http://www.cec.org/north-american-environmental-atlas/{page}/",
        licence=CEC,
        vintage=year,
        path=f"land_cover/nalcms/{name}.tif",
        layout=RasterFile(kind="class", nodata=nodata),
        columns=(),
    )


def _250m(year: str, nodata: int) -> Source:
    name, page = f"NA_LandCover_{year}_25haMMU", f"land-cover-{year}-modis-250m"
    return _file(year, COARSE_M, page=page, name=name, nodata=nodata)


def _30m(year: str, version: str) -> Source:
    # The headers of the files name -128, 127 or 128 for no data, one of which their cells cannot hold. Outside the
    # mapped area they hold 0; the crosswalk knows the other numbers as saying nothing.
    name = f"NA_NALCMS_landcover_{year}{version}_30m"
    return _file(year, FINE_M, page=f"land-cover-30m-{year}", name=name, nodata=0)


#: The two years do not have the same number for no data, nor the same type of numbers.
NALCMS_2005, NALCMS_2010 = _250m("2005", nodata=128), _250m("2010", nodata=-128)
NALCMS_30M = (_30m("2010", "v3"), _30m("2015", "v4"), _30m("2020", "v2"))
