"""What the cells of a raster say of each polygon: areas of classes, or figures of a quantity.

A cell belongs to the polygon that its centre lies in, and areas are numbers of cells on an equal-area grid. ``exact``
weighs each cell by the share of it that the polygon covers, which matters for polygons of a few cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from naatlas.errors import InputError, UnknownTermsError, UsageError
from naatlas.raster.align import known
from naatlas.raster.blocks import BLOCK, blocks, in_threads, workers
from naatlas.raster.change import km2, refuse_unknown, zone_names
from naatlas.raster.counts import STRIP, empty_code, histogram, placed_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.align import Raster
    from naatlas.raster.blocks import Block
    from naatlas.raster.files import File
    from naatlas.raster.zones import Numbers, Zones

    Floats = NDArray[np.float64]

T = TypeVar("T")

#: Bins of the histogram that quantiles are read from: they are right to the 4,096th part of the range of a zone.
BINS = 4096
QUANTILES = (0.25, 0.5, 0.75)


def classes_by_zone(
    raster: Raster,
    grid: Grid,
    zones: Zones | None = None,
    *,
    names: Sequence[str] = (),
    classes: Mapping[int, str],
    threads: int | None = None,
) -> pd.DataFrame:
    """Tell how much of each zone each class has.

    Parameters
    ----------
    names
        Of the zones, in their order.
    classes
        Number -> class.

    Returns
    -------
    DataFrame
        ``zone``, ``value``, ``class``, ``cells``, ``area_km2``, ``percent`` of the cells with data of the zone; the
        zone :data:`~naatlas.raster.change.ELSEWHERE` is of cells in no polygon.

    Raises
    ------
    InputError
        The raster is not on the grid, or holds fractions.
    UnknownTermsError
        Cells hold numbers that are no class.
    """
    counts = histogram(raster, grid, zones, threads=threads)
    values = np.array(sorted(classes))
    strange = np.delete(counts, [*values, empty_code(raster)], axis=1)
    if strange.any():
        refuse_unknown((raster,), grid, classes)
    own = counts[:, values]
    zone, place = np.nonzero(own)
    cells = own[zone, place]
    labels = np.array(zone_names(zones, names), dtype=object)
    frame = pd.DataFrame({"zone": labels[zone], "value": values[place]}).astype({"zone": "str"})
    frame["class"] = [classes[value] for value in values[place].tolist()]
    return frame.assign(cells=cells, area_km2=cells * km2(grid), percent=100 * cells / own.sum(axis=1)[zone])


def statistics(
    raster: Raster,
    grid: Grid,
    zones: Zones | None = None,
    *,
    names: Sequence[str] = (),
    weights: Raster | None = None,
    quantiles: Sequence[float] = QUANTILES,
    threads: int | None = None,
) -> pd.DataFrame:
    """Tell the figures of a quantity in each zone.

    Parameters
    ----------
    weights
        A quantity of 0 or more on the same grid, such as people: a cell counts as much as it says. A cell without it
        does not count.
    quantiles
        From 0 to 1. Of whole numbers they are exact where a zone has fewer than 4,096 of them between its lowest and
        highest; else they are right to the 4,096th part of that range.

    Returns
    -------
    DataFrame
        ``zone``, ``cells``, ``area_km2`` (with data), ``weight`` (their sum; the cells themselves where none are
        given), ``sum``, ``mean``, ``min``, ``max``, ``std`` (of the whole zone, not of a sample), and ``q25`` for
        each quantile. Zones without data have no row.

    Raises
    ------
    InputError
        A raster is not on the grid, or a weight is below 0.
    """
    for own in filter(None, (raster, weights)):
        placed_on(own, grid)
    labels = zone_names(zones, names)
    cells = _Cells(raster, weights, grid, zones, threads or workers())
    figures = _moments(cells, len(labels))
    whole = raster.read(0, 0, 1, 1).dtype.kind in "iu"
    squares, counts = _spread(cells, figures, whole=whole)
    told = pd.DataFrame({"zone": pd.Series(labels, dtype="str"), **figures})
    told["cells"] = told["cells"].astype("int64")
    told["area_km2"] = told["cells"] * km2(grid)
    told["mean"] = told["sum"] / told["weight"].where(told["weight"] > 0)
    told["std"] = np.sqrt(squares / told["weight"].where(told["weight"] > 0))
    for share in quantiles:
        told[f"q{100 * share:g}"] = _quantile(counts, figures, share, whole=whole)
    order = ["zone", "cells", "area_km2", "weight", "sum", "mean", "min", "max", "std"]
    order += [f"q{100 * share:g}" for share in quantiles]
    return told.loc[told["weight"] > 0, order].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a raster with their zones and weights; they are gone through twice."""

    raster: Raster
    weights: Raster | None
    grid: Grid
    zones: Zones | None
    threads: int

    def reduced(self, work: Callable[[_Part], T]) -> Iterator[T]:
        """Do the work on each block, once for each layer of zones, and hand the results out in order."""
        pieces = blocks(self.grid, rows=STRIP, cols=2 * BLOCK)
        for _, told in in_threads(lambda b: [work(p) for p in self._parts(b)], pieces, threads=self.threads):
            yield from told

    def _parts(self, block: Block) -> Iterator[_Part]:
        place = (block.row, block.col, block.rows, block.cols)
        cells = self.raster.read(*place)
        there = known(cells, self.raster.nodata)
        weight = None
        if self.weights is not None:
            weight = self.weights.read(*place)
            there &= known(weight, self.weights.nodata)
        every = [None] if self.zones is None else self.zones.each(block)
        for zone in every:
            own = np.zeros(int(there.sum()), dtype=np.uint8) if zone is None else zone[there]
            yield _Part(own, _real(cells[there]), None if weight is None else self._checked(weight[there]))

    def _checked(self, weight: NDArray[Any]) -> Floats:
        if weight.size and weight.min() < 0:
            name = getattr(self.weights, "name", "the weights")
            raise InputError(f"{name}: holds {weight.min():g}; a weight is 0 or more")
        return _real(weight)


