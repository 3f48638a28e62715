"""Lakes: each once, with names from the file that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.base_layers_kit import assembled, made_of, square

if TYPE_CHECKING:
    from pathlib import Path

    from tests.base_layers_kit import Made

BASE, NAMED, MORE = "package-lakes", "ne-lakes", "ne-lakes-north-america"


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Made:
    border = square(-106.0, 48.4)  # across the 49th parallel
    inland = square(-102.0, 52.0)
    rows = {
        BASE: [{"geometry": border}, {"geometry": inland}, {"geometry": inland}],
        NAMED: [
            {
                "name": "Lake Superior",
                "featurecla": "Lake",
                "scalerank": 0,
                "geometry": square(-106.001, 48.4),
            },
            {
                "name": "Small Bay",
                "featurecla": "Lake",
                "scalerank": 3,
                "geometry": square(-105.9, 48.6, 0.1),
            },
            {"name": "Rservoir Decelles", "featurecla": "Reservoir", "scalerank": 5, "geometry": inland},
            {
                "name": "Lago de Izabal",
                "featurecla": "Lake",
                "scalerank": 5,
                "geometry": square(-89.3, 15.4, 0.1),
            },
        ],
        MORE: [
            {"name": "Beside", "featurecla": "Lake", "scalerank": 11, "geometry": square(-101.1, 52.2, 0.5)},
            {
                "name": "_untitled_7",
                "featurecla": "Alkaline Lake",
                "scalerank": 12,
                "geometry": square(-103, 23, 0.1),
            },
            {"name": "Speck", "featurecla": "Lake", "scalerank": 12, "geometry": square(-100, 50, 1e-5)},
        ],
    }
    return made_of("lakes", rows, tmp_path_factory.mktemp("lakes"))


def test_a_lake_in_two_files_is_one_feature_with_the_name_of_the_other(lakes: Made):
    lake = lakes.row(name="Lake Superior")
    assert (lake["name_fr"], lake["name_es"]) == ("Lac Supérieur", "Lago Superior")
    assert (lake["countries"], lake["country"], lake["kind"]) == ("CAN, USA", "USA", "lake")
    assert lake["states"] == "CA-SK, US-MT"
    assert lakes.state(BASE, 1) == ("published", lake["atlas_id"])
    assert lakes.state(NAMED, 1) == ("enriches", lake["atlas_id"])
    assert len(lakes.frame) == 4


def test_a_bay_and_a_double_are_parts_of_the_lake_and_do_not_rename_it(lakes: Made):
    assert lakes.state(NAMED, 2) == ("merged", lakes.row(name="Lake Superior")["atlas_id"])
    inland = lakes.row(kind="reservoir")
    assert lakes.state(BASE, 3) == ("merged", inland["atlas_id"])
    assert "Small Bay" not in set(lakes.frame["name"].dropna())


def test_accents_that_the_file_lost_come_back_with_the_cell_in_the_provenance(lakes: Made):
    inland = lakes.row(name="Réservoir Decelles")
    assert inland["name_fr"] == "Réservoir Decelles"
    told = lakes.provenance.set_index(["atlas_id", "field"]).loc[(inland["atlas_id"], "name")]
    assert (told["national_value"], "water_spelling" in told["rule"]) == ("Rservoir Decelles", True)


def test_what_touches_none_of_the_three_or_vanishes_is_out_of_scope_with_its_reason(lakes: Made):
    assert lakes.state(NAMED, 4) == ("out_of_scope", "touches none of the three countries")
    assert lakes.state(MORE, 3)[1].startswith("smaller than the grid")


def test_a_name_that_is_none_stays_missing_and_salt_lakes_have_their_class(lakes: Made):
    assert lakes.row(kind="salt_lake")[["name", "name_en"]].isna().all()
    assert lakes.row(kind="salt_lake")["states"] == "MX-ZAC"


def test_lakes_that_overlap_are_cut_at_the_older_outline(lakes: Made):
    assert shapely.coverage_is_valid(lakes.geometry)
    # 0.5 degree square, of which a strip of 0.1 degree lies in the older lake
    area = (
        gpd.GeoSeries([shapely.box(-101, 52.2, -100.6, 52.7)], crs="EPSG:4326").to_crs("EPSG:6933").area / 1e6
    )
    assert lakes.row(name="Beside")["area_km2"] == pytest.approx(float(area.iloc[0]), rel=2e-3)


def test_without_the_data_folder_lakes_have_no_names_and_say_that_their_kind_is_not_stated():
    alone = assembled("lakes", None)
    assert len(alone.frame) == 506
    assert set(alone.frame["kind"]) == {"not_stated"}
    assert alone.frame["country"].value_counts().min() >= 10


@pytest.mark.national
def test_all_files_give_each_lake_once(national: Path):
    lakes = assembled("lakes", national)
    assert len(lakes.frame) == 1740
    assert lakes.ledger.counts().loc[BASE, ["published", "merged"]].tolist() == [506, 7]
    assert lakes.ledger.counts().loc[NAMED, ["enriches", "merged"]].tolist() == [508, 5]
    assert shapely.coverage_is_valid(lakes.geometry)
    # the sum of the lakes is the area of their union: nothing is counted twice
    flat = gpd.GeoSeries(lakes.geometry, crs="EPSG:4326").to_crs("EPSG:6933")
    assert lakes.frame["area_km2"].sum() == pytest.approx(flat.union_all().area / 1e6, rel=1e-3)


@pytest.mark.national
def test_great_lakes_have_their_size_countries_and_names(national: Path):
    lakes = assembled("lakes", national)
    known = {"Lake Superior": 82_100, "Lake Huron": 59_600, "Lake Michigan": 57_800, "Lake Erie": 25_700}
    for name, km2 in known.items():
        lake = lakes.row(name=name)
        assert lake["area_km2"] == pytest.approx(km2, rel=0.02)
        assert lake["countries"] == ("USA" if name == "Lake Michigan" else "CAN, USA")
        assert lake["name_fr"].startswith("Lac ")
    assert not np.isin(["Georgian Bay", "Whitefish Bay"], lakes.frame["name"].dropna()).any()
    assert lakes.row(name="Lago de Chapala")["states"] == "MX-JAL, MX-MIC"
