"""The reports to the owners of data: each line names a file that was read, and no line is lost."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from naatlas.errors import InputError
from naatlas.export.seal import MANIFEST
from naatlas.report.owners import ANSWER, TOLD
from naatlas.validation.verdict import Point, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_AGAIN = "build the product again"


def judge(path: Path) -> Verdict:
    """Judge the table of suspect values of one country, in its product folder."""
    return Verdict(path.name, "owners", tuple(_points(path)))


def _points(path: Path) -> Iterator[Point]:
    rows = list(csv.reader(io.StringIO(_text(path), newline="")))
    width = len(TOLD) + len(ANSWER)
    if any(len(row) != width for row in rows) or not rows:
        yield Point("table of suspects", "failed", f"not all of its lines have {width} columns", _AGAIN)
        return
    lines = [dict(zip((*TOLD, *ANSWER), row, strict=True)) for row in rows[1:]]
    known = {entry["file"] for entry in _json(path.parent / MANIFEST).get("inputs", ())}
    strange = sorted({line["file"] for line in lines} - known)
    if strange:
        told = f"names {', '.join(strange)}, which the product was not made from"
        yield Point("table of suspects", "failed", told, _AGAIN)
    entry = _entry(path)
    if entry is None or entry["values"] != len(lines) or not (path.parent / entry["page"]).is_file():
        told = f"{len(lines)} values, but report.json names {'no such table' if entry is None else entry['values']}"
        yield Point("table of suspects", "failed", told, _AGAIN)
    elif not strange:
        yield Point("table of suspects", "passed", f"{len(lines)} values, each of a file that was read")


def _entry(path: Path) -> dict[str, Any] | None:
    reports = _json(path.parent / "report.json").get("owners", ())
    return next((entry for entry in reports if entry["table"] == path.name), None)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: not in UTF-8 ({error})") from error


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
