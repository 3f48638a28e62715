"""Countries side by side: coverage, totals that add up, comparability, and years that differ."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from naatlas.quality.comparability import (
    check_vintages,
    comparability,
    coverage,
    pivot,
    quantities,
    vintages,
)
from tests.quality_samples import SPEC, frame, inputs


def test_coverage_counts_each_field_by_country_in_the_order_of_the_specification():
    table = coverage(frame(), SPEC)
    assert table["field"].drop_duplicates().tolist() == [f.name for f in SPEC.fields]
    line = table.set_index(["field", "country"]).loc["co2_t", "USA"]
    assert (line["features"], line["filled"], line["share"], line["sum"]) == (2, 1, 0.5, 9e6)
    capacity = table.set_index(["field", "country"]).loc["capacity_mw", "USA"]
    assert (capacity["median"], capacity["sum"]) == (pytest.approx(3180.25), pytest.approx(6360.5))
    latitude = table.set_index(["field", "country"]).loc["latitude", "CAN"]
    assert latitude["median"] == 53.5
    assert pd.isna(latitude["sum"])


def test_only_quantities_are_added_up():
    assert [f.name for f in quantities(SPEC)] == ["capacity_mw", "co2_t"]


def test_the_pivot_adds_up_both_ways():
    table = pivot(frame(), "capacity_mw", "primary_source")
    assert list(table.columns) == ["CAN", "USA", "total"]
    assert table.loc["coal", "USA"] == 2370.5
    assert pd.isna(table.loc["coal", "CAN"])
    assert table.loc["total", "total"] == pytest.approx(frame()["capacity_mw"].sum())
    assert (table.drop(index="total").sum() == table.loc["total"]).all()
    assert pivot(frame(), "co2_t", "primary_source").loc["total"].isna().tolist() == [True, False, False]


def test_the_pivot_keeps_what_has_no_class():
    table = frame().assign(primary_source=pd.array(["coal", None, None], dtype="string"))
    assert pivot(table, "capacity_mw", "primary_source").loc["not stated", "total"] == pytest.approx(6360.5)


def test_comparability_names_flag_and_years():
    (line,) = comparability(frame(), SPEC).to_dict("records")
    assert line == {
        "field": "co2_t",
        "country": "USA",
        "flag": "comparable",
        "features": 1,
        "first_year": 2021,
        "last_year": 2021,
    }


def test_differing_vintages_and_years_are_warned():
    table = frame()
    table.loc[0, ["co2_t", "co2_year"]] = [1.0, 2017]
    found = {f.rule: f for f in check_vintages(inputs(), table, SPEC)}
    assert set(found) == {"vintages-differ", "years-differ"}
    assert "CAN 2017, USA 2023" in found["vintages-differ"].message
    assert "CAN 2017, USA 2021" in found["years-differ"].message
    assert found["years-differ"].where == "co2_t"


def test_equal_vintages_are_not():
    assert check_vintages(inputs()[:1], frame(), SPEC) == []
    assert vintages(inputs()).iloc[0].tolist() == ["CAN", "ca-plants", "2017", "data"]


def test_levels_that_lie_on_each_other_have_no_sum():
    fields = tuple(dataclasses.replace(f, required=True, gap=False) for f in SPEC.fields)
    spec = dataclasses.replace(SPEC, fields=fields, nested_by="primary_source", balance={})
    assert coverage(frame(), spec)["sum"].isna().all()
    assert coverage(frame(), SPEC)["sum"].notna().any()
