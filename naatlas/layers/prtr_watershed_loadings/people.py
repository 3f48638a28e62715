"""People in each watershed, from cells of half a degree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas import framework
from naatlas.framework.base import layer_naaf
from naatlas.layers._people import PLACED, counted
from naatlas.layers.prtr_watershed_loadings.reach import climbed
from naatlas.ledger import State
from naatlas.raster.deposit import deposit
from naatlas.raster.pinned import Pinned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.model import LayerData, Table, Work

#: Cells of the ground in metres, and parts along the side of a cell of the source, of about 3 km: fine enough for
#: watersheds of ``LEAST_KM2``.
_GROUND_M, _PARTS = 2_000.0, 16
#: The smallest watershed whose people are told: about four cells of the source.
LEAST_KM2 = 10_000.0

COUNTED, TOO_SMALL, NO_GRID = "counted", "too_small", "no_grid"


def people(watersheds: LayerData, tables: Mapping[str, Table], work: Work) -> pd.DataFrame:
    """Count the people of each watershed.

    The people of a cell are spread over the land in it by area: over the watersheds, and over the countries around.

    Returns
    -------
    DataFrame
        Aligned with the watersheds: ``population`` (missing where they are too small for the cells, or without a
        grid) and ``population_status``.
    """
    frame = watersheds.frame
    if not tables:
        return pd.DataFrame({"population": np.nan, "population_status": NO_GRID}, index=frame.index)
    (table,) = tables.values()
    cells = counted(table, work, year=table.source.vintage, into="population", state=State.ENRICHES)
    told = frame["atlas_id"].map(_by_watershed(cells, watersheds))
    large = frame["area_km2"].ge(LEAST_KM2)
    status = np.where(large, COUNTED, TOO_SMALL)
    return pd.DataFrame(
        {"population": told.where(large).round(), "population_status": status}, index=frame.index
    )


def _by_watershed(cells: NDArray[np.float64], watersheds: LayerData) -> pd.Series:
    """Return the people of all watersheds by id."""
    frame = watersheds.frame
    last = frame["level"].eq(frame["level"].max()).to_numpy()
    around = layer_naaf("countries", "1M")
    around = around[around["role"].eq("context")].geometry.to_numpy()
    grid = framework.GRID_250M.coarser(_GROUND_M)
    # Of polygons on each other the later one has the cell: the watersheds reach over the borders.
    ground = Pinned(np.concatenate([around, watersheds.shapes.metres[last]]), grid)
    coarse = framework.GRID_250M.coarser(_GROUND_M * 25)
    told = deposit(cells, PLACED, coarse, parts=_PARTS, ground=ground)
    own = told.by_zone[len(around) : len(around) + int(last.sum())]
    result: pd.Series = climbed(pd.Series(own, index=frame.loc[last, "atlas_id"].to_numpy()), frame)
    return result
