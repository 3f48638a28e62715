"""Canada's supplements on the national files, wherever NAATLAS_DATA points."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas.layers.power_plants import SPEC, canada, canada_list, canada_wind, trilateral
from naatlas.layers.power_plants.canada_sources import GHG, LIST, WIND
from naatlas.sources import read
from tests import canada_kit as kit

if TYPE_CHECKING:
    from naatlas.layers.power_plants.canada_common import Books
    from naatlas.model import Table

pytestmark = pytest.mark.national


@dataclass
class Canada:
    """What the national files come to."""

    tables: dict[str, Table]
    books: Books
    old: pd.DataFrame
    told: pd.DataFrame

    @property
    def new(self) -> pd.DataFrame:
        return self.told.drop(index=self.old.index)

    def where(self, source: str, key: str, value: str) -> tuple[str, str]:
        """State of the row with that key, and the name of the plant it went to (else the reason)."""
        frame = self.tables[source].frame
        (row,) = frame.index[frame[key].eq(value).fillna(value=False)]
        state, detail = self.books.work.ledger.states(source).loc[row]
        return state, self.told["name"].get(detail, detail)


@pytest.fixture(scope="module")
def national() -> Canada:
    if not (data := os.environ.get("NAATLAS_DATA")):
        pytest.skip("NAATLAS_DATA is not set: it names the folder that holds power-plants/")
    wanted = (trilateral.GE100, trilateral.RENEW, WIND, LIST, GHG)
    tables = {s: read(SPEC.source(s), Path(data)) for s in wanted}
    books = kit.books(*tables.values())
    union = trilateral.read(tables, SPEC, books.work)
    plants = trilateral.add(union, ("CAN", "MEX"), books.facts, books.capacities, books.work)
    old = plants[plants["country"] == "CAN"]
    told = canada.add(tables, old, books.facts, books.capacities, SPEC, books.work)
    assert not books.work.unknown
    return Canada(tables, books, old, told)


def test_every_row_has_one_state(national: Canada):
    national.books.work.ledger.close()
    counts = national.books.work.ledger.counts()
    assert counts.loc[[WIND, LIST, GHG], "read"].tolist() == [6698, 1087, 1732]
    assert counts.drop(columns="read").sum(axis=1).equals(counts["read"])


def test_old_plants_stay_as_they_were(national: Canada):
    assert len(national.old) == 1125
    pd.testing.assert_frame_equal(national.told.loc[national.old.index], national.old, check_dtype=False)


def test_megawatts_and_tonnes_balance(national: Canada):
    ledger = national.books.work.ledger
    sums = ledger.quantities().groupby(["source", "quantity"])["value"].sum()
    frame = national.tables[LIST].frame
    assert sums[LIST, "capacity_mw"] == pytest.approx(frame["Capacity (MW)"].astype("float64").sum())
    kt = national.tables[GHG].frame["Total emissions"].str.replace(r"\s", "", regex=True).astype("float64")
    assert sums[GHG, "co2e_t"] == pytest.approx(kt.sum() * 1000)
    own = ledger.by_feature("capacity_mw").groupby("id")["value"].sum()
    assert (own[national.new.index] - national.new["capacity_mw"]).abs().max() < 1e-6
    published = national.books.facts.of("co2e_t").sum()
    assert published == pytest.approx(
        ledger.quantities().query("source == @GHG and state == 'enriches'")["value"].sum()
    )


def test_new_plants_come_from_newer_wind_and_small_thermal_plants_only(national: Canada):
    new = national.new[national.new["capacity_mw"] >= 1]
    assert set(new["primary_source"]) == {"wind", "natural_gas", "petroleum"}
    thermal = new[new["primary_source"] != "wind"]
    assert thermal["capacity_mw"].lt(canada_list.ALL_FROM_MW).all()
    # large projects of 2018 and 2019 that the tables of 2017 cannot have
    assert {
        "Henvey Inlet Wind Farm",
        "Nicolas-Riou",
        "Mont Sainte-Marguerite",
        "Amherst Island Wind Project",
    } <= set(new["name"])
    assert new["capacity_mw"].sum() < 0.02 * national.old["capacity_mw"].sum()


def test_no_new_plant_stands_on_an_old_one(national: Canada):
    """The same source within 500 m would be the same plant: only phases that came later are that near."""
    from naatlas.harmonize.candidates import candidates, distance_km, side

    new, old = (t.assign(energy_source=t["primary_source"]) for t in (national.new, national.old))
    ours, theirs = side(new), side(old)
    pairs = candidates(ours, theirs, name_floor=100, near_km=0.5, place_km=0.5)
    pairs = pairs[distance_km(ours, theirs, pairs) <= 0.5]
    same = new["primary_source"].to_numpy()[pairs["left"]] == old["primary_source"].to_numpy()[pairs["right"]]
    assert set(new["name"].to_numpy()[pairs.loc[same, "left"]]) <= {
        "Tiverton",
        "Port Albert",
        "Fitzpatrick",
        "Kent Hills 3",
    }


@pytest.mark.parametrize(
    ("source", "key", "value", "told"),
    [
        (GHG, "Facility ID", "10178", ("enriches", "Lingan")),
        (GHG, "Facility ID", "10145", ("enriches", "Holyrood")),
        (
            GHG,
            "Facility ID",
            "10839",
            (
                "rejected",
                "no plant of the layer is this facility, and the register gives no capacity to publish it by",
            ),
        ),
        (GHG, "Facility ID", "10261", ("enriches", "Scotford Air Liquide")),
        (GHG, "Facility ID", "10256", ("enriches", "TransAlta Sarnia Cogeneration")),
        (GHG, "Facility ID", "10003", ("out_of_scope", "industry is not electric power generation")),
        (
            GHG,
            "Facility ID",
            "12308",
            (
                "rejected",
                "no plant of the layer is this facility, and the register gives no capacity to publish it by",
            ),
        ),
        (LIST, "Power Plant ID", "1060979", ("merged", "Tufts Cove")),
        (LIST, "Power Plant ID", "1060162", ("merged", "Charlottetown Thermal Generating Station")),
        (LIST, "Power Plant ID", "1060129", ("merged", "Cameron Falls - BRP")),
        (LIST, "Power Plant ID", "1060130", ("merged", "Cameron Falls - OPG")),
        (LIST, "Power Plant ID", "1060281", ("published", "Ermine")),
        (LIST, "Power Plant ID", "1060928", ("rejected", canada_list.UNCONFIRMED)),
        (LIST, "Power Plant ID", "1060732", ("merged", "Queen Elizabeth")),
    ],
)
def test_known_rows_go_where_they_belong(
    national: Canada, source: str, key: str, value: str, told: tuple[str, str]
):
    assert national.where(source, key, value) == told


def test_lingan_coal_has_the_tonnes_and_lingan_wind_the_year(national: Canada):
    lingan = national.told[national.told["name"] == "Lingan"].reset_index().set_index("primary_source")["id"]
    facts = national.books.facts
    assert facts.of("co2e_t")[lingan["coal"]] == pytest.approx(2_637_790)
    assert lingan["wind"] not in facts.of("co2e_t")
    assert facts.of("year_online")[lingan["wind"]] == 2006


def test_no_scrambled_point_is_published(national: Canada):
    frame = national.tables[LIST].frame
    rows = frame[frame["Source"] == canada_list.SCRAMBLED]
    assert len(rows) == 29
    ledger = national.books.work.ledger.states(LIST).loc[rows.index]
    published = ledger.index[ledger["state"] == "published"]
    assert len(published) >= 10
    _, provenance = national.books.facts.winners("atlas_id")
    ids = ledger.loc[published, "detail"]
    place = provenance[
        provenance["atlas_id"].isin(ids)
        & provenance["field"].isin(["latitude", "longitude", "state", "city"])
    ]
    assert set(place["source"]) == {GHG}
    assert not provenance.loc[provenance["atlas_id"].isin(ids), "field"].isin(["owner", "year_online"]).any()


def test_seven_facilities_at_zero_zero_are_no_plants(national: Canada):
    frame = national.tables[GHG].frame
    nowhere = frame.index[frame["Latitude"].eq("0") & frame["Longitude"].eq("0")]
    assert len(nowhere) == 7
    assert set(national.books.work.ledger.states(GHG).loc[nowhere, "state"]) == {"out_of_scope"}
    assert national.told["latitude"].gt(41).all()


def test_electric_facilities_are_131_and_most_tonnes_are_linked(national: Canada):
    states = national.books.work.ledger.quantities().query("source == @GHG").set_index("state")
    assert states.loc[["enriches", "rejected"], "rows"].sum() == 131
    assert states.loc["enriches", "value"] > 0.9 * states.loc[["enriches", "rejected"], "value"].sum()
    assert (national.books.facts.of("co2e_method") == "reported").all()


def test_texts_in_turbine_columns_are_all_read(national: Canada):
    frame = national.tables[WIND].frame
    text = ~frame["Turbine rated capacity (kW)"].str.fullmatch(r"\d+")
    assert text.sum() == 220
    assert canada_wind.ratings_kw(frame["Turbine rated capacity (kW)"]).notna().all(axis=None)
    several = frame["Commissioning date"].str.contains("/")
    assert several.sum() == 868
    assert canada_wind.earliest_year(frame["Commissioning date"]).between(1990, 2020).all()


def test_wind_projects_meet_the_fleet(national: Canada):
    """The industry counted 13.4 GW at the end of 2019; group totals taken for each part would give 14.5."""
    work = kit.books(national.tables[WIND]).work
    projects = canada_wind.read(national.tables[WIND], SPEC, work).frame
    assert len(projects) == 268  # the blank name is St. Lawrence
    assert projects["capacity_mw"].sum() == pytest.approx(13_151.4, abs=0.1)
    assert projects.loc["St. Lawrence / CA-NL", "turbines"] == 9


def test_wind_is_not_counted_twice(national: Canada):
    """The plants that projects link to, or are phases of, have the megawatts of these projects."""
    ledger = national.books.work.ledger
    mw = ledger.quantities().query("source == @WIND").set_index("state")["value"]
    wind = national.old[national.old["primary_source"] == "wind"]
    told = ledger.states(WIND)
    taken = {
        i
        for text in told.loc[told["state"].isin(["enriches", "control"]), "detail"]
        for i in text.replace(",", "").split()
        if i.startswith("CAN-")
    }
    assert wind.loc[wind.index.isin(taken), "capacity_mw"].sum() == pytest.approx(
        mw["enriches"] + mw["control"], rel=0.01
    )
    assert len(wind) - len(taken) <= 3
