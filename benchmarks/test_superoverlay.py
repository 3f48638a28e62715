"""A superoverlay of 67 million cells of classes, each way a process of its own, files in and out.

Run with ``pytest benchmarks/test_superoverlay.py --benchmark-only -s``. GDAL's programs must be on the path; what is
not there is not asked. ``gdal2tiles`` and the driver take colours only, so a palette is expanded for them first, and
the driver does not warp, so ``gdalwarp`` does. All of them keep classes: nearest, on two processors.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from PIL import Image

from benchmarks import sides
from naatlas import framework

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = int(os.environ.get("NAATLAS_BENCH_ROUNDS", "3"))
#: Cells along a side of the raster.
SIDE = int(os.environ.get("NAATLAS_BENCH_SIDE", "8192"))
CELL_M = 250.0
CLASSES = 19
#: Levels of gdal2tiles. Left alone it stops at 8, with pixels of 0.0055 degrees, twice as large as cells; those of 9
#: have 0.0027, still a little larger than ours.
ZOOM = "2-9"

pytestmark = pytest.mark.filterwarnings("default")

#: What a program of naatlas would do: read the colours from the file, and write. The others draw no legend either.
OURS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import rasterio
from naatlas.export import superoverlay
from naatlas.export.raster_paint import Paint
from naatlas.export.superoverlay_cover import Cover
from naatlas.raster.files import File
source, target, classes = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
with rasterio.open(source) as file:
    table = file.colormap(1)
numbers = range(1, classes + 1)
with File(source, nodata=0) as raster:
    paint = Paint([table[number][:3] for number in numbers], numbers=numbers)
    cover = Cover.plain(raster, "Classes", pictures={})
    superoverlay.put(raster, {target: cover}, paint=paint, when=datetime(2020, 1, 1, tzinfo=UTC), threads=2)
"""


