"""A second way to the states of a comparison: SQL over the same long table and the rules as they stand in the CSV."""

from __future__ import annotations

import sqlite3
from importlib import resources
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUND = ("land", "underground_injection", "on_site_disposal")

_LINES = """
CREATE TABLE line AS
    SELECT l.atlas_id, l.year, s.country, coalesce(s.sector, 'not_stated') AS sector,
           coalesce(u.code, l.substance) AS unit, m.compared AS medium,
           max(coalesce(l.kg, 0), coalesce(l.g, 0)) AS amount,
           (l.kg IS NOT NULL OR l.g IS NOT NULL) AS told
    FROM long l JOIN site s ON s.atlas_id = l.atlas_id
    LEFT JOIN unit u ON u.term = l.substance
    LEFT JOIN medium m ON m.medium = l.medium;
CREATE INDEX by_unit ON line (country, year, unit, sector);
CREATE INDEX by_sector ON line (country, year, sector);
"""

_STATES = """
CREATE TABLE told AS
WITH cell AS (
    SELECT c.country, c.register, w.unit, w.year, s.sector, m.medium
    FROM (SELECT DISTINCT unit, year FROM line) w
    CROSS JOIN (SELECT DISTINCT coalesce(sector, 'not_stated') AS sector FROM site) s
    CROSS JOIN (SELECT DISTINCT compared AS medium FROM medium) m
    CROSS JOIN country c
),
asked AS (
    SELECT *,
        EXISTS (SELECT 1 FROM line x WHERE x.country = c.country AND x.unit = c.unit AND x.sector = c.sector
                AND x.year = c.year AND x.medium = c.medium AND x.amount > 0) AS quantity,
        EXISTS (SELECT 1 FROM line x WHERE x.country = c.country AND x.unit = c.unit AND x.sector = c.sector
                AND x.year = c.year AND x.told) AS spoken,
        EXISTS (SELECT 1 FROM line x WHERE x.country = c.country AND x.unit = c.unit AND x.sector = c.sector
                AND x.year = c.year AND x.medium IS NULL AND x.amount > 0) AS undivided,
        EXISTS (SELECT 1 FROM line x WHERE x.country = c.country AND x.unit = c.unit AND x.year = c.year)
        OR EXISTS (SELECT 1 FROM list l WHERE l.register = c.register AND l.unit = c.unit AND l.listed = 'yes'
                   AND c.year BETWEEN l.first_year AND l.last_year) AS on_list,
        EXISTS (SELECT 1 FROM list l WHERE l.register = c.register AND l.unit = c.unit AND l.listed = 'no'
                AND c.year BETWEEN l.first_year AND l.last_year) AS off_list,
        (c.sector <> 'not_stated' AND EXISTS (
            SELECT 1 FROM line x WHERE x.country = c.country AND x.sector = c.sector AND x.year = c.year))
        OR EXISTS (SELECT 1 FROM coverage k WHERE k.register = c.register AND k.sector = c.sector
                   AND k.covered <> 'no' AND c.year BETWEEN k.first_year AND k.last_year) AS covered,
        EXISTS (SELECT 1 FROM coverage k WHERE k.register = c.register AND k.sector = c.sector
                AND k.covered = 'no' AND c.year BETWEEN k.first_year AND k.last_year) AS uncovered,
        EXISTS (SELECT 1 FROM column_of q JOIN medium m ON m.medium = q.code
                WHERE q.register = c.register AND m.compared = c.medium) AS has_medium,
        EXISTS (SELECT 1 FROM line x WHERE x.country = c.country AND x.year = c.year) AS has_file
    FROM cell c
)
SELECT a.year, z."group", a.sector, a.medium, a.country,
    CASE WHEN quantity THEN 'reported'
         WHEN spoken AND has_medium AND (undivided OR (register = 'retc' AND year IN (2004, 2005, 2012))) THEN 'unknown'
         WHEN spoken AND has_medium THEN 'reported_zero'
         WHEN off_list AND NOT on_list THEN 'not_on_list'
         WHEN uncovered AND NOT covered THEN 'sector_not_covered'
         WHEN NOT has_medium THEN 'no_such_medium'
         WHEN NOT has_file THEN 'no_file'
         WHEN on_list AND covered THEN 'below_threshold_or_exempt'
         ELSE 'unknown' END AS state
FROM asked a JOIN substance z ON z.code = a.unit;
"""

Counts = dict[tuple[int, str, str, str], int]


def counts_by_sql(lines: pd.DataFrame, sites: pd.DataFrame) -> dict[str, Counts]:
    """Count the cells by group, sector and medium: year, part, country and state."""
    base = sqlite3.connect(":memory:")
    try:
        for name, table in _tables(lines, sites):
            table.astype(object).where(table.notna(), None).to_sql(name, base, index=False)
        base.executescript(_LINES)
        base.executescript(_STATES)
        return {by: _counts(base, by) for by in ("group", "sector", "medium")}
    finally:
        base.close()


def _counts(base: sqlite3.Connection, by: str) -> Counts:
    query = f'SELECT year, "{by}", country, state, count(*) FROM told GROUP BY 1, 2, 3, 4'  # noqa: S608 - of three words
    return {(int(y), part, country, state): int(n) for y, part, country, state, n in base.execute(query)}


def _tables(lines: pd.DataFrame, sites: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "long", lines[["atlas_id", "substance", "medium", "year", "kg", "g"]]
    yield "site", sites[["atlas_id", "country", "sector"]].drop_duplicates("atlas_id")
    yield "unit", _csv("prtr_comparison_units")[["term", "code"]]
    media = _csv("prtr_media")
    named = sorted(set(media["code"]) - {"", "medium_not_told"})
    compared = ["land" if m in _GROUND else m for m in named]
    yield "medium", pd.DataFrame({"medium": named, "compared": compared})
    register = media["vocabulary"].str.split("-").str[0]
    yield "column_of", media.assign(register=register)[["register", "code"]]
    yield "country", pd.DataFrame({"country": ["CAN", "USA", "MEX"], "register": ["npri", "tri", "retc"]})
    lists = _csv("prtr_lists").astype({"first_year": int, "last_year": int})
    unit = dict(zip(*(_csv("prtr_comparison_units")[c] for c in ("term", "code")), strict=True))
    yield "list", lists.assign(unit=lists["substance"].map(lambda code: unit.get(code, code)))
    yield "coverage", _csv("prtr_sector_coverage").astype({"first_year": int, "last_year": int})
    yield "substance", _csv("prtr_substances")[["code", "group"]]


def _csv(name: str) -> pd.DataFrame:
    path = resources.files("naatlas") / "crosswalks" / f"{name}.csv"
    with resources.as_file(path) as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)
