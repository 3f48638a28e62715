"""A published product: every file as the manifest says, and each judged by its own rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from naatlas.errors import InputError
from naatlas.export import publish
from naatlas.validation import delivered, kml, record
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def judge(folder: Path) -> Verdict:
    """Judge a product folder by its manifest, its KMZ files, its records and its GeoPackage."""
    return Verdict(folder.name, "product", tuple(_points(folder)))


def _points(folder: Path) -> Iterator[Point]:
    yield from _checksums(folder)
    for path in sorted(folder.glob("*.kmz")):
        yield from _within(path.name, kml.judge(path))
    for path in sorted((folder / "metadata").glob("*.xml")):
        yield from _within(f"metadata/{path.name}", record.judge(path))
    for path in sorted(folder.glob("*.gpkg")):
        yield from _within(path.name, delivered.judge(path, None))


def _checksums(folder: Path) -> Iterator[Point]:
    wrong = publish.verify(folder)
    for told in wrong:
        yield Point(
            "checksums", "failed", told, "take the product from its publisher again, or build it again"
        )
    if not wrong:
        yield Point("checksums", "passed", f"{_count(folder)} files are as the manifest says")


def _count(folder: Path) -> int:
    try:
        return len(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder.name}/manifest.json cannot be read ({error}); build the product again"
        ) from error


def _within(name: str, verdict: Verdict) -> Iterator[Point]:
    for point in verdict.points:
        yield Point(f"{name}, {point.check}", point.result, point.told, point.advice)
