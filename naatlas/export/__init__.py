"""All products of a layer from its one final frame."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyogrio

from naatlas import styles
from naatlas.errors import ProductError, SpecError, UsageError
from naatlas.export import agreement, gpkg, kmz, package, parquet, preview, publish, seal
from naatlas.export.limits import Limits
from naatlas.export.look import Look
from naatlas.export.seal import versions
from naatlas.metadata import words as all_words
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from naatlas.export.seal import FileFacts
    from naatlas.metadata.words import Words
    from naatlas.model import LayerData
    from naatlas.spec import Language, LayerSpec, Related

    Closing = Callable[[Mapping[str, FileFacts]], Mapping[str, bytes]]

__all__ = [
    "DEFAULT_FORMATS",
    "FORMATS",
    "check_formats",
    "default_formats",
    "formats_of",
    "planned",
    "versions",
    "write_all",
]

DEFAULT_FORMATS = ("gpkg", "shp", "kmz")
#: What rasters come in: the cells, for a globe too, and their table for a spreadsheet.
RASTER_FORMATS = ("tif", "kmz", "csv", "parquet")


def default_formats(spec: LayerSpec) -> tuple[str, ...]:
    """Return the formats of a layer when none are asked for."""
    return RASTER_FORMATS[:3] if spec.geometry == "Raster" else DEFAULT_FORMATS


def formats_of(spec: LayerSpec) -> tuple[str, ...]:
    """Return all formats that a layer can have."""
    return (
        RASTER_FORMATS if spec.geometry == "Raster" else tuple(n for n in FORMATS if n not in {"tif", "csv"})
    )


def _put(folder: Path, documents: Mapping[str, bytes]) -> None:
    for key, content in documents.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@dataclass(frozen=True, slots=True)
class _Job:
    """One layer on its way into one folder; the first look is that of what comes in one language only."""

    data: LayerData
    folder: Path
    documents: Mapping[str, bytes]
    looks: tuple[Look, ...]
    limits: Limits | None = None

    def path(self, ending: str) -> Path:
        return self.folder / f"{self.data.stem}{ending}"

    def gpkg(self) -> None:
        path = self.path(".gpkg")
        gpkg.write(self.data, path, documents=self.documents, look=self.looks[0])
        agreement.check_gpkg(self.data, path)

    def shp(self) -> None:
        path = self.path("_shapefile.zip")
        package.write(self.data, path, documents=self.documents, words=self.looks[0].words)
        agreement.check_shapefile(self.data, path)

    def kmz(self) -> None:
        if self.data.spec.geometry == "Raster":
            self.superoverlays()
            return
        for look in self.looks:
            path = self.path(f"_{look.language}.kmz")
            kmz.write(self.data, path, look=look, limits=self.limits)
            agreement.check_kmz(self.data, path)

    def superoverlays(self) -> None:
        from naatlas.export import superoverlay  # GDAL's raster half is loaded only for rasters

        superoverlay.write(self.data, {self.path(f"_{look.language}.kmz"): look for look in self.looks})

    def tif(self) -> None:
        from naatlas.export import raster

        path, look = self.path(".tif"), self.looks[0]
        raster.write(self.data, path, look=look)
        raster.check(self.data, path)
        self.path(".qml").write_bytes(raster.style(self.data, look))
        packed = self.path("_tif.zip")
        raster.write_package(self.data, packed, documents=self.documents, look=look, tif=path)

    def csv(self) -> None:
        from naatlas.export import raster

        path = self.path(".csv")
        raster.write_csv(self.data, path)
        raster.check_csv(self.data, path)

    def parquet(self) -> None:
        if self.data.spec.geometry == "Raster":
            parquet.write_table(self.data.frame, self.path("_table.parquet"))
            return
        path = self.path(".parquet")
        parquet.write(self.data, path)
        agreement.check_parquet(self.data, path)

    def related(self) -> None:
        for one in gpkg.related(self.data):
            if one.parts:
                told = _carried(self.data, one)
                parquet.write_parts(told, self.path(f"_{one.table}.parquet"), one.parts)

    def always(self) -> None:
        self.related()
        parquet.write_table(self.data.provenance, self.path("_provenance.parquet"))
        preview.write(self.data, self.folder / "preview.png", look=self.looks[0])
        _put(self.folder, self.documents)

    def run(self, formats: Sequence[str]) -> None:
        for name in dict.fromkeys(formats):
            FORMATS[name](self)
        self.always()


def _carried(data: LayerData, one: Related) -> pd.DataFrame:
    """Join the columns of the features that the file of a related table repeats."""
    features = data.frame.set_index(data.spec.key)[list(one.carries)]
    return data.tables[one.table].join(features, on=data.spec.key)


#: What can be asked for, and who writes it.
FORMATS: Mapping[str, Callable[[_Job], None]] = {
    "gpkg": _Job.gpkg,
    "shp": _Job.shp,
    "kmz": _Job.kmz,
    "parquet": _Job.parquet,
    "tif": _Job.tif,
    "csv": _Job.csv,
}


#: What the sidecar of a GeoTIFF is called: GDAL, QGIS and ArcGIS look for it.
_SIDECAR = ".aux.xml"

#: How the names of the files of each format end; those of one language a file stand for three.
_ENDINGS = {
    "gpkg": (".gpkg",),
    "shp": ("_shapefile.zip",),
    "kmz": ("_{language}.kmz",),
    "parquet": (".parquet",),
    "tif": (".tif", ".qml", "_tif.zip"),
    "csv": (".csv",),
}


def planned(
    data: LayerData, formats: Sequence[str], languages: Sequence[Language], documents: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the names of the files that :func:`write_all` will write, for pages that link to them.

    Parameters
    ----------
    documents
        Paths of the further files that it will be handed.
    """
    endings = [ending for name in dict.fromkeys(formats) for ending in _ENDINGS.get(name, ())]
    if data.spec.geometry == "Raster":
        endings = ["_table.parquet" if ending == ".parquet" else ending for ending in endings]
    if "tif" in formats and data.rules.kind == "class":
        endings.append(f".tif{_SIDECAR}")
    told = [data.stem + ending.format(language=lang) for ending in endings for lang in languages]
    tables = (f"{data.stem}_{one.table}.parquet" for one in gpkg.related(data) if one.parts)
    always = (*tables, f"{data.stem}_provenance.parquet", "preview.png")
    return (*dict.fromkeys(told), *always, *documents)


