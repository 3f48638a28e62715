"""Files that GDAL opens: attributes and geometry as text."""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from naatlas.errors import InputError
from naatlas.sources import archive
from naatlas.sources.workbook import as_text

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.sources.delimited import Read
    from naatlas.spec import Vector

_WGS84 = "EPSG:4326"
_POINT = 0


def read_vector(path: Path, layout: Vector, *, name: str) -> tuple[Read, pd.Series | None]:
    """Read a layer: attributes as text, lines and polygons as shapely objects.

    Returns
    -------
    tuple
        Headers and one string column each, indexed from 1 in the order of the file, and the geometry. Points
        become the columns ``longitude`` and ``latitude`` (WGS84, degrees). Lines and polygons stand in the
        geometry, in degrees (WGS84); the column ``geometry`` then tells their type and number of vertices, so
        that a row without attributes is still a row.

    Raises
    ------
    InputError
        The file is damaged, has no such layer, or tells no CRS and the layout declares none.
    """
    _check(path, layout, name)
    meta, table = _arrow(path, layout, name)
    where = meta["geometry_name"] or "wkb_geometry"
    texts = {str(field): as_text(table[field].to_pylist()) for field in meta["fields"]}
    index = pd.RangeIndex(1, table.num_rows + 1)
    geometry = None
    if where in table.column_names:
        shapes = _in_degrees(shapely.from_wkb(table[where].to_numpy()), _crs(meta["crs"], layout, name))
        points = (shapely.get_type_id(shapes[~shapely.is_missing(shapes)]) == _POINT).all()
        texts |= _coordinates(shapes) if points else {"geometry": _described(shapes)}
        geometry = None if points else pd.Series(shapes, index=index, dtype="object")
    columns = [pd.Series(pd.array(text, dtype="string"), index=index) for text in texts.values()]
    return (list(texts), columns), geometry


def read_columns(path: Path, layout: Vector, *, name: str) -> tuple[Any, NDArray[np.object_]]:
    """Read a layer whose columns nobody declared, with the types that the file gives them.

    Returns
    -------
    tuple
        The attributes (pyarrow table), and the geometry in degrees (WGS84), as the file has it otherwise: mixed,
        missing, invalid.

    Raises
    ------
    InputError
        As :func:`read_vector`; or the geometry is one that cannot be read, such as a surface of curves.
    """
    _check(path, layout, name)
    meta, table = _arrow(path, layout, name)
    where = meta["geometry_name"] or "wkb_geometry"
    if where not in table.column_names:
        raise InputError(f"{name}: has no geometry; KML is for places")
    try:
        shapes = shapely.from_wkb(table[where].to_numpy())
    except shapely.errors.GEOSException as error:
        raise InputError(f"{name}: its geometry cannot be read ({_told(error, path, name)})") from error
    columns = [str(field) for field in meta["fields"]]
    return table.select(columns), _in_degrees(shapely.force_2d(shapes), _crs(meta["crs"], layout, name))


def _check(path: Path, layout: Vector, name: str) -> None:
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{name}: the file is empty; download it again")
    if path.suffix.lower() == ".zip" or (path.is_file() and zipfile.is_zipfile(path)):
        archive.check_zip(path, name=name)
    try:
        layers = [str(layer) for layer, _ in pyogrio.list_layers(path)]
    except (DataSourceError, DataLayerError) as error:
        raise InputError(
            f"{name}: GDAL cannot open it ({_told(error, path, name)}); damaged or cut off"
        ) from error
    if not layers:
        raise InputError(f"{name}: holds no layer")
    if layout.layer is None and len(layers) > 1:
        raise InputError(f"{name}: holds several layers and none is declared; it has {', '.join(layers)}")
    if layout.layer is not None and layout.layer not in layers:
        raise InputError(f"{name}: has no layer {layout.layer!r}; it has {', '.join(layers)}")
    if path.suffix.lower() == ".shp":
        _check_lengths(path, name)


def _check_lengths(path: Path, name: str) -> None:
    """Compare a shapefile with the lengths in its headers; GDAL silently reads what a cut one still holds."""
    told = {path: int.from_bytes(_head(path)[24:28], "big") * 2}
    table = path.with_suffix(".dbf")
    if table.exists():
        records, header, width = struct.unpack("<IHH", _head(table)[4:12])
        told[table] = header + records * width
    for part, length in told.items():
        if part.stat().st_size < length:
            raise InputError(
                f"{name}: {part.suffix} is cut off ({part.stat().st_size:,} of {length:,} bytes)"
            )


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(32).ljust(32, b"\0")


def _arrow(path: Path, layout: Vector, name: str) -> tuple[dict[str, Any], Any]:
    try:
        meta, table = pyogrio.read_arrow(
            path, layer=layout.layer, encoding=layout.encoding, datetime_as_string=True
        )
        count = pyogrio.read_info(path, layer=layout.layer, force_feature_count=True)["features"]
    except (DataSourceError, DataLayerError, RuntimeError, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{name}: cannot be read ({_told(error, path, name)}); damaged, or another encoding"
        ) from error
    if count != table.num_rows:
        raise InputError(
            f"{name}: says it has {count} features but gives {table.num_rows}; damaged or cut off"
        )
    return meta, table


def _crs(found: str | None, layout: Vector, name: str) -> CRS:
    told = found or layout.crs
    if told is None:
        raise InputError(
            f"{name}: the layer does not say its coordinate system (no .prj?); "
            "get the complete file, or declare its crs (in the layout of the source; --crs of naatlas kml)"
        )
    try:
        return CRS.from_user_input(told)
    except CRSError as error:
        raise InputError(f"{name}: coordinate system {told[:60]!r} is not understood; correct it") from error


def _in_degrees(shapes: NDArray[np.object_], crs: CRS) -> NDArray[np.object_]:
    if crs == CRS.from_user_input(_WGS84):
        return shapes
    transformer = Transformer.from_crs(crs, _WGS84, always_xy=True)

    def to_degrees(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    told: NDArray[np.object_] = shapely.transform(shapes, to_degrees)
    return told


def _coordinates(shapes: NDArray[np.object_]) -> dict[str, list[str]]:
    return {"longitude": _degrees(shapely.get_x(shapes)), "latitude": _degrees(shapely.get_y(shapes))}


def _described(shapes: NDArray[np.object_]) -> list[str]:
    counts = shapely.get_num_coordinates(shapes)
    pairs = zip(shapes, counts, strict=True)
    return ["" if shape is None else f"{shape.geom_type} of {count} vertices" for shape, count in pairs]


def _degrees(values: NDArray[np.float64]) -> list[str]:
    return as_text([float(v) if np.isfinite(v) else None for v in values])


def _told(error: Exception, path: Path, name: str) -> str:
    """Quote GDAL in one line, without the path on this machine."""
    plain = " ".join(str(error).replace(str(path), name).split())
    return (
        plain.split(" not recognized")[0] + " is in no format it knows"
        if "not recognized" in plain
        else plain[:160]
    )
