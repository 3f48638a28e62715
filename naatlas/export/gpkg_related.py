"""Tables that belong to the features: the OGC's related tables extension (18-000) inside the GeoPackage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_EXTENSION = ("gpkg_related_tables", "http://www.geopackage.org/18-000.html", "read-write")

# As clause 7.2 of the standard lays it out.
_RELATIONS = """
CREATE TABLE gpkgext_relations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  base_table_name TEXT NOT NULL,
  base_primary_column TEXT NOT NULL DEFAULT 'id',
  related_table_name TEXT NOT NULL,
  related_primary_column TEXT NOT NULL DEFAULT 'id',
  relation_name TEXT NOT NULL,
  mapping_table_name TEXT NOT NULL UNIQUE
)
"""


def mapping_name(table: str, related: str) -> str:
    """Return the name of the table that says which rows belong together."""
    return f"{table}_{related}"


def add(file: sqlite3.Connection, table: str, related: Sequence[str], *, key: str, row_id: str) -> None:
    """Relate tables to the features; nothing is done where there are none.

    Parameters
    ----------
    file
        With the tables in it.
    table
        The feature table.
    related
        Names of the tables, each with the column ``key``.
    row_id
        Primary key of all of them.
    """
    if not related:
        return
    file.execute(_RELATIONS)
    _register(file, "gpkgext_relations")
    for name in related:
        mapping = mapping_name(table, name)
        file.execute(f'CREATE TABLE "{mapping}" (base_id INTEGER NOT NULL, related_id INTEGER NOT NULL)')
        file.execute(
            f'INSERT INTO "{mapping}" SELECT f."{row_id}", r."{row_id}" FROM "{name}" r '  # noqa: S608 - own names
            f'JOIN "{table}" f ON f."{key}" = r."{key}" ORDER BY r."{row_id}"'
        )
        # A form that shows the rows of one feature asks for them by the feature.
        file.execute(f'CREATE INDEX "idx_{mapping}_base_id" ON "{mapping}" (base_id)')
        file.execute(f'CREATE INDEX "idx_{name}_{key}" ON "{name}" ("{key}")')
        file.execute(
            "INSERT INTO gpkgext_relations (base_table_name, base_primary_column, related_table_name, "
            "related_primary_column, relation_name, mapping_table_name) VALUES (?, ?, ?, ?, 'attributes', ?)",
            (table, row_id, name, row_id, mapping),
        )
        _register(file, mapping)


def _register(file: sqlite3.Connection, table: str) -> None:
    file.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", (table, *_EXTENSION))
