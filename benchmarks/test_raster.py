"""Rasters: naatlas against what one would call without it, in turn, in one process.

Run with ``pytest benchmarks/test_raster.py -s -m ''`` (extras ``bench``, ``fast``, ``exact``). The pair of years is
made once, by ``scripts/make_synthetic_land_cover.py``, in the folder ``NAATLAS_BENCH_RASTERS`` (a scratch folder
without it): of 8,192 by 8,192 cells, or of ``NAATLAS_BENCH_CELLS`` a side, 0 for the whole grid of 1.3 billion.
"""

from __future__ import annotations

import os
import runpy
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import psutil
import pytest
import rasterio
import rasterio.shutil
import shapely
from affine import Affine
from rasterio.enums import Resampling
from rasterio.warp import reproject
from rasterio.windows import Window

from benchmarks import sides
from naatlas.framework import GRID_250M, Grid
from naatlas.layers._cell_tables import polygons
from naatlas.raster import cog
from naatlas.raster.align import align
from naatlas.raster.blocks import blocks, workers
from naatlas.raster.change import change
from naatlas.raster.counts import histogram
from naatlas.raster.files import File
from naatlas.raster.source import crs_of, to_source
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = int(os.environ.get("NAATLAS_BENCH_ROUNDS", "3"))
SIDE = int(os.environ.get("NAATLAS_BENCH_CELLS", "8192"))
#: A piece in the middle of the continent, or all.
GRID = (
    replace(GRID_250M, name="piece", cols=SIDE, rows=SIDE, left=-718_000.0, top=726_500.0)
    if SIDE
    else GRID_250M
)
CLASSES = {number: f"class {number}" for number in range(1, 20)}
STRIP, EMPTY = 512, 255

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = os.environ.get("NAATLAS_BENCH_RASTERS")
    home = Path(told) if told else tmp_path_factory.mktemp("rasters")
    if not (home / "matrix.csv").is_file():
        script = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / "make_synthetic_land_cover.py"))
        types = dict.fromkeys((2005, 2010), ("uint8", EMPTY))  # as products of the atlas have it
        script["make"](home, GRID, seed=1, share=0.043, types=types)
    return home


@pytest.fixture(scope="module")
def pair(folder: Path) -> Iterator[tuple[File, File]]:
    names = ("NA_LandCover_2005_25haMMU.tif", "NA_LandCover_2010_25haMMU.tif")
    with File(folder / names[0]) as first, File(folder / names[1]) as second:
        yield first, second


def compare(
    benchmark: BenchmarkFixture,
    what: str,
    work: tuple[Callable[[], Any], Callable[[], Any]],
    *,
    target: str,
    rounds: int = ROUNDS,
) -> None:
    """Run each side once before, and print the medians of the rounds after."""
    for side in work if rounds > 1 else work[:1]:
        side()
    ours, theirs = sides.in_turn(benchmark, *(partial(sides.call, side) for side in work), rounds=rounds)
    line = {what: (sides.median(ours), sides.median(theirs))}
    print(sides.table(f"{what}, {GRID.cols} x {GRID.rows} cells, {rounds} round(s)", line, target=target))
    print(f"  peak memory of the process so far: {psutil.Process().memory_info().rss / 1e6:,.0f} MB now")


# ---- change matrix


def windows() -> list[Window]:
    return [Window(0, top, GRID.cols, min(STRIP, GRID.rows - top)) for top in range(0, GRID.rows, STRIP)]


def script_of_a_technician(first: Path, second: Path) -> NDArray[np.int64]:
    """Count pairs window by window with numpy, in one thread."""
    total = np.zeros(65_536, dtype=np.int64)
    with rasterio.open(first) as one, rasterio.open(second) as other:
        for window in windows():
            a, b = one.read(1, window=window), other.read(1, window=window)
            pairs = a.astype(np.int64) * 256 + b
            total += np.bincount(pairs.reshape(-1), minlength=65_536)
    return total


def decode(*paths: Path) -> None:
    """Decode files with as many threads as naatlas takes, each with handles of its own."""

    def some(which_: int) -> None:
        files = [rasterio.open(path) for path in paths]
        for window in windows()[which_ :: workers()]:
            for file in files:
                file.read(1, window=window)
        for file in files:
            file.close()

    with ThreadPoolExecutor(workers()) as pool:
        list(pool.map(some, range(workers())))


