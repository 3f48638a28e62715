"""Canada's supplements: each trap of the files, in their own layouts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naatlas.layers.power_plants import SPEC, canada, canada_ghg, canada_list, canada_projects, canada_wind
from naatlas.layers.power_plants.canada_sources import GHG, LIST, WIND
from tests import canada_kit as kit

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.layers.power_plants.canada_common import Books

SARNIA = (-82.4, 42.9)
NONE = kit.plants()


def states(books: Books, source: str) -> list[str]:
    return books.work.ledger.states(source)["state"].tolist()


def detail(books: Books, source: str, row: int) -> str:
    return str(books.work.ledger.states(source).loc[row, "detail"])


def fact(books: Books, field: str, plant: str) -> object:
    return books.facts.of(field).get(plant)


# --- turbines ---------------------------------------------------------------------------------------------------


def test_texts_in_rated_capacity_are_ranges():
    told = canada_wind.ratings_kw(
        pd.Series(["1815/1950", "1903/2126/2221", "1800-2300", "600", " 65 ", "n/a", None])
    )
    assert told["low"].tolist()[:5] == [1815, 1903, 1800, 600, 65]
    assert told["high"].tolist()[:5] == [1950, 2221, 2300, 600, 65]
    assert told.iloc[5:].isna().all(axis=None)


def test_several_commissioning_years_give_the_first():
    told = canada_wind.earliest_year(
        pd.Series(["2005/2006/2012", "2014", "2001/2000", "unknown", None], dtype="string")
    )
    assert told.tolist()[:3] == [2005, 2014, 2000]
    assert told.isna().tolist() == [False, False, False, True, True]


@given(st.lists(st.integers(1990, 2030), min_size=1, max_size=4))
def test_the_first_year_is_never_after_another(years: list[int]):
    told = canada_wind.earliest_year(pd.Series(["/".join(map(str, years))], dtype="string"))
    assert told[0] == min(years)


@given(st.sets(st.integers(2, 400), min_size=1))
def test_row_ranges_name_exactly_the_rows(rows: set[int]):
    text = canada_wind.row_ranges(pd.Series(sorted(rows)).astype("str"))
    runs = [part.split("-") for part in text.split(", ")]
    assert {n for run in runs for n in range(int(run[0]), int(run[-1]) + 1)} == rows


def test_turbine_number_that_became_a_date_is_told_and_costs_nothing(tmp_path: Path):
    rows = [list(row) for row in kit.turbines("Sumac", 4.0, [2000, 2000], letters="SUM")]
    rows[0][5] = dt.datetime(2020, 1, 2, tzinfo=None)  # noqa: DTZ001 - what a spreadsheet makes of 1/2
    table = kit.wind_table(tmp_path, rows)
    books = kit.books(table)
    projects = canada_wind.read(table, SPEC, books.work)
    assert projects.frame["capacity_mw"].tolist() == [4.0]
    assert "unreadable-cell" in kit.rules(books)


def test_derated_total_is_published_and_its_shares_sum_to_it(tmp_path: Path):
    table = kit.wind_table(tmp_path, kit.turbines("Amherst Island", 75, [3200] * 27, letters="AMH"))
    books = kit.books(table)
    projects = canada_wind.read(table, SPEC, books.work)
    assert projects.frame["capacity_mw"].tolist() == [75.0]
    assert projects.share_mw.sum() == pytest.approx(75.0)
    assert "project-total-differs" in kit.rules(books)
    assert "rated 86.4 MW" in projects.frame["rule"].iloc[0]


def test_total_of_a_group_is_not_given_to_each_part(tmp_path: Path):
    one = kit.turbines("Des Moulins I", 156.85, [2300] * 59, letters="DMO", of=68)
    two = kit.turbines("Des Moulins II", 156.85, [2350] * 9, letters="DMO", of=68)
    table = kit.wind_table(tmp_path, one + two)
    books = kit.books(table)
    projects = canada_wind.read(table, SPEC, books.work)
    assert projects.frame["capacity_mw"].tolist() == [pytest.approx(135.7), pytest.approx(21.15)]
    assert projects.share_mw.sum() == pytest.approx(156.85)
    assert "total-of-a-group" in kit.rules(books)


def test_total_that_the_turbines_cannot_give_is_rejected(tmp_path: Path):
    table = kit.wind_table(
        tmp_path, kit.turbines("Lundbreck", 19.5, [600], letters="LUN", province="Alberta")
    )
    books = kit.books(table)
    new = canada_projects.add(table, NONE, books)
    assert new.empty
    assert states(books, WIND) == ["rejected"]
    assert "19.5 MW contradicts" in detail(books, WIND, 2)
    assert "total-contradicts-turbines" in kit.rules(books)


def test_range_of_ratings_bounds_the_total(tmp_path: Path):
    table = kit.wind_table(tmp_path, kit.turbines("Skyway 8", 9.48, ["1815/1950"] * 5, letters="SKY"))
    books = kit.books(table)
    new = canada_projects.add(table, NONE, books)
    assert new["capacity_mw"].tolist() == [9.48]


def test_blank_project_name_comes_from_its_siblings_and_is_logged(tmp_path: Path):
    rows = [
        list(row)
        for row in kit.turbines(
            "St. Lawrence", 27, [3000] * 9, letters="STL", province="Newfoundland and Labrador"
        )
    ]
    rows[0][2] = ""
    table = kit.wind_table(tmp_path, rows)
    books = kit.books(table)
    new = canada_projects.add(table, NONE, books)
    assert new[["name", "state", "capacity_mw"]].to_numpy().tolist() == [["St. Lawrence", "CA-NL", 27.0]]
    assert books.work.ledger.corrections()["new"].tolist() == ["St. Lawrence"]


def test_blank_name_between_two_projects_of_the_same_letters_is_rejected(tmp_path: Path):
    rows = kit.turbines("Kent 1", 6, [3000], letters="KHW") + kit.turbines("Kent 2", 6, [3000], letters="KHW")
    nameless = kit.turbines("", 6, [3000], letters="KHW")
    table = kit.wind_table(tmp_path, rows + nameless)
    books = kit.books(table)
    canada_projects.add(table, NONE, books)
    assert states(books, WIND)[2] == "rejected"
    assert "no project name" in detail(books, WIND, 4)


def test_new_project_stands_at_the_mean_of_its_turbines_with_all_it_needs(tmp_path: Path):
    rows = kit.turbines(
        "Nicolas-Riou", 9, [3000] * 3, letters="NIC", province="Quebec", year="2018/2017", at=(-68.9, 48.1)
    )
    table = kit.wind_table(tmp_path, rows)
    books = kit.books(table)
    new = canada_projects.add(table, NONE, books)
    (plant,) = new.index
    assert states(books, WIND) == ["aggregated"] * 3
    assert new.loc[plant, "longitude"] == pytest.approx(-68.88)
    told = {
        field: fact(books, field, plant)
        for field in ("state", "wind_mw", "capacity_definition", "coordinate_quality", "year_online")
    }
    assert told == {
        "state": "CA-QC", "wind_mw": 9.0, "capacity_definition": "not_stated",
        "coordinate_quality": "centroid_of_units", "year_online": 2017,
    }  # fmt: skip
    by_feature = books.work.ledger.by_feature("capacity_mw").set_index("id")["value"]
    assert by_feature[plant] == pytest.approx(9.0)
    wide, provenance = books.facts.winners("atlas_id")
    required = {f.name for f in SPEC.fields if f.required} - {"atlas_id"}
    assert wide[sorted(required)].notna().all(axis=None)
    assert provenance.loc[provenance["field"].eq("capacity_mw"), "row"].tolist() == ["2-4"]
    assert set(books.capacities.table()["energy_source"]) == {"total", "wind"}


def test_linked_project_enriches_and_adds_no_plant_or_capacity(tmp_path: Path):
    old = kit.plants(
        ("CAN-lingan", "Lingan", "CA-NS", "wind", 18.1, -60.04, 46.24),
        ("CAN-coal", "Lingan", "CA-NS", "coal", 620.0, -60.04, 46.236),
    )
    rows = kit.turbines(
        "Lingan",
        18.4,
        [2300] * 8,
        letters="LIN",
        province="Nova Scotia",
        year="2006/2012",
        at=(-60.04, 46.24),
    )
    table = kit.wind_table(tmp_path, rows)
    books = kit.books(table)
    assert canada_projects.add(table, old, books).empty
    assert states(books, WIND) == ["enriches"] * 8
    assert set(books.work.ledger.states(WIND)["detail"]) == {"CAN-lingan"}
    assert fact(books, "year_online", "CAN-lingan") == 2006
    assert books.work.ledger.by_feature("capacity_mw").empty


def test_project_whose_phases_are_plants_is_control_only(tmp_path: Path):
    at = (-80.3, 44.1)
    old = kit.plants(
        ("CAN-one", "Melancthon I", "CA-ON", "wind", 67.5, *at),
        ("CAN-two", "Melancthon II", "CA-ON", "wind", 132.0, *at),
    )
    table = kit.wind_table(
        tmp_path, kit.turbines("Melancthon", 199.5, [1500] * 133, letters="MEL", year="2006/2008", at=at)
    )
    books = kit.books(table)
    assert canada_projects.add(table, old, books).empty
    assert set(states(books, WIND)) == {"control"}
    assert fact(books, "year_online", "CAN-two") is None  # 2006 is the year of phase I


def test_west_cape_is_not_a_phase_of_north_cape(tmp_path: Path):
    old = kit.plants(
        ("CAN-n", "North Cape", "CA-PE", "wind", 10.6, -64.0, 47.05),
        ("CAN-w", "West Cape 1", "CA-PE", "wind", 19.8, -64.4, 46.68),
        ("CAN-v", "West Cape 2", "CA-PE", "wind", 79.2, -64.4, 46.69),
    )  # fmt: skip
    rows = kit.turbines(
        "West Cape Wind Farm",
        99,
        [1800] * 55,
        letters="WCW",
        province="Prince Edward Island",
        at=(-64.4, 46.68),
    )
    table = kit.wind_table(tmp_path, rows)
    books = kit.books(table)
    canada_projects.add(table, old, books)
    assert detail(books, WIND, 2) == "its phases are plants: CAN-w, CAN-v"


def test_later_phase_is_a_plant_of_its_own(tmp_path: Path):
    at = (-64.9, 45.8)
    old = kit.plants(("CAN-kent", "Kent Hills 1 / 2", "CA-NB", "wind", 150.0, *at))
    rows = [
        row
        for name, kw, count, year in (
            ("Kent Hills 1", 3000, 32, 2008),
            ("Kent Hills 2", 3000, 18, 2010),
            ("Kent Hills 3", 3300, 5, 2018),
        )
        for row in kit.turbines(
            name, 167.25, [kw] * count, letters="KHW", province="New Brunswick", year=year, at=at, of=55
        )
    ]
    table = kit.wind_table(tmp_path, rows)
    books = kit.books(table)
    new = canada_projects.add(table, old, books)
    assert new[["name", "capacity_mw"]].to_numpy().tolist() == [["Kent Hills 3", pytest.approx(16.5)]]
    assert states(books, WIND) == ["enriches"] * 50 + ["aggregated"] * 5
    assert fact(books, "year_online", "CAN-kent") == 2008


def test_unknown_province_is_named(tmp_path: Path):
    table = kit.wind_table(tmp_path, kit.turbines("X", 2, [2000], letters="X", province="Ontraio"))
    books = kit.books(table)
    canada_wind.read(table, SPEC, books.work)
    assert any("Ontraio" in term for term in books.work.unknown)


# --- emissions --------------------------------------------------------------------------------------------------


def read_ghg(tmp_path: Path, *rows: dict[str, str]) -> tuple[canada_ghg.Facilities, Books]:
    table = kit.ghg_table(tmp_path, rows)
    books = kit.books(table)
    return canada_ghg.read(table, books), books


@pytest.mark.parametrize(
    ("cell", "tonnes"), [("1 047.65", 1_047_650), ("1\u00a0047.65", 1_047_650), ("0.81", 810), ("0.0", 0)]
)
def test_kilotonnes_with_any_blank_between_thousands(tmp_path: Path, cell: str, tonnes: float):
    facilities, books = read_ghg(tmp_path, kit.facility(1, "Lennox", "OPG", SARNIA, cell))
    assert facilities.frame["co2e_t"].tolist() == [pytest.approx(tonnes)]
    assert books.work.ledger.quantities()["value"].sum() == pytest.approx(tonnes)


def test_a_facility_at_zero_zero_has_no_place(tmp_path: Path):
    rows = (
        kit.facility(1, "Pipeline Plant", "TC", (0, 0), "1"),
        kit.facility(2, "Énergie Centrale", "TC", SARNIA, "1"),
    )
    facilities, _ = read_ghg(tmp_path, *rows)
    assert facilities.frame["longitude"].isna().tolist() == [True, False]
    assert facilities.frame["name"].tolist() == ["Pipeline Plant", "Énergie Centrale"]  # cp1252


def test_other_industries_are_out_of_scope_and_blanks_do_not_matter(tmp_path: Path):
    kinds = (
        kit.FOSSIL + "\u00a0",
        " " + kit.FOSSIL,
        "Pipeline Transportation of Natural Gas",
        "Electric Bulk Power Transmission and Control",
    )
    rows = [
        kit.facility(n, "A", "B", SARNIA, "1", **{"Industry classification": kind})
        for n, kind in enumerate(kinds)
    ]
    facilities, books = read_ghg(tmp_path, *rows)
    assert len(facilities.frame) == 2
    assert books.work.ledger.states(GHG)["state"].fillna("open").tolist() == [
        "open",
        "open",
        "out_of_scope",
        "out_of_scope",
    ]


def test_unknown_unit_stops(tmp_path: Path):
    _, books = read_ghg(tmp_path, kit.facility(1, "A", "B", SARNIA, "1", Units="bushels"))
    assert any("bushels" in term for term in books.work.unknown)


def test_emissions_go_to_the_plant_that_burns_and_the_rest_is_told(tmp_path: Path):
    old = kit.plants(
        ("CAN-wind", "Lingan", "CA-NS", "wind", 18.1, -60.0386, 46.2358),
        ("CAN-coal", "Lingan", "CA-NS", "coal", 620.0, -60.039, 46.2358),
    )
    rows = (
        kit.facility(
            10178,
            "Lingan Generating Station",
            "Nova Scotia Power",
            (-60.0386, 46.2358),
            "2 637.79",
            Province="Nova Scotia",
        ),
        kit.facility(12145, "Napanee Generating Station", "Portlands", (-76.84, 44.15), "404.55"),
    )
    facilities, books = read_ghg(tmp_path, *rows)
    linked = canada_ghg.link(facilities, old)
    canada_ghg.add(facilities, linked, books)
    books.work.ledger.close()
    assert states(books, GHG) == ["enriches", "rejected"]
    told = {
        f: fact(books, f, "CAN-coal") for f in ("co2e_t", "co2e_year", "co2e_method", "ghgrp_id", "co2_t")
    }
    assert told == {
        "co2e_t": pytest.approx(2_637_790),
        "co2e_year": 2021,
        "co2e_method": "reported",
        "ghgrp_id": "10178",
        "co2_t": None,
    }
    assert fact(books, "co2e_t", "CAN-wind") is None
    (finding,) = books.work.findings
    assert "404,550 t" in finding.message


def test_air_liquide_is_not_shell(tmp_path: Path):
    old = kit.plants(("CAN-shell", "Scotford (Shell)", "CA-AB", "natural_gas", 170.0, -113.084, 53.80))
    rows = kit.facility(
        10261,
        "Scotford Complex",
        "Air Liquide Canada Inc.",
        (-113.0807, 53.7991),
        "420.76",
        Province="Alberta",
    )
    facilities, _ = read_ghg(tmp_path, rows)
    assert canada_ghg.link(facilities, old).empty


# --- the hand-collected list ------------------------------------------------------------------------------------


def combine(
    tmp_path: Path, old: pd.DataFrame, listed: list[dict[str, str]], *facilities: dict[str, str]
) -> tuple[pd.DataFrame, Books]:
    """Combine a list and an emission register with plants; the turbine database has one tiny project far away."""
    wind = kit.wind_table(
        tmp_path,
        kit.turbines("Haeckel Hill", 0.81, [810], letters="HAE", province="Yukon", at=(-135.2, 60.7)),
    )
    far = kit.facility(99_999, "Far Away", "Nobody", (-110.0, 60.5), "1", Province="Northwest Territories")
    tables = {
        WIND: wind,
        LIST: kit.list_table(tmp_path, listed),
        GHG: kit.ghg_table(tmp_path, [far, *facilities]),
    }
    books = kit.books(*tables.values())
    told = canada.add(tables, old, books.facts, books.capacities, SPEC, books.work)
    books.work.ledger.close()
    assert not books.work.unknown
    return told.drop(index=told.index[told["name"] == "Haeckel Hill"]), books


def test_every_case_of_a_fuel_is_known(tmp_path: Path):
    fuels = [
        "Hydro",
        "Wind",
        "Solar",
        "Biomass",
        "Natural Gas",
        "Coal",
        "coal",
        "Oil",
        "oil",
        "diesel",
        "Nuclear",
        "Tidal",
        "Pumped Storage",
    ]
    rows = [kit.listed(n, f"Plant {n}", fuel, 50, SARNIA) for n, fuel in enumerate(fuels)]
    _, books = combine(tmp_path, NONE, rows)
    assert set(states(books, LIST)) == {"rejected"}


def test_a_date_of_31_5_is_no_year(tmp_path: Path):
    old = kit.plants(("CAN-a", "Amherst I", "CA-NS", "wind", 31.5, -64.2, 45.8))
    rows = [kit.listed(1, "Amherst I", "Wind", 31.5, (-64.2, 45.8), **{"Commissioning Date": "31.5"})]
    _, books = combine(tmp_path, old, rows)
    assert fact(books, "year_online", "CAN-a") is None
    assert "no-year" in kit.rules(books)


def test_a_row_that_is_a_plant_already_is_merged_and_fills_gaps(tmp_path: Path):
    old = kit.plants(("CAN-b", "Béarn Sawmill", "CA-QC", "biomass", 7.0, -79.3, 47.3))
    rows = [
        kit.listed(
            1,
            "Bearn Sawmill",
            "Biomass",
            7,
            (-79.3, 47.3),
            **{"Commissioning Date": "1999", "Owner": "Tembec"},
        )
    ]
    told, books = combine(tmp_path, old, rows)
    assert told.index.tolist() == ["CAN-b"]
    assert (states(books, LIST), detail(books, LIST, 2)) == (["merged"], "CAN-b")
    assert [fact(books, f, "CAN-b") for f in ("year_online", "owner", "status")] == [
        1999,
        "Tembec",
        "operating",
    ]


def test_a_scrambled_row_gives_name_fuel_and_mw_and_the_register_the_place(tmp_path: Path):
    there = (-109.0399, 51.873)
    register = kit.facility(
        10635, "Ermine Power Station", "SaskPower", there, "141.76", Province="Saskatchewan"
    )
    told, books = combine(
        tmp_path, NONE, [kit.scrambled(1060281, "Ermine", "Natural Gas", 92, (-80.8, 42.6))], register
    )
    (plant,) = told.index
    assert told.loc[plant, ["name", "state", "capacity_mw"]].tolist() == ["Ermine", "CA-SK", 92.0]
    assert (told.loc[plant, "longitude"], told.loc[plant, "latitude"]) == there
    assert [fact(books, f, plant) for f in ("owner", "year_online", "operator", "natural_gas_mw", "co2e_t")] == [
        None, None, "SaskPower", 92.0, pytest.approx(141_760),
    ]  # fmt: skip
    assert states(books, LIST) == ["published"]
    assert states(books, GHG) == ["rejected", "enriches"]
    assert books.work.ledger.by_feature("capacity_mw").set_index("id")["value"][plant] == 92.0
    wide, _ = books.facts.winners("atlas_id")
    required = sorted({f.name for f in SPEC.fields if f.required})
    assert wide.set_index("atlas_id", drop=False).loc[plant, required].notna().all()


def test_a_scrambled_point_alone_is_never_published(tmp_path: Path):
    told, books = combine(
        tmp_path, NONE, [kit.scrambled(1060438, "Kearl", "Natural Gas", 90, (-120.09, 50.69))]
    )
    assert told.empty
    assert states(books, LIST) == ["rejected"]
    assert detail(books, LIST, 2) == canada_list.UNCONFIRMED


def test_a_scrambled_point_links_to_nothing(tmp_path: Path):
    """The point of Windsor beside another plant of nearly that name and size does not merge the two."""
    old = kit.plants(("CAN-a", "Aurora", "CA-AB", "natural_gas", 160.0, -111.5, 57.3))
    told, books = combine(
        tmp_path, old, [kit.scrambled(1060031, "Aurora", "Natural Gas", 85, (-111.5, 57.3))]
    )
    assert told.index.tolist() == ["CAN-a"]
    assert "another fuel or capacity" in detail(books, LIST, 2)


@pytest.mark.parametrize(
    ("fuel", "mw", "why"),
    [
        ("Hydro", 94.7, "renewable plants of 1 MW"),
        ("Oil", 109.6, "plants of 100 MW"),
        ("Natural Gas", 80, "no register confirms"),
    ],
)
def test_what_the_newer_tables_must_have_is_not_brought_back(tmp_path: Path, fuel: str, mw: float, why: str):
    told, books = combine(tmp_path, NONE, [kit.listed(1, "Rankine", fuel, mw, (-79.07, 43.08))])
    assert told.empty
    assert why in detail(books, LIST, 2)
    assert "listed-plant-left-out" in kit.rules(books)


def test_units_of_a_plant_are_not_counted_beside_it(tmp_path: Path):
    old = kit.plants(("CAN-t", "Tufts Cove", "CA-NS", "natural_gas", 500.0, -63.594599, 44.678233))
    rows = [
        kit.listed(1060980, "Tufts Cove 2", "Natural Gas", 150, (-63.5946, 44.67533)),
        kit.listed(1060979, "Tufts Cove 1", "Oil", 350, (-63.5961, 44.6764)),
    ]
    told, books = combine(tmp_path, old, rows)
    assert told["capacity_mw"].sum() == 500.0
    assert states(books, LIST) == ["merged", "merged"]


def test_a_facility_without_a_point_confirms_nothing(tmp_path: Path):
    register = kit.facility(
        10635, "Ermine Power Station", "SaskPower", (0, 0), "141.76", Province="Saskatchewan"
    )
    told, books = combine(
        tmp_path, NONE, [kit.scrambled(1060281, "Ermine", "Natural Gas", 92, (-80.8, 42.6))], register
    )
    assert told.empty
    assert states(books, GHG) == ["rejected", "rejected"]


def test_without_the_optional_list_canada_is_combined_all_the_same(tmp_path: Path):
    wind = kit.wind_table(
        tmp_path, kit.turbines("Belle River", 100, [3200] * 40, letters="BEL", at=(-82.67, 42.25))
    )
    ghg = kit.ghg_table(tmp_path, [kit.facility(1, "Lennox", "OPG", (-76.85, 44.14), "81.07")])
    books = kit.books(wind, ghg)
    told = canada.add({WIND: wind, GHG: ghg}, NONE, books.facts, books.capacities, SPEC, books.work)
    books.work.ledger.close()
    assert told["capacity_mw"].tolist() == [100.0]


def test_only_open_licences_have_starter_rows():
    assert SPEC.source(LIST).optional
    assert SPEC.source(LIST).starter is None
    assert all(SPEC.source(s).starter and SPEC.source(s).licence.id.startswith("OGL") for s in (WIND, GHG))
