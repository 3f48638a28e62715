"""Whether the cells of a GeoTIFF are those that were written: the checksums that its compression carries.

GDAL stops unpacking a tile when it is full and never comes to the checksum behind it, so that half of the bytes that
go wrong on a disk or a line give other cells and no error. Deflate carries one; LZW, ZSTD and cells that are not
packed have none, and of them only a checksum of the whole file tells.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

import rasterio
from rasterio.enums import Compression

from naatlas.errors import InputError
from naatlas.raster.blocks import in_threads, workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rasterio.io import DatasetReader


class _Tile(NamedTuple):
    """A tile or strip: its first row, and where its bytes are in the file."""

    row: int
    start: int
    size: int


def prove_intact(path: Path, *, name: str) -> bool:
    """Unpack every tile of a GeoTIFF and compare its checksum; tell whether it has any.

    Raises
    ------
    InputError
        A checksum does not fit; names the rows.
    """
    with rasterio.open(path) as file:
        tiles = list(_tiles(file)) if _has_checksums(file) else []

    def work(tile: _Tile) -> bool:
        with path.open("rb") as stream:
            stream.seek(tile.start)
            return _sound(stream.read(tile.size))

    for tile, sound in in_threads(work, tiles, threads=workers()):
        if not sound:
            raise InputError(
                f"{name}: the cells from row {tile.row} are damaged, their checksum does not fit; get it again"
            )
    return bool(tiles)


def _has_checksums(file: DatasetReader) -> bool:
    return bool(file.driver == "GTiff" and file.compression == Compression.deflate)


def _tiles(file: DatasetReader) -> Iterator[_Tile]:
    """Yield the tiles of all bands; one without cells takes no room in the file."""
    bands = file.indexes if file.profile.get("interleave") == "band" else (1,)
    for band in bands:
        for (row, col), window in file.block_windows(band):
            start, size = (
                int(file.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=band) or 0)
                for what in ("OFFSET", "SIZE")
            )
            if size:
                yield _Tile(window.row_off, start, size)


def _sound(packed: bytes) -> bool:
    try:
        zlib.decompress(packed)
    except zlib.error:
        return False
    return True
