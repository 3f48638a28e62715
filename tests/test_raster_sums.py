"""Counts and figures have the same bits whatever the cells are cut into, and in whatever order the pieces come."""

from __future__ import annotations

import math
import pickle
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis.extra import numpy as npst

from naatlas import framework
from naatlas.cluster import here
from naatlas.errors import AccountError
from naatlas.framework import Grid
from naatlas.raster import counts, figures, zonal
from naatlas.raster.blocks import beside, cut
from naatlas.raster.change import change
from naatlas.raster.counts import crosstab, histogram
from naatlas.raster.files import Array
from naatlas.raster.source import Placed
from naatlas.raster.sums import Sums
from naatlas.raster.zones import Zones

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from numpy.typing import NDArray

GRID = Grid(name="t", cols=61, rows=47, cell_m=250, left=0, top=0, figure="sphere")
SHAPES = np.array([shapely.box(100, -9000, 9000, -400), shapely.box(5000, -11000, 14000, -3000)])
ANY = st.floats(allow_nan=False, allow_infinity=False, width=64, max_value=1e300, min_value=-1e300)


@given(numbers=npst.arrays(np.float64, st.integers(0, 60), elements=ANY), data=st.data())
def test_sums_are_exact_but_for_one_rounding(numbers: NDArray[np.float64], data: st.DataObject):
    place = data.draw(npst.arrays(np.int64, len(numbers), elements=st.integers(0, 2)))
    sums = Sums(3)
    sums.add(place, numbers)
    for at, told in enumerate(sums.floats().tolist()):
        wanted = math.fsum(numbers[place == at])
        assert abs(told - wanted) <= math.ulp(wanted)


@given(numbers=npst.arrays(np.float64, st.integers(0, 60), elements=ANY), data=st.data())
def test_sums_have_the_same_bits_in_any_order_and_pieces(numbers: NDArray[np.float64], data: st.DataObject):
    place = np.arange(len(numbers)) % 2
    whole = Sums(2)
    whole.add(place, numbers)
    order = np.array(data.draw(st.permutations(range(len(numbers)))), dtype=np.int64)
    middle = data.draw(st.integers(0, len(numbers)))
    parts = Sums(2)
    for own in (order[middle:], order[:middle]):
        part = Sums(2)
        part.add(place[own], numbers[own])
        parts.take(pickle.loads(pickle.dumps(part.packed())))  # noqa: S301 - our own
    assert parts.floats().tobytes() == whole.floats().tobytes()


@given(numbers=npst.arrays(np.float64, st.integers(0, 60), elements=ANY))
def test_compiled_and_in_numpy_the_bits_are_the_same(numbers: NDArray[np.float64]):
    pytest.importorskip("numba", reason="the extra fast (numba) is not installed")
    told = []
    for compiled in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("naatlas.raster.sums.COMPILED", compiled)
            sums = Sums(2)
            sums.add(np.arange(len(numbers)) % 2, numbers)
            told.append(sums.floats().tobytes())
    assert told[0] == told[1]


def test_what_has_no_end_has_no_sum():
    with pytest.raises(AccountError, match="a quantity without end cannot be added up"):
        Sums(1).add(np.zeros(2, dtype=np.int64), np.array([1.0, -np.inf]))


def test_counting_and_adding_ones_is_the_same():
    one, other = Sums(3), Sums(3)
    place = np.array([0, 2, 2], dtype=np.int64)
    one.count(place)
    other.add(place, np.ones(3))
    assert one.floats().tolist() == other.floats().tolist() == [1, 0, 2]


def raster(cells: NDArray[Any], nodata: float) -> Array:
    placed = Placed(crs=framework.WKT2, transform=Affine(*GRID.transform), shape=cells.shape)
    return Array(placed, cells, nodata)


def shuffled(seed: int) -> Callable[..., Iterator[Any]]:
    """Return a runner whose results come in disorder, after a journey."""

    def run(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
        common, *own = pickle.loads(pickle.dumps([common, *pieces]))  # noqa: S301 - our own
        told = list(here(work, own, common, threads=2))
        random.Random(seed).shuffle(told)  # noqa: S311 - no secret
        yield from told

    return run


#: Ways to cut: rows of a strip, columns of a block.
CUTS = st.tuples(st.integers(1, 60), st.integers(1, 70))


@contextmanager
def cutting(rows: int, cols: int) -> Iterator[None]:
    """Cut strips and blocks of other sizes."""
    strips = cut(GRID.rows, GRID.cols, rows=rows, cols=GRID.cols)
    with pytest.MonkeyPatch.context() as patch:
        for room in (counts, figures):
            patch.setattr(room, "strips", lambda _: strips)
            patch.setattr(room, "beside", lambda strip, **_: beside(strip, cols=cols))
        yield


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=CUTS)
def test_any_cut_counts_the_same_cells(seed: int, cuts: tuple[int, int]):
    rng = np.random.default_rng(seed)
    first, second = (raster(rng.integers(0, 5, (47, 61), dtype=np.uint8), 0) for _ in range(2))
    zones = Zones(SHAPES, GRID, overlaps=True)
    kinds = {number: f"class {number}" for number in range(1, 5)}
    asked = (
        lambda **on: histogram(first, GRID, zones, **on),
        lambda **on: crosstab(first, second, GRID, zones, codes=[3, 1], **on),
        lambda **on: change(first, second, GRID, classes=kinds, zones=zones, **on).pairs.to_csv(),
    )
    wanted = [pickle.dumps(ask()) for ask in asked]
    with cutting(*cuts):
        assert [pickle.dumps(ask(run=shuffled(seed))) for ask in asked] == wanted


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    cuts=CUTS,
    dtype=st.sampled_from(["int16", "float32", "float64"]),
    weighed=st.booleans(),
)
def test_any_cut_gives_figures_of_the_same_bits(seed: int, cuts: tuple[int, int], dtype: str, weighed: bool):  # noqa: FBT001 - an example
    rng = np.random.default_rng(seed)
    values = (rng.normal(0, 300, (47, 61)) * 10.0 ** rng.integers(-2, 2, (47, 61))).astype(dtype)
    values[rng.random(values.shape) < 0.2] = -9999
    values[rng.random(values.shape) < 0.2] = -0.0
    weights = raster(np.abs(rng.normal(5, 3, (47, 61))), -1) if weighed else None
    zones = Zones(SHAPES, GRID, overlaps=True)

    def asked(**on: Any) -> str:
        told = zonal.statistics(raster(values, -9999), GRID, zones, weights=weights, **on)
        return told.map(lambda own: own.hex() if isinstance(own, float) else own).to_csv()

    wanted = asked()
    with cutting(*cuts):
        assert asked(run=shuffled(seed)) == wanted
