"""Somebody's vector file as a frame: typed columns under names that KML takes, and geometry in degrees."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from naatlas.errors import InputError, UsageError
from naatlas.framework.antimeridian import split
from naatlas.geometry.repair import repair
from naatlas.sources.vector import read_columns
from naatlas.spec import Field, Vector
from naatlas.text import clean_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.spec import DType, Geometry

    Shapes = NDArray[np.object_]

#: Type ids of shapely: points, lines and polygons, single and multi.
_FAMILIES: Mapping[Geometry, tuple[int, ...]] = {
    "Point": (0, 4),
    "LineString": (1, 2, 5),
    "Polygon": (3, 6),
}
_COLLECTION = 7
#: The feature's number in the file, counted from 1: what the ids of placemarks are made from.
ROW = "row"
_MOST_DECIMALS, _LARGEST = 6, 2**53


@dataclass(frozen=True, slots=True)
class Foreign:
    """A layer that nobody declared.

    Attributes
    ----------
    frame
        The columns of ``fields``.
    labels
        Name of a field -> what the file calls the column.
    degrees
        WGS84, valid, cut at 180 degrees; aligned with the frame, None where a feature has no geometry.
    """

    frame: pd.DataFrame
    fields: tuple[Field, ...]
    labels: Mapping[str, str]
    kind: Geometry
    degrees: Shapes
    layer: str

    def field(self, column: str) -> Field:
        """Return the field of a column, by what the file or the KML calls it.

        Raises
        ------
        UsageError
            There is none; those that there are, are named.
        """
        names = {label: name for name, label in self.labels.items()} | {name: name for name in self.labels}
        if column not in names:
            known = ", ".join(label for name, label in self.labels.items() if name != ROW)
            raise UsageError(f"no column {column!r}; there are {known or 'none'}")
        return next(field for field in self.fields if field.name == names[column])


def read(
    path: Path, *, layer: str | None = None, crs: str | None = None, name_field: str | None = None
) -> Foreign:
    """Read a GeoPackage, shapefile, GeoJSON, FlatGeobuf or whatever else GDAL opens.

    Parameters
    ----------
    layer
        Needed where the file holds several with geometry.
    crs
        Of files that do not tell theirs.
    name_field
        Column that names the features; it becomes the field ``name``.

    Raises
    ------
    InputError
        The file is broken, tells no coordinate system, holds no feature or no place, or mixes kinds of geometry.
    UsageError
        There is no such file, layer or column.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file")
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise UsageError(f"{path.name}: is a folder; name a file in it")
    chosen = layer or _only_layer(path)
    table, shapes = read_columns(path, Vector(layer=chosen, crs=crs), name=path.name)
    shapes[shapely.is_empty(shapes)] = None
    kind = _checked(shapes, path.name)
    rows = np.arange(table.num_rows)
    if kind == "Point":
        shapes, rows = _single(shapes)
    fields, labels, columns = _columns(table, name_field)
    frame = pd.DataFrame(columns, index=range(table.num_rows)).iloc[rows].reset_index(drop=True)
    frame.insert(0, ROW, _keys(rows))
    keyed = (Field(name=ROW, dtype="text", required=True), *fields)
    return Foreign(frame, keyed, {ROW: ROW, **labels}, kind, _sound(shapes, kind), chosen or path.stem)


def _only_layer(path: Path) -> str | None:
    """Return the one layer with geometry; a file that GDAL does not open is told of when it is read."""
    try:
        layers = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return None
    if len(layers) > 1:
        raise UsageError(f"{path.name}: holds several layers, choose one with --layer: {', '.join(layers)}")
    return layers[0] if layers else None


def _checked(shapes: Shapes, name: str) -> Geometry:
    """Return the kind of geometry of a layer that has features, places on the globe, and one kind."""
    if not len(shapes):
        raise InputError(f"{name}: holds no features")
    kind = _kind(shapes, name)
    _check_degrees(shapes, name)
    return kind


def _kind(shapes: Shapes, name: str) -> Geometry:
    ids = shapely.get_type_id(shapes[~shapely.is_missing(shapes)])
    if not len(ids):
        raise InputError(f"{name}: no feature has a geometry")
    if mixed := int((ids == _COLLECTION).sum()):
        raise InputError(
            f"{name}: {mixed:,} features are geometry collections; take them apart into points, lines or polygons"
        )
    counts = {kind: int(np.isin(ids, members).sum()) for kind, members in _FAMILIES.items()}
    present = [kind for kind, count in counts.items() if count]
    if len(present) > 1:
        told = ", ".join(f"{counts[kind]:,} of type {kind}" for kind in present)
        raise InputError(f"{name}: mixes kinds of geometry ({told}); put each into a layer of its own")
    return present[0]


