"""A raster in ISO 19139: its grid, the size of its cells, and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.iso_parts import NAMESPACES, code, free, integer, truth
from naatlas.metadata.tree import put

if TYPE_CHECKING:
    from lxml import etree

    from naatlas.metadata.content import GridEntry, Record

_CONTENT = {
    "class": "thematicClassification",
    "quantity": "physicalMeasurement",
    "count": "physicalMeasurement",
}


def representation(root: etree._Element, grid: GridEntry) -> None:
    """Append the grid: rows and columns, size and corners of the cells, in metres of the reference system."""
    told = put(root, "gmd:spatialRepresentationInfo/gmd:MD_Georectified")
    integer(told, "gmd:numberOfDimensions", 2)
    for name, size in (("row", grid.rows), ("column", grid.cols)):
        axis = put(told, "gmd:axisDimensionProperties/gmd:MD_Dimension")
        code(axis, "gmd:dimensionName", "MD_DimensionNameTypeCode", name)
        integer(axis, "gmd:dimensionSize", size)
        _metres(axis, "gmd:resolution/gco:Length", grid.cell_m)
    code(told, "gmd:cellGeometry", "MD_CellGeometryCode", "area")
    truth(told, "gmd:transformationParameterAvailability", value=False)
    truth(told, "gmd:checkPointAvailability", value=False)
    left, bottom, right, top = grid.bounds
    for name, x, y in (("upper-left", left, top), ("lower-right", right, bottom)):
        point = put(told, "gmd:cornerPoints/gml:Point")
        point.set(f"{{{NAMESPACES['gml']}}}id", f"corner-{name}")
        put(point, "gml:pos", f"{x:.3f} {y:.3f}")
    put(told, "gmd:pointInPixel/gmd:MD_PixelOrientationCode", "center")


def resolution(parent: etree._Element, grid: GridEntry) -> None:
    """Append the size of a cell."""
    _metres(parent, "gmd:spatialResolution/gmd:MD_Resolution/gmd:distance/gco:Distance", grid.cell_m)


def coverage(parent: etree._Element, record: Record) -> None:
    """Append what the cells hold: classes, or a measure."""
    grid = record.grid
    if grid is None:
        return
    told = put(parent, "gmd:attributeDescription/gco:RecordType")
    told.text = grid.field
    code(parent, "gmd:contentType", "MD_CoverageContentTypeCode", _CONTENT[grid.kind])
    band = put(parent, "gmd:dimension/gmd:MD_RangeDimension")
    free(band, "gmd:descriptor", record.words.labels[grid.field])


def _metres(parent: etree._Element, name: str, value: float) -> None:
    element = put(parent, name, f"{value:g}")
    element.set("uom", "m")
