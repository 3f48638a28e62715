"""The polygons by which rasters are measured and registers added up: those of a file, or of a layer of the atlas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyproj
import shapely

from naatlas import framework
from naatlas.errors import InputError, UsageError
from naatlas.framework import GRID_250M, Grid
from naatlas.framework.base import layer_naaf
from naatlas.raster.counts import same_crs
from naatlas.raster.source import crs_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray


class Polygons(NamedTuple):
    """Zones and their shapes.

    Attributes
    ----------
    names
        Of the zones, sorted.
    shapes
        Polygons in metres, those of one zone anywhere in the list.
    numbers
        The zone of each polygon, a position in ``names``.
    """

    names: list[str]
    shapes: NDArray[np.object_]
    numbers: NDArray[np.int64]


def polygons_of(
    what: str,
    by: str,
    grid: Grid = GRID_250M,
    *,
    where: Mapping[str, Sequence[str]] | None = None,
    data: Path | None = None,
    edition: str | None = None,
) -> Polygons:
    """Read the polygons of a file, or of a layer of the atlas.

    Parameters
    ----------
    what
        Path of a file that GDAL opens, or name of a layer of polygons, which is built in memory.
    by
        Field whose values name the zones; polygons of one value are one zone.
    grid
        In whose metres they are wanted; without it those of the framework.
    where
        Texts by field; only polygons that have one of them count.

    Raises
    ------
    UsageError
        There is neither such a file nor such a layer, or no such field, or nothing has such a value.
    InputError
        The file holds no polygons, or does not say where they lie.
    """
    frame = _frame(what, data, edition)
    fields = ", ".join(str(name) for name in frame if name != frame.geometry.name)
    for name in (by, *(where or {})):
        if name not in frame:
            raise UsageError(f"{what}: has no field {name}; it has {fields}")
    frame = _only(frame, where or {}, what)
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty & frame[by].notna()]
    kinds = set(frame.geometry.geom_type)
    if not kinds or not kinds <= {"Polygon", "MultiPolygon"}:
        raise InputError(f"{what}: holds {', '.join(sorted(kinds)) or 'nothing'}, and zones are polygons")
    names, numbers = np.unique(frame[by].astype("str").to_numpy(dtype=object), return_inverse=True)
    return Polygons(names.tolist(), shapely.make_valid(_placed(frame, grid)), numbers)


def countries(grid: Grid) -> Polygons:
    """Return the three countries of the base geometry."""
    states = layer_naaf("states", "1M")
    names, numbers = np.unique(states["country"].to_numpy(dtype=object).astype(str), return_inverse=True)
    return Polygons(names.tolist(), _placed(states, grid), numbers)


def _only(frame: GeoDataFrame, where: Mapping[str, Sequence[str]], what: str) -> GeoDataFrame:
    for name, values in where.items():
        told = frame[frame[name].astype("str").isin(values)]
        if told.empty:
            there = ", ".join(sorted(set(frame[name].dropna().astype("str")))[:10])
            raise UsageError(f"{what}: no polygon has {name} {', '.join(values)}; there are {there}")
        frame = told
    return frame


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
