"""How glaciers and the chart of an ice service become one layer. No layer itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas.facts import Facts
from naatlas.harmonize import crosswalk
from naatlas.layers import _features as features
from naatlas.layers.glaciers_sea_ice import GLACIERS, ICE_CHART
from naatlas.layers._land import FOREIGN
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.harmonize.crosswalk import Crosswalk
    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Publish each polygon of ice with its kind and where it lies."""
    facts = Facts(work.edition.sources)
    geometry = _glaciers(tables[GLACIERS.id], facts, work)
    if ICE_CHART.id in tables:
        geometry |= _chart(tables[ICE_CHART.id], facts, work)
    return features.combined(facts, spec, geometry)


def _glaciers(table: Table, facts: Facts, work: Work) -> dict[str, object]:
    rows = table.frame.index
    name, rank = table.frame["name"], table.frame["scalerank"]
    geometry, ids = _placed("NA-GLA", table, rows, facts)
    kind = features.Origin(GLACIERS.id, rows, "featurecla", table.frame["featurecla"])
    ranked = features.Origin(GLACIERS.id, rows, "scalerank", rank)
    named = features.Origin(GLACIERS.id, rows, "name", name)
    shape = features.Origin(GLACIERS.id, rows, "geometry", table.frame["geometry"])
    features.derive(facts, "ice", ids, ["glacier"] * len(ids), kind, "all of the file is glacier")
    features.derive(facts, "name", ids, name, named, "as published")
    features.derive(facts, "scale_rank", ids, rank.astype("Int64"), ranked, "as published")
    # behind the countries by location, so that it only fills what they leave open
    foreign = [FOREIGN] * len(ids)
    features.derive(facts, "country", ids, foreign, shape, "lies in none of the three countries")
    work.ledger.settle(GLACIERS.id, rows, State.PUBLISHED, ids)
    return dict(zip(ids, geometry, strict=True))


def _placed(prefix: str, table: Table, rows: pd.Index, facts: Facts) -> tuple[np.ndarray, pd.Series]:
    """Repair the polygons of some rows, name them, and tell what they touch and how large they are."""
    geometry = shapely.make_valid(
        table.geometry.loc[rows].to_numpy(), method="structure", keep_collapsed=False
    )
    ids = features.place_ids(prefix, geometry)
    shape = features.Origin(table.source.id, rows, "geometry", table.frame.loc[rows, "geometry"])
    told = features.touched(geometry)
    for field in ("country", "countries", "states"):
        features.derive(facts, field, ids, told[field], shape, "by location")
    features.derive(facts, "area_km2", ids, features.area_km2(geometry), shape, "area on the ellipsoid")
    return geometry, ids


def _chart(table: Table, facts: Facts, work: Work) -> dict[str, object]:
    """Take the ice of a SIGRID-3 chart; its land and open water are no features."""
    types = crosswalk.load("sea_ice", "poly_type")
    kind = _coded(table, "POLY_TYPE", types, work)
    there = kind[kind.notna() & (kind != "")]
    rows = there.index
    geometry, ids = _placed("NA-ICE", table, rows, facts)
    told = features.Origin(ICE_CHART.id, rows, "POLY_TYPE", table.frame.loc[rows, "POLY_TYPE"])
    features.derive(facts, "ice", ids, there, told, f"crosswalk {types.file}")
    _concentration(table, rows, ids, facts, work)
    work.ledger.settle(ICE_CHART.id, rows, State.PUBLISHED, ids)
    rest = work.ledger.open_of(ICE_CHART.id)
    work.ledger.settle(ICE_CHART.id, rest, State.OUT_OF_SCOPE, "open water, land or no data in the chart")
    return dict(zip(ids, geometry, strict=True))


def _concentration(table: Table, rows: pd.Index, ids: pd.Series, facts: Facts, work: Work) -> None:
    codes = crosswalk.load("sea_ice", "concentration")
    cell = table.frame.loc[rows, "CT"]
    bounds = _coded(table, "CT", codes, work).loc[rows].str.extract(r"(\d+)-(\d+)").astype("Int64")
    origin = features.Origin(ICE_CHART.id, rows, "CT", cell)
    for side, field in enumerate(("concentration_low_percent", "concentration_high_percent")):
        features.derive(facts, field, ids, bounds[side], origin, f"crosswalk {codes.file}")


def _coded(table: Table, column: str, codes: Crosswalk, work: Work) -> pd.Series:
    """Recode a column; terms that the table does not know stop the build."""
    cells = table.frame[column].str.strip()
    strange = cells[cells.notna() & ~cells.isin(list(codes.codes))].value_counts().sort_index()
    work.unknown.extend(
        f"{table.source.id}: {column} {term!r} in {count} row(s); add it to {codes.file}, vocabulary {codes.vocabulary}"
        for term, count in strange.items()
    )
    return cells.map(codes.codes).astype("string")
