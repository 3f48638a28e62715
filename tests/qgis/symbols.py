"""Tell, as JSON, with which symbol QGIS draws each class of a layer in a GeoPackage; run by the Python of QGIS.

python3 symbols.py FILE.gpkg TABLE PICTURE.png
"""

import json
import sys
from collections import Counter

from open import crs, draw
from qgis.core import QgsApplication, QgsRenderContext, QgsVectorLayer
from qgis.PyQt.QtGui import QColor, QImage


def classes(layer):
    """Return class -> fill, edge, width and number of features, as the renderer gives them feature by feature."""
    renderer, context = layer.renderer(), QgsRenderContext()
    context.setExpressionContext(layer.createExpressionContext())
    renderer.startRender(context, layer.fields())
    seen, counts = {}, Counter()
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        code = feature[renderer.classAttribute()]
        counts[code] += 1
        if code not in seen:
            seen[code] = look(renderer.symbolForFeature(feature, context).symbolLayer(0))
    renderer.stopRender(context)
    return {code: told | {"count": counts[code]} for code, told in seen.items()}


def look(drawn):
    """Return colours and width in mm of a symbol layer: of a line, of a polygon, or of a marker."""
    kind = drawn.layerType()
    edge = drawn.color() if kind == "SimpleLine" else drawn.strokeColor()
    width = drawn.width() if kind == "SimpleLine" else drawn.strokeWidth()
    return {"kind": kind, "fill": drawn.color().name(), "edge": edge.name(), "width_mm": round(width, 3)}


def colours(path):
    """Return how often each colour stands in a picture."""
    image = QImage(path)
    pixels = (image.pixel(x, y) for x in range(image.width()) for y in range(image.height()))
    return {QColor(value).name(): number for value, number in Counter(pixels).items()}


def main(gpkg, table, picture):
    """Open the layer, draw it, and tell."""
    application = QgsApplication([], False)  # noqa: FBT003 - Qt takes no names
    application.initQgis()
    layer = QgsVectorLayer(f"{gpkg}|layername={table}", "gpkg", "ogr")
    told = {
        "valid": layer.isValid(),
        "count": layer.featureCount(),
        "crs": crs(layer),
        "type": layer.renderer().type(),
        "field": layer.renderer().classAttribute(),
        "labels": {c.value(): c.label() for c in layer.renderer().categories()},
        "classes": classes(layer),
        "drawn": draw(layer, picture),
        "colours": colours(picture),
        "title": layer.metadata().title(),
    }
    sys.stdout.write(f"\n{json.dumps(told)}\n")
    del layer
    application.exitQgis()


if __name__ == "__main__":
    main(*sys.argv[1:])
