"""A workbook of 11,000 rows: naatlas against ``pandas.read_excel`` with openpyxl, its default engine.

naatlas does more meanwhile: it looks for zip bombs, takes the file's checksum, and turns cells into the text that
a person sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from benchmarks import sides
from naatlas import sources
from naatlas.spec import Excel, Licence, Source

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

ROWS, ROUNDS = 11_000, 5
SHEET, FILE = "Plants", "plants.xlsx"
TEXTS, NUMBERS = 16, 16

pytestmark = pytest.mark.filterwarnings("default")

SOURCE = Source(
    id="made-workbook",
    country=None,
    title="A workbook made for this comparison",
    publisher="",
    landing_page="",
    licence=Licence(id="none", name="", attribution="", url=""),
    vintage="2023",
    path=FILE,
    layout=Excel(sheet=SHEET),
    columns=("text 0", "number 0"),
)


def workbook(path: Path) -> None:
    """Write texts as registers have them (a third of the cells empty), numbers and whole numbers."""
    dice = np.random.default_rng(1)
    names = np.array([f"Central Éolica n.º {number}, S.A. de C.V." for number in range(4000)] + [None] * 2000)
    columns = {f"text {i}": dice.choice(names, ROWS) for i in range(TEXTS)}
    columns |= {f"number {i}": dice.gamma(1.0, 90.0, ROWS).round(1) for i in range(NUMBERS // 2)}
    columns |= {f"whole {i}": dice.integers(1900, 2024, ROWS) for i in range(NUMBERS // 2)}
    pd.DataFrame(columns).to_excel(path, sheet_name=SHEET, index=False, engine="openpyxl")


def test_xlsx(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    workbook(tmp_path / FILE)
    ours, theirs = sides.in_turn(
        benchmark,
        lambda: sides.call(lambda: sources.read(SOURCE, tmp_path)),
        lambda: sides.call(lambda: pd.read_excel(tmp_path / FILE, engine="openpyxl")),
        rounds=ROUNDS,
    )
    frame = sources.read(SOURCE, tmp_path).frame
    told = pd.read_excel(tmp_path / FILE, engine="openpyxl")
    assert frame.shape == told.shape
    assert frame["number 0"].astype("float64").tolist() == told["number 0"].tolist()
    line = {"read": (sides.median(ours), sides.median(theirs))}
    print(sides.table(f"xlsx of {ROWS:,} rows and {TEXTS + NUMBERS} columns", line, target="6"))
