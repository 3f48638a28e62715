"""Rules of ids, of styles that are shared by them, and of the fields of features."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from naatlas.validation.kml.fault import Fault
from naatlas.validation.kml.reading import KML, ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lxml import etree

    from naatlas.validation.kml.reading import Document, Opened

    Schemas = Mapping[str, Mapping[str, str]]

_NCNAME = re.compile(r"[^\W\d][\w.\-\u00b7]*")
_WEB = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")


def faults(opened: Opened) -> Iterator[tuple[Document, Fault]]:
    """Yield what is wrong with ids, styles and schemas in all documents."""
    known = {document.name: {name for name, _ in ids(document.root)} for document in opened.documents}
    for document in opened.documents:
        for fault in _of(document, known):
            yield document, fault


def _of(document: Document, known: Mapping[str, set[str]]) -> Iterator[Fault]:
    yield from _ids(document)
    yield from _style_urls(document, known)
    yield from _style_maps(document)
    yield from _schema_data(document, known)


def _ids(document: Document) -> Iterator[Fault]:
    seen: set[str] = set()
    for name, node in ids(document.root):
        if not _NCNAME.fullmatch(name):
            yield Fault("ids", f"id {name!r} does not start with a letter, or holds what no id may", node)
        if name in seen:
            yield Fault("ids", f"id {name!r} stands twice", node)
        seen.add(name)


def _style_urls(document: Document, known: Mapping[str, set[str]]) -> Iterator[Fault]:
    for node in document.root.iter(f"{KML}styleUrl"):
        url = (node.text or "").strip()
        file, sharp, name = url.partition("#")
        if _WEB.match(url):
            yield Fault("files outside", f"styleUrl {url} is fetched from the web", node)
        elif file or not sharp:
            yield from _style_of_another(document, known, node, url)
        elif name not in known[document.name]:
            yield Fault("styles", f"styleUrl {url} leads nowhere", node)


def _style_of_another(
    document: Document, known: Mapping[str, set[str]], node: etree._Element, url: str
) -> Iterator[Fault]:
    file, sharp, name = url.partition("#")
    if not sharp:
        yield Fault("styles", f"styleUrl {url or '(empty)'} names no style: it lacks #", node)
    elif document.path(file) not in known:
        yield Fault("styles", f"styleUrl {url}: there is no such file", node)
    elif name not in known[document.path(file)]:
        yield Fault("styles", f"styleUrl {url} leads nowhere", node)


def _style_maps(document: Document) -> Iterator[Fault]:
    for node in document.root.iter(f"{KML}StyleMap"):
        keys = sorted((key.text or "").strip() for key in node.iterfind(f"{KML}Pair/{KML}key"))
        if keys != ["highlight", "normal"]:
            told = ", ".join(keys) or "none"
            yield Fault(
                "style maps", f"StyleMap {node.get('id')} has pairs {told}, not normal and highlight", node
            )
        for pair in node.iterfind(f"{KML}Pair"):
            if all(pair.find(f"{KML}{name}") is None for name in ("styleUrl", "Style", "StyleMap")):
                yield Fault("style maps", f"a pair of StyleMap {node.get('id')} names no style", pair)


def _schema_data(document: Document, known: Mapping[str, set[str]]) -> Iterator[Fault]:
    schemas = {
        node.get("id", ""): {
            f.get("name", ""): f.get("type", "string") for f in node.iterfind(f"{KML}SimpleField")
        }
        for node in document.root.iter(f"{KML}Schema")
    }
    for data in document.root.iter(f"{KML}SchemaData"):
        file, _, name = (data.get("schemaUrl") or "").strip().partition("#")
        if _WEB.match(file) or (file and name in known.get(document.path(file), ())):
            continue  # the fields are declared elsewhere
        if file or name not in schemas:
            yield Fault("schema data", f"schemaUrl {data.get('schemaUrl')} leads to no Schema", data)
            continue
        for value in data.iterfind(f"{KML}SimpleData"):
            yield from _value(value, schemas[name], name)


def _value(value: etree._Element, fields: Mapping[str, str], schema: str) -> Iterator[Fault]:
    name, text = value.get("name", ""), (value.text or "").strip()
    kind = fields.get(name)
    if kind is None:
        yield Fault("schema data", f"field {name!r} is not declared in Schema {schema}", value)
    elif text and kind in _TYPES and not _reads(text, _TYPES[kind]):
        yield Fault("schema types", f"{text!r} of field {name!r} is no {kind}", value)


def _whole(text: str) -> None:
    int(text)


def _real(text: str) -> None:
    float(text)


def _bool(text: str) -> None:
    if text.lower() not in {"true", "false", "0", "1"}:
        raise ValueError


_TYPES: Mapping[str, Callable[[str], None]] = {
    **dict.fromkeys(("int", "uint", "short", "ushort"), _whole),
    **dict.fromkeys(("float", "double"), _real),
    "bool": _bool,
}


def _reads(text: str, reader: Callable[[str], None]) -> bool:
    try:
        reader(text)
    except ValueError:
        return False
    return True
