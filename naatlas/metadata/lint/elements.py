"""Mandatory elements: ISO and its table A.1, the North American Profile, FGDC, the minimum of other records."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from naatlas.metadata.iso_parts import NAMESPACES
from naatlas.metadata.lint.document import elements
from naatlas.metadata.lint.reading import find, said
from naatlas.metadata.lint.tables import code_lists, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from naatlas.metadata.lint.reading import Reading
    from naatlas.model import Finding

_PROFILE = re.compile(r"north american profile|profil nord-am[ée]ricain|\bNAP\b|HNAP", re.IGNORECASE)
_LEVELS = {"dataset": ("dataset", "RI_622"), "series": ("series", "RI_623")}
#: Values of the registers of the profile, which Canadian records use in place of ISO's.
_NAP_VALUE = re.compile(r"RI_\d+")
_LANGUAGE = re.compile(r"[a-z]{3}(; ?[A-Z]{3})?")
_TOPICS = "MD_TopicCategoryCode"
#: What the profile wants in English and in French.
_BILINGUAL = (
    "gmd:identificationInfo/*/gmd:citation/gmd:CI_Citation/gmd:title",
    "gmd:identificationInfo/*/gmd:abstract",
    "gmd:contact/gmd:CI_ResponsibleParty/gmd:organisationName",
)


def claims_profile(root: etree._Element) -> bool:
    """Tell whether an ISO record says that it follows the North American Profile."""
    told = " ".join(said(node) for node in find(root, "metadataStandardName"))
    return bool(_PROFILE.search(told))


def mandatory(reading: Reading) -> Iterator[Finding]:
    """Name what the standard itself demands and the record lacks."""
    if reading.document.standard == "fgdc":
        yield from _fgdc(reading)
        return
    root = reading.document.root
    for rule in table("minimum"):
        if rule["standard"] == reading.document.standard and not any(map(said, find(root, rule["path"]))):
            yield from _lost(reading, "element-missing", f"{rule['what']}: missing", rule["path"])


def _lost(reading: Reading, code: str, message: str, path: str) -> Iterator[Finding]:
    """Say where an element is missing: below the last of its ancestors that is there."""
    steps = re.sub(r"\[[^\]]*\]", "", path.split("|", maxsplit=1)[0]).split("/")
    node, depth = reading.document.root, 0
    for depth, step in enumerate(steps):
        below = next(find(node, step), None)
        if below is None or (depth == len(steps) - 1):
            break
        node = below
    yield reading.finding(code, message, node, "/".join(steps[depth:]))


@cache
def _long_names() -> dict[str, str]:
    """Names of the CSDGM elements as its text writes them, by tag."""
    return {row["element"]: row["name"] for row in table("csdgm_names")}


def _fgdc(reading: Reading) -> Iterator[Finding]:
    """Name the mandatory parts that a compound which is there lacks."""
    compounds = {rule["parent"] for rule in table("fgdc")}
    for rule in table("fgdc"):
        for parent in reading.document.root.iter(rule["parent"]):
            lost = [name for name in rule["children"].split() if _lacks(parent, name, compounds)]
            if lost:
                label = parent.findtext("attrlabl")
                name = f"{rule['parent']} {label}" if label else rule["parent"]
                told_as = ", ".join(f"{_long_names().get(child, child)} ({child})" for child in lost)
                message = f"{name}: {told_as} missing or empty"
                yield reading.finding("element-missing", message, parent, lost[0] if len(lost) == 1 else "")


def _lacks(parent: etree._Element, name: str, compounds: set[str]) -> bool:
    """Tell whether a part is missing; a compound that is there but empty is judged by its own parts."""
    found = parent.findall(name)
    return not found or (name not in compounds and not any(map(said, found)))


def conditional(reading: Reading) -> Iterator[Finding]:
    """Hold an ISO record against the conditions that schemas cannot express."""
    root = reading.document.root
    levels = {said(node) for node in find(root, "hierarchyLevel/*")} | {
        node.get("codeListValue", "") for node in find(root, "hierarchyLevel/*")
    }
    known = {name: not levels or bool(levels & set(values)) for name, values in _LEVELS.items()}
    for rule in table("table_a1"):
        for node in cast("list[Any]", root.xpath(rule["context"], namespaces=NAMESPACES)):
            if not node.xpath(f"boolean({rule['holds']})", namespaces=NAMESPACES, **known):
                message = f"{rule['what']}, by table A.1"
                yield reading.finding("element-conditional", message, node, rule["missing"])


def profile(reading: Reading) -> Iterator[Finding]:
    """Hold an ISO record against the profile when it claims it; else say in one sentence what it lacks."""
    root, lost = reading.document.root, list[dict[str, str]]()
    claimed = claims_profile(root)
    for rule in table("nap"):
        found = [node for path in rule["path"].split("|") for node in root.iterfind(path, NAMESPACES)]
        told = [(node, text) for node in found if (text := said(node))]
        if not told:
            lost.append(rule)
        elif claimed and rule["pattern"] and not any(re.fullmatch(rule["pattern"], text) for _, text in told):
            node, text = told[0]
            message = f"{text[:60]!r} is not {rule['what']} ({rule['clause']})"
            yield reading.finding("nap-value", message, node)
    if claimed:
        for rule in lost:
            yield from _lost(
                reading, "nap-missing", f"{rule['what']}: missing ({rule['clause']})", rule["path"]
            )
        yield from _bilingual(reading)
    elif lost:
        names = ", ".join(dict.fromkeys(rule["what"] for rule in lost))
        yield reading.finding("nap-not-claimed", f"the record does not claim the profile, and lacks {names}")


def _bilingual(reading: Reading) -> Iterator[Finding]:
    locales = {
        locale.get("id"): said(code)[:3]
        for locale in find(reading.document.root, "locale/PT_Locale")
        for code in find(locale, "languageCode/LanguageCode")
    }
    main = next((said(node)[:3] for node in find(reading.document.root, "language/*")), "")
    for path in _BILINGUAL:
        for node in reading.document.root.iterfind(path, NAMESPACES):
            given = {main} if any(map(said, find(node, "CharacterString"))) else set()
            given |= {
                locales.get(text.get("locale", "").lstrip("#"), "")
                for text in find(node, ".//LocalisedCharacterString")
                if said(text)
            }
            if lost := [name for code, name in (("eng", "English"), ("fra", "French")) if code not in given]:
                last = path.rpartition(":")[2]
                yield reading.finding("nap-bilingual", f"{last} is not given in {' and '.join(lost)}", node)


def codes(reading: Reading) -> Iterator[Finding]:
    """Name values that are in no code list, or not as the list writes them."""
    lists = code_lists(reading.document.standard)
    for node in elements(reading.document.root):
        name = node.tag.rpartition("}")[2]
        value = node.get("codeListValue")
        if name == "LanguageCode" and value and not _LANGUAGE.fullmatch(value):
            message = f"{value[:40]!r} is no language of ISO 639-2, such as eng, fra or spa"
            yield reading.finding("code-unknown", message, node)
        if name not in lists:
            continue
        if value is None and (name == _TOPICS or reading.document.standard == "fgdc"):
            value = said(node)
        if value and value not in lists[name] and not _NAP_VALUE.fullmatch(value):
            yield reading.finding(
                "code-unknown", f"{value[:40]!r} is not in {_list(name, lists[name])}", node
            )
        elif value == "" and reading.document.standard != "fgdc":  # there it is told as missing
            yield reading.finding("code-unknown", f"{name} is empty", node)


def _list(name: str, values: frozenset[str]) -> str:
    """Short lists are written out."""
    told = ", ".join(sorted(values))
    return f"{name} ({told})" if len(told) < 160 else f"the code list {name}"  # noqa: PLR2004 - two lines
