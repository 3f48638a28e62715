"""A published product: every file as the manifest says, and each judged by its own rules."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from naatlas.errors import InputError
from naatlas.export import seal
from naatlas.validation import delivered, kml, links, looks, machine, owners, package, raster, record, release
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


_JUDGES: dict[str, Callable[[Path, Path | None], Verdict]] = {
    "*.kmz": lambda path, schemas: kml.judge(path, schemas=schemas),
    "metadata/*.xml": lambda path, schemas: record.judge(path, schemas=schemas, brief=True),
    "metadata/*.jsonld": lambda path, schemas: machine.judge(path, schemas=schemas, product=path.parents[1]),
    "metadata/stac/*.json": lambda path, schemas: machine.judge(
        path, schemas=schemas, product=path.parents[2]
    ),
    "*.gpkg": lambda path, _: delivered.judge(path, None),
    "data/*.shp": lambda path, _: delivered.judge(path, None),
    "*.tif": lambda path, _: raster.judge(path),
    "data/*.tif": lambda path, _: raster.judge(path),
    "suspects_*.csv": lambda path, _: owners.judge(path),
    "*.zip": lambda path, schemas: package.judge(path, None, schemas=schemas),
}


def judge(folder: Path, *, schemas: Path | None = None) -> Verdict:
    """Judge a product folder, or an unpacked package, by its manifest, its KMZ files, its records and its GeoPackage.

    Parameters
    ----------
    schemas
        Folder with the schemas of metadata standards, looked into before the installed packages.
    """
    return Verdict(folder.name, "product", tuple(_points(folder, schemas)))


def _points(folder: Path, schemas: Path | None) -> Iterator[Point]:
    path = folder / seal.MANIFEST
    manifest = path.read_bytes() if path.is_file() else b""
    yield from release.points(seal.verify(folder), manifest)
    yield from looks.points(folder, release.read(manifest))
    yield from links.points(folder)
    for pattern, judged in _JUDGES.items():
        for path in sorted(folder.glob(pattern)):
            yield from _within(path.relative_to(folder).as_posix(), partial(judged, path, schemas))


def _within(name: str, judged: Callable[[], Verdict]) -> Iterator[Point]:
    try:
        points = judged().points
    except InputError as error:
        points = (Point("readable", "failed", str(error), "build the product again"),)
    for point in points:
        yield replace(point, part=name)
