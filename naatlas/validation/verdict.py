"""The judgement on one path: points that were looked at, each passed, failed or noted."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naatlas.model import Finding

#: Characters a line at a terminal.
WIDTH = 110
#: Places in a file that are shown for one rule.
MOST_PLACES = 5

Result = Literal["passed", "failed", "warning", "note"]

_MARKS: dict[Result, str] = {"passed": "ok  ", "failed": "FAIL", "warning": "warn", "note": "note"}
_OF_SEVERITY: dict[str, Result] = {"error": "failed", "warning": "warning", "info": "note"}


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at, what was found, and what to do when it is not right.

    Attributes
    ----------
    part
        File inside the path that it concerns; empty where the path is one file.
    where
        Place in the file, such as an XPath; empty where the whole file is meant.
    """

    check: str
    result: Result
    told: str
    advice: str = ""
    part: str = ""
    where: str = ""


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
        part = ""
        for (place, check, _), group in groupby(self.points, key=lambda p: (p.part, p.check, p.result)):
            if place != part:
                lines.append(f"\n{(part := place)}")
            alike = list(group)
            # places in a file may be many; a program that reads the JSON gets them all
            shown = alike[:MOST_PLACES] if alike[-1].where else alike
            for point in shown:
                lines += _lines(point)
            if len(shown) < len(alike):
                lines.append(
                    f"     ... {check} at {len(alike) - len(shown)} more places; --json lists them all"
                )
        lines.append(self._sentence())
        return "\n".join(lines)

    def _sentence(self) -> str:
        failed = sum(point.result == "failed" for point in self.points)
        warned = sum(point.result == "warning" for point in self.points)
        told = f", {warned} warning{'' if warned == 1 else 's'} to look at" if warned else ""
        if self.passed:
            return f"accepted{told}"
        return f"not accepted: {failed} point{'' if failed == 1 else 's'} failed{told}"


def _lines(point: Point) -> list[str]:
    lines = [_wrapped(f"{_MARKS[point.result]} {point.check}: {point.told}", "     ")]
    if point.result in {"failed", "warning"}:
        if point.where:
            lines.append(f"       at {point.where}")
        if point.advice:
            lines.append(_wrapped(f"       -> {point.advice}", "          "))
    return lines


def _wrapped(line: str, indent: str) -> str:
    return textwrap.fill(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False,
        drop_whitespace=True, replace_whitespace=True,
    )  # fmt: skip


def of_findings(findings: Iterable[Finding]) -> list[Point]:
    """Turn findings of a check into points."""
    return [
        Point(f.rule, _OF_SEVERITY[f.severity], f"{f'{f.where}: ' if f.where else ''}{f.message}", f.advice)
        for f in findings
    ]
