"""Two years of made-up land cover on the 250 m grid of the atlas, with a change matrix that is known before.

    python scripts/make_synthetic_land_cover.py FOLDER [--rows 35000 --cols 37000] [--seed 1] [--change 0.043]

The files have the names, legend, types and numbers for no data of the real ones (2005: int16 and 128, 2010: int8 and
-128), so that ``naatlas build land-cover-change --edition 2005to2010 --data FOLDER`` takes them. Beside them
``matrix.csv`` holds the cells of each pair of classes, counted where the cells were drawn. Patches come from smooth
noise of three sizes, as fields, valleys and regions are; changes fall in small blocks of cells, as clearings do. Rows
are made in strips, the same for every number of rows: the whole grid needs little memory.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from naatlas.framework import GRID_250M
from naatlas.raster.source import crs_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.framework import Grid

STRIP = 512
#: Sides of the patches in cells, and how much each counts.
PATCHES = ((1024, 2.0), (128, 1.0), (16, 0.6))
#: Side of a changed block, in cells.
CLEARING = 4
NAMES = {2005: "NA_LandCover_2005_25haMMU.tif", 2010: "NA_LandCover_2010_25haMMU.tif"}
TYPES = {2005: ("int16", 128), 2010: ("int8", -128)}
EMPTY = 0


def smooth(seed: int, size: int, top: int, rows: int, cols: int) -> NDArray[np.float32]:
    """Interpolate between random numbers that are ``size`` cells apart; a strip has the same ones as its neighbours."""
    first, last = top // size, (top + rows - 1) // size + 1
    nodes = np.stack(
        [
            np.random.default_rng((seed, size, row)).random(cols // size + 2, dtype=np.float32)
            for row in range(first, last + 1)
        ]
    )
    y = (np.arange(top, top + rows) / size - first).astype(np.float32)
    x = (np.arange(cols) / size).astype(np.float32)
    i, j = y.astype(int), x.astype(int)
    v, u = (y - i)[:, None], x - j
    across = nodes[:, j] + u * (nodes[:, j + 1] - nodes[:, j])
    told: NDArray[np.float32] = across[i] + v * (across[i + 1] - across[i])
    return told


def before(seed: int, top: int, rows: int, cols: int, height: int) -> NDArray[np.uint8]:
    """Draw the earlier year: class 1 to 19, and 0 for no data beyond an ellipse, as beyond the coast of a continent."""
    field = sum(weight * smooth(seed, size, top, rows, cols) for size, weight in PATCHES)
    level = np.clip((field / sum(weight for _, weight in PATCHES) - 0.2) / 0.6, 0, 0.999)
    drawn = (1 + 19 * level).astype(np.uint8)
    y, x = np.ogrid[top : top + rows, 0:cols]
    drawn[((y / height - 0.5) / 0.48) ** 2 + ((x / cols - 0.5) / 0.42) ** 2 > 1] = EMPTY
    return drawn


def after(cells: NDArray[np.uint8], seed: int, top: int, share: float) -> NDArray[np.uint8]:
    """Change a share of the blocks of some cells to the class that the seed draws for the block."""
    rows, cols = cells.shape
    shape = (-(-rows // CLEARING), -(-cols // CLEARING))
    rng = np.random.default_rng((seed, 7, top))
    moved = np.where(
        rng.random(shape, dtype=np.float32) < share, rng.integers(1, 20, shape, dtype=np.uint8), 0
    )
    wide = ndimage.zoom(moved, CLEARING, order=0, grid_mode=True, mode="nearest")[:rows, :cols]
    return np.where((wide > 0) & (cells != EMPTY), wide, cells)


def make(
    folder: Path, grid: Grid, *, seed: int, share: float, types: Mapping[int, tuple[str, int]] = TYPES
) -> dict[tuple[int, int], int]:
    """Write both years and the matrix.

    Parameters
    ----------
    types
        Type of the numbers and number for no data of each year; without it those of the published files.

    Returns
    -------
    Cells of each pair of classes, those without data left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total = np.zeros((20, 20), dtype=np.int64)
    files = {year: _create(folder / name, grid, *types[year]) for year, name in NAMES.items()}
    for top in range(0, grid.rows, STRIP):
        rows = min(STRIP, grid.rows - top)
        first = before(seed, top, rows, grid.cols, grid.rows)
        second = after(first, seed, top, share)
        total += np.bincount(
            first.reshape(-1).astype(np.int64) * 20 + second.reshape(-1), minlength=400
        ).reshape(20, 20)
        for (year, file), cells in zip(files.items(), (first, second), strict=True):
            kind, nodata = types[year]
            told = np.where(cells == EMPTY, nodata, cells.astype(np.int16)).astype(kind)
            file.write(told, 1, window=Window(0, top, grid.cols, rows))
    for file in files.values():
        file.close()
    matrix = {(a, b): int(total[a, b]) for a, b in np.argwhere(total).tolist() if a and b}
    _write(folder / "matrix.csv", matrix)
    return matrix


def _create(path: Path, grid: Grid, kind: str, nodata: int) -> rasterio.io.DatasetWriter:
    return rasterio.open(
        path, "w", driver="GTiff", width=grid.cols, height=grid.rows, count=1, dtype=kind, nodata=nodata,
        crs=crs_of(grid).to_wkt(), transform=rasterio.Affine(*grid.transform), tiled=True, blockxsize=512,
        blockysize=512, compress="deflate", num_threads=2, BIGTIFF="IF_SAFER",
    )  # fmt: skip


def _write(path: Path, matrix: dict[tuple[int, int], int]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["from_value", "to_value", "cells"])
        lines.writerows((a, b, cells) for (a, b), cells in sorted(matrix.items()))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="data folder; the files go to land_cover/nalcms below it")
    parser.add_argument("--rows", type=int, default=GRID_250M.rows)
    parser.add_argument("--cols", type=int, default=GRID_250M.cols)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--change", type=float, default=0.043, help="share of the blocks of cells that change"
    )
    asked = parser.parse_args()
    grid = replace(GRID_250M, rows=asked.rows, cols=asked.cols)
    folder = asked.folder / "land_cover" / "nalcms"
    matrix = make(folder, grid, seed=asked.seed, share=asked.change)
    moved = sum(cells for (a, b), cells in matrix.items() if a != b)
    print(f"{folder}: {sum(matrix.values()):,} cells with data in both years, {moved:,} changed")


if __name__ == "__main__":
    main()
