"""Population density: counted people handed over to the grid whole, and their sum by state and province."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._rasters import count_fields
from naatlas.spec import Csv, Edition, LayerSpec, Licence, RasterRules, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

CC_BY = Licence(
    id="CC-BY-4.0",
    name="Creative Commons Attribution 4.0",
    attribution="Center for International Earth Science Information Network (CIESIN), Columbia University. Gridded "
    "Population of the World, Version 4 (GPWv4); regridded to half a degree by the Joint Global Change Research "
    "Institute (metis).",
    url="https://creativecommons.org/licenses/by/4.0/",
    checked=False,
)

#: Years that version 4 estimates itself; the file has 1990 and 1995 too, which are no part of GPWv4.
YEARS = ("2000", "2005", "2010", "2015")


def _source(year: str) -> Source:
    return Source(
        id=f"gpwv4-{year}",
        country=None,
        title=f"Gridded Population of the World, version 4, people in cells of half a degree, {year}",
        publisher="Center for International Earth Science Information Network, Columbia University",
        landing_page="https://github.com/JGCRI/metis",
        licence=CC_BY,
        vintage=year,
        path="population/raw/gpwv4_population_0p5deg_na_1990_2015.csv.gz",
        layout=Csv(),
        columns=("lon", "lat", year),
    )


SOURCES = tuple(_source(year) for year in YEARS)

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
