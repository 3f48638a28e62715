"""The looks of a layer as files for other programs: QGIS, map servers, web maps, and the legend as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.export import legend
from naatlas.styles.maplibre import maplibre
from naatlas.styles.qml import qml, raster_qml
from naatlas.styles.se import se
from naatlas.styles.sld import raster_sld, sld

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.export.look import Look
    from naatlas.model import LayerData

#: Folder of the product that they lie in.
FOLDER = "styles"


def documents(data: LayerData, looks: Sequence[Look]) -> dict[str, bytes]:
    """Return the style files of a layer, by path in the product.

    ``<slug>.qml``, ``<slug>.sld`` and ``<slug>_sld11.sld`` (the newer form, SLD 1.1 with Symbology Encoding) name the
    classes in the first language, ``<slug>_fr.qml`` and so on in the further ones; ``<slug>.maplibre.json`` has all
    languages; ``legend_<language>`` is a PNG of twice the density of a screen, and an SVG.

    Parameters
    ----------
    looks
        One a language, the first one that of what comes in one language only.
    """
    told = {f"{data.spec.slug}.maplibre.json": web_style(data, looks)}
    for number, look in enumerate(looks):
        ending = f"_{look.language}" if number else ""
        told[f"{data.spec.slug}{ending}.qml"] = qgis_style(data, look)
        told[f"{data.spec.slug}{ending}.sld"] = server_style(data, look)
        told[f"{data.spec.slug}_sld11{ending}.sld"] = se(told[f"{data.spec.slug}{ending}.sld"])
        told[f"legend_{look.language}.png"] = legend.legend(data, look)
        told[f"legend_{look.language}.svg"] = legend.legend_svg(data, look)
    return {f"{FOLDER}/{name}": content for name, content in sorted(told.items())}


def qgis_style(data: LayerData, look: Look) -> bytes:
    """Return the style for QGIS: the text that lies in the GeoPackage as its default, or that of the raster."""
    names = look.class_names()
    if data.spec.geometry == "Raster":
        return raster_qml(look.style, names, data.rules.codes).encode()
    label = look.label_columns(data.spec.fields)
    return qml(look.style, names, data.spec.geometry, label=label).encode()


def server_style(data: LayerData, look: Look) -> bytes:
    """Return the style for map servers."""
    names, title, layer = look.class_names(), look.title(data), data.spec.slug.replace("-", "_")
    if data.spec.geometry == "Raster":
        return raster_sld(look.style, names, data.rules.codes, layer=layer, title=title)
    label = look.label_columns(data.spec.fields)
    return sld(look.style, names, data.spec.geometry, layer=layer, title=title, label=label)


def web_style(data: LayerData, looks: Sequence[Look]) -> bytes:
    """Return the style for web maps, in all languages."""
    return maplibre(
        looks[0].style,
        {look.language: look.class_names() for look in looks},
        data.spec.geometry,
        layer=data.spec.slug.replace("-", "_"),
        titles={look.language: look.title(data) for look in looks},
        columns={look.language: look.label_columns(data.spec.fields) for look in looks},
    )
