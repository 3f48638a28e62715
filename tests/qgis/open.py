"""Tell, as JSON, what QGIS makes of a GeoPackage and of a shapefile in a zip; run by the Python of QGIS, not by ours.

python3 open.py FILE.gpkg TABLE SHAPEFILE.zip PICTURE.png
"""

import json
import sys
from zipfile import ZipFile

from osgeo import gdal, ogr
from osgeo_utils.samples import validate_gpkg
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsProviderRegistry,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

MEXICO_CITY = (-99.13, 19.43)


def inside_zip(path):
    """Return where GDAL finds the shapefile that lies in a zip."""
    (member,) = (name for name in ZipFile(path).namelist() if name.endswith(".shp"))
    return f"/vsizip/{path}/{member}"


def crs(layer):
    """Return what QGIS knows of the coordinate system, and where Mexico City lies in it."""
    known = layer.crs()
    geographic = QgsCoordinateReferenceSystem("EPSG:4326")
    moved = QgsCoordinateTransform(geographic, known, QgsProject.instance()).transform(
        QgsPointXY(*MEXICO_CITY)
    )
    return {
        "valid": known.isValid(),
        "authid": known.authid(),
        "name": known.description(),
        "mexico_city": [moved.x(), moved.y()],
    }


def style(layer):
    """Return the renderer, its classes, and the sizes it gives to the features."""
    renderer, told = layer.renderer(), {}
    context = QgsRenderContext()
    context.setExpressionContext(layer.createExpressionContext())
    renderer.startRender(context, layer.fields())
    sizes = set()
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        symbol = renderer.symbolForFeature(feature, context)
        marker = symbol.symbolLayer(0)
        size, _ = marker.dataDefinedProperties().valueAsDouble(
            marker.PropertySize, context.expressionContext(), marker.size()
        )
        sizes.add(round(size, 2))
    renderer.stopRender(context)
    told["type"] = renderer.type()
    told["field"] = renderer.classAttribute()
    told["classes"] = {
        category.value(): [category.label(), category.symbol().color().name()]
        for category in renderer.categories()
    }
    told["sizes_mm"] = sorted(sizes)
    told["large_first"] = renderer.orderByEnabled()
    return told


def draw(layer, path):
    """Render the layer; return how many pixels are not paper."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setOutputSize(QSize(900, 750))
    settings.setBackgroundColor(QColor("#ffffff"))
    extent = layer.extent()
    extent.scale(1.08)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(path)
    paper = QColor("#ffffff").rgb()
    return sum(image.pixel(x, y) != paper for x in range(0, 900, 2) for y in range(0, 750, 2))


def names(layer):
    """Return the names of all features."""
    field = "name" if layer.fields().indexOf("name") >= 0 else "Facility"
    return sorted(str(feature[field]) for feature in layer.getFeatures())


def dictionary(gpkg, table):
    """Tell which coded values GDAL, and so QGIS, knows of each column that has a list."""
    data = gdal.OpenEx(gpkg)
    columns = data.GetLayerByName(table).GetLayerDefn()
    named = [columns.GetFieldDefn(number) for number in range(columns.GetFieldCount())]
    lists = {
        field.GetName(): data.GetFieldDomain(field.GetDomainName())
        for field in named
        if field.GetDomainName()
    }
    return {
        name: told.GetEnumeration() for name, told in lists.items() if told.GetDomainType() == ogr.OFDT_CODED
    }


def main(gpkg, table, shapefile, picture):
    """Open both files and tell."""
    application = QgsApplication([], False)  # noqa: FBT003 - Qt takes no names
    application.initQgis()
    layer, shape = (
        QgsVectorLayer(f"{gpkg}|layername={table}", "gpkg", "ogr"),
        QgsVectorLayer(inside_zip(shapefile), "shp", "ogr"),
    )
    inside = QgsProviderRegistry.instance().providerMetadata("ogr").querySublayers(gpkg)
    told = {
        "gpkg": {
            "valid": layer.isValid(),
            "count": layer.featureCount(),
            "crs": crs(layer),
            "names": names(layer),
        },
        "shp": {
            "valid": shape.isValid(),
            "count": shape.featureCount(),
            "crs": crs(shape),
            "names": names(shape),
        },
        "style": style(layer),
        "tables": sorted(entry.name() for entry in inside),
        "title": layer.metadata().title(),
        "codes": dictionary(gpkg, table),
        "records": sorted(gdal.OpenEx(gpkg).GetMetadata().values()),
        "drawn": draw(layer, picture),
        "gpkg_errors": [str(line) for line in validate_gpkg.check(gpkg, abort_at_first_error=False) or []],
    }
    sys.stdout.write(f"\n{json.dumps(told)}\n")
    del layer, shape
    application.exitQgis()


if __name__ == "__main__":
    main(*sys.argv[1:])
