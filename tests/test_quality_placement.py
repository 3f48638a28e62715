"""Declared country and state against the framework: near enough is right, far off is told, nothing is moved."""

from __future__ import annotations

import pandas as pd

from naatlas.quality.placement import check_placement

#: id, longitude, latitude, declared country and state; what is to be said of it.
POINTS = [
    ("inside", -99.13, 19.43, "MEX", "MX-CMX", None),
    ("coast", -117.56, 33.37, "USA", "US-CA", None),  # a plant on the shore, off the generalized land
    ("niagara", -79.044, 43.143, "USA", "US-NY", None),  # on the river that is the border
    ("state", -97.74, 30.27, "USA", "US-OH", "placed-other-state"),
    ("country", -99.2, 19.5, "USA", "US-TX", "placed-other-country"),
    ("null", 0.0, 0.0, "CAN", "CA-QC", "placed-off-continent"),
    ("swapped", 45.5, -73.6, "CAN", "CA-QC", "placed-off-continent"),
    ("none", None, None, "CAN", "CA-ON", "placed-no-coordinates"),
]


def points() -> pd.DataFrame:
    columns = ["atlas_id", "longitude", "latitude", "country", "state"]
    frame = pd.DataFrame([p[:5] for p in POINTS], columns=columns)
    return frame.astype(
        {"longitude": "float64", "latitude": "float64", "country": "string", "state": "string"}
    )


def test_each_verdict_is_told_by_declared_country_and_nothing_is_moved():
    frame = points()
    found, table = check_placement(frame, key="atlas_id")
    told = {(f.rule, f.where): f for f in found}
    for name, _, _, country, _, rule in POINTS:
        rules = {f.rule for f in found if name in f.ids}
        assert rules == (set() if rule is None else {rule})
        if rule:
            assert name in told[rule, country].ids
    assert told["placed-off-continent", "CAN"].count == 2
    assert "lies in US-TX" in told["placed-other-state", "USA"].message
    assert table["atlas_id"].tolist() == frame["atlas_id"].tolist()
    assert table.loc[table["atlas_id"] == "inside", "distance_to_state_km"].item() == 0.0
    pd.testing.assert_frame_equal(frame, points())


def test_shared_coordinates_are_a_note():
    frame = points().iloc[[0, 0, 1]].assign(atlas_id=["a", "b", "c"]).reset_index(drop=True)
    (finding,) = check_placement(frame, key="atlas_id")[0]
    assert (finding.rule, finding.severity, finding.ids) == ("shared-coordinates", "info", ("a", "b"))
