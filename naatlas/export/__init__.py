"""All products of a layer from its one final frame."""

from __future__ import annotations

import sqlite3
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyogrio
import pyproj

from naatlas import styles
from naatlas.errors import ProductError, UsageError
from naatlas.export import agreement, gpkg, kmz, package, parquet, preview, publish
from naatlas.metadata import words as all_words
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from naatlas.metadata.words import Words
    from naatlas.model import LayerData
    from naatlas.spec import Language
    from naatlas.styles import Style

__all__ = ["DEFAULT_FORMATS", "FORMATS", "versions", "write_all"]

DEFAULT_FORMATS = ("gpkg", "shp", "kmz")
#: Libraries that decide the bytes of the products.
_LIBRARIES = (
    "naatlas",
    "geopandas",
    "lxml",
    "matplotlib",
    "numpy",
    "pandas",
    "pillow",
    "pyarrow",
    "pyogrio",
    "pyproj",
)


class _Job:
    """One layer on its way into one folder."""

    def __init__(
        self,
        data: LayerData,
        folder: Path,
        documents: Mapping[str, bytes],
        languages: Sequence[Language],
        words: Words,
        style: Style,
    ) -> None:
        self.data, self.folder, self.documents = data, folder, documents
        self.languages, self.words, self.style = languages, words, style

    def path(self, ending: str) -> Path:
        return self.folder / f"{self.data.stem}{ending}"

    def gpkg(self) -> None:
        path, language = self.path(".gpkg"), self.languages[0]
        gpkg.write(
            self.data, path, documents=self.documents, words=self.words, style=self.style, language=language
        )
        agreement.check_gpkg(self.data, path)

    def shp(self) -> None:
        path = self.path("_shapefile.zip")
        package.write(self.data, path, documents=self.documents, words=self.words)
        agreement.check_shapefile(self.data, path)

    def kmz(self) -> None:
        for language in self.languages:
            path = self.path(f"_{language}.kmz")
            kmz.write(self.data, path, language=language, words=self.words, style=self.style)
            agreement.check_kmz(self.data, path)

    def parquet(self) -> None:
        parquet.write(self.data, self.path(".parquet"))
        agreement.check_parquet(self.data, self.path(".parquet"))

    def always(self) -> None:
        parquet.write_table(self.data.provenance, self.path("_provenance.parquet"))
        preview.write(
            self.data,
            self.folder / "preview.png",
            language=self.languages[0],
            words=self.words,
            style=self.style,
        )
        for key, content in self.documents.items():
            path = self.folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


#: What can be asked for, and who writes it.
FORMATS: Mapping[str, Callable[[_Job], None]] = {
    "gpkg": _Job.gpkg,
    "shp": _Job.shp,
    "kmz": _Job.kmz,
    "parquet": _Job.parquet,
}


def write_all(
    data: LayerData,
    out: Path,
    *,
    documents: Mapping[str, bytes],
    formats: Sequence[str] = DEFAULT_FORMATS,
    languages: Sequence[Language] = ("en", "fr", "es"),
) -> Path:
    """Write all products of a layer into ``<out>/<slug>/<edition>/``, read them back, and publish them together.

    Parameters
    ----------
    documents
        Further files of the product, such as ``report.html`` and ``metadata/iso19115.xml``: content by relative path.
    formats
        Some of ``gpkg``, ``shp``, ``kmz``, ``parquet``.
    languages
        Of the KMZ files; the first one is that of the preview and of the style in the GeoPackage.

    Returns
    -------
    The folder of the product.

    Raises
    ------
    UsageError
        A format or language that does not exist.
    ProductError
        Something cannot be written, or does not say what the layer says when read back; the former product is
        as it was.
    """
    _check_wishes(documents, formats, languages)
    words, style = all_words.load(data.spec.slug), styles.load(data.spec.slug)
    with publish.staging(out, data.spec.slug, data.folder) as folder:
        job = _Job(data, folder, documents, languages, words, style)
        try:
            for name in dict.fromkeys(formats):
                FORMATS[name](job)
            job.always()
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, sqlite3.Error) as error:
            line = " ".join(str(error).split()).replace(str(folder), str(out / data.spec.slug / data.folder))
            raise ProductError(f"{data.stem}: a product cannot be written: {line}") from error
        options = {"formats": sorted(set(formats)), "languages": list(languages)}
        manifest = publish.manifest(folder, data, versions(), options)
        (folder / publish.MANIFEST).write_bytes(manifest)
    return out / data.spec.slug / data.folder


def versions() -> dict[str, str]:
    """Return the versions of naatlas and of the libraries that decide the bytes of the products."""
    told = {name: metadata.version(name) for name in _LIBRARIES}
    return told | {"gdal": pyogrio.__gdal_version_string__, "proj": pyproj.proj_version_str}


def _check_wishes(
    documents: Mapping[str, bytes], formats: Sequence[str], languages: Sequence[Language]
) -> None:
    if unknown := [name for name in formats if name not in FORMATS]:
        raise UsageError(f"no such format: {', '.join(unknown)}; there are {', '.join(FORMATS)}")
    if unknown := [name for name in languages if name not in LANGUAGES] or ([] if languages else ["(none)"]):
        raise UsageError(f"no such language: {', '.join(unknown)}; there are {', '.join(LANGUAGES)}")
    for key in documents:
        parts = PurePosixPath(key).parts
        if not parts or ".." in parts or PurePosixPath(key).is_absolute() or "\\" in key or ":" in key:
            raise UsageError(f"document {key!r}: use a path inside the product, with forward slashes")