def _real(values: NDArray[Any]) -> Floats:
    return values.astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Part:
    """Zone, value and weight of the cells of a block that have all of them."""

    zone: Numbers
    value: Floats
    weight: Floats | None

    def summed(self, numbers: Floats | None, count: int) -> Floats:
        """Add up numbers by zone, each times its weight; the weights themselves for None."""
        told = self.weight if numbers is None else numbers
        if numbers is not None and self.weight is not None:
            told = numbers * self.weight
        return np.bincount(self.zone, told, minlength=count + 1).astype(np.float64)[:count]


def _moments(cells: _Cells, count: int) -> dict[str, Floats]:
    """Return cells, weight, sum, lowest and highest value of each zone."""

    def work(part: _Part) -> tuple[Floats, Floats]:
        sums = [_real(np.bincount(part.zone, minlength=count + 1))[:count]]
        sums += [part.summed(None, count), part.summed(part.value, count)]
        ends = np.full((2, count + 1), np.inf)
        np.minimum.at(ends[0], part.zone, part.value)
        np.minimum.at(ends[1], part.zone, -part.value)
        return np.stack(sums), ends[:, :count]

    total, ends = np.zeros((3, count)), np.full((2, count), np.inf)
    for sums, part_ends in cells.reduced(work):
        total += sums
        np.minimum(ends, part_ends, out=ends)
    return {"cells": total[0], "weight": total[1], "sum": total[2], "min": ends[0], "max": -ends[1]}


def _spread(cells: _Cells, figures: dict[str, Floats], *, whole: bool) -> tuple[Floats, Floats]:
    """Return by zone the weighted squares of the distances from the mean, and the weights by bin."""
    count = len(figures["sum"])
    mean = figures["sum"] / np.where(figures["weight"] > 0, figures["weight"], 1)
    mean, low, width = (np.append(numbers, 0.0) for numbers in (mean, *_bins(figures, whole=whole)))

    def work(part: _Part) -> tuple[Floats, Floats]:
        zone, value = part.zone, part.value
        place = np.clip((value - low[zone]) / np.where(width[zone] > 0, width[zone], 1), 0, BINS - 1).astype(
            np.int64
        )
        bins = np.bincount(zone * np.int64(BINS) + place, part.weight, minlength=(count + 1) * BINS)
        return part.summed((value - mean[zone]) ** 2, count), _real(bins)

    squares, counts = np.zeros(count), np.zeros((count + 1) * BINS)
    for part_squares, part_counts in cells.reduced(work):
        squares += part_squares
        counts += part_counts
    return squares, counts.reshape(-1, BINS)[:count]


