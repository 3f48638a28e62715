"""How three national road files become one layer. No layer itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.facts import Facts
from naatlas.findings import finding
from naatlas.harmonize import crosswalk
from naatlas.layers import _features as features
from naatlas.layers._overlay import shapes_of
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec

#: Published and measured lengths may differ by this share: projected lengths of one file against another's.
LENGTH_SHARE = 0.01


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Recode type and country, measure, and publish every line."""
    facts = Facts(work.edition.sources)
    geometry: dict[str, object] = {}
    for table in tables.values():
        geometry |= _national(table, facts, work)
    return features.combined(facts, spec, geometry)


def _national(table: Table, facts: Facts, work: Work) -> dict[str, object]:
    frame, source = table.frame, table.source
    shapes = shapes_of(table)
    ids = features.place_ids(f"{source.country}-ROA", shapes, frame["Type"].reset_index(drop=True))
    length = features.length_km(shapes)
    for field, column in (("road_type", "Type"), ("country", "Country")):
        codes = crosswalk.load("roads", column.lower())
        origin = features.Origin(source.id, frame.index, column, frame[column])
        told = _coded(table, column, codes, work)
        features.derive(facts, field, ids, told, origin, f"crosswalk {codes.file}")
    name = frame["Name_Code"].str.strip()
    named = features.Origin(source.id, frame.index, "Name_Code", frame["Name_Code"])
    features.derive(facts, "name", ids, name.where(name != ""), named, "as published")
    measured = features.Origin(source.id, frame.index, "LengthKm", frame["LengthKm"])
    features.derive(facts, "length_km", ids, length, measured, "length on the ellipsoid")
    work.ledger.settle(source.id, frame.index, State.PUBLISHED, ids)
    _compare(table, length, work)
    return dict(zip(ids, shapes, strict=True))


def _coded(table: Table, column: str, codes: crosswalk.Crosswalk, work: Work) -> pd.Series:
    """Recode a column; terms that the table does not know, and another country's lines, stop the build."""
    cells = table.frame[column].str.strip().fillna("")
    told = cells.map(codes.codes)
    wrong = told.isna() | ((column == "Country") & (told != table.source.country))
    for term, count in cells[wrong].value_counts().sort_index().items():
        why = (
            f"add it to {codes.file}"
            if term not in codes.codes
            else f"it is no line of {table.source.country}"
        )
        work.unknown.append(f"{table.source.id}: {column} {term!r} in {count} row(s); {why}")
    return told


def _compare(table: Table, length: np.ndarray, work: Work) -> None:
    """Name the lines whose published length is not the measured one."""
    published = pd.to_numeric(table.frame["LengthKm"], errors="coerce").to_numpy()
    off = np.abs(published - length) > LENGTH_SHARE * length
    rows = tuple(str(row) for row in table.frame.index[off])
    if rows:
        work.findings.append(
            finding("length-differs", "info", where=table.source.id, ids=rows, share=LENGTH_SHARE)
        )
