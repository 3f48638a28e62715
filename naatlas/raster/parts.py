"""A raster that is computed in windows, here or on a cluster: each window becomes a small file, all of them one COG.

What a worker gets is the description of a window and of the raster, and what it leaves is a part: a compressed file on
storage that all machines see, which is there as a whole or not at all. The parts depend on nothing but what is
computed, so that the COG has the same bytes whoever made them; and those that are there need not be made again.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

import numpy as np
import rasterio
from filelock import FileLock, Timeout
from rasterio.io import MemoryFile

import naatlas
from naatlas.cluster import here
from naatlas.cluster.journal import digest
from naatlas.errors import ProductError, UsageError
from naatlas.raster import cog
from naatlas.raster.align import known
from naatlas.raster.blocks import BLOCK, blocks, without_idle_warnings
from naatlas.raster.source import crs_of
from naatlas.raster.stitched import stitch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from naatlas.cluster import Runner
    from naatlas.framework import Grid
    from naatlas.raster.align import Raster
    from naatlas.raster.blocks import Block
    from naatlas.raster.cog import Canvas


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is computed: a raster whose cells are those of a grid.

    Attributes
    ----------
    raster
        Computes a window when it is read; its nodata is that of the file.
    dtype
        Type of the cells of the file.
    classes
        Whether they are codes: overviews then hold the most frequent one.
    sampled
        Whether overviews hold one of the cells instead, so that what is rare keeps its share.
    window
        Rows and columns that are computed at once, multiples of those of the tiles of a COG.
    """

    raster: Raster
    grid: Grid
    dtype: str
    classes: bool
    sampled: bool = False
    window: tuple[int, int] = (BLOCK, BLOCK)

    def blocks(self) -> list[Block]:
        """Return the windows, the same ones whoever computes them."""
        rows, cols = self.window
        return blocks(self.grid, rows=rows, cols=cols)


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds: cells with data, and the sum of their values, 0 of codes."""

    cells: int
    total: float


def write(
    sheet: Sheet, path: Path, *, dress: Callable[[Canvas, Written], None], run: Runner = here,
    resume: Path | None = None,
) -> Written:  # fmt: skip
    """Compute a raster window by window, and write it as COG.

    Parameters
    ----------
    dress
        Gives the canvas its words and colours, knowing what it holds; if it raises, nothing is written.
    run
        Who makes the parts. On a cluster the folder of the file must be there for all machines under the same path.
    resume
        Folder in which parts are kept until the COG is whole; one that has them from a run that did not come to its
        end spares this run to make them. Parts of other inputs are never taken. None for a folder beside the file,
        which is removed whatever happens.

    Raises
    ------
    ProductError
        A part or the file cannot be written; what was at ``path`` is as it was.
    UsageError
        Another run that is still going on keeps its parts in the folder.
    """
    with _folder(sheet, path, resume) as folder:
        parts = {block: folder / _name(block) for block in sheet.blocks()}
        missing = [block for block, part in parts.items() if not part.is_file()]
        with without_idle_warnings():
            for _ in run(Make(), missing, (sheet, folder)):
                pass
        told = [_account(part) for part in parts.values()]
        written = Written(sum(cells for cells, _ in told), sum(total for _, total in told))
        whole = stitch(sheet.grid, parts, folder / "whole.vrt", dtype=sheet.dtype, nodata=sheet.raster.nodata)
        with cog.retouching(whole) as canvas:
            dress(canvas, written)
        cog.publish(whole, path, classes=sheet.classes, sampled=sheet.sampled)
    return written


@contextmanager
def _folder(sheet: Sheet, path: Path, resume: Path | None) -> Iterator[Path]:
    """Hand out the folder for the parts; it is gone when all is done."""
    if resume is None:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent.absolute()) as private:
            yield Path(private)
        return
    # named by what is computed, so that other parts are never taken for these
    folder = resume.absolute() / f"parts-{digest((naatlas.__version__, sheet))[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield folder
    except Timeout:
        raise UsageError(f"{resume}: is in use by another run; wait for it, or name another folder") from None
    shutil.rmtree(folder)
    if not any(resume.iterdir()):
        resume.rmdir()


def _name(block: Block) -> str:
    return f"{block.row}-{block.col}.tif"


@dataclass(frozen=True, slots=True)
class Make:
    """The work on a window: computes it and leaves it as a part."""

    #: A journal need not keep what is a file already.
    keeps: ClassVar[bool] = True

    def __call__(self, block: Block, common: tuple[Sheet, Path]) -> None:
        """Make the part of a block."""
        sheet, folder = common
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        cells = sheet.raster.read(block.row, block.col, block.rows, block.cols)
        _put(folder / _name(block), _packed(cells.astype(sheet.dtype, copy=False), block, sheet))


def _packed(cells: NDArray[Any], block: Block, sheet: Sheet) -> bytes:
    """Return a part as the bytes of a tiled file, with its account in the tags."""
    grid, there = sheet.grid, known(cells, sheet.raster.nodata)
    corner = rasterio.Affine(*grid.transform) @ rasterio.Affine.translation(block.col, block.row)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=block.cols, height=block.rows, count=1, dtype=sheet.dtype, nodata=sheet.raster.nodata,
            crs=crs_of(grid).to_wkt(), transform=corner, tiled=True, blockxsize=cog.TILE, blockysize=cog.TILE,
            compress="DEFLATE", ZLEVEL=1, SPARSE_OK=True,
        ) as file:  # fmt: skip
            if there.any():
                file.write(cells, 1)
            total = 0.0 if sheet.classes else float(np.sum(cells, dtype=np.float64, where=there))
            file.update_tags(CELLS=str(np.count_nonzero(there)), SUM=repr(total))
        return bytes(memory.getbuffer())


def _put(path: Path, told: bytes) -> None:
    """Write a file that is there as a whole or not at all, also when two write it or the power fails."""
    rough = path.with_name(f".{uuid4().hex}")
    try:
        with rough.open("xb") as stream:
            stream.write(told)
            stream.flush()
            os.fsync(stream.fileno())
        rough.replace(path)
    except OSError as error:
        rough.unlink(missing_ok=True)
        raise ProductError(f"{path}: cannot be written ({error.strerror or error})") from error


def _account(part: Path) -> tuple[int, float]:
    """Return the cells with data of a part and their sum, as it tells itself."""
    if not part.is_file():
        raise ProductError(
            f"{part}: a worker made this part, and it is not here; all machines must see {part.parent} as one folder"
        )
    try:
        with rasterio.open(part) as file:
            told = file.tags()
        return int(told["CELLS"]), float(told["SUM"])
    except (rasterio.errors.RasterioError, KeyError) as error:
        raise ProductError(f"{part}: is damaged; remove it and run again") from error
