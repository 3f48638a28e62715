"""What the tests of tours, root documents and foreign files share: the schemas, and a small published product."""

from __future__ import annotations

import json
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastkml
from lxml import etree

if TYPE_CHECKING:
    import geopandas as gpd

NS = {"k": "http://www.opengis.net/kml/2.2", "gx": "http://www.google.com/kml/ext/2.2"}


@cache
def schema() -> etree.XMLSchema:
    """Return the schema of Google's extension, which brings that of OGC with it: fastkml carries both."""
    return etree.XMLSchema(etree.parse(Path(fastkml.__file__).parent / "schema" / "kml22gx.xsd"))


def document(path: Path) -> etree._Element:
    """Return the main document of a KMZ, or a KML, valid by the schemas."""
    if path.suffix == ".kml":
        root = etree.parse(path).getroot()
    else:
        with zipfile.ZipFile(path) as archive:
            root = etree.fromstring(archive.read("doc.kml"))
    schema().assertValid(root)
    return root


def texts(root: etree._Element, path: str) -> list[str]:
    """Return the texts of the elements at a path."""
    return [node.text or "" for node in root.iterfind(path, NS)]


def saved(frame: gpd.GeoDataFrame, path: Path, **more: Any) -> Path:
    """Write a frame for a test to read; the driver is that of the ending."""
    frame.to_file(path, engine="pyogrio", **more)
    return path


def product(folder: Path, kmz: bytes, **told: Any) -> Path:
    """Write a product that has a KMZ in two languages and a manifest, and nothing else."""
    folder.mkdir(parents=True)
    names = [f"NA_Test_{folder.name}_{language}.kmz" for language in ("en", "fr")]
    for name in names:
        (folder / name).write_bytes(kmz)
    manifest = {
        "layer": folder.parent.name,
        "edition": folder.name,
        "variant": "",
        "draft": False,
        "restricted": "",
    }
    files = {name: {"size": len(kmz)} for name in names}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"files": files} | told), encoding="utf-8")
    return folder
