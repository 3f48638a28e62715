"""The register store: written from any stream, and added up to the same bits however it is parted."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from naatlas import register
from naatlas.errors import AccountError, ProductError, UsageError
from naatlas.register import quantities, store
from naatlas.register.schema import QUANTITIES
from tests.register_kit import by_basis, lines

BY = ("country", "state", "group", "medium", "year")
SETS = [
    (),
    ("country",),
    ("year",),
    ("state", "group"),
    ("substance", "on_site"),
    ("country", "year", "medium"),
]


def by_pandas(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Second, independent way: pandas' groups, and exact fractions for the sums of the rounded lines."""

    def total(values: pd.Series) -> float:
        known = [round(Fraction(value) * 10**9) for value in values.dropna()]
        return float(Fraction(sum(known), 10**9)) if known else math.nan

    keys = list(by) or (lambda _: 0)
    groups = by_basis(frame).groupby(keys, dropna=False, sort=True)
    told = groups.agg(
        facilities=("atlas_id", "nunique"),
        lines=("atlas_id", "size"),
        kg=("kg", total),
        g=("g", total),
        g_teq=("g_teq", total),
    )
    return told.reset_index(drop=not by)


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare to the last bit but one: the expected sums are rounded once, the found ones twice at most."""
    for column in [c for c in expected.columns if c not in QUANTITIES]:
        left, right = (
            list(map(str, f[column].astype(object).where(f[column].notna(), ""))) for f in (found, expected)
        )
        assert left == right, column
    for column in QUANTITIES:
        np.testing.assert_array_max_ulp(found[column].to_numpy(), expected[column].to_numpy(), maxulp=1)


@pytest.mark.parametrize("by", SETS, ids=lambda by: "+".join(by) or "everything")
def test_sums_are_those_of_pandas(tmp_path: Path, by: tuple[str, ...]):
    frame = lines(700)
    register.write([frame], tmp_path)
    same(register.aggregate(tmp_path, by), by_pandas(frame, by))


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    cuts=st.lists(st.integers(0, 200), max_size=6),
    by=st.sampled_from([*SETS, BY]),
)
def test_any_order_and_any_batches_give_the_same_bits(seed: int, cuts: list[int], by: tuple[str, ...]):
    frame = lines(200, seed)
    mixed = frame.sample(frac=1, random_state=seed)
    edges = [0, *sorted(cuts), len(mixed)]
    batches = [mixed.iloc[a:b] for a, b in pairwise(edges)]
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        register.write([frame], Path(one))
        register.write(batches, Path(other))
        assert_frame_equal(register.aggregate(Path(one), by), register.aggregate(Path(other), by))


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    order=st.randoms(use_true_random=False),
    by=st.sampled_from([*SETS, BY]),
    dense=st.sampled_from([0, 20, 200, 2**26]),
)
def test_partitions_may_arrive_in_any_order(seed: int, order, by: tuple[str, ...], dense: int):
    """However they come, and whether the facilities of groups are marks or numbers, or become numbers midway."""

    def shuffled(work, parts, request):
        told = [work(part, request) for part in parts]
        order.shuffle(told)
        return told

    with TemporaryDirectory() as folder:
        register.write([lines(200, seed)], Path(folder))
        expected = register.aggregate(Path(folder), by)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("naatlas.register.merge._DENSE", dense)
            told = register.aggregate(Path(folder), by, run=shuffled)
        assert_frame_equal(told, expected)


def test_many_wide_columns_are_numbered_in_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    frame = lines(500)
    register.write([frame], tmp_path)
    by = ("state", "substance", "group", "medium", "on_site", "atlas_id", "year")
    monkeypatch.setattr("naatlas.register.partial._WIDEST", 30)
    same(register.aggregate(tmp_path, by), by_pandas(frame, by))


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=60))
def test_split_quantities_add_up_exactly(values: list[float]):
    whole, parts = quantities.split(np.array(values))
    exact = sum(round(Fraction(value) * 10**9) for value in values)
    assert int(whole.sum()) * 10**9 + int(parts.sum()) == pytest.approx(exact, abs=len(values) * 1)
    total = quantities.join(whole.sum(keepdims=True), parts.sum(keepdims=True))[0]
    # half a billionth a line, and the last bit of the sum
    assert abs(total - math.fsum(values)) <= len(values) * 0.5e-9 + abs(total) * 2**-52


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e19])
def test_what_cannot_be_added_up_is_refused(value: float):
    with pytest.raises(AccountError, match="cannot be added up"):
        quantities.split(np.array([1.0, value]))


def test_sums_beyond_64_bits_are_refused(tmp_path: Path):
    year = pd.DataFrame(
        {"atlas_id": ["USA-1"], "country": "USA", "substance": "x", "medium": "air", "g": np.nan}
    )
    register.write([year.assign(kg=2e18, year=2001), year.assign(kg=2e18, year=2002)], tmp_path)
    assert register.aggregate(tmp_path, ["year"])["kg"].tolist() == [2e18, 2e18]
    register.write([year.assign(kg=2e18, year=2003)], tmp_path)
    with pytest.raises(AccountError, match=r"more than 2\.3e18; look for a wrong unit"):
        register.aggregate(tmp_path, ["country"])


def test_where_keeps_the_lines_that_are_asked_for(tmp_path: Path):
    frame = lines(700)
    register.write([frame], tmp_path)
    told = register.aggregate(
        tmp_path, ["state"], {"country": ("USA", "CAN"), "year": 2020, "medium": "air", "on_site": True}
    )
    own = frame[
        frame["country"].isin(["USA", "CAN"])
        & frame["year"].eq(2020)
        & frame["medium"].eq("air")
        & frame["on_site"]
    ]
    same(told, by_pandas(own, ("state",)))
    nothing = register.aggregate(tmp_path, ["state"], {"medium": "moon"})
    assert list(nothing.columns) == ["state", "facilities", "lines", "kg", "g", "g_teq"]
    assert nothing.empty


def test_attributes_of_facilities_serve_as_columns(tmp_path: Path):
    frame = lines(500)
    register.write([frame], tmp_path)
    zones = pd.DataFrame({"atlas_id": sorted(set(frame["atlas_id"]))[::2]})
    zones["zone"] = np.where(zones.index % 3 == 0, "north", "south")
    joined = frame.merge(zones, how="left", on="atlas_id")
    told = register.aggregate(tmp_path, ["zone", "medium"], attributes=zones)
    same(told, by_pandas(joined, ("zone", "medium")))
    only = register.aggregate(tmp_path, ["year"], {"zone": "north"}, attributes=zones)
    same(only, by_pandas(joined[joined["zone"].eq("north")], ("year",)))


def test_what_was_written_is_read_back(tmp_path: Path):
    frame = lines(400)
    files = register.write([frame], tmp_path)
    assert [f.parent.relative_to(tmp_path).as_posix() for f in files] == sorted(
        f"country={c}/year={y}" for c, y in set(zip(frame["country"], frame["year"], strict=True))
    )
    assert pq.read_schema(files[0]).equals(register.FILE_SCHEMA)
    assert pq.ParquetFile(files[0]).metadata.row_group(0).column(0).compression == "ZSTD"
    back = pa.concat_tables(register.scan(tmp_path))
    expected = register.as_table(frame.sort_values(["country", "year"], kind="stable"))
    assert back.schema.names == register.SCHEMA.names
    assert back.equals(expected)
    some = pa.concat_tables(
        register.scan(tmp_path, ["year", "kg"], {"country": "USA", "medium": ["air", "water"]})
    )
    own = frame[frame["country"].eq("USA") & frame["medium"].isin(["air", "water"])]
    assert some.num_rows == len(own)
    assert some.column_names == ["year", "kg"]


def test_the_same_stream_gives_the_same_bytes(tmp_path: Path):
    one, other = (register.write([lines(300)], tmp_path / name) for name in "ab")
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in other]


def test_a_new_year_replaces_its_own_partition_only(tmp_path: Path):
    frame = lines(400)
    register.write([frame], tmp_path)
    before = register.aggregate(tmp_path, ["country", "year"])
    again = frame[frame["country"].eq("USA") & frame["year"].eq(2021)].iloc[:3]
    register.write([again], tmp_path)
    after = register.aggregate(tmp_path, ["country", "year"])
    changed = after["country"].eq("USA") & after["year"].eq(2021)
    assert after.loc[changed, "lines"].tolist() == [3]
    assert_frame_equal(after[~changed], before[~changed])


def test_a_stream_that_breaks_leaves_the_store_as_it_was(tmp_path: Path):
    register.write([lines(300)], tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    def broken():
        yield lines(300, seed=2)
        raise RuntimeError("the network is gone")

    with pytest.raises(RuntimeError, match="gone"):
        register.write(broken(), tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_rows_that_wait_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "ROW_GROUP", 50)
    monkeypatch.setattr(store, "PENDING", 120)
    frame = lines(900)
    register.write((frame.iloc[a : a + 30] for a in range(0, 900, 30)), tmp_path)
    files = [pq.ParquetFile(p).metadata for p in tmp_path.rglob("*.parquet")]
    assert sum(f.num_rows for f in files) == 900
    assert max(f.row_group(i).num_rows for f in files for i in range(f.num_row_groups)) <= 50
    same(register.aggregate(tmp_path, BY), by_pandas(frame, BY))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: f.drop(columns="medium"), "no column 'medium'"),
        (lambda f: f.assign(kg="much"), "column 'kg' cannot be double"),
        (lambda f: f.assign(substance=f["substance"].where(f.index > 3)), "'substance' is empty in 4 row"),
        (lambda f: f.assign(atlas_id="ATL-1"), "ids begin with CAN-"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, change, told: str):
    with pytest.raises(UsageError, match=told) as error:
        register.write([change(lines(60))], tmp_path)
    assert "\n" not in str(error.value)
    with pytest.raises(UsageError, match="no register store"):
        register.partitions(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(ProductError, match="cannot be written"):
        register.write([lines(10)], tmp_path / "file")


def test_columns_that_do_not_exist_are_named(tmp_path: Path):
    register.write([lines(30)], tmp_path)
    with pytest.raises(UsageError, match="no column basin, kg to add up by"):
        register.aggregate(tmp_path, ["basin", "kg"])
    with pytest.raises(UsageError, match="no column basin; there are"):
        list(register.scan(tmp_path, ["basin"]))
    with pytest.raises(UsageError, match="facility twice, such as USA-1"):
        register.aggregate(
            tmp_path, ["zone"], attributes=pd.DataFrame({"atlas_id": ["USA-1"] * 2, "zone": "a"})
        )
    with pytest.raises(UsageError, match="state is a column of the store"):
        register.aggregate(
            tmp_path, ["state"], attributes=pd.DataFrame({"atlas_id": ["USA-1"], "state": "a"})
        )
