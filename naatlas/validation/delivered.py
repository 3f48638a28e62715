"""A layer that somebody else delivers, held to the specification and to the framework, point by point."""

from __future__ import annotations

import warnings
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas import framework, registry
from naatlas.errors import InputError, UsageError
from naatlas.framework import places
from naatlas.harmonize.types import as_declared
from naatlas.metadata import words as layer_words
from naatlas.quality import checks, placement, topology
from naatlas.validation.verdict import Point, Verdict, of_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from naatlas.model import Finding
    from naatlas.spec import Field, LayerSpec

#: Share of the columns of file and specification together that must be in both for a file to be that layer.
LIKENESS = 0.3

#: How far the geometry may lie from the coordinates in the table, in metres.
TOLERANCE_M = 1.0

#: Warnings for a register that is published as it stands, but grounds to send a delivery back.
_GROUNDS = frozenset({"placed-off-continent", "placed-no-coordinates"})

#: What features of a layer may be: lines and polygons may have several parts.
_GEOMETRY_TYPES: dict[str, frozenset[str]] = {
    "Point": frozenset({"Point"}),
    "LineString": frozenset({"LineString", "MultiLineString"}),
    "Polygon": frozenset({"Polygon", "MultiPolygon"}),
    "None": frozenset(),
}
_ONE_KIND = {
    "Point": "deliver every feature as one Point",
    "LineString": "deliver every feature as lines, with one part or several",
    "Polygon": "deliver every feature as polygons, with one part or several",
    "None": "deliver a table without geometry",
}
_KINDS: dict[str, topology.Kind] = {"LineString": "lines", "Polygon": "polygons"}

_PROJECT = (
    "project to the framework: Lambert azimuthal equal-area, 45N 100W, sphere 6,370,997 m, as named WKT "
    "(naatlas.framework.crs() gives it; not EPSG:2163, not EPSG:9311, not WGS 84)"
)


def judge(path: Path, slug: str | None, *, inside: str | None = None) -> Verdict:
    """Judge a GeoPackage, shapefile, GeoJSON or FlatGeobuf.

    Parameters
    ----------
    inside
        Where the layer lies in a zip.

    Raises
    ------
    InputError
        GDAL cannot open it.
    UsageError
        No layer's specification fits, or there is none of that name.
    """
    if slug is not None:
        registry.spec(slug)
    where = str(path) if inside is None else f"/vsizip/{path.resolve().as_posix()}/{inside}"
    info, frame, names = _open(path, where, slug)
    spec = registry.spec(slug) if slug else _guess(path, names, [str(name) for name in frame.columns])
    points = [_crs(info), _geometry(info, frame, spec), *_topology(info, frame, spec)]
    points += [*_columns(frame, spec), *_content(frame, spec, info)]
    return Verdict(path.name, f"layer, held to {spec.slug}", tuple(points))


def _open(path: Path, where: str, slug: str | None) -> tuple[dict[str, Any], pd.DataFrame, list[str]]:
    """Read the layer of that slug, else one named after a layer, else the first with geometry, else the first."""
    import pyogrio
    from pyproj.exceptions import CRSError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", RuntimeWarning
            )  # GDAL's remarks on files that it then opens or not
            name = _choose(pyogrio.list_layers(where), [slug] if slug else list(registry.slugs()))
            return pyogrio.read_info(where, layer=name), pyogrio.read_dataframe(where, layer=name), [name]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError) as error:
        told = " ".join(
            str(error).replace(str(path.resolve()), path.name).replace(str(path), path.name).split()
        )
        raise InputError(f"{path.name}: cannot be opened as a map layer ({told}); write it again") from error
    except (RuntimeError, ValueError, CRSError) as error:
        told = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path.name}: damaged, cannot be read to its end ({told}); write it again"
        ) from error


def _choose(listed: Any, slugs: list[str]) -> str:  # noqa: ANN401 - an array of names and geometry types
    names = [str(name) for name, _ in listed]
    named = [name for name in names if name in {_layer_name(slug) for slug in slugs}]
    spatial = [str(name) for name, geometry in listed if geometry is not None]
    return [*named, *spatial, *names][0]


def _layer_name(slug: str) -> str:
    return slug.replace("-", "_")


