"""The comparison of the registers on the national files: a second query, and sums never above the EPA's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas import pipeline
from naatlas.layers._prtr import retc, rules, side_by_side, tri
from naatlas.layers._prtr.comparable import STATES, compare
from naatlas.layers._prtr.substances import resolve
from naatlas.layers._prtr.tri_files import TRI
from naatlas.layers._retc_files import RETC
from naatlas.sources import read
from tests import prtr_kit
from tests.prtr_query import counts_by_sql

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

pytestmark = pytest.mark.national

POUND_KG = 0.45359237
#: Years of which the EPA's national totals are here.
YEARS = (2013, 2022, 2023)
#: Media of the long table by the compartment of the totals. Soil there has neither landfills nor underground injection
#: in it: one landfill of Illinois took more asbestos in 2013 than the totals have for the nation.
COMPARTMENTS = {"air": "air", "water": "water", "land": "soil"}
#: The totals are rounded to a thousandth of a pound, one by one.
ROUNDING_KG = 0.001


@pytest.fixture(scope="module")
def edition_2015(national: Path) -> LayerData:
    return pipeline.assemble("prtr-facilities", data=national)


@pytest.mark.parametrize("year", YEARS)
def test_states_are_never_above_the_national_total_of_a_substance(national: Path, year: int):
    work = prtr_kit.work("2015")
    files = [source for source in TRI if source.vintage == str(year)]
    lines = pd.concat([tri.lines(read(source, national), work) for source in files])
    assert work.unknown == []
    own = lines.assign(compartment=lines["medium"].map(COMPARTMENTS)).dropna(subset=["compartment", "kg"])
    sums = own.groupby(["substance", "compartment"])["kg"].sum()
    national_kg = epa(national, year)
    both = sums[sums.gt(0)].to_frame("own").join(national_kg.rename("epa"), how="left")
    assert len(both) > 150
    assert both["epa"].notna().all(), both[both["epa"].isna()]
    above = both[both["own"] > both["epa"] + ROUNDING_KG]
    assert above.empty, above


def epa(national: Path, year: int) -> pd.Series:
    """Read the national totals in kilograms, by substance and compartment."""
    path = national / f"prtr/raw/crosswalks/TRI_{year}_NationalTotals.csv"
    table = pd.read_csv(path, dtype={"CAS": "str"})
    unknown: list[str] = []
    code = resolve(table["CAS"], "tri", path.name, unknown)
    known = table.assign(substance=code, compartment=table["Compartment"]).dropna(subset="substance")
    known = known[known["substance"].ne("dioxin-compounds")]
    return known.groupby(["substance", "compartment"])["FlowAmount"].sum() * POUND_KG


def test_a_second_query_finds_the_tables_of_2015(edition_2015: LayerData):
    lines, frame = edition_2015.tables["releases"], edition_2015.frame
    queried = counts_by_sql(lines, frame)
    for by, name in side_by_side.BY.items():
        table = edition_2015.tables[name]
        body = table[table[by].ne(side_by_side.ALL)].drop(columns="cells")
        told = body.melt(["year", by, "country"], list(STATES), "state", "cells")
        keys = zip(*(told[c] for c in ("year", by, "country", "state")), strict=True)
        own = {tuple(key): int(n) for key, n in zip(keys, told["cells"], strict=True) if n}
        assert own == queried[by]


def test_what_is_compared_is_all_that_is_reported(edition_2015: LayerData):
    lines, frame = edition_2015.tables["releases"], edition_2015.frame
    cells = compare(lines, frame).cells
    assert cells["kg"].sum() == pytest.approx(lines["kg"].sum(), rel=1e-12)
    assert cells["g"].sum() + cells["g_teq"].sum() == pytest.approx(lines["g"].sum(), rel=1e-12)
    assert (
        cells.loc[cells["country"].eq("CAN"), "state"]
        .isin(["no_file", "not_on_list", "no_such_medium"])
        .all()
    )


def test_the_share_of_unknown_cells_is_told(edition_2015: LayerData):
    found = [f for f in edition_2015.findings if f.rule == "cells-of-a-comparison-unknown"]
    assert len(found) == 1
    table = edition_2015.tables["comparability_groups"]
    whole = table[table["group"].eq("all")]
    assert found[0].count == whole["unknown"].sum()
    share = dict(found[0].values)["share"]  # values of the finding, no array
    assert share == pytest.approx(whole["unknown"].sum() / whole["cells"].sum())


@pytest.mark.parametrize("year", [2014, 2018, 2022])
def test_mexico_reports_nothing_that_is_not_among_the_substances_of_its_norm(national: Path, year: int):
    """The transcription of the list is another's: what was reported under it is a second witness."""
    source = next(source for source in RETC if source.id == f"mex-retc-em-{year}")
    codes = set(retc.lines(read(source, national), prtr_kit.work("2015"))["substance"])
    told = rules.lists()
    norm = told[told["source"].str.startswith("NOM-165")]
    assert codes <= set(norm.loc[norm["listed"].eq("yes"), "substance"])
