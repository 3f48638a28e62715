"""Human influence on the sea: the cumulative impact of fourteen stressors on marine habitats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._rasters import quantity_fields
from naatlas.spec import Edition, LayerSpec, Licence, RasterFile, RasterRules, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

KNB = Licence(
    id="KNB-terms",
    name="Terms stated with the data package in the Knowledge Network for Biocomplexity",
    attribution="Halpern, B. S., M. Frazier, J. Afflerbach et al. (2019). Recent pace of change in human impact on the "
    "world's ocean. Scientific Reports 9: 11609.",
    url="https://doi.org/10.5063/F12B8WBS",
    checked=False,
)

IMPACT_2013 = Source(
    id="nceas-cumulative-impact-2013",
    country=None,
    title="Cumulative human impact on marine ecosystems in 2013, index, cells of 934 m, world",
    publisher="National Center for Ecological Analysis and Synthesis",
    landing_page="https://doi.org/10.5063/F12B8WBS",
    licence=KNB,
    vintage="2013",
    path="human_influence_marine/cumulative_impact_2013.tif",
    layout=RasterFile(
        kind="quantity", crs="+proj=moll +lon_0=0 +ellps=WGS84 +units=m +no_defs", valid=(0.0, 100.0)
    ),
    columns=(),
)

SPEC = LayerSpec(
    slug="human-influence-marine",
    name="HumanInfluenceMarine",
    geometry="Raster",
    key="atlas_id",
    group="grids",
    raster=RasterRules(
        kind="quantity",
        field="impact_index",
        cell_m=1_000.0,
        source_m=934.478_877,
        dtype="float32",
        nodata=-9_999,
        # Cells of both are about as large; in the corners of Mollweide's projection they lie askew.
        method="bilinear",
    ),
    fields=quantity_fields("impact_index", unit="dimensionless", low=0.0, high=100.0, decimals=2),
    sources=(IMPACT_2013,),
    editions=(Edition(name="2013", sources=(IMPACT_2013.id,), default=True),),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Bring the index to the grid and take its mean; nearly all of it lies in no state or province."""
    from naatlas.layers._cells import combined  # keeps the raster engine out of ``naatlas list``

    return combined(SPEC, tables, work)
