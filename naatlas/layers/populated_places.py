"""Cities and towns of the three countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import ATLAS_ID, SCALE_RANK, edition, names, packaged, supplement
from naatlas.layers._point_fields import point
from naatlas.spec import Field, Gap, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

BASE = packaged(
    "towns",
    title="Populated places",
    version="2.0",
    columns=("name", "state", "rank", "population", "capital"),
    theme="cultural",
)
NAMED = supplement(
    "populated_places",
    title="Populated places",
    columns=(
        "NAME", "NAME_EN", "NAME_FR", "NAME_ES", "NAMEASCII", "ADM0_A3", "ADM1NAME", "FEATURECLA", "SCALERANK",
        "POP_MAX", "GEONAMEID",
    ),
    theme="cultural",
)  # fmt: skip

SPEC = LayerSpec(
    slug="populated-places",
    name="PopulatedPlaces",
    geometry="Point",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    fields=(
        ATLAS_ID,
        Field(name="name", dtype="text", dbf="Name", required=True),
        *names(),
        Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
        Field(name="state", dtype="text", dbf="StateProv", required=True, classes="state", balloon=True),
        Field(name="capital", dtype="text", dbf="Capital", required=True, classes="capital", balloon=True),
        Field(name="population", dtype="integer", dbf="Population", low=1, high=40_000_000, balloon=True),
        Field(name="population_year", dtype="integer", gap=True),
        SCALE_RANK,
        Field(name="geonames_id", dtype="text", dbf="GeonamesID"),
        *point(east=180.0),
    ),
    sources=(BASE, NAMED),
    editions=edition(NAMED, BASE),
    gaps=(
        Gap(
            field="population_year",
            country=None,
            why="Natural Earth does not say of which year a population is",
        ),
    ),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Take each place once, with names in three languages and the state in which it lies."""
    from naatlas.layers._populated_places import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
