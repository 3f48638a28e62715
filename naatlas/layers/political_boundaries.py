"""States, provinces and territories of the three countries, and the land around them, as one coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import AREA, ATLAS_ID, LAND, edition, names
from naatlas.spec import Field, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

SPEC = LayerSpec(
    slug="political-boundaries",
    name="PoliticalBoundaries",
    geometry="Polygon",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    generalize="coverage",
    uses=("rivers",),
    # Rivers end in the coast, which this layer shares with the coastline at every scale.
    anchors="rivers",
    minimum_km2=4.0,
    fields=(
        ATLAS_ID,
        Field(name="country", dtype="text", dbf="COUNTRY", required=True, classes="land", balloon=True),
        Field(name="state", dtype="text", dbf="STATEABB", classes="state", balloon=True),
        *names("NAME_{}"),
        Field(name="iso_country", dtype="text", dbf="ISO_A3"),
        AREA,
    ),
    sources=(LAND,),
    editions=edition(LAND),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Publish every piece of the land coverage, with the names of the framework."""
    from naatlas.facts import Facts
    from naatlas.framework.land import country_of
    from naatlas.layers import _features as features
    from naatlas.layers import _land as land
    from naatlas.ledger import State

    table = tables[LAND.id]
    pieces = land.coverage(table)
    code = pieces["code"]
    ids = "NA-POL-" + code.replace("", "OTHER")
    facts = Facts(work.edition.sources)
    origin = features.Origin(LAND.id, code.index, "code", code)
    features.derive(facts, "country", ids, land.country(code), origin, "other land is FN")
    features.derive(facts, "state", ids, land.state(code), origin, "as published")
    features.derive(facts, "iso_country", ids, country_of(code), origin, "country of the code")
    for field, told in land.names(code).items():
        features.derive(facts, field, ids, told, origin, land.NAMED_BY)
    shape = features.Origin(LAND.id, code.index, "geometry", table.frame["geometry"])
    area = features.area_km2(pieces.geometry)
    features.derive(facts, "area_km2", ids, area, shape, "measured on the WGS84 ellipsoid")
    work.ledger.settle(LAND.id, code.index, State.PUBLISHED, ids)
    return features.combined(facts, SPEC, dict(zip(ids, pieces.geometry, strict=True)))
