"""Railroads: cut at the border, counted where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pyproj
import pytest
from shapely import LineString

from naatlas import pipeline
from naatlas.framework.placement import locate
from naatlas.layers.railroads import RAILS
from tests.framework_kit import combine, table

if TYPE_CHECKING:
    from pathlib import Path

#: Winnipeg to Grand Forks, across the 49th parallel; Monterrey to Saltillo; Havana to Santa Clara.
LINES = (
    LineString([(-97.2, 49.8), (-97.1, 49.4), (-97.15, 48.5), (-97.05, 47.9)]),
    LineString([(-100.3, 25.7), (-101.0, 25.4)]),
    LineString([(-82.3, 23.05), (-80.0, 22.4)]),
)


def rails(declared: tuple[str, ...] = ("CAN", "MEX", "CUB")):
    columns = {"featurecla": ["Railroad"] * 3, "scalerank": ["8"] * 3, "uident": ["1"] * 3, "add": ["0"] * 3}
    return combine("railroads", table(RAILS, LINES, sov_a3=list(declared), **columns))


def test_a_line_across_the_border_becomes_two_that_add_up():
    combined, _ = rails()
    frame = combined.frame
    assert sorted(frame["country"]) == ["CAN", "MEX", "USA"]
    whole = pyproj.Geod(ellps="WGS84").geometry_length(LINES[0]) / 1e3
    north = frame[frame["country"].isin(["CAN", "USA"])]
    assert north["length_km"].sum() == pytest.approx(whole, rel=1e-6)
    shapes = dict(zip(frame["country"], combined.geometry, strict=True))
    assert shapes["CAN"].bounds[1] == pytest.approx(49.0, abs=0.01)
    assert shapes["USA"].bounds[3] == pytest.approx(49.0, abs=0.01)


def test_a_line_of_another_country_is_out_of_scope():
    _, work = rails()
    states = work.ledger.states(RAILS.id)["state"]
    assert states.to_list() == ["published", "published", "out_of_scope"]


def test_location_wins_over_the_declared_country_and_says_so():
    combined, work = rails(("CAN", "USA", "CUB"))
    assert "MEX" in set(combined.frame["country"])
    told = [f for f in work.findings if f.rule == "outside-declared-country"]
    assert [f.ids for f in told] == [("2",)]


def test_every_value_names_its_row():
    combined, _ = rails()
    of = combined.provenance.set_index(["atlas_id", "field"])
    mexican = combined.frame.set_index("country").at["MEX", "atlas_id"]
    assert of.at[(mexican, "country"), "row"] == "2"
    assert of.at[(mexican, "country"), "national_value"] == "MEX"


@pytest.mark.national
def test_national_railroads(national: Path):
    data = pipeline.assemble("railroads", data=national)
    source = gpd.read_file(f"/vsizip/{(national / RAILS.path).as_posix()}")
    counts = data.ledger.counts().loc[RAILS.id]
    assert counts["read"] == len(source) == counts[["published", "merged", "out_of_scope"]].sum()
    assert counts["merged"] == 7  # two tracks between the same switches, less than 1 km apart
    assert not [f for f in data.findings if f.rule == "geometry-duplicated"]
    assert counts["out_of_scope"] <= (~source["sov_a3"].isin(["CAN", "USA", "MEX"])).sum() + 2
    middle = [line.interpolate(0.5, normalized=True) for line in data.shapes.degrees]
    found = locate([p.x for p in middle], [p.y for p in middle])["country"]
    differs = found[found.notna()] != data.frame["country"][found.notna()]
    assert differs.sum() <= 2  # generalized lines along the Niagara and Detroit rivers
    geod = pyproj.Geod(ellps="WGS84")
    three = source[source["sov_a3"].isin(["CAN", "USA", "MEX"])]
    whole = sum(geod.geometry_length(line) for line in three.geometry) / 1e3
    assert data.frame["length_km"].sum() == pytest.approx(whole, rel=0.002)
