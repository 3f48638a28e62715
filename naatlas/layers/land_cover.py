"""Land cover, one class a cell, with the area of every class in each state and province."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._modis import IGBP, MODIS_2019
from naatlas.layers._nalcms import CEC, NALCMS, NALCMS_2005, NALCMS_2010
from naatlas.layers._rasters import class_fields
from naatlas.spec import Edition, Field, LayerSpec, RasterFile, RasterRules, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

#: Cell sizes of the North American land cover.
NALCMS_FINE_M, NALCMS_COARSE_M = 30.0, 250.0


def _30m(year: str, version: str) -> Source:
    name = f"NA_NALCMS_landcover_{year}{version}_30m"
    return Source(
        id=f"nalcms-30m-{year}",
        country=None,
        title=f"Land cover of North America at 30 meters, {year}",
        publisher="Commission for Environmental Cooperation",
        landing_page=f"http://www.cec.org/north-american-environmental-atlas/land-cover-30m-{year}/",
        licence=CEC,
        vintage=year,
        path=f"land_cover/nalcms/{name}.tif",
        # The headers of the files name -128, 127 or 128 for no data, one of which their cells cannot hold. Outside the
        # mapped area they hold 0; the crosswalk knows the other numbers as saying nothing.
        layout=RasterFile(kind="class", nodata=0),
        columns=(),
    )


NALCMS_30M = (_30m("2010", "v3"), _30m("2015", "v4"), _30m("2020", "v2"))


def _nalcms(cell_m: float) -> RasterRules:
    return RasterRules(
        kind="class",
        field="land_cover",
        cell_m=cell_m,
        source_m=cell_m,
        dtype="uint8",
        nodata=255,
        grid="30m" if cell_m == NALCMS_FINE_M else "250m",
        codes=NALCMS,
        crosswalk="land_cover",
        # Published on the grid of the atlas: the cell is the same on both sides.
        method="nearest",
        style="land-cover-nalcms",
    )


SPEC = LayerSpec(
    slug="land-cover",
    name="LandCover",
    geometry="Raster",
    key="atlas_id",
    group="land-cover",
    raster=RasterRules(
        kind="class",
        field="land_cover",
        cell_m=5_750.0,
        source_degrees=0.05,
        dtype="uint8",
        nodata=255,
        codes=IGBP,
        crosswalk="land_cover",
        # A cell is about as large as one of the source: the class at its centre keeps the areas of the source, where a
        # vote among one or two neighbours would favour one side.
        method="nearest",
    ),
    fields=(
        *class_fields("land_cover"),
        Field(name="nalcms_class", dtype="text", required=True, classes="nalcms"),
    ),
    sources=(MODIS_2019, NALCMS_2005, NALCMS_2010, *NALCMS_30M),
    editions=(
        Edition(name="2019", sources=(MODIS_2019.id,), default=True),
        *(
            Edition(name=s.vintage, sources=(s.id,), raster=_nalcms(NALCMS_COARSE_M))
            for s in (NALCMS_2005, NALCMS_2010)
        ),
        *(
            Edition(name=f"{s.vintage}at30m", sources=(s.id,), raster=_nalcms(NALCMS_FINE_M))
            for s in NALCMS_30M
        ),
    ),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Bring the classes to the grid and count them by state and province."""
    from naatlas.layers import _legends  # keeps the raster engine out of ``naatlas list``

    return _legends.combined(SPEC, tables, work)
