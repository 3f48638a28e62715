"""A delimited file read in stretches is the file read whole, and what is wrong with it is said all the same."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from naatlas import sources
from naatlas.errors import InputError, UsageError
from naatlas.sources import archive
from naatlas.spec import Csv, Excel, Source
from tests.sources_kit import source

CELLS = st.text(st.sampled_from('aé"\n,; 0'), max_size=5)


def quoted(cells: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def joined(declared: Source, data: Path, rows: int) -> pd.DataFrame:
    return pd.concat([table.frame for table in sources.read_batches(declared, data, rows=rows)])


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30),
    size=st.integers(1, 12),
    packed=st.booleans(),
)
def test_stretches_make_up_the_whole(rows: list[tuple[str, str]], size: int, *, packed: bool):
    text = "number,first cell,second\n" + "".join(quoted([str(n), *row]) for n, row in enumerate(rows))
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("a.csv.gz" if packed else "a.csv")
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode("utf-8-sig"))
        declared = source(path.name, columns=["number"], missing=("", "0"))
        whole = sources.read(declared, Path(folder)).frame
        assert_frame_equal(joined(declared, Path(folder), size), whole)
        assert all(len(t.frame) <= size for t in sources.read_batches(declared, Path(folder), rows=size))


def test_member_of_a_zip_with_notes_above_the_header(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("in/b.csv", "A note\n\nk;v\n" + "".join(f"{n};Montréal\n" for n in range(9)))
    declared = source("a.zip", Csv(member="in/b.csv", delimiter=";", header_row=3))
    told = joined(declared, tmp_path, 4)
    assert_frame_equal(told, sources.read(declared, tmp_path).frame)
    assert told.index.tolist() == list(range(4, 13))


def refused(declared: Source, data: Path) -> str:
    with pytest.raises(InputError) as caught:
        list(sources.read_batches(declared, data, rows=2))
    message = str(caught.value)
    assert "\n" not in message
    assert str(data) not in message
    return message


@pytest.mark.parametrize(
    ("data", "layout", "told"),
    [
        (b"", Csv(), "the file is empty"),
        (b"k,v\n1,a\n2,Montr\xe9al\n", Csv(), "byte 0xe9 is not utf-8, as declared; naatlas inspect tells"),
        ("k\né\n".encode("utf-8-sig"), Csv(encoding="cp1252"), "byte order mark of utf-8-sig"),
        (b"k\n1\n", Csv(encoding="utf-99"), "knows no encoding 'utf-99'"),
        ("k\n1\n".encode("utf-16-le"), Csv(), "NUL characters"),
        (b"a,b\n1,2\n3,4\n5,6,7\n", Csv(), "more cells than the header"),
        (b"a,b\n1,2\n3,4\n5,6,7,8\n", Csv(), "do not fit the 2 headers"),
        (b'a,b\n1,2\n3,4\n5,"6\n', Csv(), "do not fit the 2 headers (EOF inside string"),
        (b"a,b\n\n1,2\n", Csv(header_row=2), "record 2 should be the header but is empty"),
        (gzip.compress(b"a\n" + bytes(range(48, 58)) * 1000)[:-12], Csv(), "damaged or cut off"),
        (gzip.compress(b"a\n" + b" " * (archive.HARMLESS_BYTES + 1)), Csv(), "looks like a zip bomb"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said(tmp_path: Path, data: bytes, layout: Csv, told: str):
    (tmp_path / "a.csv").write_bytes(data)
    assert told in refused(source("a.csv", layout), tmp_path)


def test_column_that_is_missing(tmp_path: Path):
    (tmp_path / "a.csv").write_text("Plant_Code\n1\n", encoding="utf-8")
    assert 'column "Plant Code" is missing' in refused(source("a.csv", columns=["Plant Code"]), tmp_path)


def test_header_without_rows(tmp_path: Path):
    (tmp_path / "a.csv").write_text("k,v\n", encoding="utf-8")
    assert_frame_equal(joined(source("a.csv"), tmp_path, 5), sources.read(source("a.csv"), tmp_path).frame)


def test_workbooks_are_not_read_in_stretches(tmp_path: Path):
    with pytest.raises(UsageError, match="only delimited files"):
        next(iter(sources.read_batches(source("a.xlsx", Excel(sheet="Plant")), tmp_path)))
