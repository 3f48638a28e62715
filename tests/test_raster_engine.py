"""The raster engine against slow and plain ways to the same result."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given

from naatlas import framework
from naatlas.errors import InputError
from naatlas.framework import GRID_30M, GRID_250M, Grid
from naatlas.raster import align as aligning
from naatlas.raster import cog, counts, kernels
from naatlas.raster.align import align, method_of
from naatlas.raster.blocks import Block, blocks, in_threads
from naatlas.raster.deposit import deposit
from naatlas.raster.files import Array, File
from naatlas.raster.mesh import CURVED, TOLERANCE, Places, every, meshed
from naatlas.raster.source import Placed, to_source
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

EMPTY = 255
#: Coarse enough to be quick, and with Alaska, the antimeridian and the pole in it.
WHOLE = Grid(name="25 km", cols=370, rows=350, cell_m=25_000, left=-4_418_000, top=4_876_500, figure="sphere")


def degrees(west: float, north: float, size: float, cells: NDArray[Any], nodata: float = EMPTY) -> Array:
    placed = Placed(crs="EPSG:4326", transform=Affine(size, 0, west, 0, -size, north), shape=cells.shape)
    return Array(placed, cells, nodata)


def whole(raster: Array | File, grid: Grid, method: Any) -> NDArray[Any]:
    parts = list(align(raster, grid, method=method, threads=2))
    out = np.zeros((grid.rows, grid.cols), dtype=parts[0][1].dtype)
    for block, cells in parts:
        out[block.row : block.row + block.rows, block.col : block.col + block.cols] = cells
    return out


def centres(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = grid.left + (np.arange(grid.cols) + 0.5) * grid.cell_m
    y = grid.top - (np.arange(grid.rows) + 0.5) * grid.cell_m
    lon, lat = framework.unproject(*np.meshgrid(x, y))
    return lon, lat


def test_every_cell_of_a_globe_is_the_one_its_centre_lies_in() -> None:
    rng = np.random.default_rng(1)
    globe = degrees(-180, 90, 0.5, rng.integers(0, 20, (360, 720), dtype=np.uint8))
    lon, lat = centres(WHOLE)
    row, col = np.floor((90 - lat) / 0.5).astype(int), np.floor((lon + 180) / 0.5).astype(int) % 720
    assert (whole(globe, WHOLE, "nearest") != globe.cells[row, col]).mean() <= 0.001


def test_longitudes_from_0_to_360_and_rows_from_the_south_are_read_as_they_are() -> None:
    rng = np.random.default_rng(2)
    north = degrees(-180, 90, 1, rng.integers(0, 20, (180, 360), dtype=np.uint8))
    turned = np.roll(north.cells, -20, axis=1)[::-1]
    placed = Placed(crs="EPSG:4326", transform=Affine(1, 0, -160, 0, 1, -90), shape=turned.shape)
    assert np.array_equal(
        whole(Array(placed, turned, EMPTY), WHOLE, "nearest"), whole(north, WHOLE, "nearest")
    )


def test_cells_of_the_grid_are_taken_as_they_are_wherever_the_raster_begins() -> None:
    cells = np.random.default_rng(4).integers(0, 20, (50, 70), dtype=np.uint8)
    placed = Placed(
        crs=framework.WKT2,
        transform=Affine(
            WHOLE.cell_m, 0, WHOLE.left - 3 * WHOLE.cell_m, 0, -WHOLE.cell_m, WHOLE.top - 5 * WHOLE.cell_m
        ),
        shape=cells.shape,
    )
    beside = replace(placed, transform=placed.transform @ Affine.translation(1e-6, 0))  # goes by the mesh
    told = whole(Array(placed, cells, EMPTY), WHOLE, "nearest")
    assert np.array_equal(told[5:55, :67], cells[:, 3:])
    assert (np.delete(told, np.s_[5:55], axis=0) == EMPTY).all()
    assert np.array_equal(told, whole(Array(beside, cells, EMPTY), WHOLE, "nearest"))


def test_what_a_raster_does_not_cover_has_no_data() -> None:
    piece = degrees(-110, 50, 0.5, np.full((20, 40), 7, dtype=np.uint8))
    lon, lat = centres(WHOLE)
    inside = (lon >= -110) & (lon < -90) & (lat <= 50) & (lat > 40)
    assert np.array_equal(whole(piece, WHOLE, "nearest"), np.where(inside, 7, EMPTY))


#: A piece of the middle, of the south-east and of the high north, where meridians come together.
PIECES = [Block(16_000, 18_000, 512, 512), Block(30_000, 30_000, 300, 512), Block(3_000, 14_000, 512, 300)]


@pytest.mark.parametrize("block", PIECES)
def test_mesh_is_as_good_as_cell_by_cell(block: Block) -> None:
    rng = np.random.default_rng(3)
    fine = degrees(-180, 90, 0.01, rng.integers(0, 19, (1, 1), dtype=np.uint8))
    locate = to_source(GRID_250M, fine.placed)
    mesh, exact = meshed(GRID_250M, block, locate), every(GRID_250M, block, locate)
    assert mesh is not None
    assert mesh.step > 1
    shape = (block.rows, block.cols)
    found = [
        kernels.between(nodes, told.step, shape) for told in (mesh, exact) for nodes in (told.cols, told.rows)
    ]
    assert max(np.abs(found[0] - found[2]).max(), np.abs(found[1] - found[3]).max()) <= TOLERANCE + CURVED
    off = np.logical_or(
        *(np.floor(one) != np.floor(other) for one, other in zip(found[:2], found[2:], strict=True))
    )
    assert off.mean() <= 0.001


@given(row=st.integers(0, 34_000), col=st.integers(0, 36_000))
def test_a_mesh_keeps_to_what_it_promises_wherever_it_is_taken(row: int, col: int) -> None:
    globe = degrees(-180, 90, 0.0025, np.zeros((1, 1), dtype=np.uint8))
    locate = to_source(GRID_250M, globe.placed)
    block = Block(row, col, 100, 150)
    if mesh := meshed(GRID_250M, block, locate):
        exact = every(GRID_250M, block, locate)
        for nodes, told in ((mesh.cols, exact.cols), (mesh.rows, exact.rows)):
            guess = kernels.between(nodes, mesh.step, (100, 150))
            turned = np.abs(guess - told[:100, :150])
            # the two may count columns from another turn of the globe
            assert np.minimum(turned, 144_000 - turned).max() <= TOLERANCE + CURVED


def test_at_the_pole_every_cell_is_transformed() -> None:
    globe = degrees(-180, 90, 0.5, np.zeros((360, 720), dtype=np.uint8))
    x, y = framework.project(np.array([-100.0]), np.array([90.0]))
    row, col = int((GRID_250M.top - y[0]) / 250), int((x[0] - GRID_250M.left) / 250)
    pole = Block(row - 32, col - 256, 64, 512)
    assert meshed(GRID_250M, pole, to_source(GRID_250M, globe.placed)) is None


@given(seed=st.integers(0, 2**32 - 1), step=st.sampled_from([1, 3, 16]), fine=st.sampled_from([1.0, 0.01]))
def test_compiled_loops_and_plain_ones_agree_to_the_byte(seed: int, step: int, fine: float) -> None:
    pytest.importorskip("numba")
    rng = np.random.default_rng(seed)
    piece = rng.integers(0, 20, (70, 120), dtype=np.uint8)
    nodes = (-(-37 // step) + 1, -(-41 // step) + 1)
    cols, rows = rng.uniform(-20, 140, nodes), rng.uniform(-20, 90, nodes)
    for places_ in (cols, rows):  # gentle slopes, steep ones, and places that are none
        places_[:] = places_.mean() + fine * (places_ - places_.mean())
        places_[rng.random(nodes) < 0.05] = rng.choice([np.nan, 1e300, -1e12])
    told = Places(cols, rows, step)
    first, second = rng.integers(0, 256, (2, 37, 41), dtype=np.uint8)
    zones = rng.integers(0, 4, (37, 41), dtype=np.int32)
    results = []
    for compiled in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernels, "COMPILED", compiled)
            taken = [
                kernels.gather(told, (37, 41), piece, (0, 0), EMPTY, s) for s in ((0.25, -0.25), (0.0, 0.0))
            ]
            pairs = [kernels.count((4, 256, 256), z, first, second) for z in (None, zones)]
            results.append([*taken, *pairs, kernels.count((4, 256), zones, first)])
    for one, other in zip(*results, strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


def test_classes_are_never_averaged_and_quantities_never_voted_on() -> None:
    fine, coarse = (degrees(-110, 50, size, np.zeros((4, 4), dtype=np.uint8)) for size in (0.05, 2.0))
    assert [method_of(k, r, WHOLE) for r in (fine, coarse) for k in ("class", "quantity")] == [
        "mode",
        "average",
        "nearest",
        "bilinear",
    ]


def test_mode_is_the_class_that_most_of_a_cell_has() -> None:
    cells = np.where(np.arange(400)[None, :] % 10 < 7, 3, 9).astype(np.uint8).repeat(200, axis=0)
    stripes = degrees(-110, 50, 0.05, cells)
    told = whole(stripes, WHOLE, "mode")
    assert set(np.unique(told)) == {3, 9, EMPTY}
    assert (told == 3).sum() > 1.5 * (told == 9).sum()


def test_a_cell_is_the_same_at_the_edge_of_a_block_and_within_one() -> None:
    """Points of a cell lie many fine cells away from its centre: they are read all the same."""
    fine = degrees(-110, 50, 0.02, np.random.default_rng(8).integers(0, 9, (600, 600), dtype=np.uint8))
    beside = replace(
        WHOLE, left=WHOLE.left + 160 * WHOLE.cell_m, top=WHOLE.top - 200 * WHOLE.cell_m, cols=18, rows=9
    )
    within = whole(fine, WHOLE, "average")[200:209, 160:178]
    assert (within != EMPTY).all()
    # a point or two of 256 may fall to another fine cell
    assert np.abs(whole(fine, beside, "average") - within).max() < 0.06


@pytest.mark.parametrize("method", ["nearest", "mode", "bilinear"])
def test_what_is_read_piece_by_piece_is_what_is_read_at_once(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    globe = degrees(-180, 90, 0.25, np.random.default_rng(9).integers(0, 9, (720, 1440), dtype=np.uint8))
    at_once = whole(globe, WHOLE, method)
    monkeypatch.setattr(aligning, "_LARGEST_WINDOW", 20_000)
    read = Array.read
    sizes: list[int] = []
    monkeypatch.setattr(
        Array, "read", lambda self, *frame: sizes.append(frame[2] * frame[3]) or read(self, *frame)
    )
    assert np.array_equal(whole(globe, WHOLE, method), at_once)
    assert max(sizes) <= 20_000


@pytest.mark.parametrize("method", ["bilinear", "average"])
def test_a_plane_stays_a_plane_and_holes_stay_holes(method: str) -> None:
    lat = np.broadcast_to(60 - (np.arange(200)[:, None] + 0.5) * 0.2, (200, 300)).astype(np.float32).copy()
    lat[100:110, 100:110] = np.nan
    told = whole(degrees(-130, 60, 0.2, lat, np.nan), WHOLE, method)
    lon, wanted = centres(WHOLE)
    hole = (lon > -110.2) & (lon < -107.8) & (wanted < 40.2) & (wanted > 37.8)
    core = (lon > -129) & (lon < -71) & (wanted > 21) & (wanted < 59) & ~hole
    assert np.abs(told[core] - wanted[core]).max() < 0.15
    deep = (lon > -109.8) & (lon < -108.2) & (wanted < 39.8) & (wanted > 38.2)
    assert deep.any()
    assert np.isnan(told[deep]).all()


@given(seed=st.integers(0, 2**32 - 1), west=st.floats(-180, -60), north=st.floats(0, 85))
def test_a_count_is_conserved(seed: int, west: float, north: float) -> None:
    rng = np.random.default_rng(seed)
    people = np.where(rng.random((8, 12)) < 0.7, rng.random((8, 12)) * 1e6, np.nan)
    raster = degrees(west, north, 0.5, people, np.nan)
    told = deposit(people, raster.placed, WHOLE, parts=4)
    assert np.isclose(np.nansum(told.cells) + told.outside, np.nansum(people), rtol=1e-12)


def test_a_count_goes_where_its_cell_lies() -> None:
    people = np.full((20, 20), 3.0)
    raster = degrees(-110, 50, 0.5, people, np.nan)
    told = deposit(people, raster.placed, WHOLE)
    lon, lat = centres(WHOLE)
    far = (lon < -110.6) | (lon > -99.4) | (lat > 50.6) | (lat < 39.4)
    assert np.isnan(told.cells[far]).all()
    assert told.outside == 0


def on(grid: Grid, cells: NDArray[Any]) -> Array:
    return Array(Placed(crs=framework.WKT2, transform=Affine(*grid.transform), shape=cells.shape), cells, 0)


def test_counts_by_zone_are_those_of_a_plain_loop() -> None:
    rng = np.random.default_rng(5)
    grid = Grid(name="t", cols=700, rows=600, cell_m=250, left=0, top=0, figure="sphere")
    first, second = (on(grid, rng.integers(0, 6, (600, 700), dtype=np.uint8)) for _ in range(2))
    disks = np.array([shapely.Point(60_000 * i, -70_000).buffer(50_000) for i in range(3)])
    zones = Zones(disks, grid)
    zone = zones.of(Block(0, 0, 600, 700))
    x, y = np.meshgrid((np.arange(700) + 0.5) * 250, -(np.arange(600) + 0.5) * 250)
    for number, disk in enumerate(disks):  # where disks overlap the later one has the cell
        later = shapely.union_all(disks[number + 1 :])
        wanted = shapely.contains_xy(disk, x, y) & ~shapely.contains_xy(later, x, y)
        assert np.array_equal(zone == number, wanted)
    told = counts.crosstab(first, second, grid, zones)
    for number in range(4):
        inside = zone == number
        plain = np.zeros((256, 256), dtype=np.int64)
        np.add.at(plain, (first.cells[inside], second.cells[inside]), 1)
        assert np.array_equal(told[number], plain)
    assert np.array_equal(told.sum(axis=2), counts.histogram(first, grid, zones))
    assert np.array_equal(told.sum(axis=0), counts.crosstab(first, second, grid)[0])


def test_a_raster_beside_the_grid_is_refused() -> None:
    grid = Grid(name="t", cols=40, rows=30, cell_m=250, left=0, top=0, figure="sphere")
    moved = Grid(name="t", cols=40, rows=30, cell_m=250, left=10, top=0, figure="sphere")
    twin = Grid(name="t", cols=40, rows=30, cell_m=250, left=0, top=0, figure="WGS84")
    raster = on(moved, np.zeros((30, 40), dtype=np.uint8))
    for wrong, asked in ((raster, grid), (on(grid, raster.cells), twin)):
        with pytest.raises(InputError, match=r"not on the grid t .*align it first"):
            counts.histogram(wrong, asked)


def test_blocks_cover_each_cell_once() -> None:
    grid = Grid(name="t", cols=5000, rows=4500, cell_m=250, left=0, top=0, figure="sphere")
    seen = np.zeros((4500, 5000), dtype=np.uint8)
    for block in blocks(grid):
        seen[block.row : block.row + block.rows, block.col : block.col + block.cols] += 1
    assert (seen == 1).all()
    assert GRID_30M.cols * GRID_30M.cell_m == GRID_30M.bounds[2] - GRID_30M.bounds[0]


def test_cog_holds_what_was_put_into_it_and_is_the_same_twice(tmp_path: Path) -> None:
    validate = pytest.importorskip("rio_cogeo").cog_validate
    grid = Grid(name="t", cols=1500, rows=1100, cell_m=250, left=0, top=0, figure="sphere")
    cells = np.random.default_rng(7).integers(0, 5, (1100, 1500), dtype=np.uint8)
    cells[:, :700] = 3
    paths = [tmp_path / "a.tif", tmp_path / "b.tif"]
    for path in paths:
        with cog.writing(path, grid, dtype="uint8", nodata=0, classes=True) as canvas:
            for block in blocks(grid, rows=512, cols=512):
                rows, cols = (
                    slice(block.row, block.row + block.rows),
                    slice(block.col, block.col + block.cols),
                )
                canvas.put(block, cells[rows, cols])
            canvas.colours({3: (1, 2, 3)})
            canvas.describe("land_cover")
    assert validate(str(paths[0])) == (True, [], [])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with File(paths[0]) as told:
        assert np.array_equal(told.read(0, 0, 1100, 1500), cells)
        counts.placed_on(told, grid)
    with rasterio.open(paths[0]) as file:
        assert file.colormap(1)[3] == (1, 2, 3, 255)
        small = file.read(1, out_shape=(275, 375))
        assert set(np.unique(small)) <= set(range(5))  # overviews hold codes, not means
        assert (small[:, :170] == 3).all()


def test_a_canvas_that_fails_leaves_nothing(tmp_path: Path) -> None:
    grid = Grid(name="t", cols=600, rows=600, cell_m=250, left=0, top=0, figure="sphere")
    with (
        pytest.raises(RuntimeError),
        cog.writing(tmp_path / "a.tif", grid, dtype="uint8", nodata=0, classes=True),
    ):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("dtype", "nodata", "crs", "told"),
    [
        ("int16", None, framework.WKT2, "does not say which number means no data"),
        ("uint8", 0, None, "states no coordinate system"),
    ],
)
def test_a_file_that_says_too_little_is_refused(
    tmp_path: Path, dtype: str, nodata: float | None, crs: str | None, told: str
) -> None:
    path = tmp_path / "a.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=4, height=4, count=1, dtype=dtype, nodata=nodata, crs=crs,
        transform=Affine(2, 0, 0, 0, -2, 0),
    ) as file:  # fmt: skip
        file.write(np.zeros((1, 4, 4), dtype=dtype))
    with pytest.raises(InputError, match=f"a.tif: {told}"):
        File(path)


def test_a_file_cut_off_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=512, height=512, count=1, dtype="uint8", nodata=0, crs=framework.WKT2,
        transform=Affine(2, 0, 0, 0, -2, 0), compress="deflate",
    ) as file:  # fmt: skip
        file.write(np.random.default_rng(0).integers(0, 255, (1, 512, 512), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"a\.tif: .*get it again"), File(path) as told:
        told.read(0, 0, 512, 512)
    path.write_bytes(b"")
    with pytest.raises(InputError, match="the file is empty; get it again"):
        File(path)


def test_a_file_without_a_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):  # noqa: SIM117 - the warning is of opening
        with rasterio.open(path, "w", driver="PNG", width=4, height=4, count=1, dtype="uint8") as file:
            file.write(np.zeros((1, 4, 4), dtype=np.uint8))
    with pytest.raises(InputError, match=r"a\.png: does not say where its cells lie"):
        File(path, crs="EPSG:4326", nodata=0)


def test_threads_are_silent_of_scratch_rasters_whoever_takes_filters_back() -> None:
    def work(piece: int) -> int:
        warnings.warn("lies nowhere", rasterio.errors.NotGeoreferencedWarning, stacklevel=1)
        return piece

    before = list(warnings.filters)
    assert [told for _, told in in_threads(work, [1, 2, 3], threads=1)] == [1, 2, 3]
    assert list(warnings.filters) == before
