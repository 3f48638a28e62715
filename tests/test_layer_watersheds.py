"""Watersheds: nested by overlay, dissolved from the smallest, named by overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from naatlas import pipeline
from naatlas.harmonize import crosswalk
from naatlas.layers.watersheds import BASINS, REGIONS, SPEC, SUBREGIONS
from tests.framework_kit import combine, table

if TYPE_CHECKING:
    from pathlib import Path

#: Two basins of Kansas in the Mississippi (7030047060), four smaller ones; one basin in Chiapas's neighbour.
SMALL = {
    "7050000001": box(-100, 38, -99, 39),
    "7050000002": box(-99, 38, -98, 39),
    "7050000003": box(-98, 38, -97, 39),
    "7050053320": box(-88.5, 14.5, -88, 15),
}
MIDDLE = {
    "7040000001": box(-100, 38, -98.04, 39.01),
    "7040000002": box(-98.04, 38, -97, 39),
    "7040000003": box(-89, 14, -87, 16),
}
LARGE = {"7030047060": box(-101, 37, -96, 40), "7030049280": box(-90, 13, -86, 17)}
HUC2 = {"10": ("Missouri Region", box(-110, 37, -96, 48))}
HUC4 = {"1025": ("Republican", box(-100, 38, -97.9, 39)), "1026": ("Smoky Hill", box(-97.9, 38, -90, 39))}


def tables(small: dict[str, object] = SMALL, large: dict[str, object] = LARGE):
    yield table(BASINS[4], list(small.values()), HYBAS_ID=list(small), SUB_AREA=["1"] * len(small))
    yield table(BASINS[3], list(MIDDLE.values()), HYBAS_ID=list(MIDDLE), SUB_AREA=["1"] * len(MIDDLE))
    yield table(BASINS[2], list(large.values()), HYBAS_ID=list(large))
    for source, units in ((REGIONS, HUC2), (SUBREGIONS, HUC4)):
        names, shapes = zip(*units.values(), strict=True)
        yield table(source, shapes, subRegion=list(units), subRegionAlt=list(names))


def test_levels_nest_and_share_their_borders():
    combined, work = combine("watersheds", *tables())
    frame = combined.frame.assign(shape=combined.geometry).set_index("atlas_id")
    assert frame["level"].value_counts().sort_index().to_list() == [1, 1, 2, 3]
    assert frame.at["NA-WSH3-7040000001", "shape"].equals(box(-100, 38, -98, 39))
    for parent, children in frame.groupby("parent"):
        assert shapely.union_all(children["shape"].to_numpy()).equals(frame.at[parent, "shape"])
    proof = [f for f in work.findings if f.rule == "nested-by-area"]
    assert [f.where for f in proof] == ["hydrobasins-5", "hydrobasins-4"]


def test_a_basin_outside_the_three_countries_is_out_of_scope():
    _, work = combine("watersheds", *tables())
    states = work.ledger.counts()
    assert states.loc[BASINS[4].id, ["published", "out_of_scope"]].to_list() == [3, 1]
    assert states.loc[BASINS[3].id, ["enriches", "out_of_scope"]].to_list() == [2, 1]


def test_codes_by_half_of_the_area_and_names_only_for_the_same_watershed():
    combined, _ = combine("watersheds", *tables())
    frame = combined.frame.set_index("atlas_id")
    west, east = frame.loc["NA-WSH3-7040000001"], frame.loc["NA-WSH3-7040000002"]
    assert (west["usa_subregion"], west["name_en"], west["name_status"]) == (
        "1025",
        "Republican",
        "hydrologic_unit",
    )
    assert (east["usa_subregion"], east["name_status"]) == ("1026", "no_match")
    assert pd.isna(east["name_en"])
    assert frame.at["NA-WSH4-7050000001", "naw3_en"] == "Republican"
    assert set(frame["naw1_en"]) == {"Gulf of Mexico"}
    assert frame.at["NA-WSH1-gulf_of_mexico", "name_es"] == "Golfo de México"


def test_a_basin_that_drains_to_two_oceans_becomes_two():
    florida = {"7050043870": box(-82, 27, -81, 28), "7050043860": box(-81, 27, -80, 28)}
    large = {"7030042040": box(-83, 26, -79, 36)}
    middle = {"7040043170": box(-83, 26, -79, 29)}
    told = list(tables(florida, large))
    told[1] = table(BASINS[3], list(middle.values()), HYBAS_ID=list(middle), SUB_AREA=["1"])
    frame = combine("watersheds", *told)[0].frame
    for level in (2, 3):
        assert sorted(frame.loc[frame["level"] == level, "ocean"]) == ["atlantic", "gulf_of_mexico"]
    assert "NA-WSH2-7030042040-atlantic" in set(frame["atlas_id"])


def test_a_basin_without_an_ocean_stops_the_build():
    large = {"7039999999": LARGE["7030047060"], "7030049280": LARGE["7030049280"]}
    _, work = combine("watersheds", *tables(large=large))
    assert work.unknown == [
        "basin 7039999999 drains to no known sea (3 smaller basins); add it to naatlas/crosswalks/watershed_ocean.csv"
    ]


@pytest.fixture(scope="module")
def built(national: Path):
    return pipeline.assemble("watersheds", data=national)


@pytest.mark.national
def test_each_level_is_a_coverage_of_the_same_land(built):
    areas = []
    for level in (1, 2, 3, 4):
        shapes = built.shapes.metres[(built.frame["level"] == level).to_numpy()]
        assert shapely.coverage_is_valid(shapes)
        areas.append(shapely.area(shapes).sum())
    assert np.ptp(areas) / areas[0] < 1e-6


@pytest.mark.national
def test_parents_are_those_that_a_point_in_the_basin_falls_into(built, national: Path):
    below = gpd.read_file(national / BASINS[4].path)
    above = gpd.read_file(national / BASINS[3].path)
    points = below.set_geometry(below.representative_point())
    inside = (
        gpd.sjoin(points, above, predicate="within").set_index("HYBAS_ID_left")["HYBAS_ID_right"].astype(str)
    )
    own = built.frame[built.frame["level"] == 4].set_index("hydrobasins_id")["parent"]
    told = own.str.split("-").str[2]
    same = told == inside.set_axis(inside.index.astype(str)).groupby(level=0).first().reindex(told.index)
    assert same.mean() > 0.99


@pytest.mark.national
def test_areas_are_those_that_the_publisher_states(built, national: Path):
    stated = gpd.read_file(national / BASINS[4].path, ignore_geometry=True)
    area = built.frame[built.frame["level"] == 4].set_index("hydrobasins_id")["area_km2"]
    whole = stated.assign(id=stated["HYBAS_ID"].astype(str)).set_index("id")["SUB_AREA"].reindex(area.index)
    assert area.sum() == pytest.approx(whole.sum(), rel=0.01)


#: Seas of Natural Earth by the ocean that the crosswalk counts them to.
SEAS = {
    "Gulf of Mexico": "gulf_of_mexico",
    "Bahía de Campeche": "gulf_of_mexico",
    "Caribbean  Sea": "caribbean",
    "Hudson Bay": "hudson_bay",
    "James Bay": "hudson_bay",
    "Ungava Bay": "hudson_bay",
    "Foxe Basin": "hudson_bay",
    "Hudson Strait": "hudson_bay",
    "Beaufort Sea": "arctic",
    "The North Western Passages": "arctic",
    "Baffin Bay": "arctic",
    "Chukchi Sea": "arctic",
    "NORTH ATLANTIC OCEAN": "atlantic",
    "Labrador Sea": "atlantic",
    "Gulf of St. Lawrence": "atlantic",
    "NORTH PACIFIC OCEAN": "pacific",
    "Gulf of Alaska": "pacific",
    "Golfo de California": "pacific",
    "Bering Sea": "pacific",
}


@pytest.mark.national
def test_the_ocean_is_the_sea_beside_the_basin(built, national: Path):
    """Coastal basins: what lies within a quarter degree is mostly the ocean that the table says."""
    smallest = (built.frame["level"] == 4).to_numpy()
    shapes, ocean = built.shapes.degrees[smallest], built.frame["ocean"].to_numpy()[smallest]
    seas = gpd.read_file(f"/vsizip/{(national / 'framework/geography_marine_polys.fgb.zip').as_posix()}")
    seas = seas[seas["name"].isin(list(SEAS))]
    tree = shapely.STRtree(shapely.buffer(shapes, 0.25))
    sea, basin = tree.query(seas.geometry.to_numpy(), predicate="intersects")
    ring = shapely.difference(tree.geometries[basin], shapes[basin])
    met = pd.DataFrame({"basin": basin, "ocean": seas["name"].map(SEAS).to_numpy()[sea]})
    met["area"] = shapely.area(shapely.intersection(ring, seas.geometry.to_numpy()[sea]))
    most = (
        met.groupby(["basin", "ocean"])["area"]
        .sum()
        .reset_index()
        .sort_values("area")
        .groupby("basin")
        .last()
    )
    coastal = most[most["area"] > 0.1]
    wrong = coastal.index[coastal["ocean"].to_numpy() != ocean[coastal.index]]
    ids = built.frame.loc[smallest, "hydrobasins_id"].iloc[wrong].to_list()
    assert len(coastal) > 150
    assert len(ids) <= 6, ids


def test_the_crosswalk_names_only_oceans_that_have_words():
    from naatlas.metadata import words

    codes = crosswalk.load("watershed_ocean", "basin").codes
    assert set(codes.values()) == set(words.load(SPEC.slug).classes["ocean"])
