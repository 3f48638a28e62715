"""Coastline: the outer edge of the land, ranked by the files that rank it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest
import shapely

from naatlas.framework import base
from tests.base_layers_kit import assembled, made_of, path, square

if TYPE_CHECKING:
    from pathlib import Path

    from tests.base_layers_kit import Made

LAND, COAST, MINOR = "package-land", "ne-coastline", "ne-minor-islands-coastline"
GEOD = pyproj.Geod(ellps="WGS84")


def _ring(shape: object) -> object:
    return shapely.LineString(shapely.get_parts(shape)[0].exterior.coords)


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory) -> Made:
    west, east, inland = square(-124.0, 45.0), square(-123.0, 45.0), square(-123.9, 45.9, 0.05)
    west = shapely.MultiPolygon([*west.geoms, *square(-126.0, 45.0, 0.25).geoms])
    rows = {
        LAND: [
            {"code": "US-WA", "geometry": west},
            {"code": "US-OR", "geometry": east},
            {"code": "GRL", "geometry": square(-40.0, 60.0)},
        ],
        COAST: [
            {"scalerank": 0, "geometry": _ring(square(-124.0, 45.0, 2.0, 1.0).union(west.geoms[0]))},
            {"scalerank": 6, "geometry": path((161.0, 68.0), (161.5, 68.5), (162.0, 69.0)).geoms[0]},
        ],
        MINOR: [{"scalerank": 8, "geometry": _ring(square(-126.0, 45.0, 0.25))}],
    }
    assert inland.within(west)
    return made_of("coastline", rows, tmp_path_factory.mktemp("coast"))


def test_the_border_between_two_states_is_no_coast(coast: Made):
    told = coast.frame.set_index("atlas_id")
    around = GEOD.geometry_length(_ring(square(-124.0, 45.0))) / 1000
    border = GEOD.geometry_length(path((-123.0, 45.0), (-123.0, 46.0))) / 1000
    assert told.loc["NA-CST-US-WA-0", "length_km"] == pytest.approx(around - border, rel=1e-4)


def test_islands_have_a_feature_of_their_own_rank(coast: Made):
    island = coast.row(kind="minor_island")
    assert (island["atlas_id"], island["state"], island["scale_rank"]) == ("NA-CST-US-WA-M-8", "US-WA", "8")
    assert coast.state(MINOR, 1) == ("enriches", island["atlas_id"])
    assert len(coast.frame) == 4


def test_other_land_is_fn_and_has_a_name_and_no_rank(coast: Made):
    green = coast.row(country="FN")
    assert (green["name_fr"], green["scale_rank"] is None or green["scale_rank"] != green["scale_rank"]) == (
        "Groenland",
        True,
    )


def test_a_coast_without_land_is_told(coast: Made):
    assert coast.state(COAST, 2) == ("out_of_scope", "no land of the framework has this coast")
    assert [(f.rule, f.count, f.ids) for f in coast.findings] == [("coast-without-land", 1, ("2",))]


def test_the_coast_of_the_package_is_the_outline_of_its_land():
    made = assembled("coastline", None)
    whole = shapely.coverage_union_all(base.pieces("1M").geometry.to_numpy())
    outline = shapely.boundary(whole)
    total = GEOD.geometry_length(outline) / 1000
    # what is missing is where the window cuts Asia and South America
    assert 0.97 * total < made.frame["length_km"].sum() < total
    edge = {tuple(v) for v in shapely.get_coordinates(outline)}
    assert {tuple(v) for v in shapely.get_coordinates(made.geometry)} <= edge


@pytest.mark.national
def test_all_but_asian_shores_find_their_coast(national: Path):
    made = assembled("coastline", national)
    lost = made.ledger.states(COAST).query("state == 'out_of_scope'")
    assert len(lost) == 14
    assert made.ledger.counts().loc[MINOR, "out_of_scope"] == 0
    own = made.frame[made.frame["country"] != "FN"]
    assert own["scale_rank"].notna().mean() > 0.95
    # ranking takes the shores apart and loses none
    alone = assembled("coastline", None)
    assert made.frame["length_km"].sum() == pytest.approx(alone.frame["length_km"].sum(), rel=1e-9)
    assert np.isin(["coast", "minor_island"], own["kind"]).all()
