"""Facilities that report to the pollutant registers of the three countries, and what they release and transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._limits import LARGEST_CO2_T
from naatlas.layers._prtr.media import QUANTITIES
from naatlas.layers._prtr.npri_files import FLOWS, NPRI_FILES
from naatlas.layers._prtr.sources import EDITIONS, SOURCES
from naatlas.layers.prtr_facilities.fields import FIELDS
from naatlas.spec import Gap, LayerSpec, OutlierRule, Related

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

_NPRI = "no open file of NPRI releases by facility"
_PEERS = ("sector", "country")

SPEC = LayerSpec(
    slug="prtr-facilities",
    name="PRTRFacilities",
    geometry="Point",
    key="atlas_id",
    fields=FIELDS,
    sources=(*SOURCES, *NPRI_FILES),
    editions=EDITIONS,
    gaps=(
        *(
            Gap(field=name, country="CAN", why=_NPRI, unless=tuple(FLOWS))
            for name in ("releases_kg", "transfers_kg", "pbts_kg", *QUANTITIES)
        ),
        Gap(field="greenhouse_gases_kg", country="USA", why="the TRI does not cover greenhouse gases"),
        Gap(field="criteria_kg", country="USA", why="the TRI does not cover criteria pollutants"),
    ),
    balance=dict.fromkeys(QUANTITIES, "source-and-links"),
    related=(Related(table="releases"),),
    outliers=(
        OutlierRule(field="releases_kg", groups=_PEERS),
        OutlierRule(
            field="greenhouse_gases_kg",
            groups=_PEERS,
            ceiling=LARGEST_CO2_T * 1000,
            why="a coal plant of 5,000 MW, 8,784 h, 1.5 t/MWh",
        ),
    ),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Make one frame of facilities from the registers of the three countries."""
    from naatlas.layers.prtr_facilities.assemble import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
