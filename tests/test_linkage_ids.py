"""Stable ids, and their hand-over from one edition to the next."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.errors import LinkageError
from naatlas.harmonize import ids as module
from naatlas.harmonize.ids import hand_over, stable_id, stable_ids


def _plants(rows: dict[str, tuple[str, str, float, float, float]], country: str = "CAN") -> pd.DataFrame:
    columns = ["name", "energy_source", "capacity_mw", "longitude", "latitude"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.assign(country=country, state="CA-NS", owner=None)


def test_an_id_never_changes():
    assert stable_id("CAN", "Wreck Cove", "CA-NS", -60.4481, 46.5312) == "CAN-mzedmtrq"


def test_an_id_bears_accents_case_and_a_better_survey():
    one = stable_id("MEX", "Cóbano", "MX-MIC", -102.0116, 19.1659)
    assert one == stable_id("MEX", "COBANO", "MX-MIC", -102.0121, 19.1701)
    assert one != stable_id("MEX", "Cóbano", "MX-MIC", -102.05, 19.1659)
    assert one.startswith("MEX-")


def test_plants_of_one_name_at_one_place_get_ids_of_their_own():
    told = stable_ids(
        *(pd.Series(v) for v in (["CAN"] * 2, ["Kelford"] * 2, ["X"] * 2, [-77.2119, -77.2118], [36.1, 36.1]))
    )
    assert told.is_unique
    assert told.iloc[0] == stable_id("CAN", "Kelford", "X", -77.2119, 36.1)


def test_two_plants_that_come_to_one_id_stop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_LENGTH", 0)
    with pytest.raises(LinkageError, match="ids: CAN- stands for two plants"):
        stable_ids(
            *(pd.Series(v) for v in (["CAN"] * 2, ["A", "B"], ["X"] * 2, [-77.0, -78.0], [36.0, 36.0]))
        )


@given(st.lists(st.tuples(st.text(max_size=6), st.floats(-140, -60), st.floats(20, 70)), max_size=12))
def test_ids_are_unique_whatever_the_names(rows: list[tuple[str, float, float]]):
    frame = pd.DataFrame(rows, columns=["name", "lon", "lat"])
    frame[["lon", "lat"]] = frame[["lon", "lat"]].astype("float64")
    country, state = (pd.Series(text, index=frame.index, dtype="str") for text in ("CAN", "CA-ON"))
    assert stable_ids(country, frame["name"], state, frame["lon"], frame["lat"]).is_unique


def test_a_plant_that_was_renamed_keeps_its_id():
    before = _plants({"CAN-old": ("Northumberland Wind", "wind", 50.0, -63.0, 45.6)})
    now = _plants({"CAN-new": ("Nuttby Mountain Wind", "wind", 50.0, -63.0, 45.6)})
    told = hand_over(before, now)
    assert told.ids.to_dict() == {"CAN-new": "CAN-old"}
    assert told.report["fate"].tolist() == ["kept"]
    assert "0.0 km" in told.report["reason"].iloc[0]


def test_an_unlinked_row_never_takes_anothers_id():
    before = _plants({"CAN-old": ("Lingan", "coal", 600.0, -60.04, 46.24)})
    now = _plants({"CAN-new": ("Lingan", "wind", 15.4, -60.03, 46.24)})
    told = hand_over(before, now)
    assert told.ids.to_dict() == {"CAN-new": "CAN-new"}
    assert dict(zip(told.report["atlas_id"], told.report["fate"], strict=True)) == {
        "CAN-new": "new",
        "CAN-old": "ended",
    }


def test_codes_of_an_agency_never_change_hands():
    before = _plants({"USA-10": ("Greene County", "coal", 500.0, -87.8, 32.6)}, "USA")
    now = _plants({"USA-99": ("Greene County", "coal", 500.0, -87.8, 32.6)}, "USA")
    told = hand_over(before, now)
    assert told.ids.to_dict() == {"USA-99": "USA-99"}


def test_a_plant_that_was_split_is_told():
    before = _plants({"MEX-old": ("Cerro Prieto", "geothermal", 250.0, -115.2, 32.4)}, "MEX")
    parts = {
        "MEX-a": ("Cerro Prieto I", "geothermal", 130.0, -115.21, 32.4),
        "MEX-b": ("Cerro Prieto II", "geothermal", 120.0, -115.21, 32.4),
    }
    told = hand_over(before, _plants(parts, "MEX"))
    fate = told.report.set_index("atlas_id")
    assert fate["fate"].to_dict() == {"MEX-a": "new", "MEX-b": "new", "MEX-old": "split"}
    assert fate.at["MEX-old", "reason"] == "now MEX-a, MEX-b"
    assert fate.at["MEX-a", "reason"] == "part of what was MEX-old"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdef"), unique=True))
def test_ids_stay_unique_and_every_plant_has_a_fate(before: list[str], now: list[str]):
    tables = [
        _plants({f"CAN-{k}": (f"Plant {k * 3}", "wind", 10.0 + ord(k), -60.0 - ord(k), 46.0) for k in keys})
        for keys in (before, now)
    ]
    told = hand_over(*tables)
    assert told.ids.is_unique
    assert told.ids.tolist() == told.ids.index.tolist()
    assert set(told.report["atlas_id"]) == set(tables[0].index) | set(tables[1].index)
