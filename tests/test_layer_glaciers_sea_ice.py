"""Glaciers of Natural Earth, and the ice of a SIGRID-3 chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
from shapely import box

from naatlas import pipeline, sources
from naatlas.harmonize import crosswalk
from naatlas.layers.glaciers_sea_ice import GLACIERS, ICE_CHART
from tests.framework_kit import combine, table, write

if TYPE_CHECKING:
    from pathlib import Path

#: St. Elias; two halves of the Greenland Ice Sheet; one row twice.
GLACIATED = (
    box(-140, 60.5, -139, 61),
    box(-45, 70, -42, 72),
    box(-42, 70, -39, 72),
    box(-140, 60.5, -139, 61),
)
NAMES = (None, "Greenland Ice Sheet", "Greenland Ice Sheet", None)

#: A chart of the Beaufort Sea: ice of 9+/10, ice of 4/10 to 6/10, ice without concentration, ice shelf, water, land.
CHART = tuple(box(-150 + i, 73, -149.2 + i, 74) for i in range(6))
CODES = {"CT": ["91", "46", "99", "-9", "01", "-9"], "POLY_TYPE": ["I", "I", "I", "S", "W", "L"]}


def glaciated():
    columns = {"featurecla": ["Glaciated areas"] * 4, "scalerank": ["3"] * 4, "name": list(NAMES)}
    return table(GLACIERS, GLACIATED, **columns)


def test_parts_of_one_name_are_one_and_doubles_are_merged():
    combined, work = combine("glaciers-sea-ice", glaciated())
    assert len(combined.frame) == 2
    assert work.ledger.states(GLACIERS.id)["state"].to_list() == [
        "published",
        "aggregated",
        "aggregated",
        "merged",
    ]
    sheet = combined.frame["name"].eq("Greenland Ice Sheet").fillna(value=False).to_numpy()
    assert combined.geometry[sheet][0].equals(box(-45, 70, -39, 72))


def test_country_by_location_and_fn_elsewhere():
    combined, _ = combine("glaciers-sea-ice", glaciated())
    told = combined.frame.set_index(combined.frame["name"].fillna("-"))["country"]
    assert told.to_dict() == {"Greenland Ice Sheet": "FN", "-": "CAN"}


def test_a_chart_is_read_from_a_zipped_shapefile(tmp_path: Path):
    write(tmp_path / ICE_CHART.path, CHART, CODES)
    chart = sources.read(ICE_CHART, tmp_path)
    combined, work = combine("glaciers-sea-ice", glaciated(), chart)
    ice = combined.frame[combined.frame["atlas_id"].str.startswith("NA-ICE")]
    assert sorted(ice["ice"]) == ["glacier", "sea_ice", "sea_ice", "sea_ice"]
    assert work.ledger.states(ICE_CHART.id)["state"].value_counts().to_dict() == {
        "published": 4,
        "out_of_scope": 2,
    }
    bounds = ice[["concentration_low_percent", "concentration_high_percent"]].dropna().astype(int)
    assert sorted(bounds.itertuples(index=False, name=None)) == [(40, 60), (90, 100)]
    assert ice["country"].isna().all()


def test_codes_that_no_table_knows_stop_the_build():
    strange = CODES | {
        "CT": ["93", "46", "99", "-9", "01", "-9"],
        "POLY_TYPE": ["I", "Q", "I", "S", "W", "L"],
    }
    _, work = combine("glaciers-sea-ice", glaciated(), table(ICE_CHART, CHART, **strange))
    assert work.unknown == [
        "usa-ice-chart: POLY_TYPE 'Q' in 1 row(s); add it to naatlas/crosswalks/sea_ice.csv, vocabulary poly_type",
        "usa-ice-chart: CT '93' in 1 row(s); add it to naatlas/crosswalks/sea_ice.csv, vocabulary concentration",
    ]


def test_every_range_of_tenths_is_in_the_table():
    codes = crosswalk.load("sea_ice", "concentration").codes
    for low in range(1, 10):
        for high in range(low + 1, 10):
            assert codes[f"{low}{high}"] == f"{low}0-{high}0" or (low, high) == (9, 2)
    assert {codes[f"{low}1"] for low in range(2, 10)} == {f"{low}0-100" for low in range(2, 10)}


@pytest.mark.national
def test_national_glaciers(national: Path):
    data = pipeline.assemble("glaciers-sea-ice", data=national)
    source = gpd.read_file(f"/vsizip/{(national / GLACIERS.path).as_posix()}")
    counts = data.ledger.counts().loc[GLACIERS.id]
    assert counts["read"] == len(source)
    assert set(data.frame["name"].dropna()) == set(source["name"].dropna())
    whole = source.make_valid().to_crs("EPSG:6933").area.sum() / 1e6
    assert data.frame["area_km2"].sum() == pytest.approx(whole, rel=0.001)
    assert [f.where for f in data.findings if f.rule == "source-absent"] == [ICE_CHART.id]
