"""Cloud-optimized GeoTIFF, written block by block: colours, class names, statistics and nodata inside."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import rasterio.shutil
from rasterio._err import CPLE_BaseError  # what it raises where it forgets to wrap GDAL's own
from rasterio.windows import Window

from naatlas.errors import ProductError
from naatlas.raster.blocks import workers
from naatlas.raster.files import CACHE_MB
from naatlas.raster.source import crs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import DTypeLike, NDArray
    from rasterio.io import DatasetReader, DatasetWriter

    from naatlas.framework import Grid
    from naatlas.raster.blocks import Block

#: Side of a tile: what a reader fetches at once, and what ``blocks`` are multiples of.
TILE = 512
#: Bytes that GDAL repeats behind each tile of a COG.
_TRAILER = 4


class Canvas:
    """A raster under way: blocks are put in, tags and colours set; it becomes a file when all is done."""

    def __init__(self, file: DatasetWriter) -> None:
        self._file = file

    def put(self, block: Block, cells: NDArray[Any]) -> None:
        """Write the cells of a block."""
        window = Window(block.col, block.row, block.cols, block.rows)
        self._file.write(cells.astype(self._file.dtypes[0], copy=False), 1, window=window)

    def colours(self, table: Mapping[int, tuple[int, int, int]]) -> None:
        """Give each code its colour, red, green and blue of 0 to 255."""
        self._file.write_colormap(1, {code: (*rgb, 255) for code, rgb in table.items()})

    def tags(self, told: Mapping[str, str], *, band: bool = False) -> None:
        """Set tags of the file, or of its band."""
        self._file.update_tags(1 if band else 0, **told)

    def describe(self, name: str, unit: str = "") -> None:
        """Name the band and its unit."""
        self._file.set_band_description(1, name)
        self._file.units = (unit,)


@contextmanager
def writing(
    path: Path, grid: Grid, *, dtype: DTypeLike, nodata: float, classes: bool, sampled: bool = False
) -> Iterator[Canvas]:
    """Open a canvas of the size of a grid; on leaving without error it is written to ``path`` as COG.

    Parameters
    ----------
    classes, sampled
        As :func:`publish` takes them.
    """
    with tempfile.TemporaryDirectory(prefix=".raster-", dir=path.parent) as folder:
        rough = Path(folder) / "cells.tif"
        with drafting(rough, grid, dtype=dtype, nodata=nodata) as canvas:
            yield canvas
        publish(rough, path, classes=classes, sampled=sampled)


@contextmanager
def drafting(path: Path, grid: Grid, *, dtype: DTypeLike, nodata: float) -> Iterator[Canvas]:
    """Open a canvas of the size of a grid in a plain tiled GeoTIFF: quick to write and to read, and large.

    Raises
    ------
    ProductError
        It cannot be written, on a full disk for example.
    """
    options = {
        "driver": "GTiff",
        "tiled": True,
        "blockxsize": TILE,
        "blockysize": TILE,
        "BIGTIFF": "IF_SAFER",
    }
    with (
        _told(path),
        rasterio.Env(GDAL_CACHEMAX=CACHE_MB),
        rasterio.open(
            path, "w", width=grid.cols, height=grid.rows, count=1, dtype=np.dtype(dtype).name, nodata=nodata,
            crs=crs_of(grid).to_wkt(), transform=rasterio.Affine(*grid.transform), SPARSE_OK=True, **options,
        ) as file,
    ):  # fmt: skip
        yield Canvas(file)


@contextmanager
def retouching(path: Path) -> Iterator[Canvas]:
    """Open a canvas that is there already, to give it its colours and words."""
    with rasterio.open(path, "r+") as file:
        yield Canvas(file)


def publish(rough: Path, path: Path, *, classes: bool, sampled: bool = False) -> None:
    """Let GDAL lay the file out: overviews first in it, tiles in order, so that a part can be fetched alone.

    Parameters
    ----------
    classes
        Overviews then hold the most frequent class, never a mean of codes.
    sampled
        They hold one of the cells that each of theirs stands for, so that rare classes are not lost.

    Raises
    ------
    ProductError
        It cannot be written, on a full disk for example; what was at ``path`` before is as it was.
    """
    with (
        tempfile.TemporaryDirectory(prefix=".raster-", dir=path.parent) as folder,
        rasterio.Env(GDAL_CACHEMAX=CACHE_MB),
        _told(path),
    ):
        whole = Path(folder) / path.name
        _publish(rough, whole, classes=classes, sampled=sampled)
        _prove_whole(whole)
        whole.replace(path)


def _prove_whole(path: Path) -> None:
    """Prove that the file reaches to the end of its last tile: what fails when GDAL closes a file, it does not tell."""
    with rasterio.open(path) as file:
        tiles = [(col, row) for (row, col), _ in file.block_windows(1)]
        told = [
            [_number(file, f"BLOCK_{what}_{col}_{row}") for what in ("OFFSET", "SIZE")] for col, row in tiles
        ]
    if max(map(sum, told)) + _TRAILER > path.stat().st_size:
        raise rasterio.errors.RasterioIOError(f"{path.name} is cut off")


def _number(file: DatasetReader, name: str) -> int:
    """Return a number of GDAL's about the layout of a file; an empty tile has none."""
    return int(file.get_tag_item(name, "TIFF", bidx=1) or 0)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in one line what GDAL says in several about a file that it cannot write."""
    try:
        yield
    except (rasterio.errors.RasterioError, CPLE_BaseError) as error:
        raise ProductError(
            f"{path.name}: cannot be written below {path.parent}: no space left on the disk, or it was taken away; "
            "make room and build again"
        ) from error


def _publish(rough: Path, path: Path, *, classes: bool, sampled: bool) -> None:
    told = "MODE" if classes else "AVERAGE"
    rasterio.shutil.copy(
        rough,
        path,
        driver="COG",
        COMPRESS="DEFLATE",
        PREDICTOR="NO" if classes else "YES",
        BLOCKSIZE=TILE,
        OVERVIEW_RESAMPLING="NEAREST" if sampled else told,
        NUM_THREADS=workers(),
        BIGTIFF="IF_SAFER",
        STATISTICS="NO" if classes else "YES",
    )
