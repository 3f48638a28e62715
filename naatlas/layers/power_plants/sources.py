"""The files that the layer is made from: the trilateral tables and the registers of the United States."""

from __future__ import annotations

from naatlas.layers._licences import NACEI, US_PUBLIC_DOMAIN
from naatlas.spec import Csv, Excel, Source

_EIA860 = "https://www.eia.gov/electricity/data/eia860/"
_NACEI_HEADERS = (
    "Country",
    "Facility Name",
    "Owner Name (Company)",
    "Operator Name",
    "Latitude",
    "Longitude",
    "City (Site Name)",
    "State / Province / Territory",
    "Total Capacity (MW)",
    "Total Renewable Capacity (MW)",
    "Primary Energy Source",
    "Primary Renewable Energy Source",
    "Coal (MW)",
    "Natural Gas (MW)",
    "Petroleum (MW)",
    "Other Energy Source (MW)",
    "Hydroelectric (MW)",
    "Pumped-Storage Hydroelectric (MW)",
    "Nuclear (MW)",
    "Solar (MW)",
    "Wind (MW)",
    "Geothermal (MW)",
    "Biomass (MW)",
    "Tidal (MW)",
    "Source Agency",
    "Reference Period",
)


def _nacei(source_id: str, title: str, file: str, sheet: str, starter: str) -> Source:
    return Source(
        id=source_id,
        country=None,
        title=title,
        publisher="North American Cooperation on Energy Information (EIA, NRCan, SENER)",
        landing_page="https://www.nacei.org/",
        licence=NACEI,
        vintage="2017-08",
        path=f"power-plants/raw/trilateral/{file}",
        layout=Excel(sheet=sheet),
        columns=_NACEI_HEADERS,
        starter=starter,
    )


TRILATERAL = (
    _nacei(
        "nacei-ge100mw-201708",
        "Power plants of 100 MW or more, all energy sources",
        "PowerPlantsAllGE100MW_NorthAmerica_201708.xlsx",
        "PowerPlantsAllGE100MW",
        "nacei_ge100mw_201708.csv",
    ),
    _nacei(
        "nacei-renew-ge1mw-201708",
        "Renewable power plants of 1 MW or more",
        "PowerPlantsRenewGE1MW_NorthAmerica_201708.xlsx",
        "PowerPlantsRenewGE1MW",
        "nacei_renew_ge1mw_201708.csv",
    ),
)


def _schedule(source_id: str, title: str, file: str, sheet: str, starter: str, *more: str) -> Source:
    return Source(
        id=source_id,
        country="USA",
        title=f"Form EIA-860 2023, {title}",
        publisher="U.S. Energy Information Administration",
        landing_page=_EIA860,
        licence=US_PUBLIC_DOMAIN,
        vintage="2023",
        path=f"power-plants/raw/usa/{file}",
        layout=Excel(sheet=sheet, header_row=2),
        columns=("Plant Code", "Plant Name", "State", *more),
        starter=starter,
    )


_UNIT_HEADERS = ("Technology", "Nameplate Capacity (MW)", "Operating Year", "Status")

USA = (
    Source(
        id="usa-eia-atlas-202311",
        country="USA",
        title="U.S. Energy Atlas, power plants, 2023-11",
        publisher="U.S. Energy Information Administration",
        landing_page="https://atlas.eia.gov/",
        licence=US_PUBLIC_DOMAIN,
        vintage="2023-11",
        path="power-plants/raw/usa/EIA_EnergyAtlas_Power_Plants_202311.csv",
        layout=Csv(encoding="utf-8-sig"),
        columns=(
            "Plant_Code",
            "Plant_Name",
            "Utility_Name",
            "City",
            "State",
            "PrimSource",
            "Install_MW",
            "Total_MW",
            "Bat_MW",
            "Bio_MW",
            "Coal_MW",
            "Geo_MW",
            "Hydro_MW",
            "HydroPS_MW",
            "NG_MW",
            "Nuclear_MW",
            "Crude_MW",
            "Solar_MW",
            "Wind_MW",
            "Other_MW",
            "Source",
            "Period",
            "Longitude",
            "Latitude",
        ),
        starter="usa_eia_atlas_202311.csv",
    ),
    _schedule(
        "usa-eia860-plant-2023",
        "schedule 2, plants",
        "2___Plant_Y2023.xlsx",
        "Plant",
        "usa_eia860_plant_2023.csv",
        "Utility Name",
        "City",
        "Latitude",
        "Longitude",
    ),
    _schedule(
        "usa-eia860-wind-2023",
        "schedule 3.2, operable wind generators",
        "3_2_Wind_Y2023.xlsx",
        "Operable",
        "usa_eia860_wind_2023.csv",
        *_UNIT_HEADERS,
    ),
    _schedule(
        "usa-eia860-solar-2023",
        "schedule 3.3, operable solar generators",
        "3_3_Solar_Y2023.xlsx",
        "Operable",
        "usa_eia860_solar_2023.csv",
        *_UNIT_HEADERS,
    ),
    _schedule(
        "usa-eia860-storage-2023",
        "schedule 3.4, operable energy storage",
        "3_4_Energy_Storage_Y2023.xlsx",
        "Operable",
        "usa_eia860_storage_2023.csv",
        *_UNIT_HEADERS,
    ),
    Source(
        id="usa-egrid-units-2021",
        country="USA",
        title="eGRID 2021, unit file",
        publisher="U.S. Environmental Protection Agency",
        landing_page="https://www.epa.gov/egrid",
        licence=US_PUBLIC_DOMAIN,
        vintage="2021",
        path="power-plants/raw/usa/eGRID2021_access_unit_file_2021.xlsx",
        layout=Excel(sheet="Unit_File"),
        columns=(
            "pstatabb",
            "pname",
            "orispl",
            "unitid",
            "noxan",
            "so2an",
            "co2an",
            "hgan",
            "noxansrc",
            "so2src",
            "co2src",
            "hgsrc",
            "untyronl",
        ),
        starter="usa_egrid_units_2021.csv",
    ),
    Source(
        id="usa-egrid-2016",
        country="USA",
        title="eGRID 2016, plant emissions in SI units",
        publisher="U.S. Environmental Protection Agency and National Energy Technology Laboratory",
        landing_page="https://www.epa.gov/egrid",
        licence=US_PUBLIC_DOMAIN,
        vintage="2016",
        path="power-plants/raw/usa/eGRID_2016_fromstewicombo.csv",
        layout=Csv(),
        columns=(
            "FacilityID",
            "FlowAmount",
            "FlowName",
            "Unit",
            "ReliabilityScore",
            "Year",
            "FRS_ID",
            "eGRID_ID",
        ),
        starter="usa_egrid_2016.csv",
    ),
)
