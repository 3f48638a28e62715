"""Figures of polygons against plain numpy, and against exactextract for shares of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given

from naatlas import framework
from naatlas.errors import InputError, UnknownTermsError, UsageError
from naatlas.framework import Grid
from naatlas.raster import zonal
from naatlas.raster.blocks import Block
from naatlas.raster.change import ELSEWHERE, change
from naatlas.raster.figures import BINS
from naatlas.raster.files import Array, File
from naatlas.raster.source import Placed
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GRID = Grid(name="t", cols=700, rows=600, cell_m=250, left=0, top=0, figure="sphere")
CLASSES = {1: "forest", 2: "cropland"}
DISKS = np.array([shapely.Point(50_000 + 70_000 * i, -70_000).buffer(45_000) for i in range(2)])
NAMES = ["west", "east"]


def on(cells: NDArray[Any], nodata: float, grid: Grid = GRID) -> Array:
    return Array(
        Placed(crs=framework.WKT2, transform=Affine(*grid.transform), shape=cells.shape), cells, nodata
    )


def inside(polygon: Any) -> NDArray[np.bool_]:
    x, y = np.meshgrid((np.arange(700) + 0.5) * 250, -(np.arange(600) + 0.5) * 250)
    told: NDArray[np.bool_] = shapely.contains_xy(polygon, x, y)
    return told


def classes(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 3, (600, 700), dtype=np.uint8)


def test_polygons_that_lie_on_each_other_have_all_of_their_cells() -> None:
    cells = classes(1)
    zones = Zones(DISKS, GRID, overlaps=True)
    told = zonal.classes_by_zone(on(cells, 0), GRID, zones, names=NAMES, classes=CLASSES)
    found = told.set_index(["zone", "class"])["cells"].to_dict()
    masks = dict(zip(NAMES, map(inside, DISKS), strict=True))
    assert (masks["west"] & masks["east"]).any()
    masks[ELSEWHERE] = ~(masks["west"] | masks["east"])
    wanted = {(z, c): int((cells[m] == v).sum()) for z, m in masks.items() for v, c in CLASSES.items()}
    assert found == wanted
    assert np.allclose(told.groupby("zone")["percent"].sum(), 100)
    pairs = change(on(cells, 0), on(classes(2), 0), GRID, classes=CLASSES, zones=zones, names=NAMES).pairs
    both = (cells > 0) & (classes(2) > 0)
    assert pairs.groupby("zone")["cells"].sum().to_dict() == {
        z: int((m & both).sum()) for z, m in masks.items()
    }


def test_several_polygons_are_one_zone() -> None:
    apart = np.array([shapely.Point(40_000 * i, -70_000).buffer(15_000) for i in range(1, 4)])
    zones = Zones(apart, GRID, numbers=[0, 1, 0], overlaps=True)
    told = zonal.classes_by_zone(on(classes(1), 0), GRID, zones, names=["odd", "even"], classes=CLASSES)
    sums = told.groupby("zone")["cells"].sum()
    there = classes(1) > 0
    assert sums["odd"] == (there & (inside(apart[0]) | inside(apart[2]))).sum()
    assert sums["even"] == (there & inside(apart[1])).sum()
    assert len(zones.each(Block(0, 0, 600, 700))) == 1


def test_numbers_that_are_no_class_stop() -> None:
    with pytest.raises(UnknownTermsError, match=r"class 2 of .* cells is none of the legend"):
        zonal.classes_by_zone(on(classes(1), 0), GRID, classes={1: "forest"})


def quantity(seed: int, dtype: str) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    values = rng.normal(500, 200, (600, 700))
    cells = np.round(values).astype(dtype) if np.dtype(dtype).kind == "i" else values.astype(dtype)
    cells[rng.random(cells.shape) < 0.2] = -9999
    return cells


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64"])
def test_statistics_are_those_of_numpy(dtype: str) -> None:
    cells = quantity(3, dtype)
    told = zonal.statistics(on(cells, -9999), GRID, Zones(DISKS, GRID, overlaps=True), names=NAMES).set_index(
        "zone"
    )
    for name, disk in zip(NAMES, DISKS, strict=True):
        own = cells[inside(disk) & (cells != -9999)].astype(np.float64)
        row = told.loc[name]
        assert row["cells"] == row["weight"] == len(own)
        assert row["area_km2"] == len(own) / 16
        found = [row["sum"], row["mean"], row["min"], row["max"], row["std"]]
        assert np.allclose(found, [own.sum(), own.mean(), own.min(), own.max(), own.std()])
        wanted = np.quantile(own, zonal.QUANTILES, method="inverted_cdf")
        near = 0 if dtype == "int16" else (own.max() - own.min()) / BINS
        assert np.abs(row[["q25", "q50", "q75"]].to_numpy(dtype=float) - wanted).max() <= near


def test_a_cell_counts_as_much_as_its_weight() -> None:
    cells, people = quantity(4, "float64"), np.abs(quantity(5, "float64"))
    people[:100] = np.nan
    zones = Zones(DISKS[:1], GRID)
    told = zonal.statistics(on(cells, -9999), GRID, zones, names=["west"], weights=on(people, np.nan)).iloc[0]
    mask = inside(DISKS[0]) & (cells != -9999) & np.isfinite(people)
    values, weights = cells[mask], people[mask]
    mean = np.average(values, weights=weights)
    assert told["cells"] == mask.sum()
    assert np.isclose(told["weight"], weights.sum())
    assert np.isclose(told["mean"], mean)
    assert np.isclose(told["std"], np.sqrt(np.average((values - mean) ** 2, weights=weights)))
    order = np.argsort(values)
    middle = values[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)]
    assert abs(told["q50"] - middle) <= np.ptp(values) / BINS


def test_a_weight_below_zero_is_refused() -> None:
    weights = on(np.full((600, 700), -1.0), np.nan)
    with pytest.raises(InputError, match="the weights: holds -1; a weight is 0 or more"):
        zonal.statistics(on(quantity(1, "int16"), -9999), GRID, weights=weights)


@given(seed=st.integers(0, 2**32 - 1), low=st.integers(-30_000, 30_000), reach=st.integers(0, 2_000))
def test_quantiles_of_whole_numbers_are_exact(seed: int, low: int, reach: int) -> None:
    grid = Grid(name="t", cols=9, rows=7, cell_m=250, left=0, top=0, figure="sphere")
    cells = np.random.default_rng(seed).integers(low, low + reach + 1, (7, 9), dtype=np.int32)
    told = zonal.statistics(on(cells, -99_999, grid), grid, quantiles=(0, 0.1, 0.5, 1)).iloc[0]
    wanted = np.quantile(cells, [0, 0.1, 0.5, 1], method="inverted_cdf")
    assert told[["q0", "q10", "q50", "q100"]].tolist() == wanted.tolist()


def write(path: Path, cells: NDArray[Any], nodata: float) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", width=700, height=600, count=1, dtype=cells.dtype.name, nodata=nodata,
        crs=framework.WKT2, transform=Affine(*GRID.transform), tiled=True,
    ) as file:  # fmt: skip
        file.write(cells, 1)
    return path


def test_exact_shares_of_cells(tmp_path: Path) -> None:
    pytest.importorskip("exactextract")
    half = np.array([shapely.box(0, -125, 2 * 250, 0), shapely.box(125, -250, 250, 0)])
    cells = np.zeros((600, 700), dtype=np.uint8)
    cells[0, :2] = 1, 2
    with File(write(tmp_path / "a.tif", cells, 0)) as file:
        told = zonal.exact(file, GRID, half, names=NAMES, classes=CLASSES)
        assert told[["zone", "class", "cells", "area_km2", "percent"]].to_numpy().tolist() == [
            ["west", "forest", 0.5, 0.03125, 50.0],
            ["west", "cropland", 0.5, 0.03125, 50.0],
            ["east", "forest", 0.5, 0.03125, 100.0],
        ]
        with pytest.raises(UnknownTermsError, match="class 2 is none of the legend"):
            zonal.exact(file, GRID, half, names=NAMES, classes={1: "forest"})


def test_exact_and_cell_centre_agree_on_large_polygons(tmp_path: Path) -> None:
    pytest.importorskip("exactextract")
    with File(write(tmp_path / "a.tif", quantity(6, "float32"), -9999)) as file:
        ours = zonal.statistics(file, GRID, Zones(DISKS, GRID, overlaps=True), names=NAMES)
        theirs = zonal.exact(file, GRID, DISKS, names=NAMES)
    assert list(theirs) == list(ours)
    for name in ("cells", "mean", "std", "q50"):
        assert np.allclose(ours[name][:2], theirs[name], rtol=2e-3), name


def test_without_the_library_exact_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zonal, "find_spec", lambda _: None)
    with (
        File(write(tmp_path / "a.tif", classes(1), 0)) as file,
        pytest.raises(UsageError, match=r"naatlas\[exact\]"),
    ):
        zonal.exact(file, GRID, DISKS, names=NAMES)
