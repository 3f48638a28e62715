"""The registers through the years on the national files: counts, identity, and sums by a second way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas import pipeline
from naatlas.layers._prtr.tri_files import TRI
from naatlas.layers._prtr.tri_files import layout as tri_layout
from naatlas.layers._retc_files import RETC, layout
from naatlas.sources import read

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData
    from naatlas.spec import Source

pytestmark = pytest.mark.national

#: The test's own: kilograms by the units that the registers write, and by pound.
KG = {"kg": 1.0, "ton": 1000.0, "g": 0.001, "pounds": 0.45359237, "grams": 0.001}


@pytest.fixture(scope="module")
def data(national: Path) -> LayerData:
    return pipeline.assemble("prtr-releases", data=national)


def whole(national: Path, source: Source) -> float:
    """Add up a file without any part of the layer: all quantities that are no totals of others, in kilograms."""
    frame = read(source, national).frame
    if source in RETC:
        heads = layout(int(source.vintage))[1]
        columns, unit = [heads.air, *heads.others], frame[heads.unit]
    else:
        # The register's own sums: on the site, and to all other places.
        columns = ["65. ON-SITE RELEASE TOTAL", "106. 6.2 - TOTAL TRANSFER"]
        unit = frame[tri_layout(source).unit]
    rate = unit.str.strip().str.lower().str.removesuffix("/año").map(KG)
    return float(frame[columns].apply(pd.to_numeric, errors="coerce").mul(rate, axis=0).sum().sum())


@pytest.mark.parametrize("source", [s for s in RETC if "-em-" in s.id], ids=lambda source: source.id)
def test_every_year_of_the_retc_is_published_or_rejected(data: LayerData, national: Path, source: Source):
    told = data.tables["balances"].query("source == @source.id").set_index("unit")
    kg = told["published"] + told["rejected"]
    assert kg.get("kg", pd.Series([0.0])).sum() + kg.get("g", pd.Series([0.0])).sum() / 1000 == pytest.approx(
        whole(national, source), rel=1e-9
    )
    lines = data.tables["releases"].query("source == @source.id")
    published = told["published"].groupby("unit").sum()
    assert lines["kg"].sum() == pytest.approx(published["kg"], rel=1e-12)


@pytest.mark.parametrize("source", [s for s in TRI if "-il-" in s.id], ids=lambda source: source.id)
def test_the_tri_is_what_its_own_totals_say(data: LayerData, national: Path, source: Source):
    """The totals of the file are read by nothing but this test."""
    lines = data.tables["releases"].query("source == @source.id")
    told = lines["kg"].sum() + lines["g"].sum() / 1000
    assert told == pytest.approx(whole(national, source), rel=5e-6)


def test_what_is_published(data: LayerData):
    assert data.frame["country"].value_counts().to_dict() == {"CAN": 19131, "MEX": 9793, "USA": 4761}
    assert data.frame["atlas_id"].is_unique
    assert len(data.tables["releases"]) == 305748
    assert data.tables["balances"]["source"].nunique() == 34
    assert not [f for f in data.findings if f.severity == "error"]


def test_the_number_of_the_retc_is_that_of_the_facility(data: LayerData):
    """From one report to the next of a number the state is the same in 99.9 %, the name in 99.5 %."""
    years = data.tables["facility_years"]
    mexican = years[years["atlas_id"].str.startswith("MEX-")]
    pairs = mexican[mexican["name_score"].notna()]
    assert len(pairs) > 37000
    assert pairs["name_score"].ge(60).mean() > 0.995
    state = mexican["state"].eq(mexican.groupby("atlas_id")["state"].shift(1))[pairs.index]
    assert state.mean() > 0.999


def test_points_show_the_sums_of_their_latest_year(data: LayerData):
    lines = data.tables["releases"]
    year = data.frame.set_index("atlas_id")["last_year"]
    toxic = lines[
        lines["kind"].eq("toxic") & lines["on_site"] & lines["year"].eq(lines["atlas_id"].map(year))
    ]
    assert toxic["kg"].sum() == pytest.approx(data.frame["releases_kg"].sum())


def test_sums_and_lines_tell_the_same(data: LayerData):
    lines = data.tables["releases"]
    for name in ("release_totals", "substance_totals"):
        table = data.tables[name]
        assert table["kg"].sum() == pytest.approx(lines["kg"].sum())
        assert table["g"].sum() == pytest.approx(lines["g"].sum())


def test_matched_facilities_are_those_of_every_year(data: LayerData):
    """Counted a second way: by a table of facilities and years."""
    told = (
        data.tables["trends"].drop_duplicates(["area", "span", "share"]).set_index(["area", "span", "share"])
    )
    lines = data.tables["releases"]
    seen = lines.pivot_table(index="atlas_id", columns="year", values="row", aggfunc="size").notna()
    mexican = seen[seen.index.str.startswith("MEX-")]
    recent = mexican[[y for y in range(2014, 2023) if y != 2019]]
    assert told.loc[("MEX", "2014-2022", 1.0), "matched_in_span"] == int(recent.all(axis=1).sum())
    assert told.loc[("MEX", "2014-2022", 0.8), "matched_in_span"] == int((recent.sum(axis=1) >= 6.4).sum())
    assert told.loc[("MEX", "2004-2022", 1.0), "matched_in_span"] < 100
