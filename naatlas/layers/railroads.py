"""Railroads of the three countries, cut at the borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import ATLAS_ID, LENGTH, SCALE_RANK, edition, supplement
from naatlas.spec import Field, Gap, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from naatlas.model import Combined, Table, Work

RAILS = supplement(
    "railroads_north_america",
    title="Railroads, North America supplement (after the Commission for Environmental Cooperation)",
    columns=("featurecla", "scalerank", "sov_a3", "uident", "add"),
    theme="cultural",
    optional=False,
)

SPEC = LayerSpec(
    slug="railroads",
    name="Railroads",
    geometry="LineString",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    generalize="lines",
    fields=(
        ATLAS_ID,
        Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
        Field(name="states", dtype="text", dbf="States", required=True, balloon=True),
        Field(name="rail_type", dtype="text", gap=True),
        SCALE_RANK,
        LENGTH,
    ),
    sources=(RAILS,),
    editions=edition(RAILS),
    gaps=(
        Gap(
            field="rail_type",
            country=None,
            why="the source calls every line a railroad; it tells neither main line nor branch",
        ),
    ),
)

build = Build(SPEC)

_OUTSIDE = "lies in none of the three countries"


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Publish every line of the three countries, one feature a line and country."""
    from naatlas.facts import Facts
    from naatlas.layers import _features as features
    from naatlas.layers._overlay import cut_at_borders, shapes_of
    from naatlas.ledger import State

    table = tables[RAILS.id]
    pieces = cut_at_borders(shapes_of(table))
    rows = table.frame.index[pieces["line"]]
    ids = features.place_ids("NA-RAI", pieces["geometry"].to_numpy(), pieces["country"])
    facts = Facts(work.edition.sources)
    shape = features.Origin(RAILS.id, rows, "geometry", table.frame.loc[rows, "geometry"])
    declared = features.Origin(RAILS.id, rows, "sov_a3", table.frame.loc[rows, "sov_a3"])
    rank = features.Origin(RAILS.id, rows, "scalerank", table.frame.loc[rows, "scalerank"])
    length = features.length_km(pieces["geometry"].to_numpy())
    features.derive(facts, "country", ids, pieces["country"], declared, "by location, cut at the border")
    features.derive(facts, "states", ids, pieces["states"], shape, "by location")
    features.derive(facts, "scale_rank", ids, rank.cell.astype("Int64"), rank, "as published")
    features.derive(facts, "length_km", ids, length, shape, "length on the ellipsoid")
    into = ids.groupby(pieces["line"]).first()
    work.ledger.settle(RAILS.id, table.frame.index[into.index], State.PUBLISHED, into.reset_index(drop=True))
    work.ledger.settle(RAILS.id, work.ledger.open_of(RAILS.id), State.OUT_OF_SCOPE, _OUTSIDE)
    _compare(table, pieces, work)
    return features.combined(facts, SPEC, dict(zip(ids, pieces["geometry"], strict=True)))


def _compare(table: Table, pieces: pd.DataFrame, work: Work) -> None:
    """Name the lines whose declared country is not where they lie."""
    from naatlas.findings import finding

    declared = table.frame["sov_a3"].iloc[pieces["line"]]
    countries = pieces.groupby("line")["country"].transform(", ".join)
    wrong = [d not in c for d, c in zip(declared.fillna(""), countries, strict=True)]
    rows = tuple(str(row) for row in dict.fromkeys(declared.index[wrong]))
    if rows:
        work.findings.append(finding("outside-declared-country", "info", where=RAILS.id, ids=rows))
