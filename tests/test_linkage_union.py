"""The two trilateral tables: which rows are one plant, and what the union comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas.errors import LinkageError
from naatlas.layers.power_plants.union import matches, same_plant
from tests import linkage_inputs as inputs

if TYPE_CHECKING:
    from pathlib import Path

MW, RENEWABLE = "Total Capacity (MW)", "Total Renewable Capacity (MW)"

Tables = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def tables(national: Path) -> Tables:
    ge100, renew = inputs.trilateral_tables(national)
    return ge100, renew


def _union(tables: Tables) -> pd.DataFrame:
    ge100, renew = tables
    return pd.concat([ge100, renew.drop(index=same_plant(ge100, renew)["renew_row"])], ignore_index=True)


@pytest.mark.national
def test_every_row_with_renewable_capacity_stands_in_the_other_table(tables: Tables):
    told = same_plant(*tables)
    found = tables[0].loc[told["ge100_row"].unique()]
    assert found.groupby("Country").size().to_dict() == {"Canada": 171, "Mexico": 36, "United States": 657}
    expected = tables[0].index[tables[0][RENEWABLE] >= 1.0]
    assert set(told["ge100_row"]) == set(expected)
    assert told["renew_row"].is_unique


@pytest.mark.national
def test_nothing_is_left_over_or_in_doubt(tables: Tables):
    told = matches(*tables)
    assert told.unmatched_left.empty
    assert set(told.counts) == {"linked"}


@pytest.mark.national
def test_fourteen_mexican_plants_are_spelled_otherwise_and_one_is_four(tables: Tables):
    told = same_plant(*tables)
    ours = tables[0].loc[told["ge100_row"], ["Country", "Facility Name"]].reset_index()
    theirs = tables[1].loc[told["renew_row"], "Facility Name"].reset_index(drop=True)
    mexican = ours[ours["Country"] == "Mexico"].assign(other=theirs)
    other = mexican[mexican["Facility Name"].str.casefold() != mexican["other"].str.casefold()]
    four = mexican[mexican["Facility Name"].str.contains("Cerro Prieto")]
    assert four["other"].tolist() == [f"Cerro Prieto {n}" for n in ("I", "IV", "II", "III")]
    assert other["Facility Name"].nunique() == 14


@pytest.mark.national
def test_the_union_comes_to_the_plants_and_megawatts_expected(tables: Tables):
    told = _union(tables).groupby("Country")[MW].agg(["size", "sum"])
    assert told["size"].to_dict() == {"Canada": 1125, "Mexico": 223, "United States": 6428}
    assert told["sum"].round(1).to_dict() == {
        "Canada": 141244.2,
        "Mexico": 64424.8,
        "United States": 1143926.9,
    }


@pytest.mark.national
def test_by_source_the_union_is_the_first_table_and_what_the_second_has_alone(tables: Tables):
    """An independent sum: by the tables' own rule, what the second has alone is below 100 MW, but for Cerro Prieto."""
    ge100, renew = tables
    keys = ["Country", "Primary Energy Source"]
    cerro = renew["Facility Name"].str.fullmatch(r"Cerro Prieto (I|II|III|IV)")
    alone = renew[(renew[MW].round(1) < 100.0) & ~cerro]
    expected = ge100.groupby(keys)[MW].sum().add(alone.groupby(keys)[MW].sum(), fill_value=0.0)
    pd.testing.assert_series_equal(_union(tables).groupby(keys)[MW].sum(), expected, atol=0.05)


@pytest.mark.national
def test_coal_and_wind_at_lingan_stay_two_plants(tables: Tables):
    told = _union(tables)
    lingan = told[told["Facility Name"] == "Lingan"]
    assert sorted(lingan["Primary Energy Source"]) == ["Coal", "Wind"]


@pytest.mark.national
def test_a_decided_plant_that_left_the_tables_stops(tables: Tables):
    ge100, renew = tables
    without = renew[renew["Facility Name"] != "Cerro Prieto II"]
    with pytest.raises(LinkageError, match="Cerro Prieto II / Baja California"):
        same_plant(ge100, without)
    assert len(same_plant(ge100, without, partial=True)) == len(same_plant(ge100, renew)) - 1
