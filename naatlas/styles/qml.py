"""The style of a layer as a QGIS style document (QML): colours by class, symbol area by value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from naatlas.metadata.words import Words
    from naatlas.spec import Language
    from naatlas.styles import Style

#: Colour of a feature whose class is missing.
NO_CLASS_COLOUR = "#ffffff"
_OUTLINE = "255,255,255,255"
_OPACITY = 230


def qml(style: Style, words: Words, language: Language, *, missing: str) -> str:
    """Return the QML of a point layer, with class labels in one language.

    The renderer is categorized by ``style.field``. The size is data-defined by the same rule as in all other
    products (:meth:`naatlas.styles.Style.diameter`); large symbols are drawn first, so that they hide nothing.

    Parameters
    ----------
    missing
        Label of the features without a class.
    """
    root = etree.Element("qgis", version="3.28.0", styleCategories="Symbology|Labeling")
    renderer = etree.SubElement(
        root,
        "renderer-v2",
        {"type": "categorizedSymbol", "attr": style.field, "enableorderby": str(int(bool(style.size_field)))},
        symbollevels="0",
        forceraster="0",
    )
    categories = etree.SubElement(renderer, "categories")
    symbols = etree.SubElement(renderer, "symbols")
    for number, (code, colour) in enumerate(style.colours.items()):
        label = words.class_label(style.class_list, code, language)
        etree.SubElement(categories, "category", value=code, symbol=str(number), label=label, render="true")
        symbols.append(_symbol(str(number), colour, style))
    other = str(len(style.colours))
    etree.SubElement(categories, "category", value="", symbol=other, label=missing, render="true")
    symbols.append(_symbol(other, NO_CLASS_COLOUR, style))
    if style.size_field:
        _draw_large_first(renderer, style.size_field)
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


def _symbol(name: str, colour: str, style: Style) -> etree._Element:
    symbol = etree.Element("symbol", type="marker", name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    marker = etree.SubElement(
        symbol, "layer", {"class": "SimpleMarker", "pass": "0"}, enabled="1", locked="0"
    )
    options = etree.SubElement(marker, "Option", type="Map")
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    for key, value in {
        "name": "circle",
        "color": f"{red},{green},{blue},{_OPACITY}",
        "outline_color": _OUTLINE,
        "outline_width": "0.15",
        "outline_width_unit": "MM",
        "size": f"{style.size_range[0]:g}",
        "size_unit": "MM",
        "scale_method": "diameter",
    }.items():
        etree.SubElement(options, "Option", type="QString", name=key, value=value)
    if expression := size_expression(style):
        _data_defined(marker, "size", expression)
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
