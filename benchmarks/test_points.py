"""100,000 points to GeoPackage, shapefile and KMZ: naatlas against the script that one would write by hand.

Both sides start from the same table in memory, write the same columns, folders, balloons and extended data, and run
in turn in one process. Both use one thread, so that seconds of the processor tell the same as seconds on the clock
of an idle machine. The script by hand takes minutes and some GB of memory at full size.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import export_samples as samples
import pytest

from benchmarks import sides
from benchmarks.kml_way import NAMES, simplekml_of, table
from benchmarks.sides import Cost
from naatlas import framework
from naatlas.export import gpkg, kmz, shapefile

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

    from naatlas.model import LayerData

ROWS = int(os.environ.get("NAATLAS_BENCH_ROWS", "100000"))
#: Times both sides run; the script by hand takes minutes.
ROUNDS = int(os.environ.get("NAATLAS_BENCH_ROUNDS", "1"))

pytestmark = pytest.mark.filterwarnings("default")


def ours(data: LayerData, folder: Path) -> dict[str, Cost]:
    look = samples.look("en")
    return {
        "gpkg": sides.call(lambda: gpkg.write(data, folder / "a.gpkg", documents={}, look=look)),
        "shp": sides.call(lambda: shapefile.write(data, folder / "a", words=samples.WORDS)),
        "kmz": sides.call(lambda: kmz.write(data, folder / "a_en.kmz", look=look)),
    }


def by_hand(data: LayerData, folder: Path) -> dict[str, Cost]:
    frame = table(data)
    names = {field.name: field.dbf for field in data.spec.fields if field.dbf}
    projected = frame.to_crs(framework.crs())
    short = projected[[*names, "geometry"]].rename(columns=names)
    return {
        "gpkg": sides.call(lambda: projected.to_file(folder / "b.gpkg", driver="GPKG", engine="fiona")),
        "shp": sides.call(lambda: short.to_file(folder / "b.shp", engine="fiona", encoding="utf-8")),
        "kmz": sides.call(lambda: simplekml_of(frame, folder / "b.kmz")),
    }


def test_three_formats(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    # No provenance: the script by hand has none.
    whole = samples.layer(ROWS, texts=NAMES)
    data = dataclasses.replace(whole, provenance=whole.provenance.iloc[:0], tables={})
    mine: list[dict[str, Cost]] = []
    hand: list[dict[str, Cost]] = []

    def round_of_both() -> None:
        number = len(hand)
        for side, run in ((mine, ours), (hand, by_hand)):
            folder = tmp_path / f"{run.__name__}-{number}"
            folder.mkdir()
            side.append(run(data, folder))

    benchmark.pedantic(round_of_both, rounds=ROUNDS, iterations=1)
    lines = {name: (_median(mine, [name]), _median(hand, [name])) for name in mine[0]}
    lines["all three"] = (_median(mine, list(mine[0])), _median(hand, list(mine[0])))
    print(sides.table(f"{ROWS:,} points, {ROUNDS} round(s)", lines, target="20 for all three"))


def _median(rounds: list[dict[str, Cost]], names: list[str]) -> Cost:
    """Return the median over the rounds of what some formats cost together."""
    sums = [Cost(*map(sum, zip(*(told[name] for name in names), strict=True))) for told in rounds]
    return sides.median(sums)
