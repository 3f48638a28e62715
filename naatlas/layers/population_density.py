"""Population density: counted people handed over to the grid whole, and their sum by state and province."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._gpw import SOURCES, YEARS
from naatlas.layers._rasters import count_fields
from naatlas.spec import Edition, LayerSpec, RasterRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

SPEC = LayerSpec(
    slug="population-density",
    name="PopulationDensity",
    geometry="Raster",
    key="atlas_id",
    group="grids",
    raster=RasterRules(
        kind="count",
        field="people_per_km2",
        total="population",
        cell_m=55_750.0,
        source_degrees=0.5,
        dtype="float32",
        nodata=-9_999,
    ),
    fields=count_fields("population", "people_per_km2", unit="count", density_unit="1/kilometer**2"),
    sources=SOURCES,
    editions=tuple(Edition(name=s.vintage, sources=(s.id,), default=s.vintage == YEARS[-1]) for s in SOURCES),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Bring the people to the grid, as many on a km2, and count them by state and province."""
    from naatlas.layers._cells import combined  # keeps the raster engine out of ``naatlas list``
    from naatlas.layers._people import people

    return combined(SPEC, tables, work, make=people)
