"""From the frame of a layer to an Arrow table: declared types, clean text, geometry as well-known binary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from naatlas.model import Points
from naatlas.text import clean_column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from naatlas.model import LayerData
    from naatlas.spec import DType, Field, LayerSpec

ARROW_TYPES: Mapping[DType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "real": pa.float64(),
    "boolean": pa.bool_(),
}
GEOMETRY = "geometry"
_WKB_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])


def wkb_points(points: Points) -> pa.Array:
    """Return the points in framework metres as little-endian WKB; a point without coordinates is null.

    Built as one block of bytes: no geometry object is made.
    """
    block = np.empty(len(points.x), dtype=_WKB_POINT)
    block["order"], block["type"], block["x"], block["y"] = 1, 1, points.x, points.y
    offsets = np.arange(len(block) + 1, dtype=np.int32) * _WKB_POINT.itemsize
    known = pa.array(np.isfinite(points.x) & np.isfinite(points.y))
    valid = None if known.false_count == 0 else known.buffers()[1]
    return pa.Array.from_buffers(
        pa.binary(), len(block), [valid, pa.py_buffer(offsets), pa.py_buffer(block.tobytes())]
    )


#: Kind of the specification -> kind in the files: one kind a layer, and a feature may have several parts.
_MULTI = {"LineString": "MultiLineString", "Polygon": "MultiPolygon"}
_PARTS: Mapping[str, Callable[..., object]] = {
    "LineString": shapely.multilinestrings,
    "Polygon": shapely.multipolygons,
}


def geometry_type(spec: LayerSpec) -> str:
    """Return the geometry type of the layer's files: points, or lines and polygons with one or more parts."""
    return _MULTI.get(spec.geometry, spec.geometry)


def uniform(geometry: NDArray[np.object_], kind: str) -> NDArray[np.object_]:
    """Return lines or polygons as multi-part geometries, outer rings counter-clockwise, holes clockwise.

    Parameters
    ----------
    geometry
        Shapely geometries; what is None or empty becomes None.
    kind
        ``LineString`` or ``Polygon``.
    """
    out = np.full(len(geometry), None, dtype=object)
    parts, row = shapely.get_parts(shapely.force_2d(geometry), return_index=True)
    full = ~shapely.is_empty(parts)
    parts, row = parts[full], row[full]
    if len(parts):
        ordered = shapely.orient_polygons(parts) if kind == "Polygon" else parts
        _PARTS[kind](ordered, indices=row, out=out)
    return out


def wkb_shapes(geometry: NDArray[np.object_], kind: str) -> pa.Array:
    """Return lines or polygons as little-endian WKB of one type; none is null."""
    told = shapely.to_wkb(uniform(geometry, kind), byte_order=1, flavor="iso")
    return pa.array(told, type=pa.binary())


def wkb(data: LayerData) -> pa.Array:
    """Return the geometry of a layer in the framework CRS (metres) as WKB."""
    if isinstance(data.geometry, Points):
        return wkb_points(data.geometry)
    return wkb_shapes(data.shapes.metres, data.spec.geometry)


def column(values: pd.Series, dtype: DType) -> pa.Array:
    """Return one column with its declared type; missing is null, never NaN or a number that stands for it."""
    if dtype == "text":
        return pa.array(clean_column(values), type=pa.string(), from_pandas=True)
    if dtype == "integer":
        values = values.astype("Int64")
    elif dtype == "boolean":
        values = values.astype("boolean")
    elif values.dtype != np.float64:
        values = values.astype("Float64")
    return pa.array(values, type=ARROW_TYPES[dtype], from_pandas=True)


def table(data: LayerData) -> pa.Table:
    """Return all declared fields, in order, then the geometry as ``geometry`` (WKB, framework CRS)."""
    arrays = [column(data.frame[field.name], field.dtype) for field in data.spec.fields]
    names = [field.name for field in data.spec.fields]
    return pa.table([*arrays, wkb(data)], names=[*names, GEOMETRY])


def attributes(frame: pd.DataFrame) -> pa.Table:
    """Return a table without geometry, such as the provenance; types are those of the columns."""
    names = [str(name) for name in frame.columns]
    return pa.table([column(frame[name], dtype_of(frame[name])) for name in frame.columns], names=names)


def pandas_type(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype | None:
    """Return the nullable pandas type of an Arrow type, so that a missing integer does not become a float."""
    types = {
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.string(): pd.StringDtype(na_value=np.nan),
    }
    return types.get(kind)


def dtype_of(values: pd.Series) -> DType:
    """Tell which declared type holds a column that no specification describes."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(values.dtype):
        return "integer"
    return "real" if pd.api.types.is_float_dtype(values.dtype) else "text"


def published(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return the fields that some source fills: gaps are declared, but left out of the lighter products."""
    return tuple(field for field in fields if not field.gap)
