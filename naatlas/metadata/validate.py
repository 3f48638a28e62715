"""Judge a metadata record that somebody hands in: which standard it follows, and what it lacks of it.

The mandatory elements are those of the North American Profile of ISO 19115 (with the rules of its Canadian
form) and of the FGDC content standard; they stand in ``rules/`` as tables.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lxml import etree

from naatlas.errors import InputError
from naatlas.metadata.iso_parts import NAMESPACES
from naatlas.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from naatlas.model import Severity

_ISO, _FGDC = f"{{{NAMESPACES['gmd']}}}MD_Metadata", "metadata"
_ADVICE = "whoever wrote the record adds it"


def validate_record(path: Path) -> tuple[Finding, ...]:
    """Return what is wrong with a metadata record; nothing when all mandatory elements are there.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check the path and the rights"
        ) from error
    return validate_bytes(content)


def validate_bytes(content: bytes) -> tuple[Finding, ...]:
    """Judge a record that is already in memory, such as the one inside a GeoPackage."""
    # entities and external files stay closed: a record is somebody else's file
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        return (
            _finding("xml-not-well-formed", f"not well-formed XML: {error.msg}", "correct it at that line"),
        )
    if root.tag == _ISO:
        return (*_iso(root), *_free_text(root))
    if root.tag == _FGDC:
        return tuple(_fgdc(root))
    message = f"neither ISO 19139 nor FGDC: the root element is {root.tag}"
    return (_finding("metadata-unknown", message, "hand in a record in one of these two standards"),)


def _finding(rule: str, message: str, advice: str = _ADVICE, severity: Severity = "error") -> Finding:
    return Finding(rule=rule, severity=severity, message=message, advice=advice)


@cache
def _rules(name: str) -> tuple[dict[str, str], ...]:
    text = (resources.files("naatlas") / "metadata" / "rules" / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _iso(root: etree._Element) -> Iterator[Finding]:
    for rule in _rules("iso19139.csv"):
        found = _elements(root, rule["path"])
        told = [_said(element) or element.get("codeListValue", "") for element in found]
        if not any(told):
            yield _finding(
                "metadata-missing", f"{rule['clause']}: {rule['what']} is missing ({_last(rule['path'])})"
            )
        elif rule["pattern"] and not any(re.fullmatch(rule["pattern"], text) for text in told):
            message = f"{rule['clause']}: {told[0][:60]!r} is not {rule['what']} ({_last(rule['path'])})"
            yield _finding("metadata-invalid", message)


def _elements(root: etree._Element, path: str) -> Iterator[etree._Element]:
    for part in path.split("|"):
        yield from root.iterfind(part, NAMESPACES)


def _last(path: str) -> str:
    """Return the element that a path speaks of, without its prefix and the way to it."""
    names = [name for name in re.sub(r"\[[^\]]*\]", "", path).split("/") if not name.startswith("gco:")]
    return names[-1].rpartition(":")[2]


def _free_text(root: etree._Element) -> Iterator[Finding]:
    """Name free text that catalogues lose or that is not in all declared languages."""
    declared = {f"#{locale.get('id')}" for locale in root.iterfind("gmd:locale/gmd:PT_Locale", NAMESPACES)}
    for text in root.iter(f"{{{NAMESPACES['gmd']}}}PT_FreeText"):
        element = next(text.iterancestors())
        name = etree.QName(element).localname
        given = {said.get("locale") for said in text.iterfind(".//gmd:LocalisedCharacterString", NAMESPACES)}
        if not element.findtext("gco:CharacterString", namespaces=NAMESPACES):
            yield _finding(
                "metadata-invalid", f"{name}: PT_FreeText without CharacterString, which catalogues lose"
            )
        if lost := sorted(declared - given):
            message = f"{name}: not in all declared languages, {', '.join(lost)} missing"
            yield _finding("metadata-language", message, severity="warning")


def _fgdc(root: etree._Element) -> Iterator[Finding]:
    for rule in _rules("fgdc.csv"):
        for parent in root.iter(rule["parent"]):
            lost = [name for name in rule["children"].split() if not _filled(parent.find(name))]
            if lost:
                label = parent.findtext("attrlabl")
                where = f"{rule['parent']} {label}" if label else rule["parent"]
                yield _finding("metadata-missing", f"CSDGM {where}: {', '.join(lost)} missing or empty")


def _filled(element: etree._Element | None) -> bool:
    return element is not None and bool(_said(element))


def _said(element: etree._Element) -> str:
    return " ".join("".join(str(text) for text in element.itertext()).split())
