"""The national build in a process of its own: seconds, peak memory, and where the time goes.

Needs the national files: set NAATLAS_DATA to their folder.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = int(os.environ.get("NAATLAS_BENCH_ROUNDS", "3"))

#: Times the stages from outside, by replacing the functions that begin them: the product knows nothing of it.
PROGRAM = """
import json, sys, time
from pathlib import Path

import psutil

from naatlas import export, pipeline, product, sources
from naatlas.export import agreement, gpkg, kmz, package, preview

spent = {}


def watch(module, name, stage):
    inner = getattr(module, name)

    def timed(*args, **more):
        begun = time.process_time()
        try:
            return inner(*args, **more)
        finally:
            spent[stage] = spent.get(stage, 0.0) + time.process_time() - begun

    setattr(module, name, timed)


spent["imports"] = time.process_time()
watch(pipeline, "_read", "read")
watch(pipeline, "_combine", "combine")
watch(pipeline, "_check", "check")
watch(product, "_documents", "metadata and report")
watch(gpkg, "write", "GeoPackage")
watch(package, "write", "shapefile")
watch(kmz, "write", "KMZ, three languages")
watch(preview, "write", "preview")
for name in ("check_gpkg", "check_shapefile", "check_kmz"):
    watch(agreement, name, "read back")
begun = time.perf_counter()
product.build("power-plants", data=Path(sys.argv[1]), out=Path(sys.argv[2]), edition=sys.argv[3])
clock = time.perf_counter() - begun
memory = psutil.Process().memory_info()
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
except ImportError:
    peak = memory.peak_wset
spent["rest"] = time.process_time() - sum(spent.values())
print(json.dumps({"clock": clock, "cpu": time.process_time(), "peak_mb": peak / 1e6, "stages": spent}))
"""


@pytest.mark.parametrize("edition", ["2017", "2023"])
def test_national(benchmark: BenchmarkFixture, tmp_path: Path, edition: str) -> None:
    data = os.environ.get("NAATLAS_DATA")
    if not data or not Path(data).is_dir():
        pytest.skip("the national files are not here: set NAATLAS_DATA to their folder")
    runs: list[dict[str, Any]] = []

    def build() -> None:
        command = [sys.executable, "-c", PROGRAM, data, str(tmp_path), edition]
        done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
        runs.append(json.loads(done.stdout.splitlines()[-1]))

    benchmark.pedantic(build, rounds=ROUNDS, iterations=1)
    clock, cpu = (statistics.median(run[name] for run in runs) for name in ("clock", "cpu"))
    peak = max(run["peak_mb"] for run in runs)
    print(
        f"\npower-plants {edition}: {clock:.1f} s of clock, {cpu:.1f} s of processor, at most {peak:.0f} MB"
    )
    for stage in runs[0]["stages"]:
        print(f"  {stage:22} {statistics.median(run['stages'][stage] for run in runs):5.1f} s of processor")
