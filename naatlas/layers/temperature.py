"""Mean annual temperature of the air: the mean of twelve monthly normals, each by its days."""

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
    "temperature",
    title="CRU CL 2.0, mean monthly temperature 1961-1990, whole degrees Celsius, cells of 10 minutes, North America",
    valid=(-60.0, 50.0),
)

#: Days of each month in the mean of 1961 to 1990, of which seven were leap years.
DAYS = (31, 28 + 7 / 30, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

SPEC = LayerSpec(
    slug="temperature",
    name="Temperature",
    geometry="Raster",
    key="atlas_id",
    group="grids",
    raster=RasterRules(
        kind="quantity",
        field="temperature_c",
        cell_m=18_750.0,
        source_degrees=1 / 6,
        dtype="float32",
        nodata=-9_999,
    ),
    fields=quantity_fields("temperature_c", unit="degree_Celsius", low=-60.0, high=50.0),
    sources=(CRU_CL2,),
    editions=(Edition(name="1990", sources=(CRU_CL2.id,), default=True),),
)

build = Build(SPEC)


def annual(months: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the mean of a year in degrees Celsius, each month by its days; NaN where one of them is missing."""
    import numpy as np

    mean: NDArray[np.float64] = np.average(months, axis=0, weights=DAYS)
    return mean


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Take the mean of the months, bring it to the grid and take its mean by state and province."""
    from naatlas.layers._cells import combined  # keeps the raster engine out of ``naatlas list``

    return combined(SPEC, tables, work, make=of_months(annual))
