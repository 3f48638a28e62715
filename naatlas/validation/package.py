"""A zipped shapefile package: its parts and documents beside the layer inside."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from naatlas.errors import InputError
from naatlas.export import seal
from naatlas.metadata import lint
from naatlas.sources import archive
from naatlas.validation import RECORDS, beside, delivered, record, release
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LAYERS = (".shp", ".gpkg")
#: What GDAL writes beside rasters.
_NO_RECORDS = (".aux.xml", ".ovr.xml")


def judge(path: Path, slug: str | None, *, schemas: Path | None = None) -> Verdict:
    """Judge a zip that holds one shapefile or GeoPackage, or none, and the metadata records that come with it.

    Parameters
    ----------
    schemas
        Folder with the schemas of metadata standards, looked into before the installed packages.

    Raises
    ------
    InputError
        The zip is damaged or dangerous, or holds no layer or several.
    """
    names = [PurePosixPath(m.filename) for m in archive.check_zip(path, name=path.name) if not m.is_dir()]
    inside = [name for name in names if name.suffix.lower() in _LAYERS]
    if not inside and any(map(_may_be_record, names)):
        return _metadata_only(path, names, schemas)
    if len(inside) != 1:
        raise InputError(
            f"{path.name}: {len(inside)} map layers inside where one is expected; deliver one a zip"
        )
    if stop := [*_damaged(path), *_lost_parts(inside[0], names)]:
        return Verdict(path.name, "package", tuple(stop))
    verdict = delivered.judge(path, slug, inside=inside[0].as_posix())
    points = [*_sealed(path, names), *_encoding(inside[0], names), *verdict.points]
    points += _records(path, names, inside[0], schemas)
    return Verdict(path.name, f"package of a {verdict.kind}", tuple(points))


def _metadata_only(path: Path, names: list[PurePosixPath], schemas: Path | None) -> Verdict:
    """Judge a package of metadata, as the Atlas publishes beside some layers; its name must tell the layer."""
    points = [*_damaged(path)] or [*_sealed(path, names), *_records(path, names, None, schemas)]
    if not any(point.check != "metadata" for point in points):
        raise InputError(
            f"{path.name}: 0 map layers inside where one is expected, and no metadata record; deliver one a zip"
        )
    return Verdict(path.name, "package of metadata", tuple(points))


def _damaged(path: Path) -> Iterator[Point]:
    try:
        with zipfile.ZipFile(path) as package:
            bad = package.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        bad = str(error)
    if bad is not None:
        yield Point("archive", "failed", f"damaged: {bad}", "zip it again, or send it again")


def _sealed(path: Path, names: list[PurePosixPath]) -> Iterator[Point]:
    """Judge by its own checksums a package that carries them, as those of the Atlas do."""
    manifest = next((name for name in names if name.name == seal.MANIFEST), None)
    if manifest is None:
        return
    top = "" if len(manifest.parts) == 1 else f"{manifest.parent.as_posix()}/"
    with zipfile.ZipFile(path) as package:
        yield from release.points(seal.verify_package(package, top), package.read(manifest.as_posix()))


def _beside(layer: PurePosixPath, names: list[PurePosixPath]) -> set[str]:
    return {name.suffix.lower() for name in names if name.with_suffix("") == layer.with_suffix("")}


def _lost_parts(layer: PurePosixPath, names: list[PurePosixPath]) -> Iterator[Point]:
    if layer.suffix.lower() == ".shp" and (lost := sorted({".shx", ".dbf"} - _beside(layer, names))):
        yield Point("parts", "failed", f"{', '.join(lost)} of {layer.name} missing", "zip all parts together")


def _encoding(layer: PurePosixPath, names: list[PurePosixPath]) -> Iterator[Point]:
    if layer.suffix.lower() == ".shp" and ".cpg" not in _beside(layer, names):
        advice = "add a file .cpg that says UTF-8, or names with accents may come out wrong"
        yield Point("parts", "warning", f"{layer.name} does not say its encoding (no .cpg)", advice)


def _records(
    path: Path, names: list[PurePosixPath], layer: PurePosixPath | None, schemas: Path | None
) -> Iterator[Point]:
    """Judge the records in the package against the layer beside them."""
    found = False
    with zipfile.ZipFile(path) as package:
        for name in (name for name in names if _may_be_record(name)):
            judgement = lint.judge(package.read(name.as_posix()), beside.of_zip(path, name, layer))
            if judgement.document is None and name.suffix.lower() != ".xml":
                continue  # a page or a text of another kind
            found = True
            yield from _of_record(name.name, judgement, schemas)
    if not found:
        yield Point("metadata", "warning", "no record inside", "add an ISO 19115 or FGDC record as .xml")


def _may_be_record(name: PurePosixPath) -> bool:
    return name.suffix.lower() in RECORDS and not name.name.lower().endswith(_NO_RECORDS)


def _of_record(name: str, judgement: lint.Judgement, schemas: Path | None) -> Iterator[Point]:
    """Tell what is wrong with one record, or that nothing is."""
    told = list(record.points(judgement, folder=schemas, brief=True))
    for point in told:
        if point.result in {"failed", "warning"}:
            yield replace(point, check=f"{name}, {point.check}")
    if not any(point.result == "failed" for point in told):
        schema = next((f"; schema: {point.told}" for point in told if point.check.startswith("schema")), "")
        yield Point(name, "passed", f"{judgement.standard}: {len(judgement.judged)} rules kept{schema}")