def _bins(figures: dict[str, Floats], *, whole: bool) -> tuple[Floats, Floats]:
    """Return lowest value and width of the bins of each zone: one bin a number where whole numbers are few."""
    low = np.where(np.isfinite(figures["min"]), figures["min"], 0.0)
    reach = np.where(np.isfinite(figures["max"]), figures["max"], 0.0) - low
    return low, np.where(whole & (reach < BINS), 1.0, reach / BINS)


def _quantile(counts: Floats, figures: dict[str, Floats], share: float, *, whole: bool) -> Floats:
    """Return the value that the given share of a zone's weight does not exceed."""
    low, width = _bins(figures, whole=whole)
    running = np.cumsum(counts, axis=1)
    wanted = share * running[:, -1:]
    place = np.minimum((running < wanted).sum(axis=1), BINS - 1)
    one_a_number = whole & (width == 1)
    told: Floats = low + (place + np.where(one_a_number, 0.0, 0.5)) * width
    return np.clip(told, figures["min"], figures["max"])


def exact(
    raster: File,
    grid: Grid,
    polygons: NDArray[np.object_],
    *,
    names: Sequence[str],
    classes: Mapping[int, str] | None = None,
    quantiles: Sequence[float] = QUANTILES,
) -> pd.DataFrame:
    """Tell the same as :func:`classes_by_zone` or :func:`statistics`, with each cell by its covered share.

    Computed by the library exactextract, which an extra installs: ``pip install "naatlas[exact]"``.

    Parameters
    ----------
    polygons
        Shapely polygons in metres of the grid's CRS, one a name; they may lie on each other.
    classes
        Number -> class; None for a quantity.

    Returns
    -------
    DataFrame
        As those functions, ``cells`` with fractions; no row for what lies in no polygon.

    Raises
    ------
    UsageError
        The library is not installed.
    """
    if find_spec("exactextract") is None:
        raise UsageError(
            'exact shares of cells need exactextract: pip install "naatlas[exact]", or leave --exact out'
        )
    import geopandas as gpd

    exactextract = import_module("exactextract")  # an extra, and without types

    placed_on(raster, grid)
    frame = gpd.GeoDataFrame({"zone": list(names)}, geometry=polygons, crs=raster.placed.crs)
    asked = ["unique", "frac", "count"] if classes else ["count", "sum", "mean", "min", "max", "stdev"]
    asked += [] if classes else [f"quantile(q={share:g})" for share in quantiles]
    told = exactextract.exact_extract(
        str(raster.path), frame, asked, include_cols=["zone"], output="pandas", strategy="raster-sequential"
    )
    return _exact_classes(told, classes, grid) if classes else _exact_figures(told, quantiles, grid)


def _exact_classes(told: pd.DataFrame, classes: Mapping[int, str], grid: Grid) -> pd.DataFrame:
    rows = told.explode(["unique", "frac"], ignore_index=True).dropna(subset=["unique"])
    value = rows["unique"].astype("int64")
    if strange := sorted(set(value) - classes.keys()):
        raise UnknownTermsError(f"class {number} is none of the legend" for number in strange)
    cells = rows["frac"].astype(float) * rows["count"].astype(float)
    frame = pd.DataFrame(
        {"zone": rows["zone"].astype("str"), "value": value, "class": value.map(dict(classes))}
    )
    frame = frame.assign(cells=cells, area_km2=cells * km2(grid), percent=100 * rows["frac"].astype(float))
    order = frame["zone"].map({name: n for n, name in enumerate(dict.fromkeys(told["zone"]))})
    return (
        frame.assign(order=order).sort_values(["order", "value"]).drop(columns="order").reset_index(drop=True)
    )


def _exact_figures(told: pd.DataFrame, quantiles: Sequence[float], grid: Grid) -> pd.DataFrame:
    own = [c for c in told.columns if c.startswith("quantile")]
    names = {"count": "cells", "stdev": "std"} | dict(
        zip(own, (f"q{100 * q:g}" for q in quantiles), strict=True)
    )
    frame = told.rename(columns=names)
    frame.insert(2, "area_km2", frame["cells"] * km2(grid))
    frame.insert(3, "weight", frame["cells"])
    return frame[frame["cells"] > 0].reset_index(drop=True)
