"""What a layer is made of: frozen declarations, checked when they are made. No I/O, no heavy import."""

from __future__ import annotations

from naatlas.languages import LANGUAGES, Language
from naatlas.spec.field import UNIT_SUFFIXES, DType, Field
from naatlas.spec.layer import Edition, Gap, Geometry, LayerSpec, Option, OutlierRule
from naatlas.spec.raster import RasterRules, Summary
from naatlas.spec.related import Related
from naatlas.spec.source import (
    COUNTRIES,
    Country,
    Csv,
    Excel,
    Layout,
    Licence,
    RasterFile,
    RasterKind,
    Source,
    TextGrid,
    Vector,
)

__all__ = [
    "COUNTRIES",
    "LANGUAGES",
    "UNIT_SUFFIXES",
    "Country",
    "Csv",
    "DType",
    "Edition",
    "Excel",
    "Field",
    "Gap",
    "Geometry",
    "Language",
    "LayerSpec",
    "Layout",
    "Licence",
    "Option",
    "OutlierRule",
    "RasterFile",
    "RasterKind",
    "RasterRules",
    "Related",
    "Source",
    "Summary",
    "TextGrid",
    "Vector",
]
