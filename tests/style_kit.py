"""A layer with one feature a class, and what each of its products shows for it, read back from the product."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from PIL import Image

from naatlas import framework, registry
from naatlas.export import gpkg, kmz, preview, raster, stylefiles
from naatlas.export.look import Look
from naatlas.framework import Grid
from naatlas.ledger import Ledger
from naatlas.metadata import words
from naatlas.model import Cells, InputFile, LayerData, Points, Shapes
from naatlas.validation import colours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from naatlas.spec import Field, LayerSpec
    from naatlas.styles import Style

    Shown = dict[str | None, str]

KML, SLD, OGC = (
    "{http://www.opengis.net/kml/2.2}",
    "{http://www.opengis.net/sld}",
    "{http://www.opengis.net/ogc}",
)
SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
#: Framework metres: the features stand in the Atlantic one below the other, where nothing else is drawn.
_X, _TOP, _STEP, _HALF = 3_900_000.0, 4_300_000.0, 380_000.0, 120_000.0
_DTYPES = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean"}


def cases() -> list[tuple[str, str]]:
    """Layer and edition of every style: those of the default edition, and those that an edition has of its own."""
    told: dict[str, tuple[str, str]] = {}
    for spec in map(registry.spec, registry.slugs()):
        for edition in sorted(spec.editions, key=lambda edition: not edition.default):
            told.setdefault(style_name(spec, edition.name), (spec.slug, edition.name))
    return [*told.values()]


def style_name(spec: LayerSpec, edition: str) -> str:
    return (spec.rules(edition).style if spec.raster else "") or spec.slug


def codes_of(style: Style, spec: LayerSpec) -> list[str | None]:
    """Every class, and last the features without class; cells without class are no cells."""
    return [*style.colours, *([] if spec.geometry == "Raster" else [None])]


def layer(spec: LayerSpec, style: Style, folder: Path, edition_name: str | None = None) -> LayerData:
    """Return a layer with one feature, or one square of cells, a class."""
    edition, codes = spec.edition(edition_name), codes_of(style, spec)
    frame = pd.DataFrame({field.name: _column(field, style, codes) for field in spec.fields})
    inputs = [
        InputFile(source=spec.source(name), tier="data", name="x", sha256="ab" * 32, size=1)
        for name in edition.sources
    ]
    return LayerData(
        spec=spec,
        edition=edition.name,
        frame=frame,
        geometry=_geometry(spec, style, codes, folder, edition.name),
        provenance=pd.DataFrame({spec.key: pd.Series(dtype="str")}),
        ledger=Ledger(),
        inputs=tuple(inputs),
    )


def _column(field: Field, style: Style, codes: list[str | None]) -> pd.Series[Any]:
    if field.name == style.field:
        values: list[object] = [_value(style, code) for code in codes]
    elif field.name == style.size_field:
        values = [style.size_limits[1]] * len(codes)
    elif field.gap or field.classes:
        values = [None] * len(codes)
    elif field.dtype == "text":
        values = [f"{field.name}-{number}" for number in range(len(codes))]
    else:
        values = [field.low or 0 if field.dtype != "boolean" else None] * len(codes)
    return pd.Series(values, dtype=_DTYPES[field.dtype])


def _value(style: Style, code: str | None) -> object:
    """Return a value that falls into a class."""
    if style.breaks is None or code is None:
        return code
    low, high = style.breaks.bounds(code)
    ends = [end for end in (low, high) if end is not None]
    return sum(ends) / 2 if len(ends) > 1 else ends[0] + (1.0 if high is None else -1.0)


def middles(count: int) -> list[tuple[float, float]]:
    """Framework metres of the middle of each feature."""
    return [(_X, _TOP - _STEP * number) for number in range(count)]


def _geometry(
    spec: LayerSpec, style: Style, codes: list[str | None], folder: Path, edition: str
) -> Points | Shapes | Cells:
    places = middles(len(codes))
    if spec.geometry == "Raster":
        return _cells(spec, style, folder, edition)
    if spec.geometry == "Point":
        x, y = np.array(places).T
        lon, lat = framework.unproject(x, y)
        return Points(lon=lon, lat=lat, x=x, y=y)
    metres = np.array([_shape(spec.geometry, *place) for place in places], dtype=object)
    degrees = shapely.transform(metres, lambda xy: np.column_stack(framework.unproject(*xy.T)))
    return Shapes(degrees=degrees, metres=metres, figures={})


def _shape(kind: str, x: float, y: float) -> Any:
    if kind == "LineString":
        return shapely.linestrings([(x - 2 * _HALF, y), (x + 2 * _HALF, y)])
    return shapely.box(x - _HALF, y - _HALF, x + _HALF, y + _HALF)


def _cells(spec: LayerSpec, style: Style, folder: Path, edition: str) -> Cells:
    """Write a column of cells, two rows of them a class, at the places of the features."""
    import rasterio

    rules = spec.rules(edition)
    cell, count = _STEP / 2, len(style.colours)
    grid = Grid(
        name="test", cols=2, rows=2 * count, cell_m=cell, left=_X - cell, top=_TOP + cell, figure="sphere"
    )
    numbers = [rules.codes[code] if rules.codes else _value(style, code) for code in style.colours]
    cells = np.repeat(np.repeat(np.array(numbers, dtype=rules.dtype), 2)[:, None], 2, axis=1)
    path = folder / "cells.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=2, height=2 * count, count=1, dtype=rules.dtype, nodata=rules.nodata,
        crs=framework.crs().to_wkt(), transform=rasterio.Affine(*grid.transform),
    ) as file:  # fmt: skip
        file.write(cells, 1)
    return Cells(path=path, grid=grid, nodata=rules.nodata, count=cells.size)


def looks(style: Style, slug: str) -> list[Look]:
    return [Look(words.load(slug), style, language) for language in ("en", "fr", "es")]


def thick(style: Style) -> Style:
    """Return the style with lines so wide, and outlines so thin, that a pixel in the middle has the colour."""
    return dataclasses.replace(style, widths_mm={}, line_mm=3.0)


def all_shown(data: LayerData, style: Style, folder: Path) -> Iterator[tuple[str, Shown]]:
    """Yield what each product shows for each class: its name, and code -> colour."""
    slug, cells = data.spec.slug, numbers(data)
    told = looks(style, slug)
    files = stylefiles.documents(data, told)
    for ending in ("", "_fr", "_es"):
        yield f"{slug}{ending}.qml", colours.of_qml(files[f"styles/{slug}{ending}.qml"], cells)
        for name in (f"{slug}{ending}.sld", f"{slug}_sld11{ending}.sld"):
            yield name, colours.of_sld(files[f"styles/{name}"], cells)
    yield "maplibre", colours.of_maplibre(files[f"styles/{slug}.maplibre.json"])
    for language in ("en", "fr", "es"):
        yield f"legend_{language}.svg", colours.of_svg(files[f"styles/legend_{language}.svg"])
    yield "preview.png", of_preview(data, thick(style), folder)
    if data.spec.geometry == "Raster":
        yield "cells.tif", of_tif(data, style, folder)
        return
    gpkg.write(data, folder / "a.gpkg", documents={}, look=told[0])
    with closing(sqlite3.connect(folder / "a.gpkg")) as file:
        ((stored,),) = file.execute("SELECT styleQML FROM layer_styles WHERE useAsDefault")
    assert stored.encode() == files[f"styles/{slug}.qml"]
    kmz.write(data, folder / "a.kmz", look=told[0])
    yield "kmz", colours.of_kmz(folder / "a.kmz", style)


def numbers(data: LayerData) -> dict[str, str]:
    """Return number in the cells -> code."""
    return {str(number): code for code, number in data.rules.codes.items()} if data.spec.raster else {}


def of_preview(data: LayerData, style: Style, folder: Path) -> Shown:
    """Look at the middle of each feature; of polygons that are outlines only, at their edge."""
    path = folder / "preview.png"
    preview.write(data, path, look=looks(style, data.spec.slug)[0])
    codes = codes_of(style, data.spec)
    with Image.open(path) as picture:
        dots = picture.convert("RGB")
    told: Shown = {}
    for code, (x, y) in zip(codes, middles(len(codes)), strict=True):
        left = x - (_HALF if code in style.unfilled and data.spec.geometry == "Polygon" else 0)
        told[code] = "#{:02x}{:02x}{:02x}".format(*dots.getpixel(pixel(left, y)))
    return told


def pixel(x: float, y: float) -> tuple[int, int]:
    """Return the dot of the preview at a place in framework metres."""
    (middle_x, middle_y), dots = preview._CENTRE_M, preview._DPI / 25.4
    right = preview._WIDTH_MM / 2 + (x - middle_x) / preview._GROUND_M_PER_MM
    down = preview._HEIGHT_MM / 2 - (y - middle_y) / preview._GROUND_M_PER_MM
    return int(right * dots), int(down * dots)


def of_tif(data: LayerData, style: Style, folder: Path) -> Shown:
    """Write a raster and read its colour table; a quantity has none, its steps are in the style files."""
    if style.breaks:
        return dict(style.colours)
    raster.write(data, folder / "a.tif", look=looks(style, data.spec.slug)[0])
    return colours.of_tif(folder / "a.tif", numbers(data))
