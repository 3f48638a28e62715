"""The field dictionary of a record in CSDGM: every field with its meaning, and every code with its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.tree import put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from naatlas.metadata.content import FieldEntry, Record

#: What a number may be when no bound is declared.
_ANY = "Any number"
_TRUTH = {"true": "Yes", "false": "No"}
_TEXT = "Text as the national source gives it; missing where it is not known"


def dictionary(parent: etree._Element, record: Record) -> None:
    """Append the entity type and all of its attributes to an empty ``detailed``."""
    kind = put(parent, "enttyp")
    put(kind, "enttypl", record.slug)
    put(kind, "enttypd", record.words.text("abstract", "en"))
    put(kind, "enttypds", _defined_by(record))
    for field in record.fields:
        _attribute(put(parent, "attr"), field, record)


def overviews(parent: etree._Element, record: Record) -> None:
    """Append to ``eainfo`` what else is told of the features beside their own attributes."""
    told = record.words.texts
    for name, text in (("GeoPackage", "file_gpkg"), ("Provenance (Parquet)", "file_provenance")):
        overview = put(parent, "overview")
        put(overview, "eaover", f"{name}: {told[text]['en']}.")
        put(overview, "eadetcit", f"metadata/{record.slug}_en.html, manifest.json")


def _attribute(parent: etree._Element, field: FieldEntry, record: Record) -> None:
    column = f" Column {field.dbf} in the shapefile." if field.dbf else " Not in the shapefile."
    gap = " No source fills this field." if field.gap else ""
    put(parent, "attrlabl", field.name)
    put(parent, "attrdef", f"{field.label['en']}. {field.definition['en']}{column}{gap}")
    put(parent, "attrdefs", _defined_by(record))
    if field.domain in record.classes:
        labels = record.classes[str(field.domain)]
        _codes(parent, {code: label["en"] for code, label in labels.items()}, record)
    elif field.dtype == "boolean":
        _codes(parent, _TRUTH, record)
    elif field.domain:
        codes = put(parent, "attrdomv/codesetd")
        put(codes, "codesetn", record.codesets[field.domain]["en"])
        put(codes, "codesets", "International Organization for Standardization (ISO)")
    elif field.low is not None and field.high is not None:
        _range(put(parent, "attrdomv/rdom"), field)
    else:
        put(parent, "attrdomv/udom", _open_domain(field))


def _defined_by(record: Record) -> str:
    return f"naatlas {record.version}, specification of the layer {record.slug}"


def _codes(parent: etree._Element, meanings: Mapping[str, str], record: Record) -> None:
    for value, meaning in meanings.items():
        code = put(parent, "attrdomv/edom")
        put(code, "edomv", value)
        put(code, "edomvd", meaning)
        put(code, "edomvds", _defined_by(record))


def _range(parent: etree._Element, field: FieldEntry) -> None:
    put(parent, "rdommin", f"{field.low:.12g}")
    put(parent, "rdommax", f"{field.high:.12g}")
    if field.unit:
        put(parent, "attrunit", field.unit)


def _open_domain(field: FieldEntry) -> str:
    if field.dtype == "text":
        return _TEXT
    told = _ANY if field.low is None else f"Number of {field.low:.12g} or more"
    return f"{told}, in {field.unit}" if field.unit else told