def _guess(path: Path, names: list[str], columns: list[str]) -> LayerSpec:
    """Take the layer that the file is named after, else the one that shares most columns, long or short."""
    specs = [registry.spec(slug) for slug in registry.slugs()]
    for spec in specs:
        if any(name == _layer_name(spec.slug) or name.startswith(f"NA_{spec.name}_") for name in names):
            return spec
    best = max(specs, key=lambda spec: _likeness(spec, columns))
    if _likeness(best, columns) < LIKENESS:
        raise UsageError(
            f"{path.name}: its columns are those of no layer; name one with --layer ({', '.join(registry.slugs())})"
        )
    return best


def _likeness(spec: LayerSpec, columns: list[str]) -> float:
    """Columns in both over columns in either."""
    shared = sum(f.name in columns or f.dbf in columns for f in spec.fields)
    return shared / (len(spec.fields) + len(columns) - shared)


def _crs(info: dict[str, Any]) -> Point:
    if not info["crs"]:
        return Point("coordinate system", "failed", "none is given (no .prj)", _PROJECT)
    if wrong := framework.explain_crs(info["crs"]):
        return Point("coordinate system", "failed", wrong, _PROJECT)
    if "2163" in info["crs"]:
        told = (
            "EPSG:2163 has the framework's figures, but GDAL puts EPSG:9311 in its place, 247 m off and more"
        )
        return Point(
            "coordinate system", "warning", told, "declare it as named WKT, before a program swaps it"
        )
    return Point("coordinate system", "passed", framework.NAME)


def _geometry(info: dict[str, Any], frame: pd.DataFrame, spec: LayerSpec) -> Point:
    if spec.geometry == "None" and "geometry" not in frame:
        return Point("geometry", "passed", "a table, as it should be")
    if "geometry" not in frame:
        told = f"a table without geometry where {spec.geometry} is expected"
        return Point("geometry", "failed", told, "deliver it as a map layer")
    types = set(frame["geometry"].geom_type.dropna())
    if strange := sorted(types - _GEOMETRY_TYPES[spec.geometry]):
        told = f"{', '.join(strange)} where {spec.geometry} is expected"
        return Point("geometry", "failed", told, _ONE_KIND[spec.geometry])
    if empty := int((frame["geometry"].isna() | frame["geometry"].is_empty).sum()):
        told = f"{empty:,} of {len(frame):,} features have none"
        return Point("geometry", "failed", told, "give them geometry, or leave them out and say so")
    return Point("geometry", "passed", f"{info['features']:,} x {spec.geometry}")


def _topology(info: dict[str, Any], frame: pd.DataFrame, spec: LayerSpec) -> Iterator[Point]:
    """Judge lines and polygons: validity, and what neighbours share. In another system metres would mean nothing."""
    if spec.geometry not in _KINDS or "geometry" not in frame or not len(frame):
        return
    if not info["crs"] or framework.explain_crs(info["crs"]):
        yield Point("topology", "note", "not checked: the geometry is not in the framework's coordinates")
        return
    key = _name_in(frame, spec.field(spec.key))
    keys = (frame[key] if key else frame.index.to_series()).astype("str").tolist()
    kind = "coverage" if spec.generalize == "coverage" else _KINDS[spec.geometry]
    found = topology.check_topology(np.asarray(frame["geometry"]), keys, kind=kind)
    yield from of_findings(found)
    if not any(finding.severity == "error" for finding in found):
        yield Point("topology", "passed", f"every {spec.geometry} is valid; checked as {kind}")


def _columns(frame: pd.DataFrame, spec: LayerSpec) -> Iterator[Point]:
    there = {field.name: _name_in(frame, field) for field in spec.fields}
    lost = [field for field in spec.fields if field.required and there[field.name] is None]
    for field in lost:
        short = f" (in a shapefile: {field.dbf})" if field.dbf else ""
        yield Point(
            "column", "failed", f"{field.name}{short} is missing", f"it is required: add it as {field.dtype}"
        )
    if not lost:
        yield Point("columns", "passed", "all required ones are there")
    open_ones = [f.name for f in spec.fields if not f.required and not f.gap and there[f.name] is None]
    if open_ones:
        yield Point("columns", "note", f"not there, and not required: {', '.join(open_ones)}")
    known = {*there.values(), "geometry"}
    if strange := [str(name) for name in frame.columns if name not in known]:
        told = f"not in the specification: {', '.join(strange)}"
        yield Point("columns", "warning", told, "document them or leave them out")


