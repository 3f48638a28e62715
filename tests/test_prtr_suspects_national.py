"""Suspect quantities in all years of the registers: the known ones, planted ones, and how many in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas.layers._prtr import reading, suspects
from naatlas.layers._prtr.releases import NONE
from naatlas.layers._prtr.tri_files import TRI
from naatlas.layers._retc_files import RETC
from naatlas.sources import read
from tests import prtr_kit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def lines(national: Path) -> pd.DataFrame:
    tables = {s.id: read(s, national) for s in (*TRI, *RETC) if "-es-" not in s.id}
    return reading.read_lines(tables, prtr_kit.work("2015"))


@pytest.fixture(scope="module")
def facilities(lines: pd.DataFrame) -> pd.DataFrame:
    """Tell of each facility no more than the long table does."""
    ids = pd.Series(lines["atlas_id"].dropna().unique())
    return pd.DataFrame({"atlas_id": ids, "country": ids.str.slice(0, 3), "sector": "not_stated"})


@pytest.fixture(scope="module")
def told(lines: pd.DataFrame, facilities: pd.DataFrame) -> pd.DataFrame:
    return suspects.history(lines, facilities)


def test_the_known_slip_is_there_as_it_was_published(told: pd.DataFrame):
    (plant,) = told[told["reason"].eq("beyond_any_plant")].to_dict("records")
    assert (plant["source"], plant["national_unit"]) == ("mex-retc-em-2012", "ton/año")
    assert plant["amount"] == pytest.approx(613_481_131, abs=1)
    # Its fourteen other years say about a thousand tonnes.
    assert 5e5 < plant["expected"] < 2e6


def test_few_of_the_quantities_are_suspects_and_most_are_of_years_with_mixed_units(
    told: pd.DataFrame, lines: pd.DataFrame
):
    assert len(lines) > 300_000
    reported = lines["medium"].ne(NONE).sum()
    assert 1000 < len(told) < 0.008 * reported
    slips = told[told["reason"].isin(["whole_report", "own_years"])]
    mixed = slips["source"].str.slice(-4).astype(int).le(2013) & slips["country"].eq("MEX")
    assert mixed.mean() > 0.8
    american = lines["source"].str.startswith("usa").mean()
    assert slips["country"].eq("USA").mean() < american / 4
    assert set(told["reason"]) == set(suspects.REASONS)


def test_every_suspect_is_a_line_that_is_there(told: pd.DataFrame, lines: pd.DataFrame):
    keys = ["source", "row"]
    assert pd.MultiIndex.from_frame(told[keys]).isin(pd.MultiIndex.from_frame(lines[keys])).all()
    assert not told.duplicated(["atlas_id", "substance", "medium", "year"]).any()
    zero = told["reason"].eq("sudden_zero")
    assert told.loc[~zero, "amount"].gt(0).all()
    assert told.loc[zero, "kg"].eq(0).all()


def test_three_slips_planted_among_the_real_years_are_found(lines: pd.DataFrame, facilities: pd.DataFrame):
    """One plant, substance and medium in each of three files, which nobody suspects; a thousandfold, all three told."""
    steady = suspects.history(lines, facilities)
    keys = ["atlas_id", "substance", "medium"]
    value = lines[lines["kg"].gt(1)].groupby([*keys, "source"])["kg"].agg(["sum", "size"]).reset_index()
    by = value.groupby(keys)["sum"].agg(["min", "max", "size"])
    calm = by[by["size"].ge(10) & (by["max"] / by["min"]).lt(1.8)].index
    calm = calm[~calm.isin(pd.MultiIndex.from_frame(steady[keys]))]
    chosen = value.set_index(keys).loc[calm]
    chosen = chosen[chosen["size"].eq(1)].reset_index()
    for source in ("mex-retc-em-2015", "usa-tri-il-2015", "mex-retc-em-2010"):
        place = chosen[chosen["source"].eq(source)].iloc[0]
        at = lines["source"].eq(source) & (lines[keys] == place[keys]).all(axis=1)
        slipped = lines.assign(
            kg=lines["kg"].mask(at, lines["kg"] * 1000),
            amount=lines["amount"].mask(at, lines["amount"] * 1000),
        )
        told = suspects.history(slipped[slipped["atlas_id"].eq(place["atlas_id"])], facilities)
        found = told[(told[keys] == place[keys]).all(axis=1) & told["source"].eq(source)]
        assert found["reason"].tolist() == ["own_years"], source
