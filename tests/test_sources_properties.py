"""Any table of text survives being written and read."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas import sources
from naatlas.sources.workbook import as_text
from naatlas.spec import Csv, Excel
from tests.sources_kit import source, workbook

HEADERS = ["key", "b", "c"]


def tables(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    row = st.lists(st.text(alphabet, max_size=8), min_size=2, max_size=2)
    return st.lists(row, max_size=6).map(lambda rows: [[f"k{i}", *row] for i, row in enumerate(rows)])


def expected(rows: list[list[str]]) -> list[list[object]]:
    return [[cell if cell.strip() else None for cell in row] for row in rows]


def found(frame: pd.DataFrame) -> list[list[object]]:
    assert list(frame.columns) == HEADERS
    assert list(frame.index) == list(range(2, len(frame) + 2))
    return [
        [None if pd.isna(cell) else cell for cell in row] for row in frame.to_numpy(dtype=object).tolist()
    ]


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", "\t"), ("cp1252", ";")])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_csv(encoding: str, delimiter: str, line_end: str, data: st.DataObject):
    alphabet = st.characters(
        codec=encoding.removesuffix("-sig"), exclude_characters="\x00", exclude_categories=["Cs"]
    )
    rows = data.draw(tables(alphabet))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
            writer.writerows([HEADERS, *rows])
        layout = Csv(encoding=encoding, delimiter=delimiter)
        table = sources.read(source("a.csv", layout, HEADERS), Path(folder))
    assert found(table.frame) == expected(rows)


@settings(deadline=None, max_examples=60)
@given(tables(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_xlsx(rows: list[list[str]]):
    with tempfile.TemporaryDirectory() as folder:
        workbook(Path(folder) / "a.xlsx", [HEADERS, *rows])
        table = sources.read(source("a.xlsx", Excel(sheet="Plant"), HEADERS), Path(folder))
    assert found(table.frame) == expected(rows)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_of_a_workbook_keep_their_value(value: float):
    text = as_text([value])[0]
    assert float(text) == value
    assert not text.endswith(".0")
