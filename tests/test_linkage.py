"""Linking two registers: vetoes, ambiguity, decisions of people, and what is left over."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.errors import LinkageError
from naatlas.harmonize.linkage import AMBIGUOUS, BELOW, LINKED, LinkRules, link
from naatlas.harmonize.overrides import Override, Overrides, load

if TYPE_CHECKING:
    from random import Random


def _plants(*rows: tuple[str, str, float, float, float], state: str = "NS") -> pd.DataFrame:
    """Rows of name, energy source, MW, longitude, latitude."""
    frame = pd.DataFrame(rows, columns=["name", "energy_source", "capacity_mw", "longitude", "latitude"])
    frame.index = pd.Index([f"p{n}" for n in range(len(frame))])
    return frame.assign(country="CAN", state=state)


def _decided(*lines: tuple[str, str, str]) -> Overrides:
    told = [
        Override(a, b, decision, "a reviewer", "2026-01-01", "seen", line=n)
        for n, (a, b, decision) in enumerate(lines, start=2)
    ]
    return Overrides("naatlas/crosswalks/links_test.csv", "a", "b", tuple(told))


def test_a_link_says_why():
    left = _plants(("Wreck Cove", "hydroelectric", 200.0, -60.45, 46.53))
    right = _plants(("Wreck Cove GS", "hydroelectric", 202.0, -60.455, 46.53))
    told = link(left, right).linked
    assert told["reason"].tolist() == ["name 100, 0.4 km, 200.0 of 202.0 MW, hydroelectric = hydroelectric"]
    assert told["score"].iloc[0] > 90


def test_coal_and_wind_of_one_name_are_two_plants():
    left = _plants(("Lingan", "coal", 600.0, -60.04, 46.24))
    right = _plants(("Lingan", "wind", 15.4, -60.03, 46.24))
    told = link(left, right)
    assert told.linked.empty
    assert told.unmatched_left["capacity_mw"].sum() == 600.0
    assert told.unmatched_right["capacity_mw"].sum() == 15.4


def test_a_source_in_the_name_is_a_veto_where_the_register_gives_none():
    left = _plants(("Sarnia 1", "solar", 20.0, -82.34, 42.94))
    right = _plants(("Sarnia Cogeneration Combustion Turbine 1", "", np.nan, -82.34, 42.94))
    assert link(left, right).linked.empty


def test_several_fuels_in_common_are_no_veto():
    left = _plants(("Princeton", "natural_gas;solar", 20.0, -74.66, 40.34))
    right = _plants(("Princeton", "solar;natural_gas", 20.0, -74.66, 40.34))
    assert len(link(left, right).linked) == 1


@pytest.mark.parametrize("other", ["Bersimis-2", "Bersimis B", "Bersimis 3"])
def test_other_unit_numbers_are_a_veto(other: str):
    left = _plants(("Bersimis-1", "hydroelectric", 869.0, -69.3, 49.3))
    right = _plants((other, "hydroelectric", 869.0, -69.3, 49.3))
    assert link(left, right).linked.empty


def test_too_far_is_a_veto():
    left = _plants(("Ghost Pine", "wind", 81.6, -112.9, 51.9))
    right = _plants(("Ghost Pine", "wind", 81.6, -112.0, 51.9))
    assert link(left, right, rules=LinkRules(limit_km=50.0)).linked.empty
    assert len(link(left, right, rules=LinkRules(limit_km=100.0)).linked) == 1


def test_a_renamed_plant_links_by_place_and_size():
    left = _plants(("AES Shady Point LLC", "coal", 350.0, -94.6, 35.19))
    right = _plants(("River Valley", "coal", 350.0, -94.6, 35.19))
    assert len(link(left, right).linked) == 1


def test_a_border_plant_links_across_states():
    left = _plants(("Chats Falls", "hydroelectric", 192.0, -76.24, 45.47), state="QC")
    right = _plants(("Chats Falls", "hydroelectric", 192.0, -76.24, 45.47), state="ON")
    assert len(link(left, right).linked) == 1


def test_nothing_links_across_countries():
    left = _plants(("Falcón", "hydroelectric", 31.5, -99.17, 26.56))
    assert link(left, left.assign(country="MEX")).linked.empty


def test_two_that_fit_alike_are_listed_and_not_linked():
    left = _plants(("Holyrood", "petroleum", 490.0, -53.1, 47.45))
    right = _plants(
        ("Holyrood East Hill", "", np.nan, -53.1, 47.45), ("Holyrood West Hill", "", np.nan, -53.1, 47.45)
    )
    told = link(left, right)
    assert told.linked.empty
    assert told.pairs["decision"].tolist() == [AMBIGUOUS, AMBIGUOUS]
    assert told.unmatched_left["decision"].tolist() == [AMBIGUOUS]


def test_siblings_take_their_own():
    names = ["American Falls Solar", "American Falls Solar II", "American Falls Solar III"]
    left = _plants(*((name, "solar", 20.0, -112.8, 42.8) for name in names))
    told = link(left, left.iloc[::-1]).linked
    assert (told["left"] == told["right"]).all()
    assert len(told) == 3


def test_a_pair_below_the_threshold_is_listed_with_its_score():
    left = _plants(("Zephyr", "wind", 10.0, -81.906, 42.924))
    right = _plants(("Watford Wind Farm", "wind", 11.5, -81.904, 42.923))
    told = link(left, right)
    assert told.pairs["decision"].tolist() == [BELOW]
    assert 0 < told.pairs["score"].iloc[0] < 75


def test_without_points_another_size_speaks_against_a_common_name():
    left = _plants(("Planta Tijuana", "petroleum", 1.6, np.nan, np.nan))
    right = _plants(("Tijuana", "natural_gas", 345.0, -117.07, 32.37))
    assert link(left, right).linked.empty
    assert len(link(left.assign(capacity_mw=345.0), right).linked) == 1


def test_a_person_links_one_to_many_and_parts_what_scores_well():
    left = _plants(
        ("Cerro Prieto I II", "geothermal", 250.0, -115.2, 32.4), ("Holyrood", "", np.nan, -53.0, 47.0)
    )
    right = _plants(
        ("Cerro Prieto I", "geothermal", 30.0, -115.2, 32.4),
        ("Cerro Prieto II", "geothermal", 220.0, -115.2, 32.4),
        ("Holyrood", "", np.nan, -53.0, 47.0),
    )
    decided = _decided(("p0", "p0", "same"), ("p0", "p1", "same"), ("p1", "p2", "different"))
    told = link(left, right, overrides=decided)
    assert told.linked[["left", "right"]].to_numpy().tolist() == [["p0", "p0"], ["p0", "p1"]]
    assert told.linked["reason"].str.contains("a reviewer on 2026-01-01: seen").all()
    assert told.unmatched_right.index.tolist() == ["p2"]


def test_a_decision_about_a_row_that_is_gone_stops():
    left = _plants(("Wreck Cove", "hydroelectric", 200.0, -60.45, 46.53))
    decided = _decided(("p0", "gone", "same"))
    with pytest.raises(
        LinkageError, match=r"links_test.csv: not in the inputs of b any more: line 2: 'gone'"
    ):
        link(left, left, overrides=decided)
    assert len(link(left, left, overrides=decided, partial=True).linked) == 1


def test_a_key_that_stands_for_two_rows_cannot_be_decided():
    left = _plants(("A", "wind", 1.0, -60.0, 46.0), ("A", "solar", 1.0, -60.0, 46.0)).assign(key="A")
    with pytest.raises(LinkageError, match="stands for 2 rows"):
        link(left, left, overrides=_decided(("A", "A", "same")))


def test_labels_must_be_unique():
    left = _plants(("A", "wind", 1.0, -60.0, 46.0), ("B", "wind", 1.0, -60.0, 46.0))
    left.index = pd.Index(["x", "x"])
    with pytest.raises(LinkageError, match="labels of the left table repeat, such as 'x'"):
        link(left, left)


def test_nothing_to_link():
    left = _plants(("A hill", "wind", 1.0, -60.0, 46.0))
    for ours, theirs in ((left.iloc[:0], left), (left, left.iloc[:0]), (left.iloc[:0], left.iloc[:0])):
        told = link(ours, theirs)
        assert told.pairs.empty
        assert len(told.unmatched_left) == len(ours)
        assert len(told.unmatched_right) == len(theirs)


def test_columns_may_be_missing():
    left = pd.DataFrame({"name": ["Wreck Cove", None]})
    assert link(left, left).linked[["left", "right"]].to_numpy().tolist() == [[0, 0]]


@pytest.mark.parametrize("name", ["trilateral", "canada", "mexico"])
def test_tables_of_decisions_are_signed_and_whole(name: str):
    lines = load(name, "no-such-source", "power-plants").lines
    assert lines == ()
    source = {"trilateral": "nacei-ge100mw-201708", "canada": "can-ghg-2021", "mexico": "mex-retc-es-2022"}[
        name
    ]
    other = "nacei-renew-ge1mw-201708" if name == "trilateral" else "power-plants"
    told = load(name, source, other)
    assert told.lines
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", line.decided_on) and line.why for line in told.lines)


def test_an_unknown_table_of_decisions_stops():
    with pytest.raises(LinkageError, match=r"no table naatlas/crosswalks/links_atlantis\.csv"):
        load("atlantis", "a", "b")


_NAMES = st.sampled_from(
    ["Lingan", "Mayo A", "Mayo B", "Cerro Prieto I", "Cerro Prieto II", "Grand Falls", "Tula", ""]
)
_ROWS = st.lists(
    st.tuples(
        _NAMES,
        st.sampled_from(["coal", "wind", "hydroelectric", ""]),
        st.one_of(st.just(np.nan), st.floats(0.1, 3000.0)),
        st.floats(-60.2, -60.0),
        st.floats(46.0, 46.1),
    ),
    max_size=7,
)


@given(_ROWS, _ROWS)
@settings(max_examples=30, deadline=None)
def test_whatever_comes_links_stay_one_to_one_and_nothing_is_lost(ours: list, theirs: list):
    left, right = _plants(*ours), _plants(*theirs)
    told = link(left, right)
    for side, frame, rest in (("left", left, told.unmatched_left), ("right", right, told.unmatched_right)):
        assert told.linked[side].is_unique
        assert sorted([*told.linked[side], *rest.index]) == sorted(frame.index)
    assert set(told.pairs["decision"]) <= {LINKED, AMBIGUOUS, BELOW}
    assert told.pairs["score"].between(0, 100).all()


@given(_ROWS, _ROWS, st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_does_not_matter(ours: list, theirs: list, random: Random):
    left, right = _plants(*ours), _plants(*theirs)
    one = link(left, right).linked[["left", "right"]].to_numpy().tolist()
    order = list(range(len(left)))
    random.shuffle(order)
    other = link(left.iloc[order], right).linked[["left", "right"]].to_numpy().tolist()
    assert sorted(one) == sorted(other)


def test_nearer_never_scores_less():
    left = _plants(("Wreck Cove", "hydroelectric", 200.0, -60.45, 46.53))
    scores = []
    for east in (0.0, 0.01, 0.05, 0.2, 0.5):
        right = _plants(("Wreck Cove", "hydroelectric", 200.0, -60.45 + east, 46.53))
        scores.append(link(left, right).pairs["score"].iloc[0])
    assert all(a >= b for a, b in pairwise(scores))
