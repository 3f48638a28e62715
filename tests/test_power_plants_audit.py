"""The power plants held against the national files by other means than the package's own readers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from naatlas.layers.power_plants.usa_codes import LAST_CODE

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

pytestmark = pytest.mark.national

USA = ("power-plants", "raw", "usa")
SCHEDULES = {
    "Wind_MW": "3_2_Wind_Y2023.xlsx",
    "Solar_MW": "3_3_Solar_Y2023.xlsx",
    "Bat_MW": "3_4_Energy_Storage_Y2023.xlsx",
}
FUELS = ("Bio", "Coal", "Geo", "Hydro", "HydroPS", "NG", "Nuclear", "Crude", "Other")


def atlas(national: Path) -> pd.DataFrame:
    path = national.joinpath(*USA, "EIA_EnergyAtlas_Power_Plants_202311.csv")
    table = pd.read_csv(path, encoding="utf-8-sig", low_memory=False)
    return table.set_index("USA-" + table["Plant_Code"].astype("string"))


def units(national: Path) -> pd.DataFrame:
    parts = [
        pd.read_excel(national.joinpath(*USA, file), header=1, engine="calamine").dropna(
            subset=["Plant Name"]
        )
        for file in SCHEDULES.values()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(id="USA-" + table["Plant Code"].astype("int64").astype("string"))


def american(layer: LayerData) -> pd.DataFrame:
    frame = layer.frame[layer.frame["country"] == "USA"]
    return frame.set_index("atlas_id")


def test_status_and_age_come_from_schedules_that_list_the_whole_plant(plants_2023: LayerData, national: Path):
    plants = american(plants_2023)
    table = atlas(national).reindex(plants.index)
    burns = table[[f"{fuel}_MW" for fuel in FUELS]].gt(0).any(axis=1)
    assert plants.loc[burns, "status"].isna().all()
    told = units(national)
    every = told.groupby("id")["Status"].agg(lambda codes: set(codes) == {"OP"})
    whole = plants.index.intersection(every.index[every])
    assert set(plants.loc[whole, "status"].dropna()) == {"operating"}
    assert plants["status"].value_counts().to_dict().keys() == {
        "operating",
        "partly_operating",
        "standby",
        "out_of_service",
    }
    origin = plants_2023.provenance
    years = origin[(origin["field"] == "year_online") & origin["source"].str.startswith("usa-eia860")]
    assert not burns[years["atlas_id"]].any()
    oldest = pd.to_numeric(told["Operating Year"]).groupby(told["id"]).min()
    same = (
        plants.loc[years["atlas_id"], "year_online"].astype("int64") == oldest[years["atlas_id"]].to_numpy()
    )
    assert same.all()


def test_a_plant_is_not_as_young_as_its_newest_part(plants_2023: LayerData):
    plants = american(plants_2023)
    assert pd.isna(
        plants.at["USA-621", "year_online"]
    )  # Turkey Point: reactors of 1972, gas turbines of 2006
    assert pd.isna(plants.at["USA-10493", "year_online"])  # old hydroelectric plant with new batteries
    assert plants.at["USA-3", "year_online"] == 1954


def test_no_renewable_source_is_zero_and_not_unknown(plants_2023: LayerData, national: Path):
    plants = american(plants_2023)
    table = atlas(national).reindex(plants.index)
    kinds = ("Bio", "Geo", "Hydro", "HydroPS", "Solar", "Wind")
    dry = ~table[[f"{kind}_MW" for kind in kinds]].gt(0).any(axis=1) & table["Total_MW"].gt(0)
    assert dry.sum() > 3000
    assert plants.loc[dry, "renewable_mw"].eq(0).all()


def test_a_country_without_a_source_is_not_said_to_report_nothing(
    plants_2023: LayerData, plants_2017: LayerData
):
    for layer, blind in (
        (plants_2023, {"CAN": ("nox", "so2", "co2", "hg"), "MEX": ("so2", "co2e"), "USA": ("co2e",)}),
        (plants_2017, {"CAN": ("nox", "so2", "co2", "co2e"), "USA": ("hg",)}),
    ):
        for country, pollutants in blind.items():
            own = layer.frame[layer.frame["country"] == country]
            for pollutant in pollutants:
                assert set(own[f"{pollutant}_status"].dropna()) == {"not_required"}, (country, pollutant)


def test_carbon_of_biomass_is_told(plants_2023: LayerData, plants_2017: LayerData):
    """One substance, two meanings: ten times as much in the unit file of 2021 as in the plant file of 2016."""
    now, then = (american(layer) for layer in (plants_2023, plants_2017))
    both = now.index[now["primary_source"].eq("biomass") & now["co2_t"].notna()].intersection(then.index)
    assert now.loc[both, "co2_t"].sum() > 5 * then.loc[both, "co2_t"].sum()
    found = next(f for f in plants_2023.findings if f.rule == "co2-of-biomass-counted")
    assert set(found.ids) == set(now.index[now["primary_source"].eq("biomass") & now["co2_t"].gt(0)])


def test_no_code_is_younger_than_the_tables(plants_2017: LayerData):
    """Somerset's coal plant is not the solar plant of 2022 on its site, nor Dickerson the part that was split off."""
    plants = american(plants_2017)
    codes = pd.to_numeric(plants["eia_plant_code"].dropna())
    assert codes.max() <= LAST_CODE
    assert codes.is_unique
    by_name = plants["eia_plant_code"].groupby(plants["name"]).first()
    assert pd.isna(by_name["Somerset Operating Co LLC"])
    assert pd.isna(by_name["Flambeau River Papers"])
    assert by_name["Dickerson"] == "1572"


