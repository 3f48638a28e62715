"""Lines that become one at the map scale are one feature, and nothing of them is lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString

from naatlas.layers.railroads import SPEC
from naatlas.model import Combined
from naatlas.shaping import merged, shape

#: Two tracks between the same switches some 300 m apart, and one that leaves at the same switch.
TRACKS = (
    LineString([(-100, 40), (-99.97, 40.001), (-99.94, 40)]),
    LineString([(-100, 40), (-99.97, 39.999), (-99.94, 40)]),
    LineString([(-100, 40), (-100.1, 40.1)]),
)


def railway(**columns: list[object]) -> Combined:
    told = {
        "atlas_id": ["NA-RAI-a", "NA-RAI-b", "NA-RAI-c"],
        "country": ["USA"] * 3,
        "states": ["US-NE"] * 3,
        "scale_rank": [8] * 3,
        "length_km": [5.1, 5.2, 14.0],
    }
    lines = np.array(TRACKS, dtype=object)
    return Combined(pd.DataFrame(told | columns), pd.DataFrame(), geometry=lines)


def test_two_tracks_between_the_same_switches_are_one_line_at_the_scale():
    told = shape(railway(), SPEC, "10M")
    assert told.merged == {"NA-RAI-b": "NA-RAI-a"}
    assert told.frame["atlas_id"].tolist() == ["NA-RAI-a", "NA-RAI-c"]
    assert len(told.geometry.metres) == 2
    rules = {f.rule: f for f in told.findings}
    assert rules["lines-merged"].ids == ("NA-RAI-b",)
    assert "geometry-duplicated" not in rules


def test_at_a_larger_scale_they_are_two():
    assert len(shape(railway(), SPEC, "1M").frame) == 3


def test_tracks_that_differ_stay_two_and_are_told():
    told = shape(railway(scale_rank=[8, 9, 8]), SPEC, "10M")
    assert not told.merged
    assert {f.rule: f.ids for f in told.findings}["geometry-duplicated"] == ("NA-RAI-b",)


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["CAN", None])), max_size=12))
def test_each_line_is_kept_or_merged_with_one_that_is_kept(rows: list[tuple[int, str | None]]):
    keys = [f"k{number:02}" for number in range(len(rows))]
    frame = pd.DataFrame({"atlas_id": keys, "country": pd.Series([c for _, c in rows], dtype="string")})
    frame = frame.assign(states="CA-MB", rail_type=pd.NA, scale_rank=1, length_km=1.0)
    lines = np.array([LineString([(0, 0), (1, 1 + n)]) for n, _ in rows], dtype=object)
    into = merged(lines, frame, SPEC)
    assert not set(into.values()) & set(into)
    assert len(rows) - len(into) == len(set(rows))