def test_change_matrix(benchmark: BenchmarkFixture, pair: tuple[File, File], folder: Path) -> None:
    first, second = pair
    told: list[Any] = []

    def ours() -> None:
        told.append(change(first, second, GRID, classes=CLASSES))

    work = (ours, lambda: script_of_a_technician(first.path, second.path))
    compare(benchmark, "change matrix, numpy bincount", work, target="2")
    known = pd.read_csv(folder / "matrix.csv")
    found = told[0].pairs[["from_value", "to_value", "cells"]]
    assert found.to_numpy().tolist() == known.to_numpy().tolist()


def test_change_matrix_and_decoding_alone(benchmark: BenchmarkFixture, pair: tuple[File, File]) -> None:
    first, second = pair
    work = (lambda: change(first, second, GRID, classes=CLASSES), lambda: decode(first.path, second.path))
    compare(benchmark, "change matrix, decoding", work, target="0.5 or more")


def both(first: Path, second: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    with rasterio.open(first) as one, rasterio.open(second) as other:
        return one.read(1), other.read(1)


@pytest.mark.skipif(not SIDE, reason="needs more memory for the whole grid than most machines have")
@pytest.mark.parametrize("library", ["pandas", "xarray-spatial"])
def test_change_matrix_and_crosstabs(
    benchmark: BenchmarkFixture, pair: tuple[File, File], library: str
) -> None:
    first, second = pair

    def with_pandas() -> None:
        a, b = both(first.path, second.path)
        pd.crosstab(a.reshape(-1), b.reshape(-1))

    def with_xarray() -> None:
        import xarray
        from xrspatial import zonal

        a, b = (
            xarray.DataArray(cells.astype(np.int32), dims=("y", "x"))
            for cells in both(first.path, second.path)
        )
        zonal.crosstab(a, b)

    other = with_pandas if library == "pandas" else with_xarray
    work = (lambda: change(first, second, GRID, classes=CLASSES), other)
    compare(benchmark, f"change matrix, {library} crosstab", work, target="50", rounds=1)


# ---- align: cells of a 400th of a degree or so, as global products come, to the 250 m grid

#: Width and height of a cell in degrees, and the upper left corner: what holds the target.
PLACE = Affine(0.0025, 0, -112, 0, -0.0025, 50.5) if SIDE else Affine(0.0035, 0, -170, 0, -0.0022, 84)


@cache
def target() -> Grid:
    if not SIDE:
        return GRID_250M
    side = int(SIDE * 0.8)
    return replace(GRID_250M, name="target", cols=side, rows=side, left=-682_000.0, top=576_500.0)


@pytest.fixture(scope="module")
def globe(folder: Path, pair: tuple[File, File]) -> Iterator[File]:
    """Yield the later year as if its cells were of degrees, in a file that is tiled and compressed alike."""
    path = folder / "degrees.tif"
    if not path.is_file():
        rasterio.shutil.copy(
            pair[1].path, path, driver="GTiff", tiled=True, blockxsize=512, blockysize=512, compress="deflate"
        )
        with rasterio.open(path, "r+") as file:
            file.crs, file.transform = "EPSG:4326", PLACE
    with File(path) as told:
        yield told


def aligned(raster: File, path: Path) -> None:
    with cog.drafting(path, target(), dtype="uint8", nodata=EMPTY) as canvas:
        for block, cells in align(raster, target(), method="nearest"):
            canvas.put(block, cells)


def with_rasterio(source: Path, path: Path, *, tolerance: float = 0.125) -> None:
    grid = target()
    options = {"driver": "GTiff", "tiled": True, "blockxsize": 512, "blockysize": 512, "SPARSE_OK": True}
    with (
        rasterio.open(source) as file,
        rasterio.open(
            path, "w", width=grid.cols, height=grid.rows, count=1, dtype="uint8", nodata=EMPTY,
            crs=crs_of(grid).to_wkt(), transform=Affine(*grid.transform), **options,
        ) as out,
    ):  # fmt: skip
        reproject(
            rasterio.band(file, 1), rasterio.band(out, 1), resampling=Resampling.nearest, num_threads=workers(),
            tolerance=tolerance,
        )  # fmt: skip


def gdalwarp(source: Path, path: Path) -> list[str]:
    """Return the command, without options but for the grid, and tiles as ours."""
    grid = target()
    left, bottom, right, top = grid.bounds
    crs = path.with_suffix(".wkt")
    crs.write_text(crs_of(grid).to_wkt("WKT1_GDAL"), encoding="utf-8")
    extent = [*map(str, ("-te", left, bottom, right, top, "-ts", grid.cols, grid.rows))]
    extra = ["-co", "TILED=YES", "-co", "BLOCKXSIZE=512", "-co", "BLOCKYSIZE=512"]
    return ["gdalwarp", "-q", "-overwrite", "-t_srs", str(crs), *extent, *extra, str(source), str(path)]


def test_align_and_rasterio(benchmark: BenchmarkFixture, globe: File, tmp_path: Path) -> None:
    source = globe
    work = (
        lambda: aligned(source, tmp_path / "ours.tif"),
        lambda: with_rasterio(source.path, tmp_path / "theirs.tif"),
    )
    compare(benchmark, "align nearest, rasterio with as many threads", work, target="1.7")
    for name in ("ours", "theirs"):
        print(
            f"  {name}: {100 * off(tmp_path / f'{name}.tif', source):.4f} % of cells differ from an exact transform"
        )


def off(path: Path, source: File) -> float:
    """Return the share of cells, in rows spread over the grid, that are not the source cell of their exact centre."""
    grid, wrong, seen = target(), 0, 0
    locate = to_source(grid, source.placed)
    x = grid.left + (np.arange(grid.cols) + 0.5) * grid.cell_m
    with rasterio.open(path) as file:
        for row in range(grid.rows // 48, grid.rows, grid.rows // 24):
            y = np.full(grid.cols, grid.top - (row + 0.5) * grid.cell_m)
            col, line = (np.floor(v[0]).astype(int) for v in locate(x[None], y[None]))
            top, left = int(line.min()), int(col.min())
            window = source.read(top, left, int(np.ptp(line)) + 1, int(np.ptp(col)) + 1)
            told = file.read(1, window=Window(0, row, grid.cols, 1))[0]
            wrong += int((told != window[line - top, col - left]).sum())
            seen += grid.cols
    return wrong / seen


@pytest.mark.skipif(which("gdalwarp") is None, reason="gdalwarp is not installed")
def test_align_and_gdalwarp(benchmark: BenchmarkFixture, globe: File, tmp_path: Path) -> None:
    source = globe
    theirs = partial(sides.process, gdalwarp(source.path, tmp_path / "theirs.tif"))
    ours = partial(sides.call, lambda: aligned(source, tmp_path / "ours.tif"))
    costs = sides.in_turn(benchmark, ours, theirs, rounds=ROUNDS)
    line = {"gdalwarp": (sides.median(costs[0]), sides.median(costs[1]))}
    print(
        sides.table(
            f"align nearest, gdalwarp defaults, {target().cols} x {target().rows} cells", line, target="4"
        )
    )


# ---- zonal histogram


def states() -> NDArray[np.object_]:
    """Return states and provinces that lie on the grid, in metres."""
    told = polygons(GRID)
    return told[shapely.intersects(told, shapely.box(*GRID.bounds))]


@pytest.mark.parametrize("library", ["rasterstats", "exactextract"])
def test_zonal_histogram(benchmark: BenchmarkFixture, pair: tuple[File, File], library: str) -> None:
    source, shapes = pair[1], states()

    def with_rasterstats() -> None:
        import rasterstats

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rasterstats.zonal_stats(list(shapes), str(source.path), categorical=True, stats=[])

    def with_exactextract() -> None:
        import exactextract
        import geopandas as gpd

        frame = gpd.GeoDataFrame(geometry=shapes, crs=source.placed.crs)
        exactextract.exact_extract(str(source.path), frame, ["unique", "frac"], output="pandas")

    other = with_rasterstats if library == "rasterstats" else with_exactextract
    work = (lambda: histogram(source, GRID, Zones(shapes, GRID)), other)
    wanted = "7" if library == "rasterstats" else "3"
    compare(
        benchmark,
        f"zonal histogram of {len(shapes)} zones, {library}",
        work,
        target=wanted,
        rounds=min(ROUNDS, 2),
    )


# ---- COG


def test_writing_a_cog(benchmark: BenchmarkFixture, pair: tuple[File, File], tmp_path: Path) -> None:
    source = pair[1]
    rough = tmp_path / "rough.tif"
    options: dict[str, Any] = {"tiled": True, "blockxsize": 512, "blockysize": 512}
    rasterio.shutil.copy(source.path, rough, driver="GTiff", **options)

    def ours() -> None:
        with cog.writing(tmp_path / "ours.tif", GRID, dtype="uint8", nodata=EMPTY, classes=True) as canvas:
            for block in blocks(GRID, rows=STRIP, cols=GRID.cols):
                canvas.put(block, source.read(block.row, block.col, block.rows, block.cols))

    def theirs() -> None:
        rasterio.shutil.copy(
            rough, tmp_path / "theirs.tif", driver="COG", COMPRESS="DEFLATE", OVERVIEW_RESAMPLING="MODE",
            BLOCKSIZE=512, NUM_THREADS=workers(),
        )  # fmt: skip

    compare(benchmark, "COG, GDAL's own driver", (ours, theirs), target="0.77 or more")
