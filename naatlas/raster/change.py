"""What became of what: two class rasters of one grid, compared cell by cell and counted.

Areas are numbers of cells multiplied by the area of a cell, which is exact because the grids of the atlas are
equal-area. All functions return tidy frames, one row a zone and class or pair of classes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.cluster import here
from naatlas.errors import InputError, UnknownTermsError
from naatlas.raster.counts import crosstab, empty_code, histogram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from naatlas.cluster import Runner
    from naatlas.framework import Grid
    from naatlas.raster.align import Raster
    from naatlas.raster.counts import ZonesOf

#: Name of the zone of all cells that lie in no polygon, and of the one zone where nobody gives polygons.
ELSEWHERE, WHOLE = "elsewhere", "all"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Change:
    """Cells of two years, counted by what they were and became.

    Attributes
    ----------
    pairs
        ``zone``, ``from_value``, ``from_class``, ``to_value``, ``to_class``, ``cells``, ``area_km2``, ``percent`` (of
        the cells of the zone that have data in both years). A pair that has no cells has no row.
    gaps
        Cells without data: ``zone``, ``first_only``, ``second_only`` (data in that year alone), ``neither``.
    """

    pairs: pd.DataFrame
    gaps: pd.DataFrame


def change(
    first: Raster,
    second: Raster,
    grid: Grid,
    *,
    classes: Mapping[int, str],
    zones: ZonesOf | None = None,
    names: Sequence[str] = (),
    run: Runner = here,
) -> Change:
    """Count the cells that went from each class to each other, or stayed.

    Parameters
    ----------
    first, second
        Class rasters of the earlier and the later year, their cells on the grid.
    classes
        Number -> class, of both.
    names
        Of the zones, in their order.
    run
        As :func:`naatlas.raster.counts.histogram`.

    Raises
    ------
    InputError
        A raster is not on the grid, holds fractions, or its nodata is also a class; the years are the wrong way round.
    UnknownTermsError
        Cells hold numbers that are no class; all of them are listed.
    """
    in_order(first, second)
    for raster in (first, second):
        no_class_is_empty(raster, classes)
    empty = [empty_code(raster) for raster in (first, second)]
    codes = [*sorted(classes), *dict.fromkeys(empty)]
    told = crosstab(first, second, grid, zones, codes=codes, run=run)
    places = [codes.index(number) for number in empty]
    for axis, place in enumerate(places, start=1):  # what is neither a class nor the raster's own no data
        if np.delete(told, [*range(len(classes)), place], axis=axis).any():
            refuse_unknown((first, second), grid, classes, run=run)
    labels = zone_names(zones, names)
    return Change(_pairs(told, labels, classes, grid), _gaps(told, labels, places, len(classes)))


def zone_names(zones: ZonesOf | None, names: Sequence[str]) -> list[str]:
    """Return a name for each row of a count by zone: of the zones, and of what lies in none of them."""
    if zones is None:
        return [WHOLE]
    told = list(names) if names else [str(number) for number in range(len(zones))]
    if len(told) != len(zones):
        raise ValueError(f"{len(told)} names for {len(zones)} zones")
    return [*told, ELSEWHERE]


def no_class_is_empty(raster: Raster, classes: Mapping[int, str]) -> None:
    """Prove that the number of no data of a raster is none of its classes.

    Raises
    ------
    InputError
        It is, or is no code of a class at all.
    """
    if not np.isfinite(raster.nodata):
        raise InputError(
            f"{name_of(raster)}: says that {raster.nodata} means no data, which is no code of a class"
        )
    if (told := empty_code(raster)) in classes:
        raise InputError(
            f"{name_of(raster)}: {raster.nodata:g} means no data, and is also class {classes[told]}; declare the "
            "number that stands for no data in the source's layout"
        )


def name_of(raster: Raster) -> str:
    """Return how messages call a raster."""
    return str(getattr(raster, "name", "a raster"))


def in_order(*rasters: Raster) -> None:
    """Prove that rasters that tell their year come in the order of time.

    A file tells it by its tag ``EDITION``, as products of the atlas have it, or by the one year in its name.

    Raises
    ------
    InputError
        Two are of one year, or the later comes first.
    """
    told = [(raster, year) for raster in rasters if (year := year_of(raster))]
    for (one, before), (other, after) in pairwise(told):
        if after <= before:
            raise InputError(
                f"{name_of(one)} is of {before} and {name_of(other)} of {after}: give two years, the earlier first"
            )


def year_of(raster: Raster) -> int | None:
    """Return the year that a raster tells, None where it tells none or several."""
    edition = str(getattr(raster, "edition", ""))
    for text in (edition, str(getattr(raster, "name", ""))):
        years = set(_YEAR.findall(text))
        if len(years) == 1:
            return int(years.pop())
    return None


def refuse_unknown(
    rasters: Sequence[Raster], grid: Grid, classes: Mapping[int, str], *, run: Runner = here
) -> None:
    """Raise UnknownTermsError with all numbers that are neither a class nor no data, and their cells."""
    terms = []
    for raster in rasters:
        counts = histogram(raster, grid, run=run)[0]
        known = {*classes, empty_code(raster)}
        terms += [
            f"{name_of(raster)}: class {code} of {counts[code]:,} cells is none of the legend "
            f"({min(classes)} to {max(classes)}); is it another legend, or another number for no data?"
            for code in np.flatnonzero(counts).tolist()
            if code not in known
        ]
    if terms:
        raise UnknownTermsError(terms)


def _pairs(
    told: NDArray[np.int64], labels: list[str], classes: Mapping[int, str], grid: Grid
) -> pd.DataFrame:
    values = np.array(sorted(classes))
    own = told[:, : len(values), : len(values)]
    zone, before, after = np.nonzero(own)
    cells = own[zone, before, after]
    frame = pd.DataFrame({"zone": np.asarray(labels, dtype=object)[zone]}).astype({"zone": "str"})
    for side, place in (("from", before), ("to", after)):
        frame[f"{side}_value"] = values[place]
        frame[f"{side}_class"] = [classes[value] for value in values[place].tolist()]
    frame["cells"], frame["area_km2"] = cells, cells * km2(grid)
    return frame.assign(percent=100 * cells / own.sum(axis=(1, 2))[zone])


def km2(grid: Grid) -> float:
    """Return the area of a cell of an equal-area grid."""
    return (grid.cell_m / 1000) ** 2


def _gaps(told: NDArray[np.int64], labels: list[str], empty: list[int], count: int) -> pd.DataFrame:
    first, second = empty
    return pd.DataFrame(
        {
            "zone": labels,
            "first_only": told[:, :count, second].sum(axis=1),
            "second_only": told[:, first, :count].sum(axis=1),
            "neither": told[:, first, second],
        }
    )


def gains_and_losses(pairs: pd.DataFrame) -> pd.DataFrame:
    """Tell what each class had, gained and lost, in each zone.

    Parameters
    ----------
    pairs
        Of :class:`Change`.

    Returns
    -------
    DataFrame
        ``zone``, ``value``, ``class``, and in km2 ``before``, ``after``, ``stayed``, ``gained``, ``lost``, ``net``
        (gained less lost) and ``gross`` (gained and lost); ``net_percent`` and ``gross_percent`` are of the area
        before, NaN for a class that was not there.
    """
    sides = []
    for side in ("from", "to"):
        own = pairs.rename(columns={f"{side}_value": "value", f"{side}_class": "class"})
        keys = [own["zone"], own["value"], own["class"]]
        changed = own["area_km2"].where(
            own["from_value" if side == "to" else "to_value"] != own["value"], 0.0
        )
        sides += [own["area_km2"].groupby(keys).sum(), changed.groupby(keys).sum()]
    names = ("before_km2", "lost_km2", "after_km2", "gained_km2")
    told = pd.concat(sides, axis=1, keys=list(names)).fillna(0.0)
    told["stayed_km2"] = told["before_km2"] - told["lost_km2"]
    told["net_km2"] = told["gained_km2"] - told["lost_km2"]
    told["gross_km2"] = told["gained_km2"] + told["lost_km2"]
    before = told["before_km2"].where(told["before_km2"] > 0)
    told["net_percent"], told["gross_percent"] = (100 * told[f"{n}_km2"] / before for n in ("net", "gross"))
    order = ["before", "after", "stayed", "gained", "lost", "net", "gross"]
    columns = [*(f"{n}_km2" for n in order), "net_percent", "gross_percent"]
    return pd.DataFrame(told[columns]).sort_index().reset_index()


def errata(pairs: pd.DataFrame, *, total: str = "North America", zones: Sequence[str] = ()) -> pd.DataFrame:
    """Tell how many cells changed in each country, as the edition of 2013 printed it of its corrections.

    Parameters
    ----------
    pairs
        Of :class:`Change` by country.
    total
        Name of the row of all zones together, which is the first.
    zones
        Those that are told and added up; without them all but what lies in none.

    Returns
    -------
    DataFrame
        ``zone``, ``changed_cells``, ``cells``, ``changed_percent``, ``changed_km2``.
    """
    kept = pairs[pairs["zone"].isin(list(zones))] if zones else pairs[pairs["zone"] != ELSEWHERE]
    moved = kept["from_value"] != kept["to_value"]
    columns = {
        "changed_cells": kept["cells"].where(moved, 0),
        "cells": kept["cells"],
        "changed_km2": kept["area_km2"].where(moved, 0.0),
    }
    told = pd.DataFrame(columns).groupby(kept["zone"], sort=False).sum()
    whole = told.sum().to_frame(total).T.astype(told.dtypes)
    told = pd.concat([whole, told]).rename_axis("zone").reset_index()
    told["changed_percent"] = 100 * told["changed_cells"] / told["cells"].where(told["cells"] > 0)
    return told[["zone", "changed_cells", "cells", "changed_percent", "changed_km2"]]
