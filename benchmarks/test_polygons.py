"""Many polygons: naatlas against what one would call without it, in turn, in one process.

Run with ``pytest benchmarks/test_polygons.py -s -m ''``. Vertices are those of a coverage with fractal borders.
mapshaper is asked as a whole process, files in and out, when node is there and ``NAATLAS_MAPSHAPER`` is the path of
its script ``mapshaper``.
"""

from __future__ import annotations

import os
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from benchmarks import sides
from naatlas.framework import SCALES, crs
from naatlas.geometry.coverage import clip, dissolve, within
from naatlas.geometry.generalize import generalize
from naatlas.geometry.place import projected
from tests import coverages_kit as kit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = int(os.environ.get("NAATLAS_BENCH_ROUNDS", "3"))
#: Halvings of borders of 2,500 cells: 2**11 gives 20 million vertices, 2**7 a million.
LARGE = int(os.environ.get("NAATLAS_BENCH_HALVINGS", "11"))
MILLION = 7
ROUGHNESS = 0.08

pytestmark = pytest.mark.filterwarnings("default")


def cells(halvings: int) -> NDArray[Any]:
    return kit.grid(50, halvings=halvings, roughness=ROUGHNESS)


def compare(
    benchmark: BenchmarkFixture,
    what: str,
    work: tuple[Callable[[], Any], Callable[[], Any]],
    *,
    target: float,
) -> None:
    """Run both sides in turn, print the medians, and hold the clock against the target."""
    ours, theirs = sides.in_turn(benchmark, *(partial(sides.call, side) for side in work), rounds=ROUNDS)
    line = {what: (sides.median(ours), sides.median(theirs))}
    print(sides.table(f"{what}, {ROUNDS} round(s)", line, target=f"{target:g}"))
    assert line[what][1].clock / line[what][0].clock >= target


def test_projecting(benchmark: BenchmarkFixture) -> None:
    degrees = shapely.transform(
        kit.grid(50, halvings=LARGE, roughness=ROUGHNESS, cell=1.0), lambda xy: xy + np.array([-130, 20])
    )
    series = gpd.GeoSeries(degrees, crs=crs().geodetic_crs)
    compare(benchmark, "project", (lambda: projected(degrees), lambda: series.to_crs(crs())), target=2)


def test_dissolving(benchmark: BenchmarkFixture) -> None:
    faces = cells(MILLION)
    number = np.arange(len(faces))
    frame = gpd.GeoDataFrame({"group": number // 250 * 10 + number % 50 // 5}, geometry=faces)
    work = (lambda: dissolve(faces, frame["group"]), lambda: frame.dissolve("group"))
    compare(benchmark, "dissolve", work, target=8)


def test_clipping(benchmark: BenchmarkFixture) -> None:
    faces = cells(MILLION)
    angle = np.linspace(0, 2 * np.pi, 2_000, endpoint=False)
    reach = 2e6 * (1 + 0.2 * np.sin(17 * angle))
    mask = shapely.Polygon(2.5e6 + np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
    frame = gpd.GeoDataFrame(geometry=faces)
    compare(benchmark, "clip", (lambda: clip(faces, mask), lambda: gpd.clip(frame, mask)), target=3)


def test_locating_a_million_points(benchmark: BenchmarkFixture) -> None:
    faces = kit.grid(50, halvings=7, roughness=ROUGHNESS)
    xy = np.random.default_rng(0).uniform(0, 5e6, (1_000_000, 2))
    frame, points = gpd.GeoDataFrame(geometry=faces), gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T))
    compare(benchmark, "within", (lambda: within(xy, faces), lambda: gpd.sjoin(points, frame)), target=1.7)


@pytest.mark.parametrize("halvings", [MILLION, LARGE])
def test_generalizing(benchmark: BenchmarkFixture, halvings: int, tmp_path: Path) -> None:
    faces, tolerance = cells(halvings), SCALES["10M"].simplify_m
    kept: list[NDArray[Any]] = []

    def ours() -> None:
        kept.append(generalize(faces, kind="coverage", scale="10M").geometry)

    what = f"{shapely.get_num_coordinates(faces).sum():,} vertices"
    work = (ours, lambda: shapely.coverage_simplify(faces, tolerance))
    compare(benchmark, what, work, target=5 if halvings == LARGE else 2)
    assert shapely.is_valid(kept[0]).all()
    assert shapely.coverage_is_valid(kept[0])
    mapshaper(faces, tolerance, tmp_path)


def mapshaper(faces: NDArray[Any], tolerance: float, folder: Path) -> None:
    """Print the seconds of mapshaper, files in and out, and of naatlas with the same files."""
    script, node = os.environ.get("NAATLAS_MAPSHAPER"), shutil.which("node")
    if not script or not node:
        print("mapshaper was not asked: NAATLAS_MAPSHAPER does not name it")
        return
    given = folder / "given.shp"
    pyogrio.write_dataframe(gpd.GeoDataFrame({"n": np.arange(len(faces))}, geometry=faces), given)
    simplify = ["-simplify", "dp", f"interval={tolerance:g}", "planar", "keep-shapes"]
    command = [
        node,
        "--max-old-space-size=12000",
        script,
        str(given),
        *simplify,
        "-o",
        str(folder / "told.shp"),
    ]
    theirs = sides.process(command)

    def whole() -> None:
        frame = pyogrio.read_dataframe(given)
        told = generalize(frame.geometry.to_numpy(), kind="coverage", scale="10M").geometry
        pyogrio.write_dataframe(frame.set_geometry(told), folder / "ours.shp")

    mine = sides.call(whole)
    made = pyogrio.read_dataframe(folder / "told.shp").geometry.to_numpy()
    sound = shapely.is_valid(made).all() and shapely.coverage_is_valid(made)
    print(sides.table("with files in and out", {"mapshaper": (mine, theirs)}, target="1"))
    print(f"  mapshaper kept {shapely.get_num_coordinates(made).sum():,} vertices; a valid coverage: {sound}")
