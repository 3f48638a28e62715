"""Columns of text and of numbers: what is written a column at a time is what would be written one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from naatlas.export import digits
from naatlas.export.columns import Run, Template, full, joined, text, together, where
from naatlas.export.numbers import format_all, format_measured

LANGUAGES = ("en", "fr", "es")
#: Ties, numbers next to ties, whole ones, tiny and very large ones.
NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**9), 10**9).map(lambda count: count / 8)
    | st.integers(-(10**9), 10**9).map(lambda count: count / 2000)
    | st.sampled_from([0.15, 0.25, 2.675, 9.9995, 999.95, 999_999.5, 1e15, 2.0**53, -0.04, -0.0])
)


@pytest.mark.parametrize("language", LANGUAGES)
@given(values=st.lists(NUMBERS, max_size=20), decimals=st.integers(0, 8))
@example(values=[1234567.891, 0.5, 1.5, 2.5, -1000.05], decimals=1)
def test_numbers_are_written_as_python_writes_them(language: str, values: list[float], decimals: int):
    column = np.array(values, dtype=np.float64)
    made = digits.formatted(column, decimals, language).to_pylist()
    assert made == format_all(values, decimals, language)
    made = digits.measured(column, decimals, language).to_pylist()
    assert made == format_measured(values, decimals, language)


@pytest.mark.parametrize("language", LANGUAGES)
@given(values=st.lists(st.integers(-(2**53), 2**53), max_size=20))
def test_whole_numbers_are_written_as_python_writes_them(language: str, values: list[int]):
    made = digits.whole(np.array(values, dtype=np.int64), language).to_pylist()
    assert made == format_all(values, 0, language)


def test_what_is_missing_is_left_out_or_takes_all_with_it():
    one, other = text(["a", None, "c", None]), text(["x", "y", None, None])
    assert joined("<", one, other, ">").to_pylist() == ["<ax>", "<y>", "<c>", "<>"]
    assert joined(one, other, between=" \u00b7 ").to_pylist() == ["a \u00b7 x", "y", "c", ""]
    assert together("<", one, other).to_pylist() == ["<ax", None, None, None]
    assert full(text(["", "a", None])).to_pylist() == [None, "a", None]
    assert where(pa.array([True, False, None, True]), "z").to_pylist() == ["z", None, None, "z"]


CELLS = st.lists(st.tuples(*[st.text(max_size=5) | st.none()] * 2), max_size=9)


@given(cells=CELLS)
def test_a_template_is_filled_row_by_row(cells: list[tuple[str | None, str | None]]):
    made = Template()
    made.text("[")
    for column in zip(*cells, strict=True) if cells else ((), ()):
        made.cells("(", text(column), ")")
    made.cells("", text(["!"] * len(cells)))
    made.text("]")
    rows = ["[" + "".join(f"({told})" for told in row if told is not None) + "!]" for row in cells]
    assert made.render().to_pylist() == rows


@given(texts=st.lists(st.text(max_size=6), max_size=9), data=st.data())
def test_a_run_gives_any_of_its_texts(texts: list[str], data: st.DataObject):
    start = data.draw(st.integers(0, len(texts)))
    stop = data.draw(st.integers(start, len(texts)))
    run = Run.of(text(["before", *texts])[1:]).some(start, stop)
    chosen = texts[start:stop]
    assert len(run) == len(chosen)
    assert run.sizes.tolist() == [len(told.encode()) for told in chosen]
    assert bytes(run.whole) == "".join(chosen).encode()
    tags = {0: "<", len(chosen): ">"} if chosen else {0: "<>"}
    assert b"".join(run.pieces(tags)) == f"<{''.join(chosen)}>".encode()