def write_all(
    data: LayerData,
    out: Path,
    *,
    documents: Mapping[str, bytes],
    formats: Sequence[str] = DEFAULT_FORMATS,
    languages: Sequence[Language] = ("en", "fr", "es"),
    words: Words | None = None,
    closing: Closing | None = None,
    limits: Limits | None = None,
) -> Path:
    """Write all products of a layer into ``<out>/<slug>/<edition>/``, read them back, and publish them together.

    Parameters
    ----------
    documents
        Further files of the product, such as ``report.html`` and ``metadata/iso19115.xml``: content by
        relative path.
    formats
        Some of ``gpkg``, ``shp``, ``kmz``, ``parquet``; of a raster of ``tif``, ``kmz``, ``csv``, ``parquet``.
    languages
        Of the KMZ files; the first one is that of the preview and of the style in the GeoPackage.
    words
        Those of the layer's slug when left out.
    closing
        Writes the documents that name the other files with their checksums: handed all that were written, it
        gives content by relative path.
    limits
        From which size on a KMZ is a pyramid of files; those of ``naatlas.export.limits`` when left out.

    Returns
    -------
    The folder of the product.

    Raises
    ------
    UsageError
        A format or language that does not exist.
    SpecError
        The style is one for points, and the layer is not.
    ProductError
        Something cannot be written, or does not say what the layer says when read back; the former product is
        as it was.
    """
    check_formats(data.spec, formats)
    _check_wishes(documents, languages)
    looks = _looks(data, words or all_words.load(data.spec.slug), languages)
    target = out / data.spec.slug / data.folder
    with publish.staging(out, data.spec.slug, data.folder) as folder:
        with _told(folder, target):
            _Job(data, folder, documents, looks, limits).run(formats)
            if closing:
                _put(folder, closing(seal.listing(folder)))
        _put(folder, seal.seal(seal.listing(folder), data, _asked(formats, looks, limits)))
    return target


@contextmanager
def _told(folder: Path, target: Path) -> Iterator[None]:
    """Turn what GDAL and SQLite raise into one line that names the product as the user knows it."""
    try:
        yield
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, sqlite3.Error) as error:
        line = " ".join(str(error).split()).replace(str(folder), str(target))
        raise ProductError(f"{target}: a product cannot be written: {line}") from error


def _asked(formats: Sequence[str], looks: Iterable[Look], limits: Limits | None) -> dict[str, object]:
    """Tell what was asked for, as the manifest keeps it; limits only where they are not the usual ones."""
    told: dict[str, object] = {
        "formats": sorted(set(formats)),
        "languages": [look.language for look in looks],
    }
    if limits and limits != Limits():
        told["kml"] = {"max_features": limits.features, "max_mb": limits.megabytes}
    return told


def _looks(data: LayerData, words: Words, languages: Sequence[Language]) -> tuple[Look, ...]:
    style = styles.of(data)
    if style.size_field and data.spec.geometry != "Point":
        raise SpecError(f"styles/{data.spec.slug}.yaml: size is for points; take it out")
    return tuple(Look(words, style, language) for language in dict.fromkeys(languages))


def check_formats(spec: LayerSpec, formats: Sequence[str]) -> None:
    """Refuse formats that do not exist, or that a layer of its geometry cannot have.

    Raises
    ------
    UsageError
    """
    if unknown := [name for name in formats if name not in FORMATS]:
        raise UsageError(f"no such format: {', '.join(unknown)}; there are {', '.join(FORMATS)}")
    possible = formats_of(spec)
    if strange := [name for name in formats if name not in possible]:
        kind = "a raster" if spec.geometry == "Raster" else "no raster"
        raise UsageError(
            f"layer {spec.slug} is {kind} and cannot be written as {', '.join(strange)}; "
            f"its formats are {', '.join(possible)}"
        )


def _check_wishes(documents: Mapping[str, bytes], languages: Sequence[Language]) -> None:
    if not languages or any(name not in LANGUAGES for name in languages):
        raise UsageError(f"languages {', '.join(languages) or '(none)'}: choose among {', '.join(LANGUAGES)}")
    for key in documents:
        parts = PurePosixPath(key).parts
        if not parts or ".." in parts or PurePosixPath(key).is_absolute() or "\\" in key or ":" in key:
            raise UsageError(f"document {key!r}: use a path inside the product, with forward slashes")
