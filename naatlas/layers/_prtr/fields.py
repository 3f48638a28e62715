"""The columns that the layers of facilities share, one year or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers._point_fields import point
from naatlas.layers._prtr.media import NOT_TOLD
from naatlas.spec import Field

if TYPE_CHECKING:
    from collections.abc import Mapping


def amount(name: str, dbf: str) -> Field:
    """Return a field of kilograms that a register tells."""
    return Field(name=name, dtype="real", dbf=dbf, low=0.0, decimals=3, balloon=True)


def totals(media: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the sums of a facility: by medium (shapefile column by code), of PBTs, and what is kept apart."""
    return (
        Field(
            name="releases_status",
            dtype="text",
            dbf="RelStatus",
            required=True,
            classes="prtr_status",
            balloon=True,
        ),
        amount("releases_kg", "Release_kg"),
        amount("transfers_kg", "Transf_kg"),
        *(amount(f"{medium}_kg", dbf) for medium, dbf in media.items()),
        amount(f"{NOT_TOLD}_kg", "NotTold_kg"),
        amount("pbts_kg", "PBTs_kg"),
        amount("criteria_kg", "Criter_kg"),
        amount("greenhouse_gases_kg", "GHG_kg"),
        Field(name="dioxins_g", dtype="real", dbf="Dioxins_g", unit="gram", low=0.0, decimals=4),
        Field(name="dioxins_basis", dtype="text", dbf="DioxBasis", classes="dioxin_basis"),
    )


def origin(*, east: float) -> tuple[Field, ...]:
    """Return who tells of a facility, under which number, and where it lies, no farther east than stated (degrees)."""
    return (
        Field(name="flags", dtype="text", dbf="Flags"),
        Field(name="reference_period", dtype="text", dbf="Period", required=True, balloon=True),
        Field(name="source_agency", dtype="text", dbf="Source", balloon=True),
        Field(name="npri_id", dtype="text", dbf="NPRI_ID"),
        Field(name="tri_id", dtype="text", dbf="TRI_ID"),
        Field(name="retc_nra", dtype="text", dbf="RETC_NRA"),
        *point(east=east),
    )


#: Id, place and sector.
PLACE = (
    Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),
    Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
    Field(name="state", dtype="text", dbf="StateProv", required=True, classes="state", balloon=True),
    Field(name="name", dtype="text", dbf="Facility", required=True),
    Field(name="city", dtype="text", dbf="City", balloon=True),
    Field(name="sector", dtype="text", dbf="Sector", required=True, classes="prtr_sector", balloon=True),
    Field(name="sector_national", dtype="text", dbf="SectorNatl", balloon=True),
    Field(name="naics_national", dtype="text", dbf="NAICS_Natl"),
    Field(name="naics_2017", dtype="text", dbf="NAICS_2017"),
)
