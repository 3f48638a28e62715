"""Change, mosaics and legends of class rasters against plain counting; and what stops them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given

from naatlas import framework
from naatlas.errors import InputError, ProductError, UnknownTermsError
from naatlas.framework import Grid
from naatlas.raster import cog, counts, kernels
from naatlas.raster.blocks import Block, blocks
from naatlas.raster.change import ELSEWHERE, change, errata, gains_and_losses, in_order
from naatlas.raster.classify import census, classify, tally
from naatlas.raster.files import Array, File
from naatlas.raster.from_to import BACK, FROM_TO_EMPTY, NEVER, ONCE, TWICE, trajectories, write_from_to
from naatlas.raster.mosaic import Mosaic, Tile, disagreement, shifted
from naatlas.raster.source import Placed
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

EMPTY = 255
CLASSES = {1: "forest", 2: "cropland", 3: "urban"}
GRID = Grid(name="t", cols=700, rows=600, cell_m=250, left=0, top=0, figure="sphere")


def on(cells: NDArray[Any], *, row: int = 0, col: int = 0, nodata: float = EMPTY, grid: Grid = GRID) -> Array:
    corner = Affine(
        grid.cell_m, 0, grid.left + col * grid.cell_m, 0, -grid.cell_m, grid.top - row * grid.cell_m
    )
    return Array(Placed(crs=framework.WKT2, transform=corner, shape=cells.shape), cells, nodata)


def some(seed: int, shape: tuple[int, int] = (600, 700), *, empty: float = 0.1) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    # patches, so that runs of like cells are counted too
    coarse = rng.integers(1, 4, (-(-shape[0] // 20), -(-shape[1] // 30)), dtype=np.uint8)
    cells = coarse.repeat(20, axis=0).repeat(30, axis=1)[: shape[0], : shape[1]].copy()
    cells[rng.random(shape) < empty] = EMPTY
    return cells


def write(path: Path, cells: NDArray[Any], *, nodata: float | None = EMPTY, **extra: Any) -> Path:
    profile: dict[str, Any] = {
        "crs": framework.WKT2,
        "transform": Affine(*GRID.transform),
        "compress": "deflate",
    }
    with rasterio.open(
        path, "w", driver="GTiff", width=cells.shape[1], height=cells.shape[0], count=1, dtype=cells.dtype.name,
        nodata=nodata, **(profile | extra),
    ) as file:  # fmt: skip
        file.write(cells, 1)
    return path


DISKS = np.array([shapely.Point(40_000 + 80_000 * i, -70_000).buffer(35_000) for i in range(2)])


def test_change_by_zone_is_that_of_pandas() -> None:
    first, second = some(1), some(2)
    zones = Zones(DISKS, GRID)
    zone = zones.of(Block(0, 0, 600, 700))
    told = change(on(first), on(second), GRID, classes=CLASSES, zones=zones, names=["west", "east"])
    frame = pd.DataFrame({"zone": zone.ravel(), "a": first.ravel(), "b": second.ravel()})
    plain = frame[(frame["a"] != EMPTY) & (frame["b"] != EMPTY)].value_counts()
    names = {"west": 0, "east": 1, ELSEWHERE: 2}
    found = {(names[r.zone], r.from_value, r.to_value): r.cells for r in told.pairs.itertuples()}
    assert found == plain.to_dict()
    assert np.allclose(told.pairs["area_km2"], told.pairs["cells"] * 0.0625)
    assert np.allclose(told.pairs.groupby("zone")["percent"].sum(), 100)
    lone = frame[(frame["a"] == EMPTY) & (frame["b"] != EMPTY)]
    assert told.gaps["second_only"].tolist() == lone["zone"].value_counts().sort_index().tolist()
    total = told.pairs["cells"].sum() + told.gaps[["first_only", "second_only", "neither"]].to_numpy().sum()
    assert total == first.size


def test_what_is_gained_and_lost_adds_up() -> None:
    pairs = change(on(some(3)), on(some(4)), GRID, classes=CLASSES).pairs
    told = gains_and_losses(pairs).set_index("class")
    assert np.allclose(told["after_km2"] - told["before_km2"], told["net_km2"])
    assert np.allclose(told["stayed_km2"] + told["gained_km2"], told["after_km2"])
    assert np.isclose(told["net_km2"].sum(), 0)
    moved = pairs.loc[pairs["from_value"] != pairs["to_value"], "area_km2"].sum()
    assert np.isclose(told["gross_km2"].sum(), 2 * moved)
    lost = pairs[(pairs["from_class"] == "forest") & (pairs["to_class"] != "forest")]["area_km2"].sum()
    assert np.isclose(told.loc["forest", "lost_km2"], lost)


def test_a_class_that_is_new_has_no_share_of_before() -> None:
    first, second = np.full((600, 700), 1, np.uint8), np.full((600, 700), 3, np.uint8)
    told = gains_and_losses(change(on(first), on(second), GRID, classes=CLASSES).pairs).set_index("class")
    assert told.loc["urban", ["before_km2", "gained_km2"]].tolist() == [0, first.size * 0.0625]
    assert np.isnan(told.loc["urban", "net_percent"])
    assert told.loc["forest", "net_percent"] == -100


def test_errata_are_those_of_the_edition_of_2013() -> None:
    """The printed figures: 17,440,830 cells of the continent, 6.44 % of Canada, 0.45 % of Mexico, 4.54 % of the US."""
    printed = {"CAN": (10_223_412, 6.44), "MEX": (141_142, 0.45), "USA": (6_878_656, 4.54)}
    rows = []
    for zone, (changed, percent) in printed.items():
        rows += [(zone, 1, 2, changed), (zone, 1, 1, round(changed / percent * 100) - changed)]
    pairs = pd.DataFrame(rows, columns=["zone", "from_value", "to_value", "cells"])
    told = errata(pairs.assign(area_km2=pairs["cells"] / 16)).set_index("zone")
    # the printed total is by 197,620 cells more than the three countries: what lies in none of them
    assert told.loc["North America", "changed_cells"] == 17_440_830 - 197_620
    assert told["changed_percent"].round(2).loc[list(printed)].tolist() == [6.44, 0.45, 4.54]
    assert told.loc["CAN", "changed_km2"] == 10_223_412 / 16


def test_errata_leave_out_what_lies_in_no_country() -> None:
    zones = Zones(DISKS, GRID)
    pairs = change(on(some(5)), on(some(6)), GRID, classes=CLASSES, zones=zones, names=["CAN", "USA"]).pairs
    told = errata(pairs)
    assert told["zone"].tolist() == ["North America", "CAN", "USA"]
    inside = pairs[pairs["zone"] != ELSEWHERE]
    assert told.loc[0, "cells"] == inside["cells"].sum()
    assert (
        told.loc[0, "changed_cells"] == inside.loc[inside["from_value"] != inside["to_value"], "cells"].sum()
    )


def test_three_dates() -> None:
    cells = [some(seed) for seed in (7, 8, 9)]
    told = trajectories(tuple(map(on, cells)), GRID).set_index("kind")["cells"]
    there = np.logical_and.reduce([c != EMPTY for c in cells])
    a, b, c = (own[there] for own in cells)
    wanted = {
        NEVER: (a == b) & (b == c),
        ONCE: (a == b) != (b == c),
        TWICE: (a != b) & (b != c) & (a != c),
        BACK: (a != b) & (a == c),
    }
    assert told.to_dict() == {kind: int(which.sum()) for kind, which in wanted.items()}


def test_from_to_raster_says_both_classes(tmp_path: Path) -> None:
    first, second = some(10), some(11)
    path = tmp_path / "change.tif"
    write_from_to(on(first), on(second), GRID, path, classes=CLASSES)
    with rasterio.open(path) as file:
        told = file.read(1)
        assert (file.dtypes, file.nodata) == (("uint16",), FROM_TO_EMPTY)
        assert file.tags()["CODE"] == "class before * 256 + class after"
        assert file.tags(1)["CLASS_2"] == "cropland"
    there = (first != EMPTY) & (second != EMPTY)
    assert np.array_equal(told[there] // 256, first[there])
    assert np.array_equal(told[there] % 256, second[there])
    assert (told[~there] == FROM_TO_EMPTY).all()


@given(seed=st.integers(0, 2**32 - 1), cells=st.integers(0, 200), runs=st.integers(1, 40))
def test_runs_are_counted_as_cell_by_cell(seed: int, cells: int, runs: int) -> None:
    pytest.importorskip("numba")
    rng = np.random.default_rng(seed)
    codes = rng.integers(250, 256, (2, cells), dtype=np.uint8).repeat(runs, axis=1)
    zones = np.sort(rng.integers(0, 3, codes.shape[1]).astype(np.int32))
    luts = kernels.lookup(2, [255, 251])
    told = []
    for compiled in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernels, "COMPILED", compiled)
            out = [np.zeros((count, 3, 3), dtype=np.int64) for count in (1, 3)]
            kernels.add(out[0], luts, None, *codes)
            kernels.add(out[1], luts, zones, *codes)
            told.append(out)
    for one, other in zip(*told, strict=True):
        assert np.array_equal(one, other)
    assert told[0][0].sum() == codes.shape[1]
    assert told[0][0][0, 0, 0] == ((codes[0] == 255) & (codes[1] == 255)).sum()


def test_a_run_ends_where_one_cell_of_eight_differs() -> None:
    """The bytes of eight cells 255, 0, 0 ... as a word are the number 255."""
    cells = np.zeros(64, dtype=np.uint8)
    cells[[0, 8, 16, 31, 40]] = 255
    told = kernels.count((1, 256), None, cells)[0]
    assert told[[0, 255]].tolist() == [59, 5]


def test_numbers_without_a_class_stop_with_all_of_them() -> None:
    cells = some(12)
    cells[:2] = 99
    cells[5, :3] = 0
    with pytest.raises(UnknownTermsError) as told:
        change(on(some(1)), on(cells), GRID, classes=CLASSES)
    assert [term.split(" is none")[0] for term in told.value.terms] == [
        "a raster: class 0 of 3 cells",
        "a raster: class 99 of 1,400 cells",
    ]


def test_no_data_of_the_other_year_is_no_class_of_this_one() -> None:
    first, second = some(1), some(2)
    second[second == EMPTY] = 128
    mixed = first.copy()
    mixed[0, 0] = 128
    assert len(change(on(first), on(second, nodata=128), GRID, classes=CLASSES).pairs) == 9
    with pytest.raises(UnknownTermsError, match="class 128 of 1 cells"):
        change(on(mixed), on(second, nodata=128), GRID, classes=CLASSES)


def test_nodata_that_is_also_a_class_is_refused() -> None:
    with pytest.raises(InputError, match="1 means no data, and is also class forest"):
        change(on(some(1), nodata=1), on(some(2)), GRID, classes=CLASSES)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (some(1).astype(np.float32), "numbers of type float32, and codes of classes are whole"),
        (some(1).astype(np.int16) * 2000, "those of classes are 0 to 255"),
    ],
)
def test_what_is_no_class_raster_is_refused(cells: NDArray[Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        change(on(cells), on(some(2)), GRID, classes=CLASSES)


def test_signed_cells_and_wide_ones_are_the_same_classes() -> None:
    first, second = some(1), some(2)
    plain = change(on(first), on(second), GRID, classes=CLASSES).pairs
    signed = first.view(np.int8)
    wide = second.astype(np.int16)
    told = change(on(signed, nodata=-1), on(wide), GRID, classes=CLASSES).pairs
    pd.testing.assert_frame_equal(told, plain)


def test_grids_that_differ_are_refused_with_the_name_of_the_file(tmp_path: Path) -> None:
    moved = write(tmp_path / "moved.tif", some(1), transform=Affine(250, 0, 10, 0, -250, 0))
    with (
        pytest.raises(InputError, match=r"moved\.tif: .* not on the grid t .*align it first"),
        File(moved) as file,
    ):
        change(on(some(2)), file, GRID, classes=CLASSES)


@pytest.mark.parametrize(
    ("names", "editions"),
    [(("lc_2010.tif", "lc_2005.tif"), ("", "")), (("a.tif", "b.tif"), ("2019", "2019"))],
)
def test_years_must_come_in_order(tmp_path: Path, names: tuple[str, str], editions: tuple[str, str]) -> None:
    paths = [write(tmp_path / name, some(1)) for name in names]
    for path, edition in zip(paths, editions, strict=True):
        with rasterio.open(path, "r+") as file:
            file.update_tags(EDITION=edition)
    with File(paths[0]) as first, File(paths[1]) as second:
        with pytest.raises(InputError, match="give two years, the earlier first"):
            change(first, second, GRID, classes=CLASSES)
        in_order(on(some(1)), first)


def test_a_file_cut_off_stops_the_work_and_leaves_nothing(tmp_path: Path) -> None:
    cells = np.random.default_rng(0).integers(1, 4, (600, 700), dtype=np.uint8)
    path = write(tmp_path / "cut.tif", cells)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(InputError, match=r"cut\.tif: .*get it again") as told, File(path) as file:
        write_from_to(file, on(cells), GRID, out / "change.tif", classes=CLASSES)
    assert "\n" not in str(told.value)
    assert not list(out.iterdir())


def test_an_empty_file_says_that_it_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "none.tif"
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"none\.tif: the file is empty; get it again"):
        File(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("short", [1, 4_000, 200_000])
def test_a_full_disk_leaves_the_last_good_file(tmp_path: Path, short: int) -> None:
    import resource  # not there on Windows

    cells = np.random.default_rng(0).integers(1, 4, (600, 700), dtype=np.uint8)
    rough, path = tmp_path / "rough.tif", tmp_path / "whole.tif"
    with cog.drafting(rough, GRID, dtype="uint8", nodata=EMPTY) as canvas:
        for block in blocks(GRID, rows=512, cols=512):
            canvas.put(block, cells[block.row : block.row + block.rows, block.col : block.col + block.cols])
    cog.publish(rough, path, classes=True)
    good = path.read_bytes()
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(len(good) - short, 1_000), most))
    try:
        with pytest.raises(ProductError, match=r"whole\.tif: cannot be written .* make room") as told:
            cog.publish(rough, path, classes=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert "\n" not in str(told.value)
    assert path.read_bytes() == good
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rough.tif", "whole.tif"]


# ---- national tiles


def tiles() -> tuple[Tile, Tile]:
    """Return two tiles that overlap in the columns 300 to 399; the second is at home from column 350."""
    west, east = np.full((600, 400), 1, np.uint8), np.full((500, 400), 2, np.int16)
    east[:50] = 1
    west[:, 340] = EMPTY
    east[100, :] = -1
    home = shapely.box(350 * 250, -600 * 250, 700 * 250, 0)
    return (
        Tile("A", on(west), [shapely.box(0, -600 * 250, 350 * 250, 0)]),
        Tile("B", on(east, row=0, col=300, nodata=-1), [home]),
    )


def test_a_tile_counts_at_home_and_elsewhere_the_first_that_has_data() -> None:
    told = Mosaic(tiles(), GRID, nodata=EMPTY).read(0, 0, 600, 700)
    assert told.dtype == np.uint8
    assert (told[200, :340] == 1).all()
    assert told[200, 340] == 2  # not at home, and the only one with data
    assert (told[200, 341:350] == 1).all()
    assert (told[200, 350:] == 2).all()
    assert (told[100, 350:400] == 1).all()  # at home without data: the next has it
    assert (told[100, 400:] == EMPTY).all()
    assert (told[550, 400:] == EMPTY).all()
    counted = counts.histogram(Mosaic(tiles(), GRID, nodata=EMPTY), GRID)[0]
    assert counted.sum() == told.size
    assert counted[2] == (told == 2).sum()


def test_where_tiles_meet_the_report_says_how_they_differ() -> None:
    told = disagreement(tiles(), GRID, classes=CLASSES)
    assert told[["first", "second", "first_class", "second_class", "cells", "agree"]].to_numpy().tolist() == [
        ["A", "B", "forest", "cropland", 449 * 99, False],
        ["A", "B", "forest", "forest", 50 * 99, True],
    ]
    assert np.isclose(told["percent"].sum(), 100)
    assert told["area_km2"].tolist() == [449 * 99 / 16, 50 * 99 / 16]


def test_tiles_that_do_not_meet_and_tiles_beside_the_grid() -> None:
    one, other = (
        Tile(name, on(np.ones((10, 10), np.uint8), col=col), []) for name, col in (("A", 0), ("B", 50))
    )
    assert disagreement((one, other), GRID, classes=CLASSES).empty
    placed = Placed(crs=framework.WKT2, transform=Affine(250, 0, 100, 0, -250, 0), shape=(10, 10))
    with pytest.raises(InputError, match=r"CAN: lies 0\.400 cells beside the grid t"):
        shifted(Array(placed, np.ones((10, 10), np.uint8), 0), GRID, name="CAN")


# ---- national legends


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "uint16", "int32"])
def test_every_number_gets_its_class(dtype: str) -> None:
    cells = some(1).astype(np.int32)
    cells[cells == EMPTY] = -5 if np.dtype(dtype).kind == "i" else 9
    nodata = int(cells.max() if np.dtype(dtype).kind == "u" else cells.min())
    raster = on(cells.astype(dtype), nodata=nodata)
    assert sum(census(raster).values()) == cells.size
    told = classify(raster, {1: 14, 2: 15, 3: 15}, nodata=EMPTY).read(0, 0, 600, 700)
    assert np.array_equal(told, np.select([cells == 1, cells == nodata], [14, EMPTY], 15))


@given(
    seed=st.integers(0, 2**32 - 1),
    dtype=st.sampled_from(["uint8", "int8", "int16", "uint16"]),
    low=st.booleans(),
)
def test_numbers_are_counted_as_numpy_counts_them(seed: int, dtype: str, low: bool) -> None:  # noqa: FBT001
    rng = np.random.default_rng(seed)
    limits = np.iinfo(dtype)
    cells = rng.choice(
        rng.integers(0 if low else limits.min, 100 if low else limits.max, 9), (31, 37)
    ).astype(dtype)
    numbers, counts = np.unique(cells[:, 3:], return_counts=True)
    assert tally(cells[:, 3:]) == dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    assert tally(cells[:0]) == {}


def test_a_number_that_says_nothing_has_no_data() -> None:
    cells = some(1)
    told = classify(on(cells), {1: 14, 2: 15}, nodata=EMPTY, empty={3}).read(0, 0, 600, 700)
    assert np.array_equal(told == EMPTY, (cells == 3) | (cells == EMPTY))


def test_an_unknown_number_stops_before_any_cell_is_given() -> None:
    with pytest.raises(UnknownTermsError) as told:
        classify(on(some(1)), {1: 14}, nodata=EMPTY, table="naatlas/crosswalks/land_cover.csv")
    assert len(told.value.terms) == 2
    assert "is in no line of naatlas/crosswalks/land_cover.csv" in told.value.terms[0]


@pytest.mark.parametrize(
    ("raster", "nodata", "told"),
    [
        (on(some(1), nodata=1), EMPTY, "1 means no data, and is also a class of the table"),
        (on(some(1)), 14, "14 means no data, and is also a class of the atlas"),
        (on(some(1).astype(np.float32)), EMPTY, "numbers of type float32"),
        (on(some(1).astype(np.int32) * 70_000), EMPTY, "beyond those of 16 bits"),
    ],
)
def test_a_legend_that_contradicts_itself_is_refused(raster: Array, nodata: int, told: str) -> None:
    with pytest.raises(InputError, match=told):
        classify(raster, {1: 14, 2: 15, 3: 15}, nodata=nodata)
