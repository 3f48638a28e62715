"""The style of a layer as a QGIS style document (QML): colours by class, symbol area by value, lines, areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from naatlas.metadata.words import Words
    from naatlas.spec import Geometry, Language
    from naatlas.styles import Style

#: Colour of a feature whose class is missing.
NO_CLASS_COLOUR = "#ffffff"
#: The same for lines.
NO_CLASS_LINE = "#9a9a9a"
_OUTLINE = "255,255,255,255"
_OPACITY = 230


def qml(style: Style, words: Words, language: Language, geometry: Geometry = "Point", *, missing: str) -> str:
    """Return the QML of a layer of points, lines or polygons, with class labels in one language.

    The renderer is categorized by ``style.field``. The size of points is data-defined by the same rule as in all other
    products (:meth:`naatlas.styles.Style.diameter`); large symbols are drawn first, so that they hide nothing.
    Lines and polygons are drawn class by class in the order of the style (symbol levels).

    Parameters
    ----------
    missing
        Label of the features without a class.
    """
    root = etree.Element("qgis", version="3.28.0", styleCategories="Symbology|Labeling")
    by_size = bool(style.size_field) and geometry == "Point"
    renderer = etree.SubElement(
        root,
        "renderer-v2",
        {"type": "categorizedSymbol", "attr": style.field, "enableorderby": str(int(by_size))},
        symbollevels=str(int(geometry != "Point")),
        forceraster="0",
    )
    categories = etree.SubElement(renderer, "categories")
    symbols = etree.SubElement(renderer, "symbols")
    for number, (code, colour) in enumerate([*style.colours.items(), (None, NO_CLASS_COLOUR)]):
        label = missing if code is None else words.class_label(style.class_list, code, language)
        told = {"value": code or "", "symbol": str(number), "label": label, "render": "true"}
        etree.SubElement(categories, "category", told)
        symbols.append(_SYMBOLS[geometry](str(number), code, colour, style))
    if by_size:
        _draw_large_first(renderer, str(style.size_field))
    body = etree.tostring(root, pretty_print=True, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}"


def size_expression(style: Style) -> str | None:
    """Return the diameter in millimetres as a QGIS expression; None for one size."""
    if style.size_field is None:
        return None
    (low, high), (small, large) = style.size_limits, style.size_range
    value = f'min(max(coalesce("{style.size_field}", {low:g}), {low:g}), {high:g})'
    return f"sqrt({small**2:g} + ({value} - {low:g}) / {high - low:g} * {large**2 - small**2:g})"


def _draw_large_first(renderer: etree._Element, field: str) -> None:
    order = etree.SubElement(renderer, "orderby")
    clause = etree.SubElement(order, "orderByClause", asc="0", nullsFirst="0")
    clause.text = f'"{field}"'


def _point(name: str, _code: str | None, colour: str, style: Style) -> etree._Element:
    options = {
        "name": "circle",
        "color": _rgba(colour, _OPACITY),
        "outline_color": _OUTLINE,
        "outline_width": "0.15",
        "outline_width_unit": "MM",
        "size": f"{style.size_range[0]:g}",
        "size_unit": "MM",
        "scale_method": "diameter",
    }
    symbol = _symbol(name, ("marker", "SimpleMarker"), 0, options)
    if expression := size_expression(style):
        _data_defined(symbol[0], "size", expression)
    return symbol


def _line(name: str, code: str | None, colour: str, style: Style) -> etree._Element:
    options = {
        "line_color": _rgba(_visible(code, colour)),
        "line_width": f"{style.width_mm(code):g}",
        "line_width_unit": "MM",
        "line_style": "solid",
        "capstyle": "round",
        "joinstyle": "round",
    }
    return _symbol(name, ("line", "SimpleLine"), style.layers()[code], options)


def _polygon(name: str, code: str | None, colour: str, style: Style) -> etree._Element:
    options = {
        "color": _rgba(colour),
        "style": "no" if code in style.unfilled else "solid",
        "outline_color": _rgba(style.edge(code, colour)),
        "outline_width": f"{style.width_mm(code):g}",
        "outline_width_unit": "MM",
        "outline_style": "solid",
        "joinstyle": "round",
    }
    return _symbol(name, ("fill", "SimpleFill"), style.layers()[code], options)


_SYMBOLS = {"Point": _point, "LineString": _line, "Polygon": _polygon}


def _visible(code: str | None, colour: str) -> str:
    """White is right for a circle with a rim; a line without class is grey."""
    return NO_CLASS_LINE if code is None else colour


def _rgba(colour: str, opacity: int = 255) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},{opacity}"


def _symbol(name: str, kind: tuple[str, str], level: int, options: dict[str, str]) -> etree._Element:
    """Make a symbol of one symbol layer, drawn in the pass of that number."""
    symbol = etree.Element("symbol", type=kind[0], name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    layer = etree.SubElement(symbol, "layer", {"class": kind[1], "pass": str(level)}, enabled="1", locked="0")
    told = etree.SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        etree.SubElement(told, "Option", type="QString", name=key, value=value)
    return symbol


def _data_defined(marker: etree._Element, name: str, expression: str) -> None:
    properties = etree.SubElement(marker, "data_defined_properties")
    whole = etree.SubElement(properties, "Option", type="Map")
    etree.SubElement(whole, "Option", type="QString", name="name", value="")
    inner = etree.SubElement(whole, "Option", type="Map", name="properties")
    one = etree.SubElement(inner, "Option", type="Map", name=name)
    etree.SubElement(one, "Option", type="bool", name="active", value="true")
    etree.SubElement(one, "Option", type="QString", name="expression", value=expression)
    etree.SubElement(one, "Option", type="int", name="type", value="3")
    etree.SubElement(whole, "Option", type="QString", name="type", value="collection")
