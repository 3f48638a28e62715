"""Elevation of the land and depth of the sea, with the mean height of each state and province."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._rasters import quantity_fields
from naatlas.spec import Edition, LayerSpec, Licence, RasterFile, RasterRules, Source, TextGrid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

NOAA = Licence(
    id="US-PD",
    name="United States public domain",
    attribution="ETOPO global relief, NOAA National Centers for Environmental Information.",
    url="https://www.ncei.noaa.gov/products/etopo-global-relief-model",
    checked=False,
)

#: The deepest trench and the highest summit lie within; what does not is no height.
POSSIBLE_M = (-11_100.0, 9_000.0)

ETOPO20 = Source(
    id="noaa-etopo20",
    country=None,
    title="ETOPO global relief in cells of 20 minutes, land and sea floor, metres",
    publisher="National Oceanic and Atmospheric Administration",
    landing_page="https://github.com/matplotlib/basemap/tree/develop/doc/examples",
    licence=NOAA,
    # No file says which release it is. A report of 9 February 2009 on the grids of NOAA's Ferret describes this one by
    # its doubled column (github.com/NOAA-PMEL/Ferret/issues/907): it is not younger than that.
    vintage="2009",
    path="elevation/raw/etopo20data.gz",
    layout=RasterFile(
        kind="quantity",
        crs="EPSG:4326",
        valid=POSSIBLE_M,
        # From 20 degrees east once around the globe, the last column being the first again; lines from south to north.
        text=TextGrid(rows=540, cols=1081, first=(20 + 1 / 6, -90 + 1 / 6), step=(1 / 3, 1 / 3)),
    ),
    columns=(),
)

SPEC = LayerSpec(
    slug="elevation",
    name="Elevation",
    geometry="Raster",
    key="atlas_id",
    group="grids",
    raster=RasterRules(
        kind="quantity",
        field="elevation_m",
        cell_m=37_250.0,
        source_degrees=1 / 3,
        dtype="int16",
        nodata=-32_768,
    ),
    fields=quantity_fields("elevation_m", low=POSSIBLE_M[0], high=POSSIBLE_M[1], decimals=0),
    sources=(ETOPO20,),
    editions=(Edition(name="2009", sources=(ETOPO20.id,), default=True),),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Bring the heights to the grid and take their mean by state and province."""
    from naatlas.layers._cells import combined  # keeps the raster engine out of ``naatlas list``

    return combined(SPEC, tables, work)
