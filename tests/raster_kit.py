"""Rasters made for tests: a small land cover in the place and under the name of the real one."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from affine import Affine

from naatlas import registry

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

#: The window and the cells of the test raster: half a degree, ten times those of the source.
WEST, NORTH, SIZE, ROWS, COLS = -180.0, 85.0, 0.5, 160, 280


def write(path: Path, cells: NDArray[Any], **more: Any) -> Path:
    """Write a raster of one band in degrees, with the wrong datum that the real file names."""
    told: dict[str, Any] = {
        "driver": "GTiff",
        "height": cells.shape[0],
        "width": cells.shape[1],
        "count": 1,
        "dtype": cells.dtype,
        "crs": "+proj=longlat +ellps=clrk66 +no_defs",
        "transform": Affine(SIZE, 0, WEST, 0, -SIZE, NORTH),
        "nodata": 255,
    } | more
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():  # a raster without a place is wanted here
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, "w", **told) as file:
            file.write(cells, 1)
    return path


def patches(*, seed: int = 1) -> NDArray[np.uint8]:
    """Return classes in patches of 4 by 4 cells, a tenth of them without data."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 17, (ROWS // 4, COLS // 4), dtype=np.uint8)
    coarse[rng.random(coarse.shape) < 0.1] = 255
    return np.kron(coarse, np.ones((4, 4), dtype=np.uint8))


def land_cover(folder: Path, cells: NDArray[Any], **more: Any) -> Path:
    """Put a raster where the land cover layer looks for its source; return the data folder."""
    spec = registry.spec("land-cover")
    write(folder / spec.source(spec.edition(None).sources[0]).path, cells, **more)
    return folder
