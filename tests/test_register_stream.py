"""A file of the TRI goes to the store in stretches of rows as it would go in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from naatlas import register
from naatlas.errors import AccountError, UnknownTermsError, UsageError
from naatlas.layers._prtr import stream, tri
from naatlas.layers._prtr.tri_files import TRI
from naatlas.layers.prtr_facilities import SPEC
from tests import prtr_kit

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = SPEC.source("usa-tri-il-2023")
FORMS = [
    ({}, {"51. 5.1 - FUGITIVE AIR": "10.5", "52. 5.2 - STACK AIR": "1", "53. 5.3 - WATER": "3"}),
    ({"facility": "60007PNDST1250X", "state": "OH"}, {"69. 6.2 - M10": "7"}),
    ({"substance": "N150", "unit": "Grams"}, {"51. 5.1 - FUGITIVE AIR": "0.00021"}),
    ({"facility": "60007PNDST1250X", "form": "A"}, {}),
    ({"naics": "221112"}, {"57. 5.5.1 - LANDFILLS": "1234567"}),
    ({"substance": "0000071432"}, {}),
    ({"latitude": "", "longitude": ""}, {"53. 5.3 - WATER": "0.01"}),
]
BY = ("state", "sector", "substance", "medium", "year")


@pytest.mark.parametrize("rows", [1, 2, 3, 6])
def test_stretches_give_the_same_store_as_the_whole(tmp_path: Path, rows: int):
    table = prtr_kit.tri(tmp_path, "il", 2023, FORMS)
    work = prtr_kit.work("2022")
    register.write([stream.placed(table, tri.read(table, work), work)], tmp_path / "whole")
    account = stream.store_tri([SOURCE], tmp_path, tmp_path / "parts", prtr_kit.work("2022"), rows=rows)
    assert (account.rows, account.lines) == ({SOURCE.id: 7}, {SOURCE.id: 8})
    whole, parts = (
        pa.concat_tables(register.scan(tmp_path / name)).to_pandas() for name in ("whole", "parts")
    )
    assert_frame_equal(parts, whole)
    sums = [register.aggregate(tmp_path / name, BY) for name in ("whole", "parts")]
    assert_frame_equal(sums[1], sums[0])


def test_what_the_lines_say(tmp_path: Path):
    prtr_kit.tri(tmp_path, "il", 2023, FORMS)
    stream.store_tri([SOURCE], tmp_path, tmp_path / "store", prtr_kit.work("2022"), rows=2)
    told = register.aggregate(tmp_path / "store", ["state", "medium"]).set_index(["state", "medium"])
    pound = 0.45359237
    assert told.loc[("US-IL", "air"), "kg"] == pytest.approx(11.5 * pound, abs=1e-9)
    assert told.loc[("US-IL", "air"), "g"] == pytest.approx(0.00021, abs=1e-9)
    assert told.loc[("US-IL", "water"), "kg"] == pytest.approx(3.01 * pound, abs=1e-9)
    assert told.loc[("US-OH", "transfer_disposal"), "kg"] == pytest.approx(7 * pound, abs=1e-9)
    # a form R of zeros tells zero, a form A of zeros tells nothing
    assert told.loc[("US-IL", "none"), ["kg", "lines"]].tolist() == [0.0, 2]
    sectors = register.aggregate(tmp_path / "store", ["sector"])["sector"].tolist()
    assert sectors == ["electricity", "metals"]


def test_points_of_the_facilities_stand_beside_the_store(tmp_path: Path):
    """A form without a point tells none; one outside of the country tells none either."""
    wrong = ({"facility": "60007PNDST1250Z", "longitude": "10"}, {"53. 5.3 - WATER": "4"})
    prtr_kit.tri(tmp_path, "il", 2023, [*FORMS, wrong])
    stream.store_tri([SOURCE], tmp_path, tmp_path / "store", prtr_kit.work("2022"), rows=2)
    points = register.read_points(register.points_of(tmp_path / "store"))
    told = set(register.aggregate(tmp_path / "store", ["atlas_id"])["atlas_id"])
    assert points["atlas_id"].is_unique
    assert told - set(points["atlas_id"]) == {"USA-60007PNDST1250Z"}
    assert points[["longitude", "latitude"]].notna().all(axis=None)


def test_several_years_go_to_their_partitions(tmp_path: Path):
    years = [s for s in TRI if s.id in {"usa-tri-il-2022", "usa-tri-il-2023", "usa-tri-ca-2017"}]
    prtr_kit.tri(tmp_path, "il", 2022, FORMS[:2])
    prtr_kit.tri(tmp_path, "il", 2023, FORMS)
    prtr_kit.tri(tmp_path, "ca", 2017, [({"state": "CA"}, {"5.3_WATER": "4"})])
    stream.store_tri(years, tmp_path, tmp_path / "store", prtr_kit.work("2022"), rows=2)
    told = register.aggregate(tmp_path / "store", ["year"])
    assert dict(zip(told["year"], told["lines"], strict=True)) == {2017: 1, 2022: 3, 2023: 8}


def test_unknown_terms_of_all_stretches_stop_before_anything_is_written(tmp_path: Path):
    prtr_kit.tri(tmp_path, "il", 2023, FORMS)
    store = tmp_path / "store"
    stream.store_tri([SOURCE], tmp_path, store, prtr_kit.work("2022"))
    before = register.aggregate(store, BY)
    bad = [*FORMS, ({"substance": "N999"}, {}), *FORMS, ({"state": "ZZ"}, {}), ({"form": "Q"}, {})]
    prtr_kit.tri(tmp_path, "il", 2023, bad)
    with pytest.raises(UnknownTermsError) as caught:
        stream.store_tri([SOURCE], tmp_path, store, prtr_kit.work("2022"), rows=2)
    told = str(caught.value)
    assert all(term in told for term in ("'N999'", "'ZZ'", "'Q'"))
    assert_frame_equal(register.aggregate(store, BY), before)


def test_a_form_without_a_line_is_noticed(tmp_path: Path):
    table = prtr_kit.tri(tmp_path, "il", 2023, FORMS)
    told = tri.read(table, prtr_kit.work("2022"))
    with pytest.raises(AccountError, match=r"1 row\(s\) went nowhere, e.g. row 3"):
        stream.Account().add(table, told[told["row"].ne(3)])


def test_a_facility_number_that_is_missing_is_refused(tmp_path: Path):
    prtr_kit.tri(tmp_path, "il", 2023, [({"facility": ""}, {"53. 5.3 - WATER": "4"})])
    with pytest.raises(UsageError, match="'atlas_id' is empty in 1 row"):
        stream.store_tri([SOURCE], tmp_path, tmp_path / "store", prtr_kit.work("2022"))


@pytest.mark.national
def test_real_years_in_stretches_and_whole(tmp_path: Path, national: Path):
    sources = [s for s in TRI if s.id in {"usa-tri-il-2023", "usa-tri-ca-1987"}]
    for name, rows in (("parts", 500), ("whole", 10**6)):
        stream.store_tri(sources, national, tmp_path / name, prtr_kit.work("2022"), rows=rows)
    parts, whole = (register.aggregate(tmp_path / name, BY) for name in ("parts", "whole"))
    assert_frame_equal(parts, whole)
    assert set(whole["year"]) == {1987, 2023}
