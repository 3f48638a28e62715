"""What the cells of a raster say of each polygon: areas of classes, or figures of a quantity.

A cell belongs to the polygon that its centre lies in, and areas are numbers of cells on an equal-area grid. ``exact``
weighs each cell by the share of it that the polygon covers, which matters for polygons of a few cells.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.cluster import here
from naatlas.errors import UnknownTermsError, UsageError
from naatlas.raster.address import gdal_name
from naatlas.raster.change import km2, refuse_unknown, zone_names
from naatlas.raster.counts import empty_code, histogram, placed_on
from naatlas.raster.figures import Cells, figures, quantile
from naatlas.raster.files import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from naatlas.cluster import Runner
    from naatlas.framework import Grid
    from naatlas.raster.align import Raster
    from naatlas.raster.files import File
    from naatlas.raster.zones import Zones

    Floats = NDArray[np.float64]

QUANTILES = (0.25, 0.5, 0.75)


def classes_by_zone(
    raster: Raster,
    grid: Grid,
    zones: Zones | None = None,
    *,
    names: Sequence[str] = (),
    classes: Mapping[int, str],
    run: Runner = here,
) -> pd.DataFrame:
    """Tell how much of each zone each class has.

    Parameters
    ----------
    names
        Of the zones, in their order.
    classes
        Number -> class.
    run
        As :func:`naatlas.raster.counts.histogram`.

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
    counts = histogram(raster, grid, zones, run=run)
    values = np.array(sorted(classes))
    strange = np.delete(counts, [*values, empty_code(raster)], axis=1)
    if strange.any():
        refuse_unknown((raster,), grid, classes, run=run)
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
    run: Runner = here,
) -> pd.DataFrame:
    """Tell the figures of a quantity in each zone.

    They have the same bits whatever the windows are in which the cells are read, and in whatever order: sums are
    added up exactly (:mod:`naatlas.raster.sums`), and rounded at the end.

    Parameters
    ----------
    weights
        A quantity of 0 or more on the same grid, such as people: a cell counts as much as it says. A cell without it
        does not count.
    quantiles
        From 0 to 1. Of whole numbers they are exact where a zone has fewer than 4,096 of them between its lowest and
        highest; else they are right to the 4,096th part of that range.
    run
        As :func:`naatlas.raster.counts.histogram`; it is called :data:`CALLS` times.

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
    AccountError
        A value is infinite.
    """
    for own in filter(None, (raster, weights)):
        placed_on(own, grid)
    labels = zone_names(zones, names)
    told, counts, bins = figures(Cells(raster, weights, zones, len(labels)), grid, run)
    told.insert(0, "zone", pd.Series(labels, dtype="str"))
    told["area_km2"] = told["cells"] * km2(grid)
    for share in quantiles:
        told[f"q{100 * share:g}"] = quantile(counts, bins, share).clip(told["min"], told["max"])
    order = ["zone", "cells", "area_km2", "weight", "sum", "mean", "min", "max", "std"]
    order += [f"q{100 * share:g}" for share in quantiles]
    return told.loc[told["weight"] > 0, order].reset_index(drop=True)


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
    with reading(raster.path):
        told = exactextract.exact_extract(
            gdal_name(raster.path),
            frame,
            asked,
            include_cols=["zone"],
            output="pandas",
            strategy="raster-sequential",
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
