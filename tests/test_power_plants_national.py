"""The layer on the full national files: control totals, the union, and every trap that the files really hold."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from naatlas import pipeline
from naatlas.layers.power_plants.fields import ENERGY_SOURCES
from naatlas.layers.power_plants.trilateral import GE100, HEADERS, RENEW
from naatlas.ledger import State

if TYPE_CHECKING:
    from naatlas.model import LayerData

pytestmark = pytest.mark.national

FILES = {
    "nacei_powerplants_ge100mw_201708.csv": (GE100, "PowerPlantsAllGE100MW_NorthAmerica_201708.xlsx"),
    "nacei_powerplants_renew_ge1mw_201708.csv": (RENEW, "PowerPlantsRenewGE1MW_NorthAmerica_201708.xlsx"),
}
COUNTRY = {"United States": "USA", "Canada": "CAN", "Mexico": "MEX"}
UNION = {"USA": (6428, 1_143_926.9), "CAN": (1125, 141_244.2), "MEX": (223, 64_424.8)}


def published(national: Path, file: str) -> pd.DataFrame:
    """One trilateral table read by pandas alone, independent of our readers."""
    table = pd.read_excel(national / "power-plants" / "raw" / "trilateral" / file, engine="calamine")
    return table.rename(columns={"Total Capacity (MW)": "mw", "Primary Energy Source": "primary"})


def control_totals() -> list[dict[str, str]]:
    path = Path(__file__).parent / "reference" / "nacei_control_totals_201708.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_table_alone_reproduces_the_control_totals(plants_2017: LayerData, national: Path, name: str):
    source, file = FILES[name]
    rows = plants_2017.ledger.quantities()
    rows = rows[(rows["source"] == source) & (rows["quantity"] == "capacity_mw")]
    table = published(national, file)
    checked = 0
    for line in (line for line in control_totals() if line["file"] == name):
        wanted = (int(line["plants"]), float(line["total_capacity_mw"]))
        part = table if line["country"] == "ALL" else table[table["Country"] == line["country"]]
        if line["primary_energy_source"] == "ALL":
            own = rows if line["country"] == "ALL" else rows[rows["country"] == COUNTRY[line["country"]]]
            assert (int(own["rows"].sum()), round(float(own["value"].sum()), 1)) == wanted
        else:
            part = part[part["primary"] == line["primary_energy_source"]]
        assert (len(part), round(float(part["mw"].sum()), 1)) == wanted
        checked += 1
    assert checked > 30


def test_the_union_has_each_plant_once(plants_2017: LayerData):
    told = plants_2017.frame.groupby("country")["capacity_mw"].agg(["size", "sum"])
    assert {
        c: (int(n), round(mw, 1)) for c, (n, mw) in zip(told.index, told.to_numpy(), strict=True)
    } == UNION


def test_the_union_by_country_and_source_is_the_100_mw_table_and_what_it_lacks(
    plants_2017: LayerData, national: Path
):
    large = published(national, FILES["nacei_powerplants_ge100mw_201708.csv"][1])
    small = published(national, FILES["nacei_powerplants_renew_ge1mw_201708.csv"][1])
    merged = plants_2017.ledger.states(RENEW)
    merged = merged.index[merged["state"] == State.MERGED]
    rest = small.drop(index=merged - 2)  # row 2 of the sheet is the first record
    both = pd.concat([large, rest])
    for source, header in HEADERS.items():
        wanted = both.groupby(both["Country"].map(COUNTRY))[header].sum()
        found = plants_2017.frame.groupby("country")[f"{source}_mw"].sum()
        assert np.allclose(found.reindex(wanted.index), wanted, atol=0.05), source


def test_every_row_with_renewable_capacity_stands_in_both_tables(plants_2017: LayerData, national: Path):
    large = published(national, FILES["nacei_powerplants_ge100mw_201708.csv"][1])
    renewable = large[large["Total Renewable Capacity (MW)"] >= 1].groupby("Country").size()
    assert renewable.to_dict() == {"Canada": 171, "Mexico": 36, "United States": 657}
    states = plants_2017.ledger.states(RENEW)
    merged = states[states["state"] == State.MERGED]
    assert len(merged) == 171 + 36 + 657 + 3  # Cerro Prieto stands there as four rows
    site = merged["detail"].value_counts()
    assert site.max() == 4
    name = plants_2017.frame.set_index("atlas_id").at[site.index[0], "name"]
    assert "Cerro Prieto" in name


def test_plants_of_one_name_stay_apart(plants_2017: LayerData):
    lingan = plants_2017.frame[plants_2017.frame["name"].str.contains("Lingan")]
    assert set(lingan["primary_source"]) == {"coal", "wind"}
    assert lingan["atlas_id"].is_unique


def test_totals_of_the_tables_are_nameplate(plants_2023: LayerData, national: Path):
    """What the trilateral tables call total capacity equals EIA's Install_MW and not Total_MW."""
    raw = national / "power-plants" / "raw"
    large = published(national, FILES["nacei_powerplants_ge100mw_201708.csv"][1])
    large = large[large["Country"] == "United States"]
    atlas = pd.read_csv(
        raw / "usa" / "EIA_EnergyAtlas_Power_Plants_202311.csv", encoding="utf-8-sig", low_memory=False
    )
    both = large.merge(atlas, left_on="Facility Name", right_on="Plant_Name")
    both = both[(both["Latitude_x"] - both["Latitude_y"]).abs() < 0.05]
    assert len(both) > 1500
    nameplate = (both["mw"] - both["Install_MW"]).abs() < 0.11
    summer = (both["mw"] - both["Total_MW"]).abs() < 0.11
    assert nameplate.mean() > 0.8
    assert (summer & ~nameplate).mean() < 0.01
    definition = plants_2023.frame.groupby("country")["capacity_definition"].unique()
    assert list(definition["USA"]) == ["nameplate"]
    assert set(definition["MEX"]) == {"not_stated"}


