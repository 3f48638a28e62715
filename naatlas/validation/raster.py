"""A GeoTIFF of a product: laid out as COG, on the grid, with the legend, nodata and cells that its layer says."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import rasterio

from naatlas import framework, registry
from naatlas.errors import InputError
from naatlas.raster.align import known
from naatlas.raster.blocks import blocks
from naatlas.raster.counts import placed_on
from naatlas.raster.files import File
from naatlas.raster.intact import prove_intact
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.spec import LayerSpec, RasterRules

_AGAIN = "build the product again"
#: Shorter side of the smallest overview, at most: what a reader takes to show the whole.
_SMALLEST = 512


def judge(path: Path, *, schemas: Path | None = None) -> Verdict:  # noqa: ARG001 - as all kinds are judged
    """Judge a GeoTIFF that naatlas published; the layer and edition are told by its tags."""
    return Verdict(path.name, "raster", tuple(_points(path)))


def _points(path: Path) -> Iterator[Point]:
    with File(path, nodata=None) as raster:
        yield from _layout(path)
        yield from _intact(path)
        told = _layer(path)
        if told is None:
            yield Point("layer", "warning", "no layer of naatlas: its tags do not name one")
            return
        spec, rules = told
        yield Point("layer", "passed", f"{spec.slug}: {rules.field}")
        grid = framework.GRIDS[rules.grid].coarser(rules.cell_m)
        yield _grid(raster, grid)
        yield _nodata(raster, rules)
        if rules.kind == "class":
            yield from _classes(path, raster, grid, rules)


def _layout(path: Path) -> Iterator[Point]:
    """Judge what makes a part of the file quick to fetch: tiles, overviews, and the directories before the cells."""
    with rasterio.open(path) as file:
        structure = file.tags(ns="IMAGE_STRUCTURE")
        tiled = file.profile.get("tiled", False)
        overviews = file.overviews(1)
        side = min(file.shape)
    if structure.get("LAYOUT") != "COG" or not tiled:
        yield Point("layout", "failed", "is no Cloud-Optimized GeoTIFF", _AGAIN)
    elif overviews and side / overviews[-1] > _SMALLEST:
        yield Point(
            "layout", "failed", f"its smallest overview is {side // overviews[-1]} cells high", _AGAIN
        )
    elif not overviews and side > _SMALLEST:
        yield Point("layout", "failed", "has no overviews", _AGAIN)
    else:
        yield Point("layout", "passed", f"Cloud-Optimized GeoTIFF with {len(overviews)} overviews")


def _intact(path: Path) -> Iterator[Point]:
    try:
        if prove_intact(path, name=path.name):
            yield Point("checksums", "passed", "every tile has the cells that were written")
    except InputError as error:
        yield Point("checksums", "failed", str(error), _AGAIN)


def _layer(path: Path) -> tuple[LayerSpec, RasterRules] | None:
    with rasterio.open(path) as file:
        tags = file.tags()
    slug, edition = tags.get("LAYER", ""), tags.get("EDITION", "").partition("-")[0]
    if slug not in registry.slugs() or registry.spec(slug).raster is None:
        return None
    spec = registry.spec(slug)
    return spec, spec.rules(edition)


def _grid(raster: File, grid: Grid) -> Point:
    try:
        placed_on(raster, grid)
    except InputError as error:
        return Point("grid", "failed", str(error), _AGAIN)
    return Point(
        "grid", "passed", f"{grid.cols} x {grid.rows} cells of {grid.cell_m:g} m, aligned with the Atlas"
    )


def _nodata(raster: File, rules: RasterRules) -> Point:
    same = raster.nodata == rules.nodata or (np.isnan(raster.nodata) and np.isnan(rules.nodata))
    if not same or raster.dtype != np.dtype(rules.dtype):
        told = f"{raster.dtype} with nodata {raster.nodata:g}, not {rules.dtype} with {rules.nodata:g}"
        return Point("nodata", "failed", told, _AGAIN)
    return Point("nodata", "passed", f"{rules.dtype}, {rules.nodata:g} is no data")


def _classes(path: Path, raster: File, grid: Grid, rules: RasterRules) -> Iterator[Point]:
    """Judge that every number is a class with a colour, and that the table beside the file has the same cells."""
    counts = np.zeros(256, dtype=np.int64)
    for block in blocks(grid):
        cells = raster.read(block.row, block.col, block.rows, block.cols)
        counts += np.bincount(cells[known(cells, rules.nodata)].ravel(), minlength=256)
    names = {number: code for code, number in rules.codes.items()}
    with rasterio.open(path) as file:
        colours = file.colormap(1)
        tags = file.tags(1)
    strange = [number for number in np.flatnonzero(counts).tolist() if number not in names]
    bare = [number for number in names if f"CLASS_{number}" not in tags or number not in colours]
    if strange or bare:
        told = f"numbers that are no class: {strange}; classes without name or colour: {bare}"
        yield Point("legend", "failed", told, _AGAIN)
    else:
        yield Point("legend", "passed", f"{len(names)} classes with name and colour, and no other number")
    yield from _table(path.with_suffix(".csv"), counts)


def _table(path: Path, counts: NDArray[np.int64]) -> Iterator[Point]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    told = np.zeros(256, dtype=np.int64)
    for row in rows:
        told[int(row["cell_value"])] += int(row["cells"])
    off = np.flatnonzero(told != counts).tolist()
    if off:
        yield Point(
            "table", "failed", f"{path.name} has other sums than the cells for the numbers {off}", _AGAIN
        )
    else:
        yield Point(
            "table", "passed", f"the {len(rows)} rows of {path.name} add up to the {counts.sum():,} cells"
        )
