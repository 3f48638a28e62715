"""The command that brings a raster to the grid, against plain ways to the same cells; and what stops it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
import pytest
import rasterio
from affine import Affine
from click.testing import CliRunner
from hypothesis import given

from naatlas import cli, framework, regrid
from naatlas.cluster import here
from naatlas.errors import ProductError, UsageError
from naatlas.framework import GRID_250M, Grid
from naatlas.raster import parts
from naatlas.raster.aligned import Aligned, aligned, handed
from naatlas.raster.counts import placed_on
from naatlas.raster.deposit import deposit
from naatlas.raster.files import Array, File
from naatlas.raster.source import Placed
from tests import raster_kit as kit
from tests.test_raster_bad_input import cut, empty, no_file_above, put

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from click.testing import Result
    from numpy.typing import NDArray

#: Cells of the grid in the tests, and where their centres lie.
CELL = 25_000
GRID = GRID_250M.coarser(CELL)
COLOURS = {1: (10, 20, 30, 255), 3: (200, 0, 0, 255)}


def said(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, ["align", *map(str, arguments)])


def align(source: Path, out: Path, *more: object, cell: int = CELL) -> dict[str, Any]:
    told = said(source, "--grid", "250m", "--cell", cell, "--out", out, "--json", *more)
    assert told.exit_code == 0, told.output
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def globe(path: Path, cells: NDArray[Any], **more: Any) -> Path:
    """Write a raster of half a degree around the whole globe."""
    place = {"transform": Affine(0.5, 0, -180, 0, -0.5, 90), "crs": "EPSG:4326"}
    return kit.write(path, cells, **{**place, **more})


def classes(seed: int = 1) -> NDArray[np.uint8]:
    cells = np.random.default_rng(seed).integers(0, 5, (360, 720), dtype=np.uint8)
    cells[cells == 0] = 255
    return cells


def degrees() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = GRID.left + (np.arange(GRID.cols) + 0.5) * GRID.cell_m
    y = GRID.top - (np.arange(GRID.rows) + 0.5) * GRID.cell_m
    lon, lat = framework.unproject(*np.meshgrid(x, y))
    return lon, lat


def test_classes_come_with_their_nodata_names_and_colours(tmp_path: Path) -> None:
    cells, out = classes(), tmp_path / "out" / "lc.tif"
    source = globe(tmp_path / "lc_2010.tif", cells)
    with rasterio.open(source, "r+") as file:
        file.update_tags(EDITION="2010")
        file.update_tags(1, CLASS_1="forest", CLASS_3="crops", OTHER="kept at home")
        file.write_colormap(1, COLOURS)
        file.set_band_description(1, "cover")
    told = align(source, out)
    lon, lat = degrees()
    row, col = np.floor((90 - lat) * 2).astype(int), np.floor((lon + 180) * 2).astype(int) % 720
    with rasterio.open(out) as file, File(out) as raster:
        assert np.array_equal(file.read(1), cells[row, col])
        assert (file.dtypes, file.nodata, file.descriptions) == (("uint8",), 255, ("cover",))
        assert {k: v for k, v in file.tags(1).items() if "CLASS" in k} == {
            "CLASS_1": "forest",
            "CLASS_3": "crops",
        }
        assert "OTHER" not in file.tags(1)
        assert {code: file.colormap(1)[code] for code in COLOURS} == COLOURS
        wanted = {
            "SOURCE": "lc_2010.tif",
            "GRID": "25000m",
            "KIND": "class",
            "METHOD": "nearest",
            "EDITION": "2010",
        }
        assert wanted.items() <= file.tags().items()
        placed_on(raster, GRID)
    assert told == {
        "path": str(out), "cell_m": CELL, "columns": 370, "rows": 350, "figure": "sphere", "kind": "class",
        "method": "nearest", "type": "uint8", "cells_with_data": int((cells[row, col] != 255).sum()), "sum": None,
    }  # fmt: skip
    validate = pytest.importorskip("rio_cogeo").cog_validate
    assert validate(str(out)) == (True, [], [])
    assert [path.name for path in out.parent.iterdir()] == ["lc.tif"]


def test_of_a_finer_raster_the_class_that_most_have_and_the_mean_of_a_quantity(tmp_path: Path) -> None:
    stripes = np.where(np.arange(720) % 10 < 7, 3, 9).astype(np.uint8)[None, :].repeat(360, axis=0)
    fine = {"transform": Affine(0.05, 0, -110, 0, -0.05, 50)}
    told = align(
        globe(tmp_path / "a.tif", stripes, **fine), tmp_path / "b.tif", "--kind", "class", cell=100_000
    )
    assert told["method"] == "mode"
    with rasterio.open(tmp_path / "b.tif") as file:
        found = file.read(1)
        assert set(np.unique(found)) == {3, 9, 255}
        assert (found == 3).sum() > 1.5 * (found == 9).sum()
    told = align(tmp_path / "a.tif", tmp_path / "c.tif", "--kind", "quantity", cell=100_000)
    assert (told["method"], told["type"]) == ("average", "float32")
    with rasterio.open(tmp_path / "c.tif") as file:
        values = file.read(1, masked=True).compressed()
        assert abs(values.mean() - stripes.mean()) < 0.1
        assert values.std() < 1.5


def test_a_quantity_keeps_its_number_for_no_data_also_where_float32_rounds_it(tmp_path: Path) -> None:
    rise = np.arange(360, dtype=np.float64)[:, None].repeat(720, axis=1)
    rise[60:80, 100:300] = -1e36
    align(globe(tmp_path / "a.tif", rise, nodata=-1e36), tmp_path / "b.tif", "--kind", "quantity")
    lon, lat = degrees()
    hole = (lon > -129) & (lon < -31) & (lat < 59) & (lat > 51)
    with rasterio.open(tmp_path / "b.tif") as file:
        found = file.read(1, masked=True)
        assert file.nodata == float(np.float32(-1e36))
        assert found.mask[hole].all()
        assert (np.abs(found - ((90 - lat) * 2 - 0.5)).compressed() < 1).all()


@pytest.mark.parametrize(("size", "cell"), [(0.5, 25_000), (0.5, 50_000), (0.05, 100_000)])
def test_the_sum_of_a_count_stays(tmp_path: Path, size: float, cell: int) -> None:
    people = np.random.default_rng(1).gamma(1, 1000, (200, 300))
    people[::7, ::3] = -1
    place = {"transform": Affine(size, 0, -120, 0, -size, 60), "nodata": -1}
    source = globe(tmp_path / "a.tif", people[:80, :100] if size == 0.5 else people, **place)
    told = align(source, tmp_path / "b.tif", "--kind", "count", cell=cell)
    with rasterio.open(source) as file:
        wanted = file.read(1, masked=True).sum()
    with rasterio.open(tmp_path / "b.tif") as file:
        found = np.nansum(file.read(1))
        assert np.isnan(file.nodata)
    assert found == pytest.approx(wanted, rel=1e-12)
    assert told["sum"] == pytest.approx(wanted, rel=1e-12)


@given(seed=st.integers(0, 2**32 - 1), row=st.integers(0, 300), col=st.integers(0, 300), turned=st.booleans())
def test_windows_of_a_count_have_the_bits_of_the_whole(seed: int, row: int, col: int, turned: bool) -> None:  # noqa: FBT001
    rng = np.random.default_rng(seed)
    people = np.where(rng.random((36, 72)) < 0.7, rng.random((36, 72)) * 1e6, np.nan)
    corner = Affine(5, 0, 20 if turned else -180, 0, -5, 90)
    source = Array(Placed(crs="EPSG:4326", transform=corner, shape=people.shape), people, float("nan"))
    grid = replace(GRID_250M.coarser(100_000), name="t")
    told = handed(source, grid)
    assert told
    whole = deposit(people, source.placed, grid, parts=told.parts).cells
    row, col = row % grid.rows, col % grid.cols
    rows, cols = min(17, grid.rows - row), min(23, grid.cols - col)
    window = told.read(row, col, rows, cols)
    assert np.array_equal(window, whole[row : row + rows, col : col + cols], equal_nan=True)


def test_what_the_file_says_wrongly_is_declared(tmp_path: Path) -> None:
    cells = classes()
    two = tmp_path / "two.tif"
    with rasterio.open(
        two, "w", driver="GTiff", width=720, height=360, count=2, dtype="uint8",
        transform=Affine(0.5, 0, -180, 0, -0.5, 90), nodata=1, crs="EPSG:3857",
    ) as file:  # fmt: skip
        file.write(np.stack([np.zeros_like(cells), cells]))
    out = tmp_path / "told.tif"
    align(two, out, "--band", 2, "--crs", "EPSG:4326", "--nodata", 255, "--kind", "class")
    align(globe(tmp_path / "plain.tif", cells), tmp_path / "plain_out.tif", "--kind", "class")
    with rasterio.open(out) as one, rasterio.open(tmp_path / "plain_out.tif") as other:
        assert np.array_equal(one.read(1), other.read(1))
        assert one.nodata == 255


def test_a_raster_of_the_grid_is_taken_as_it_is(tmp_path: Path) -> None:
    source, out = put(tmp_path / "piece.tif"), tmp_path / "whole.tif"
    assert align(source, out, "--kind", "class", cell=5000)["method"] == "mode"
    assert align(out, tmp_path / "again.tif", "--kind", "class", cell=5000)["method"] == "nearest"
    with rasterio.open(out) as one, rasterio.open(tmp_path / "again.tif") as other:
        assert np.array_equal(one.read(1), other.read(1))


#: How the raster is made, what is asked, what is said, and with which status.
TROUBLES: dict[str, tuple[Any, tuple[object, ...], str, int]] = {
    "cut off": (cut, ("--kind", "class"), "cannot be read, it is damaged; get it again", 1),
    "empty": (empty, ("--kind", "class"), "the file is empty; get it again", 1),
    "no raster": (lambda p: p.write_text("no") and p, ("--kind", "class"), "is no raster that GDAL can open", 1),
    "no system": (lambda p: put(p, crs=None), ("--kind", "class"), "or by --crs to naatlas align", 1),
    "no place": (lambda p: put(p, transform=None), ("--kind", "class"), "does not say where its cells lie", 1),
    "no nodata": (lambda p: put(p, nodata=None), ("--kind", "class"), "or by --nodata to naatlas align", 1),
    "nodata too large": (put, ("--kind", "class", "--nodata", 999), "999 means no data, which uint8 cannot hold", 1),
    "elsewhere": (put, ("--kind", "class", "--crs", "EPSG:2193"), "no cell with data lies on the grid", 1),
    "no such system": (put, ("--kind", "class", "--crs", "none"), "is no coordinate system that PROJ knows", 2),
    "no such band": (put, ("--kind", "class", "--band", 4), "has 1 band(s), and band 4 is declared", 1),
    "no kind": (put, (), "say what it holds: --kind class, quantity or count", 2),
    "fractions": (lambda p: put(p, np.full((300, 400), 1.5)), ("--kind", "class"), "codes of classes are whole", 1),
    "no multiple": (put, ("--kind", "class", "--cell", 333), "333 m is no whole multiple of 250 m", 2),
    "a count on too fine a grid": (
        lambda p: globe(p, classes(), transform=Affine(5, 0, -180, 0, -5, 90)), ("--kind", "count", "--cell", 1000),
        "would leave holes; choose larger ones, such as --cell", 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_stops_it_is_told_in_one_line_and_nothing_is_written(tmp_path: Path, trouble: str) -> None:
    make, asked, words, status = TROUBLES[trouble]
    source = make(tmp_path / "a.tif")
    told = said(source, "--grid", "250m", "--cell", CELL, "--out", tmp_path / "b.tif", *asked)
    assert (told.exit_code, told.stdout) == (status, ""), told.output
    assert words in told.stderr
    assert told.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_classes_are_not_averaged_because_somebody_says_so(tmp_path: Path) -> None:
    source = globe(tmp_path / "a.tif", classes())
    with rasterio.open(source, "r+") as file:
        file.write_colormap(1, COLOURS)
    told = said(source, "--grid", "250m", "--cell", CELL, "--out", tmp_path / "b.tif", "--kind", "quantity")
    assert told.exit_code == 1
    assert "has a table of colours, so it holds classes" in told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("size", [500, 15_000, 35_000])
def test_a_full_disk_leaves_the_last_good_file(tmp_path: Path, size: int) -> None:
    source, out = globe(tmp_path / "a.tif", classes()), tmp_path / "out" / "b.tif"
    align(source, out, "--kind", "class")
    good = out.read_bytes()
    assert len(good) > 35_000
    with no_file_above(size):
        told = said(source, "--grid", "250m", "--cell", CELL, "--out", out, "--kind", "class")
    assert told.exit_code == 1
    assert "cannot be written" in told.stderr
    assert told.stderr.count("\n") == 1
    assert {path.name: path.read_bytes() for path in out.parent.iterdir()} == {"b.tif": good}


# ---- parts


class Counting:
    """A runner that notes what it is given, and gives up after some pieces."""

    def __init__(self, most: int = 10**9) -> None:
        self.most, self.asked = most, 0

    def __call__(self, work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
        self.asked += len(pieces)
        for done, told in enumerate(here(work, pieces, common, threads=1), start=1):
            yield told
            if done == self.most:
                raise KeyboardInterrupt


#: Four windows of a raster so fine that each cell looks at many points, and windows are small.
FOUR = {"grid": "250m", "cell_m": 10_000, "kind": "class"}
FINE = {"transform": Affine(0.05, 0, -118, 0, -0.05, 54)}


def test_after_a_crash_only_what_is_missing_is_made(tmp_path: Path) -> None:
    source, out, kept = globe(tmp_path / "a.tif", classes(), **FINE), tmp_path / "b.tif", tmp_path / "kept"
    regrid.regrid(source, tmp_path / "whole.tif", **FOUR)
    with pytest.raises(KeyboardInterrupt):
        regrid.regrid(source, out, **FOUR, run=Counting(2), resume=kept)
    assert not out.exists()
    made = {path.name: path.stat().st_mtime_ns for path in kept.rglob("*.tif")}
    assert 2 <= len(made) < 4
    again = Counting()
    regrid.regrid(source, out, **FOUR, run=again, resume=kept)
    assert again.asked == 4 - len(made)
    assert out.read_bytes() == (tmp_path / "whole.tif").read_bytes()
    assert not kept.exists()


def test_parts_of_another_input_are_never_taken(tmp_path: Path) -> None:
    source, out, kept = globe(tmp_path / "a.tif", classes(), **FINE), tmp_path / "b.tif", tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        regrid.regrid(source, out, **FOUR, run=Counting(3), resume=kept)
    globe(source, classes(seed=2), **FINE)
    again = Counting()
    regrid.regrid(source, out, **FOUR, run=again, resume=kept)
    assert again.asked == 4
    regrid.regrid(source, tmp_path / "whole.tif", **FOUR)
    assert out.read_bytes() == (tmp_path / "whole.tif").read_bytes()
    assert list(kept.rglob("*.tif"))  # those of the other input, for whoever wants to go on with it


def test_two_runs_do_not_share_their_parts(tmp_path: Path) -> None:
    source, asked = globe(tmp_path / "a.tif", classes(), **FINE), FOUR | {"resume": tmp_path / "kept"}

    def other(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
        with pytest.raises(UsageError, match="kept: is in use by another run"):
            regrid.regrid(source, tmp_path / "c.tif", **asked)
        yield from here(work, pieces, common)

    regrid.regrid(source, tmp_path / "b.tif", **asked, run=other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "b.tif"]


def test_a_part_that_nobody_sees_or_can_read_is_told(tmp_path: Path) -> None:
    source, kept = globe(tmp_path / "a.tif", classes(), **FINE), tmp_path / "kept"

    def lost(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
        yield from here(work, pieces, common)
        (common[1] / "0-0.tif").unlink()

    with pytest.raises(ProductError, match=r"all machines must see .* as one folder") as told:
        regrid.regrid(source, tmp_path / "b.tif", **FOUR, run=lost, resume=kept)
    assert "\n" not in str(told.value)
    for part in kept.rglob("*.tif"):
        part.write_bytes(b"II*\0")
    with pytest.raises(ProductError, match="is damaged; remove it and run again"):
        regrid.regrid(source, tmp_path / "b.tif", **FOUR, resume=kept)
    assert not (tmp_path / "b.tif").exists()


def test_windows_are_smaller_where_each_cell_looks_at_many_points() -> None:
    told = {samples: Aligned(None, GRID, "mode", samples).side for samples in (1, 2, 3, 16)}  # type: ignore[arg-type]
    assert told == {1: 2048, 2: 1024, 3: 512, 16: 512}


def test_parts_of_any_type_become_the_same_cells(tmp_path: Path) -> None:
    grid = Grid(name="t", cols=700, rows=600, cell_m=250, left=0, top=0, figure="sphere")
    for kind in ("uint8", "int8", "uint16", "int16", "int32", "float32", "float64"):
        cells = np.random.default_rng(1).integers(-100, 100, (600, 700)).astype(kind)
        place = Placed(crs=framework.WKT2, transform=Affine(*grid.transform), shape=cells.shape)
        sheet = parts.Sheet(
            aligned(Array(place, cells, 7), grid, "nearest"), grid, kind, classes=False, window=(512, 512)
        )
        written = parts.write(sheet, tmp_path / f"{kind}.tif", dress=lambda *_: None)
        with rasterio.open(tmp_path / f"{kind}.tif") as file:
            assert (file.dtypes, file.nodata) == ((kind,), 7)
            assert np.array_equal(file.read(1), cells)
        own = cells[cells != 7]
        assert (written.cells, written.total) == (own.size, pytest.approx(own.sum(dtype=np.float64)))
