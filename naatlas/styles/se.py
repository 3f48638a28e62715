"""The same style in the newer form of the standard: SLD 1.1.0 with OGC Symbology Encoding 1.1.0.

What the rules say is the same in both; names of elements differ, and the colours of a raster are a function.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import chain
from typing import TYPE_CHECKING

from lxml import etree
from lxml.builder import ElementMaker

from naatlas.styles.sld import OGC, SLD

if TYPE_CHECKING:
    from collections.abc import Iterable

SE = "http://www.opengis.net/se"
_SPACES = {None: SLD, "se": SE, "ogc": OGC}
_SLD_MAKER = ElementMaker(namespace=SLD, nsmap=_SPACES)
_SE_MAKER = ElementMaker(namespace=SE, nsmap=_SPACES)
#: What the document itself is made of; everything else is of Symbology Encoding.
_FRAME = frozenset({"StyledLayerDescriptor", "NamedLayer", "UserStyle", "IsDefault"})
_OTHER_NAMES = {"CssParameter": "SvgParameter"}
#: Of the cells that are no class: there are none, but the standard wants a colour.
_FALLBACK = "#000000"


def se(sld: bytes) -> bytes:
    """Return an SLD 1.0.0 that :mod:`naatlas.styles.sld` wrote as SLD 1.1.0.

    Notes
    -----
    Symbology Encoding has no place for the names of a raster's classes: readers that show them take SLD 1.0.0.
    """
    root = _converted(etree.fromstring(sld, etree.XMLParser(remove_blank_text=True)))
    root.set("version", "1.1.0")
    etree.cleanup_namespaces(root)
    told: bytes = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
    return told


def _converted(node: etree._Element) -> etree._Element:
    name = etree.QName(node)
    if name.namespace == OGC:  # filters are the same
        return deepcopy(node)
    if name.localname == "ColorMap":
        return _se("ColorMap", _categorize(node))
    if name.localname == "Title":
        return _se("Description", _se("Title", node.text or ""))
    maker = _SLD_MAKER if name.localname in _FRAME else _SE_MAKER
    made: etree._Element = maker(
        _name(node), *map(_converted, node), **{str(k): str(v) for k, v in node.items()}
    )
    made.text = node.text
    return made


def _se(tag: str, *children: etree._Element | str, **attributes: str) -> etree._Element:
    made: etree._Element = _SE_MAKER(tag, *children, **attributes)
    return made


def _name(node: etree._Element) -> str:
    name = str(etree.QName(node).localname)
    if name == "FeatureTypeStyle" and node.find(f".//{{{SLD}}}RasterSymbolizer") is not None:
        return "CoverageStyle"
    return _OTHER_NAMES.get(name, name)


def _categorize(colours: etree._Element) -> etree._Element:
    """Return the steps of a colour map: their upper limits belong to them, the number of a class begins it."""
    entries = [(float(entry.get("quantity", "")), entry.get("color", "")) for entry in colours]
    if colours.get("type") == "intervals":
        limits, belongs = [upper for upper, _ in entries[:-1]], "preceding"
    else:
        entries.sort()
        limits, belongs = [number for number, _ in entries[1:]], "succeeding"
    steps = _steps(limits, [colour for _, colour in entries])
    lookup = _se("LookupValue", "Rasterdata")
    return _se("Categorize", lookup, *steps, fallbackValue=_FALLBACK, thresholdsBelongTo=belongs)


def _steps(limits: Iterable[float], colours: list[str]) -> Iterable[etree._Element]:
    thresholds = [_se("Threshold", f"{limit:.15g}") for limit in limits]
    first, *others = [_se("Value", colour) for colour in colours]
    return [first, *chain.from_iterable(zip(thresholds, others, strict=True))]
