"""Judge a document by the published schema of its standard, read offline from an installed package or a folder.

ISO 19139 (edition 2007-04-17, GML 3.2) comes with pycsw, KML 2.2 with fastkml, STAC with pystac: the extra
``validate`` installs them. The annotated schema of FGDC CSDGM comes with pymdwizard, which is installed without
what it requires (``pip install --no-deps pymdwizard``). No package is imported to reach its schema, and no
schema is fetched: what is not there is said, never passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from lxml import etree

from naatlas.errors import UsageError
from naatlas.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

Standard = Literal["iso19139", "fgdc", "kml", "stac"]


class _Home(NamedTuple):
    """Where a schema is found: in which package, under which name; ``witness``, a file beside it, holds ``mark``."""

    title: str
    package: str
    install: str
    pattern: str
    witness: str = ""
    mark: str = ""


#: Namespace of GML in records of the 2006 edition, and in those of the edition in force.
_GML_2006, _GML = "http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2"
_EXTRA = 'install the extra: pip install "naatlas[validate]"'
_HOMES: Mapping[Standard, _Home] = {
    # gmx.xsd brings gmd.xsd with it, and the anchors and file names that others write
    "iso19139": _Home("ISO 19139 of 2007", "pycsw", _EXTRA, "gmx.xsd", "crsItem.xsd", _GML),
    "fgdc": _Home(
        "FGDC-STD-001-1998 (annotated)",
        "pymdwizard",
        "install its carrier: pip install --no-deps pymdwizard",
        "fgdc-std-001-1998*.xsd",
    ),
    "kml": _Home("KML 2.2", "fastkml", _EXTRA, "ogckml22.xsd"),
    "stac": _Home("STAC", "pystac", _EXTRA, "item.json"),
}
_STAC_TYPES = {"Collection": "collection", "Catalog": "catalog"}
_LONGEST = 300


def check(
    root: etree._Element | Mapping[str, Any], standard: Standard, folder: Path | None = None
) -> tuple[Finding, ...]:
    """Return where a document departs from the schema of its standard; nothing when it is valid.

    Parameters
    ----------
    root
        Root element; of STAC the item or collection as read from JSON.
    folder
        Folder with schemas, looked into (with all below) before the installed packages.

    Returns
    -------
    tuple of Finding
        ``schema-invalid`` (error), ``where`` being line and XPath; one ``schema-not-consulted`` (info) when the
        schema is not there or cannot be read; ``schema-edition`` (warning) for ISO records of the 2006 edition.

    Raises
    ------
    UsageError
        ``folder`` is no folder.
    """
    if folder and not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; give the folder that holds the schemas")
    home = _HOMES[standard]
    path = _find(home, folder)
    if path is None:
        return (_silent(home, f"it is not installed (package {home.package})"),)
    if isinstance(root, Mapping):
        return tuple(_stac(root))
    try:
        schema = _schema(path)
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        return (_silent(home, f"{path.name} cannot be read ({_short(str(error))})"),)
    if standard != "iso19139":
        return tuple(_judge(root, schema))
    root, old = _modern(root)
    return (*([_edition(old)] if old else []), *_judge(root, schema))


def _find(home: _Home, folder: Path | None) -> Path | None:
    """Return the first file of that name in the folder, else in the package."""
    for place in (folder, _package(home.package)):
        found = sorted(place.rglob(home.pattern)) if place else []
        if path := next((path for path in found if _is_edition(path, home)), None):
            return path
    return None


def _is_edition(path: Path, home: _Home) -> bool:
    witness = path.parent / home.witness
    return not home.witness or (witness.is_file() and home.mark.encode() in witness.read_bytes())


@cache
def _package(name: str) -> Path | None:
    spec = find_spec(name)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


@cache
def _schema(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))


def _silent(home: _Home, why: str) -> Finding:
    return Finding(
        rule="schema-not-consulted",
        severity="info",
        message=f"the schema of {home.title} was not consulted: {why}; own rules alone were applied",
        advice=f"{home.install}, or give --schemas DIR",
    )


def _modern(root: etree._Element) -> tuple[etree._Element, int]:
    """Return a copy with GML of the 2006 edition named as in 2007, and how many names that were."""
    told, count = deepcopy(root), 0
    for node in told.iter(f"{{{_GML_2006}}}*"):
        node.tag = _renamed(node.tag)
        count += 1
    for node in told.iter(etree.Element):
        for name in [str(n) for n in node.attrib if str(n).startswith(f"{{{_GML_2006}}}")]:
            node.set(_renamed(name), node.attrib.pop(name))
    return told, count


def _renamed(name: str) -> str:
    return f"{{{_GML}}}{etree.QName(name).localname}"


def _edition(count: int) -> Finding:
    return Finding(
        rule="schema-edition",
        severity="warning",
        message=f"GML is that of the 2006 edition ({_GML_2006}), which tools of 2007 and later do not read",
        advice=f"write {_GML}",
        count=count,
    )


def _judge(root: etree._Element, schema: etree.XMLSchema) -> Iterator[Finding]:
    """Tell each kind of fault once for each kind of place, with the first line and how often."""
    schema.validate(root)
    log: Any = schema.error_log
    # A value is refused by its type and then by each type around it; the first entry says what was expected.
    told = {(entry.line, entry.path): entry for entry in reversed(list(log))}
    kinds = Counter((_place(entry.path), _short(entry.message)) for entry in told.values())
    for entry in sorted(told.values(), key=lambda entry: int(entry.line)):
        kind = (_place(entry.path), _short(entry.message))
        if count := kinds.pop(kind, 0):
            yield _invalid(f"line {entry.line}, {entry.path}", kind[1], count)


def _invalid(where: str, message: str, count: int = 1) -> Finding:
    return Finding(
        rule="schema-invalid",
        severity="error",
        where=where,
        message=message,
        advice="write the element as the schema of the standard has it; whoever made the file corrects it",
        count=count,
    )


def _place(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


def _short(message: str) -> str:
    """Take the namespaces out of a message, and cut long lists of what would be right."""
    return _cut(re.sub(r"\{[^}]*\}", "", " ".join(message.split())))


def _cut(told: str) -> str:
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST].rstrip()} ..."


def _stac(told: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge by the core schema: the schemas of the extensions lie on the web only."""
    try:
        import jsonschema
        from pystac.validation.local_validator import get_local_schema_cache
        from referencing import Registry, Resource
    except ImportError as error:
        yield _silent(_HOMES["stac"], f"{error.name} is not installed")
        return
    schemas = get_local_schema_cache()
    registry = Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    kind = _STAC_TYPES.get(str(told.get("type")), "item")
    core = next(schema for name, schema in schemas.items() if name.endswith(f"/{kind}.json"))
    faults = jsonschema.Draft7Validator(core, registry=registry).iter_errors(told)
    # The core schema is a union of parts: several of them may say the same.
    for where, message in dict.fromkeys((fault.json_path, _cut(fault.message)) for fault in faults):
        yield _invalid(where, message)
