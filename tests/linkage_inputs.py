"""The registers of the labelled pairs as linkage reads them, straight from the national files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize.names import split_company
from naatlas.layers.power_plants.union import linkable, same_plant

if TYPE_CHECKING:
    from pathlib import Path

_TRILATERAL = {
    "nacei-ge100mw-201708": "PowerPlantsAllGE100MW_NorthAmerica_201708.xlsx",
    "nacei-renew-ge1mw-201708": "PowerPlantsRenewGE1MW_NorthAmerica_201708.xlsx",
}
_WRI = {
    "hydro": "hydroelectric", "wind": "wind", "solar": "solar", "gas": "natural_gas", "oil": "petroleum",
    "diesel": "petroleum", "coal": "coal", "nuclear": "nuclear", "biomass": "biomass", "waste": "biomass",
    "biogas": "biomass", "wave and tidal": "tidal", "cogeneration": "combustion",
}  # fmt: skip
_CRE = {
    "gas": "natural_gas", "combustóleo": "petroleum", "diesel": "petroleum", "diésel": "petroleum",
    "coque": "petroleum", "carbón": "coal", "bagazo": "biomass", "biogás": "biomass", "biomasa": "biomass",
    "sol": "solar", "viento": "wind", "eólica": "wind", "agua": "hydroelectric", "vapor": "geothermal",
    "nuclear": "nuclear", "residuos": "biomass",
}  # fmt: skip
_EIA = {
    "batteries": "battery",
    "natural gas": "natural_gas",
    "pumped storage": "pumped_storage",
    "crude oil": "petroleum",
}
_EIA_COLUMNS = {
    "Bio_MW": "biomass", "Coal_MW": "coal", "Geo_MW": "geothermal", "Hydro_MW": "hydroelectric",
    "HydroPS_MW": "pumped_storage", "NG_MW": "natural_gas", "Nuclear_MW": "nuclear", "Crude_MW": "petroleum",
    "Solar_MW": "solar", "Wind_MW": "wind",
}  # fmt: skip
_MX_STATES = {
    "MEXICO": "México", "DISTRITO FEDERAL": "Ciudad de México", "COAHUILA DE ZARAGOZA": "Coahuila",
    "VERACRUZ DE IGNACIO DE LA LLAVE": "Veracruz", "MICHOACAN DE OCAMPO": "Michoacán", "ESTADO DE MEXICO": "México",
    "QUERETARO DE ARTEAGA": "Querétaro", "QUERETARO ARTEAGA": "Querétaro",
}  # fmt: skip


def trilateral(data: Path, country: str, which: str) -> pd.DataFrame:
    """Rows of a country in one of the trilateral tables, by its source id, or in ``nacei``, their union."""
    if which == "nacei":
        ge100, renew = trilateral_tables(data)
        parts = (ge100, renew.drop(index=same_plant(ge100, renew)["renew_row"]))
        tables = [_labelled(f[f["Country"] == country], n) for n, f in zip(_TRILATERAL, parts, strict=True)]
        return pd.concat(tables)
    frame = _excel(data, f"trilateral/{_TRILATERAL[which]}")
    return _labelled(frame[frame["Country"] == country], which)


def trilateral_tables(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both trilateral tables with their published headers, indexed by row number."""
    ge100, renew = (_excel(data, f"trilateral/{name}") for name in _TRILATERAL.values())
    return ge100, renew


def _labelled(frame: pd.DataFrame, which: str) -> pd.DataFrame:
    told = linkable(frame)
    told.index = [f"{which}:{row}" for row in told.index]
    return told


