"""A zipped shapefile package: its parts and documents beside the layer inside."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from naatlas.errors import InputError
from naatlas.export import seal
from naatlas.metadata.validate import validate_bytes
from naatlas.sources import archive
from naatlas.validation import delivered, release
from naatlas.validation.verdict import Point, Verdict, of_findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LAYERS = (".shp", ".gpkg")


def judge(path: Path, slug: str | None) -> Verdict:
    """Judge a zip that holds one shapefile or GeoPackage, and the metadata records that come with it.

    Raises
    ------
    InputError
        The zip is damaged or dangerous, or holds no layer or several.
    """
    names = [PurePosixPath(m.filename) for m in archive.check_zip(path, name=path.name) if not m.is_dir()]
    inside = [name for name in names if name.suffix.lower() in _LAYERS]
    if len(inside) != 1:
        raise InputError(
            f"{path.name}: {len(inside)} map layers inside where one is expected; deliver one a zip"
        )
    if stop := [*_damaged(path), *_lost_parts(inside[0], names)]:
        return Verdict(path.name, "package", tuple(stop))
    verdict = delivered.judge(path, slug, inside=inside[0].as_posix())
    points = [*_sealed(path, names), *_encoding(inside[0], names), *verdict.points, *_records(path, names)]
    return Verdict(path.name, f"package of a {verdict.kind}", tuple(points))


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


def _records(path: Path, names: list[PurePosixPath]) -> Iterator[Point]:
    records = [name for name in names if name.suffix.lower() == ".xml" and not name.name.endswith(".shp.xml")]
    if not records:
        yield Point("metadata", "warning", "no record inside", "add an ISO 19115 or FGDC record as .xml")
    with zipfile.ZipFile(path) as package:
        for name in records:
            found = of_findings(validate_bytes(package.read(name.as_posix())))
            yield from (replace(point, check=f"{name.name}, {point.check}") for point in found)
            if not any(point.result == "failed" for point in found):
                yield Point(name.name, "passed", "all mandatory elements are there")
