"""What a coarser cell shows of those that it stands for: the most frequent class, the mean, or one of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from naatlas.errors import SpecError
from naatlas.export import raster_picture
from naatlas.framework import GRID_250M
from naatlas.layers import land_cover_change
from naatlas.ledger import Ledger
from naatlas.metadata import grid as grid_words
from naatlas.metadata import words
from naatlas.model import Cells, LayerData
from naatlas.raster import cog
from naatlas.raster.blocks import Block
from naatlas.raster.globe import halved

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

UNCHANGED, LOSS = (land_cover_change.KINDS[kind] for kind in ("unchanged", "forest_loss"))
GRID = replace(GRID_250M, name="piece", rows=1040, cols=1300, left=-118_000.0, top=526_500.0)
EDITION = "2005to2010"


@given(arrays.arrays(np.uint8, (8, 8), elements=st.integers(0, 4)))
def test_an_overview_shows_the_most_frequent_class(cells: NDArray[np.uint8]):
    told = halved(cells, 0, "mode")
    for row in range(4):
        for col in range(4):
            four = [int(v) for v in cells[2 * row : 2 * row + 2, 2 * col : 2 * col + 2].ravel() if v]
            counts = Counter(four)
            best = max(counts.values(), default=0)
            first = next((v for v in four if counts[v] == best), 0)
            assert told[row, col] == first


@given(arrays.arrays(np.float32, (6, 6), elements=st.sampled_from([np.nan, -9999, 0, 1, 2.5, 1000])))
def test_an_overview_shows_the_mean_of_what_is_known(cells: NDArray[np.float32]):
    told = halved(cells, -9999, "mean")
    for row in range(3):
        for col in range(3):
            four = cells[2 * row : 2 * row + 2, 2 * col : 2 * col + 2]
            known = four[~np.isnan(four) & (four != -9999)]
            assert told[row, col] == pytest.approx(known.mean() if len(known) else -9999)


@pytest.fixture(scope="module")
def change(tmp_path_factory: pytest.TempPathFactory) -> LayerData:
    """Return a layer of change with clearings of 4 by 4 cells on a twentieth of the land."""
    path = tmp_path_factory.mktemp("change") / "cells.tif"
    felled = np.random.default_rng(1).random((GRID.rows // 4, GRID.cols // 4)) < 0.05
    cells = np.kron(np.where(felled, LOSS, UNCHANGED), np.ones((4, 4))).astype(np.uint8)
    with cog.drafting(path, GRID, dtype="uint8", nodata=255) as canvas:
        canvas.put(Block(0, 0, GRID.rows, GRID.cols), cells)
    return LayerData(
        spec=land_cover_change.SPEC, edition=EDITION, frame=pd.DataFrame(), provenance=pd.DataFrame(),
        ledger=Ledger(), inputs=(), geometry=Cells(path=path, grid=GRID, nodata=255, count=cells.size),
    )  # fmt: skip


def share(cells: NDArray[np.uint8]) -> float:
    return float((cells == LOSS).mean())


def test_small_clearings_keep_their_share_in_the_picture(change: LayerData) -> None:
    assert share(raster_picture.thinned(change, 1)) == pytest.approx(0.05, abs=0.003)
    assert share(raster_picture.thinned(change, 26)) == pytest.approx(0.05, abs=0.02)
    rules = replace(change.rules, sampled=False)
    edition = replace(change.spec.edition(EDITION), raster=rules, default=True)
    by_mode = replace(change, spec=replace(change.spec, editions=(edition,)))
    assert share(raster_picture.thinned(by_mode, 26)) == 0


def test_small_clearings_keep_their_share_in_the_overviews_of_the_geotiff(
    change: LayerData, tmp_path: Path
) -> None:
    path = tmp_path / "change.tif"
    cog.publish(change.cells.path, path, classes=True, sampled=change.rules.sampled)
    with rasterio.open(path) as file, rasterio.open(change.cells.path) as rough:
        assert file.overviews(1) == [2, 4]
        cells = rough.read(1)
        assert np.array_equal(file.read(1), cells)
    with rasterio.open(path, overview_level=1) as file:
        assert np.array_equal(file.read(1), cells[::4, ::4])


def test_the_metadata_say_that_a_pixel_is_one_cell_of_many(change: LayerData) -> None:
    told = words.load("land-cover-change")
    assert told.texts["overview_sampled"] in grid_words.limits(change, told)


def test_a_quantity_is_not_sampled() -> None:
    rules = land_cover_change.SPEC.rules(EDITION)
    with pytest.raises(SpecError, match="classes are sampled; a quantity has a mean"):
        replace(rules, kind="quantity", codes={}, crosswalk="", sampled=True)
