"""The dictionary of the feature table inside the GeoPackage: its schema extension, and each column in three languages.

GDAL and QGIS show name, meaning and coded values of a column from ``gpkg_data_columns``, which holds one language. All
three stand in ``gpkg_metadata`` at the level of the column.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from naatlas.export.numbers import symbol
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from naatlas.export.look import Look
    from naatlas.metadata.words import Text
    from naatlas.spec import Field

#: Standard of the column's description, as ``gpkg_metadata`` names it.
COLUMN_STANDARD = "https://schema.org/PropertyValue"

_EXTENSION = ("gpkg_schema", "http://www.geopackage.org/spec120/#extension_schema", "read-write")

# Tables as the schema extension of the GeoPackage standard (annex F.9) lays them out.
_TABLES = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  name TEXT,
  title TEXT,
  description TEXT,
  mime_type TEXT,
  constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL,
  constraint_type TEXT NOT NULL,
  value TEXT,
  min NUMERIC,
  min_is_inclusive BOOLEAN,
  max NUMERIC,
  max_is_inclusive BOOLEAN,
  description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
"""


def add(file: sqlite3.Connection, table: str, fields: Sequence[Field], look: Look) -> None:
    """Describe the columns of the feature table: label with unit, meaning, and the values that may stand there.

    GDAL and QGIS show the label as the alias of the column, whose name stays what it is. A class list becomes an
    enumeration that QGIS offers in a form, bounds become a range.
    """
    for statement in _TABLES.split(";"):
        file.execute(statement)
    for own in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        file.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", (own, *_EXTENSION))
    file.executemany(
        "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)",
        [
            _column(table, field, title, look)
            for field, title in zip(fields, _titles(fields, look), strict=True)
        ],
    )
    rows = dict.fromkeys(row for field in fields for row in _constraint(field, look))
    file.executemany("INSERT INTO gpkg_data_column_constraints VALUES (?, ?, ?, ?, ?, ?, ?, ?)", list(rows))


def _titles(fields: Sequence[Field], look: Look) -> list[str]:
    """Label each column with its unit; labels that repeat are told apart by the column's name, as the standard asks."""
    titles = [look.heading_of(field) for field in fields]
    return [
        title if titles.count(title) == 1 else f"{title} [{field.name}]"
        for title, field in zip(titles, fields, strict=True)
    ]


def _column(table: str, field: Field, title: str, look: Look) -> tuple[str | None, ...]:
    meaning = look.words.definition(field.name, look.language)
    return table, field.name, title, title, meaning, _constraint_name(field, look)


def _constraint_name(field: Field, look: Look) -> str | None:
    """Name what limits the values of a field; a list that is kept elsewhere limits nothing here."""
    if field.classes:
        return field.classes if field.classes in look.words.classes else None
    return f"{field.name}_range" if field.low is not None and field.high is not None else None


def _constraint(field: Field, look: Look) -> Iterator[tuple[object, ...]]:
    name = _constraint_name(field, look)
    if name is None:
        return
    if field.classes:
        for code in look.words.classes[field.classes]:
            yield name, "enum", code, None, None, None, None, look.class_name(code, field.classes)
    else:
        yield name, "range", None, field.low, 1, field.high, 1, None


def descriptions(fields: Sequence[Field], look: Look) -> Iterator[tuple[str, str]]:
    """Yield name and description of each column: label, meaning and unit in all languages, as JSON-LD."""
    for field in fields:
        told = {
            "@context": {"@vocab": "https://schema.org/"},
            "@type": "PropertyValue",
            "name": field.name,
            "alternateName": _tagged(look.words.labels[field.name]),
            "description": _tagged(look.words.definitions[field.name]),
            "unitText": symbol(field.unit) or None,
        }
        known = {key: value for key, value in told.items() if value is not None}
        yield field.name, json.dumps(known, ensure_ascii=False, separators=(",", ":"))


def _tagged(text: Text) -> list[dict[str, str]]:
    return [{"@language": lang, "@value": text[lang]} for lang in LANGUAGES]
