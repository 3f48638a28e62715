"""The field dictionary of a record in CSDGM: every field with its meaning, and every code with its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.tree import put

if TYPE_CHECKING:
    from lxml import etree

    from naatlas.metadata.content import FieldEntry, Record

#: What a number may be when no bound is declared.
_ANY = "Any number"
_TEXT = "Text as the national source gives it; missing where it is not known"


def dictionary(parent: etree._Element, record: Record) -> None:
    """Append the entity type and all of its attributes to an empty ``detailed``."""
    kind = put(parent, "enttyp")
    put(kind, "enttypl", record.slug)
    put(kind, "enttypd", record.words.text("abstract", "en"))
    put(kind, "enttypds", "naatlas layer specification")
    for field in record.fields:
        _attribute(put(parent, "attr"), field, record)


def _attribute(parent: etree._Element, field: FieldEntry, record: Record) -> None:
    column = f" Column {field.dbf} in the shapefile." if field.dbf else ""
    gap = " No source fills this field." if field.gap else ""
    put(parent, "attrlabl", field.name)
    put(parent, "attrdef", f"{field.label['en']}. {field.definition['en']}{column}{gap}")
    put(parent, "attrdefs", "naatlas layer specification")
    if field.domain in record.classes:
        _codes(parent, field, record)
    elif field.domain:
        codes = put(parent, "attrdomv/codesetd")
        put(codes, "codesetn", record.codesets[field.domain]["en"])
        put(codes, "codesets", "International Organization for Standardization (ISO)")
    elif field.low is not None and field.high is not None:
        _range(put(parent, "attrdomv/rdom"), field)
    else:
        put(parent, "attrdomv/udom", _open_domain(field))


def _codes(parent: etree._Element, field: FieldEntry, record: Record) -> None:
    for value, label in record.classes[str(field.domain)].items():
        code = put(parent, "attrdomv/edom")
        put(code, "edomv", value)
        put(code, "edomvd", label["en"])
        put(code, "edomvds", "naatlas layer specification")


def _range(parent: etree._Element, field: FieldEntry) -> None:
    put(parent, "rdommin", f"{field.low:g}")
    put(parent, "rdommax", f"{field.high:g}")
    if field.unit:
        put(parent, "attrunit", field.unit)


def _open_domain(field: FieldEntry) -> str:
    if field.dtype == "text":
        return _TEXT
    told = _ANY if field.low is None else f"Number of {field.low:g} or more"
    return f"{told}, in {field.unit}" if field.unit else told
