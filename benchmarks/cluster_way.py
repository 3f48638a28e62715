"""Counting the cells of two years, here or on a cluster of two processes, as a process of its own.

What it took stands on its last line as JSON: python -m benchmarks.cluster_way cluster change FOLDER
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.register_way import peak_mb
from naatlas.cluster import connect, here
from naatlas.framework import GRID_250M
from naatlas.layers._cell_tables import polygons
from naatlas.raster import zonal
from naatlas.raster.change import change
from naatlas.raster.files import File
from naatlas.raster.zones import Zones
from naatlas.tabulate import grid_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from naatlas.cluster import Runner

CLASSES = {number: f"class {number}" for number in range(1, 20)}
YEARS = ("NA_LandCover_2005_25haMMU.tif", "NA_LandCover_2010_25haMMU.tif")
RAIN = "rain.tif"


def matrix(folder: Path, run: Runner) -> pd.DataFrame:
    """Return the change matrix of the whole."""
    with File(folder / YEARS[0]) as first, File(folder / YEARS[1]) as second:
        return change(first, second, grid_of(first), classes=CLASSES, run=run).pairs


def matrix_by_state(folder: Path, run: Runner) -> pd.DataFrame:
    """Return the change matrix of each state and province."""
    with File(folder / YEARS[0]) as first, File(folder / YEARS[1]) as second:
        grid = grid_of(first)
        return change(first, second, grid, classes=CLASSES, zones=Zones(_states(), grid), run=run).pairs


def figures_by_state(folder: Path, run: Runner) -> pd.DataFrame:
    """Return the figures of a quantity in each state and province."""
    with File(folder / RAIN) as rain:
        grid = grid_of(rain)
        return zonal.statistics(rain, grid, Zones(_states(), grid), run=run)


def _states() -> NDArray[np.object_]:
    """Return the states and provinces, in metres of the sphere."""
    return polygons(GRID_250M)


WORKS: dict[str, Callable[[Path, Runner], pd.DataFrame]] = {
    "change": matrix, "change-by-state": matrix_by_state, "figures-by-state": figures_by_state,
}  # fmt: skip


def used() -> float:
    """Seconds of the processor that this process and those below it have used so far."""
    times = [own.cpu_times() for own in (psutil.Process(), *psutil.Process().children(recursive=True))]
    return sum(own.user + own.system for own in times)


def main() -> None:
    """Read the command line, and print what it took."""
    where, work, folder = sys.argv[1:4]
    with ExitStack() as stack:
        run: Runner = here
        if where == "cluster":
            from dask.distributed import LocalCluster

            local = LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
            run = stack.enter_context(connect(stack.enter_context(local).scheduler_address))
        start, begun = used(), time.perf_counter()
        told = WORKS[work](Path(folder), run)
        cost = {
            "clock": time.perf_counter() - begun,
            "cpu": used() - start,
            "start_cpu": start,
            "peak_mb": peak_mb(),
        }
        print(json.dumps(cost | {"sha256": hashlib.sha256(told.to_csv().encode()).hexdigest()}))


if __name__ == "__main__":
    main()
