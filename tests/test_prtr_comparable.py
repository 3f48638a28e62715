"""The registers side by side: every cell one state, what may be compared, and the tables by a second query."""

from __future__ import annotations

import sqlite3
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.errors import SpecError
from naatlas.findings import tell
from naatlas.harmonize import crosswalk
from naatlas.layers._prtr import rules, side_by_side
from naatlas.layers._prtr.comparable import CELL, STATES, compare
from naatlas.layers._prtr.media import COMPARED, MEDIA
from naatlas.layers._prtr.substances import substances
from tests.prtr_query import counts_by_sql

COUNTRIES = ("CAN", "USA", "MEX")
SITES = pd.DataFrame(
    [
        (f"{country}-{number}", country, sector)
        for country in COUNTRIES
        for number, sector in enumerate(("metals", "oil_gas", "waste_water", None))
    ],
    columns=["atlas_id", "country", "sector"],
)
LEAD, CO2, DIOXINS = "lead-compounds", "124-38-9", "dioxin-compounds"
#: Of the TRI; not among the 200 substances of the RETC since 2014, and nobody tells whether it was before.
URETHANE = "51-79-6"
#: Of the TRI; the RETC lists the mixture of its isomers, and no source tells what that means for one of them.
P_XYLENE = "106-42-3"


def line(site: str, substance: str, medium: str, kg: float | None = None, **other: Any) -> dict[str, Any]:
    told = {"atlas_id": site, "substance": substance, "medium": medium, "kg": kg}
    return told | {"g": None, "basis": None, "year": 2015} | other


def long(*lines: dict[str, Any]) -> pd.DataFrame:
    columns = ["atlas_id", "substance", "medium", "year", "kg", "g", "basis"]
    types = {"kg": "float64", "g": "float64", "year": "int64", "basis": "string", "medium": "string"}
    return pd.DataFrame(list(lines), columns=columns).astype(types)


def state(lines: pd.DataFrame, country: str, unit: str, sector: str, medium: str = "air") -> str:
    cells = compare(lines, SITES).cells
    there = cells["country"].eq(country) & cells["unit"].eq(unit)
    own = cells[there & cells["sector"].eq(sector) & cells["medium"].eq(medium)]
    assert len(own) == 1
    return str(own["state"].iloc[0])


# the tables of the rules


def test_every_entry_of_the_rules_has_a_source_and_is_of_a_known_substance():
    told = rules.lists()
    assert told["source"].str.len().gt(20).all()
    assert set(told["register"]) == {"tri", "npri", "retc"}
    assert rules.coverage()["source"].str.len().gt(20).all()
    table = crosswalk.load("prtr_comparison_units", "substances").codes
    assert set(table) | set(table.values()) <= set(substances().index)
    assert not set(table) & set(table.values()), "a substance that others are compared under stays itself"


def test_thresholds_are_those_of_the_laws():
    told = rules.lists().dropna(subset="threshold").set_index(["register", "substance", "kind"])["threshold"]
    anything = "manufactured_processed_or_otherwise_used"
    assert told["tri", "7439-97-6", anything] == 10
    assert told["tri", LEAD, anything] == 100
    assert told["tri", DIOXINS, anything] == 0.1
    assert sorted(told["tri", "*", "manufactured_or_processed"]) == [25000, 50000, 75000]
    assert told["npri", "mercury-compounds", anything] == 5
    assert told["npri", "*", anything] == 10
    assert told["retc", LEAD, anything] == 5
    assert told["retc", LEAD, "released_or_transferred"] == 1
    assert told["retc", "118-74-1", "released_or_transferred"] == 0  # any amount


def test_no_substance_is_listed_and_not_listed_in_one_year():
    told = rules.lists()
    told = told[told["listed"].ne("")]
    pairs = told.merge(told, on=["register", "substance"])
    pairs = pairs[pairs["listed_x"].eq("yes") & pairs["listed_y"].eq("no")]
    overlap = pairs["first_year_x"].le(pairs["last_year_y"]) & pairs["first_year_y"].le(pairs["last_year_x"])
    assert not overlap.any()


def test_no_sector_is_covered_twice_in_one_year():
    told = rules.covered(range(1987, 2025))
    assert not told.duplicated(["register", "sector", "year"]).any()


