"""One verb, ``validate``: what a path holds is recognised, and judged point by point."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from naatlas.errors import InputError, UsageError
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Point", "Verdict", "validate"]

#: Files that GDAL opens as a layer somebody delivers.
_LAYERS = {".gpkg", ".shp", ".fgb", ".geojson", ".json"}
_WHAT = "a product folder, a .kmz, a metadata .xml, a GeoPackage or a zipped shapefile"


def validate(path: Path, *, layer: str | None = None) -> Verdict:
    """Judge a product folder, a package, a KML or KMZ, a metadata record, or a delivered layer.

    Parameters
    ----------
    layer
        Slug whose specification a delivered layer is held to; guessed from its name and columns when left out.

    Raises
    ------
    InputError
        The path cannot be read.
    UsageError
        The path is nothing that can be judged, or there is no such layer.
    """
    kind = recognise(path)
    if kind == "product":
        from naatlas.validation import product

        return product.judge(path)
    if kind == "kml":
        from naatlas.validation import kml

        return kml.judge(path)
    if kind == "record":
        from naatlas.validation import record

        return record.judge(path)
    if kind == "package":
        from naatlas.validation import package

        return package.judge(path, layer)
    from naatlas.validation import delivered

    return delivered.judge(path, layer)


def recognise(path: Path) -> str:
    """Tell what a path holds: ``product``, ``kml``, ``record``, ``package`` or ``layer``."""
    if path.is_dir():
        if (path / "manifest.json").is_file():
            return "product"
        raise UsageError(f"{path}: a folder without manifest.json; give {_WHAT}")
    if not path.stat().st_size:
        raise InputError(f"{path.name}: the file is empty; get it again")
    return _by_ending(path)


def _by_ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending in {".kml", ".kmz"}:
        return "kml"
    if ending == ".xml":
        return "record"
    if ending == ".zip":
        if not zipfile.is_zipfile(path):
            raise InputError(f"{path.name}: not a zip file, or cut off; get it again")
        return "package"
    if ending in _LAYERS:
        return "layer"
    raise UsageError(f"{path.name}: cannot be judged; give {_WHAT}")
