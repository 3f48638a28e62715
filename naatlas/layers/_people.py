"""Counted things from a table of cells: one row a cell, by its centre in degrees.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from affine import Affine

from naatlas import framework
from naatlas.layers._cells import ALL, NO_DATA, OUTSIDE
from naatlas.ledger import State
from naatlas.raster.files import Array
from naatlas.raster.source import Placed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.model import Table, Work
    from naatlas.raster.align import Raster

#: Cells on a degree, and a whole globe of them.
PER_DEGREE = 2
SHAPE = (180 * PER_DEGREE, 360 * PER_DEGREE)
PLACED = Placed(
    crs="EPSG:4326",
    transform=Affine(1 / PER_DEGREE, 0.0, -180.0, 0.0, -1 / PER_DEGREE, 90.0),
    shape=SHAPE,
)
#: Part of a cell by which a centre may be off, since the numbers are written in decimals.
OFF = 0.01


def people(tables: Mapping[str, Table], work: Work) -> Raster:
    """Make the raster of the people in each cell of one year, and settle the rows.

    Parameters
    ----------
    tables
        One table with ``lon`` and ``lat`` of the centres of cells of half a degree and a column named like the edition.

    Returns
    -------
    Raster
        Cells of half a degree around the globe, people, NaN where the table has no row.
    """
    (table,) = tables.values()
    cells = counted(table, work, year=work.edition.name, into="people_per_km2")
    return Array(PLACED, cells, math.nan)


def counted(
    table: Table, work: Work, *, year: str, into: str, state: State = State.PUBLISHED
) -> NDArray[np.float64]:
    """Return the people in each cell of half a degree around the globe, NaN without a row, and settle the rows.

    Parameters
    ----------
    into, state
        What becomes of the rows that are used.
    """
    name, frame = table.source.id, table.frame
    lon, lat = (pd.to_numeric(frame[axis], errors="coerce") for axis in ("lon", "lat"))
    count = pd.to_numeric(frame[year], errors="coerce")
    row, col = (90 - lat) * PER_DEGREE - 0.5, (lon + 180) * PER_DEGREE - 0.5
    strange = _strange(row, col, count, frame[year].notna())
    empty = strange.isna() & count.isna()
    used = strange.isna() & count.notna()
    inside = used & pd.Series(_in_frame(lon, lat), index=frame.index)
    work.ledger.measure(name, "people", count.where(used), ALL)
    work.ledger.settle(name, frame.index[strange.notna()], State.REJECTED, strange.dropna())
    work.ledger.settle(name, frame.index[empty], State.OUT_OF_SCOPE, NO_DATA)
    work.ledger.settle(name, frame.index[used & ~inside], State.OUT_OF_SCOPE, OUTSIDE)
    work.ledger.settle(name, frame.index[inside], state, into)
    cells = np.full(SHAPE, np.nan)
    cells[row[used].round().astype(int), col[used].round().astype(int)] = count[used]
    return cells


def _strange(row: pd.Series, col: pd.Series, count: pd.Series, told: pd.Series) -> pd.Series:
    """Say of each row why it is refused; missing for those that are not."""
    why = pd.Series(pd.NA, index=row.index, dtype="string")
    there = row.between(-OFF, SHAPE[0] - 1 + OFF) & col.between(-OFF, SHAPE[1] - 1 + OFF)
    there &= (row - row.round()).abs().le(OFF) & (col - col.round()).abs().le(OFF)
    again = pd.DataFrame({"row": row.round(), "col": col.round()}).duplicated(keep=False)
    why[again] = "a cell that stands twice"
    why[~there] = "no centre of a cell of half a degree"
    why[told & ~count.ge(0)] = "no number of people"
    return why


def _in_frame(lon: pd.Series, lat: pd.Series) -> NDArray[np.bool_]:
    left, bottom, right, top = framework.BOX_M
    x, y = framework.project(lon.to_numpy(np.float64), lat.to_numpy(np.float64))
    return (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
