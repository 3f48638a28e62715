"""Mean annual precipitation: the sum of twelve monthly normals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._climate import normals, of_months
from naatlas.layers._rasters import quantity_fields
from naatlas.spec import Edition, LayerSpec, RasterRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from naatlas.model import Combined, Table, Work

CRU_CL2 = normals(
    "precipitation",
    title="CRU CL 2.0, mean monthly precipitation 1961-1990, millimetres, cells of 10 minutes, North America",
    valid=(0.0, 5_000.0),
)

SPEC = LayerSpec(
    slug="precipitation",
    name="Precipitation",
    geometry="Raster",
    key="atlas_id",
    group="grids",
    raster=RasterRules(
        kind="quantity",
        field="precipitation_mm",
        cell_m=18_750.0,
        source_degrees=1 / 6,
        dtype="int16",
        nodata=-32_768,
    ),
    fields=quantity_fields("precipitation_mm", unit="millimeter", low=0.0, high=15_000.0, decimals=0),
    sources=(CRU_CL2,),
    editions=(Edition(name="1990", sources=(CRU_CL2.id,), default=True),),
)

build = Build(SPEC)


def annual(months: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the precipitation of a year in millimetres from that of its months; NaN where one of them is missing."""
    import numpy as np

    total: NDArray[np.float64] = np.sum(months, axis=0)
    return total


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Add up the months, bring the sum to the grid and take its mean by state and province."""
    from naatlas.layers._cells import combined  # keeps the raster engine out of ``naatlas list``

    return combined(SPEC, tables, work, make=of_months(annual))
