"""The rules as tables: facts of the standards, in ``naatlas/metadata/rules/``."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from naatlas.metadata.iso_parts import NAMESPACES

if TYPE_CHECKING:
    from naatlas.model import Severity

#: Families of records that are read.
Standard = Literal["iso19139", "iso19115-3", "fgdc", "arcgis"]

#: Prefixes in the paths that are printed; records may use others.
PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()} | {
    "http://www.opengis.net/gml": "gml",
    "http://www.isotc211.org/2005/gmi": "gmi",
    "http://www.isotc211.org/2005/gmx": "gmx",
    "http://www.isotc211.org/2005/srv": "srv",
    "http://www.opengis.net/cat/csw/2.0.2": "csw",
}


class Rule(NamedTuple):
    """A rule of the linter.

    Attributes
    ----------
    standards
        Families of records that it applies to.
    needs
        What must be known before it can be judged, such as ``box`` of the data; empty when the record suffices.
    judges
        What it looks at, in words.
    """

    code: str
    severity: Severity
    standards: tuple[str, ...]
    needs: str
    judges: str
    advice: str


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table of ``rules/``."""
    text = (resources.files("naatlas") / "metadata" / "rules" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def rules() -> dict[str, Rule]:
    """Return all rules of the linter by code."""
    return {
        row["code"]: Rule(
            row["code"],
            cast("Severity", row["severity"]),
            tuple(row["standards"].split()),
            row["needs"],
            row["judges"],
            row["advice"],
        )
        for row in table("rules")
    }


@cache
def paths(standard: Standard) -> dict[str, str]:
    """Return where a family of records says what: ``title``, ``box``, ``box.west``, ..."""
    return {row["what"]: row["path"] for row in table("reading") if row["standard"] == standard}


@cache
def code_lists(standard: Standard) -> dict[str, frozenset[str]]:
    """Return the closed lists of values of a standard."""
    return {
        row["list"]: frozenset(row["values"].split("|" if standard == "fgdc" else None))
        for row in table("codelists")
        if row["standard"] == standard
    }
