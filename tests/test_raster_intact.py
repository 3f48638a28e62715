"""Bytes that go wrong inside a GeoTIFF: GDAL gives other cells for half of them and says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from naatlas import framework, validation
from naatlas.errors import InputError
from naatlas.raster.intact import prove_intact
from naatlas.sources.raster import read_raster
from naatlas.spec import RasterFile

if TYPE_CHECKING:
    from pathlib import Path

TILED = {"tiled": True, "blockxsize": 128, "blockysize": 128}
LAYOUT = RasterFile(kind="class", nodata=0)


def written(path: Path, *, bands: int = 1, **options: Any) -> Path:
    """Write patches of classes, a quarter of them empty."""
    cells = np.kron(
        np.random.default_rng(0).integers(0, 20, (75, 75), dtype=np.uint8), np.ones((4, 4), np.uint8)
    )
    cells[:150, :150] = 0
    with rasterio.open(
        path, "w", driver="GTiff", width=300, height=300, count=bands, dtype="uint8", nodata=0, crs=framework.WKT2,
        transform=Affine(250, 0, 0, 0, -250, 0), **options,
    ) as file:  # fmt: skip
        file.write(np.stack([cells] * bands))
    return path


def start(path: Path) -> tuple[int, int]:
    """Return where the bytes of the tile in the lower right begin, and how many they are."""
    with rasterio.open(path) as file:
        (row, col), _ = list(file.block_windows(1))[-1]
        told = [file.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1) for what in ("OFFSET", "SIZE")]
    return int(told[0]), int(told[1])


@pytest.mark.parametrize("options", [{}, TILED, {**TILED, "predictor": 2}, {**TILED, "SPARSE_OK": True}])
@pytest.mark.parametrize("bands", [1, 3])
def test_what_was_written_is_intact(tmp_path: Path, options: dict[str, Any], bands: int) -> None:
    assert prove_intact(written(tmp_path / "a.tif", bands=bands, compress="deflate", **options), name="a")


@pytest.mark.parametrize("compress", ["lzw", "zstd", None])
def test_what_has_no_checksums_is_said_to_have_none(tmp_path: Path, compress: str | None) -> None:
    more = {"compress": compress} if compress else {}
    assert not prove_intact(written(tmp_path / "a.tif", **TILED, **more), name="a")


def test_every_damaged_byte_is_found_though_gdal_passes_over_many(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", compress="deflate", **TILED)
    sound, (first, size) = path.read_bytes(), start(path)
    with rasterio.open(path) as file:
        cells = file.read(1)
    rng, silent = np.random.default_rng(1), 0
    for place in rng.integers(first, first + size, 60).tolist():
        damaged = bytearray(sound)
        damaged[place] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged)
        try:
            with rasterio.open(path) as file:
                silent += not np.array_equal(file.read(1), cells)
        except rasterio.errors.RasterioIOError:
            pass
        with pytest.raises(InputError, match=r"b\.tif: the cells from row 256 are damaged, .*; get it again"):
            prove_intact(path, name="b.tif")
    assert silent > 10  # were it none, GDAL would look by now, and this module could go


def test_a_damaged_source_stops_and_a_damaged_product_does_not_pass(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", compress="deflate", **TILED)
    read_raster(path, LAYOUT, name="a.tif")
    damaged = bytearray(path.read_bytes())
    damaged[sum(start(path)) - 1] ^= 1  # the checksum itself, which GDAL never reads
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=r"a\.tif: the cells from row 256 are damaged"):
        read_raster(path, LAYOUT, name="a.tif")
    assert "from row 256 are damaged" in validation.validate(path).text()
