"""Tell, as JSON, which colours QGIS gives to the classes when it loads the style files of a layer.

python3 styles.py LAYER FOLDER SLUG        (LAYER: FILE.gpkg|layername=TABLE, or FILE.tif)
"""

import json
import sys

from qgis.core import QgsApplication, QgsRasterLayer, QgsVectorLayer


def main(path, folder, slug):
    """Load each style file and tell what the renderer became."""
    application = QgsApplication([], False)  # noqa: FBT003 - Qt takes no names
    application.initQgis()
    raster = path.endswith(".tif")
    layer = QgsRasterLayer(path, "raster") if raster else QgsVectorLayer(path, "vector", "ogr")
    told = {"valid": layer.isValid()}
    message, loaded = layer.loadNamedStyle(f"{folder}/{slug}.qml")
    told["qml"] = {"loaded": loaded, "message": message, "colours": of_qml(layer, raster)}
    if not raster:
        labels = layer.labeling().settings() if layer.labelsEnabled() else None
        told["labels"] = [labels.fieldName, labels.isExpression, labels.minimumScale] if labels else None
        for kind in ("sld", "sld11"):
            name = slug if kind == "sld" else f"{slug}_{kind}"
            message, loaded = layer.loadSldStyle(f"{folder}/{name}.sld")
            told[kind] = {"loaded": loaded, "message": message, "colours": of_sld(layer)}
    sys.stdout.write(f"\n{json.dumps(told)}\n")
    del layer
    application.exitQgis()


def of_qml(layer, raster):
    """Return label -> colour."""
    renderer = layer.renderer()
    if not raster:
        graded = renderer.type() == "graduatedSymbol"
        entries = renderer.ranges() if graded else renderer.categories()
        return {entry.label(): visible(entry.symbol()) for entry in entries}
    if renderer.type() == "paletted":
        return {entry.label: entry.color.name() for entry in renderer.classes()}
    function = renderer.shader().rasterShaderFunction()
    return {item.label: item.color.name() for item in function.colorRampItemList()}


def of_sld(layer):
    """Return filter -> label, colour and size of every rule."""
    renderer = layer.renderer()
    rules = [] if renderer.type() != "RuleRenderer" else renderer.rootRule().children()
    return [
        [rule.label(), visible(rule.symbol()), rule.filterExpression(), size(rule.symbol())]
        for rule in rules
        if rule.symbol()
    ]


def visible(symbol):
    """Return the colour that a reader sees: of the fill, or of the line where there is none."""
    part = symbol.symbolLayer(0)
    hollow = part.layerType() == "SimpleFill" and part.brushStyle() == 0
    return (part.strokeColor() if hollow else part.color()).name()


def size(symbol):
    """Return the diameter of a marker; None for lines and polygons."""
    return symbol.size() if hasattr(symbol, "size") else None


if __name__ == "__main__":
    main(*sys.argv[1:])
