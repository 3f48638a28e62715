"""Files side by side as one raster: a VRT, which GDAL reads like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from lxml import etree

from naatlas.raster.cog import TILE
from naatlas.raster.source import crs_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from naatlas.framework import Grid
    from naatlas.raster.blocks import Block

_KINDS = {"u": "UInt", "i": "Int", "f": "Float"}


def stitch(grid: Grid, parts: Mapping[Block, Path], path: Path, *, dtype: str, nodata: float) -> Path:
    """Write a VRT of parts that lie in its folder, each a file of the size of its block.

    Returns
    -------
    ``path``.
    """
    root = etree.Element("VRTDataset", rasterXSize=str(grid.cols), rasterYSize=str(grid.rows))
    etree.SubElement(root, "SRS").text = crs_of(grid).to_wkt()
    placed = rasterio.Affine(*grid.transform).to_gdal()
    etree.SubElement(root, "GeoTransform").text = ", ".join(map(repr, placed))
    tile = {"blockXSize": str(TILE), "blockYSize": str(TILE)}
    band = etree.SubElement(root, "VRTRasterBand", dataType=_type(dtype), band="1", **tile)
    etree.SubElement(band, "NoDataValue").text = repr(nodata)
    for block, part in parts.items():
        _add(band, block, part.name, dtype)
    path.write_bytes(etree.tostring(root, encoding="UTF-8"))
    return path


def _type(dtype: str) -> str:
    """Name a type of numpy as GDAL does."""
    kind = np.dtype(dtype)
    return "Byte" if kind == np.uint8 else f"{_KINDS[kind.kind]}{8 * kind.itemsize}"


def _add(band: etree._Element, block: Block, name: str, dtype: str) -> None:
    source = etree.SubElement(band, "SimpleSource")
    etree.SubElement(source, "SourceFilename", relativeToVRT="1").text = name
    etree.SubElement(source, "SourceBand").text = "1"
    size = {"RasterXSize": str(block.cols), "RasterYSize": str(block.rows)}
    # with these told, a part is opened when its cells are wanted and not before
    etree.SubElement(source, "SourceProperties", DataType=_type(dtype), **size)
    for tag, col, row in (("SrcRect", 0, 0), ("DstRect", block.col, block.row)):
        sides = {"xOff": col, "yOff": row, "xSize": block.cols, "ySize": block.rows}
        etree.SubElement(source, tag, {key: str(value) for key, value in sides.items()})