def test_renamed_and_retired_plants_have_their_code(plants_2017: LayerData):
    by_name = american(plants_2017)["eia_plant_code"].groupby(american(plants_2017)["name"]).first()
    renamed = {"Crist": "641", "500MW CC": "56196", "Kerr": "2188", "EXC Wind 10": "56836"}
    retired = {"Joppa Steam": "887", "E D Edwards": "856", "W H Zimmer": "6019", "Indian Point 3": "8907"}
    assert by_name[list(renamed | retired)].to_dict() == renamed | retired
    mojave = [name for name in by_name.index if str(name).startswith("Mojave ") and str(name)[7:].isdigit()]
    assert by_name[mojave].isna().sum() >= 6  # six plants that are two codes in 2023: none takes one
    assert by_name.notna().mean() > 0.97


def test_the_list_of_codes_gives_no_emissions_of_another_year(plants_2017: LayerData):
    fields = plants_2017.provenance.loc[plants_2017.provenance["source"] == "usa-egrid-units-2021", "field"]
    assert set(fields) == {"eia_plant_code"}
    assert set(american(plants_2017)["co2_year"].dropna()) == {2016}


@pytest.mark.parametrize(
    ("edition", "source", "file", "encoding"),
    [
        ("plants_2023", "usa-eia-atlas-202311", "usa/EIA_EnergyAtlas_Power_Plants_202311.csv", "utf-8-sig"),
        ("plants_2017", "usa-egrid-2016", "usa/eGRID_2016_fromstewicombo.csv", "utf-8"),
        ("plants_2023", "can-wri-list", "canada/WRI_Canada.csv", "utf-8"),
    ],
)
def test_every_origin_names_the_row_and_the_cell(
    edition: str, source: str, file: str, encoding: str, national: Path, request: pytest.FixtureRequest
):
    layer: LayerData = request.getfixturevalue(edition)
    with (national / "power-plants" / "raw" / file).open(encoding=encoding, newline="") as stream:
        rows = list(csv.reader(stream))
    column = {name.strip(): place for place, name in enumerate(rows[0])}
    origin = layer.provenance
    own = origin[(origin["source"] == source) & origin["national_field"].isin(column)]
    assert len(own) > 50
    cells = [
        rows[int(row) - 1][column[name]] for row, name in zip(own["row"], own["national_field"], strict=True)
    ]
    told = own["national_value"].fillna("").to_numpy()
    differ = np.flatnonzero([cell.strip() != text.strip() for cell, text in zip(cells, told, strict=True)])
    assert not len(differ), own.iloc[differ[:5]].to_dict("records")