def _check_degrees(shapes: Shapes, name: str) -> None:
    """Refuse what is no place on the globe: metres that are called degrees, and what a projection cannot say."""
    xy = shapely.get_coordinates(shapes)
    if not np.isfinite(xy).all():
        bad = int((~np.isfinite(xy).all(axis=1)).sum())
        raise InputError(f"{name}: {bad:,} vertices lie outside of what its coordinate system can express")
    if (np.abs(xy) > (720, 90)).any():
        far = xy[(np.abs(xy) > (720, 90)).any(axis=1)][0]
        raise InputError(
            f"{name}: {far[0]:.8g}, {far[1]:.8g} is no longitude and latitude; the file tells the wrong coordinate "
            "system: correct it, then try again"
        )


def _single(shapes: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """Take multipoints apart, and return the row of each point; a row without geometry stays."""
    parts, rows = shapely.get_parts(shapes, return_index=True)
    without = np.flatnonzero(shapely.is_missing(shapes))
    every = np.concatenate([rows, without])
    order = np.argsort(every, kind="stable")
    return np.concatenate([parts, shapes[without]])[order], every[order]


def _keys(rows: NDArray[np.int64]) -> pd.Series:
    """Name features by their number in the file; parts of one feature get a second number."""
    series = pd.Series(rows)
    part, size = series.groupby(series).cumcount() + 1, series.groupby(series).transform("size")
    whole = (series + 1).astype("str")
    return whole.where(size == 1, whole + "-" + part.astype("str")).astype("str")


def _sound(shapes: Shapes, kind: Geometry) -> Shapes:
    """Cut at 180 degrees, and repair polygons that cross themselves."""
    if kind != "Polygon":
        return split(shapes)
    return np.asarray(repair(split(shapely.orient_polygons(shapes))).geometry)


def _columns(
    table: pa.Table, name_field: str | None
) -> tuple[list[Field], dict[str, str], dict[str, pd.Series]]:
    """Return fields, labels and values of the columns; columns that hold no values a reader sees are left out."""
    wanted = name_field or _name_of(table.column_names)
    if wanted and wanted not in table.column_names:
        raise UsageError(f"no column {wanted!r}; there are {', '.join(table.column_names) or 'none'}")
    taken = {ROW, "name", "map_class", "map_folder"}
    fields, labels, columns = [], {}, {}
    for label in table.column_names:
        column = table[label]
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            continue
        name = "name" if label == wanted else _free(_plain(label), taken)
        taken.add(name)
        field, columns[name] = _typed(name, column, text=label == wanted)
        fields.append(field)
        labels[name] = label
    return fields, labels, columns


def _name_of(columns: Iterable[str]) -> str | None:
    """Return the column that looks like a name; the first of the usual words that there is."""
    known = {column.lower(): column for column in reversed(list(columns))}
    words = ("name", "nombre", "nom", "name_en", "name_es", "name_fr", "label", "title", "titre", "titulo")
    return next((known[word] for word in words if word in known), None)


def _plain(label: str) -> str:
    """Return a name of lower case letters, digits and underscores."""
    ascii_only = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_only.lower()).strip("_")
    return name if name[:1].isalpha() else f"column_{name}".strip("_")


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _typed(name: str, column: Any, *, text: bool) -> tuple[Field, pd.Series]:  # noqa: ANN401 - pyarrow has no types
    values = column.to_pandas(types_mapper=pd.ArrowDtype)
    dtype: DType = "text" if text else _dtype(column.type, values)
    if dtype == "integer":
        return Field(name=name, dtype=dtype, balloon=True), values.astype("Int64")
    if dtype == "boolean":
        return Field(name=name, dtype=dtype, balloon=True), values.astype("boolean")
    if dtype == "real":
        numbers = values.astype("Float64").astype("float64")
        return Field(name=name, dtype=dtype, unit="", decimals=_decimals(numbers), balloon=True), numbers
    told = (
        values if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else _said(values)
    )
    cleaned = clean_column(told.astype("object")).astype("string")
    return Field(name=name, dtype="text", balloon=True), cleaned.mask(cleaned.str.strip() == "")


def _said(values: pd.Series) -> pd.Series:
    """Say values of other types, such as lists and dates, as text."""
    return values.astype("object").map(str, na_action="ignore")


def _dtype(kind: Any, values: pd.Series) -> DType:  # noqa: ANN401 - pyarrow has no types
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer" if not (values.dropna().abs() > _LARGEST).any() else "text"
    return "real" if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else "text"


def _decimals(numbers: pd.Series) -> int:
    """Return the fewest decimals, up to six, that show all values as they are."""
    known = numbers[np.isfinite(numbers)].to_numpy()
    return next(
        (n for n in range(_MOST_DECIMALS) if np.array_equal(np.round(known, n), known)), _MOST_DECIMALS
    )
