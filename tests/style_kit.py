"""A layer with one feature a class, and what each of its products shows for it, read back from the product."""

from __future__ import annotations

import dataclasses
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from lxml import etree
from PIL import Image

from naatlas import framework, registry
from naatlas.export import gpkg, kmz, preview, stylefiles
from naatlas.export.look import Look
from naatlas.framework import Grid
from naatlas.ledger import Ledger
from naatlas.metadata import words
from naatlas.model import Cells, InputFile, LayerData, Points, Shapes

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
    slug = data.spec.slug
    told = looks(style, slug)
    files = stylefiles.documents(data, told)
    for ending in ("", "_fr", "_es"):
        yield f"{slug}{ending}.qml", of_qml(files[f"styles/{slug}{ending}.qml"], data)
        yield f"{slug}{ending}.sld", of_sld(files[f"styles/{slug}{ending}.sld"], data)
    yield "maplibre", of_maplibre(files[f"styles/{slug}.maplibre.json"], data)
    for language in ("en", "fr", "es"):
        yield f"legend_{language}.svg", of_svg(files[f"styles/legend_{language}.svg"])
    yield "preview.png", of_preview(data, thick(style), folder)
    if data.spec.geometry == "Raster":
        yield "cells.tif", of_tif(data, style, folder)
        return
    gpkg.write(data, folder / "a.gpkg", documents={}, look=told[0])
    with closing(sqlite3.connect(folder / "a.gpkg")) as file:
        ((stored,),) = file.execute("SELECT styleQML FROM layer_styles WHERE useAsDefault")
    assert stored.encode() == files[f"styles/{slug}.qml"]
    kmz.write(data, folder / "a.kmz", look=told[0])
    yield "kmz", of_kmz(folder / "a.kmz", data, style)


def of_qml(content: bytes, data: LayerData) -> Shown:
    root = etree.fromstring(content)
    if data.spec.geometry == "Raster":
        numbers = {str(number): code for code, number in data.rules.codes.items()}
        told = {numbers[e.get("value")]: e.get("color") for e in root.iter("paletteEntry")}
        return told or {f"step_{n}": e.get("color") for n, e in enumerate(root.iter("item"))}
    symbols = {symbol.get("name"): symbol.find("layer/Option") for symbol in root.iter("symbol")}
    options = {name: {o.get("name"): o.get("value") for o in found} for name, found in symbols.items()}
    told = {e.get("value") or None: options[e.get("symbol")] for e in root.iter("category")}
    told |= {f"step_{n}": options[e.get("symbol")] for n, e in enumerate(root.iter("range"))}
    return {code: _rgba(_main(option)) for code, option in told.items()}


def _main(option: dict[str, str]) -> str:
    if "line_color" in option:
        return option["line_color"]
    return option["outline_color" if option.get("style") == "no" else "color"]


def _rgba(value: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*map(int, value.split(",")[:3]))


def of_sld(content: bytes, data: LayerData) -> Shown:
    root = etree.fromstring(content)
    if data.spec.geometry == "Raster":
        entries = list(root.iter(f"{SLD}ColorMapEntry"))
        numbers = {f"{number}": code for code, number in data.rules.codes.items()}
        steps = [f"step_{n}" for n in range(len(entries))]
        return {
            numbers.get(e.get("quantity"), s): e.get("color") for e, s in zip(entries, steps, strict=True)
        }
    told: dict[str | None, set[str]] = {}
    for rule in root.iter(f"{SLD}Rule"):
        if rule.find(f"{OGC}Filter") is None:
            continue
        css = {e.get("name"): e.text for e in rule.iter(f"{SLD}CssParameter")}
        told.setdefault(_class_of(rule), set()).add(css.get("fill", css["stroke"]))
    assert all(len(colours) == 1 for colours in told.values())
    return {code: colours.pop() for code, colours in told.items()}


