"""100,000 styled placemarks with balloons: naatlas against simplekml and GDAL's LIBKML, time and memory.

Each way runs in a process of its own, so that its peak of memory is its own. naatlas writes a pyramid, styles, balloons
and every value twice (Data and SchemaData). LIBKML writes neither styles nor folders: bare placemarks with SchemaData,
or with a balloon that was put together before. ``bare`` is what LIBKML writes, by the parts of naatlas.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import sides
from benchmarks.sides import Cost

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

ROWS = os.environ.get("NAATLAS_BENCH_ROWS", "100000")
#: Times that each way runs; simplekml takes minutes.
ROUNDS = int(os.environ.get("NAATLAS_BENCH_ROUNDS", "1"))
#: What is held against what.
PAIRS = (
    ("naatlas", "simplekml"),
    ("naatlas", "libkml"),
    ("naatlas", "libkml-balloons"),
    ("bare", "libkml"),
)
HERE = Path(__file__).parent.parent


def run(way: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.kml_way", way, ROWS, str(path)]
    told = subprocess.run(command, check=True, cwd=HERE, stdout=subprocess.PIPE, encoding="utf-8")
    return dict(json.loads(told.stdout))


def test_placemarks(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    ways: dict[str, list[dict[str, float]]] = {way: [] for pair in PAIRS for way in pair}

    def round_of_all() -> None:
        for way, costs in ways.items():
            costs.append(run(way, tmp_path / f"{way}.kmz"))

    benchmark.pedantic(round_of_all, rounds=ROUNDS, iterations=1)
    costs = {way: sides.median(Cost(t["clock"], t["cpu"]) for t in told) for way, told in ways.items()}
    lines = {f"{one}, {other}": (costs[one], costs[other]) for one, other in PAIRS}
    print(sides.table(f"{ROWS} placemarks, {ROUNDS} round(s)", lines, target="simplekml 25, libkml 3"))
    for way, told in ways.items():
        peak, size = (max(t[name] for t in told) / 1e6 for name in ("peak", "size"))
        print(f"  {way:16} peak of memory {peak:7,.0f} MB, file {size:5.1f} MB")