def _name_in(frame: pd.DataFrame, field: Field) -> str | None:
    return next((name for name in (field.name, field.dbf) if name and name in frame.columns), None)


def _content(frame: pd.DataFrame, spec: LayerSpec, info: dict[str, Any]) -> Iterator[Point]:
    if not len(frame):
        yield Point("features", "failed", "the layer is empty", "deliver the features")
        return
    table = _as_specified(frame, spec)
    yield from _lost_values(frame, table, spec)
    found = list(checks.check(table, spec, layer_words.load(spec.slug)))
    if spec.geometry == "Point" and {"longitude", "latitude", "country", "state"} <= {
        f.name for f in spec.fields
    }:
        found += placement.check_placement(table, key=spec.key)[0]
        yield _agrees(frame, table, info)
    yield from _judged(found)


def _judged(found: Iterable[Finding]) -> Iterator[Point]:
    """Turn findings into points; columns that are merely empty are told in one."""
    for rule, group in groupby(found, key=lambda f: f.rule):
        points = of_findings(told := list(group))
        if rule == "column-empty" and len(told) > 1:
            yield Point(rule, points[0].result, f"empty in all features: {', '.join(f.where for f in told)}")
        elif rule in _GROUNDS:
            yield from (Point(p.check, "failed", p.told, p.advice) for p in points)
        else:
            yield from points


def _as_specified(frame: pd.DataFrame, spec: LayerSpec) -> pd.DataFrame:
    """Give the columns their long names and types, countries their codes; text of nothing is missing."""
    names = {field: _name_in(frame, field) for field in spec.fields}
    table = pd.DataFrame(
        {f.name: as_declared(frame[name] if name else None, f, frame.index) for f, name in names.items()}
    )
    for name in (field.name for field in spec.fields if field.dtype == "text"):
        table[name] = table[name].mask(table[name].str.strip().eq("").fillna(value=False))
    if "country" in table:
        table["country"] = places.resolve_country(table["country"]).fillna(table["country"])
    return table


def _lost_values(frame: pd.DataFrame, table: pd.DataFrame, spec: LayerSpec) -> Iterator[Point]:
    """Name columns whose values are not of the declared type: they were read as missing."""
    for field in spec.fields:
        name = _name_in(frame, field)
        if name is None or field.dtype == "text":
            continue
        lost = frame[name].notna() & table[field.name].isna()
        if lost.any():
            first = frame.loc[lost, name].iloc[0]
            told = (
                f"{field.name}: {int(lost.sum()):,} value(s) are not of type {field.dtype}, such as {first}"
            )
            yield Point("type", "failed", told, f"write it as {field.dtype}, and nothing where unknown")


def _agrees(frame: pd.DataFrame, table: pd.DataFrame, info: dict[str, Any]) -> Point:
    """Compare the geometry with the coordinates in the table: apart means that it was projected wrongly."""
    check = "geometry and coordinates"
    if not info["crs"] or framework.explain_crs(info["crs"]) or "geometry" not in frame:
        return Point(check, "note", "not compared: the geometry is not points in the framework's coordinates")
    points = np.asarray(frame["geometry"].mask(frame["geometry"].is_empty))
    x, y = framework.project(table["longitude"].to_numpy("float64"), table["latitude"].to_numpy("float64"))
    with np.errstate(invalid="ignore"):
        off = np.hypot(shapely.get_x(points) - x, shapely.get_y(points) - y)
    known = np.isfinite(off)
    if not known.any():
        return Point(check, "failed", "no feature has both", "fill longitude and latitude in degrees, WGS 84")
    if off[known].max() > TOLERANCE_M:
        told = f"{int((off[known] > TOLERANCE_M).sum()):,} features up to {off[known].max():,.0f} m apart"
        return Point(check, "failed", told, "project the points again from longitude and latitude")
    return Point(check, "passed", f"within {TOLERANCE_M:g} m of each other")
