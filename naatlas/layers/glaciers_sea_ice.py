"""Glaciers and ice sheets, and sea ice where a chart of a national ice service is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import AREA, ATLAS_ID, NAME, SCALE_RANK, edition, supplement
from naatlas.spec import Field, Gap, LayerSpec, Licence, Source, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

GLACIERS = supplement(
    "glaciated_areas",
    title="Glaciated areas",
    columns=("featurecla", "name", "scalerank"),
    optional=False,
)

#: One chart of the whole Arctic rather than one a country: two charts of one sea do not agree on its ice.
ICE_CHART = Source(
    id="usa-ice-chart",
    country=None,
    title="Weekly sea-ice chart of the Arctic, SIGRID-3 shapefile, of the September minimum",
    publisher="U.S. National Ice Center",
    landing_page="https://usicecenter.gov/Products/ArcticData",
    licence=Licence(
        id="US-PD",
        name="U.S. Government work, not subject to copyright in the United States",
        attribution="Source: U.S. National Ice Center.",
        url="https://usicecenter.gov/",
        checked=False,
    ),
    vintage="2022-09",
    path="sea-ice/arctic_sigrid3_2022-09.zip",
    layout=Vector(),
    columns=("CT", "POLY_TYPE"),
    optional=True,
)


def _percent(name: str, dbf: str) -> Field:
    return Field(name=name, dtype="integer", unit="percent", dbf=dbf, low=0, high=100, balloon=True)


SPEC = LayerSpec(
    slug="glaciers-sea-ice",
    name="GlaciersSeaIce",
    geometry="Polygon",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    generalize="polygons",
    minimum_km2=4.0,
    fields=(
        ATLAS_ID,
        Field(name="ice", dtype="text", dbf="Ice", required=True, classes="ice", balloon=True),
        NAME,
        Field(name="country", dtype="text", dbf="Country", classes="land", balloon=True),
        Field(name="countries", dtype="text", dbf="Countries", balloon=True),
        Field(name="states", dtype="text", dbf="States", balloon=True),
        _percent("concentration_low_percent", "ConcLowPct"),
        _percent("concentration_high_percent", "ConcHighPc"),
        SCALE_RANK,
        AREA,
    ),
    sources=(GLACIERS, ICE_CHART),
    editions=edition(GLACIERS, ICE_CHART),
    gaps=tuple(
        Gap(
            field=field,
            country=None,
            why="sea ice is in the layer only where the chart of an ice service is in the data folder; "
            "glaciers have no concentration",
        )
        for field in ("concentration_low_percent", "concentration_high_percent")
    ),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Publish glaciers, and the ice of the chart if there is one."""
    from naatlas.layers._ice import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
