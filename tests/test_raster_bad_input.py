"""What is wrong with a raster, said by the commands in one line; nothing is written then, and nothing half."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from affine import Affine
from click.testing import CliRunner

from naatlas import cli
from naatlas.framework import GRID_250M
from naatlas.raster.source import crs_of
from tests import raster_kit as kit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result
    from numpy.typing import NDArray

GRID = replace(GRID_250M, name="piece", rows=300, cols=400, left=-118_000.0, top=526_500.0)
CELLS = np.random.default_rng(1).integers(1, 20, (GRID.rows, GRID.cols), dtype=np.uint8)


def put(
    path: Path, cells: NDArray[Any] = CELLS, *, figure: str = "sphere", east: float = 0.0, **more: Any
) -> Path:
    grid = replace(GRID, figure=figure, left=GRID.left + east)
    place = {"crs": crs_of(grid).to_wkt(), "transform": Affine(*grid.transform)}
    return kit.write(path, cells, **{"compress": "deflate", **place, **more})


def cut(path: Path) -> Path:
    whole = put(path).read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


#: Name of the later year, how it is made, and what is said of it.
TROUBLES: dict[str, tuple[str, Any, str]] = {
    "cut off": ("b_2010.tif", cut, "cannot be read, it is damaged; get it again"),
    "empty": ("b_2010.tif", empty, "the file is empty; get it again"),
    "no system": ("b_2010.tif", lambda p: put(p, crs=None), "states no coordinate system"),
    "no place": ("b_2010.tif", lambda p: put(p, transform=None), "does not say where its cells lie"),
    "beside the grid": ("b_2010.tif", lambda p: put(p, east=100), "are not on the grid a_2005.tif"),
    "another size": ("b_2010.tif", lambda p: put(p, CELLS[:200]), "400 x 200 cells of 250"),
    "another figure": ("b_2010.tif", lambda p: put(p, figure="WGS84"), "are not on the grid a_2005.tif"),
    "an earlier year": ("b_2000.tif", put, "give two years, the earlier first"),
    "the same year": ("b_2005.tif", put, "give two years, the earlier first"),
    "fractions": ("b_2010.tif", lambda p: put(p, CELLS + np.float32(0.4)), "codes of classes are whole"),
    "nodata is a class": ("b_2010.tif", lambda p: put(p, nodata=7), "7 means no data, and is also class"),
    "no nodata": ("b_2010.tif", lambda p: put(p, nodata=None), "does not say which number means no data"),
}


def said(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(a) for a in arguments])


@pytest.mark.parametrize("trouble", TROUBLES)
def test_two_years_that_cannot_be_compared(tmp_path: Path, trouble: str) -> None:
    name, make, words = TROUBLES[trouble]
    first, second, out = put(tmp_path / "a_2005.tif"), make(tmp_path / name), tmp_path / "told" / "here"
    told = said("change", first, second, "--out", out)
    assert told.exit_code == 1, told.output
    assert words in told.stderr
    assert name in told.stderr
    assert told.stderr.count("\n") == 1
    assert not out.exists()


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let writing fail as it does on a full disk."""
    import resource  # not there on Windows

    soft, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, most))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("size", [3_000, 60_000, 130_000])
def test_a_disk_that_gets_full_leaves_what_was_there(tmp_path: Path, size: int) -> None:
    first, second, out = (
        put(tmp_path / "a_2005.tif"),
        put(tmp_path / "b_2010.tif", CELLS[::-1]),
        tmp_path / "told",
    )
    with no_file_above(size):
        told = said("change", first, second, "--out", out)
    assert told.exit_code == 1, told.output
    assert "cannot be written" in told.stderr
    assert told.stderr.count("\n") == 1
    assert not out.exists()
    assert said("change", first, second, "--out", out).exit_code == 0
    good = {path.name: path.read_bytes() for path in out.iterdir()}
    with no_file_above(size):
        assert said("change", first, second, "--out", out).exit_code == 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == good


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_layer_on_a_disk_that_gets_full_is_told_in_one_line_and_not_there(tmp_path: Path) -> None:
    data, out = kit.land_cover(tmp_path / "data", kit.patches()), tmp_path / "out"
    with no_file_above(400_000):
        told = said("build", "land-cover", "--data", data, "--out", out)
    assert told.exit_code == 1, told.output
    assert "cannot be written" in told.stderr
    assert told.stderr.count("\n") == 1
    assert not [path for path in out.rglob("*") if path.suffix in {".tif", ".kmz", ".csv"}]


def test_a_layer_whose_nodata_is_also_a_class(tmp_path: Path) -> None:
    # the file of the source says 0, which is water; its specification declares 255 and is believed
    cells = np.where(kit.patches() == 255, 0, kit.patches())
    cells[0, 0] = 77
    told = said(
        "build", "land-cover", "--data", kit.land_cover(tmp_path, cells, nodata=0), "--out", tmp_path / "out"
    )
    assert told.exit_code == 1
    assert "class 77 of 1 cells is in no line of naatlas/crosswalks/land_cover.csv" in told.stderr
    assert "class 0" not in told.stderr
    assert not list((tmp_path / "out").rglob("*.tif"))
