"""The style of a layer as a QGIS style document (QML): colours by class or step, symbol area by value, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from naatlas.styles.colour import rgb, rim

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.spec import Geometry
    from naatlas.styles import Style

_RIM_MM, _LABEL_PT = 0.15, 8
_TEXT, _HALO = "#222222", "#ffffff"
_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.28.0"
#: How QGIS numbers where names stand: around a point, along a line, over a polygon.
_PLACEMENT = {"Point": "6", "LineString": "2", "Polygon": "1"}


def qml(
    style: Style, names: Mapping[str | None, str], geometry: Geometry = "Point", *, label: Sequence[str] = ()
) -> str:
    """Return the QML of a layer of points, lines or polygons, with class labels in one language.

    The renderer is categorized by ``style.field``, or graduated by its steps. The size of points is data-defined by the
    same rule as in all other products (:meth:`naatlas.styles.Style.diameter`); large symbols are drawn first, so that
    they hide nothing. Lines and polygons are drawn class by class in the order of the style (symbol levels).

    Parameters
    ----------
    names
        Of the classes by code; that of None is for features without class.
    label
        Columns of the names that stand on the map from the scale of the style on; the first that is filled counts.
    """
    root = etree.Element("qgis", version=_VERSION, styleCategories="Symbology|Labeling")
    if label and style.labels:
        root.set("labelsEnabled", "1")
    by_size = bool(style.size_field) and geometry == "Point"
    renderer = etree.SubElement(
        root,
        "renderer-v2",
        {
            "type": "graduatedSymbol" if style.breaks else "categorizedSymbol",
            "attr": style.field,
            "enableorderby": str(int(by_size)),
        },
        symbollevels=str(int(geometry != "Point")),
        forceraster="0",
    )
    _classes(renderer, style, names, geometry)
    if by_size:
        _draw_large_first(renderer, str(style.size_field))
    if label and style.labels:
        root.append(_labeling(label, style.labels.from_scale, geometry))
    return _document(root)


def raster_qml(style: Style, names: Mapping[str | None, str], numbers: Mapping[str, int]) -> str:
    """Return the QML of a raster of classes or, with steps, of a quantity.

    Parameters
    ----------
    numbers
        Code -> number in the cells, for classes.
    """
    root = etree.Element("qgis", version=_VERSION, styleCategories="Symbology")
    pipe = etree.SubElement(root, "pipe")
    kind = "singlebandpseudocolor" if style.breaks else "paletted"
    renderer = etree.SubElement(pipe, "rasterrenderer", type=kind, band="1", opacity="1", alphaBand="-1")
    if style.breaks:
        _discrete(renderer, style, names)
    else:
        palette = etree.SubElement(renderer, "colorPalette")
        for code, number in numbers.items():
            told = {"value": str(number), "color": style.colours[code], "label": names[code], "alpha": "255"}
            etree.SubElement(palette, "paletteEntry", told)
    return _document(root)


def _discrete(renderer: etree._Element, style: Style, names: Mapping[str | None, str]) -> None:
    """Colour a quantity step by step: up to each value the colour of its step."""
    shader = etree.SubElement(etree.SubElement(renderer, "rastershader"), "colorrampshader")
    shader.attrib.update({"colorRampType": "DISCRETE", "classificationMode": "1", "clip": "0"})
    for code, colour in style.colours.items():
        upper = style.breaks.bounds(code)[1] if style.breaks else None
        told = {"value": "inf" if upper is None else f"{upper:.15g}", "color": colour, "alpha": "255"}
        etree.SubElement(shader, "item", told | {"label": names[code]})


def _document(root: etree._Element) -> str:
    return _HEAD + str(etree.tostring(root, pretty_print=True, encoding="unicode"))


def _classes(
    renderer: etree._Element, style: Style, names: Mapping[str | None, str], geometry: Geometry
) -> None:
    steps = style.breaks
    classes = etree.SubElement(renderer, "ranges" if steps else "categories")
    symbols = etree.SubElement(renderer, "symbols")
    # QGIS draws features outside all ranges not at all; as categories they are a class of their own.
    for number, code in enumerate([*style.colours, *([] if steps else [None])]):
        told = {"symbol": str(number), "label": names[code], "render": "true"}
        if steps and code is not None:
            low, high = steps.bounds(code)
            ends = {
                "lower": f"{-_OPEN if low is None else low:.15g}",
                "upper": f"{_OPEN if high is None else high:.15g}",
            }
            etree.SubElement(classes, "range", ends | told)
        else:
            etree.SubElement(classes, "category", {"value": code or ""} | told)
        symbols.append(_SYMBOLS[geometry](str(number), code, style.colour(code, geometry), style))


#: QGIS asks for ends of the open steps.
_OPEN = 1e300


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
        "color": _rgba(colour),
        "outline_color": _rgba(rim(colour)),
        "outline_width": f"{_RIM_MM}",
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
        "line_color": _rgba(colour),
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


def _rgba(colour: str) -> str:
    return ",".join(map(str, (*rgb(colour), 255)))


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


def _labeling(columns: Sequence[str], from_scale: float, geometry: Geometry) -> etree._Element:
    """Write names from a scale on; QGIS leaves out those that have no room."""
    labeling = etree.Element("labeling", type="simple")
    settings = etree.SubElement(labeling, "settings")
    name = "coalesce({})".format(", ".join(f'"{column}"' for column in columns))
    text = {"fieldName": name, "isExpression": "1", "fontSize": str(_LABEL_PT), "fontSizeUnit": "Point"}
    shown = etree.SubElement(settings, "text-style", text | {"textColor": _rgba(_TEXT), "textOpacity": "1"})
    halo = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferColor": _rgba(_HALO)}
    etree.SubElement(shown, "text-buffer", halo)
    etree.SubElement(settings, "placement", placement=_PLACEMENT[geometry], priority="5")
    scales = {"scaleVisibility": "1", "scaleMin": "0", "scaleMax": f"{from_scale:.0f}", "drawLabels": "1"}
    etree.SubElement(settings, "rendering", scales)
    return labeling
