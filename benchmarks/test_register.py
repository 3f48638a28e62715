"""Sums over a large register: naatlas against the plain pandas script, and against polars, DuckDB and Arrow.

Every way is a process of its own, so that its memory can be told; all read the same Parquet files and give the same
groups. The register is made up (``scripts/make_synthetic_register.py``) and thrown away afterwards.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.sides import Cost, in_turn

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

ROOT = Path(__file__).parents[1]
LINES = int(os.environ.get("NAATLAS_BENCH_LINES", "5000000"))
#: A register that is there already, instead of making one.
STORE = os.environ.get("NAATLAS_BENCH_REGISTER")
QUERIES = ("country,state,group,medium", "country,year,substance,medium")
OTHERS = os.environ.get("NAATLAS_BENCH_WAYS", "pandas,polars,duckdb,arrow,cluster").split(",")

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if STORE:
        return Path(STORE)
    folder = tmp_path_factory.mktemp("register")
    script = ROOT / "scripts" / "make_synthetic_register.py"
    subprocess.run([sys.executable, str(script), str(folder), "--rows", str(LINES)], check=True)
    return folder


def run(way: str, store: Path, by: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.register_way", way, str(store), by]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("by", QUERIES)
@pytest.mark.parametrize("other", OTHERS)
def test_sums(benchmark: BenchmarkFixture, store: Path, by: str, other: str):
    told: dict[str, dict[str, float]] = {}

    def side(way: str) -> Cost:
        told[way] = run(way, store, by)
        return Cost(told[way]["clock"], told[way]["cpu"])

    in_turn(benchmark, lambda: side("naatlas"), lambda: side(other), rounds=1)
    ours, theirs = told["naatlas"], told[other]
    assert (ours["groups"], ours["facilities"]) == (theirs["groups"], theirs["facilities"])
    assert ours["kg"] == pytest.approx(theirs["kg"], rel=1e-9)
    print(
        f"\n{by}: naatlas {ours['clock']:.1f} s / {ours['cpu']:.1f} s of processor / {ours['peak_mb']:,.0f} MB, "
        f"{other} {theirs['clock']:.1f} / {theirs['cpu']:.1f} / {theirs['peak_mb']:,.0f}; ratios "
        f"{theirs['clock'] / ours['clock']:.1f} / {theirs['cpu'] / ours['cpu']:.1f} / "
        f"{theirs['peak_mb'] / ours['peak_mb']:.1f}; wanted of pandas: 5 times the speed at a quarter of the memory"
    )
