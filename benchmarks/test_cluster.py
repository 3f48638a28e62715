"""Counting cells on a cluster of two processes against threads of one: the same answer, and what the way costs.

Run with ``pytest benchmarks/test_cluster.py --benchmark-only -s`` (extras ``bench``, ``cluster``). The rasters are made
up (``scripts/make_synthetic_land_cover.py``), of ``NAATLAS_BENCH_CELLS`` a side, and thrown away afterwards; or those
of the folder ``NAATLAS_BENCH_RASTERS``. Every way is a process of its own.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rasterio.windows import Window

from benchmarks.cluster_way import RAIN, WORKS
from benchmarks.sides import Cost, in_turn
from naatlas.framework import GRID_250M

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

ROOT = Path(__file__).parents[1]
SIDE = int(os.environ.get("NAATLAS_BENCH_CELLS", "8192"))
STORE = os.environ.get("NAATLAS_BENCH_RASTERS")
STRIP, EMPTY = 512, 255
#: Around the middle of the continent, on whole cells.
_HALF = SIDE // 2 * 250
GRID = replace(GRID_250M, name="piece", cols=SIDE, rows=SIDE, left=306_000.0 - _HALF, top=_HALF - 297_500.0)

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Path(STORE) if STORE else tmp_path_factory.mktemp("rasters")
    if not (home / "matrix.csv").is_file():
        script = runpy.run_path(str(ROOT / "scripts" / "make_synthetic_land_cover.py"))
        types = dict.fromkeys((2005, 2010), ("uint8", EMPTY))
        with script["_create"](home / RAIN, GRID, "float32", -1) as rain:
            for top in range(0, SIDE, STRIP):
                rows = min(STRIP, SIDE - top)
                told = np.rint(1000 * script["smooth"](2, 128, top, rows, SIDE)).astype(np.float32)
                rain.write(told, 1, window=Window(0, top, SIDE, rows))
        script["make"](home, GRID, seed=1, share=0.043, types=types)
    return home


def run(where: str, work: str, folder: Path) -> dict[str, float | str]:
    command = [sys.executable, "-m", "benchmarks.cluster_way", where, work, str(folder)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    told: dict[str, float | str] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("work", WORKS)
def test_cells(benchmark: BenchmarkFixture, folder: Path, work: str):
    told: dict[str, dict[str, float]] = {}

    def side(where: str) -> Cost:
        told[where] = run(where, work, folder)
        return Cost(told[where]["clock"], told[where]["cpu"])

    in_turn(benchmark, lambda: side("here"), lambda: side("cluster"), rounds=1)
    here, there = told["here"], told["cluster"]
    assert here["sha256"] == there["sha256"]
    print(
        f"\n{work}, {SIDE} x {SIDE} cells; clock s / processor s / peak MB / million cells a second of processor"
    )
    for name, own in told.items():
        rate = SIDE * SIDE / own["cpu"] / 1e6
        print(f"  {name:8} {own['clock']:8.2f} {own['cpu']:8.2f} {own['peak_mb']:8,.0f} {rate:8,.0f}")
    ratios = (there[name] / here[name] for name in ("clock", "cpu"))
    print(
        "  cluster / here {:.2f} / {:.2f}; its start {:.1f} s of processor".format(
            *ratios, there["start_cpu"]
        )
    )