def wri_canada(data: Path) -> pd.DataFrame:
    """Hand-collected plants; points of the last 29, which are scrambled, are left out."""
    frame = pd.read_csv(_raw(data) / "canada/WRI_Canada.csv", encoding="utf-8")
    scrambled = frame["Source"].eq("Canadian Power Plant Database")
    told = pd.DataFrame({
        "name": frame["Name"], "owner": frame["Owner"].mask(scrambled), "country": "Canada",
        "energy_source": frame["Fuel"].str.lower().map(_WRI).fillna(""), "capacity_mw": frame["Capacity (MW)"],
        "longitude": frame["Longitude"].mask(scrambled), "latitude": frame["Latitude"].mask(scrambled),
    })  # fmt: skip
    told.index = [f"can-wri-list:{i}" for i in frame["Power Plant ID"]]
    return told


def wind_projects(data: Path) -> pd.DataFrame:
    """Canadian wind turbines by project: the middle of the turbines, the project's total."""
    frame = _excel(data, "canada/Wind_Turbine_Database_FGP.xlsx")
    frame.columns = [" ".join(str(c).split()) for c in frame.columns]
    told = frame.groupby(["Province/Territory", "Project name"], as_index=False).agg(
        capacity_mw=("Total project capacity (MW)", "max"),
        longitude=("Longitude", "mean"),
        latitude=("Latitude", "mean"),
    )
    told = told.rename(columns={"Province/Territory": "state", "Project name": "name"}).assign(
        country="Canada", energy_source="wind"
    )
    told["state"] = told["state"].replace({"Quebec": "Québec"})
    told.index = [f"can-wind-turbines:{a}|{b}" for a, b in zip(told["state"], told["name"], strict=True)]
    return told


def cesi(data: Path) -> pd.DataFrame:
    """Large Canadian emitters of 2021 that make electricity; no capacity, combustion or not known."""
    file = _raw(data) / "canada/ECCC_CESI_GHG_emissions_large_facilities_2021.csv"
    frame = pd.read_csv(file, encoding="cp1252")
    frame.columns = [" ".join(str(c).split()) for c in frame.columns]
    sector = "Industry classification"
    frame = frame[frame[sector].astype("str").str.contains("Electric Power Gen")]
    told = pd.DataFrame({
        "name": frame["Facility name"], "owner": frame["Company name"], "country": "Canada",
        "state": frame["Province"].replace({"Quebec": "Québec"}),
        "longitude": pd.to_numeric(frame["Longitude"]), "latitude": pd.to_numeric(frame["Latitude"]),
        "energy_source": frame[sector].map({"Fossil-Fuel Electric Power Generation": "combustion"}).fillna(""),
    })  # fmt: skip
    told.index = [f"can-ghg-2021:{i}" for i in frame["Facility ID"]]
    return told


def retc(data: Path, year: int) -> pd.DataFrame:
    """Mexican establishments that make electricity: ``COMPANY,PLANT`` is cut at the last comma that is not a form."""
    file = data / f"prtr/raw/mx_retc/es_{year}.csv.gz"
    frame = pd.read_csv(file, sep="\t", dtype="str", encoding="utf-8")
    frame.columns = [" ".join(c.split()) for c in frame.columns]
    frame = frame[frame["SECTOR"].str.strip().str.casefold().eq("generación de energia electrica")]
    cut = split_company(frame["NOMBRE"])
    company, plant = cut["company"], cut["plant"]
    told = pd.DataFrame({
        "name": plant, "alt_names": company.where(~company.str.contains("(?i)comisi[oó]n federal|^cfe", na=False)),
        "owner": company, "country": "Mexico", "state": frame["ESTADO"].map(mexican_state),
        "longitude": -frame["LONGITUD OESTE"].map(_degrees), "latitude": frame["LATITUD NORTE"].map(_degrees),
        "energy_source": "",
    })  # fmt: skip
    told.index = [f"mex-retc-es-{year}:{nra}" for nra in frame["NRA"]]
    return told


