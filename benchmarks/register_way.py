"""One way of adding up a register, as a process of its own: what it took stands on its last line as JSON.

python -m benchmarks.register_way naatlas FOLDER country,medium
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from naatlas.cluster import Runner

QUANTITIES = ["kg", "g"]


def naatlas(folder: Path, by: list[str]) -> dict[str, float]:
    from naatlas import register

    told = register.aggregate(folder, by)
    return _facts(len(told), told["facilities"].sum(), told["kg"].sum())


@contextmanager
def two_workers() -> Iterator[Runner]:
    """Start a cluster of two processes on this machine, and connect to it."""
    from dask.distributed import LocalCluster

    from naatlas.cluster import connect

    quiet = {"host": "127.0.0.1", "dashboard_address": None}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as local,
        connect(local.scheduler_address) as run,
    ):
        yield run


def cluster(folder: Path, by: list[str]) -> dict[str, float]:
    from naatlas import register

    with two_workers() as run:
        told = register.aggregate(folder, by, run=run)
    return _facts(len(told), told["facilities"].sum(), told["kg"].sum())


def loadings(folder: Path, by: list[str]) -> dict[str, float]:
    """Locate the facilities in states and provinces, and add up by these too."""
    from naatlas.cluster import here

    return _loadings(folder, by, here)


def loadings_cluster(folder: Path, by: list[str]) -> dict[str, float]:
    with two_workers() as run:
        return _loadings(folder, by, run)


def _loadings(folder: Path, by: list[str], run: Runner) -> dict[str, float]:
    from naatlas import framework, register
    from naatlas.framework.base import layer_naaf

    states = layer_naaf("states", "1M")
    points = register.read_points(register.points_of(folder))
    x, y = framework.project(points["longitude"], points["latitude"])
    placed = points[["atlas_id"]].assign(x=x, y=y)
    located = register.locate(placed, states.geometry.to_numpy(), states["state"].astype("str").tolist())
    told = register.loadings(folder, located, by, run=run)
    both = (told.zones, told.outside)
    return _facts(
        sum(map(len, both)),
        sum(float(one["facilities"].sum()) for one in both),
        float(sum(sum(one["kg"].dropna()) for one in both)),
    )


def pandas(folder: Path, by: list[str]) -> dict[str, float]:
    """Do as the plain script does: read the columns that are needed of all files, and group."""
    import pandas as pd

    inside = [name for name in by if name not in {"country", "year"}]
    parts = []
    for path in sorted(folder.glob("country=*/year=*/*.parquet")):
        part = pd.read_parquet(path, columns=[*inside, "atlas_id", *QUANTITIES], partitioning=None)
        keys = {"country": path.parent.parent.name[8:], "year": int(path.parent.name[5:])}
        parts.append(part.assign(**{name: keys[name] for name in by if name in keys}))
    whole = pd.concat(parts, ignore_index=True)
    told = whole.groupby(by, dropna=False).agg(
        facilities=("atlas_id", "nunique"), lines=("atlas_id", "size"), kg=("kg", "sum"), g=("g", "sum")
    )
    return _facts(len(told), told["facilities"].sum(), told["kg"].sum())


def polars(folder: Path, by: list[str]) -> dict[str, float]:
    import polars as pl

    lines = pl.scan_parquet(str(folder / "country=*/year=*/*.parquet"), hive_partitioning=True)
    sums = [pl.col(name).sum() for name in QUANTITIES]
    asked = lines.group_by(by).agg(pl.col("atlas_id").n_unique().alias("facilities"), pl.len(), *sums)
    told = asked.collect(engine="streaming")
    return _facts(told.height, told["facilities"].sum(), told["kg"].sum())


def duckdb(folder: Path, by: list[str]) -> dict[str, float]:
    import duckdb

    keys = ", ".join(f'"{name}"' for name in by)
    files = f"read_parquet('{folder}/country=*/year=*/*.parquet', hive_partitioning=true)"
    sums = f"select {keys}, count(distinct atlas_id) f, count(*), sum(kg) kg, sum(g) from {files} group by {keys}"  # noqa: S608
    counted, facilities, kg = duckdb.sql(f"select count(*), sum(f), sum(kg) from ({sums})").fetchone()  # noqa: S608
    return _facts(counted, facilities, kg)


def arrow(folder: Path, by: list[str]) -> dict[str, float]:
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    files = [str(path) for path in sorted(folder.glob("country=*/year=*/*.parquet"))]
    lines = ds.dataset(files, format="parquet", partitioning="hive", partition_base_dir=str(folder))
    table = lines.to_table(columns=[*by, "atlas_id", *QUANTITIES])
    told = table.group_by(by).aggregate([("atlas_id", "count_distinct"), ("kg", "sum"), ("g", "sum")])
    return _facts(len(told), pc.sum(told["atlas_id_count_distinct"]).as_py(), pc.sum(told["kg_sum"]).as_py())


WAYS: dict[str, Callable[[Path, list[str]], dict[str, float]]] = {
    "naatlas": naatlas, "cluster": cluster, "pandas": pandas, "polars": polars, "duckdb": duckdb, "arrow": arrow,
    "loadings": loadings, "loadings-cluster": loadings_cluster,
}  # fmt: skip


def _facts(groups: int, facilities: float, kg: float) -> dict[str, float]:
    return {"groups": int(groups), "facilities": int(facilities), "kg": float(kg)}


def peak_mb() -> float:
    """Largest memory of this process so far, in MB (10^6 bytes)."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset / 1e6)
    import resource

    return (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    )


def main() -> None:
    way, folder, by = sys.argv[1:4]
    begun = time.perf_counter()
    told = WAYS[way](Path(folder), by.split(","))
    cpu = psutil.Process().cpu_times()
    used = cpu.user + cpu.system + cpu.children_user + cpu.children_system
    print(json.dumps(told | {"clock": time.perf_counter() - begun, "cpu": used, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
