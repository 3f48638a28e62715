"""naatlas sums: what somebody types, and what comes out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner
from pandas.testing import assert_frame_equal

from naatlas import register
from naatlas.cli import main
from naatlas.errors import ProductError, UsageError
from naatlas.register import tables
from tests.register_kit import lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    register.write([lines(400)], tmp_path / "store")
    return tmp_path / "store"


def ask(*words: object):
    return CliRunner().invoke(main, ["sums", *map(str, words)])


def test_conditions_become_values(store: Path):
    told = tables.sums(store, ["state"], ["year=2019-2020,2022", "on_site=true", "medium=air,water"])
    where = {"year": (2019, 2020, 2022), "on_site": True, "medium": ("air", "water")}
    assert_frame_equal(told, register.aggregate(store, ["state"], where))
    assert 0 < told["lines"].sum() < 400


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("medium", "write it as COLUMN=VALUE"),
        ("year=new", "neither a year nor a span"),
        ("on_site=yes", "neither true nor false"),
        ("basin=3", "no column basin"),
    ],
)
def test_conditions_that_make_no_sense(store: Path, text: str, told: str):
    with pytest.raises(UsageError, match=told):
        tables.sums(store, ["state"], [text])


def test_table_on_the_screen_as_json_and_in_files(store: Path, tmp_path: Path):
    expected = register.aggregate(store, ["country", "medium"])
    shown = ask(store, "--by", "country,medium")
    assert shown.exit_code == 0, shown.output
    assert len(shown.output.splitlines()) == len(expected) + 1
    as_json = ask(store, "--by", "country,medium", "--json")
    assert sum(row["lines"] for row in json.loads(as_json.output)) == 400
    for name, read in (("a.csv", pd.read_csv), ("a.parquet", pd.read_parquet)):
        told = ask(store, "--by", "country,medium", "--out", tmp_path / name)
        assert told.output.endswith(f"{name}: {len(expected)} rows\n")
        assert_frame_equal(read(tmp_path / name), expected, check_dtype=False)


def test_what_goes_wrong_is_one_line(store: Path, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no register store" in ask(empty).output
    assert "a table is written as .csv or .parquet" in ask(store, "--out", tmp_path / "a.xlsx").output
    assert ask(store, "--by", "basin").exit_code == 2
    with pytest.raises(ProductError, match="cannot be written"):
        tables.save(pd.DataFrame({"a": [1]}), tmp_path / "nowhere" / "a.csv")
