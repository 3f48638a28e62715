"""What the metadata say of a raster: its grid, how a cell got its value, and what became of the cells of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from naatlas import framework
from naatlas.ledger import State
from naatlas.metadata.content import GridEntry, Step
from naatlas.metadata.phrasing import decimal, fill, join, number
from naatlas.model import Cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.metadata.words import Text, Words
    from naatlas.model import LayerData

#: Rows and columns that the extent in degrees is measured on, about.
_SIDE = 1_000
#: Degrees of longitude without data below which they are no gap: the data go round the Earth.
_GAP = 5.0


def entry(data: LayerData) -> GridEntry | None:
    """Describe the grid of a raster layer; None for others."""
    if not isinstance(data.geometry, Cells):
        return None
    cells, rules = data.cells, data.rules
    return GridEntry(
        rows=cells.grid.rows,
        cols=cells.grid.cols,
        cell_m=cells.grid.cell_m,
        bounds=cells.grid.bounds,
        transform=cells.grid.transform,
        dtype=rules.dtype,
        nodata=rules.nodata,
        kind=rules.kind,
        field=rules.field,
        source_m=rules.resolution_m,
        low=cells.low,
        high=cells.high,
        mean=cells.mean,
        count=cells.count,
    )


def corners(data: LayerData) -> NDArray[np.float64]:
    """Return where there are data: west, south, east, north (degrees) of cells spread over the grid, one a row.

    Of a large grid every so many rows and columns are looked at, so that it takes a moment; those cells are exact.
    A cell that holds the pole reaches around the globe.
    """
    import rasterio
    from rasterio.windows import Window

    from naatlas.raster.align import known

    grid = data.cells.grid
    step = max(1, max(grid.rows, grid.cols) // _SIDE)
    places = []
    with rasterio.open(data.cells.path) as file:
        for row in range(0, grid.rows, step):
            cells = file.read(1, window=Window(0, row, grid.cols, 1))[0, ::step]
            col = np.flatnonzero(known(cells, data.cells.nodata)) * step
            places.append(np.column_stack([col, np.full(len(col), row)]))
        pole = _pole(grid)
        around = pole is not None and known(file.read(1, window=Window(*pole, 1, 1)), data.cells.nodata).all()
    col, row = (np.concatenate(places) + 0.5).T * grid.cell_m
    lon, lat = framework.unproject(grid.left + col, grid.top - row)
    told = np.column_stack([lon, lat, lon, lat])
    return np.vstack([told, [-180.0, 90.0, 180.0, 90.0]]) if around else told


def _pole(grid: Grid) -> tuple[int, int] | None:
    """Return column and row of the cell that the north pole lies in, None where it is outside."""
    x, y = framework.project(np.zeros(1), np.full(1, 90.0))
    col, row = int((x[0] - grid.left) // grid.cell_m), int((grid.top - y[0]) // grid.cell_m)
    return (col, row) if 0 <= col < grid.cols and 0 <= row < grid.rows else None


def cell_text(metres: float) -> Text:
    """Write the size of a cell: 5,750 m."""
    return {lang: f"{told}\u00a0m" for lang, told in number(metres).items()}


def accuracy(data: LayerData, words: Words) -> Text:
    """Tell how true the position of a cell is, and what its value stands for."""
    rules, told = data.rules, words.texts
    figures = {"cell": cell_text(rules.cell_m), "source": cell_text(rules.resolution_m)}
    return join((fill(told["accuracy_raster"], **figures), told[f"method_{data.cells.method}"]))


def limits(data: LayerData, words: Words) -> tuple[Text, ...]:
    """Tell that a cell shows no more than the source does, what lies outside the grid, and what a picture shows."""
    rules = data.rules
    figures = {"cell": cell_text(rules.cell_m), "source": cell_text(rules.resolution_m)}
    seen = (words.texts["overview_sampled"],) if rules.sampled else ()
    return (fill(words.texts["resolution_note"], **figures), words.texts["frame_limit"], *seen)


def steps(data: LayerData, words: Words) -> tuple[Step, ...]:
    """Tell how the cells were brought to the grid, and what became of those of the source."""
    told, cells = words.texts, data.cells
    placed = fill(
        told["step_align"],
        cell=cell_text(cells.grid.cell_m),
        cols=number(cells.grid.cols),
        rows=number(cells.grid.rows),
    )
    figures = {"cell_m": cells.grid.cell_m, "cols": cells.grid.cols, "rows": cells.grid.rows}
    return (
        Step(join((placed, told[f"method_{cells.method}"])), name="align", figures=figures),
        _account(data, words),
    )


def _account(data: LayerData, words: Words) -> Step:
    table = data.ledger.quantities()
    table = table[table["quantity"] == "cells"]
    by_state = table.groupby("state")["value"].sum()
    counts = {str(state): int(by_state.get(str(state), 0)) for state in State}
    figures = {"cells_read": sum(counts.values())} | {f"cells_{s}": n for s, n in counts.items() if n}
    told = fill(
        words.texts["step_cells"],
        read=number(figures["cells_read"]),
        used=number(counts[State.PUBLISHED]),
        outside=number(counts[State.OUT_OF_SCOPE]),
        rejected=number(counts[State.REJECTED]),
        cells=number(data.cells.count),
        area=decimal(data.cells.count * (data.cells.grid.cell_m / 1000) ** 2 / 1e6, 2),
    )
    return Step(told, name="count", figures=figures | {"cells_with_data": data.cells.count})