def test_published_rows_that_break_the_renewable_sum_are_kept_and_named(plants_2017: LayerData):
    names = plants_2017.frame.set_index("atlas_id")["name"]
    found = [f for f in plants_2017.findings if f.rule == "renewable-is-sum"]
    told = {names[key] for finding in found for key in finding.ids}
    assert told == {"Ferrocarriles Suburbanos", "Petty Harbour", "Crowsnest Pass ERG", "Savona ERG"}
    petty = plants_2017.frame[plants_2017.frame["name"] == "Petty Harbour"].iloc[0]
    assert (petty["renewable_mw"], petty["hydroelectric_mw"]) == (5.3, 4.9)


def test_a_missing_state_is_corrected_by_hand_and_logged(plants_2017: LayerData):
    plant = plants_2017.frame[plants_2017.frame["name"] == "DC Water CHP"].iloc[0]
    assert plant["state"] == "US-DC"
    logged = plants_2017.ledger.corrections()
    assert (logged["new"] == "District of Columbia").sum() == 1
    origin = plants_2017.provenance
    origin = origin[(origin["atlas_id"] == plant["atlas_id"]) & (origin["field"] == "state")]
    assert origin["rule"].str.startswith("corrected").all()
    assert len(origin) == 1


@pytest.mark.parametrize("edition", ["plants_2017", "plants_2023"])
def test_every_row_ends_in_one_state(edition: str, request: pytest.FixtureRequest):
    layer: LayerData = request.getfixturevalue(edition)
    counts = layer.ledger.counts()
    assert (counts[[str(s) for s in State]].sum(axis=1) == counts["read"]).all()
    assert counts["read"].min() > 0
    assert set(counts.index) == {i.source.id for i in layer.inputs}


