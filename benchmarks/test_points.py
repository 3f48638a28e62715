"""100,000 points to GeoPackage, shapefile and KMZ: naatlas against the script that one would write by hand.

Run with ``pytest benchmarks/test_points.py -s``. Both sides start from the same table in memory, write the same
columns, folders, balloons and extended data, and run in turn in one process; the ratio of the medians is printed.
"""

from __future__ import annotations

import html
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import simplekml

from naatlas import framework
from naatlas.export import gpkg, kmz, package

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


def ours(data: LayerData, folder: Path) -> dict[str, float]:
    look = samples.look("en")
    return {
        "gpkg": timed(lambda: gpkg.write(data, folder / "a.gpkg", documents={}, look=look)),
        "shp": timed(
            lambda: package.write(data, folder / "a_shapefile.zip", documents={}, words=samples.WORDS)
        ),
        "kmz": timed(lambda: kmz.write(data, folder / "a_en.kmz", look=look)),
    }


def by_hand(data: LayerData, folder: Path) -> dict[str, float]:
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


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def test_three_formats(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    data = samples.layer(ROWS, texts=NAMES)
    mine: list[dict[str, float]] = []
    hand: list[dict[str, float]] = []

    def round_of_both() -> None:
        number = len(hand)
        for side, run in ((mine, ours), (hand, by_hand)):
            folder = tmp_path / f"{run.__name__}-{number}"
            folder.mkdir()
            side.append(run(data, folder))

    benchmark.pedantic(round_of_both, rounds=ROUNDS, iterations=1)
    print(f"\n{ROWS:,} points, medians of {ROUNDS} round(s), seconds")
    for name in (*mine[0], "all"):
        a, b = (statistics.median(_pick(told, name) for told in side) for side in (mine, hand))
        print(f"  {name:4}  naatlas {a:7.2f}   by hand {b:7.2f}   ratio {b / a:5.1f}")
    assert b / a >= TARGET


def _pick(told: dict[str, float], name: str) -> float:
    return sum(told.values()) if name == "all" else told[name]
