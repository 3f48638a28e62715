"""The North American land cover at 250 m: its legend, and the files of the two years as they are published.

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


def _year(year: str, nodata: int) -> Source:
    return Source(
        id=f"nalcms-250m-{year}",
        country=None,
        title=f"Land cover of North America at 250 meters, {year}",
        publisher="Commission for Environmental Cooperation",
        landing_page=f"http://www.cec.org/north-american-environmental-atlas/land-cover-{year}-modis-250m/",
        licence=CEC,
        vintage=year,
        path=f"land_cover/nalcms/NA_LandCover_{year}_25haMMU.tif",
        layout=RasterFile(kind="class", nodata=nodata),
        columns=(),
    )


#: The two years do not have the same number for no data, nor the same type of numbers.
NALCMS_2005, NALCMS_2010 = _year("2005", nodata=128), _year("2010", nodata=-128)
