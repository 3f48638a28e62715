"""What a raster says of polygons, and what became of it from one year to another: files in, tables out."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from naatlas.cluster import here
from naatlas.errors import InputError, UsageError
from naatlas.export.publish import told
from naatlas.framework import Grid
from naatlas.polygons import countries, polygons_of
from naatlas.raster import change as changes
from naatlas.raster import zonal
from naatlas.raster.counts import empty_code, histogram, same_crs
from naatlas.raster.figures import CALLS
from naatlas.raster.files import File
from naatlas.raster.from_to import write_from_to
from naatlas.raster.source import crs_of
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    import pandas as pd

    from naatlas.cluster import Runner
    from naatlas.raster.address import Place

#: How areas are measured, for the reader of a table.
STATEMENT = (
    "areas are numbers of cells whose centre lies in the polygon, multiplied by the area of a cell of the equal-area "
    "grid"
)
_EXACT = "areas are sums of the share of each cell that the polygon covers, on the equal-area grid"
_CLASS = re.compile(r"CLASS_(\d+)")


def grid_of(raster: File) -> Grid:
    """Return the grid that a raster lies on.

    Raises
    ------
    InputError
        Its cells are no squares of an equal-area system of the atlas, rows from the north.
    """
    cell, _, left, _, down, top = raster.placed.transform[:6]
    rows, cols = raster.placed.shape
    figures: tuple[Literal["sphere", "WGS84"], ...] = ("sphere", "WGS84")
    for figure in figures:
        grid = Grid(name=raster.name, cols=cols, rows=rows, cell_m=cell, left=left, top=top, figure=figure)
        if cell > 0 and abs(cell + down) < cell * 1e-9 and same_crs(raster.placed.crs, crs_of(grid)):
            return grid
    raise InputError(
        f"{raster.name}: its cells are not squares in the equal-area system of the atlas, so that their number is no "
        "area; take the raster of a product, or make a layer of this one (naatlas new)"
    )


def classes_of(raster: File, grid: Grid, *, sure: bool = False, run: Runner = here) -> dict[int, str]:
    """Return the classes of a raster by number: as its tags name them, else "class 7" for each number that is there.

    Parameters
    ----------
    sure
        Whether it is known to hold classes. Else a raster with more than 8 bits, and without names or colours of
        classes, holds a quantity, and the answer is empty.
    """
    named = _named(raster)
    if named or not (sure or _of_classes(raster)):
        return named
    empty = empty_code(raster)
    found = np.flatnonzero(histogram(raster, grid, run=run).sum(axis=0)).tolist()
    return {number: f"class {number}" for number in found if number != empty}


def _named(raster: File) -> dict[int, str]:
    return {int(m[1]): text for key, text in raster.band_tags.items() if (m := _CLASS.fullmatch(key))}


def _of_classes(raster: File) -> bool:
    return bool(_named(raster)) or raster.coloured or raster.dtype.itemsize == 1


def calls(raster: Place, other: Place | None = None, weights: Place | None = None) -> int:
    """Return how often the cells will be gone through for a table of zones, for a bar over the whole job."""
    with ExitStack() as stack:
        files = [stack.enter_context(File(place)) for place in (raster, other) if place]
        if weights or not (other or _of_classes(files[0])):
            return CALLS
        return 1 + sum(not _named(file) for file in files)


def zones_table(
    raster: Place,
    polygons: str,
    by: str,
    *,
    other: Place | None = None,
    weights: Place | None = None,
    exact: bool = False,
    data: Path | None = None,
    run: Runner = here,
) -> pd.DataFrame:
    """Tell what a raster says of polygons: areas of classes, their changes, or figures of a quantity.

    Parameters
    ----------
    other
        Raster of a later year: the table then says what each class became.
    weights
        Raster that says how much each cell counts.
    exact
        Whether cells count by the share that the polygon covers; it is done in one thread here.
    run
        Counts here or elsewhere: see :mod:`naatlas.cluster`.

    Returns
    -------
    DataFrame
        See ``raster.zonal`` and ``raster.change``; ``attrs["areas"]`` says how areas are measured.

    Raises
    ------
    UsageError, InputError, UnknownTermsError
        What was asked for does not fit together; a file is damaged, or on another grid.
    """
    if exact and (other or weights):
        raise UsageError(
            "--exact goes with neither --change nor --weights: it weighs one raster by shares of cells"
        )
    with File(raster) as file:
        grid = grid_of(file)
        names, shapes, numbers = polygons_of(polygons, by, grid, data=data)
        classes = classes_of(file, grid, sure=other is not None, run=run)
        if exact:
            whole = np.array(
                [shapely.union_all(shapes[numbers == n]) for n in range(len(names))], dtype=object
            )
            told = zonal.exact(file, grid, whole, names=names, classes=classes or None)
        else:
            zones = Zones(shapes, grid, numbers=numbers, overlaps=True)
            told = _counted(file, grid, zones, names, classes, other=other, weights=weights, run=run)
    told.attrs["areas"] = _EXACT if exact else STATEMENT
    return told


def _counted(
    file: File, grid: Grid, zones: Zones, names: list[str], classes: dict[int, str], *, other: Place | None,
    weights: Place | None, run: Runner,
) -> pd.DataFrame:  # fmt: skip
    if other:
        with File(other) as later:
            both = classes | classes_of(later, grid_of(later), sure=True, run=run)
            return changes.change(file, later, grid, classes=both, zones=zones, names=names, run=run).pairs
    if weights:
        with File(weights) as scale:
            return zonal.statistics(file, grid, zones, names=names, weights=scale, run=run)
    if classes:
        return zonal.classes_by_zone(file, grid, zones, names=names, classes=classes, run=run)
    return zonal.statistics(file, grid, zones, names=names, run=run)


def write_change(
    first: Place, second: Place, folder: Path, *, polygons: str = "", by: str = "", data: Path | None = None,
    run: Runner = here, resume: Path | None = None,
) -> list[Path]:  # fmt: skip
    """Write all that is to be said of two years: raster from class to class, matrix, gains and losses, and the changes
    by country.

    Parameters
    ----------
    polygons, by
        As :func:`naatlas.polygons.polygons_of`; the three countries without them.
    run, resume
        As :func:`naatlas.raster.from_to.write_from_to`.

    Returns
    -------
    The files: ``from_to.tif``, ``matrix.csv``, ``gains_and_losses.csv``, ``changed.csv``.

    Raises
    ------
    UsageError, InputError, UnknownTermsError, ProductError
        As :func:`zones_table`; a file cannot be written.
    """  # noqa: D205 - one sentence
    with File(first) as one, File(second) as other:
        grid = grid_of(one)
        names, shapes, numbers = polygons_of(polygons, by, grid, data=data) if polygons else countries(grid)
        zones = Zones(shapes, grid, numbers=numbers, overlaps=bool(polygons))
        classes = classes_of(one, grid, sure=True, run=run)
        classes |= classes_of(other, grid_of(other), sure=True, run=run)
        change = changes.change(one, other, grid, classes=classes, zones=zones, names=names, run=run)
        tables = {
            "matrix": change.pairs,
            "gains_and_losses": changes.gains_and_losses(change.pairs),
            "changed": changes.errata(change.pairs, total="all"),
        }
        with _all_or_none(folder) as private:
            whole = private / "from_to.tif"
            write_from_to(one, other, grid, whole, classes=classes, run=run, resume=resume)
            for name, table in tables.items():
                write(table, private / f"{name}.csv")
    return [folder / "from_to.tif", *(folder / f"{name}.csv" for name in tables)]


@contextmanager
def _all_or_none(folder: Path) -> Iterator[Path]:
    """Hand out a private folder; its files come into ``folder`` once all of them are whole, and else none does."""
    new = not folder.exists()
    try:
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with (
                tempfile.TemporaryDirectory(prefix=".change-", dir=folder) as private,
                told(folder, Path(private)),
            ):
                yield Path(private)
                for path in sorted(Path(private).iterdir()):
                    os.replace(path, folder / path.name)  # noqa: PTH105 - what is there is replaced, on Windows too
    except BaseException:
        if new and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        raise


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table as ``.csv`` (UTF-8) or ``.parquet``, by the ending of the name.

    Raises
    ------
    UsageError
        Another ending.
    """
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    elif path.suffix == ".csv":
        table.to_csv(path, index=False, encoding="utf-8", lineterminator="\r\n", float_format="%.9g")
    else:
        raise UsageError(f"{path.name}: tables are written as .csv or .parquet")
