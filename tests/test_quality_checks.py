"""Checks that follow from the specification: each trap is told, and nothing is ever edited."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.quality.checks import check
from naatlas.spec import Gap
from tests.quality_samples import SPEC, WORDS, frame


def found(table: pd.DataFrame) -> dict[tuple[str, str], object]:
    return {(f.rule, f.where): f for f in check(table, SPEC, WORDS)}


def test_a_sound_layer_has_no_finding():
    assert check(frame(), SPEC, WORDS) == []


@pytest.mark.parametrize(
    ("field", "value", "rule", "severity"),
    [
        ("name", None, "required-missing", "error"),
        ("atlas_id", "USA-1", "key-repeated", "error"),
        ("capacity_mw", -1.0, "below-range", "warning"),
        ("capacity_mw", 30001.0, "above-range", "warning"),
        ("capacity_mw", np.inf, "not-finite", "error"),
        ("year_online", 1815, "below-range", "warning"),
        ("latitude", 425.246, "above-range", "warning"),
        ("primary_source", "unobtainium", "code-unknown", "error"),
        ("state", "TX", "code-unknown", "error"),
        ("name", "Central Querétaro", "mojibake", "warning"),
        ("name", "Qu\ufffdbec", "mojibake", "warning"),
        ("name", "two\nlines", "control-character", "warning"),
        ("name", " Barry", "blank-at-the-ends", "warning"),
        ("name", "", "empty-text", "warning"),
        ("pm25_t", 0.5, "gap-filled", "error"),
    ],
)
def test_each_trap_is_told_with_its_feature(field: str, value: object, rule: str, severity: str):
    table = frame()
    row = 0 if field == "atlas_id" else 2
    if value == "Central Querétaro":
        value = "Central Querétaro".encode().decode("latin-1")
    table.loc[row, field] = value
    finding = found(table)[rule, field]
    assert finding.severity == severity
    assert finding.message.count("\n") == 0
    assert finding.advice
    assert finding.count == len(finding.ids) == (2 if field == "atlas_id" else 1)
    assert set(finding.ids) == ({"USA-1"} if field == "atlas_id" else {"USA-2"})


def test_bounds_themselves_are_allowed():
    table = frame()
    table.loc[0, "capacity_mw"], table.loc[1, "capacity_mw"] = 0.0, 30000.0
    assert check(table, SPEC, WORDS) == []


def test_columns_types_and_class_lists():
    table = frame().drop(columns="state").assign(colour="red", year_online=[1.5, 2.5, 3.5])
    rules = found(table)
    assert "state" in rules["column-absent", ""].message
    assert "colour" in rules["column-undeclared", ""].message
    assert "float64" in rules["wrong-type", "year_online"].message
    poor = dataclasses.replace(WORDS, classes={})
    assert {"class-list-absent"} == {f.rule for f in check(frame(), SPEC, poor)}


def test_an_empty_column_is_told_unless_it_is_a_declared_gap():
    table = frame().assign(year_online=pd.array([None] * 3, dtype="Int64"))
    assert set(found(table)) == {("column-empty", "year_online")}


def test_a_gap_of_one_country_must_be_empty_there_only():
    spec = dataclasses.replace(SPEC, gaps=(Gap(field="co2_t", country="CAN", why="only CO2e"),))
    assert check(frame(), spec, WORDS) == []
    table = frame()
    table.loc[0, "co2_t"] = 5.0
    (finding,) = check(table, spec, WORDS)
    assert (finding.rule, finding.where, finding.ids) == ("gap-filled", "CAN", ("CAN-1",))


def test_one_name_on_one_spot_is_told_two_names_are_not():
    table = frame()
    table.loc[2, ["latitude", "longitude"]] = table.loc[1, ["latitude", "longitude"]].to_numpy()
    assert ("same-name-and-place", "") not in found(table)
    table.loc[2, "name"] = "BARRY  <1>"
    assert found(table)["same-name-and-place", ""].ids == ("USA-1", "USA-2")


@settings(deadline=None, max_examples=50)  # shared machines are slow at times
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(max_size=6)),
            st.one_of(st.none(), st.floats(allow_nan=False)),
            st.one_of(st.none(), st.sampled_from(["coal", "hydroelectric", "?"])),
        ),
        max_size=8,
    )
)
def test_checks_never_edit_the_frame(rows: list[tuple[str | None, float | None, str | None]]):
    table = frame().iloc[:0].reindex(range(len(rows)))
    table["name"] = pd.array([r[0] for r in rows], dtype="string")
    table["capacity_mw"] = np.array([np.nan if r[1] is None else r[1] for r in rows], dtype="float64")
    table["primary_source"] = pd.array([r[2] for r in rows], dtype="string")
    before = table.copy(deep=True)
    for finding in check(table, SPEC, WORDS):
        assert finding.count >= 1
    pd.testing.assert_frame_equal(table, before)


def test_a_gap_declared_for_every_country_of_the_layer_is_not_told_again():
    empty = frame().assign(co2_t=pd.array([None] * 3, dtype="Float64"))
    assert ("column-empty", "co2_t") in found(empty)
    gaps = tuple(Gap(field="co2_t", country=country, why="not reported") for country in ("CAN", "USA"))
    for declared, told in ((gaps, False), (gaps[:1], True)):
        spec = dataclasses.replace(SPEC, gaps=declared)
        assert ("column-empty" in {f.rule for f in check(empty, spec, WORDS)}) == told
    everywhere = dataclasses.replace(SPEC, gaps=(Gap(field="co2_t", country=None, why="not reported"),))
    assert "column-empty" not in {f.rule for f in check(empty, everywhere, WORDS)}


def test_a_required_field_that_is_empty_is_told_whatever_is_declared():
    empty = frame().assign(capacity_mw=pd.array([None] * 3, dtype="Float64"))
    spec = dataclasses.replace(SPEC, gaps=(Gap(field="capacity_mw", country=None, why="not reported"),))
    assert "required-missing" in {f.rule for f in check(empty, spec, WORDS)}
