"""Every row ends in exactly one state, and nobody can say otherwise twice."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.errors import AccountError
from naatlas.ledger import INTO_A_FEATURE, Ledger, State


def opened(count: int = 4) -> Ledger:
    ledger = Ledger()
    frame = pd.DataFrame(
        {"name": [f"plant {i}" for i in range(count)]}, index=range(2, count + 2), dtype="string"
    )
    ledger.open_rows("list", frame)
    return ledger


@settings(deadline=None)  # shared machines are slow at times
@given(st.lists(st.sampled_from(list(State)), min_size=1, max_size=40))
def test_states_add_up_to_the_rows_read(states: list[State]):
    ledger = opened(len(states))
    for row, state in enumerate(states, start=2):
        ledger.settle("list", [row], state, "USA-1")
    ledger.close()
    counts = ledger.counts().loc["list"]
    assert counts["read"] == len(states)
    assert {str(s): states.count(s) for s in State} == counts.drop("read").to_dict()
    assert len(ledger.rejected()) == states.count(State.REJECTED)


@settings(deadline=None)  # shared machines are slow at times
@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=30), st.data())
def test_quantities_add_up_by_country_and_state(values: list[float], data: st.DataObject):
    ledger = opened(len(values))
    rows = pd.RangeIndex(2, len(values) + 2)
    country = pd.Series(
        data.draw(st.lists(st.sampled_from(["CAN", "USA"]), min_size=len(values), max_size=len(values))),
        index=rows,
    )
    ledger.measure("list", "capacity_mw", pd.Series(values, index=rows), country)
    for row in rows:
        ledger.settle("list", [row], data.draw(st.sampled_from(list(State))), "why")
    told = ledger.quantities()
    assert told["value"].sum() == pytest.approx(sum(values))
    assert told["rows"].sum() == len(values)
    by_country = told.groupby("country")["value"].sum()
    read = ledger.totals().set_index("country")["read"]
    pd.testing.assert_series_equal(by_country, read, check_names=False)


def test_a_row_left_over_does_not_close():
    ledger = opened()
    ledger.settle("list", [2, 3], State.CONTROL, "sum only")
    with pytest.raises(AccountError, match=r"rows that went nowhere: list: 2 row\(s\), e\.g\. row 4"):
        ledger.close()


def test_settling_twice_names_both_states():
    ledger = opened()
    ledger.settle("list", [2], State.PUBLISHED, "USA-1")
    with pytest.raises(AccountError, match=r"row 2: already published \(USA-1\), cannot also be rejected"):
        ledger.settle("list", [3, 2], State.REJECTED, "no point")
    assert list(ledger.open_of("list")) == [3, 4, 5]  # and row 3 was not settled by halves


@pytest.mark.parametrize("rows", [[99], [2, 2], [2, 99]])
def test_rows_of_nobody_and_rows_said_twice(rows: list[int]):
    ledger = opened()
    with pytest.raises(AccountError, match="that are not in it, or twice at once"):
        ledger.settle("list", rows, State.PUBLISHED, "USA-1")
    assert len(ledger.open_of("list")) == 4


@pytest.mark.parametrize("detail", ["", pd.Series(["USA-1", pd.NA], dtype="string"), pd.Series(["a", ""])])
def test_a_state_needs_an_id_or_a_reason(detail: str | pd.Series):
    ledger = opened()
    with pytest.raises(AccountError, match="do not say into what, or why"):
        ledger.settle("list", [2, 3], State.PUBLISHED, detail)
    assert len(ledger.open_of("list")) == 4


def test_details_by_position_whatever_their_index():
    ledger = opened()
    ledger.settle("list", [5, 2], State.PUBLISHED, pd.Series(["USA-5", "USA-2"], index=[70, 71]))
    assert ledger.states("list")["detail"].dropna().to_dict() == {2: "USA-2", 5: "USA-5"}


def test_no_rows_is_no_trouble():
    ledger = opened()
    ledger.settle("list", [], State.REJECTED, "nothing")
    assert len(ledger.open_of("list")) == 4


def test_a_source_is_opened_once_and_its_rows_have_one_number_each():
    ledger = opened()
    with pytest.raises(AccountError, match="opened twice"):
        ledger.open_rows("list", pd.DataFrame())
    with pytest.raises(AccountError, match="row numbers repeat"):
        ledger.open_rows("other", pd.DataFrame({"a": [1, 2]}, index=[2, 2]))


def test_restate_takes_all_rows_of_a_feature_and_no_other():
    ledger = opened(6)
    for row, state in zip(range(2, 6), sorted(INTO_A_FEATURE), strict=True):
        ledger.settle("list", [row], state, "USA-1")
    ledger.settle("list", [6], State.PUBLISHED, "USA-2")
    ledger.settle("list", [7], State.REJECTED, "USA-1")  # a reason that reads like an id is none
    ledger.restate("list", ["USA-1"], State.OUT_OF_SCOPE, "below 1 MW")
    counts = ledger.counts().loc["list"]
    assert (counts["out_of_scope"], counts["published"], counts["rejected"]) == (4, 1, 1)
    ledger.close()


def test_rename_follows_ids_and_leaves_reasons():
    ledger = opened(3)
    ledger.settle("list", [2], State.PUBLISHED, "CAN-a")
    ledger.settle("list", [3], State.PUBLISHED, "CAN-b")
    ledger.settle("list", [4], State.REJECTED, "CAN-a")
    ledger.rename({"CAN-a": "CAN-b", "CAN-b": "CAN-a"})  # at once, not one after the other
    assert ledger.states("list")["detail"].to_dict() == {2: "CAN-b", 3: "CAN-a", 4: "CAN-a"}


def test_rejects_carry_their_cells_and_corrections_both_values():
    ledger = opened()
    ledger.settle("list", [3], State.REJECTED, "no coordinates")
    ledger.correct("list", 2, field="Lat", old="", new=45.0, reason="from the map", by="maintainers")
    assert ledger.rejected().to_dict("records") == [
        {"source": "list", "row": 3, "reason": "no coordinates", "original": "name=plant 1"}
    ]
    logged = ledger.corrections().iloc[0]
    assert (logged["row"], logged["old"], logged["new"], logged["decided_by"]) == (
        "2",
        "",
        "45.0",
        "maintainers",
    )


def test_rows_of_a_merged_feature_go_to_the_one_that_stands_for_it():
    ledger = opened()
    ledger.settle("list", [2], State.PUBLISHED, "one")
    ledger.settle("list", [3], State.PUBLISHED, "other")
    ledger.settle("list", [4], State.OUT_OF_SCOPE, "other")
    ledger.settle("list", [5], State.ENRICHES, "third")
    ledger.merge({"other": "one"})
    told = ledger.states("list")
    assert told.loc[3].tolist() == ["merged", "one"]
    assert told["state"].tolist() == ["published", "merged", "out_of_scope", "enriches"]
    assert told.loc[4, "detail"] == "other"  # a reason, not an id
