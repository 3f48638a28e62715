"""The books balance, or the build stops and says where."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.errors import AccountError
from naatlas.ledger import Ledger, State
from naatlas.quality.account import balance
from tests.quality_samples import SPEC, frame, ledger, provenance


def test_rows_and_quantities_balance_by_source_and_country():
    table = balance(ledger(), frame(), provenance(), SPEC).set_index(["source", "country", "quantity"])
    us = table.loc["us-plants", "USA", "capacity_mw"]
    assert us["rows"] == 5
    assert us["read"] == pytest.approx(12745.0 + 1.0)
    assert us[["published", "aggregated", "rejected", "control"]].tolist() == [3990.0, 2370.5, 12.5, 6373.0]
    assert us["in_layer"] == pytest.approx(6360.5)
    ca = table.loc["ca-plants", "CAN", "capacity_mw"]
    assert (ca["read"], ca["published"], ca["merged"], ca["in_layer"]) == (10856.0, 5428.0, 5428.0, 5428.0)
    assert table.loc["us-units", "USA", "co2_t"]["enriches"] == 9e6
    assert (table["difference"] == 0).all()


def test_what_the_layer_shows_is_the_sum_over_sources():
    table = balance(ledger(), frame(), provenance(), SPEC)
    shown = table.groupby("quantity")["in_layer"].sum()
    assert shown["capacity_mw"] == pytest.approx(frame()["capacity_mw"].sum())
    assert shown["co2_t"] == pytest.approx(frame()["co2_t"].sum())


def test_a_published_value_that_is_not_its_rows_stops_the_build():
    wrong = frame()
    wrong.loc[wrong["atlas_id"] == "USA-1", "capacity_mw"] = 2371.0
    with pytest.raises(
        AccountError, match=r"USA-1: capacity_mw is 2,371.000, its rows in us-plants add up to 2,370.500"
    ):
        balance(ledger(), wrong, provenance(), SPEC)


def test_a_twentieth_of_a_megawatt_is_rounding():
    near = frame()
    near.loc[near["atlas_id"] == "USA-1", "capacity_mw"] = 2370.54
    balance(ledger(), near, provenance(), SPEC)


def test_a_value_without_provenance_or_rows_stops_the_build():
    with pytest.raises(AccountError, match=r"USA-2: .* names no source"):
        balance(ledger(), frame(), provenance().iloc[:-1], SPEC)
    with pytest.raises(AccountError, match=r"USA-2: .*us-units has no rows of this feature"):
        balance(
            ledger(),
            frame(),
            provenance().assign(source=lambda p: p["source"].where(p.index != 6, "us-units")),
            SPEC,
        )


def test_an_open_row_stops_the_build():
    books = ledger()
    books.open_rows("late", pd.DataFrame({"id": ["z"]}, index=[2]))
    with pytest.raises(AccountError, match=r"late: 1 row\(s\), e.g. row 2"):
        balance(books, frame(), provenance(), SPEC)


def test_an_unknown_rule_is_refused():
    spec = dataclasses.replace(SPEC, balance={"capacity_mw": "somehow"})
    with pytest.raises(AccountError, match="write source or source-and-links or used or by-level"):
        balance(ledger(), frame(), provenance(), spec)


def test_a_layer_on_a_layer_balances_with_its_features():
    books, below = Ledger(), frame()
    books.open_rows("plants", below)
    books.measure("plants", "capacity_mw", below["capacity_mw"], below["country"])
    books.settle("plants", [0, 1], State.PUBLISHED, below.loc[[0, 1], "atlas_id"])
    books.settle("plants", [2], State.OUT_OF_SCOPE, "burns gas")
    spec = dataclasses.replace(SPEC, uses=("plants",), balance={"capacity_mw": "used"})
    table = balance(books, below.loc[[0, 1]], provenance(), spec).set_index("country")
    assert table["source"].unique().tolist() == ["plants"]
    assert table["in_layer"].to_dict() == {"CAN": 5428.0, "USA": 2370.5}
    with pytest.raises(AccountError, match=r"USA-2: capacity_mw is 3,990\.000, and plants has no rows"):
        balance(books, below, provenance(), spec)


def test_many_differences_are_counted_and_the_first_are_shown():
    many = pd.concat([frame()] * 5, ignore_index=True)
    many["atlas_id"] = [f"X-{n:02d}" for n in range(len(many))]
    with pytest.raises(AccountError, match=r"^20 sum\(s\) do not agree:(\n.*){10}\n  and 10 more$"):
        balance(ledger(), many, provenance(), SPEC)


def test_what_is_left_out_is_summed_by_reason():
    told = ledger().left_out().set_index(["source", "state", "reason"])
    lost = told.loc["us-plants", "rejected", "no coordinates"]
    assert (lost["rows"], lost["capacity_mw"]) == (1, 12.5)
    assert told.loc["us-plants", "control", "total of the publisher"]["capacity_mw"] == 6373.0
    assert Ledger().left_out().empty


states = st.sampled_from(list(State))


@settings(deadline=None, max_examples=50)  # shared machines are slow at times
@given(
    rows=st.lists(
        st.tuples(
            states,
            st.integers(0, 4),
            st.floats(min_value=0, max_value=1e6),
            st.sampled_from(["CAN", "USA", "MEX"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_the_books_always_sum_however_rows_are_settled(rows: list[tuple[State, int, float, str]]):
    books = Ledger()
    index = pd.RangeIndex(2, 2 + len(rows))
    books.open_rows("s", pd.DataFrame({"a": ["x"] * len(rows)}, index=index))
    books.measure(
        "s",
        "capacity_mw",
        pd.Series([r[2] for r in rows], index=index),
        pd.Series([r[3] for r in rows], index=index),
    )
    for row, (state, feature, _, _) in zip(index, rows, strict=True):
        books.settle("s", [row], state, f"F{feature}")
    own = books.by_feature("capacity_mw").groupby("id")["value"].sum()
    layer = pd.DataFrame({"atlas_id": own.index, "country": "USA", "capacity_mw": own.to_numpy()})
    origin = pd.DataFrame({"atlas_id": own.index, "field": "capacity_mw", "source": "s"})
    spec = dataclasses.replace(SPEC, balance={"capacity_mw": "source"})
    table = balance(books, layer, origin, spec)
    told = [str(s) for s in State]
    np.testing.assert_allclose(table["read"], table[told].sum(axis=1), atol=1e-6)
    assert table["read"].sum() == pytest.approx(sum(r[2] for r in rows))
    assert table["rows"].sum() == len(rows)
    assert (books.counts()[told].sum(axis=1) == books.counts()["read"]).all()
    if (own > 1).any():
        layer.loc[layer["capacity_mw"].idxmax(), "capacity_mw"] *= 1.1
        with pytest.raises(AccountError):
            balance(books, layer, origin, spec)
