"""Rasters computed cell by cell from the classes of several years: what each cell was and became."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.cluster import here
from naatlas.raster.blocks import BLOCK, Block
from naatlas.raster.change import in_order, km2, name_of, no_class_is_empty, zone_names
from naatlas.raster.counts import STRIP, codes_of, empty_code, histogram, placed_on
from naatlas.raster.parts import Sheet, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.cluster import Runner
    from naatlas.framework import Grid
    from naatlas.raster.align import Raster
    from naatlas.raster.cog import Canvas
    from naatlas.raster.counts import ZonesOf
    from naatlas.raster.parts import Written
    from naatlas.raster.source import Placed

#: How the cells of a from-to raster are numbered: the class before times this, plus the class after.
FROM_FACTOR = 256
#: Number of a from-to cell that has no data in one year or both.
FROM_TO_EMPTY = 65_535
#: What can happen to a cell over three dates.
NEVER, ONCE, TWICE, BACK = "unchanged", "changed once", "changed twice", "changed back"
_KINDS = (NEVER, ONCE, TWICE, BACK)
_KIND_EMPTY = 255


@dataclass(frozen=True, slots=True)
class FromTo:
    """What each cell was and became: class before * 256 + class after, 65535 without data in either year.

    No public source tells how the change files of the land cover are coded; their type (uint16) and their number for
    no data (65535) are the same as here.
    """

    first: Raster
    second: Raster
    nodata: float = FROM_TO_EMPTY

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""
        return self.first.placed

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells, uint16."""
        block = Block(row, col, rows, cols)
        before, after = codes_of(self.first, block), codes_of(self.second, block)
        out = before.astype(np.uint16)
        out *= FROM_FACTOR
        out += after
        out[(before == empty_code(self.first)) | (after == empty_code(self.second))] = FROM_TO_EMPTY
        return out


def write_from_to(
    first: Raster, second: Raster, grid: Grid, path: Path, *, classes: Mapping[int, str], run: Runner = here,
    resume: Path | None = None,
) -> None:  # fmt: skip
    """Write the from-to raster of two years as COG of type uint16, with its code and classes in the tags.

    Parameters
    ----------
    run, resume
        As :func:`naatlas.raster.parts.write`.

    Raises
    ------
    InputError, ProductError
        As :func:`naatlas.raster.change.change`; the file cannot be written, and is not there then.
    """
    in_order(first, second)
    for raster in (first, second):
        no_class_is_empty(raster, classes)
        placed_on(raster, grid)
    tags = {
        "CODE": f"class before * {FROM_FACTOR} + class after",
        "FIRST": name_of(first),
        "SECOND": name_of(second),
    }

    def dress(canvas: Canvas, _: Written) -> None:
        canvas.describe("from_to")
        canvas.tags(tags)
        canvas.tags({f"CLASS_{number}": name for number, name in sorted(classes.items())}, band=True)

    # a narrow window of some files costs as much to decode as one of the whole width
    striped = any(getattr(raster, "striped", False) for raster in (first, second))
    window = (STRIP, grid.cols) if striped else (BLOCK, BLOCK)
    # what changed is rare and scattered: the most frequent pair would leave hardly any of it in an overview
    sheet = Sheet(FromTo(first, second), grid, "uint16", classes=True, sampled=True, window=window)
    write(sheet, path, dress=dress, run=run, resume=resume)


@dataclass(frozen=True, slots=True)
class Compared:
    """A raster computed cell by cell from the codes of others on one grid."""

    rasters: tuple[Raster, ...]
    nodata: float
    name: str = "comparison"

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""
        return self.rasters[0].placed

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of kinds of change over three dates, uint8."""
        a, b, c = (codes_of(raster, Block(row, col, rows, cols)) for raster in self.rasters)
        early, late = a != b, b != c
        out: NDArray[np.uint8] = early.astype(np.uint8)
        out += late
        out += early & late & (a == c)
        for cells, raster in zip((a, b, c), self.rasters, strict=True):
            out[cells == empty_code(raster)] = _KIND_EMPTY
        return out


def trajectories(
    rasters: tuple[Raster, Raster, Raster],
    grid: Grid,
    *,
    zones: ZonesOf | None = None,
    names: Sequence[str] = (),
    run: Runner = here,
) -> pd.DataFrame:
    """Count the cells that changed once, twice, or back to what they were, over three dates.

    Returns
    -------
    DataFrame
        ``zone``, ``kind`` (:data:`NEVER`, :data:`ONCE`, :data:`TWICE`, :data:`BACK`), ``cells``, ``area_km2``,
        ``percent`` of the cells with data at all three dates.
    """
    in_order(*rasters)
    for raster in rasters:
        placed_on(raster, grid)
    counts = histogram(Compared(rasters, _KIND_EMPTY), grid, zones, run=run)[:, : len(_KINDS)]
    labels = zone_names(zones, names)
    frame = pd.DataFrame(
        {
            "zone": np.repeat(labels, len(_KINDS)),
            "kind": list(_KINDS) * len(labels),
            "cells": counts.reshape(-1),
        }
    )
    sums = counts.sum(axis=1).repeat(len(_KINDS)).astype(np.float64)
    percent = np.divide(100 * frame["cells"], sums, out=np.full(len(sums), np.nan), where=sums > 0)
    return frame.assign(area_km2=frame["cells"] * km2(grid), percent=percent)
