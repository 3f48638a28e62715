"""The columns of the layer of facilities through the years."""

from __future__ import annotations

from naatlas.layers._prtr.media import ON_SITE
from naatlas.spec import Field


def _amount(name: str, dbf: str) -> Field:
    return Field(name=name, dtype="real", dbf=dbf, low=0.0, decimals=3, balloon=True)


def _year(name: str, dbf: str) -> Field:
    return Field(name=name, dtype="integer", dbf=dbf, low=1987, high=2100, balloon=True)


FIELDS: tuple[Field, ...] = (
    Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),
    Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
    Field(name="state", dtype="text", dbf="StateProv", required=True, classes="state", balloon=True),
    Field(name="name", dtype="text", dbf="Facility", required=True),
    Field(name="city", dtype="text", dbf="City", balloon=True),
    Field(name="sector", dtype="text", dbf="Sector", required=True, classes="prtr_sector", balloon=True),
    Field(name="sector_national", dtype="text", dbf="SectorNatl", balloon=True),
    Field(name="naics_national", dtype="text", dbf="NAICS_Natl"),
    Field(name="naics_2017", dtype="text", dbf="NAICS_2017"),
    _year("first_year", "FirstYear"),
    _year("last_year", "LastYear"),
    Field(name="years_reported", dtype="integer", dbf="Years", low=1, high=100, balloon=True),
    Field(name="substances", dtype="integer", dbf="Substances", low=0),
    Field(name="substance_groups", dtype="text", dbf="SubstGroup"),
    Field(
        name="releases_status",
        dtype="text",
        dbf="RelStatus",
        required=True,
        classes="prtr_status",
        balloon=True,
    ),
    _amount("releases_kg", "Release_kg"),
    _amount("transfers_kg", "Transf_kg"),
    *(_amount(f"{medium}_kg", dbf) for medium, dbf in ON_SITE.items()),
    _amount("criteria_kg", "Criter_kg"),
    _amount("greenhouse_gases_kg", "GHG_kg"),
    Field(name="dioxins_g", dtype="real", dbf="Dioxins_g", unit="gram", low=0.0, decimals=4),
    Field(name="dioxins_basis", dtype="text", dbf="DioxBasis", classes="dioxin_basis"),
    Field(name="trend", dtype="text", dbf="Trend", classes="prtr_trend", balloon=True),
    Field(name="trend_percent", dtype="real", dbf="TrendPctYr", unit="percent", low=-100.0, decimals=1),
    Field(name="trend_years", dtype="integer", dbf="TrendYears", low=5, high=100),
    Field(name="border_zone", dtype="text", dbf="BorderZone", classes="border_zone", balloon=True),
    Field(name="border_km", dtype="real", dbf="Border_km", unit="kilometer", low=0.0),
    Field(name="may_continue", dtype="text", dbf="MayCont"),
    Field(name="may_go_on_as", dtype="text", dbf="MayGoOnAs"),
    Field(name="flags", dtype="text", dbf="Flags"),
    Field(name="reference_period", dtype="text", dbf="Period", required=True, balloon=True),
    Field(name="source_agency", dtype="text", dbf="Source", balloon=True),
    Field(name="npri_id", dtype="text", dbf="NPRI_ID"),
    Field(name="tri_id", dtype="text", dbf="TRI_ID"),
    Field(name="retc_nra", dtype="text", dbf="RETC_NRA"),
    Field(name="latitude", dtype="real", dbf="Latitude", required=True, low=5.0, high=84.0, decimals=6),
    Field(name="longitude", dtype="real", dbf="Longitude", required=True, low=-180.0, high=-45.0, decimals=6),
    Field(
        name="coordinate_quality", dtype="text", dbf="CoordQual", required=True, classes="coordinate_quality"
    ),
)
