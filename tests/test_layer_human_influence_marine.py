"""Human influence on the sea: no grid of it is at hand, its layout is read from a piece made for the test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest
import rasterio
from click.testing import CliRunner

from naatlas import framework, pipeline, registry, sources
from naatlas.cli import main
from naatlas.errors import InputError
from naatlas.raster.align import align, known
from tests import raster_kit as kit

if TYPE_CHECKING:
    from pathlib import Path

SPEC = registry.spec("human-influence-marine")
(SOURCE,) = SPEC.sources
#: Side of a cell and upper left corner of the published grid, in metres of Mollweide's projection.
CELL_M, WEST, NORTH = 934.478877011219, -18_040_095.0, 9_020_067.0
#: A piece of 150 by 150 cells off Georgia: first row and column.
ROW, COL, SIDE = 5_500, 11_700, 150
MOLLWEIDE = "+proj=moll +lon_0=0 +ellps=WGS84 +units=m +no_defs"


def put(folder: Path) -> Path:
    cells = np.add.outer(np.arange(SIDE) / 100, np.arange(SIDE) / 50).astype(np.float32)
    cells[:, :20] = -3.4e38  # land, as the file marks it
    at = rasterio.Affine(CELL_M, 0, WEST + COL * CELL_M, 0, -CELL_M, NORTH - ROW * CELL_M)
    kit.write(folder / SOURCE.path, cells, crs=MOLLWEIDE, transform=at, nodata=-3.4e38)
    return folder


def test_values_lie_between_their_neighbours_and_land_has_none(tmp_path: Path):
    table = sources.read(SOURCE, put(tmp_path))
    rules, (raster,) = SPEC.raster, table.rasters
    assert (rules.cell_m, rules.method) == (1_000.0, "bilinear")
    whole = framework.GRIDS[rules.grid].coarser(rules.cell_m)
    x, y = framework.project(np.array([-77.0]), np.array([31.5]))  # only the cells about the piece are made
    col, row = int((x[0] - whole.left) // 1_000) - 200, int((whole.top - y[0]) // 1_000) - 200
    grid = replace(whole, left=whole.left + col * 1_000, top=whole.top - row * 1_000, cols=400, rows=400)
    cells = np.full((400, 400), np.float32(raster.nodata))
    for block, part in align(raster, grid, method=rules.method, threads=1):
        cells[block.row : block.row + block.rows, block.col : block.col + block.cols] = part
    rows, cols = np.nonzero(known(cells, raster.nodata))
    lon, lat = framework.unproject(grid.left + (cols + 0.5) * 1_000, grid.top - (rows + 0.5) * 1_000)
    x, y = pyproj.Transformer.from_crs("OGC:CRS84", MOLLWEIDE, always_xy=True).transform(lon, lat)
    east, south = (x - WEST) / CELL_M - COL - 0.5, (NORTH - y) / CELL_M - ROW - 0.5
    # a slope has its own value anywhere
    sound = (east > 21) & (east < SIDE - 2) & (south > 1) & (south < SIDE - 2)
    assert sound.sum() > 10_000
    assert cells[rows, cols][sound] == pytest.approx((south / 100 + east / 50)[sound], abs=2e-3)
    assert east.min() > 19.4
    assert len(rows) == pytest.approx((SIDE - 20) * SIDE * (CELL_M / 1_000) ** 2, rel=0.01)
    told = table.frame.set_index("value")["cells"].astype(int)
    assert told.to_dict() == {"data": SIDE * (SIDE - 20), "no data": SIDE * 20}


def test_what_is_missing_is_said(tmp_path: Path):
    with pytest.raises(InputError, match=r"name a data folder that holds .*cumulative_impact_2013\.tif"):
        pipeline.assemble("human-influence-marine")
    told = (
        CliRunner()
        .invoke(main, ["sources", "human-influence-marine", "--data", str(tmp_path)], catch_exceptions=False)
        .output
    )
    assert "human_influence_marine/cumulative_impact_2013.tif" in told
    assert "https://doi.org/10.5063/F12B8WBS" in told
