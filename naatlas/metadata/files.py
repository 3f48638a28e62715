"""The files of a product as machines name them: media type, format, language, what each is good for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from naatlas.languages import OF_COUNTRY
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naatlas.spec import Language

#: What a file is to its reader, in the words of STAC.
Role = Literal["data", "metadata", "overview"]

#: Ending of the name: media type (IANA), name of the format, role. The first that fits counts.
_KINDS: tuple[tuple[str, str, str, Role], ...] = (
    ("_provenance.parquet", "application/vnd.apache.parquet", "Parquet", "metadata"),
    ("_releases.parquet", "application/vnd.apache.parquet", "Parquet", "data"),
    ("balances.csv", "text/csv", "CSV", "metadata"),
    ("_table.parquet", "application/vnd.apache.parquet", "Parquet", "data"),
    ("manifest.json", "application/json", "JSON", "metadata"),
    ("report.json", "application/json", "JSON", "metadata"),
    ("rejected.csv", "text/csv", "CSV", "metadata"),
    ("corrections.csv", "text/csv", "CSV", "metadata"),
    *((f"suspects_{country}.csv", "text/csv", "CSV", "metadata") for country in OF_COUNTRY),
    *(
        (f"suspects_{c}_{lang}.csv", "text/csv", "CSV", "metadata")
        for c, langs in OF_COUNTRY.items()
        for lang in langs
    ),
    (".csv", "text/csv", "CSV", "data"),
    (".tif", "image/tiff; application=geotiff; profile=cloud-optimized", "GeoTIFF", "data"),
    (".tif.aux.xml", "application/xml", "GDAL PAM", "metadata"),
    (".qml", "application/xml", "QGIS QML", "metadata"),
    ("_tif.zip", "application/zip", "GeoTIFF package", "data"),
    (".gpkg", "application/geopackage+sqlite3", "GeoPackage", "data"),
    ("_shapefile.zip", "application/zip", "ESRI Shapefile", "data"),
    (".kmz", "application/vnd.google-earth.kmz", "KMZ", "data"),
    (".parquet", "application/vnd.apache.parquet", "GeoParquet", "data"),
    *((f"legend_{language}.png", "image/png", "PNG", "metadata") for language in LANGUAGES),
    (".png", "image/png", "PNG", "overview"),
    (".svg", "image/svg+xml", "SVG", "metadata"),
    *(
        (f"_sld11{ending}.sld", "application/vnd.ogc.se+xml", "OGC SLD 1.1", "metadata")
        for ending in ("", *(f"_{language}" for language in LANGUAGES))
    ),
    (".sld", "application/vnd.ogc.sld+xml", "OGC SLD 1.0", "metadata"),
    (".maplibre.json", "application/json", "MapLibre JSON", "metadata"),
    (".html", "text/html", "HTML", "metadata"),
    (".xml", "application/xml", "XML", "metadata"),
    (".jsonld", "application/ld+json", "JSON-LD", "metadata"),
    ("stac/collection.json", "application/json", "STAC", "metadata"),
    (".txt", "text/plain", "text", "metadata"),
)
_LANGUAGE = re.compile(r"_(\w\w)\.\w+$")


_TERMS = "Terms_of_Use_"


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A file of a product.

    Attributes
    ----------
    name
        Path below the product folder, with forward slashes.
    sha256, size
        Checksum as hexadecimal text, and bytes; None for a file that is still to be written.
    """

    name: str
    sha256: str | None = None
    size: int | None = None

    @property
    def _kind(self) -> tuple[str, str, str, Role]:
        other: tuple[str, str, str, Role] = ("", "application/octet-stream", "", "data")
        return next((kind for kind in _KINDS if self.name.endswith(kind[0])), other)

    @property
    def media_type(self) -> str:
        """Media type as IANA registers it; that of any bytes where the ending is not known."""
        return self._kind[1]

    @property
    def format(self) -> str:
        """Name of the format, the same in all languages."""
        return self._kind[2]

    @property
    def role(self) -> Role:
        """What the file is to its reader."""
        return self._kind[3]

    @property
    def language(self) -> Language | None:
        """Language of a file that stands in one language only, by its name."""
        found = _LANGUAGE.search(self.name)
        return next((lang for lang in LANGUAGES if found and found[1] == lang), None)

    @property
    def key(self) -> str:
        """Short stable name of the file in its product, such as ``iso19115.xml`` or ``geopackage``."""
        if self.role != "data":
            return "provenance" if self.name.endswith("_provenance.parquet") else self.name.rpartition("/")[2]
        told = self.format.lower().replace(" ", "-") or self.name
        return f"{told}-{self.language}" if self.language else told


def terms_of_use(files: Iterable[ProductFile]) -> dict[Language, str]:
    """Name the files with the terms of use by language, those that the product has."""
    return {file.language: file.name for file in files if file.name.startswith(_TERMS) and file.language}