def test_entries_without_source_or_substance_are_refused():
    with pytest.raises(SpecError, match="no source: line 3"):
        rules._refuse("prtr_lists", "no source", pd.Series(["tri"], index=[1]))


def test_what_a_register_does_not_tell_of_is_told_as_unknown():
    told = rules.in_force([LEAD, P_XYLENE], [2015])
    unknown = told[told["listed"].eq("unknown")]
    assert set(zip(unknown["register"], unknown["substance"], strict=True)) == {
        ("npri", P_XYLENE), ("retc", P_XYLENE)
    }  # fmt: skip
    assert unknown["source"].isna().all()
    lead = told[told["listed"].eq("yes") & told["register"].eq("tri") & told["substance"].eq(LEAD)]
    assert lead["threshold"].dropna().tolist() == [100]
    assert lead["source"].notna().all()


def test_all_releases_to_the_ground_are_compared_as_one():
    assert set(COMPARED) == set(MEDIA)
    assert {m for m, told in COMPARED.items() if told == "land"} == {
        "land", "underground_injection", "on_site_disposal"
    }  # fmt: skip
    assert rules.told_media("tri") >= {"air", "water", "land", "transfer_recycling"}


# states


def test_a_quantity_is_reported_and_the_other_media_of_the_form_are_zero():
    lines = long(line("USA-0", LEAD, "air", 2.0))
    assert state(lines, "USA", LEAD, "metals") == "reported"
    assert state(lines, "USA", LEAD, "metals", "water") == "reported_zero"


def test_a_form_of_nothing_but_zeros_is_reported_zero():
    lines = long(line("USA-0", LEAD, "none", 0.0))
    assert state(lines, "USA", LEAD, "metals") == "reported_zero"


def test_a_certified_facility_is_below_the_threshold():
    """Form A of the TRI has no quantities: neither is it zero."""
    lines = long(line("USA-0", LEAD, "none"))
    assert state(lines, "USA", LEAD, "metals") == "below_threshold_or_exempt"


def test_where_the_register_leaves_cells_empty_a_missing_medium_is_unknown():
    lines = long(line("MEX-0", LEAD, "air", 2.0, year=2012), line("USA-0", LEAD, "air", 1.0, year=2012))
    assert state(lines, "MEX", LEAD, "metals", "water") == "unknown"
    assert state(lines, "USA", LEAD, "metals", "water") == "reported_zero"


def test_a_quantity_without_a_medium_leaves_the_media_unknown():
    lines = long(line("USA-0", LEAD, "air", 2.0), line("USA-0", LEAD, "medium_not_told", 0.5))
    assert state(lines, "USA", LEAD, "metals") == "reported"
    assert state(lines, "USA", LEAD, "metals", "water") == "unknown"


def test_what_the_list_does_not_name_is_not_on_the_list():
    lines = long(line("MEX-0", CO2, "air", 2.0), line("USA-0", LEAD, "air", 1.0))
    assert state(lines, "USA", CO2, "metals") == "not_on_list"
    assert state(lines, "CAN", CO2, "metals") == "not_on_list"


def test_a_sector_that_need_not_report_is_not_covered_until_it_must():
    lines = long(line("MEX-1", LEAD, "air", 2.0), line("USA-0", LEAD, "air", 1.0))
    assert state(lines, "USA", LEAD, "oil_gas") == "sector_not_covered"
    assert state(lines.assign(year=2022), "USA", LEAD, "oil_gas") == "below_threshold_or_exempt"


def test_a_report_proves_that_the_sector_is_covered():
    lines = long(line("USA-1", LEAD, "air", 2.0))
    assert state(lines, "USA", LEAD, "oil_gas", "water") == "reported_zero"


def test_canada_has_no_file():
    lines = long(line("USA-0", LEAD, "air", 2.0))
    assert state(lines, "CAN", LEAD, "metals") == "no_file"


def test_a_listed_substance_that_nobody_reports_is_below_the_threshold_or_exempt():
    lines = long(line("USA-0", LEAD, "air", 2.0), line("MEX-2", LEAD, "air", 1.0))
    assert state(lines, "USA", LEAD, "waste_water") == "below_threshold_or_exempt"


