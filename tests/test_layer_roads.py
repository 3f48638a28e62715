"""Roads from three national files in the CEC schema, which exist as fixtures only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyproj
import pytest
from shapely import LineString

from naatlas import pipeline
from naatlas.errors import InputError, UnknownTermsError
from naatlas.layers.roads import ROADS
from tests.framework_kit import write

if TYPE_CHECKING:
    from pathlib import Path

LINES = {
    "CAN": [LineString([(-75.7, 45.4), (-73.6, 45.5)]), LineString([(-123.4, 48.6), (-123.2, 49.0)])],
    "USA": [LineString([(-87.6, 41.9), (-86.2, 41.7)])],
    "MEX": [LineString([(-99.1, 19.4), (-98.2, 19.0)])],
}
TYPES = {"CAN": ["P", "F"], "USA": ["P"], "MEX": ["S"]}
NAMES = {"CAN": ["417", " "], "USA": ["I-90"], "MEX": ["México 150D"]}


def files(folder: Path, *, countries: tuple[str, ...] = ("CAN", "USA", "MEX"), **changed: list[str]) -> Path:
    """Write the national files; ``changed`` replaces a column of the Canadian one."""
    geod = pyproj.Geod(ellps="WGS84")
    for source in ROADS:
        code = str(source.country)
        if code in countries:
            columns = {"Type": TYPES[code], "Country": [code] * len(TYPES[code]), "Name_Code": NAMES[code]}
            columns["LengthKm"] = [geod.geometry_length(line) / 1e3 for line in LINES[code]]
            write(folder / source.path, LINES[code], columns | (changed if code == "CAN" else {}))
    return folder


def test_three_files_make_a_layer(tmp_path: Path):
    data = pipeline.assemble("roads", data=files(tmp_path))
    assert data.frame["country"].value_counts().to_dict() == {"CAN": 2, "USA": 1, "MEX": 1}
    assert sorted(data.frame["road_type"]) == ["ferry", "primary", "primary", "secondary"]
    assert set(data.frame["name"].dropna()) == {"417", "I-90", "México 150D"}
    assert not [f for f in data.findings if f.severity == "error" or f.rule == "length-differs"]


@pytest.mark.parametrize("there", [(), ("CAN",), ("CAN", "USA")])
def test_a_folder_without_all_three_says_which_are_needed(tmp_path: Path, there: tuple[str, ...]):
    with pytest.raises(InputError) as told:
        pipeline.assemble("roads", data=files(tmp_path, countries=there))
    message = str(told.value)
    assert "\n" not in message
    for source in ROADS:
        assert (source.path in message) == (source.country not in there)


def test_without_a_folder_it_says_the_same():
    with pytest.raises(InputError, match=r"roads/can_roads_2020\.zip, roads/usa_roads_2020\.zip, roads/mex_"):
        pipeline.assemble("roads")


def test_an_unknown_type_and_a_line_of_another_country_stop_the_build(tmp_path: Path):
    with pytest.raises(UnknownTermsError) as told:
        pipeline.assemble("roads", data=files(tmp_path, Type=["P", "T"], Country=["USA", "CAN"]))
    assert told.value.terms == (
        "can-roads: Type 'T' in 1 row(s); add it to naatlas/crosswalks/roads.csv",
        "can-roads: Country 'USA' in 1 row(s); it is no line of CAN",
    )


def test_a_published_length_that_is_off_is_found_and_the_measured_one_published(tmp_path: Path):
    ferry = pyproj.Geod(ellps="WGS84").geometry_length(LINES["CAN"][1]) / 1e3
    data = pipeline.assemble("roads", data=files(tmp_path, LengthKm=[500.0, ferry * 1.005]))
    found = [f for f in data.findings if f.rule == "length-differs"]
    assert [(f.where, f.ids) for f in found] == [("can-roads", ("1",))]
    measured = pyproj.Geod(ellps="WGS84").geometry_length(LINES["CAN"][0]) / 1e3
    named = data.frame.set_index("name")["length_km"]
    # the shortest way; the map's own is straight in degrees
    assert named["417"] == pytest.approx(measured, rel=1e-4)
