"""A linter of metadata records, ours and other people's: rules beyond the schemas, each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from naatlas.metadata.lint import elements, sense, texts, with_data
from naatlas.metadata.lint.document import Document, read
from naatlas.metadata.lint.reading import Beside, Reading
from naatlas.metadata.lint.tables import Rule, rules
from naatlas.model import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Beside", "Judgement", "judge"]

_NAMES = {
    "iso19139": "ISO 19115:2003 in ISO 19139",
    "iso19115-3": "ISO 19115-1 in ISO 19115-3",
    "fgdc": "FGDC CSDGM (FGDC-STD-001-1998)",
    "arcgis": "ArcGIS item metadata",
}
#: What is not looked at in standards that are read in part.
_PARTLY = {
    "iso19115-3": "code lists, conditions and translations of ISO 19115-3 are not judged",
    "arcgis": "ArcGIS metadata is judged for what a reader needs, not by a standard",
}
_OF_ALL: tuple[Callable[[Reading], Iterator[Finding]], ...] = (
    elements.mandatory, elements.codes, sense.dates, sense.boxes, sense.links, sense.contacts,
    texts.placeholders, texts.characters, texts.abstract,
)  # fmt: skip
_OF_ISO = (elements.conditional, elements.profile, texts.languages)
_OF_DATA = (with_data.extent, with_data.columns, with_data.title)
#: Rules that say the same of an element as a rule of the standard does; that one is then enough.
_REPEATING = frozenset({"nap-missing", "nap-value"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the linter says of one record.

    Attributes
    ----------
    document
        None when the content is no record that is read.
    judged
        Rules that were applied.
    silent
        Rules of the standard that were not, for want of data beside the record.
    note
        What of the standard is not looked at.
    """

    document: Document | None
    findings: tuple[Finding, ...]
    judged: tuple[Rule, ...] = ()
    silent: tuple[Rule, ...] = ()
    note: str = ""

    @property
    def standard(self) -> str:
        """Standard and form in words, such as ``FGDC CSDGM (FGDC-STD-001-1998), as text``."""
        if self.document is None:
            return "no metadata record that can be read"
        name = _NAMES[self.document.standard]
        if self.document.standard == "iso19139" and elements.claims_profile(self.document.root):
            name += ", North American Profile"
        return f"{name}, as {self.document.form}"


def judge(content: bytes, beside: Beside | None = None) -> Judgement:
    """Judge a record in any form that is read.

    Parameters
    ----------
    content
        The file: XML, indented text or HTML.
    beside
        What is known of the data that the record lies beside.
    """
    document = read(content)
    if isinstance(document, Finding):
        return Judgement(None, (document,))
    known = beside or Beside()
    reading = Reading(document)
    findings = _each_once([*_found(reading, known)])
    judged, silent = _applied(reading, known)
    return Judgement(document, findings, judged, silent, _PARTLY.get(document.standard, ""))


def _found(reading: Reading, beside: Beside) -> Iterator[Finding]:
    standard = reading.document.standard
    for rule in _OF_ALL:
        yield from rule(reading)
    if standard in {"iso19139", "iso19115-3"}:
        yield from texts.declared(reading)
    if standard == "iso19139":
        for rule in _OF_ISO:
            yield from rule(reading)
    for check in _OF_DATA:
        yield from check(reading, beside)


def _each_once(findings: list[Finding]) -> tuple[Finding, ...]:
    """Leave out what another finding already says of the same element, or of one that holds it."""
    firm = [f.where for f in findings if f.rule not in _REPEATING and f.where.count("/") > 1]
    told = {
        (f.rule, f.where, f.message): f
        for f in findings
        if f.rule not in _REPEATING or not any(f"{f.where}/".startswith(f"{where}/") for where in firm)
    }
    return tuple(told.values())


def _applied(reading: Reading, beside: Beside) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Part the rules of the standard into those that could be judged and those that want data."""
    root, standard = reading.document.root, reading.document.standard
    claimed = standard == "iso19139" and elements.claims_profile(root)
    there = {
        "": True,
        "nap": claimed,
        "iso": not claimed,
        "box": beside.box is not None,
        "columns": beside.columns is not None and with_data.lists_columns(reading),
        "names": bool(beside.names or beside.folders),
    }
    ours = [rule for rule in rules().values() if standard in rule.standards]
    judged = tuple(rule for rule in ours if there[rule.needs])
    return judged, tuple(rule for rule in ours if rule not in judged and rule.needs not in {"nap", "iso"})
