"""KML judged by the rules of OGC beyond its schema, by the schema, and by what viewers bear: anybody's KML or KMZ.

All KML of an archive is judged. KML 2.0 and 2.1, and KML without namespace, is told that it is, and judged on.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from naatlas.metadata import schemas as published
from naatlas.validation.kml import files, places, styles, words
from naatlas.validation.kml.fault import CODES, Fault, points
from naatlas.validation.kml.reading import KML, NAMESPACE, features, opened
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from naatlas.validation.kml.reading import Document, Opened

__all__ = ["CODES", "judge"]

#: What Google Maps and My Maps refuse.
MAPS_BYTES, MAPS_FEATURES, MAPS_LINKS = 10_000_000, 1_000, 10


def judge(path: Path, *, schemas: Path | None = None) -> Verdict:
    """Judge a KML or KMZ file.

    Parameters
    ----------
    schemas
        Folder with the schema of KML, looked into before the installed package.

    Raises
    ------
    InputError
        It cannot be opened or is not well-formed.
    """
    told = opened(path)
    found = list(chain(_namespaces(told), *(room.faults(told) for room in (styles, places, files, words))))
    judged = points(found)
    strangers = [document for document in told.documents if document.root.tag != f"{KML}kml"]
    sound = not strangers and all(point.result != "failed" for point in judged)
    heard = {fault.code for _, fault in found}
    passed = [code for code in CODES if code not in heard]
    return Verdict(
        path.name,
        "KML",
        (
            Point("well-formed", "passed", _what(told)),
            *judged,
            *([Point("rules", "passed", f"nothing wrong with {', '.join(passed)}")] if passed else []),
            *_schema(told, schemas, sound=sound),
            *_sizes(told),
        ),
    )


def _what(told: Opened) -> str:
    many = f", {len(told.documents):,} files" if len(told.documents) > 1 else ""
    return f"XML, {told.size:,} bytes of KML{many}"


def _namespaces(told: Opened) -> Iterator[tuple[Document, Fault]]:
    for document in told.documents:
        if document.namespace != NAMESPACE or document.root.tag != f"{KML}kml":
            name = str(document.root.tag).rpartition("}")[2]
            said = f"the root is {name!r} of {document.namespace or 'no namespace'}"
            yield document, Fault("namespace", said, document.root)


def _schema(told: Opened, folder: Path | None, *, sound: bool) -> list[Point]:
    """Judge by the schema what the rules found nothing wrong with: it would tell the same faults in other words."""
    if not sound:
        return [Point("schema", "note", "not consulted: correct what is named above first")]
    found = []
    for document in told.documents:
        for finding in published.check(document.root, "kml", folder):
            if finding.severity == "info":  # the schema is not there: once is enough
                return [Point(finding.rule, "note", finding.message, finding.advice)]
            file = f"{document.name}, " if document.shown else ""
            found.append(
                Point(finding.rule, "failed", finding.message, finding.advice, where=f"{file}{finding.where}")
            )
    return found or [Point("schema", "passed", "valid by the OGC schema of KML 2.2")]


def _sizes(told: Opened) -> Iterator[Point]:
    kinds = {"Placemark": "placemarks", "GroundOverlay": "ground overlays", "NetworkLink": "network links"}
    count = {
        name: sum(1 for document in told.documents for _ in features(document.root, name)) for name in kinds
    }
    placemarks, links = count["Placemark"], count["NetworkLink"]
    listed = ", ".join(f"{word}: {count[name]:,}" for name, word in kinds.items())
    counted = f"{listed}; {told.path.stat().st_size:,} bytes"
    yield Point("features", "note", counted)
    if placemarks > MAPS_FEATURES or links > MAPS_LINKS or told.size > MAPS_BYTES:
        yield Point(
            "other viewers",
            "warning",
            f"Google Maps takes {MAPS_BYTES:,} bytes, {MAPS_FEATURES:,} features, {MAPS_LINKS} links at most",
            "use Google Earth, or split the layer",
        )
