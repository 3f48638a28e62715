"""The land cover of the satellite instrument MODIS: its file, and its legend.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from naatlas.spec import Licence, RasterFile, Source

NASA = Licence(
    id="NASA-open-data",
    name="NASA Earth science data, open and without restriction on reuse",
    attribution="MCD12C1 version 6 was produced by NASA and distributed by the NASA Land Processes Distributed Active "
    "Archive Center (LP DAAC), USGS/Earth Resources Observation and Science Center, Sioux Falls, South Dakota.",
    url="https://www.earthdata.nasa.gov/engage/open-data-services-software-policies/data-information-policy",
    checked=False,
)

MODIS_2019 = Source(
    id="modis-mcd12c1-2019",
    country=None,
    title="MODIS land cover MCD12C1 version 6, majority class of the IGBP legend, 0.05 degree, North America",
    publisher="NASA Land Processes Distributed Active Archive Center",
    landing_page="https://lpdaac.usgs.gov/products/mcd12c1v006/",
    licence=NASA,
    vintage="2019",
    path="land_cover/raw/MCD12C1_2019_IGBP_NorthAmerica_0p05deg.tif",
    # The file names a datum of 1866, a default of old HDF-EOS software: the grid is one of plain degrees.
    layout=RasterFile(kind="class", crs="EPSG:4326", nodata=255),
    columns=(),
)

#: Side of a cell of the source in degrees, and of a cell of the atlas made from it in metres.
MODIS_DEGREES, MODIS_CELL_M = 0.05, 5_750.0
#: Class -> number in the cells: the IGBP legend as MODIS numbers it.
IGBP = {
    "water": 0,
    "evergreen_needleleaf_forest": 1,
    "evergreen_broadleaf_forest": 2,
    "deciduous_needleleaf_forest": 3,
    "deciduous_broadleaf_forest": 4,
    "mixed_forest": 5,
    "closed_shrubland": 6,
    "open_shrubland": 7,
    "woody_savanna": 8,
    "savanna": 9,
    "grassland": 10,
    "wetland": 11,
    "cropland": 12,
    "urban": 13,
    "cropland_mosaic": 14,
    "snow_and_ice": 15,
    "barren": 16,
}
