"""What facilities release in each watershed: kilograms by substance group, to water and in all media on site."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._gpw import SOURCES as PEOPLE
from naatlas.layers._prtr.sources import EDITIONS
from naatlas.layers._prtr.sources import SOURCES as FILES
from naatlas.layers.prtr_watershed_loadings.fields import FIELDS, SUMS
from naatlas.spec import Edition, Gap, LayerSpec, Related
from naatlas.spec.layer import BY_LEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

FACILITIES, WATERSHEDS, HISTORY = "prtr-facilities", "watersheds", "prtr-releases"
#: Without the grid of people the layer has no values per person, and all others.
GRIDS = tuple(replace(source, optional=True) for source in PEOPLE)
_YEARS = sorted(source.vintage for source in FILES)
#: The basins do not change, and the registers through time have one edition of all years.
_STANDS_ON = {WATERSHEDS: "2014", HISTORY: f"{_YEARS[0]}to{_YEARS[-1]}"}


def _edition(year: str, *, default: bool) -> Edition:
    """Take the grid of people of that year, or the last one before it."""
    grid = max(source.vintage for source in GRIDS if source.vintage <= year)
    people = next(source.id for source in GRIDS if source.vintage == grid)
    return Edition(name=year, sources=(people,), default=default, uses=_STANDS_ON)


SPEC = LayerSpec(
    slug="prtr-watershed-loadings",
    name="PRTRWatershedLoadings",
    geometry="Polygon",
    key="atlas_id",
    # The polygons come generalized from the layer of watersheds.
    nested_by="level",
    fields=FIELDS,
    sources=GRIDS,
    editions=tuple(_edition(e.name, default=e.default) for e in EDITIONS),
    uses=(FACILITIES, WATERSHEDS, HISTORY),
    gaps=(
        Gap(
            field="releases_kg",
            country=None,
            why="the releases of some countries and states are in no file at hand: register_percent tells the rest",
        ),
        Gap(
            field="population",
            country=None,
            why="cells of half a degree: too coarse for watersheds below 10,000 km2",
        ),
    ),
    balance=dict.fromkeys(SUMS, BY_LEVEL),
    related=tuple(Related(table=name) for name in ("loadings", "contributions", "loadings_by_year")),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Locate the facilities in the watersheds and add up what they release there."""
    from naatlas.layers.prtr_watershed_loadings.assemble import (
        assemble,
    )  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