def test_what_no_source_tells_is_unknown_and_counted():
    lines = long(line("USA-0", P_XYLENE, "air", 2.0), line("MEX-0", LEAD, "air", 2.0))
    assert state(lines, "MEX", P_XYLENE, "metals") == "unknown"
    told = compare(lines, SITES)
    assert told.share_unknown == told.cells["state"].eq("unknown").mean() > 0


def test_the_list_of_mexico_is_closed_since_2014_only():
    told = rules.listed([2013, 2014]).set_index(["register", "unit", "year"])["listed"]
    assert ("retc", URETHANE, 2013) not in told.index
    assert told["retc", URETHANE, 2014] == "no"
    assert told["retc", "56-23-5", 2013] == "yes"  # carbon tetrachloride was dropped from the list
    assert told["retc", "56-23-5", 2014] == "no"
    lines = long(line("USA-0", URETHANE, "air", 2.0), line("MEX-0", LEAD, "air", 2.0))
    assert state(lines, "MEX", URETHANE, "metals") == "not_on_list"


def test_absent_is_not_zero():
    cells = compare(long(line("USA-0", LEAD, "air", 2.0)), SITES).cells
    assert cells.loc[cells["country"].eq("CAN"), "kg"].isna().all()
    assert cells.loc[cells["state"].eq("reported_zero"), "kg"].eq(0).all()


def test_a_metal_and_its_compounds_are_one():
    lines = long(line("USA-0", "7439-92-1", "air", 2.0), line("USA-0", LEAD, "air", 3.0))
    cells = compare(lines, SITES).cells
    assert cells["unit"].unique().tolist() == [LEAD]
    assert cells["kg"].max() == 5.0


def test_toxic_equivalent_is_never_added_to_mass():
    lines = long(
        line("USA-0", DIOXINS, "air", g=2.0, basis="mass"), line("USA-0", DIOXINS, "air", g=0.5, basis="teq")
    )
    told = side_by_side.summary(compare(lines, SITES), "group").set_index(["group", "country"])
    assert told.loc[("dioxins_furans_hcb", "USA"), ["dioxins_g", "dioxins_g_teq"]].tolist() == [2.0, 0.5]
    assert pd.isna(told.loc[("dioxins_furans_hcb", "USA"), "toxics_kg"]) or (
        told.loc[("dioxins_furans_hcb", "USA"), "toxics_kg"] == 0
    )


# properties

_KG = st.sampled_from([None, 0.0, 1.0, 2.5])


@st.composite
def long_tables(draw: st.DrawFn) -> pd.DataFrame:
    """Lines of any facility, substance, medium and year; a line without a medium has no quantity but zero."""
    lines = []
    for _ in range(draw(st.integers(0, 12))):
        site = draw(st.sampled_from(SITES["atlas_id"].tolist()))
        substance = draw(st.sampled_from([LEAD, "7439-92-1", CO2, "50-32-8", URETHANE]))
        medium = draw(st.sampled_from([*MEDIA, "none", "medium_not_told"]))
        kg = draw(st.sampled_from([None, 0.0]) if medium == "none" else st.sampled_from([1.0, 2.5]))
        lines.append(line(site, substance, medium, kg, year=draw(st.sampled_from([2012, 2015, 2022]))))
    return long(*lines)


@given(long_tables())
@settings(max_examples=20, deadline=None)
def test_every_cell_is_in_exactly_one_state_and_the_sums_are_kept(lines: pd.DataFrame):
    cells = compare(lines, SITES).cells
    assert cells["state"].isin(STATES).all()
    assert not cells.duplicated(["country", *CELL]).any()
    years = lines["year"].unique()
    units = sum(rules.units(lines.loc[lines["year"].eq(y), "substance"]).nunique() for y in years)
    assert len(cells) == units * 3 * SITES["sector"].nunique(dropna=False) * len(set(COMPARED.values()))
    with_medium = lines[lines["medium"].isin(list(MEDIA))]
    assert cells["kg"].sum() == pytest.approx(with_medium["kg"].sum())


