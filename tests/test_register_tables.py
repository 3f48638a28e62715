"""naatlas sums: what somebody types, and what comes out; of a store, and of the one file of a product."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
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
    told = tables.conditions(["year=2019-2020,2022", "on_site=true", "medium=air, water"])
    assert told == {"year": [2019, 2020, 2022], "on_site": [True], "medium": ["air", "water"]}
    words = [
        word for text in ("year=2019-2020,2022", "on_site=true", "medium=air") for word in ("--where", text)
    ]
    shown = json.loads(ask(store, "--by", "state", *words, "--json").output)
    expected = register.aggregate(store, ["state"], told | {"medium": "air"})
    assert [row["lines"] for row in shown] == expected["lines"].tolist()
    assert 0 < expected["lines"].sum() < 400


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
        register.aggregate(store, ["state"], tables.conditions([text]))


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


@pytest.fixture
def file(store: Path, tmp_path: Path) -> Path:
    """Return the same register as one file, as a product has it: further columns, two row groups a year."""
    path = tmp_path / "NA_PRTRReleases_2019to2022_releases.parquet"
    whole = pa.concat_tables(register.scan(store)).append_column(
        "border_zone", pa.array(["MEX-USA", None] * 200)
    )
    with pq.ParquetWriter(path, whole.schema) as writer:
        for part in register.partitions(store):
            own = (pc.field("country") == part.country) & (pc.field("year") == part.year)
            rows = whole.filter(own)
            writer.write_table(rows, row_group_size=-(-len(rows) // 2))
    return path


def test_one_file_is_as_good_as_a_store(store: Path, file: Path):
    parts = register.partitions(file)
    assert [(p.country, p.year) for p in parts] == [(p.country, p.year) for p in register.partitions(store)]
    assert [group for part in parts for group in part.groups] == list(range(2 * len(parts)))
    where = {"country": ["USA", "MEX"], "medium": "air"}
    for by in ([], ["country", "year"], ["state", "medium", "on_site"]):
        assert_frame_equal(register.aggregate(file, by, where), register.aggregate(store, by, where))
    both = [
        pa.concat_tables(register.scan(path, ["atlas_id", "year", "kg"], where)) for path in (store, file)
    ]
    assert both[0].equals(both[1])


def test_further_columns_of_a_file_serve_as_columns(file: Path, store: Path):
    assert register.aggregate(file, ["border_zone"])["lines"].tolist() == [200, 200]
    with pytest.raises(UsageError, match="no column border_zone to add up by"):
        register.aggregate(store, ["border_zone"])


def test_files_that_are_no_such_table(file: Path, tmp_path: Path):
    mixed = tmp_path / "mixed.parquet"
    pq.write_table(pq.read_table(file), mixed)
    assert "row group 0 holds several countries or years; sort the table" in ask(mixed).output
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), other)
    assert "is no long table of a register: it has no column atlas_id, substance" in ask(other).output
    other.write_bytes(file.read_bytes()[:-20])
    told = ask(other)
    assert (told.exit_code, told.output.count("\n")) == (1, 1)
    assert "is no Parquet file, or a damaged one" in told.output


def test_what_was_finished_is_not_done_again(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The last partition is damaged; after its repair little more than it is read."""
    last = register.partitions(store)[-1].path
    sound, read, seen = last.read_bytes(), register.Partition.read, []

    def counted(part, *args, **kwargs):
        seen.append(part.key)
        return read(part, *args, **kwargs)

    monkeypatch.setattr(register.Partition, "read", counted)
    last.write_bytes(b"PAR1 and then nothing")
    words = (store, "--by", "country,medium", "--resume", tmp_path / "journal", "--out", tmp_path / "a.csv")
    assert "damaged" in ask(*words).output
    assert len(seen) == (count := len(register.partitions(store)))
    last.write_bytes(sound)
    assert ask(*words).exit_code == 0
    assert len(seen) < 2 * count
    assert not (tmp_path / "journal").exists()
    whole = register.aggregate(store, ["country", "medium"])
    assert_frame_equal(pd.read_csv(tmp_path / "a.csv"), whole, check_dtype=False)
