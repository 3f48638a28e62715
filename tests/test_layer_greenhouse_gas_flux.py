"""Greenhouse gas flux: four components and twelve months of a netCDF file, added up to a year."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from scipy.io import netcdf_file

from naatlas import pipeline, registry, sources
from naatlas.errors import InputError
from naatlas.layers.greenhouse_gas_flux import BANDS, COMPONENTS, DAYS, annual

if TYPE_CHECKING:
    from pathlib import Path

SPEC = registry.spec("greenhouse-gas-flux")
LATS, LONS, MONTHS = np.arange(30.5, 50), np.arange(-119.5, -80), 252
#: Moles on a square metre in a second, by component; no month but those of 2020 holds them.
FLUX = {"bio_flux_opt": -2e-8, "ocn_flux_opt": 1e-9, "fire_flux_imp": 1e-8, "fossil_flux_imp": 3e-8}
#: What that makes in the 366 days of 2020, in grams of carbon: moles by 12.011.
YEAR = sum(FLUX.values()) * 366 * 86_400 * 12.011


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a window of the published file: its axes, variables and 252 months from January 2000."""
    root = tmp_path_factory.mktemp("data")
    path = root / SPEC.sources[0].path
    path.parent.mkdir(parents=True)
    with netcdf_file(path, "w") as file:
        for name, values in (("time", np.arange(MONTHS)), ("latitude", LATS), ("longitude", LONS)):
            file.createDimension(name, len(values))
            axis = file.createVariable(name, "f8", (name,))
            axis[:] = values
            axis.units = {"latitude": "degrees_north", "longitude": "degrees_east"}.get(name, "months")
        for name, value in FLUX.items():
            cells = np.ones((MONTHS, len(LATS), len(LONS)), dtype=np.float32)  # a flux that no place has
            cells[np.array(BANDS) - 1] = value
            cells[np.array(BANDS) - 1, -1] = 0  # the northernmost row
            file.createVariable(name, "f4", ("time", "latitude", "longitude"))[:] = cells
    return root


def test_the_bands_are_the_months_of_the_year_and_the_days_those_of_a_leap_year():
    assert (BANDS[0], BANDS[-1], sum(DAYS)) == (241, 252, 366)


def test_months_count_by_their_days():
    months = [np.array([1.0 if month == 1 else 0.0]) for month in range(12)] * 2
    assert annual(months)[0] == pytest.approx(2 * 29 * 86_400 * 12.011)


def test_components_and_months_are_added_up(folder: Path):
    data = pipeline.assemble("greenhouse-gas-flux", data=folder)
    with rasterio.open(data.cells.path) as file:
        cells = file.read(1)
    there = cells[cells != data.cells.nodata]
    assert np.median(there) == pytest.approx(YEAR, rel=1e-5)
    assert there.min() == pytest.approx(0, abs=YEAR / 2)
    frame = data.frame.set_index("state")
    assert frame.loc["US-KS", "carbon_flux"] == pytest.approx(YEAR, rel=1e-5)
    assert frame.loc["US-ND", "carbon_flux"] == pytest.approx(YEAR, rel=1e-5)
    counts = data.ledger.quantities().groupby("state")["value"].sum()
    assert counts.to_dict() == {"published": 4 * 12 * len(LATS) * len(LONS)}


def test_a_file_without_the_variable_is_one_line(folder: Path):
    source = SPEC.sources[0]
    other = replace(source, layout=replace(source.layout, variable="methane"))
    with pytest.raises(InputError, match=r"is no netCDF file with a variable methane; get it again$"):
        sources.read(other, folder)


def test_each_component_is_a_source_of_one_file():
    assert {s.layout.variable for s in SPEC.sources} == set(COMPONENTS)
    assert len({s.path for s in SPEC.sources}) == 1
    with pytest.raises(InputError, match=re.escape(SPEC.sources[0].path)):
        sources.read(SPEC.sources[0], None)
