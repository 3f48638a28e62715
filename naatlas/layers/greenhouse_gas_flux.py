"""Exchange of carbon dioxide between the surface and the air: what is given off less what is taken up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._rasters import quantity_fields
from naatlas.spec import Edition, LayerSpec, Licence, RasterFile, RasterRules, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from naatlas.model import Combined, Table, Work
    from naatlas.raster.align import Raster

NOAA = Licence(
    id="NOAA-CarbonTracker",
    name="CarbonTracker, open product of NOAA with a request for acknowledgement",
    attribution="CarbonTracker CT2022 results provided by NOAA GML, Boulder, Colorado, USA from the website at "
    "http://carbontracker.noaa.gov.",
    url="https://gml.noaa.gov/ccgg/carbontracker/",
    checked=False,
)

#: The file begins with January 2000.
FIRST_YEAR, YEAR = 2000, 2020
BANDS = tuple(range((YEAR - FIRST_YEAR) * 12 + 1, (YEAR - FIRST_YEAR) * 12 + 13))
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
GRAMS_OF_CARBON_A_MOL, SECONDS_A_DAY = 12.011, 86_400

#: Variable of the file -> what it holds. Each has parts of the exchange at any place, so that only their sum is whole.
COMPONENTS = {
    "bio_flux_opt": "land biosphere without fires",
    "ocn_flux_opt": "air and sea",
    "fire_flux_imp": "wildfires",
    "fossil_flux_imp": "fossil fuels",
}


def _source(variable: str, told: str) -> Source:
    return Source(
        id=f"noaa-ct2022-{variable.partition('_')[0]}",
        country=None,
        title=f"CarbonTracker CT2022, monthly exchange of carbon dioxide: {told}, cells of 1 degree, world",
        publisher="National Oceanic and Atmospheric Administration, Global Monitoring Laboratory",
        landing_page="https://gml.noaa.gov/aftp/products/carbontracker/co2/CT2022/fluxes/monthly/",
        licence=NOAA,
        vintage=str(YEAR),
        path="greenhouse_gas_flux/CT2022.flux1x1-monthly.nc",
        layout=RasterFile(
            # moles on a square metre in a second: the largest cities of the world stay a hundred times below
            kind="quantity",
            bands=BANDS,
            crs="EPSG:4326",
            valid=(-1e-4, 1e-4),
            variable=variable,
        ),
        columns=(),
    )


SOURCES = tuple(_source(variable, told) for variable, told in COMPONENTS.items())

SPEC = LayerSpec(
    slug="greenhouse-gas-flux",
    name="GreenhouseGasFlux",
    geometry="Raster",
    key="atlas_id",
    group="grids",
    raster=RasterRules(
        kind="quantity",
        field="carbon_flux",
        cell_m=111_250.0,
        source_degrees=1.0,
        dtype="float32",
        nodata=-9_999,
    ),
    fields=quantity_fields("carbon_flux", unit="gram/meter**2/year", decimals=1),
    sources=SOURCES,
    editions=(Edition(name=str(YEAR), sources=tuple(s.id for s in SOURCES), default=True),),
)

build = Build(SPEC)


def annual(months: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return grams of carbon on a square metre in the year.

    Parameters
    ----------
    months
        Moles on a square metre in a second: the twelve months of one component, then of the next, ...
    """
    import numpy as np

    seconds = np.tile(DAYS, len(months) // len(DAYS)) * SECONDS_A_DAY
    moles: NDArray[np.float64] = np.tensordot(seconds, np.stack(months), axes=1)
    return moles * GRAMS_OF_CARBON_A_MOL


def _year(tables: Mapping[str, Table], work: Work) -> Raster:  # noqa: ARG001 - as every maker is called
    from naatlas.layers._cells import Derived

    return Derived([band for table in tables.values() for band in table.rasters], annual)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Add up months and components, bring the sum to the grid and take its mean by state and province."""
    from naatlas.layers._cells import combined  # keeps the raster engine out of ``naatlas list``

    return combined(SPEC, tables, work, make=_year)
