"""What a sum is made of: the values of facilities behind a value of a watershed, told by the GeoPackage alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

#: Table with one row a value that is added up in a feature, and how many of them an explanation shows.
TABLE, SHOWN = "contributions", 3

_COLUMNS = (
    "facility", "facility_name", "substance", "medium", "value", "source", "row", "national_field", "national_value",
    "rule",
)  # fmt: skip


def parts(base: sqlite3.Connection, layer: str, key: str, feature: str) -> dict[str, dict[str, Any]]:
    """Return by field the largest values that are added up in a feature, and in all features that lie in it.

    Parameters
    ----------
    base
        A GeoPackage of naatlas; rows are mappings.
    layer, key
        Its feature table and the column of ids. A layer whose features lie in each other has a column ``parent``.

    Returns
    -------
    dict
        Field -> ``values`` (how many there are), ``facilities`` and ``largest``, as many as ``SHOWN``; empty for a
        product without the table.
    """
    tables = {row["name"] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if TABLE not in tables:
        return {}
    below = _below(base, layer, key)
    query = f"""
        WITH RECURSIVE below(id) AS (SELECT ?{below}),
        ranked AS (
            SELECT c.*, row_number() OVER own AS place, count(*) OVER (PARTITION BY field) AS n
            FROM {TABLE} c JOIN below ON c."{key}" = below.id
            WINDOW own AS (PARTITION BY field ORDER BY value DESC, facility, source, "row")
        ),
        told AS (SELECT field AS name, count(DISTINCT facility) AS facilities FROM ranked GROUP BY field)
        SELECT * FROM ranked JOIN told ON told.name = ranked.field WHERE place <= {SHOWN} ORDER BY field, place
    """  # noqa: S608 - names of its own tables
    found: dict[str, dict[str, Any]] = {}
    for row in base.execute(query, (feature,)):
        entry = found.setdefault(
            row["field"], {"values": row["n"], "facilities": row["facilities"], "largest": []}
        )
        entry["largest"].append({name: row[name] for name in _COLUMNS})
    return found


def _below(base: sqlite3.Connection, layer: str, key: str) -> str:
    columns = {row["name"] for row in base.execute(f'PRAGMA table_info("{layer}")')}
    if "parent" not in columns:
        return ""
    return f' UNION SELECT f."{key}" FROM "{layer}" f JOIN below ON f.parent = below.id'  # noqa: S608 - its own table


def lines(told: Mapping[str, Any], unit: str, files: dict[str, int]) -> list[str]:
    """Lay out what a value is made of, for a reader at a terminal.

    Parameters
    ----------
    files
        Number of each source in the list below the explanation; new ones are added.
    """
    count, shown = told["values"], told["largest"]
    what = "made of" if count == len(shown) else f"the {len(shown)} largest of {count:,} values"
    text = [f"    {what}, from {told['facilities']:,} facilit{'y' if told['facilities'] == 1 else 'ies'}:"]
    for part in shown:
        number = files.setdefault(part["source"], len(files) + 1)
        name = f"{part['facility']} {part['facility_name'] or ''}".rstrip()
        text.append(f"      {part['value']:.10g}{unit}, {part['substance']}, {part['medium']}: {name}")
        cell = f"{part['national_field']} = {part['national_value']}; {part['rule']}"
        text.append(f"        [{number}] row {part['row']}: {cell}")
    return text
