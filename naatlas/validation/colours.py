"""What a file of a product shows for each class: read from the file alone, as a program that draws it would.

No writer of ours is asked. Every reader returns code -> colour, and None for features without class.
"""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING, Any

from lxml import etree

from naatlas.validation.kml.reading import KML, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from naatlas.styles import Style
    from naatlas.validation.kml.reading import Document

    #: Code of a class, None for features without one -> ``#rrggbb``.
    Shown = dict[str | None, str]
    #: Number in the cells of a raster of classes, as text -> code.
    Numbers = Mapping[str, str]

_SVG = "{http://www.w3.org/2000/svg}"


def of_qml(content: bytes, numbers: Numbers) -> Shown:
    """Read a QGIS style: the colour of each category, range, palette entry or step."""
    root = etree.fromstring(content)
    if root.find(".//rasterrenderer") is not None:
        told: Shown = {numbers[e.get("value", "")]: e.get("color", "") for e in root.iter("paletteEntry")}
        return told or {f"step_{n}": e.get("color", "") for n, e in enumerate(root.iter("item"))}
    options = {
        symbol.get("name"): {
            str(o.get("name")): str(o.get("value")) for o in symbol.iterfind("layer/Option/*")
        }
        for symbol in root.iter("symbol")
    }
    named = {e.get("value") or None: options[e.get("symbol")] for e in root.iter("category")}
    named |= {f"step_{n}": options[e.get("symbol")] for n, e in enumerate(root.iter("range"))}
    return {code: _rgba(_main(option)) for code, option in named.items()}


def _main(option: Mapping[str, str]) -> str:
    """Return the colour that is seen: of the line, of the outline where nothing is filled, else of the fill."""
    if "line_color" in option:
        return option["line_color"]
    return option["outline_color" if option.get("style") == "no" else "color"]


def _rgba(value: str) -> str:
    return _hex(map(int, value.split(",")[:3]))


