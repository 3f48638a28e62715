"""Coal- and oil-fired power plants with what their country's pollutant register knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._point_fields import point
from naatlas.layers._prtr.media import ON_SITE
from naatlas.spec import Edition, Field, Gap, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

PLANTS, FACILITIES = "power-plants", "prtr-facilities"

#: What the register says of the facility that is the plant; the first ones are sums that are kept in balance.
QUANTITIES = (
    "releases_kg",
    "transfers_kg",
    *(f"{medium}_kg" for medium in ON_SITE),
    "criteria_kg",
    "greenhouse_gases_kg",
)
_DBF = {
    "releases_kg": "Release_kg",
    "transfers_kg": "Transf_kg",
    **{f"{medium}_kg": dbf for medium, dbf in ON_SITE.items()},
    "criteria_kg": "Criter_kg",
    "greenhouse_gases_kg": "GHG_kg",
}
_NPRI = "no open file of NPRI releases by facility"

SPEC = LayerSpec(
    slug="thermal-plant-releases",
    name="ThermalPlantReleases",
    geometry="Point",
    key="atlas_id",
    uses=(FACILITIES, PLANTS),
    editions=(
        Edition(name="2015", sources=(), uses={PLANTS: "2017"}, default=True),
        Edition(name="2017", sources=()),
        Edition(name="2022", sources=(), uses={PLANTS: "2023"}),
    ),
    fields=(
        Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),
        Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
        Field(name="state", dtype="text", dbf="StateProv", required=True, classes="state", balloon=True),
        Field(name="name", dtype="text", dbf="Facility", required=True),
        Field(name="capacity_mw", dtype="real", dbf="Total_MW", low=0.0, balloon=True),
        Field(
            name="capacity_definition",
            dtype="text",
            dbf="CapDef",
            required=True,
            classes="capacity_definition",
            balloon=True,
        ),
        Field(name="coal_mw", dtype="real", dbf="Coal_MW", low=0.0, balloon=True),
        Field(name="petroleum_mw", dtype="real", dbf="Petro_MW", low=0.0, balloon=True),
        Field(
            name="link_status",
            dtype="text",
            dbf="LinkStatus",
            required=True,
            classes="link_status",
            balloon=True,
        ),
        Field(name="facility_id", dtype="text", dbf="FacilityID", balloon=True),
        Field(name="facility_name", dtype="text", dbf="RegName", balloon=True),
        Field(
            name="link_score", dtype="real", dbf="LinkScore", low=0.0, high=100.0, decimals=1, balloon=True
        ),
        Field(name="releases_status", dtype="text", dbf="RelStatus", classes="prtr_status", balloon=True),
        *(
            Field(name=name, dtype="real", dbf=_DBF[name], low=0.0, decimals=3, balloon=True)
            for name in QUANTITIES
        ),
        Field(name="mercury_kg", dtype="real", dbf="Mercury_kg", low=0.0, decimals=3, balloon=True),
        Field(name="reference_period", dtype="text", dbf="Period", required=True, balloon=True),
        Field(name="source_agency", dtype="text", dbf="Source", balloon=True),
        *point(),
    ),
    gaps=(
        *(Gap(field=name, country="CAN", why=_NPRI) for name in (*QUANTITIES, "mercury_kg")),
        Gap(field="greenhouse_gases_kg", country="USA", why="the TRI does not cover greenhouse gases"),
        Gap(field="criteria_kg", country="USA", why="the TRI does not cover criteria pollutants"),
    ),
    balance=dict.fromkeys(QUANTITIES, "used"),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:  # noqa: ARG001 - it reads no file of its own
    """Put what the registers say beside each plant that burns coal or oil."""
    from naatlas.layers._thermal_links import combined  # keeps pandas out of ``naatlas list``

    return combined(SPEC, work.used[FACILITIES], work.used[PLANTS], work, QUANTITIES)
