"""Small documents of simplekml made valid: ids, order of elements, references.

simplekml numbers its ids from 0 and goes on counting from one document to the next, writes styles before the name,
the value of a datum before its name, the altitude mode before the range, and a schema's URL with two hashes. Viewers
forgive that, the OGC schema does not. Texts are handed to it escaped: what it escapes itself depends on where they
stand.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    import simplekml

_KML = "http://www.opengis.net/kml/2.2"
#: Order of the elements that all features share; what is not named stands behind, as it was.
_FEATURE = (
    "name", "visibility", "open", "author", "link", "address", "AddressDetails", "phoneNumber", "Snippet",
    "description", "Camera", "LookAt", "TimeStamp", "TimeSpan", "styleUrl", "Style", "StyleMap", "Region", "Metadata",
    "ExtendedData", "balloonVisibility", "Schema",
)  # fmt: skip
_OVERLAY = ("color", "drawOrder", "Icon", "overlayXY", "screenXY", "rotationXY", "size", "rotation")
_LINK = (
    "href", "refreshMode", "refreshInterval", "viewRefreshMode", "viewRefreshTime", "viewBoundScale", "viewFormat",
    "httpQuery",
)  # fmt: skip
_ORDERS = {
    "Document": _FEATURE,
    "Folder": _FEATURE,
    "Placemark": _FEATURE,
    "Tour": _FEATURE,
    "NetworkLink": (*_FEATURE, "refreshVisibility", "flyToView", "Link"),
    "ScreenOverlay": (*_FEATURE, *_OVERLAY),
    "GroundOverlay": (*_FEATURE, *_OVERLAY),
    "Data": ("displayName", "value"),
    "LookAt": ("longitude", "latitude", "altitude", "heading", "tilt", "range", "altitudeMode"),
    "Camera": ("longitude", "latitude", "altitude", "heading", "tilt", "roll", "altitudeMode"),
    "AnimatedUpdate": ("duration", "Update", "delayedStart"),
    "Link": _LINK,
    "Icon": _LINK,
}


def mended(document: simplekml.Kml) -> bytes:
    """Return a document of simplekml as KML that is valid by the OGC schema and Google's extension of it.

    Ids become the name of the element and a number that counts from 1 in each document, so that the same document
    is the same bytes whatever was made before it.

    Parameters
    ----------
    document
        Its texts are escaped already (``naatlas.text.escape``).
    """
    document.parsetext(False)  # noqa: FBT003 - as simplekml has it
    root = etree.fromstring(document.kml(format=False).encode(), etree.XMLParser(strip_cdata=False))
    _raise_styles(root)
    for node in root.iter(etree.Element):
        _sort(node)
    _rename(root)
    etree.indent(root, " ")
    told: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return told + b"\n"


def _raise_styles(root: etree._Element) -> None:
    """Move shared styles from the folders to the document: in a folder they would style the folder itself."""
    for top in root.findall(f"{{{_KML}}}Document"):
        for kind in ("Style", "StyleMap"):
            top.extend(top.findall(f".//{{{_KML}}}Folder/{{{_KML}}}{kind}[@id]"))


def _sort(node: etree._Element) -> None:
    order = _ORDERS.get(_name(node))
    if order is not None:
        node[:] = sorted(node, key=lambda child: _rank(_name(child), order))


def _rank(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)


def _name(node: etree._Element) -> str:
    return str(etree.QName(node).localname)


def _rename(root: etree._Element) -> None:
    """Give every id a name that XML allows, and every reference the new name."""
    seen: Counter[str] = Counter()
    names: dict[str, str] = {}
    for node in root.iter(etree.Element):
        if old := node.get("id"):
            kind = _name(node).lower()
            seen[kind] += 1
            names[old] = f"{kind}-{seen[kind]}"
            node.set("id", names[old])
    for node in root.iter(etree.Element):
        if target := node.get("targetId"):
            node.set("targetId", names[target])
        if url := node.get("schemaUrl"):
            node.set("schemaUrl", f"#{names[url.lstrip('#')]}")
    for node in root.iter(f"{{{_KML}}}styleUrl"):
        node.text = f"#{names[(node.text or '').lstrip('#')]}"
