"""A layer that somebody else delivers, held to the specification and to the framework, point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas import framework, registry
from naatlas.errors import InputError
from naatlas.framework import places
from naatlas.harmonize.types import as_declared
from naatlas.metadata import words as layer_words
from naatlas.quality import checks, placement
from naatlas.validation.verdict import Point, Verdict, of_findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geopandas import GeoDataFrame

    from naatlas.spec import Field, LayerSpec

#: Share of a specification's columns that a file must have to be taken for that layer.
LIKENESS = 0.3


def judge(path: Path, slug: str | None) -> Verdict:
    """Judge a GeoPackage, shapefile, zipped shapefile or GeoJSON.

    Raises
    ------
    InputError
        GDAL cannot open it, or no layer's specification fits and none was named.
    """
    info, frame = _open(path, slug)
    spec = registry.spec(slug) if slug else _guess(path, [str(name) for name in frame.columns])
    points = [_crs(info), _geometry(info, spec), *_columns(frame, spec), *_content(frame, spec, info)]
    return Verdict(path.name, f"layer, held to {spec.slug}", tuple(points))


def _open(path: Path, slug: str | None) -> tuple[dict[str, Any], GeoDataFrame]:
    import pyogrio

    source = _inside_zip(path)
    try:
        names = [str(name) for name in pyogrio.list_layers(source)[:, 0]]
        known = [name for name in names if name == (slug or "").replace("-", "_")]
        info = pyogrio.read_info(source, layer=(known or names)[0])
        frame = pyogrio.read_dataframe(source, layer=(known or names)[0])
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        IndexError,
        UnicodeDecodeError,
    ) as error:
        raise InputError(f"{path.name}: cannot be opened as a map layer ({error})") from error
    return info, frame


def _inside_zip(path: Path) -> str:
    if path.suffix.lower() != ".zip":
        return str(path)
    from naatlas.sources import archive

    members = [
        m.filename for m in archive.check_zip(path, name=path.name) if m.filename.lower().endswith(".shp")
    ]
    if len(members) != 1:
        raise InputError(
            f"{path.name}: {len(members)} shapefiles inside where one is expected; deliver one layer a zip"
        )
    return f"/vsizip/{path.resolve().as_posix()}/{members[0]}"


def _guess(path: Path, columns: list[str]) -> LayerSpec:
    """Take the layer whose columns, long or short, the file has most of."""

    def likeness(spec: LayerSpec) -> float:
        return sum(f.name in columns or (f.dbf or "?") in columns for f in spec.fields) / len(spec.fields)

    best = max((registry.spec(slug) for slug in registry.slugs()), key=likeness)
    if likeness(best) < LIKENESS:
        raise InputError(
            f"{path.name}: its columns are those of no layer; name one with --layer ({', '.join(registry.slugs())})"
        )
    return best


def _crs(info: dict[str, Any]) -> Point:
    advice = (
        "project to the framework: Lambert azimuthal equal-area, 45N 100W, sphere 6,370,997 m, as named WKT"
    )
    if not info["crs"]:
        return Point("coordinate system", "failed", "none is given (no .prj)", advice)
    if wrong := framework.explain_crs(info["crs"]):
        return Point("coordinate system", "failed", wrong, advice)
    return Point("coordinate system", "passed", framework.NAME)


def _geometry(info: dict[str, Any], spec: LayerSpec) -> Point:
    found = str(info["geometry_type"])
    if spec.geometry in found:
        return Point("geometry", "passed", f"{info['features']:,} x {found}")
    return Point(
        "geometry", "failed", f"{found} where {spec.geometry} is expected", "deliver the other geometry type"
    )


def _columns(frame: pd.DataFrame, spec: LayerSpec) -> Iterator[Point]:
    for field in spec.fields:
        name = _name_in(frame, field)
        if name is None and field.required:
            yield Point(
                "column",
                "failed",
                f"{field.name} (shapefile: {field.dbf}) is missing",
                "it is required: add it",
            )
        elif name is None and not field.gap:
            yield Point("column", "note", f"{field.name} is not there")
    if all(_name_in(frame, field) for field in spec.fields if field.required):
        yield Point("columns", "passed", "all required ones are there")
    known = {_name_in(frame, field) for field in spec.fields} | {"geometry"}
    if strange := [str(name) for name in frame.columns if name not in known]:
        yield Point(
            "columns",
            "warning",
            f"not in the specification: {', '.join(strange)}",
            "document or leave them out",
        )


def _name_in(frame: pd.DataFrame, field: Field) -> str | None:
    return next((name for name in (field.name, field.dbf) if name and name in frame.columns), None)


def _content(frame: GeoDataFrame, spec: LayerSpec, info: dict[str, Any]) -> Iterator[Point]:
    if not len(frame):
        yield Point("features", "failed", "the layer is empty", "deliver the features")
        return
    table = _as_specified(frame, spec)
    found = list(checks.check(table, spec, layer_words.load(spec.slug)))
    if {"longitude", "latitude", "country", "state"} <= {f.name for f in spec.fields}:
        found += placement.check_placement(table, key=spec.key)[0]
        yield _agrees(frame, table, info)
    yield from of_findings(found)


def _as_specified(frame: GeoDataFrame, spec: LayerSpec) -> pd.DataFrame:
    """Give the columns their long names and types; text that is not a number becomes missing and is found so."""
    names = {field: _name_in(frame, field) for field in spec.fields}
    columns = {
        f.name: as_declared(frame[name] if name else None, f, frame.index) for f, name in names.items()
    }
    table = pd.DataFrame(columns)
    if "country" in table and "state" in table:
        table["country"] = places.resolve_country(table["country"]).fillna(table["country"])
    return table


def _agrees(frame: GeoDataFrame, table: pd.DataFrame, info: dict[str, Any]) -> Point:
    """Compare the geometry with the coordinates in the table: apart means that it was projected wrongly."""
    if not info["crs"] or framework.explain_crs(info["crs"]):
        return Point(
            "geometry and coordinates", "note", "not compared: the coordinate system is not the framework's"
        )
    x, y = framework.project(
        table["longitude"].to_numpy(dtype="float64"), table["latitude"].to_numpy(dtype="float64")
    )
    off = np.nanmax(np.hypot(frame.geometry.x - x, frame.geometry.y - y), initial=0.0)
    if off > 1.0:
        return Point(
            "geometry and coordinates",
            "failed",
            f"up to {off:,.0f} m apart",
            "project the points again from longitude and latitude",
        )
    return Point("geometry and coordinates", "passed", "within 1 m of each other")