@pytest.mark.parametrize("edition", ["plants_2017", "plants_2023"])
def test_every_published_value_has_an_origin(edition: str, request: pytest.FixtureRequest):
    layer: LayerData = request.getfixturevalue(edition)
    derived = ("_status", "_comparability")
    fields = [f.name for f in layer.spec.fields if f.name != "atlas_id" and not f.name.endswith(derived)]
    values = layer.frame.melt("atlas_id", fields, "field").dropna(subset="value")
    known = layer.provenance.set_index(["atlas_id", "field"]).index
    assert known.is_unique
    assert set(zip(values["atlas_id"], values["field"], strict=True)) == set(known)


def test_units_of_egrid_sum_to_the_publishers_totals(plants_2023: LayerData):
    """1.384 M short tons of NOx, 1.287 M of SO2, 1.997 G of CO2, 5,861 lb of mercury in 24,598 units."""
    read = plants_2023.ledger.quantities()
    read = read[read["source"] == "usa-egrid-units-2021"].groupby("quantity")["value"].sum()
    short_ton, pound = 0.90718474, 0.45359237
    assert read["nox_t"] / short_ton == pytest.approx(1.384421e6, rel=1e-6)
    assert read["so2_t"] / short_ton == pytest.approx(1.286608e6, rel=1e-6)
    assert read["co2_t"] / short_ton == pytest.approx(1.997475e9, rel=1e-6)
    assert read["hg_kg"] / pound == pytest.approx(5861.169, rel=1e-6)


def test_emissions_published_and_rejected_are_all_that_was_read(plants_2023: LayerData):
    told = plants_2023.ledger.quantities()
    told = told[(told["source"] == "usa-egrid-units-2021") & (told["quantity"] == "co2_t")]
    inside = told.loc[told["state"] == State.AGGREGATED, "value"].sum()
    origin = plants_2023.provenance
    own = origin[(origin["field"] == "co2_t") & (origin["source"] == "usa-egrid-units-2021")]["atlas_id"]
    published_t = plants_2023.frame.set_index("atlas_id").loc[own, "co2_t"].sum()
    assert published_t == pytest.approx(inside, rel=1e-9)


def test_repeated_flows_of_egrid_2016_count_once(plants_2017: LayerData, national: Path):
    path = national / "power-plants" / "raw" / "usa" / "eGRID_2016_fromstewicombo.csv"
    table = pd.read_csv(path)
    assert table.duplicated(["FacilityID", "FlowName"]).sum() == 555
    states = plants_2017.ledger.states("usa-egrid-2016")
    again = states["detail"].str.contains("another facility number of EPA").sum()
    energy = table["FlowName"].isin(["Heat", "Steam"])
    assert again == (table.duplicated(["FacilityID", "FlowName"]) & ~energy).sum()


def test_methane_of_2023_says_that_it_is_of_2016(plants_2023: LayerData):
    american = plants_2023.frame[plants_2023.frame["country"] == "USA"]
    told = american[american["ch4_t"].notna()]
    assert len(told) > 1000
    assert set(told["ch4_year"]) == {2016}
    assert set(american.loc[american["co2_t"].notna(), "co2_year"]) == {2021}


def test_years_that_a_spreadsheet_made_dates_of_are_years(plants_2023: LayerData):
    barry = plants_2023.frame.set_index("atlas_id").loc["USA-3"]
    assert barry["year_online"] == 1954  # 1905-05-07 in the file
    years = plants_2023.frame["year_online"].dropna()
    assert years.between(1880, 2023).all()
    assert len(years) > 7000


