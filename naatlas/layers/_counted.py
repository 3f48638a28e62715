"""Counted things on the grid of a layer: handed over whole to the land, and summed by state and province.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.framework.base import layer_naaf
from naatlas.layers import _cell_tables as cell_tables
from naatlas.raster.align import known
from naatlas.raster.deposit import PARTS, deposit
from naatlas.raster.pinned import Pinned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.raster.align import Raster
    from naatlas.raster.deposit import Deposited
    from naatlas.spec import LayerSpec, RasterRules

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Handed:
    """Counted things as they came to lie.

    Attributes
    ----------
    density
        How many on a km2 of each cell; NaN where there is nothing to count.
    told
        What was handed over, and how much of it to each zone.
    ground
        Land as cells: first the states and provinces, as ``_cell_tables.states`` has them, then other countries.
    """

    density: Floats
    told: Deposited
    ground: Pinned


@cache
def ground(grid: Grid) -> Pinned:
    """Return the land, as cells that are as many on the side of a cell of the grid as there are parts."""
    around = layer_naaf("countries", "1M")
    around = around[around["role"].eq("context")].geometry.to_numpy()
    fine = replace(grid, cols=grid.cols * PARTS, rows=grid.rows * PARTS, cell_m=grid.cell_m / PARTS)
    return Pinned(np.concatenate([cell_tables.polygons(grid), around]), fine)


def hand(raster: Raster, grid: Grid) -> Handed:
    """Hand the counted things of a raster over to the land of a grid; such a source lies in memory."""
    values = raster.read(0, 0, *raster.placed.shape)
    whole = np.where(known(values, raster.nodata), values, np.nan).astype(np.float64)
    told = deposit(whole, raster.placed, grid, ground=ground(grid))
    return Handed(told.cells / (grid.cell_m / 1000) ** 2, told, ground(grid))


def table(spec: LayerSpec, rules: RasterRules, handed: Handed) -> pd.DataFrame:
    """Return one row a state or province, and one for all that lies in none of them.

    Sums are those of the parts of the source's cells and areas those of the land, both finer than the cells of the
    layer, so that a state smaller than a cell has its row too.
    """
    states = cell_tables.states()
    count = len(states)
    sums = np.append(handed.told.by_zone[:count], handed.told.by_zone[count:].sum() - handed.told.outside)
    frame = pd.DataFrame({"country": [*states["country"], None], "state": [*states["state"], None]})
    frame = frame.assign(**_reach(handed, count, rules.field), **{rules.total: sums})
    frame = frame[frame["cells"].gt(0)].reset_index(drop=True)
    frame[rules.field] = frame[rules.total] / frame["area_km2"]
    return frame.assign(**{spec.key: frame["state"].fillna(cell_tables.ELSEWHERE)})


def _reach(handed: Handed, count: int, field: str) -> dict[str, NDArray[np.generic]]:
    """Return by zone: cells that have land of it, the area of that land, and the lowest and highest value of them."""
    cells, area = np.zeros(count + 1, dtype=np.int64), np.zeros(count + 1)
    low, high = np.full(count + 1, np.inf), np.full(count + 1, -np.inf)
    width = handed.density.shape[1]
    for row, values in enumerate(handed.density):
        zones = handed.ground.cells[row * PARTS : (row + 1) * PARTS].astype(np.int64)
        col = np.broadcast_to(np.arange(width).repeat(PARTS), zones.shape)
        own = np.isfinite(values)[col] & (zones < len(handed.ground))
        pairs, land = np.unique(np.minimum(zones[own], count) * width + col[own], return_counts=True)
        zone, at = np.divmod(pairs, width)
        cells += np.bincount(zone, minlength=count + 1)
        area += np.bincount(zone, weights=land, minlength=count + 1)
        np.minimum.at(low, zone, values[at])
        np.maximum.at(high, zone, values[at])
    km2 = (handed.ground.grid.cell_m / 1000) ** 2
    return {"cells": cells, "area_km2": area * km2, f"lowest_{field}": low, f"highest_{field}": high}
