"""From the rasters of the sources to the raster of a layer: on its grid, counted by zone, every cell accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas import framework
from naatlas.harmonize import crosswalk
from naatlas.layers import _cell_tables as cell_tables
from naatlas.layers import _counted as counted
from naatlas.ledger import State
from naatlas.model import Cells, Combined
from naatlas.raster import cog
from naatlas.raster.align import align, known, method_of
from naatlas.raster.blocks import Block, blocks
from naatlas.raster.classify import recoded
from naatlas.raster.shelter import Shelter
from naatlas.raster.zones import Zones
from naatlas.sources.raster import NO_DATA as NO_IN_SOURCE
from naatlas.sources.raster import OUTSIDE as AWAY
from naatlas.sources.raster import STRANGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.layers._cell_tables import Tally
    from naatlas.model import Table, Work
    from naatlas.raster.align import Kind, Method, Raster
    from naatlas.raster.source import Placed
    from naatlas.spec import LayerSpec, RasterRules

    #: Makes the one raster of a layer from its tables.
    Maker = Callable[[Mapping[str, Table], Work], Raster]

#: How each row of an account that is not published is told, by what its cells hold.
NO_DATA, OUTSIDE = "no data in the source", "outside the map frame of the atlas"
#: In place of a country: cells of a source are counted as a whole.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Derived:
    """A raster computed from others of the same position, such as the sum of twelve months.

    Attributes
    ----------
    parts
        Rasters of one position and size.
    compute
        Their windows, as float64 with NaN where there is no data, to one window of the same.
    """

    parts: Sequence[Raster]
    compute: Callable[[list[NDArray[np.float64]]], NDArray[np.float64]]

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""
        return self.parts[0].placed

    @property
    def nodata(self) -> float:
        """NaN, as in all that is computed."""
        return float("nan")

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells; it may reach over the edges, with nodata there."""
        windows = []
        for part in self.parts:
            cells = part.read(row, col, rows, cols)
            windows.append(np.where(known(cells, part.nodata), cells, np.nan).astype(np.float64))
        return self.compute(windows)


def combined(
    spec: LayerSpec, tables: Mapping[str, Table], work: Work, *, make: Maker | None = None
) -> Combined:
    """Bring the raster of a layer to its grid and make its table.

    Parameters
    ----------
    make
        Makes the one raster of the layer from the tables, such as :class:`Derived` or an ``Array`` from the rows of a
        text table, and settles the rows of tables that are no rasters. None for a layer of one band of one file.

    Returns
    -------
    Combined
        The table of the raster as frame, its provenance, and the cells in a file that lives as long as they are used.
    """
    rules = spec.rules(work.edition.name)
    grid = framework.GRIDS[rules.grid].coarser(rules.cell_m)
    raster = make(tables, work) if make else _only(tables).rasters[0]
    if rules.kind == "class":
        raster = recode(raster, tables.values(), work, rules=rules, legend=rules.codes)
    if work.unknown:
        return nothing(spec)
    if rules.kind == "count":
        cells, frame = _counted(spec, raster, grid, rules)
    else:
        cells, tally = _laid(raster, grid, rules)
        frame = cell_tables.table(spec, rules, tally, grid)
    settle(rules, tables, work)
    return Combined(
        frame, cell_tables.provenance(spec, rules, frame, tables, method=cells.method), cells=cells
    )


def _only(tables: Mapping[str, Table]) -> Table:
    (table,) = tables.values()
    return table


def nothing(spec: LayerSpec) -> Combined:
    """Return an empty layer: what is not known cannot be drawn, and the pipeline says so with all terms at once."""
    empty = pd.DataFrame({f.name: pd.Series(dtype="object") for f in spec.fields})
    return Combined(empty, pd.DataFrame())


def recode(
    raster: Raster, tables: Iterable[Table], work: Work, *, rules: RasterRules, legend: Mapping[str, int]
) -> Raster:
    """Give a raster of classes the numbers of a legend; terms that no table knows are noted in the work.

    Parameters
    ----------
    tables
        The accounts of the sources it is made of.
    legend
        Class -> number.
    """
    numbers: dict[int, int] = {}
    for table in tables:
        walk = crosswalk.load(rules.crosswalk, table.source.id)
        told = table.frame[table.frame["value"].str.fullmatch(r"-?\d+")]
        cells = told["cells"].astype("int64").groupby(told["value"]).sum()
        work.unknown += [
            f"{table.input.name}: class {code} of {count:,} cells is in no line of {walk.file} "
            f"(vocabulary {walk.vocabulary})"
            for code, count in cells.items()
            if code not in walk.codes
        ]
        numbers |= {int(term): legend[code] for term, code in walk.codes.items() if code}
    return recoded(raster, numbers, nodata=int(rules.nodata))


