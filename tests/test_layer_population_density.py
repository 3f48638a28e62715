"""Population density: counted people stay as many as they are, on the land of their cells."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from naatlas import framework, pipeline, registry
from naatlas.framework import Grid
from naatlas.raster.deposit import deposit
from naatlas.raster.pinned import Pinned
from naatlas.raster.source import Placed

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

SPEC = registry.spec("population-density")
ROWS = """lon,lat,1990,1995,2000,2005,2010,2015
-100.25,40.25,1,1,1000,1,1,1
-100.75,40.25,1,1,500.5,1,1,1
-74.25,39.75,1,1,2000,1,1,1
-155.25,19.75,1,1,300,1,1,1
-101.3,40.25,1,1,7,1,1,1
-102.25,40.25,1,1,-9,1,1,1
-103.25,40.25,1,1,,1,1,1
-104.25,40.25,1,1,3,1,1,1
-104.25,40.25,1,1,3,1,1,1
"""


def put(folder: Path, text: str) -> Path:
    path = folder / SPEC.sources[0].path
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(text.encode("utf-8")))
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> LayerData:
    folder = put(tmp_path_factory.mktemp("data"), ROWS)
    return pipeline.assemble("population-density", data=folder, edition="2000")


def test_every_row_has_its_state(small: LayerData):
    states = small.ledger.states("gpwv4-2000")
    assert states["state"].to_list() == [
        "published", "published", "published", "out_of_scope", "rejected", "rejected", "out_of_scope",
        "rejected", "rejected",
    ]  # fmt: skip
    assert states["detail"].to_list()[4:] == [
        "no centre of a cell of half a degree", "no number of people", "no data in the source",
        "a cell that stands twice", "a cell that stands twice",
    ]  # fmt: skip


def test_people_stay_as_many_as_they_are_and_go_to_the_land_of_their_cell(small: LayerData):
    told = small.frame.set_index("state")["population"]
    assert told.sum() == pytest.approx(3_500.5)
    assert told[["US-KS", "US-NE"]].sum() == pytest.approx(
        1_500.5
    )  # the parallel of 40 degrees is their border
    assert told["US-NJ"] == pytest.approx(2_000)  # half of that cell is sea
    with rasterio.open(small.cells.path) as file:
        density = file.read(1)
    assert density[density != small.cells.nodata].sum() * 55.75**2 == pytest.approx(3_500.5, rel=1e-6)


def test_a_state_smaller_than_a_cell_has_a_row(small: LayerData):
    frame = small.frame.set_index("state")
    assert (frame["people_per_km2"] * frame["area_km2"]).to_list() == pytest.approx(
        frame["population"].to_list()
    )
    assert (frame["cells"] >= 1).all()


def test_ground_takes_all_where_there_is_some_and_nothing_is_lost_where_there_is_none():
    grid = Grid(name="t", cols=40, rows=40, cell_m=10_000, left=0, top=0, figure="sphere")
    x = framework.project(np.array([-99.5, -98.5]), np.array([44.5, 44.5]))[0]
    west = shapely.box(0, -400_000, float(x.mean()) - 30_000, 0)
    ground = Pinned(np.array([west]), Grid(**{f: getattr(grid, f) for f in grid.__slots__}))
    values = np.array([[100.0, 50.0]])
    placed = Placed(crs="EPSG:4326", transform=rasterio.Affine(1, 0, -100, 0, -1, 45), shape=(1, 2))
    told = deposit(values, placed, grid, ground=ground)
    assert told.outside + np.nansum(told.cells) == pytest.approx(150)
    assert told.by_zone == pytest.approx(
        [100.0, 50.0]
    )  # the second cell has no ground: it lies in no zone, whole
    col = int((x.mean() - 30_000) // 10_000)
    alone = deposit(
        values[:, :1], Placed(crs="EPSG:4326", transform=placed.transform, shape=(1, 1)), grid, ground=ground
    )
    assert np.nansum(alone.cells[:, col + 1 :]) == 0


@pytest.fixture(scope="module")
def layer(national: Path) -> LayerData:
    return pipeline.assemble("population-density", data=national, edition="2000")


@pytest.fixture(scope="module")
def rows(national: Path) -> pd.DataFrame:
    return pd.read_csv(national / SPEC.sources[0].path)


@pytest.mark.national
def test_the_people_of_the_source_are_all_there(layer: LayerData, rows: pd.DataFrame):
    """522 million with Central America and the Caribbean, those outside the map frame included."""
    read = layer.ledger.quantities().query("quantity == 'people'").set_index("state")["value"]
    assert read.sum() == pytest.approx(rows["2000"].sum())
    assert rows["2000"].sum() == pytest.approx(522e6, rel=2e-3)
    # cells on the edge of the frame are told by their centre and handed over by their parts
    assert layer.frame["population"].sum() == pytest.approx(read["published"], rel=1e-4)
    with rasterio.open(layer.cells.path) as file:
        density = file.read(1).astype(np.float64)
    density[density == layer.cells.nodata] = 0
    assert density.sum() * 55.75**2 == pytest.approx(layer.frame["population"].sum(), rel=1e-6)


@pytest.mark.national
@pytest.mark.parametrize(("country", "millions"), [("CAN", 30.7), ("USA", 282.0), ("MEX", 98.0)])
def test_countries_have_their_people(layer: LayerData, country: str, millions: float):
    """The World Bank's figures for 2000, within what cells of half a degree on three borders and GPW allow."""
    told = layer.frame.groupby("country")["population"].sum()[country]
    assert told / 1e6 == pytest.approx(millions, rel=0.05)


@pytest.mark.national
def test_the_densest_cell_is_in_mexico_city(layer: LayerData):
    with rasterio.open(layer.cells.path) as file:
        row, col = np.unravel_index(file.read(1).argmax(), (file.height, file.width))
    grid = layer.cells.grid
    lon, lat = framework.unproject(
        np.array([grid.left + (col + 0.5) * grid.cell_m]), np.array([grid.top - (row + 0.5) * grid.cell_m])
    )
    assert (float(lon[0]), float(lat[0])) == pytest.approx((-99.1, 19.4), abs=0.6)
