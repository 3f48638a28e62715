"""The columns of the power plant layer."""

from __future__ import annotations

from naatlas.layers._point_fields import point
from naatlas.spec import Field

#: Energy sources in the order of the trilateral tables, with their shapefile columns; battery came after 2017.
CAPACITY_COLUMNS = {
    "coal": "Coal_MW",
    "natural_gas": "NG_MW",
    "petroleum": "Crude_MW",
    "other": "Other_MW",
    "hydroelectric": "Hydro_MW",
    "pumped_storage": "HydroPS_MW",
    "nuclear": "Nuclear_MW",
    "solar": "Solar_MW",
    "wind": "Wind_MW",
    "geothermal": "Geo_MW",
    "biomass": "Bio_MW",
    "tidal": "Tidal_MW",
    "battery": "Bat_MW",
}
ENERGY_SOURCES = tuple(CAPACITY_COLUMNS)

#: Renewable in the trilateral tables: pumped storage is in, other and battery are not.
RENEWABLE = ("hydroelectric", "pumped_storage", "solar", "wind", "geothermal", "biomass", "tidal")

#: Sources that burn something: only their plants have emissions to report.
COMBUSTION = ("coal", "natural_gas", "petroleum", "biomass", "other")

#: Pollutant -> (value field, stem of the shapefile columns); mercury in kilograms, all others in tonnes a year.
POLLUTANTS = {
    "nox": ("nox_t", "NOx"),
    "so2": ("so2_t", "SO2"),
    "co2": ("co2_t", "CO2"),
    "co2e": ("co2e_t", "CO2e"),
    "ch4": ("ch4_t", "CH4"),
    "n2o": ("n2o_t", "N2O"),
    "hg": ("hg_kg", "Hg"),
    "pm25": ("pm25_t", "PM25"),
    "pm10": ("pm10_t", "PM10"),
}

#: No source has these by plant in any of the three countries.
GAPS = ("pm25", "pm10")


def _capacity(source: str, column: str) -> Field:
    return Field(name=f"{source}_mw", dtype="real", dbf=column, low=0.0, high=30000.0, balloon=True)


def _emission(pollutant: str) -> tuple[Field, ...]:
    value, stem = POLLUTANTS[pollutant]
    gap = pollutant in GAPS

    def short(end: str) -> str | None:
        return None if gap else f"{stem}{end}"

    return (
        Field(
            name=value,
            dtype="real",
            dbf=short("_kg" if value.endswith("_kg") else "_t"),
            low=0.0,
            decimals=3,
            balloon=not gap,
            gap=gap,
        ),
        Field(name=f"{pollutant}_year", dtype="integer", dbf=short("_Year"), low=1990, high=2100, gap=gap),
        Field(
            name=f"{pollutant}_method", dtype="text", dbf=short("_Mth"), classes="emission_method", gap=gap
        ),
        Field(name=f"{pollutant}_source", dtype="text", dbf=short("_Src"), gap=gap),
        Field(
            name=f"{pollutant}_status", dtype="text", dbf=short("_Stat"), classes="emission_status", gap=gap
        ),
        Field(
            name=f"{pollutant}_comparability",
            dtype="text",
            dbf=short("_Cmp"),
            classes="comparability",
            gap=gap,
        ),
    )


FIELDS: tuple[Field, ...] = (
    Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),
    Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
    Field(name="state", dtype="text", dbf="StateProv", required=True, classes="state", balloon=True),
    Field(name="name", dtype="text", dbf="Facility", required=True),
    Field(name="owner", dtype="text", dbf="Owner", balloon=True),
    Field(name="operator", dtype="text", dbf="Operator", balloon=True),
    Field(name="city", dtype="text", dbf="City", balloon=True),
    Field(
        name="capacity_mw", dtype="real", dbf="Total_MW", required=True, low=0.0, high=30000.0, balloon=True
    ),
    Field(
        name="capacity_definition",
        dtype="text",
        dbf="Cap_Def",
        required=True,
        classes="capacity_definition",
        balloon=True,
    ),
    Field(name="renewable_mw", dtype="real", dbf="Renew_MW", low=0.0, high=30000.0, balloon=True),
    *(_capacity(source, column) for source, column in CAPACITY_COLUMNS.items()),
    Field(
        name="primary_source",
        dtype="text",
        dbf="PrimSource",
        required=True,
        classes="energy_source",
        balloon=True,
    ),
    Field(name="primary_source_national", dtype="text", dbf="PrimNatl", balloon=True),
    Field(name="primary_renewable", dtype="text", dbf="PrimRenew", classes="energy_source"),
    Field(name="status", dtype="text", dbf="Status", classes="plant_status", balloon=True),
    Field(name="year_online", dtype="integer", dbf="YearOnline", low=1880, high=2100, balloon=True),
    Field(name="reference_period", dtype="text", dbf="Period", required=True, balloon=True),
    Field(name="source_agency", dtype="text", dbf="Source", balloon=True),
    Field(name="eia_plant_code", dtype="text", dbf="EIA_Code"),
    Field(name="nrcan_id", dtype="text", dbf="NRCan_ID"),
    Field(name="cre_permit", dtype="text", dbf="CRE_Permit"),
    Field(name="retc_nra", dtype="text", dbf="RETC_NRA"),
    Field(name="ghgrp_id", dtype="text", dbf="GHGRP_ID"),
    *point(east=-50.0),
    *(field for pollutant in POLLUTANTS for field in _emission(pollutant)),
)