@given(
    long_tables(),
    st.sets(st.sampled_from(COUNTRIES), min_size=2),
    st.sets(st.sampled_from(COUNTRIES), min_size=2),
)
@settings(max_examples=20, deadline=None)
def test_the_filter_keeps_a_part_and_filters_commute(lines: pd.DataFrame, one: set[str], other: set[str]):
    told = compare(lines, SITES)
    first = told.comparable(lines, SITES, one)
    pd.testing.assert_frame_equal(first, lines.loc[first.index])
    both = told.comparable(first, SITES, other)
    pd.testing.assert_frame_equal(both, told.comparable(told.comparable(lines, SITES, other), SITES, one))
    shared = told.comparable(lines, SITES, one | other)
    assert set(shared.index) >= set(both.index)
    keys = list(CELL)
    wide, narrow = told.common(one), told.common(one | other)
    assert len(narrow.merge(wide, on=keys)) == len(narrow)


@given(long_tables())
@settings(max_examples=15, deadline=None)
def test_a_second_query_finds_the_same_tables(lines: pd.DataFrame):
    told = compare(lines, SITES)
    queried = counts_by_sql(lines, SITES)
    for by in side_by_side.BY:
        assert _as_counts(side_by_side.summary(told, by), by) == queried[by]


def _as_counts(table: pd.DataFrame, by: str) -> dict[tuple[int, str, str, str], int]:
    body = table[table[by].ne(side_by_side.ALL)]
    long_form = body.drop(columns="cells").melt(["year", by, "country"], list(STATES), "state", "cells")
    keys = zip(*(long_form[c] for c in ("year", by, "country", "state")), strict=True)
    return {tuple(k): int(n) for k, n in zip(keys, long_form["cells"], strict=True) if n}


def test_a_country_that_is_not_compared_is_refused():
    told = compare(long(line("USA-0", LEAD, "air", 2.0)), SITES)
    with pytest.raises(ValueError, match="not in the comparison: FRA"):
        told.common(["FRA", "USA"])


# tables and words


def test_the_tables_begin_with_what_is_unknown():
    lines = long(line("USA-0", URETHANE, "air", 2.0), line("MEX-0", LEAD, "air", 2.0))
    frames, found = side_by_side.tables(lines, SITES)
    assert set(frames) == {*side_by_side.BY.values(), "comparable", "reporting_rules"}
    for by, name in side_by_side.BY.items():
        table = frames[name]
        assert table[by].head(3).eq("all").all()
        rest = table[table[by].ne("all")]
        assert rest["cells"].sum() == table["cells"].head(3).sum()
        assert table["share_unknown"].between(0, 1).all()
    assert [f.rule for f in found] == ["cells-of-a-comparison-unknown"]
    for language in ("en", "fr", "es"):
        message, advice = tell(found[0], language)
        assert "%" in message
        assert "prtr_lists.csv" in advice


def test_what_two_and_three_countries_can_report():
    lines = long(
        line("USA-0", LEAD, "air", 2.0), line("MEX-0", LEAD, "air", 3.0), line("MEX-0", CO2, "air", 7.0)
    )
    told = side_by_side.common(compare(lines, SITES)).set_index(["countries", "country"])
    pair = told.loc["MEX + USA"]
    assert pair["substances"].tolist() == [1, 1]
    assert pair["toxics_kg"].to_dict() == {"MEX": 3.0, "USA": 2.0}
    assert told.loc[("CAN + MEX + USA", "CAN"), "no_file"] == told.loc[("CAN + MEX + USA", "CAN"), "cells"]
    assert pd.isna(told.loc[("CAN + MEX + USA", "CAN"), "toxics_kg"])


def test_sqlite_is_new_enough_for_the_second_query():
    assert sqlite3.sqlite_version_info >= (3, 30)


def test_coverage_is_told_of_the_sectors_of_the_layer():
    classes = {
        code
        for codes in (crosswalk.load("prtr_sectors", v).codes for v in ("naics", "npri", "retc"))
        for code in codes.values()
    }
    told = rules.coverage()
    assert set(told["sector"]) == classes
    for register in rules.REGISTERS.values():
        own = told[told["register"].eq(register) & told["last_year"].ge(2022)]
        assert set(own["sector"]) == classes, f"{register} says nothing of a sector"