def test_nameplate_by_source_is_never_guessed(plants_2023: LayerData):
    finding = next(f for f in plants_2023.findings if f.rule == "nameplate-by-source-open")
    frame = plants_2023.frame.set_index("atlas_id")
    by_source = frame[[f"{s}_mw" for s in ENERGY_SOURCES if s != "tidal"]]
    assert 400 < finding.count < 730
    assert by_source.loc[list(finding.ids)].isna().any(axis=1).all()
    barry = frame.loc["USA-3"]  # coal and gas: only net summer is published
    assert np.isnan(barry["coal_mw"])
    assert np.isnan(barry["natural_gas_mw"])
    net = plants_2023.tables["capacities"]
    net = net[(net["atlas_id"] == "USA-3") & (net["definition"] == "net_summer")]
    assert dict(zip(net["energy_source"], net["capacity_mw"], strict=True)) == {
        "coal": 1118.5,
        "natural_gas": 1981.2,
    }


def test_border_and_coastal_plants_keep_their_declared_country(plants_2017: LayerData):
    """Declared country and state win: none is moved or dropped for lying outside the 1:10M polygons."""
    from naatlas.framework.placement import placement

    frame = plants_2017.frame
    told = placement(frame["longitude"], frame["latitude"], frame["country"], frame["state"])
    across = told["located_country"].notna() & (told["located_country"] != frame["country"])
    assert across.sum() >= 10
    sea = told["located_country"].isna()
    assert sea.sum() >= 50
    assert (told.loc[sea, "distance_to_state_km"] < 15).mean() > 0.95


def test_totals_rows_of_the_permits_are_not_permits(plants_2023: LayerData):
    told = plants_2023.ledger.quantities()
    told = told[(told["source"] == "mex-cre-permits") & (told["quantity"] == "capacity_mw")]
    states = plants_2023.ledger.states("mex-cre-permits")
    totals = states["detail"].str.contains("total", case=False) & (states["state"] == State.OUT_OF_SCOPE)
    assert totals.sum() >= 7
    assert told["value"].sum() == pytest.approx(106_861.6, abs=0.1)


def test_the_same_plant_keeps_its_id_from_edition_to_edition(plants_2017: LayerData, plants_2023: LayerData):
    for country in ("CAN", "MEX"):
        old = plants_2017.frame[plants_2017.frame["country"] == country]["atlas_id"]
        assert old.isin(plants_2023.frame["atlas_id"]).mean() > 0.99
    american = plants_2017.frame[plants_2017.frame["country"] == "USA"]["atlas_id"]
    assert american.str.fullmatch(r"USA-\d+").mean() > 0.95


def test_ids_are_handed_over_from_an_earlier_product(plants_2017: LayerData, national: Path):
    before = plants_2017.frame.copy()
    mexican = before["country"].eq("MEX")
    before.loc[mexican, "atlas_id"] = before.loc[mexican, "atlas_id"].str.replace("MEX-", "MEX-old")
    layer = pipeline.assemble("power-plants", data=national, edition="2017", previous=before)
    assert layer.frame["atlas_id"].is_unique
    again = layer.frame[layer.frame["country"] == "MEX"]["atlas_id"]
    assert again.str.startswith("MEX-old").mean() > 0.95
    fates = layer.tables["ids"]["fate"].value_counts()
    assert set(fates.index) <= {"kept", "new", "ended", "split"}


def test_renewable_capacity_stands_on_the_plants(plants_2017: LayerData, national: Path):
    layer = pipeline.assemble("renewable-capacity", data=national, edition="2017")
    plants = plants_2017.frame.set_index("atlas_id")
    assert (plants.loc[layer.frame["atlas_id"], "renewable_mw"] >= 1).all()
    totals = layer.tables["totals"]
    whole = totals[(totals["state"] == "ALL") & (totals["technology"] == "all")].set_index("country")[
        "capacity_mw"
    ]
    assert np.allclose(whole, layer.frame.groupby("country")["renewable_mw"].sum(), atol=0.05)
    wind = totals[(totals["state"] == "ALL") & (totals["technology"] == "wind")].set_index("country")
    assert np.allclose(wind["capacity_mw"], layer.frame.groupby("country")["wind_mw"].sum(), atol=0.05)
