"""Precipitation and temperature: twelve months to a year, by sum and by days."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from naatlas import framework, pipeline, registry
from naatlas.layers import precipitation, temperature

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.model import LayerData

#: Longitude and latitude of Vancouver's shore, Chicago, Mexico City and Phoenix.
PLACES = {
    "Vancouver": (-123.0, 49.3),
    "Chicago": (-87.7, 41.9),
    "Mexico": (-99.1, 19.4),
    "Phoenix": (-112.1, 33.4),
}

#: Points along the side of a cell that its value is taken from.
POINTS = 2


def test_a_year_of_rain_is_the_sum_of_its_months_and_lacks_where_one_lacks():
    months = [np.array([month, np.nan if month == 5 else 1.0]) for month in range(1, 13)]
    assert precipitation.annual(months)[0] == 78
    assert np.isnan(precipitation.annual(months)[1])


def test_a_year_of_warmth_is_the_mean_of_its_days():
    assert sum(temperature.DAYS) == pytest.approx(365 + 7 / 30)
    only = [np.array([1.0 if month == 1 else 0.0]) for month in range(12)]  # February
    assert temperature.annual(only)[0] == pytest.approx((28 + 7 / 30) / (365 + 7 / 30))
    months = [np.full(3, 11.0)] * 12
    assert temperature.annual(months) == pytest.approx(np.full(3, 11.0))


@pytest.mark.national
@pytest.mark.parametrize("slug", ["precipitation", "temperature"])
@pytest.mark.parametrize("place", PLACES)
def test_a_cell_is_the_mean_of_the_years_at_its_points(slug: str, place: str, national: Path):
    """The months are read from the file itself, at four points of the cell, and become a year without our code."""
    data = built(slug, national)
    value, months = sampled(data, national, PLACES[place])
    if slug == "precipitation":
        assert value == pytest.approx(np.nanmean(months.sum(axis=0)), abs=0.5)
    else:
        days = np.array([31, 28 + 7 / 30, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
        assert value == pytest.approx(np.nanmean(days @ months / days.sum()), abs=1e-4)


@cache
def built(slug: str, national: Path) -> LayerData:
    return pipeline.assemble(slug, data=national)


def sampled(data: LayerData, national: Path, place: tuple[float, float]) -> tuple[float, NDArray[Any]]:
    """Return the value of the cell that a place lies in, and the months (12, 4) at four points of that cell."""
    grid = data.cells.grid
    x, y = framework.project(*(np.array([v]) for v in place))
    col, row = int((x[0] - grid.left) // grid.cell_m), int((grid.top - y[0]) // grid.cell_m)
    with rasterio.open(data.cells.path) as file:
        value = float(file.read(1)[row, col])
    steps = (np.arange(POINTS) + 0.5) / POINTS
    x, y = np.meshgrid(grid.left + (col + steps) * grid.cell_m, grid.top - (row + steps) * grid.cell_m)
    lon, lat = framework.unproject(x.ravel(), y.ravel())
    with rasterio.open(national / data.spec.sources[0].path) as file:
        across, months = ~file.transform, file.read().astype(np.float64)
        east, south = across.a * lon + across.c, across.e * lat + across.f
    return value, months[:, np.floor(south).astype(int), np.floor(east).astype(int)]


@pytest.mark.national
@pytest.mark.parametrize("slug", ["precipitation", "temperature"])
def test_months_are_accounted_for_and_values_lie_over_land(slug: str, national: Path):
    data = built(slug, national)
    counts = data.ledger.counts().iloc[0]
    assert counts["rejected"] == 0
    told = data.ledger.quantities().query("quantity == 'cells'").groupby("state")["value"].sum()
    assert told.sum() == 977 * 443 * 12
    with rasterio.open(data.cells.path) as file:
        cells = file.read(1)
    x, y = framework.project(np.array([-145.0, -60.0, -90.0]), np.array([35.0, 30.0, 25.0]))  # open sea
    grid = data.cells.grid
    rows, cols = ((grid.top - y) // grid.cell_m).astype(int), ((x - grid.left) // grid.cell_m).astype(int)
    assert (cells[rows, cols] == data.cells.nodata).all()


@pytest.mark.national
def test_wet_and_dry_cold_and_warm_states(national: Path):
    rain = built("precipitation", national).frame.set_index("state")["precipitation_mm"]
    assert rain["US-NV"] < 350
    assert rain["US-LA"] > 1_200
    assert rain["MX-TAB"] > 1_500
    warmth = built("temperature", national).frame.set_index("state")["temperature_c"]
    assert warmth["CA-NU"] < -10
    assert 20 < warmth["US-FL"] < warmth["MX-YUC"]


@pytest.mark.parametrize("slug", ["precipitation", "temperature"])
def test_the_cell_is_the_coarser_neighbour_of_ten_minutes(slug: str):
    assert registry.spec(slug).rules("1990").cell_m == 18_750.0