def cre(data: Path) -> pd.DataFrame:
    """Read the Mexican permits of running plants: no point; the plant is often named by its company alone."""
    frame = _excel(data, "mexico/1814.xlsx", skiprows=1)
    frame.columns = [" ".join(str(c).split()) for c in frame.columns]
    frame = frame.loc[:, [c for c in frame.columns if not c.startswith("Unnamed")]]
    frame = frame[frame["NUMERO DE PERMISO"].notna() & frame["ESTADO ACTUAL"].eq("En operación")]
    plant = frame["CENTRAL"].where(frame["CENTRAL"].notna(), frame["PERMISIONARIO"])
    told = pd.DataFrame({
        "name": plant, "alt_names": frame["PERMISIONARIO"], "owner": frame["PERMISIONARIO"], "country": "Mexico",
        "state": frame["UBICACION DE LA PLANTA"].map(mexican_state),
        "capacity_mw": pd.to_numeric(frame["CAP. AUTORIZADA (MW)"], errors="coerce"),
        "energy_source": frame["ENERGETICO PRIMARIO"].map(_cre_fuels),
    })  # fmt: skip
    told.index = [f"mex-cre-permits:{permit}" for permit in frame["NUMERO DE PERMISO"]]
    return told[~told.index.duplicated()]


def eia_atlas(data: Path) -> pd.DataFrame:
    """American plants of November 2023: nameplate capacity."""
    frame = pd.read_csv(
        _raw(data) / "usa/EIA_EnergyAtlas_Power_Plants_202311.csv", encoding="utf-8-sig", low_memory=False
    )
    told = pd.DataFrame({
        "name": frame["Plant_Name"], "owner": frame["Utility_Name"], "country": "United States",
        "state": frame["State"],
        "energy_source": _eia_sources(frame), "capacity_mw": frame["Install_MW"],
        "longitude": frame["Longitude"], "latitude": frame["Latitude"],
    })  # fmt: skip
    told.index = [f"usa-eia-atlas-202311:{code}" for code in frame["Plant_Code"]]
    return told


def _eia_sources(frame: pd.DataFrame) -> pd.Series:
    primary = frame["PrimSource"].replace(_EIA).astype("str")
    told = primary.copy()
    for column, code in _EIA_COLUMNS.items():
        told = told.where(~((frame[column] > 0) & (primary != code)), told + ";" + code)
    return told


def mexican_state(text: str) -> str:
    """Spelling of the trilateral tables for the spellings of SEMARNAT and CRE."""
    told = " ".join(str(text).replace(",", " ").split())
    plain = told.upper().translate(str.maketrans("ÁÉÍÓÚ", "AEIOU"))
    known = {s.upper().translate(str.maketrans("ÁÉÍÓÚ", "AEIOU")): s for s in _TRILATERAL_STATES}
    return _MX_STATES.get(plain) or known.get(plain, "")


_TRILATERAL_STATES = (
    "Aguascalientes", "Baja California", "Baja California Sur", "Campeche", "Chiapas", "Chihuahua", "Ciudad de México",
    "Coahuila", "Colima", "Durango", "Guanajuato", "Guerrero", "Hidalgo", "Jalisco", "México", "Michoacán", "Morelos",
    "Nayarit", "Nuevo León", "Oaxaca", "Puebla", "Querétaro", "Quintana Roo", "San Luis Potosí", "Sinaloa", "Sonora",
    "Tabasco", "Tamaulipas", "Tlaxcala", "Veracruz", "Yucatán", "Zacatecas",
)  # fmt: skip


def _cre_fuels(text: object) -> str:
    low = str(text).casefold()
    return ";".join(sorted({code for word, code in _CRE.items() if word in low}))


def _degrees(text: object) -> float:
    parts = [float(p) for p in re.findall(r"\d+(?:\.\d+)?", str(text))]
    return sum(p / 60**n for n, p in enumerate(parts[:3])) if parts else float("nan")


def _excel(data: Path, file: str, skiprows: int = 0) -> pd.DataFrame:
    frame = pd.read_excel(_raw(data) / file, engine="calamine", skiprows=skiprows)
    frame.columns = [" ".join(str(c).split()) for c in frame.columns]
    frame.index = frame.index + 2 + skiprows
    return frame


def _raw(data: Path) -> Path:
    return data / "power-plants" / "raw"
