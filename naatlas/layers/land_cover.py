"""Land cover, one class a cell, with the area of every class in each state and province."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._modis import IGBP, MODIS_2019, MODIS_CELL_M, MODIS_DEGREES
from naatlas.layers._nalcms import COARSE_M, FINE_M, NALCMS, NALCMS_30M, NALCMS_2005, NALCMS_2010
from naatlas.layers._rasters import class_fields, cover_rules
from naatlas.spec import Edition, Field, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

STYLE_19 = "land-cover-nalcms"
_RULES = cover_rules("land_cover", IGBP, cell_m=MODIS_CELL_M, degrees=MODIS_DEGREES)
_COARSE = cover_rules("land_cover", NALCMS, cell_m=COARSE_M, style=STYLE_19)
_FINE = cover_rules("land_cover", NALCMS, cell_m=FINE_M, fine=True, style=STYLE_19)

SPEC = LayerSpec(
    slug="land-cover",
    name="LandCover",
    geometry="Raster",
    key="atlas_id",
    group="land-cover",
    raster=_RULES,
    fields=(
        *class_fields("land_cover"),
        Field(name="nalcms_class", dtype="text", required=True, classes="nalcms"),
    ),
    sources=(MODIS_2019, NALCMS_2005, NALCMS_2010, *NALCMS_30M),
    editions=(
        Edition(name="2019", sources=(MODIS_2019.id,), default=True),
        *(Edition(name=s.vintage, sources=(s.id,), raster=_COARSE) for s in (NALCMS_2005, NALCMS_2010)),
        *(Edition(name=f"{s.vintage}at30m", sources=(s.id,), raster=_FINE) for s in NALCMS_30M),
    ),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Bring the classes to the grid and count them by state and province."""
    from naatlas.layers import _legends  # keeps the raster engine out of ``naatlas list``

    return _legends.combined(SPEC, tables, work)
