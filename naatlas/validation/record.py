"""A metadata record, ours or somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.validate import validate_record
from naatlas.validation.verdict import Point, Verdict, of_findings

if TYPE_CHECKING:
    from pathlib import Path


def judge(path: Path) -> Verdict:
    """Judge an ISO 19139 or FGDC CSDGM record by the elements that its standard demands."""
    points = of_findings(validate_record(path))
    return Verdict(
        path.name,
        "metadata record",
        tuple(points or [Point("elements", "passed", "all that is mandatory is there")]),
    )
