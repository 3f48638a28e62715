"""Hand-checked links: a person says that two rows are, or are not, one plant; with who, when and why."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from naatlas.errors import LinkageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIDES = ["left_source", "left_key", "right_source", "right_key"]
_HEADER = [*_SIDES, "decision", "decided_by", "decided_on", "why"]
_DECISIONS = ("same", "different")


@dataclass(frozen=True, slots=True)
class Override:
    """One decision and the line of the table it stands in."""

    left_key: str
    right_key: str
    decision: str
    decided_by: str
    decided_on: str
    why: str
    line: int

    @property
    def reason(self) -> str:
        """In words, for the provenance."""
        return f"decided by {self.decided_by} on {self.decided_on}: {self.why}"


@dataclass(frozen=True, slots=True)
class Overrides:
    """The decisions between two sources.

    Attributes
    ----------
    file
        The table to edit.
    """

    file: str
    left_source: str
    right_source: str
    lines: tuple[Override, ...]

    def check(self, left: Iterable[str], right: Iterable[str]) -> None:
        """Refuse decisions about rows that are not in the inputs.

        Raises
        ------
        LinkageError
            Names each key that is gone.
        """
        for source, keys, side in (
            (self.left_source, set(left), "left_key"),
            (self.right_source, set(right), "right_key"),
        ):
            gone = [line for line in self.lines if getattr(line, side) not in keys]
            if gone:
                told = "; ".join(f"line {line.line}: {getattr(line, side)!r}" for line in gone)
                raise LinkageError(
                    f"{self.file}: not in the inputs of {source} any more: {told}; decide anew"
                )

    def within(self, left: Iterable[str], right: Iterable[str]) -> Overrides:
        """Keep the decisions about rows that are there, for inputs that are known to be a selection."""
        ours, theirs = set(left), set(right)
        kept = tuple(o for o in self.lines if o.left_key in ours and o.right_key in theirs)
        return Overrides(self.file, self.left_source, self.right_source, kept)


def load(name: str, left_source: str, right_source: str) -> Overrides:
    """Read the decisions between two sources from ``crosswalks/links_<name>.csv``.

    Raises
    ------
    LinkageError
        The table is missing, has other columns, an unknown decision, an unsigned line, or decides a pair twice.
    """
    file = f"naatlas/crosswalks/links_{name}.csv"
    path = Path(str(resources.files("naatlas"))) / "crosswalks" / f"links_{name}.csv"
    if not path.is_file():
        raise LinkageError(f"no table {file}")
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != _HEADER:
            raise LinkageError(f"{file}: columns must be {', '.join(_HEADER)}")
        rows = list(enumerate(reader, start=2))
    ours = [(n, r) for n, r in rows if (r["left_source"], r["right_source"]) == (left_source, right_source)]
    return Overrides(file, left_source, right_source, _lines(file, ours))


def _lines(file: str, rows: list[tuple[int, dict[str, str]]]) -> tuple[Override, ...]:
    seen: dict[tuple[str, str], int] = {}
    lines = []
    for n, row in rows:
        pair = (row["left_key"], row["right_key"])
        if row["decision"] not in _DECISIONS:
            raise LinkageError(f"{file} line {n}: decision {row['decision']!r} must be same or different")
        if not (row["decided_by"] and row["decided_on"] and row["why"]):
            raise LinkageError(f"{file} line {n}: say who decided, on which day and why")
        if pair in seen:
            raise LinkageError(f"{file} line {n}: the pair {pair} is decided in line {seen[pair]} already")
        seen[pair] = n
        lines.append(
            Override(line=n, **{name: row[name] for name in ("left_key", "right_key", *_HEADER[4:])})
        )
    return tuple(lines)
