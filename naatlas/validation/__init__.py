"""One verb, ``validate``: what a path holds is recognised, and judged point by point."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from naatlas.errors import InputError
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Point", "Verdict", "validate"]

#: Files that GDAL opens as a layer somebody delivers.
_LAYERS = {".gpkg", ".shp", ".fgb", ".geojson", ".json"}


def validate(path: Path, *, layer: str | None = None) -> Verdict:
    """Judge a product folder, a package, a KML or KMZ, a metadata record, or a delivered layer.

    Parameters
    ----------
    layer
        Slug whose specification a delivered layer is held to; guessed from its columns when left out.

    Raises
    ------
    InputError
        The path is nothing that can be judged.
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
    from naatlas.validation import delivered

    return delivered.judge(path, layer)


def recognise(path: Path) -> str:
    """Tell what a path holds: ``product``, ``kml``, ``record`` or ``layer``."""
    if path.is_dir():
        if (path / "manifest.json").is_file():
            return "product"
        raise InputError(f"{path}: a folder without manifest.json; give a product folder or a single file")
    ending = path.suffix.lower()
    if ending in {".kml", ".kmz"}:
        return "kml"
    if ending in {".xml", ".html", ".htm", ".txt"}:
        return "record"
    if ending in _LAYERS or (ending == ".zip" and zipfile.is_zipfile(path)):
        return "layer"
    raise InputError(
        f"{path.name}: cannot be judged; give a product folder, a .kmz, a metadata .xml, "
        f"a GeoPackage or a zipped shapefile"
    )
