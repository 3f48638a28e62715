"""What a raster says of polygons, and what became of it from one year to another: files in, tables out."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from naatlas import framework
from naatlas.errors import InputError, UsageError
from naatlas.export.publish import told
from naatlas.framework import Grid
from naatlas.framework.base import layer_naaf
from naatlas.raster import change as changes
from naatlas.raster import zonal
from naatlas.raster.counts import empty_code, histogram, same_crs
from naatlas.raster.files import File
from naatlas.raster.source import crs_of
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Polygons = tuple[list[str], NDArray[np.object_], NDArray[np.int64]]

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


def classes_of(raster: File, grid: Grid, *, sure: bool = False) -> dict[int, str]:
    """Return the classes of a raster by number: as its tags name them, else "class 7" for each number that is there.

    Parameters
    ----------
    sure
        Whether it is known to hold classes. Else a raster with more than 8 bits, and without names or colours of
        classes, holds a quantity, and the answer is empty.
    """
    named = {int(m[1]): text for key, text in raster.band_tags.items() if (m := _CLASS.fullmatch(key))}
    if named or not (sure or raster.coloured or raster.dtype.itemsize == 1):
        return named
    empty = empty_code(raster)
    found = np.flatnonzero(histogram(raster, grid).sum(axis=0)).tolist()
    return {number: f"class {number}" for number in found if number != empty}


def polygons_of(
    what: str, by: str, grid: Grid, *, data: Path | None = None, edition: str | None = None
) -> Polygons:
    """Read the polygons of a file, or of a layer of the atlas.

    Parameters
    ----------
    what
        Path of a file that GDAL opens, or name of a layer of polygons, which is built in memory.
    by
        Field whose values name the zones; polygons of one value are one zone.

    Returns
    -------
    Names of the zones, sorted; polygons in metres of the grid's CRS; the zone of each.

    Raises
    ------
    UsageError
        There is neither such a file nor such a layer, or no such field.
    InputError
        The file holds no polygons, or does not say where they lie.
    """
    frame = _frame(what, data, edition)
    if by not in frame:
        fields = ", ".join(str(name) for name in frame if name != frame.geometry.name)
        raise UsageError(f"{what}: has no field {by}; it has {fields}")
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty & frame[by].notna()]
    kinds = set(frame.geometry.geom_type)
    if not kinds or not kinds <= {"Polygon", "MultiPolygon"}:
        raise InputError(f"{what}: holds {', '.join(sorted(kinds)) or 'nothing'}, and zones are polygons")
    names, numbers = np.unique(frame[by].astype("str").to_numpy(dtype=object), return_inverse=True)
    return names.tolist(), shapely.make_valid(_placed(frame, grid)), numbers


def _frame(what: str, data: Path | None, edition: str | None) -> GeoDataFrame:
    from naatlas import pipeline, registry

    if Path(what).exists():
        import pyogrio

        try:
            frame = pyogrio.read_dataframe(what, layer=_shapes_of(what))
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise InputError(f"{what}: is no vector file that GDAL can open") from error
        if getattr(frame, "crs", None) is None:
            raise InputError(f"{what}: states no coordinate system, or holds no shapes; add its .prj file")
        return frame
    if what not in registry.slugs():
        raise UsageError(f"{what}: neither a file nor a layer; layers are {', '.join(registry.slugs())}")
    return pipeline.geodataframe(pipeline.assemble(what, data=data, edition=edition, scale="1M"))


def _shapes_of(path: str) -> str | None:
    """Name the layer of a file that holds shapes: a GeoPackage of the atlas holds tables beside it."""
    import pyogrio

    named = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if len(named) > 1:
        raise InputError(f"{path}: holds several layers of shapes ({', '.join(named)}); give a file with one")
    return named[0] if named else None


def _placed(frame: GeoDataFrame, grid: Grid) -> NDArray[np.object_]:
    """Return polygons in metres of a grid, bent as parallels are."""
    from naatlas.geometry.place import place

    own = same_crs(frame.crs.to_wkt(), framework.crs())
    metres = (
        frame.geometry.to_numpy() if own else place(frame.geometry.to_crs("OGC:CRS84").to_numpy(), scale="1M")
    )
    if grid.figure == "sphere":
        return np.asarray(metres, dtype=object)
    onward = pyproj.Transformer.from_crs("OGC:CRS84", crs_of(grid), always_xy=True)
    told: NDArray[np.object_] = shapely.transform(
        metres, lambda xy: np.column_stack(onward.transform(*framework.unproject(xy[:, 0], xy[:, 1])))
    )
    return told


def zones_table(
    raster: Path,
    polygons: str,
    by: str,
    *,
    other: Path | None = None,
    weights: Path | None = None,
    exact: bool = False,
    data: Path | None = None,
) -> pd.DataFrame:
    """Tell what a raster says of polygons: areas of classes, their changes, or figures of a quantity.

    Parameters
    ----------
    other
        Raster of a later year: the table then says what each class became.
    weights
        Raster that says how much each cell counts.
    exact
        Whether cells count by the share that the polygon covers.

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
        classes = classes_of(file, grid, sure=other is not None)
        if exact:
            whole = np.array(
                [shapely.union_all(shapes[numbers == n]) for n in range(len(names))], dtype=object
            )
            told = zonal.exact(file, grid, whole, names=names, classes=classes or None)
        else:
            zones = Zones(shapes, grid, numbers=numbers, overlaps=True)
            told = _counted(file, grid, zones, names, classes, other=other, weights=weights)
    told.attrs["areas"] = _EXACT if exact else STATEMENT
    return told


def _counted(
    file: File, grid: Grid, zones: Zones, names: list[str], classes: dict[int, str], *, other: Path | None,
    weights: Path | None,
) -> pd.DataFrame:  # fmt: skip
    if other:
        with File(other) as later:
            both = classes | classes_of(later, grid_of(later), sure=True)
            return changes.change(file, later, grid, classes=both, zones=zones, names=names).pairs
    if weights:
        with File(weights) as scale:
            return zonal.statistics(file, grid, zones, names=names, weights=scale)
    if classes:
        return zonal.classes_by_zone(file, grid, zones, names=names, classes=classes)
    return zonal.statistics(file, grid, zones, names=names)


def write_change(
    first: Path, second: Path, folder: Path, *, polygons: str = "", by: str = "", data: Path | None = None
) -> list[Path]:
    """Write all that is to be said of two years: raster from class to class, matrix, gains and losses, and the changes
    by country.

    Parameters
    ----------
    polygons, by
        As :func:`polygons_of`; the three countries without them.

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
        names, shapes, numbers = polygons_of(polygons, by, grid, data=data) if polygons else _countries(grid)
        zones = Zones(shapes, grid, numbers=numbers, overlaps=bool(polygons))
        classes = classes_of(one, grid, sure=True) | classes_of(other, grid_of(other), sure=True)
        change = changes.change(one, other, grid, classes=classes, zones=zones, names=names)
        tables = {
            "matrix": change.pairs,
            "gains_and_losses": changes.gains_and_losses(change.pairs),
            "changed": changes.errata(change.pairs, total="all"),
        }
        with _all_or_none(folder) as private:
            changes.write_from_to(one, other, grid, private / "from_to.tif", classes=classes)
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


def _countries(grid: Grid) -> Polygons:
    states = layer_naaf("states", "1M")
    names, numbers = np.unique(states["country"].to_numpy(dtype=object).astype(str), return_inverse=True)
    return names.tolist(), _placed(states, grid), numbers


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
