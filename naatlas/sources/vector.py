"""Files that GDAL opens: attributes and geometry as text."""

from __future__ import annotations

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


def read_vector(path: Path, layout: Vector, *, name: str) -> Read:
    """Read a layer as text.

    Returns
    -------
    tuple
        Headers and one string column each, indexed from 1 in the order of the file. Points become
        ``longitude`` and ``latitude`` (WGS84, degrees); other geometry becomes ``geometry``, well-known text
        in the layer's own CRS.

    Raises
    ------
    InputError
        The file is damaged, has no such layer, or tells no CRS and the layout declares none.
    """
    _check(path, layout, name)
    meta, table = _arrow(path, layout, name)
    where = meta["geometry_name"] or "wkb_geometry"
    texts = {str(field): as_text(table[field].to_pylist()) for field in meta["fields"]}
    if where in table.column_names:
        shapes = shapely.from_wkb(table[where].to_numpy())
        texts |= _geometry(shapes, _crs(meta["crs"], layout, name))
    index = pd.RangeIndex(1, table.num_rows + 1)
    return list(texts), [pd.Series(pd.array(text, dtype="string"), index=index) for text in texts.values()]


def _check(path: Path, layout: Vector, name: str) -> None:
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{name}: the file is empty; download it again")
    if path.suffix.lower() == ".zip" or (path.is_file() and zipfile.is_zipfile(path)):
        archive.check_zip(path, name=name)
    try:
        layers = [str(layer) for layer, _ in pyogrio.list_layers(path)]
    except (DataSourceError, DataLayerError) as error:
        raise InputError(f"{name}: GDAL cannot open it ({_first_line(error)}); damaged or cut off") from error
    if not layers:
        raise InputError(f"{name}: holds no layer")
    if layout.layer is None and len(layers) > 1:
        raise InputError(f"{name}: holds several layers and none is declared; it has {', '.join(layers)}")
    if layout.layer is not None and layout.layer not in layers:
        raise InputError(f"{name}: has no layer {layout.layer!r}; it has {', '.join(layers)}")


def _arrow(path: Path, layout: Vector, name: str) -> tuple[dict[str, Any], Any]:
    try:
        meta, table = pyogrio.read_arrow(
            path, layer=layout.layer, encoding=layout.encoding, datetime_as_string=True
        )
    except (DataSourceError, DataLayerError, RuntimeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{name}: cannot be read ({_first_line(error)}); damaged, or another encoding"
        ) from error
    return meta, table


def _crs(found: str | None, layout: Vector, name: str) -> CRS:
    told = found or layout.crs
    if told is None:
        raise InputError(
            f"{name}: the layer does not say its coordinate system (no .prj?); "
            "get the complete file, or declare crs in the layout of the source"
        )
    try:
        return CRS.from_user_input(told)
    except CRSError as error:
        raise InputError(f"{name}: coordinate system {told[:60]!r} is not understood; correct it") from error


def _geometry(shapes: NDArray[np.object_], crs: CRS) -> dict[str, list[str]]:
    there = ~shapely.is_missing(shapes)
    if (shapely.get_type_id(shapes[there]) != _POINT).any():
        text = np.where(there, shapely.to_wkt(shapes, rounding_precision=-1), "")
        return {"geometry": text.tolist()}
    lon, lat = shapely.get_x(shapes), shapely.get_y(shapes)
    if crs != CRS.from_user_input(_WGS84):
        lon, lat = Transformer.from_crs(crs, _WGS84, always_xy=True).transform(lon, lat)
    return {"longitude": _degrees(lon), "latitude": _degrees(lat)}


def _degrees(values: NDArray[np.float64]) -> list[str]:
    return as_text([float(v) if np.isfinite(v) else None for v in values])


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
