"""The Canadian files beside the trilateral tables."""

from __future__ import annotations

from naatlas.layers._licences import CC_BY_4_WRI, OGL_CANADA
from naatlas.spec import Csv, Excel, Source

WIND, LIST, GHG = "can-wind-turbines", "can-wri-list", "can-ghg-2021"

SOURCES: tuple[Source, ...] = (
    Source(
        id=WIND,
        country="CAN",
        title="Canadian Wind Turbine Database",
        publisher="Natural Resources Canada (CanmetENERGY-Ottawa) and University of Alberta",
        landing_page="https://open.canada.ca/data/en/dataset/79fdad93-9025-49ad-ba16-c26d718cc070",
        licence=OGL_CANADA,
        vintage="2020",
        path="power-plants/raw/canada/Wind_Turbine_Database_FGP.xlsx",
        layout=Excel(sheet="Wind Turbine Apr 27"),
        columns=(
            "Province/Territory",
            "Project name",
            "Total project capacity (MW)",
            "Turbine identifier",
            "Turbine number in project",
            "Turbine rated capacity (kW)",
            "Commissioning date",
            "Latitude",
            "Longitude",
        ),
        starter="can_wind_turbines.csv",
    ),
    Source(
        id=LIST,
        country="CAN",
        title="Power plants of Canada, collected by hand for the Global Power Plant Database",
        publisher="World Resources Institute",
        landing_page="https://github.com/wri/global-power-plant-database",
        licence=CC_BY_4_WRI,
        vintage="2018",
        path="power-plants/raw/canada/WRI_Canada.csv",
        layout=Csv(encoding="utf-8"),
        columns=(
            "Power Plant ID",
            "Name",
            "Fuel",
            "Capacity (MW)",
            "Commissioning Date",
            "Owner",
            "Operational Status",
            "Latitude",
            "Longitude",
            "Source",
            "Municipality",
        ),
        optional=True,
    ),
    Source(
        id=GHG,
        country="CAN",
        title="Greenhouse gas emissions from large facilities, 2021",
        publisher="Environment and Climate Change Canada",
        landing_page="https://www.canada.ca/en/environment-climate-change/services/environmental-indicators/greenhouse-gas-emissions/large-facilities.html",
        licence=OGL_CANADA,
        vintage="2021",
        path="power-plants/raw/canada/ECCC_CESI_GHG_emissions_large_facilities_2021.csv",
        layout=Csv(encoding="cp1252"),
        columns=(
            "Facility ID",
            "Facility name",
            "Company name",
            "City",
            "Province",
            "Latitude",
            "Longitude",
            "Total emissions",
            "Units",
            "Report year",
            "Industry classification",
        ),
        starter="can_ghg_2021.csv",
    ),
)
