"""100,000 points to GeoPackage, shapefile and KMZ: naatlas against the script that one would write by hand.

Run with ``pytest benchmarks/test_points.py -s``. Both sides start from the same table in memory, write the same
columns, folders, balloons and extended data, and run in turn in one process; the ratio of the medians is printed.
Both sides use one thread, so that seconds of CPU tell the same as seconds on the clock of an idle machine, and are
what the target is judged by: others may be using the machine.
"""

from __future__ import annotations

import dataclasses
import html
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import pandas as pd
import pytest
import simplekml

from naatlas import framework
from naatlas.export import gpkg, kmz, shapefile

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import export_samples as samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_benchmark.fixture import BenchmarkFixture

    from naatlas.model import LayerData

ROWS = int(os.environ.get("NAATLAS_BENCH_ROWS", "100000"))
#: Times both sides run; the script by hand takes minutes.
ROUNDS = int(os.environ.get("NAATLAS_BENCH_ROUNDS", "1"))
TARGET = 20.0
NAMES = tuple(f"Central Éolica n.º {number} & Cía." for number in range(5000))

pytestmark = pytest.mark.filterwarnings("default")


class Seconds(NamedTuple):
    clock: float
    cpu: float


def ours(data: LayerData, folder: Path) -> dict[str, Seconds]:
    look = samples.look("en")
    return {
        "gpkg": timed(lambda: gpkg.write(data, folder / "a.gpkg", documents={}, look=look)),
        "shp": timed(lambda: shapefile.write(data, folder / "a", words=samples.WORDS)),
        "kmz": timed(lambda: kmz.write(data, folder / "a_en.kmz", look=look)),
    }


def by_hand(data: LayerData, folder: Path) -> dict[str, Seconds]:
    points = gpd.points_from_xy(data.points.lon, data.points.lat, crs="EPSG:4326")
    frame = gpd.GeoDataFrame(data.frame, geometry=points)
    names = {field.name: field.dbf for field in data.spec.fields if field.dbf}
    projected = frame.to_crs(framework.crs())
    short = projected[[*names, "geometry"]].rename(columns=names)
    return {
        "gpkg": timed(lambda: projected.to_file(folder / "b.gpkg", driver="GPKG", engine="fiona")),
        "shp": timed(lambda: short.to_file(folder / "b.shp", engine="fiona", encoding="utf-8")),
        "kmz": timed(lambda: _simplekml(frame, folder / "b.kmz")),
    }


def _simplekml(frame: gpd.GeoDataFrame, path: Path) -> None:
    document = simplekml.Kml(name="Plants")
    styles, folders = {}, {}
    columns = [name for name in frame.columns if name not in {"geometry", "pm25_t"}]
    for code, colour in samples.STYLE.colours.items():
        styles[code] = simplekml.Style()
        styles[code].iconstyle.color = simplekml.Color.hexa(colour[1:] + "ff")
    for row in frame.itertuples(index=False):
        if row.state not in folders:
            folders[row.state] = document.newfolder(name=row.state)
        point = folders[row.state].newpoint(
            name=html.escape(row.name), coords=[(row.geometry.x, row.geometry.y)]
        )
        point.style = styles[row.primary_source]
        values = ((name, getattr(row, name)) for name in columns)
        told = {name: html.escape(str(value)) for name, value in values if not pd.isna(value)}
        cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in told.items())
        point.description = f"<h3>{html.escape(row.name)}</h3><table>{cells}</table>"
        for name, value in told.items():
            point.extendeddata.newdata(name, value)
    document.savekmz(str(path))


def timed(work: Callable[[], object]) -> Seconds:
    begun = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - begun[0], time.process_time() - begun[1])


def test_three_formats(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    # No provenance: the script by hand has none.
    whole = samples.layer(ROWS, texts=NAMES)
    data = dataclasses.replace(whole, provenance=whole.provenance.iloc[:0], tables={})
    mine: list[dict[str, Seconds]] = []
    hand: list[dict[str, Seconds]] = []

    def round_of_both() -> None:
        number = len(hand)
        for side, run in ((mine, ours), (hand, by_hand)):
            folder = tmp_path / f"{run.__name__}-{number}"
            folder.mkdir()
            side.append(run(data, folder))

    benchmark.pedantic(round_of_both, rounds=ROUNDS, iterations=1)
    print(f"\n{ROWS:,} points, medians of {ROUNDS} round(s), seconds of clock and of CPU")
    for name in (*mine[0], "all"):
        a, b = _median(mine, name), _median(hand, name)
        print(
            f"  {name:4}  naatlas {a.clock:7.2f} {a.cpu:7.2f}   by hand {b.clock:7.2f} {b.cpu:7.2f}", end=""
        )
        print(f"   ratio {b.clock / a.clock:5.1f} {b.cpu / a.cpu:5.1f}")
    assert b.cpu / a.cpu >= TARGET


def _median(rounds: list[dict[str, Seconds]], name: str) -> Seconds:
    parts = [list(told.values()) if name == "all" else [told[name]] for told in rounds]
    clock = statistics.median(sum(part.clock for part in told) for told in parts)
    return Seconds(clock, statistics.median(sum(part.cpu for part in told) for told in parts))
