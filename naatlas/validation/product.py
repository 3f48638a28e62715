"""A published product: every file as the manifest says, and each judged by its own rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from naatlas.errors import InputError
from naatlas.export import seal
from naatlas.validation import delivered, kml, package, record, release
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


_JUDGES: dict[str, Callable[[Path], Verdict]] = {
    "*.kmz": kml.judge,
    "metadata/*.xml": record.judge,
    "*.gpkg": lambda path: delivered.judge(path, None),
    "*.zip": lambda path: package.judge(path, None),
}


def judge(folder: Path) -> Verdict:
    """Judge a product folder by its manifest, its KMZ files, its records and its GeoPackage."""
    return Verdict(folder.name, "product", tuple(_points(folder)))


def _points(folder: Path) -> Iterator[Point]:
    manifest = folder / seal.MANIFEST
    yield from release.points(seal.verify(folder), manifest.read_bytes() if manifest.is_file() else b"")
    for pattern, judged in _JUDGES.items():
        for path in sorted(folder.glob(pattern)):
            yield from _within(path.relative_to(folder).as_posix(), path, judged)


def _within(name: str, path: Path, judged: Callable[[Path], Verdict]) -> Iterator[Point]:
    try:
        points = judged(path).points
    except InputError as error:
        points = (Point("readable", "failed", str(error), "build the product again"),)
    for point in points:
        yield replace(point, part=name)