def _class_of(rule: etree._Element) -> str | None:
    """Return the class that the filter of a rule lets through."""
    equal = rule.find(f".//{OGC}PropertyIsEqualTo/{OGC}Literal")
    if equal is not None:
        return str(equal.text)
    nothing = {e.findtext(f"{OGC}PropertyName") for e in rule.iter(f"{OGC}PropertyIsNull")}
    name = rule.findtext(f"{SLD}Name")
    return None if name == "no-class" and nothing else name


def of_maplibre(content: bytes, data: LayerData) -> Shown:
    told = json.loads(content)
    if data.spec.geometry == "Raster":
        return {entry["class"]: entry["colour"] for entry in told["metadata"]["naatlas:legend"]}
    shown: Shown = {}
    for one in told["layers"]:
        if one["type"] == "circle":
            kind, _, *rest = one["paint"]["circle-color"]
            assert kind == "match", "steps of points are tested on a style of their own"
            return dict(zip(rest[:-1:2], rest[1:-1:2], strict=True)) | {None: rest[-1]}
        if one["type"] == "symbol":
            continue
        _, _, code = one["filter"]
        shown.setdefault(code, one["paint"].get("fill-color") or one["paint"]["line-color"])
    return shown


def of_svg(content: bytes) -> Shown:
    root, told = etree.fromstring(content), {}
    for group in root.iter(f"{SVG}g"):
        name = group.get("id", "")
        if not name.startswith("class-"):
            continue
        drawn = group.find(f".//{SVG}use")
        drawn = group.find(f".//{SVG}path") if drawn is None else drawn
        css = dict(part.strip().split(": ") for part in drawn.get("style").split(";"))
        code = name.removeprefix("class-")
        fill = css.get("fill", "none")
        told[None if code == "no-class" else code] = css["stroke"] if fill == "none" else fill
    return told


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
    """Read the colour table of the published raster; a quantity has none, its steps are in the style files."""
    import rasterio

    from naatlas.export import raster

    if style.breaks:
        return dict(style.colours)
    raster.write(data, folder / "a.tif", look=looks(style, data.spec.slug)[0])
    with rasterio.open(folder / "a.tif") as file:
        table = file.colormap(1)
    return {code: "#{:02x}{:02x}{:02x}".format(*table[n][:3]) for code, n in data.rules.codes.items()}


def of_kmz(path: Path, data: LayerData, style: Style) -> Shown:
    with zipfile.ZipFile(path) as archive:
        root = etree.fromstring(archive.read("doc.kml"))
        files = {name: archive.read(name) for name in archive.namelist() if name.endswith(".png")}
    maps = {f"#{e.get('id')}": e.findtext(f"{KML}Pair/{KML}styleUrl") for e in root.iter(f"{KML}StyleMap")}
    own = {f"#{e.get('id')}": e for e in root.iter(f"{KML}Style")}
    ids = {f"id-{key}": code for key, code in zip(
        data.frame[data.spec.key], codes_of(style, data.spec), strict=True)}  # fmt: skip
    told: Shown = {}
    for number, mark in enumerate(m for m in root.iter(f"{KML}Placemark") if m.get("id")):
        assert mark.get("id") in ids, (number, mark.get("id"), list(ids)[:3])
        found = own[maps[mark.findtext(f"{KML}styleUrl")]]
        told[ids[mark.get("id")]] = _kml_colour(found, files, data.spec.geometry)
    return told


def _kml_colour(style: etree._Element, files: dict[str, bytes], geometry: str) -> str:
    if geometry == "Point":
        icon = Image.open(io.BytesIO(files[style.findtext(f".//{KML}href")])).convert("RGB")
        return "#{:02x}{:02x}{:02x}".format(*icon.getpixel((icon.width // 2, icon.height // 2)))
    filled = geometry == "Polygon" and style.findtext(f"{KML}PolyStyle/{KML}fill") == "1"
    abgr = style.findtext(f"{KML}{'PolyStyle' if filled else 'LineStyle'}/{KML}color")
    return f"#{abgr[6:8]}{abgr[4:6]}{abgr[2:4]}"
