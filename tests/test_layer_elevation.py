"""Elevation: a grid of numbers in text, from the south and once around the globe."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from naatlas import framework, pipeline, sources
from naatlas.errors import InputError, SpecError
from naatlas.layers.elevation import ETOPO20
from naatlas.spec import RasterFile, TextGrid

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.model import LayerData

#: Points along the side of a cell that its value is taken from.
POINTS = 2
SMALL = replace(
    ETOPO20,
    layout=RasterFile(
        kind="quantity",
        crs="EPSG:4326",
        valid=(-11_100.0, 9_000.0),
        text=TextGrid(rows=3, cols=4, first=(-101.0, 39.0), step=(2.0, 1.0)),
    ),
)


def put(folder: Path, text: str) -> Path:
    path = folder / ETOPO20.path
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(text.encode("ascii")))
    return folder


def test_rows_run_from_the_south_and_cells_lie_about_their_centres(tmp_path: Path):
    put(tmp_path, "1 2 3 4\n5 6 7 8\n9 10 11 1.2e1\n")
    (raster,) = sources.read(SMALL, tmp_path).rasters
    assert raster.read(0, 0, 3, 4).tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
    at = raster.placed.transform
    assert (at @ (0, 0), at @ (4, 3)) == ((-102.0, 38.5), (-94.0, 41.5))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 2 3 4\n5 6 7 8\n", r"should hold 3 lines of 4 numbers, and it has 2 lines; get it again"),
        ("1 2 3 4\n5 6 7\n8 9 10 11\n", r"line 2 has another number"),
        ("1 2 3 4\n5 six 7 8\n9 10 11 12\n", r"holds what is no number"),
        ("1 2 3 4\n5 6 7 8\n9 10 11 99999\n", r"1 cells are outside the valid range; it is -11100 to 9000"),
    ],
)
def test_text_that_is_no_grid_is_one_line(tmp_path: Path, text: str, words: str):
    with pytest.raises(InputError, match=words) as told:
        sources.read(SMALL, put(tmp_path, text))
    assert "\n" not in str(told.value)


def test_a_grid_of_text_says_where_it_lies():
    with pytest.raises(SpecError, match="a grid of text has one band and no variables, and a declared crs"):
        RasterFile(kind="quantity", text=TextGrid(rows=1, cols=1, first=(0, 0), step=(1, 1)))


@pytest.fixture(scope="module")
def layer(national: Path) -> LayerData:
    return pipeline.assemble("elevation", data=national)


@pytest.fixture(scope="module")
def published(national: Path) -> NDArray[Any]:
    return np.loadtxt(national / ETOPO20.path)


@pytest.mark.national
def test_the_declared_axes_are_those_of_the_files_beside_it(national: Path, published: NDArray[Any]):
    folder = (national / ETOPO20.path).parent
    text = ETOPO20.layout.text
    for name, axis, size in (("lons", 0, text.cols), ("lats", 1, text.rows)):
        told = np.loadtxt(folder / f"etopo20{name}.gz")
        assert told == pytest.approx(text.first[axis] + text.step[axis] * np.arange(size), abs=1e-3)
    assert (published[:, 0] == published[:, -1]).all()
    with rasterio.open(
        folder / "etopo20_north_america_20min.tif"
    ) as file:  # made from the same file by others
        lon, lat = -104.99, 39.74
        row, col = file.index(lon, lat)
        assert file.read(1)[row, col] == published[int((lat + 90) * 3), int((lon + 340) * 3)]


@pytest.mark.national
@pytest.mark.parametrize(
    ("lon", "lat", "low", "high"),
    [
        (-104.99, 39.74, 1_500, 2_600),
        (-99.13, 19.43, 2_000, 2_900),
        (-95.37, 29.76, 0, 60),
        (-150, 40, -6e3, -4e3),
    ],
)
def test_a_cell_is_the_mean_of_the_source_cells_at_its_points(
    layer: LayerData, published: NDArray[Any], lon: float, lat: float, low: float, high: float
):
    grid = layer.cells.grid
    x, y = framework.project(np.array([lon]), np.array([lat]))
    col, row = int((x[0] - grid.left) // grid.cell_m), int((grid.top - y[0]) // grid.cell_m)
    with rasterio.open(layer.cells.path) as file:
        value = float(file.read(1)[row, col])
    steps = (np.arange(POINTS) + 0.5) / POINTS
    x, y = np.meshgrid(grid.left + (col + steps) * grid.cell_m, grid.top - (row + steps) * grid.cell_m)
    lons, lats = framework.unproject(x.ravel(), y.ravel())
    source = published[((lats + 90) * 3).astype(int), (((lons - 20) % 360) * 3).astype(int)]
    assert value == pytest.approx(source.mean(), abs=0.5)
    assert low <= value <= high


@pytest.mark.national
def test_the_whole_frame_has_a_height_and_every_source_cell_its_place(layer: LayerData):
    assert layer.cells.count == layer.cells.grid.rows * layer.cells.grid.cols
    assert layer.ledger.quantities()["value"].sum() == 540 * 1081
    assert layer.frame.set_index("state")["elevation_m"].idxmax() in {"MX-CMX", "MX-MEX", "MX-TLA"}
