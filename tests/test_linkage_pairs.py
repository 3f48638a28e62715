"""Precision and recall on pairs that were labelled by reading the registers.

A pair is right when a person called it the same plant; a link between two labelled rows that nobody called the same
is wrong. The floors are what is reached, rounded down; the figures are printed (``pytest -s``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas.framework import places
from naatlas.harmonize.linkage import link
from naatlas.harmonize.overrides import load
from naatlas.layers.power_plants.union import matches
from tests import linkage_inputs as inputs
from tests import linkage_pairs as pairs_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from naatlas.harmonize.linkage import Links
    from naatlas.harmonize.overrides import Overrides

COUNTRIES = ("can", "mex", "usa")
_NAMES = {"can": "Canada", "mex": "Mexico", "usa": "United States"}
_GE100 = "nacei-ge100mw-201708"
_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "can-wri-list": inputs.wri_canada,
    "can-wind-turbines": inputs.wind_projects,
    "can-ghg-2021": inputs.cesi,
    "mex-retc-es-2017": lambda data: inputs.retc(data, 2017),
    "mex-retc-es-2022": lambda data: inputs.retc(data, 2022),
    "mex-cre-permits": inputs.cre,
}

#: Precision and recall of the score alone among the labelled rows.
AMONG_LABELLED = {"can": (0.99, 0.90), "mex": (0.98, 0.85), "usa": (0.99, 0.94)}

#: The same against the whole registers, with all their other plants to be taken in by.
BY_SCORE = {"can": (0.99, 0.89), "mex": (0.98, 0.85), "usa": (0.99, 0.94)}

#: The same with what people decided in ``crosswalks/links_*.csv``.
DECIDED = {"can": (0.99, 0.95), "mex": (0.99, 0.99)}


@pytest.mark.parametrize("country", COUNTRIES)
def test_at_least_a_hundred_pairs_are_labelled_and_each_says_why(country: str):
    pairs = pairs_of.read(country)
    assert len(pairs) >= 100
    assert (pairs["label"] == "different").sum() >= 40
    assert set(pairs["label"]) == {"same", "different"}
    assert pairs["why"].ne("").all()
    assert not pairs.duplicated(["left", "right"]).any()


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_score_alone_tells_the_labelled_pairs(country: str):
    parts = []
    for _, group in pairs_of.read(country).groupby("left_source" if country != "usa" else "right_source"):
        found, _ = pairs_of.judge(country, group, pairs_of.link_pairs(group).linked)
        parts.append(found)
    _assert_reached(pairs_of.total(country, parts), AMONG_LABELLED[country])


def test_the_hard_ones_are_told_apart():
    pairs = pairs_of.read("can")
    hard = pairs[
        (pairs["left_key"] == "Lingan / Nova Scotia") | pairs["left_name"].eq("Lingan Generating Station")
    ]
    assert sorted(hard["label"]) == ["different", "different", "same"]
    made = pairs_of.link_pairs(hard[hard["left_source"] == "can-ghg-2021"]).linked
    assert made["right"].str.contains("coal").tolist() == [True]
    assert pairs_of.link_pairs(hard[hard["left_source"] == _GE100]).linked.empty


@pytest.mark.national
@pytest.mark.parametrize("country", COUNTRIES)
def test_the_score_alone_against_the_whole_registers(country: str, national: Path):
    parts = [_found(country, source, group, national) for source, group in _sources(country)]
    _assert_reached(pairs_of.total(country, parts), BY_SCORE[country])


@pytest.mark.national
@pytest.mark.parametrize("country", ["can", "mex"])
def test_with_what_people_decided(country: str, national: Path):
    name = _NAMES[country].lower()
    parts = [
        _found(country, source, group, national, load(name, source, "power-plants"))
        for source, group in _sources(country)
        if source != _GE100
    ]
    _assert_reached(pairs_of.total(country, parts), DECIDED[country])


@pytest.mark.national
def test_the_36_mexican_plants_of_both_tables_are_all_found(national: Path):
    told = matches(*inputs.trilateral_tables(national)).linked
    pairs = pairs_of.read("mex")
    ours = pairs[pairs["left_source"].eq(_GE100) & pairs["label"].eq("same")]
    made = told.assign(
        left_key=inputs.trilateral(national, "Mexico", _GE100)["key"]
        .reindex(_GE100 + ":" + told["left"].astype("str"))
        .to_numpy()
    )
    assert ours["left_key"].nunique() == 36
    assert set(ours["left_key"]) == set(made["left_key"].dropna())


def _sources(country: str) -> list[tuple[str, pd.DataFrame]]:
    pairs = pairs_of.read(country)
    return [("nacei", pairs)] if country == "usa" else [(str(s), g) for s, g in pairs.groupby("left_source")]


def _found(
    country: str, source: str, group: pd.DataFrame, data: Path, overrides: Overrides | None = None
) -> pairs_of.Found:
    if source == _GE100:
        left, right = (
            inputs.trilateral(data, _NAMES[country], s) for s in (_GE100, "nacei-renew-ge1mw-201708")
        )
    elif source == "nacei":
        left, right = inputs.trilateral(data, _NAMES[country], "nacei"), inputs.eia_atlas(data)
    else:
        left, right = _READERS[source](data), inputs.trilateral(data, _NAMES[country], "nacei")
    left, right = (f.assign(trilateral_key=f["key"]) if "key" in f else f for f in (left, right))
    left, right = _keyed(left, country, source), _keyed(right, country, "nacei")
    if overrides is not None:
        known = overrides.within(left["key"], right["key"])
        assert known == overrides, "a decision speaks of a row that the registers do not have"
    links = link(left, right, overrides=overrides)
    _print_unmatched(source, links)
    linked = links.linked
    names = {"left": pairs_of.labels(left), "right": pairs_of.labels(right)}
    made = pd.DataFrame({side: names[side].reindex(linked[side]).to_numpy() for side in names})
    return pairs_of.judge(f"{country} {source}", group, made)[0]


def _print_unmatched(source: str, links: Links) -> None:
    sides = (links.unmatched_left, links.unmatched_right)
    rows = (f"{len(s)} ({pd.to_numeric(s['capacity_mw']).sum():,.1f} MW)" for s in sides)
    print(f"\n{source}: unmatched rows {' and plants '.join(rows)}; {links.counts}")  # noqa: T201 - as above


def _keyed(frame: pd.DataFrame, country: str, source: str) -> pd.DataFrame:
    """Give rows the keys that the tables of decisions use."""
    plain = pd.Series(frame.index.str.partition(":").get_level_values(2), index=frame.index)
    if source in {"nacei", "can-wind-turbines"} and "state" in frame:
        plain = frame["name"] + " / " + places.resolve_state(frame["state"], country.upper()).astype("string")
    return frame.assign(key=plain)


def _assert_reached(found: pairs_of.Found, floor: tuple[float, float]) -> None:
    print(f"\n{found}")  # noqa: T201 - the figures are what this test is for
    assert found.precision >= floor[0], str(found)
    assert found.recall >= floor[1], str(found)
