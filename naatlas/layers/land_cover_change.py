"""Land cover change: what each cell was and became between two years, with the matrix of every state and province."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._modis import IGBP, MODIS_2019, MODIS_CELL_M, MODIS_DEGREES
from naatlas.layers._nalcms import COARSE_M, NALCMS, NALCMS_2005, NALCMS_2010
from naatlas.layers._rasters import AREA, ATLAS_ID, CELLS, ZONE, cover_rules
from naatlas.spec import Edition, Field, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

#: Kind of change -> number in the cells. Each cell has the first that fits, in the order of ``_change.KIND_RULES``.
KINDS = {
    "unchanged": 0,
    "urban_growth": 1,
    "forest_loss": 2,
    "forest_gain": 3,
    "cropland_gain": 4,
    "water_change": 5,
    "other_change": 6,
    "unchanged_water": 7,
}
#: The edition whose earlier year nobody observed: it is made up from the later one, to show the layer.
DERIVED = "2019derived"
#: Class -> number, of the sources of each edition.
LEGENDS = {"2005to2010": NALCMS, DERIVED: IGBP}

_RULES = cover_rules("land_cover_change", KINDS, cell_m=COARSE_M, sampled=True)

SPEC = LayerSpec(
    slug="land-cover-change",
    name="LandCoverChange",
    geometry="Raster",
    key="atlas_id",
    group="land-cover",
    raster=_RULES,
    fields=(
        ATLAS_ID,
        *ZONE,
        Field(name="land_cover_from", dtype="text", required=True, classes="land_cover"),
        Field(name="land_cover_to", dtype="text", required=True, classes="land_cover"),
        Field(name="from_value", dtype="integer", required=True, low=0, high=255),
        Field(name="to_value", dtype="integer", required=True, low=0, high=255),
        Field(name="land_cover_change", dtype="text", required=True, classes="land_cover_change"),
        Field(name="cell_value", dtype="integer", required=True, low=0, high=255),
        CELLS,
        AREA,
        Field(name="share_percent", dtype="real", unit="percent", required=True, low=0.0, high=100.0),
    ),
    sources=(NALCMS_2005, NALCMS_2010, MODIS_2019),
    editions=(
        Edition(name="2005to2010", sources=(NALCMS_2005.id, NALCMS_2010.id)),
        Edition(
            name=DERIVED,
            sources=(MODIS_2019.id,),
            default=True,
            raster=cover_rules(
                "land_cover_change", KINDS, cell_m=MODIS_CELL_M, degrees=MODIS_DEGREES, sampled=True
            ),
        ),
    ),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Bring both years to the grid, compare them cell by cell, and count the pairs by state and province."""
    from naatlas.layers import _change  # keeps the raster engine out of ``naatlas list``

    return _change.combined(SPEC, tables, work, legend=LEGENDS[work.edition.name], kinds=KINDS)
