"""The style of a layer as an OGC Styled Layer Descriptor (SLD 1.0.0), which every map server and desktop GIS reads.

Sizes are in the pixels of the standard, 0.28 mm. Symbols that grow with a value come in the steps of the KMZ, because
not every reader computes sizes; what is drawn first stands first, so that large symbols and low classes lie below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from lxml import etree
from lxml.builder import ElementMaker

from naatlas.styles.colour import rim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from naatlas.spec import Geometry
    from naatlas.styles import Style

    Names = Mapping[str | None, str]
    _Child: TypeAlias = etree._Element | str | dict[str, str]  # noqa: SLF001 - its public name in lxml's types

SLD, OGC = "http://www.opengis.net/sld", "http://www.opengis.net/ogc"
_SPACES = {None: SLD, "ogc": OGC}
_SLD_MAKER = ElementMaker(namespace=SLD, nsmap=_SPACES)
_OGC_MAKER = ElementMaker(namespace=OGC, nsmap={"ogc": OGC})
#: The standard counts in pixels of this size.
PIXEL_MM = 0.28
_RIM_PIXELS, _LABEL_PIXELS = 0.6, 11
_TEXT, _HALO = "#222222", "#ffffff"
#: Readers skip a colour map without a last entry; values of the atlas lie far below.
_OPEN = 1e30


def sld(
    style: Style,
    names: Names,
    geometry: Geometry,
    *,
    layer: str,
    title: str,
    label: Sequence[str] = (),
) -> bytes:
    """Return the SLD of a layer of points, lines or polygons, as UTF-8.

    Parameters
    ----------
    names
        Of the classes by code, in one language; that of None is for features without class.
    layer
        Name of the layer in the server, and of the table in the GeoPackage.
    label
        Columns of the names that stand on the map from the scale of the style on; the standard can take one only,
        the last.
    """
    kinds = [*_drawings(style, names, geometry)]
    if label and style.labels:
        kinds.append(_sld("FeatureTypeStyle", _names_rule(label[-1], style.labels.from_scale, geometry)))
    return _document(layer, title, kinds)


def raster_sld(style: Style, names: Names, numbers: Mapping[str, int], *, layer: str, title: str) -> bytes:
    """Return the SLD of a raster of classes or, with steps, of a quantity.

    The attribute ``type`` of the colour map is an extension that GeoServer, MapServer, QGIS and others share.

    Parameters
    ----------
    numbers
        Code -> number in the cells, for classes.
    """
    uppers = {code: style.breaks.bounds(code)[1] for code in style.colours} if style.breaks else numbers
    colours = _sld("ColorMap", type="intervals" if style.breaks else "values")
    for code, number in uppers.items():
        value = f"{_OPEN if number is None else number:.15g}"
        told = {"color": style.colours[code], "quantity": value, "label": names[code], "opacity": "1"}
        colours.append(_sld("ColorMapEntry", told))
    symbol = _sld("RasterSymbolizer", _sld("Opacity", "1"), colours)
    return _document(layer, title, [_sld("FeatureTypeStyle", _sld("Rule", _sld("Name", "cells"), symbol))])


def _sld(tag: str, *children: _Child, **attributes: str) -> etree._Element:
    made: etree._Element = _SLD_MAKER(tag, *children, **attributes)
    return made


def _ogc(tag: str, *children: _Child) -> etree._Element:
    made: etree._Element = _OGC_MAKER(tag, *children)
    return made


def _document(layer: str, title: str, kinds: list[etree._Element]) -> bytes:
    style = _sld("UserStyle", _sld("Name", layer), _sld("Title", title), _sld("IsDefault", "1"), *kinds)
    root = _sld("StyledLayerDescriptor", _sld("NamedLayer", _sld("Name", layer), style), version="1.0.0")
    etree.cleanup_namespaces(root)
    told: bytes = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
    return told


def _drawings(style: Style, names: Names, geometry: Geometry) -> Iterator[etree._Element]:
    """Yield one feature style for each drawing: sizes from large to small, or classes from the bottom up."""
    if geometry == "Point":
        sizes = reversed(style.steps()) if style.size_field else [(0.0, 0.0, style.size_range[0])]
        for low, high, diameter in sizes:
            rules = [
                _rule(style, names, code, _point(style, code, diameter), _size_filter(style, low, high))
                for code in (*style.colours, None)
            ]
            yield _sld("FeatureTypeStyle", *rules)
        return
    places = style.layers()
    for code in sorted(places, key=lambda code: places[code]):
        symbol = _line(style, code) if geometry == "LineString" else _polygon(style, code)
        yield _sld("FeatureTypeStyle", _rule(style, names, code, symbol))


def _rule(
    style: Style,
    names: Names,
    code: str | None,
    symbol: etree._Element,
    further: etree._Element | None = None,
) -> etree._Element:
    chosen = _class_filter(style, code)
    told = chosen if further is None else _ogc("And", chosen, further)
    return _sld(
        "Rule", _sld("Name", code or "no-class"), _sld("Title", names[code]), _ogc("Filter", told), symbol
    )


def _class_filter(style: Style, code: str | None) -> etree._Element:
    if code is None:
        return _ogc("PropertyIsNull", _ogc("PropertyName", style.field))
    if style.breaks is None:
        return _compare("PropertyIsEqualTo", style.field, code)
    low, high = style.breaks.bounds(code)
    told = [] if low is None else [_compare("PropertyIsGreaterThan", style.field, f"{low:.15g}")]
    told += [] if high is None else [_compare("PropertyIsLessThanOrEqualTo", style.field, f"{high:.15g}")]
    return told[0] if len(told) == 1 else _ogc("And", *told)


def _size_filter(style: Style, low: float, high: float) -> etree._Element | None:
    """Tell the values of a step; the outer ones are open, and a missing value has the smallest symbol."""
    if style.size_field is None:
        return None
    field, (first, last) = style.size_field, style.size_limits
    up = _compare("PropertyIsLessThan", field, f"{high:.15g}")
    from_low = _compare("PropertyIsGreaterThanOrEqualTo", field, f"{low:.15g}")
    if low <= first:
        return _ogc("Or", up, _ogc("PropertyIsNull", _ogc("PropertyName", field)))
    return from_low if high >= last else _ogc("And", from_low, up)


def _compare(kind: str, field: str, value: str) -> etree._Element:
    return _ogc(kind, _ogc("PropertyName", field), _ogc("Literal", value))


def _point(style: Style, code: str | None, diameter_mm: float) -> etree._Element:
    colour = style.colour(code)
    mark = _sld("Mark", _sld("WellKnownName", "circle"), _fill(colour), _stroke(rim(colour), _RIM_PIXELS))
    return _sld("PointSymbolizer", _sld("Graphic", mark, _sld("Size", _pixels(diameter_mm))))


def _line(style: Style, code: str | None) -> etree._Element:
    width = style.width_mm(code) / PIXEL_MM
    return _sld("LineSymbolizer", _stroke(style.colour(code, "LineString"), width, rounded=True))


def _polygon(style: Style, code: str | None) -> etree._Element:
    colour = style.colour(code, "Polygon")
    parts = [] if code in style.unfilled else [_fill(colour, style.opacity)]
    return _sld(
        "PolygonSymbolizer", *parts, _stroke(style.edge(code, colour), style.width_mm(code) / PIXEL_MM)
    )


def _fill(colour: str, opacity: float = 1.0) -> etree._Element:
    return _sld("Fill", _css("fill", colour), _css("fill-opacity", f"{opacity:g}"))


def _stroke(colour: str, pixels: float, *, rounded: bool = False) -> etree._Element:
    ends = (
        {"stroke-linejoin": "round", "stroke-linecap": "round"} if rounded else {"stroke-linejoin": "round"}
    )
    told = {"stroke": colour, "stroke-width": f"{pixels:.3g}"} | ends
    return _sld("Stroke", *(_css(name, value) for name, value in told.items()))


def _css(name: str, value: str) -> etree._Element:
    return _sld("CssParameter", value, name=name)


def _pixels(length_mm: float) -> str:
    return f"{length_mm / PIXEL_MM:.3g}"


def _names_rule(column: str, from_scale: float, geometry: Geometry) -> etree._Element:
    """Write names from a scale on, above points, on lines, or in the middle of polygons."""
    text = _sld(
        "TextSymbolizer",
        _sld("Label", _ogc("PropertyName", column)),
        _sld("Font", _css("font-family", "DejaVu Sans"), _css("font-size", str(_LABEL_PIXELS))),
        _sld("LabelPlacement", _sld("LinePlacement") if geometry == "LineString" else _beside(geometry)),
        _sld("Halo", _sld("Radius", "1"), _fill(_HALO)),
        _fill(_TEXT),
    )
    return _sld("Rule", _sld("Name", "names"), _sld("MaxScaleDenominator", f"{from_scale:.0f}"), text)


def _beside(geometry: Geometry) -> etree._Element:
    anchor = _sld(
        "AnchorPoint",
        _sld("AnchorPointX", "0.5"),
        _sld("AnchorPointY", "0" if geometry == "Point" else "0.5"),
    )
    return _sld("PointPlacement", anchor)
