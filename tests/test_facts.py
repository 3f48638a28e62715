"""The most trusted source wins, silence says nothing, and every published value has one origin."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.facts import ORIGIN, Facts, row_list

SOURCES = ("first", "second", "third")
FIELDS = ("name", "owner", "capacity_mw")

statements = st.lists(
    st.tuples(
        st.sampled_from(FIELDS),
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(SOURCES),
        st.one_of(st.none(), st.integers(0, 9).map(str)),
    ),
    min_size=1,
    max_size=40,
)


def say(
    facts: Facts, field: str, entity: str | None, source: str, value: object, row: int = 2, **told: object
) -> None:
    facts.add(field, [entity], [value], source=source, row=[row], column="X", national=[str(value)], **told)


@settings(deadline=None)  # shared machines are slow at times
@given(statements)
def test_precedence_silence_and_one_origin_a_value(said: list[tuple[str, str, str, str | None]]):
    facts = Facts(SOURCES)
    for row, (field, entity, source, value) in enumerate(said):
        say(facts, field, entity, source, value, row)
    spoken = [s for s in said if s[3] is not None]
    if not spoken:
        assert facts.of("name").empty
        return
    wide, long = facts.winners("id")
    best = {}
    for field, entity, source, value in reversed(spoken):
        known = best.get((entity, field))
        if known is None or SOURCES.index(source) <= SOURCES.index(known[0]):
            best[entity, field] = (source, value)
    published = {
        (entity, field): value
        for field in wide.columns.drop("id")
        for entity, value in zip(wide["id"], wide[field], strict=True)
        if not pd.isna(value)
    }
    assert published == {key: value for key, (_, value) in best.items()}
    assert list(long.columns) == ["id", *ORIGIN]
    origins = {(r.id, r.field): r.source for r in long.itertuples()}
    assert len(long) == len(published)
    assert origins == {key: source for key, (source, _) in best.items()}
    assert list(wide["id"]) == sorted(wide["id"])


def test_missing_values_and_missing_features_say_nothing():
    facts = Facts(SOURCES)
    say(facts, "name", "A", "first", None)
    say(facts, "name", None, "first", "nobody")
    say(facts, "name", "A", "third", "Alta")
    assert facts.of("name").to_dict() == {"A": "Alta"}


def test_a_rank_of_its_own_wins_or_yields():
    facts = Facts(SOURCES)
    say(facts, "name", "A", "first", "published")
    say(facts, "name", "A", "third", "corrected", rank=-1)
    say(facts, "owner", "A", "first", "derived", rank=10_000)
    say(facts, "owner", "A", "third", "published")
    assert facts.of("name")["A"] == "corrected"
    assert facts.of("owner")["A"] == "published"


def test_of_equals_the_first_wins():
    facts = Facts(SOURCES)
    say(facts, "name", "A", "first", "row 2", 2)
    say(facts, "name", "A", "first", "row 3", 3)
    assert facts.origins("name").iloc[0]["row"] == "2"


def test_a_source_of_another_edition_cannot_speak():
    with pytest.raises(KeyError, match="stranger"):
        say(Facts(SOURCES), "name", "A", "stranger", "x")


def test_origin_keeps_the_national_cell_and_the_score():
    facts = Facts(SOURCES)
    facts.add(
        "capacity_mw", pd.Series(["A", "B"], index=[7, 9]), pd.Series([1.0, 2.0], index=[7, 9]), source="first",
        row=pd.Index([7, 9]), column="kW", national=pd.Series(["1000", "2000"], index=[7, 9]), rule="unit kW",
        score=pd.Series([90.0, 95.5], index=[7, 9]),
    )  # fmt: skip
    told = facts.origins("capacity_mw").set_index("entity")
    assert told.loc["B", ["row", "national_field", "national_value", "rule", "score"]].tolist() == [
        "9", "kW", "2000", "unit kW", 95.5,
    ]  # fmt: skip


@settings(deadline=None)  # shared machines are slow at times
@given(st.lists(st.integers(1, 60), max_size=40))
def test_row_list_says_each_row_once(rows: list[int]):
    text = row_list(pd.Series(rows, dtype="int64"))
    told: list[int] = []
    for part in re.findall(r"\d+(?:-\d+)?", text):
        first, _, last = part.partition("-")
        told += range(int(first), int(last or first) + 1)
    assert told == sorted(set(rows))


def test_row_list_is_short():
    assert row_list(pd.Series([15, 12, 13, 14, 20])) == "12-15, 20"
    assert row_list(pd.Series([], dtype="int64")) == ""
