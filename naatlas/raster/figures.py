"""The figures of a quantity by zone, strip by strip: twice through the cells, and the same bits in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.errors import InputError
from naatlas.raster.align import known
from naatlas.raster.blocks import beside, without_idle_warnings
from naatlas.raster.counts import strips
from naatlas.raster.sums import Sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from naatlas.cluster import Runner
    from naatlas.framework import Grid
    from naatlas.raster.align import Raster
    from naatlas.raster.blocks import Block
    from naatlas.raster.sums import Packed
    from naatlas.raster.zones import Numbers, Zones

    Floats = NDArray[np.float64]

#: Bins of the histogram that quantiles are read from: they are right to the 4,096th part of the range of a zone.
BINS = 4096
#: How often the cells are gone through: the bins lie between the lowest and the highest value of each zone.
CALLS = 2
#: Columns of a block: it is gone through a dozen times, and stays near the processor.
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Cells:
    """What is asked of each strip: descriptions of files and polygons, not cells.

    Attributes
    ----------
    count
        Of zones, with the one of cells in no polygon. The zone of this number is of cells in no further one.
    """

    raster: Raster
    weights: Raster | None
    zones: Zones | None
    count: int

    def parts(self, strip: Block) -> Iterator[_Part]:
        """Yield the cells of a strip, block by block and once for each layer of zones."""
        for block in beside(strip, cols=_BLOCK):
            place = (block.row, block.col, block.rows, block.cols)
            cells = self.raster.read(*place)
            there = known(cells, self.raster.nodata)
            weight = None
            if self.weights is not None:
                weight = self.weights.read(*place)
                there &= known(weight, self.weights.nodata)
                weight = self._checked(weight[there])
            value = cells[there].astype(np.float64)
            for zone in [None] if self.zones is None else self.zones.each(block):
                own = np.zeros(len(value), dtype=np.uint8) if zone is None else zone[there]
                yield _Part(own, value, weight)

    def _checked(self, weight: NDArray[Any]) -> Floats:
        if weight.size and weight.min() < 0:
            name = getattr(self.weights, "name", "the weights")
            raise InputError(f"{name}: holds {weight.min():g}; a weight is 0 or more")
        return weight.astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Part:
    """Zone, value and weight of the cells of a block that have all of them."""

    zone: Numbers
    value: Floats
    weight: Floats | None

    def weighed(self, numbers: Floats) -> Floats:
        """Return numbers of the cells, each times its weight."""
        return numbers if self.weight is None else numbers * self.weight

    def weigh(self, sums: Sums, place: Numbers | NDArray[np.int64]) -> None:
        """Add up the weights, or count the cells where there are none."""
        if self.weight is None:
            sums.count(place)
        else:
            sums.add(place, self.weight)


@dataclass(frozen=True, slots=True)
class Bins:
    """Where the histogram of each zone lies, by zone and for cells in no further one.

    Attributes
    ----------
    one_a_number
        Whether the bins of a zone are whole numbers, all of those between its lowest and its highest.
    """

    mean: Floats
    low: Floats
    width: Floats
    one_a_number: NDArray[np.bool_]


def figures(cells: Cells, grid: Grid, run: Runner) -> tuple[pd.DataFrame, Floats, Bins]:
    """Return the figures by zone, the weights by zone and bin, and where the bins lie.

    Returns
    -------
    ``cells``, ``weight``, ``sum``, ``min``, ``max``, ``mean``, ``std``, one row a zone, also of those without cells.
    """
    with without_idle_warnings():
        told = _moments(run(_strip_moments, strips(grid), cells), cells.count)
        whole = cells.raster.read(0, 0, 1, 1).dtype.kind in "iu"
        bins = _bins(told, whole=whole)
        spread = run(_strip_spread, strips(grid), (cells, bins))
        squares, counts = _added(spread, [cells.count + 1, (cells.count + 1) * BINS])
    weight = told["weight"].where(told["weight"] > 0)
    told["mean"] = told["sum"] / weight
    told["std"] = np.sqrt(squares[:-1] / weight)
    return told, counts.reshape(-1, BINS)[:-1], bins


def quantile(counts: Floats, bins: Bins, share: float) -> pd.Series:
    """Return the value that the given share of a zone's weight does not exceed; the middle of its bin."""
    running = np.cumsum(counts, axis=1)
    place = np.minimum((running < share * running[:, -1:]).sum(axis=1), BINS - 1)
    middle = np.where(bins.one_a_number, 0.0, 0.5)[:-1]
    return pd.Series(bins.low[:-1] + (place + middle) * bins.width[:-1])


def _strip_moments(strip: Block, cells: Cells) -> tuple[list[Packed], Floats]:
    """Return cells, weight and sum by zone; and the lowest value, and the highest with the other sign."""
    count, weight, value = sums = [Sums(cells.count + 1) for _ in range(3)]
    ends = np.full((2, cells.count + 1), np.inf)
    for part in cells.parts(strip):
        count.count(part.zone)
        part.weigh(weight, part.zone)
        value.add(part.zone, part.weighed(part.value))
        np.minimum.at(ends[0], part.zone, part.value)
        np.minimum.at(ends[1], part.zone, -part.value)
    return [one.packed() for one in sums], ends


def _moments(told: Iterable[tuple[list[Packed], Floats]], count: int) -> pd.DataFrame:
    ends = np.full((2, count + 1), np.inf)

    def packed() -> Iterator[list[Packed]]:
        for own, part_ends in told:
            np.minimum(ends, part_ends, out=ends)
            yield own

    cells, weight, value = _added(packed(), [count + 1] * 3)
    # a zero gets no sign: which of 0 and -0 is the lower one would hang on their order
    columns = {"weight": weight, "sum": value, "min": ends[0] + 0.0, "max": 0.0 - ends[1]}
    return pd.DataFrame({"cells": cells.astype(np.int64)} | columns).iloc[:-1]


def _strip_spread(strip: Block, asked: tuple[Cells, Bins]) -> list[Packed]:
    """Return by zone the weighted squares of the distances from the mean, and by zone and bin the weights."""
    cells, bins = asked
    squares, counts = sums = [Sums(cells.count + 1), Sums((cells.count + 1) * BINS)]
    for part in cells.parts(strip):
        zone, value = part.zone, part.value
        squares.add(zone, part.weighed((value - bins.mean[zone]) ** 2))
        place = np.clip((value - bins.low[zone]) / bins.width[zone], 0, BINS - 1)
        part.weigh(counts, zone * np.int64(BINS) + place.astype(np.int64))
    return [one.packed() for one in sums]


def _added(told: Iterable[list[Packed]], sizes: Iterable[int]) -> list[Floats]:
    """Add up what strips have of several sums."""
    sums = [Sums(size) for size in sizes]
    for packed in told:
        for one, own in zip(sums, packed, strict=True):
            one.take(own)
    return [one.floats() for one in sums]


def _bins(told: pd.DataFrame, *, whole: bool) -> Bins:
    """Lay bins over the values of each zone: one a number where whole numbers are few."""
    own = told.where(told["cells"] > 0, 0.0)
    reach = (own["max"] - own["min"]).to_numpy()
    one_a_number = whole & (reach < BINS)
    width = np.where(one_a_number, 1.0, reach / BINS)
    mean = own["sum"] / own["weight"].where(own["weight"] > 0, 1.0)
    columns = (mean.to_numpy(), own["min"].to_numpy(), np.where(width > 0, width, 1.0), one_a_number)
    return Bins(*(np.append(column, column[:1]) for column in columns))
