"""Any raster on a grid of the atlas, file to file: what it holds, how it is brought over, and what is said of it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyproj

from naatlas import framework
from naatlas.cluster import here
from naatlas.errors import InputError, UsageError
from naatlas.export.publish import told as told_in_a_line
from naatlas.raster.align import method_of
from naatlas.raster.aligned import Aligned, aligned, coarseness, handed
from naatlas.raster.change import no_class_is_empty
from naatlas.raster.files import File
from naatlas.raster.parts import Sheet, write

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.cluster import Runner
    from naatlas.framework import Grid
    from naatlas.raster.address import Place
    from naatlas.raster.cog import Canvas
    from naatlas.raster.parts import Written

#: What the cells hold: codes of classes, a quantity of each place such as metres, or things that are counted.
Kind = Literal["class", "quantity", "count"]
_CLASS = re.compile(r"CLASS_(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a file does not say, or says wrongly: see :class:`naatlas.raster.files.File`."""

    crs: str | None = None
    nodata: float | None = None
    band: int = 1
    variable: str = ""

    def __post_init__(self) -> None:
        try:
            if self.crs:
                pyproj.CRS.from_user_input(self.crs)
        except pyproj.exceptions.CRSError as error:
            raise UsageError(
                f"{self.crs}: is no coordinate system that PROJ knows; name it as EPSG:4326, or by its WKT"
            ) from error

    def opened(self, place: Place) -> File:
        """Open a file as it is declared."""
        return File(place, band=self.band, crs=self.crs, nodata=self.nodata, variable=self.variable)


@dataclass(frozen=True, slots=True)
class Regridded:
    """A raster that has been written.

    Attributes
    ----------
    cells
        Those with data.
    total
        Sum of a count, None for what cannot be added up.
    """

    path: Path
    grid: Grid
    kind: Kind
    method: str
    dtype: str
    cells: int
    total: float | None

    def summary(self) -> dict[str, Any]:
        """Return what a program wants to know."""
        grid = self.grid
        place = {"cell_m": grid.cell_m, "columns": grid.cols, "rows": grid.rows, "figure": grid.figure}
        own = {"kind": self.kind, "method": self.method, "type": self.dtype, "cells_with_data": self.cells}
        return {"path": str(self.path), **place, **own, "sum": self.total}

    def text(self) -> str:
        """Return what a reader wants to know."""
        grid = self.grid
        total = "" if self.total is None else f", in all {self.total:,.6g}"
        return (
            f"{self.path}: {grid.cols:,} x {grid.rows:,} cells of {grid.cell_m:g} m ({grid.figure}), {self.kind} by "
            f"{self.method}, {self.dtype}; {self.cells:,} with data{total}"
        )


def regrid(
    place: Place,
    out: Path,
    *,
    grid: str,
    cell_m: float | None = None,
    kind: Kind | None = None,
    declared: Declared | None = None,
    run: Runner = here,
    resume: Path | None = None,
) -> Regridded:
    """Bring a raster to a grid of the atlas and write it as COG.

    Parameters
    ----------
    grid
        Name of one of :data:`naatlas.framework.GRIDS`.
    cell_m
        Side of a cell, a whole multiple of that of the grid.
    kind
        None to believe the file, if it says that it holds classes.
    declared
        What is known of the file that it does not say itself.
    run, resume
        As :func:`naatlas.raster.parts.write`.

    Raises
    ------
    UsageError
        There is no such grid, cell or coordinate system; nobody says what the raster holds.
    InputError
        The raster cannot be read, is not what it is said to be, or lies elsewhere.
    ProductError
        The file cannot be written; what was there is as it was.
    """
    target = _grid(grid, cell_m)
    with (declared or Declared()).opened(place) as source:
        kind = kind or _kind(source)
        sheet, method = _classes(source, target) if kind == "class" else _numbers(source, target, kind)

        def dress(canvas: Canvas, written: Written) -> None:
            _prove_there(source, written)
            _dress(canvas, source, sheet, {"KIND": kind, "METHOD": method})

        with told_in_a_line(out):
            out.parent.mkdir(parents=True, exist_ok=True)
        written = write(sheet, out, dress=dress, run=run, resume=resume)
    total = written.total if kind == "count" else None
    return Regridded(out, target, kind, method, sheet.dtype, written.cells, total)


def _grid(name: str, cell_m: float | None) -> Grid:
    if name not in framework.GRIDS:
        raise UsageError(
            f"{name}: there is no such grid; those of the atlas are {', '.join(framework.GRIDS)}"
        )
    grid = framework.GRIDS[name]
    try:
        return grid if cell_m is None else grid.coarser(cell_m)
    except ValueError as error:
        raise UsageError(f"{error}; choose a multiple of the cell of the grid {name}") from error


def _kind(source: File) -> Kind:
    if source.coloured or any(map(_CLASS.fullmatch, source.band_tags)):
        return "class"
    raise UsageError(
        f"{source.name}: has neither names nor colours of classes, so say what it holds: --kind class, quantity or "
        "count"
    )


def _classes(source: File, grid: Grid) -> tuple[Sheet, str]:
    """Return what is computed of classes, and how: never a mean."""
    if source.dtype.kind not in "iu":
        raise InputError(
            f"{source.name}: holds numbers of type {source.dtype}, and codes of classes are whole; get the file as "
            "published, or bring it over as a quantity"
        )
    if source.dtype.itemsize == 1:
        no_class_is_empty(source, _named(source))
    return _sampled(source, grid, classes=True, dtype=source.dtype.name)


def _numbers(source: File, grid: Grid, kind: Kind) -> tuple[Sheet, str]:
    """Return what is computed of a quantity or a count, and how."""
    if source.coloured:
        raise InputError(
            f"{source.name}: has a table of colours, so it holds classes; leave --kind {kind} out"
        )
    if kind == "quantity":
        return _sampled(source, grid, classes=False, dtype="float32")
    if (shared := handed(source, grid)) is None:
        side = math.ceil(coarseness(source, grid))
        raise UsageError(
            f"{source.name}: its cells are {side} times as wide as those of the grid, and a count handed over to so "
            f"small ones would leave holes; choose larger ones, such as --cell {math.ceil(side / 16) * grid.cell_m:g}"
        )
    return Sheet(shared, grid, "float64", classes=False, window=(shared.side, shared.side)), "sum"


def _sampled(source: File, grid: Grid, *, classes: bool, dtype: str) -> tuple[Sheet, str]:
    told: Aligned = aligned(source, grid, method_of("class" if classes else "quantity", source, grid))
    return Sheet(told, grid, dtype, classes=classes, window=(told.side, told.side)), told.method


def _named(source: File) -> dict[int, str]:
    """Return the classes that the tags of a raster name, by number."""
    return {int(m[1]): text for key, text in source.band_tags.items() if (m := _CLASS.fullmatch(key))}


def _prove_there(source: File, written: Written) -> None:
    if not written.cells:
        raise InputError(
            f"{source.name}: no cell with data lies on the grid; is its coordinate system the right one (--crs), and "
            "the number for no data (--nodata)?"
        )


def _dress(canvas: Canvas, source: File, sheet: Sheet, tags: dict[str, str]) -> None:
    """Give a raster the words and colours of its source, and say what was done to it."""
    edition = {"EDITION": source.edition} if source.edition else {}
    canvas.tags({"SOURCE": source.name, "GRID": sheet.grid.name, **tags, **edition})
    canvas.tags({f"CLASS_{number}": name for number, name in sorted(_named(source).items())}, band=True)
    canvas.describe(source.title, source.unit)
    if sheet.classes and (colours := source.colours()):
        canvas.colours(colours)
