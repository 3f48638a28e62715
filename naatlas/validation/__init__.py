"""One verb, ``validate``: what a path holds is recognised, and judged point by point."""

from __future__ import annotations

import zipfile
from importlib import import_module
from typing import TYPE_CHECKING

from naatlas.errors import InputError, UsageError
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Point", "Verdict", "validate"]

#: Files that GDAL opens as a layer somebody delivers.
_JSON = {".geojson", ".json"}
_RASTERS = {".tif", ".tiff"}
_LAYERS = {".gpkg", ".shp", ".fgb", *_JSON}
#: Endings of files that may hold a metadata record: XML, the text that ``mp`` writes, and pages.
RECORDS = {".xml", ".txt", ".met", ".html", ".htm"}
_WHAT = (
    "a product folder, a .kmz, a metadata record (.xml, .txt, .html, .jsonld, STAC .json), a GeoTIFF, a GeoPackage "
    "or a zipped shapefile"
)


def validate(path: Path, *, layer: str | None = None, schemas: Path | None = None) -> Verdict:
    """Judge a product folder, a package, a KML or KMZ, a metadata record, or a delivered layer.

    Parameters
    ----------
    layer
        Slug whose specification a delivered layer is held to; guessed from its name and columns when left out.
    schemas
        Folder with the schemas of the standards, looked into before the installed packages.

    Raises
    ------
    InputError
        The path cannot be read.
    UsageError
        The path is nothing that can be judged, or there is no such layer.
    """
    kind = recognise(path)
    if kind == "layer":
        from naatlas.validation import delivered

        return delivered.judge(path, layer)
    if kind == "package":
        from naatlas.validation import package

        return package.judge(path, layer, schemas=schemas)
    # each kind has a module of its name, which is loaded when such a path comes in
    judge: Callable[..., Verdict] = import_module(f"naatlas.validation.{kind}").judge
    return judge(path, schemas=schemas)


def recognise(path: Path) -> str:
    """Tell what a path holds: ``product``, ``kml``, ``record``, ``machine``, ``package``, ``raster`` or ``layer``."""
    if path.is_dir():
        if (path / "manifest.json").is_file():
            return "product"
        raise UsageError(f"{path}: a folder without manifest.json; give {_products(path) or _WHAT}")
    if not path.stat().st_size:
        raise InputError(f"{path.name}: the file is empty; get it again")
    return _by_ending(path)


def _products(folder: Path) -> str:
    """Name the products below a folder of products."""
    found = sorted(manifest.parent for manifest in folder.glob("*/*/manifest.json"))
    return f"one of the products in it: {', '.join(map(str, found))}" if found else ""


def _by_ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending in {".kml", ".kmz"}:
        return "kml"
    if ending in RECORDS:
        return "record"
    if ending == ".zip":
        if not zipfile.is_zipfile(path):
            raise InputError(f"{path.name}: not a zip file, or cut off; get it again")
        return "package"
    if ending == ".jsonld" or (ending in _JSON and b'"stac_version"' in _start(path)):
        return "machine"
    if ending in _RASTERS:
        return "raster"
    if ending in _LAYERS:
        return "layer"
    raise UsageError(f"{path.name}: cannot be judged; give {_WHAT}")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(65_536)
