"""How glaciers and the chart of an ice service become one layer. No layer itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.facts import Facts
from naatlas.harmonize import crosswalk
from naatlas.layers import _features as features
from naatlas.layers._land import FOREIGN
from naatlas.layers._overlay import first_of_equal, shapes_of
from naatlas.layers.glaciers_sea_ice import GLACIERS, ICE_CHART
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

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
    """Take glaciers; what bears one name is one feature, such as the two halves of the Greenland Ice Sheet."""
    rows, name = table.frame.index, table.frame["name"]
    shapes = shapes_of(table)
    equal = first_of_equal(shapes, name)
    whole, geometry = _joined(shapes, name.fillna(pd.Series(equal.astype("str"), rows)))
    first = rows[whole.drop_duplicates().index]
    ids = _placed("NA-GLA", geometry, table, first, facts)
    columns = {"ice": ("featurecla", "all of the file is glacier"), "name": ("name", "as published")}
    columns["scale_rank"] = ("scalerank", "as published")
    for field, (column, rule) in columns.items():
        cell = table.frame.loc[first, column]
        value = ["glacier"] * len(ids) if field == "ice" else cell
        value = cell.astype("Int64") if field == "scale_rank" else value
        features.derive(facts, field, ids, value, features.Origin(GLACIERS.id, first, column, cell), rule)
    # behind the countries by location, so that it only fills what they leave open
    shape = features.Origin(GLACIERS.id, first, "geometry", table.frame.loc[first, "geometry"])
    features.derive(facts, "country", ids, [FOREIGN] * len(ids), shape, "lies in none of the three countries")
    _settle(rows, whole, ids, equal, work)
    return dict(zip(ids, geometry, strict=True))


def _settle(rows: pd.Index, whole: pd.Series, ids: pd.Series, equal: NDArray[np.int64], work: Work) -> None:
    again = equal != np.arange(len(equal))
    parts = whole.mask(again).duplicated(keep=False).to_numpy() & ~again
    into = ids.iloc[whole].reset_index(drop=True)
    states = ((State.MERGED, again), (State.AGGREGATED, parts), (State.PUBLISHED, ~again & ~parts))
    for state, hit in states:
        work.ledger.settle(GLACIERS.id, rows[hit], state, into[hit])


def _joined(shapes: NDArray[Any], name: pd.Series) -> tuple[pd.Series, NDArray[Any]]:
    """Unite the polygons of one name; return the number of the feature by position, and the features."""
    whole = pd.Series(pd.factorize(name)[0])
    united = np.empty(whole.nunique(), dtype=object)
    united[:] = [shapely.union_all(shapes[own]) for _, own in whole.groupby(whole).indices.items()]
    return whole, united


def _placed(prefix: str, geometry: NDArray[Any], table: Table, rows: pd.Index, facts: Facts) -> pd.Series:
    """Name features, and tell what they touch and how large they are."""
    ids = features.place_ids(prefix, geometry)
    shape = features.Origin(table.source.id, rows, "geometry", table.frame.loc[rows, "geometry"])
    told = features.touched(geometry)
    for field in ("country", "countries", "states"):
        features.derive(facts, field, ids, told[field], shape, "by location")
    features.derive(facts, "area_km2", ids, features.area_km2(geometry), shape, "area on the ellipsoid")
    return ids


def _chart(table: Table, facts: Facts, work: Work) -> dict[str, object]:
    """Take the ice of a SIGRID-3 chart; its land and open water are no features."""
    types = crosswalk.load("sea_ice", "poly_type")
    kind = _coded(table, "POLY_TYPE", types, work)
    there = kind[kind.notna() & (kind != "")]
    rows = there.index
    geometry = shapes_of(table, rows)
    ids = _placed("NA-ICE", geometry, table, rows, facts)
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