def patches() -> NDArray[np.uint8]:
    """Classes in patches of many sizes within a round continent."""
    rng, total = np.random.default_rng(0), np.zeros((SIDE, SIDE), dtype=np.float32)
    for side in (4, 16, 64, 256):
        coarse = rng.random((SIDE // side + 1, SIDE // side + 1), dtype=np.float32) * side**0.4
        total += coarse.repeat(side, axis=0).repeat(side, axis=1)[:SIDE, :SIDE]
    limits = np.quantile(total[::16, ::16], np.linspace(0, 1, CLASSES + 1)[1:-1])
    cells = (np.digitize(total, limits) + 1).astype(np.uint8)
    away = (np.arange(SIDE) - SIDE / 2) ** 2
    cells[away[:, None] + away[None, :] > (SIDE / 2.1) ** 2] = 0
    return cells


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "classes.tif"
    left, top = -SIDE / 2 * CELL_M, SIDE / 2 * CELL_M
    options = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    with rasterio.open(
        path, "w", driver="GTiff", width=SIDE, height=SIDE, count=1, dtype="uint8", nodata=0,
        crs=framework.crs().to_wkt(), transform=rasterio.Affine(CELL_M, 0, left, 0, -CELL_M, top), **options,
    ) as file:  # fmt: skip
        file.write(patches(), 1)
        colours = np.random.default_rng(1).integers(0, 256, (256, 3)).tolist()
        file.write_colormap(
            1, {number: (*colour, 255 if number else 0) for number, colour in enumerate(colours)}
        )
    return path


def needs(*programs: str) -> None:
    if missing := [name for name in programs if not shutil.which(name)]:
        pytest.skip(f"not here: {', '.join(missing)}; install gdal-bin and python3-gdal")


def clean(*commands: list[str]) -> sides.Cost:
    """Run commands one after the other, each in the environment of the system."""
    costs = [
        sides.process(["env", "-u", "PROJ_LIB", "-u", "GDAL_DATA", "-u", "PYTHONPATH", *c]) for c in commands
    ]
    return sides.Cost(*(sum(part) for part in zip(*costs, strict=True)))


def ours(source: Path, folder: Path) -> Callable[[], sides.Cost]:
    return lambda: sides.process(
        [sys.executable, "-c", OURS, str(source), str(folder / "ours.kmz"), str(CLASSES)]
    )


def pictures(told: Path) -> int:
    """Count the tiles of a KMZ or a folder that show something: the driver writes empty ones too."""
    if told.is_dir():
        return sum(map(shows, (path.read_bytes() for path in told.rglob("*.png") if path.parent != told)))
    with zipfile.ZipFile(told) as archive:
        names = [
            name for name in archive.namelist() if name.endswith(".png") and not name.startswith("files/")
        ]
        return sum(map(shows, map(archive.read, names)))


def shows(png: bytes) -> bool:
    return bool(Image.open(io.BytesIO(png)).convert("RGBA").getchannel("A").getextrema()[1])


def compare(benchmark: BenchmarkFixture, name: str, pair: tuple[Callable[[], sides.Cost], Callable[[], sides.Cost]],
            made: tuple[Path, Path], *, target: float) -> None:  # fmt: skip
    """Run both in turn; print medians and tiles a second; hold processor seconds, whole and by tile, to the target."""
    costs = sides.in_turn(benchmark, *pair, rounds=ROUNDS)
    medians = sides.median(costs[0]), sides.median(costs[1])
    tiles = pictures(made[0]), pictures(made[1])
    print(
        sides.table(f"superoverlay of {SIDE} x {SIDE}, whole process", {name: medians}, target=f"{target:g}")
    )
    for who, count, cost in zip(("naatlas", name), tiles, medians, strict=True):
        print(f"  {who:16} {count:6,} tiles, {count / cost.clock:7.0f} a second of clock, "
              f"{count / cost.cpu:7.0f} of processor")  # fmt: skip
    by_tile = [count / cost.cpu for count, cost in zip(tiles, medians, strict=True)]
    print(f"  tiles a second of processor, ratio {by_tile[0] / by_tile[1]:.1f}")
    assert by_tile[0] / by_tile[1] >= target
    assert medians[1].cpu / medians[0].cpu >= target


def test_against_gdal2tiles(benchmark: BenchmarkFixture, source: Path, tmp_path: Path) -> None:
    needs("gdal2tiles.py", "gdal_translate")
    expanded, folder = str(tmp_path / "rgba.vrt"), tmp_path / "tiles"

    def theirs() -> sides.Cost:
        shutil.rmtree(folder, ignore_errors=True)
        return clean(
            ["gdal_translate", "-q", "-of", "VRT", "-expand", "rgba", str(source), expanded],
            ["gdal2tiles.py", "-q", "-k", "-p", "geodetic", "-r", "near", "-x", "-w", "none", f"--zoom={ZOOM}",
             "--processes=2", expanded, str(folder)],
        )  # fmt: skip

    pair = (ours(source, tmp_path), theirs)
    compare(benchmark, "gdal2tiles -k", pair, (tmp_path / "ours.kmz", folder), target=4)


def test_against_the_driver(benchmark: BenchmarkFixture, source: Path, tmp_path: Path) -> None:
    needs("gdalwarp", "gdal_translate")
    warped, expanded, told = (tmp_path / name for name in ("warped.tif", "rgba.vrt", "theirs.kmz"))

    def theirs() -> sides.Cost:
        return clean(
            ["gdalwarp", "-q", "-overwrite", "-t_srs", "EPSG:4326", "-multi", "-wo", "NUM_THREADS=2",
             "-co", "TILED=YES", str(source), str(warped)],
            ["gdal_translate", "-q", "-of", "VRT", "-expand", "rgba", str(warped), str(expanded)],
            ["gdal_translate", "-q", "-of", "KMLSUPEROVERLAY", "-co", "FORMAT=PNG", str(expanded), str(told)],
        )  # fmt: skip

    pair = (ours(source, tmp_path), theirs)
    compare(benchmark, "KMLSUPEROVERLAY", pair, (tmp_path / "ours.kmz", told), target=2)
