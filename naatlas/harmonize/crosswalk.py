"""Crosswalks: CSV tables that agencies review, one line a national term."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from naatlas.errors import SpecError

_HEADER = ["vocabulary", "term", "code", "note", "decided_by"]


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """National term -> atlas code within one vocabulary, with the line of the table that says so."""

    name: str
    vocabulary: str
    codes: dict[str, str]
    lines: dict[str, int]

    @property
    def file(self) -> str:
        """The table to edit."""
        return f"naatlas/crosswalks/{self.name}.csv"

    def rule(self, term: str) -> str:
        """Say which line decided, for the provenance."""
        return f"crosswalk {self.name}.csv line {self.lines[term]}: {term} -> {self.codes[term]}"


@cache
def load(name: str, vocabulary: str) -> Crosswalk:
    """Read the lines of one vocabulary from ``crosswalks/<name>.csv``.

    Terms are compared after white space (no-break spaces too) is collapsed; an empty code means that the term
    is known and says nothing.

    Raises
    ------
    SpecError
        The table is not there, has other columns, or lists a term twice.
    """
    path = resources.files("naatlas") / "crosswalks" / f"{name}.csv"
    if not path.is_file():
        raise SpecError(f"no crosswalk table naatlas/crosswalks/{name}.csv")
    with resources.as_file(path) as file, file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != _HEADER:
            raise SpecError(f"crosswalk {name}.csv: columns must be {', '.join(_HEADER)}")
        told = [(n, row) for n, row in enumerate(reader, start=2) if row["vocabulary"] == vocabulary]
    terms = [" ".join(row["term"].split()) for _, row in told]
    if doubled := sorted({t for t in terms if terms.count(t) > 1}):
        raise SpecError(f"crosswalk {name}.csv: {vocabulary} lists {', '.join(doubled)} twice")
    codes = dict(zip(terms, (row["code"] for _, row in told), strict=True))
    return Crosswalk(name, vocabulary, codes, dict(zip(terms, (n for n, _ in told), strict=True)))