def _laid(raster: Raster, grid: Grid, rules: RasterRules) -> tuple[Cells, Tally]:
    """Write the raster on its grid, block by block, and count it by zone on the way."""
    shelter = Shelter()
    path = shelter.folder / "cells.tif"
    zones = Zones(cell_tables.polygons(grid), grid)
    tally = cell_tables.Tally(len(zones), classes=rules.kind == "class")
    method, pieces = _pieces(raster, grid, rules)
    with cog.drafting(path, grid, dtype=rules.dtype, nodata=rules.nodata) as canvas:
        for block, cells in pieces:
            there = known(cells, rules.nodata)
            if there.any():
                tally.add(zones.of(block), cells, there)
                canvas.put(block, cells)
    figures = {} if rules.kind == "class" else tally.whole()
    count = int(tally.counts.sum())
    cells_told = Cells(
        path=path, grid=grid, nodata=rules.nodata, count=count, method=method, shelter=shelter, **figures
    )
    return cells_told, tally


def _pieces(
    raster: Raster, grid: Grid, rules: RasterRules
) -> tuple[str, Iterator[tuple[Block, NDArray[Any]]]]:
    """Return the method, and the blocks of the grid in the type of the layer with its nodata."""
    kind: Kind = "class" if rules.kind == "class" else "quantity"
    method: Method = rules.method or method_of(kind, raster, grid)
    pieces = align(raster, grid, method=method)
    if rules.kind == "class":
        return method, pieces
    return method, ((block, _typed(cells, raster.nodata, rules)) for block, cells in pieces)


def _typed(cells: NDArray[Any], nodata: float, rules: RasterRules) -> NDArray[Any]:
    """Return a quantity in the type of the layer, rounded where that has no fractions."""
    there = known(cells, nodata)
    whole = np.dtype(rules.dtype).kind != "f"
    values = np.rint(cells) if whole else cells
    return np.where(there, values, rules.nodata).astype(rules.dtype)


def _counted(spec: LayerSpec, raster: Raster, grid: Grid, rules: RasterRules) -> tuple[Cells, pd.DataFrame]:
    """Write counted things on the grid, as many on a km2, and sum them by zone."""
    handed = counted.hand(raster, grid)
    values = handed.density[np.isfinite(handed.density)]
    shelter = Shelter()
    path = shelter.folder / "cells.tif"
    with cog.drafting(path, grid, dtype=rules.dtype, nodata=rules.nodata) as canvas:
        for block in blocks(grid):
            part = handed.density[block.row : block.row + block.rows, block.col : block.col + block.cols]
            if np.isfinite(part).any():
                canvas.put(block, _typed(part, np.nan, rules))
    cells = Cells(
        path=path,
        grid=grid,
        nodata=rules.nodata,
        count=values.size,
        low=float(values.min()),
        high=float(values.max()),
        mean=float(values.mean()),
        method="sum",
        shelter=shelter,
    )
    return cells, counted.table(spec, rules, handed)


def settle(rules: RasterRules, tables: Mapping[str, Table], work: Work) -> None:
    """Say of every kind of cell where it went, with its cells as the quantity."""
    for table in tables.values():
        if not table.rasters:
            continue
        name, told = table.source.id, table.frame
        work.ledger.measure(name, "cells", told["cells"].astype("int64"), ALL)
        strange = told["value"].isin(STRANGE)
        empty = ~strange & told["value"].isin({NO_IN_SOURCE, *_void(rules, name)})
        outside = ~strange & ~empty & told["place"].eq(AWAY)
        used = ~(strange | empty | outside)
        work.ledger.settle(name, told.index[strange], State.REJECTED, told.loc[strange, "value"])
        work.ledger.settle(name, told.index[empty], State.OUT_OF_SCOPE, NO_DATA)
        work.ledger.settle(name, told.index[outside], State.OUT_OF_SCOPE, OUTSIDE)
        work.ledger.settle(name, told.index[used], State.PUBLISHED, _into(rules, table, used))


def _void(rules: RasterRules, source_id: str) -> list[str]:
    """Return the numbers of a source that are known and say nothing."""
    if rules.kind != "class":
        return []
    return [term for term, code in crosswalk.load(rules.crosswalk, source_id).codes.items() if not code]


def _into(rules: RasterRules, table: Table, used: pd.Series) -> pd.Series:
    """Name what each kind of cell is published as: its class, or the field of the layer."""
    told: pd.Series = table.frame.loc[used, "value"]
    if rules.kind != "class":
        return pd.Series(rules.field, index=told.index)
    codes = crosswalk.load(rules.crosswalk, table.source.id).codes
    return pd.Series([codes[value] for value in told], index=told.index, dtype="string")
