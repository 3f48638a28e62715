"""What GDAL does not put into a GeoPackage: metadata records, a default style, and a quiet file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from naatlas.export import gpkg_schema
from naatlas.styles.qml import qml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from naatlas.export.look import Look
    from naatlas.spec import Field, Geometry

_METADATA_EXTENSION = (
    "gpkg_metadata",
    "http://www.geopackage.org/spec120/#extension_metadata",
    "read-write",
)

# Tables as the metadata extension of the GeoPackage standard (annex F.8) lays them out.
_METADATA_TABLES = """
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT ''
);
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL,
  table_name TEXT,
  column_name TEXT,
  row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
);
"""

# The table in which QGIS looks for the default style of a layer.
_STYLE_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256),
  f_table_schema TEXT(256),
  f_table_name TEXT(256),
  f_geometry_column TEXT(256),
  styleName TEXT(30),
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT(30),
  ui TEXT(30),
  update_time DATETIME DEFAULT CURRENT_TIMESTAMP
);
"""
_ISO, _FGDC = "http://www.isotc211.org/2005/gmd", "https://www.fgdc.gov/schemas/metadata/"


def add(
    path: Path,
    table: str,
    *,
    when: str,
    records: Mapping[str, bytes],
    look: Look,
    fields: Sequence[Field],
    geometry: Geometry = "Point",
    relate: Callable[[sqlite3.Connection], None] | None = None,
) -> None:
    """Add metadata, the dictionary of the columns and the default style to a GeoPackage that nobody has open.

    Parameters
    ----------
    table
        The feature table that records and style belong to.
    when
        Timestamp for all rows, ``YYYY-MM-DDThh:mm:ss.000Z``.
    records
        XML documents by file name.
    fields
        Of the feature table.
    geometry
        Kind of the features, which decides the kind of style.
    relate
        Relates the further tables to the features, while the file is open.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = OFF")
        file.execute("PRAGMA synchronous = OFF")
        file.execute("BEGIN")
        _name_crs(file)
        _add_records(file, table, when, records)
        gpkg_schema.add(file, table, fields, look)
        _add_columns(file, table, when, gpkg_schema.descriptions(fields, look))
        document = qml(look.style, look.class_names(), geometry, label=look.label_columns(fields))
        _add_style(file, table, when, document, look.text("title"))
        if relate:
            relate(file)
        file.execute("COMMIT")
        file.execute("VACUUM")


def _name_crs(file: sqlite3.Connection) -> None:
    file.execute(
        "UPDATE gpkg_spatial_ref_sys SET description = ? WHERE organization = 'NONE' AND srs_id > 0",
        ("North American Atlas Framework: Lambert azimuthal equal-area, 45N 100W, sphere of 6370997 m",),
    )


def _add_records(file: sqlite3.Connection, table: str, when: str, records: Mapping[str, bytes]) -> None:
    for statement in _METADATA_TABLES.split(";"):
        file.execute(statement)
    name, definition, scope = _METADATA_EXTENSION
    for own in ("gpkg_metadata", "gpkg_metadata_reference"):
        file.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", (own, name, definition, scope))
    for number, (key, content) in enumerate(sorted(records.items()), start=1):
        standard = _FGDC if "fgdc" in key.lower() else _ISO
        row = (number, "dataset", standard, "text/xml", content.decode("utf-8"))
        file.execute("INSERT INTO gpkg_metadata VALUES (?, ?, ?, ?, ?)", row)
        _refer(file, "geopackage", None, None, when, number)
        _refer(file, "table", table, None, when, number)


def _add_columns(
    file: sqlite3.Connection, table: str, when: str, descriptions: Iterable[tuple[str, str]]
) -> None:
    """Describe each column on its own, below the first record of the table where there is one."""
    (last,) = file.execute("SELECT coalesce(max(id), 0) FROM gpkg_metadata").fetchone()
    for number, (column, content) in enumerate(descriptions, start=last + 1):
        row = (number, "attributeType", gpkg_schema.COLUMN_STANDARD, "application/ld+json", content)
        file.execute("INSERT INTO gpkg_metadata VALUES (?, ?, ?, ?, ?)", row)
        _refer(file, "column", table, column, when, number, parent=1 if last else None)


def _refer(
    file: sqlite3.Connection,
    scope: str,
    table: str | None,
    column: str | None,
    when: str,
    number: int,
    *,
    parent: int | None = None,
) -> None:
    """Say which part of the file a metadata record belongs to."""
    file.execute(
        "INSERT INTO gpkg_metadata_reference VALUES (?, ?, ?, NULL, ?, ?, ?)",
        (scope, table, column, when, number, parent),
    )


def _add_style(file: sqlite3.Connection, table: str, when: str, document: str, title: str) -> None:
    file.execute(_STYLE_TABLE)
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
        (when,),
    )
    geometry = file.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
    ).fetchone()
    file.execute(
        "INSERT INTO layer_styles (id, f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
        "styleQML, useAsDefault, description, owner, update_time) VALUES (1, '', '', ?, ?, ?, ?, 1, ?, 'naatlas', ?)",
        (table, geometry[0], table[:30], document, title, when),
    )
