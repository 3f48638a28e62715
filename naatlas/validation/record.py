"""A metadata record, ours or somebody else's: by the schema of its standard, and by rules beyond that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from naatlas.metadata import lint
from naatlas.metadata.schemas import check
from naatlas.metadata.validate import content
from naatlas.validation import beside
from naatlas.validation.verdict import Point, Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from naatlas.metadata.lint import Judgement
    from naatlas.model import Finding

_OF_SEVERITY: dict[str, Result] = {"error": "failed", "warning": "warning", "info": "note"}
#: Standards whose schema may be consulted, and what the schema is called.
_SCHEMAS = {"iso19139": "ISO 19139 of 2007", "fgdc": "FGDC-STD-001-1998"}


def judge(path: Path, *, schemas: Path | None = None, brief: bool = False) -> Verdict:
    """Judge a record in XML, text or HTML, against the data beside it where there are any.

    Parameters
    ----------
    schemas
        Folder with the schemas of the standards, looked into before the installed packages.
    brief
        Count the rules that were judged and do not list them.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    judgement = lint.judge(content(path), beside.of_file(path))
    told = tuple(points(judgement, folder=schemas, brief=brief))
    return Verdict(path.name, f"metadata record, {judgement.standard}", told)


def points(judgement: Judgement, *, folder: Path | None = None, brief: bool = False) -> Iterator[Point]:
    """Tell what was looked at, and everything that was found, the errors first."""
    if judgement.document is not None:
        yield Point("rules", "note", _scope(judgement, brief=brief))
        yield from _schema(judgement, folder)
    order = ("error", "warning", "info")
    for finding in sorted(judgement.findings, key=lambda f: order.index(f.severity)):
        yield _point(finding)
    if not judgement.findings:
        yield Point("rules", "passed", "all of them are kept")


def _point(finding: Finding) -> Point:
    result = _OF_SEVERITY[finding.severity]
    return Point(finding.rule, result, finding.message, finding.advice, where=finding.where)


def _scope(judgement: Judgement, *, brief: bool) -> str:
    told = f"{len(judgement.judged)} judged"
    if not brief:
        told += f": {', '.join(rule.code for rule in judgement.judged)}"
    if judgement.silent:
        codes = ", ".join(rule.code for rule in judgement.silent)
        told += f"; not judged, for want of data beside the record: {codes}"
    return f"{told}; {judgement.note}" if judgement.note else told


def _schema(judgement: Judgement, folder: Path | None) -> Iterator[Point]:
    document = judgement.document
    if document is None:
        return
    if document.standard not in _SCHEMAS or str(document.root.tag).endswith("MI_Metadata"):
        yield Point("schema", "note", "none is consulted for records of this kind")
    elif document.form != "XML":
        yield Point("schema", "note", f"it is for XML and was not consulted: the record is {document.form}")
    else:
        found = check(document.root, cast("Literal['iso19139', 'fgdc']", document.standard), folder)
        yield from map(_point, found)
        if not any(finding.rule in {"schema-invalid", "schema-not-consulted"} for finding in found):
            yield Point("schema", "passed", f"valid by the schema of {_SCHEMAS[document.standard]}")
