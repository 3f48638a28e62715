"""The judgement on one path: points that were looked at, each passed, failed or noted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naatlas.model import Finding

Result = Literal["passed", "failed", "warning", "note"]

_MARKS: dict[Result, str] = {"passed": "ok  ", "failed": "FAIL", "warning": "warn", "note": "note"}
_OF_SEVERITY: dict[str, Result] = {"error": "failed", "warning": "warning", "info": "note"}


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at, what was found, and what to do when it is not right."""

    check: str
    result: Result
    told: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All points of one path."""

    path: str
    kind: str
    points: tuple[Point, ...]

    @property
    def passed(self) -> bool:
        """No point failed, and at least one was looked at."""
        return bool(self.points) and all(point.result != "failed" for point in self.points)

    def as_dict(self) -> dict[str, Any]:
        """For a program to read."""
        return {"passed": self.passed, **asdict(self)}

    def text(self) -> str:
        """For a reader at a terminal."""
        lines = [f"{self.path}: {self.kind}"]
        for point in self.points:
            lines.append(f"{_MARKS[point.result]} {point.check}: {point.told}")
            if point.advice and point.result in {"failed", "warning"}:
                lines.append(f"       -> {point.advice}")
        failed = sum(point.result == "failed" for point in self.points)
        lines.append(f"not accepted: {failed} point(s) failed" if not self.passed else "accepted")
        return "\n".join(lines)


def of_findings(findings: Iterable[Finding]) -> list[Point]:
    """Turn findings of a check into points."""
    return [
        Point(f.rule, _OF_SEVERITY[f.severity], f"{f'{f.where}: ' if f.where else ''}{f.message}", f.advice)
        for f in findings
    ]