def _hex(rgb: Iterable[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def of_sld(content: bytes, numbers: Numbers) -> Shown:
    """Read a Styled Layer Descriptor of either version."""
    root = etree.fromstring(content)
    if root.find(".//{*}RasterSymbolizer") is not None:
        return _of_cells(root, numbers)
    told: dict[str | None, set[str]] = defaultdict(set)
    for rule in root.iter("{*}Rule"):
        if rule.find("{*}Filter") is not None:
            css = {e.get("name"): str(e.text) for e in rule.iter("{*}CssParameter", "{*}SvgParameter")}
            told[_class_of(rule)].add(css["fill"] if "fill" in css else css["stroke"])
    return {code: " and ".join(sorted(colours)) for code, colours in told.items()}


def _of_cells(root: etree._Element, numbers: Numbers) -> Shown:
    entries = {e.get("quantity", ""): e.get("color", "") for e in root.iter("{*}ColorMapEntry")}
    if entries and numbers:
        return {numbers[number]: colour for number, colour in entries.items()}
    colours = [*entries.values()] or [str(e.text) for e in root.iter("{*}Value")]
    codes = [numbers[n] for n in sorted(numbers, key=int)] or [f"step_{n}" for n in range(len(colours))]
    return dict(zip(codes, colours, strict=True))


def _class_of(rule: etree._Element) -> str | None:
    """Return the class that the filter of a rule lets through; a step by the name of the rule."""
    equal = rule.find(".//{*}PropertyIsEqualTo/{*}Literal")
    if equal is not None:
        return str(equal.text)
    name = rule.findtext("{*}Name")
    return None if name == "no-class" and rule.find(".//{*}PropertyIsNull") is not None else name


def of_maplibre(content: bytes) -> Shown:
    """Read a MapLibre style: of points the expression, of lines and polygons each layer, of a raster the legend."""
    told = json.loads(content)
    if not any("filter" in one or one["type"] == "circle" for one in told["layers"]):
        return {entry["class"]: entry["colour"] for entry in told["metadata"]["naatlas:legend"]}
    shown: Shown = {}
    for one in told["layers"]:
        if one["type"] == "circle":
            return _of_expression(one["paint"]["circle-color"])
        if one["type"] != "symbol":
            shown.setdefault(_code(one), one["paint"].get("fill-color") or one["paint"]["line-color"])
    return shown


def _code(layer: Mapping[str, Any]) -> str | None:
    """Return the class of a layer: what its filter compares with, of a step the end of its id."""
    kind, _, compared, *_ = layer["filter"]
    if kind == "==":
        return compared  # type: ignore[no-any-return]
    return f"step_{layer['id'].partition('-step_')[2].removesuffix('-outline')}"


def _of_expression(expression: list[Any]) -> Shown:
    kind, _, *rest = expression
    if kind == "match":
        return dict(zip(rest[:-1:2], rest[1:-1:2], strict=True)) | {None: rest[-1]}
    otherwise, *others = [part for part in rest if isinstance(part, str)]
    return {f"step_{number}": colour for number, colour in enumerate(others)} | {None: otherwise}


def of_svg(content: bytes) -> Shown:
    """Read a legend: the classes that it shows."""
    told: Shown = {}
    for group in etree.fromstring(content).iter(f"{_SVG}g"):
        name = group.get("id", "")
        if not name.startswith("class-"):
            continue
        drawn = next(group.iter(f"{_SVG}use"), None)
        drawn = next(group.iter(f"{_SVG}path")) if drawn is None else drawn
        css = dict(part.strip().split(": ") for part in drawn.get("style", "").split(";"))
        code, fill = name.removeprefix("class-"), css.get("fill", "none")
        told[None if code == "no-class" else code] = css["stroke"] if fill == "none" else fill
    return told


def of_gpkg(path: Path) -> Shown:
    """Read the default style of a GeoPackage."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
        told = base.execute("SELECT styleQML FROM layer_styles WHERE useAsDefault").fetchone()
    return of_qml(str(told[0]).encode(), {})


def of_kmz(path: Path, style: Style) -> Shown:
    """Read a KMZ: the colour of the style of each placemark, and the class that its data tell."""
    with zipfile.ZipFile(path) as archive:
        files = {n: archive.read(n) for n in archive.namelist() if n.endswith(".png")}
    told: dict[str | None, set[str]] = defaultdict(set)
    for document in opened(path).documents:
        colours = _colours(document, files)
        for mark in document.root.iter(f"{KML}Placemark"):
            # Others write names or years, and the simplified copies of a pyramid have no values.
            if mark.get("id") and mark.find(f".//{KML}SchemaData") is not None:
                told[_class_told(mark, style)].add(colours[mark.findtext(f"{KML}styleUrl", "")])
    return {code: " and ".join(sorted(seen)) for code, seen in told.items()}


def _class_told(mark: etree._Element, style: Style) -> str | None:
    value = mark.findtext(f".//{KML}SimpleData[@name='{style.field}']")
    return value if value is None or style.breaks is None else style.breaks.code(float(value))


def _colours(document: Document, files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the colour that placemarks have with each shared style: styleUrl -> colour."""
    root = document.root
    own = {f"#{e.get('id')}": e for e in root.iter(f"{KML}Style")}
    pairs = {
        f"#{e.get('id')}": e.findtext(f"{KML}Pair/{KML}styleUrl", "") for e in root.iter(f"{KML}StyleMap")
    }
    seen = {
        name: _colour(own[normal], lambda href: files[document.path(href)]) for name, normal in pairs.items()
    }
    return {name: colour for name, colour in seen.items() if colour}


def _colour(style: etree._Element, file: Callable[[str], bytes]) -> str:
    """Return the colour of the middle of the icon, of the fill, or of the line."""
    href = style.findtext(f"{KML}IconStyle/{KML}Icon/{KML}href")
    if href:
        return _middle(file(href))
    filled = style.findtext(f"{KML}PolyStyle/{KML}fill") == "1"
    abgr = style.findtext(f"{KML}{'PolyStyle' if filled else 'LineStyle'}/{KML}color", "")
    return f"#{abgr[6:8]}{abgr[4:6]}{abgr[2:4]}" if abgr else ""


def _middle(png: bytes) -> str:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        rgb = picture.convert("RGB")
        return _hex(rgb.getpixel((rgb.width // 2, rgb.height // 2)))  # type: ignore[arg-type]


def of_tif(path: Path, numbers: Numbers) -> Shown:
    """Read the colour table of a raster of classes; a quantity has none."""
    import rasterio

    if not numbers:
        return {}
    with rasterio.open(path) as file:
        table = file.colormap(1)
    return {code: _hex(table[int(number)][:3]) for number, code in numbers.items()}
