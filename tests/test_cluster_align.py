"""Parts that two processes of a cluster write become the file that is made here, also when one of them dies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from naatlas import framework, regrid
from naatlas.cluster import connect, here
from naatlas.errors import ClusterError
from naatlas.framework import Grid
from naatlas.raster.files import File
from naatlas.raster.from_to import write_from_to
from tests.test_align_command import FINE, align, classes, globe
from tests.test_cluster import LOOPBACK
from tests.test_cluster_raster import dying

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

distributed = pytest.importorskip("distributed", reason="the extra cluster (dask) is not installed")

# the cluster is this machine; Dask itself warns of much
pytestmark = [pytest.mark.enable_socket, pytest.mark.filterwarnings("default")]

#: Metres of a cell; the grid then has four windows.
CELL = 10_000


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **LOOPBACK) as local:
        yield local


def source(path: Path, kind: str) -> Path:
    if kind == "class":
        return globe(path, classes(), **FINE)
    cells = np.random.default_rng(1).gamma(2, 300, (360, 720)).astype(np.float32)
    return globe(path, cells, **FINE, nodata=-1)


@pytest.mark.parametrize("kind", ["class", "quantity", "count"])
def test_the_same_bytes_as_here(kind: str, cluster: Any, tmp_path: Path) -> None:
    raster = source(tmp_path / "a.tif", kind)
    told = [
        align(raster, tmp_path / name / "b.tif", "--kind", kind, *more, cell=CELL)
        for name, more in (("here", ()), ("there", ("--cluster", cluster.scheduler_address)))
    ]
    assert [one | {"path": ""} for one in told[:1]] == [other | {"path": ""} for other in told[1:]]
    one, other = ((tmp_path / name / "b.tif").read_bytes() for name in ("here", "there"))
    assert one == other
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["b.tif"]


def test_a_worker_killed_in_the_middle_of_the_parts(cluster: Any, tmp_path: Path) -> None:
    raster, asked = source(tmp_path / "a.tif", "class"), {"grid": "250m", "cell_m": CELL, "kind": "class"}
    regrid.regrid(raster, tmp_path / "here.tif", **asked)
    cluster.sync(cluster._wait_for_workers, 2)
    with dying(cluster, cluster.scheduler_address) as run:
        regrid.regrid(raster, tmp_path / "there.tif", **asked, run=run)
    assert (tmp_path / "here.tif").read_bytes() == (tmp_path / "there.tif").read_bytes()


def test_from_to_with_a_worker_killed_in_the_middle(cluster: Any, tmp_path: Path) -> None:
    grid = Grid(name="t", cols=2500, rows=2300, cell_m=250, left=-300_000, top=300_000, figure="sphere")
    names = {number: f"class {number}" for number in range(1, 5)}
    for seed in (1, 2):
        cells = np.random.default_rng(seed).integers(0, 5, (grid.rows, grid.cols), dtype=np.uint8)
        with rasterio.open(
            tmp_path / f"{seed}.tif", "w", driver="GTiff", width=grid.cols, height=grid.rows, count=1, dtype="uint8",
            nodata=0, crs=framework.WKT2, transform=Affine(*grid.transform), tiled=True,
        ) as file:  # fmt: skip
            file.write(cells, 1)
    with File(tmp_path / "1.tif") as first, File(tmp_path / "2.tif") as second:
        write_from_to(first, second, grid, tmp_path / "here.tif", classes=names)
        cluster.sync(cluster._wait_for_workers, 2)
        with dying(cluster, cluster.scheduler_address) as run:
            write_from_to(first, second, grid, tmp_path / "there.tif", classes=names, run=run)
    assert (tmp_path / "here.tif").read_bytes() == (tmp_path / "there.tif").read_bytes()


def test_what_workers_do_not_see_is_told(cluster: Any, tmp_path: Path) -> None:
    raster, asked = source(tmp_path / "a.tif", "class"), {"grid": "250m", "cell_m": 25_000, "kind": "class"}
    with connect(cluster.scheduler_address) as run:

        def unseen(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
            raster.rename(tmp_path / "moved.tif")
            yield from run(work, pieces, common)

        with pytest.raises(ClusterError, match=r"a worker does not see .*a\.tif") as told:
            regrid.regrid(raster, tmp_path / "b.tif", **asked, run=unseen)
    assert "\n" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["moved.tif"]


def test_resumed_on_a_cluster_what_was_begun_here(cluster: Any, tmp_path: Path) -> None:
    raster, asked = source(tmp_path / "a.tif", "class"), {"grid": "250m", "cell_m": CELL, "kind": "class"}
    regrid.regrid(raster, tmp_path / "whole.tif", **asked)

    def stopped(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
        yield from here(work, list(pieces)[:3], common)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        regrid.regrid(raster, tmp_path / "b.tif", **asked, run=stopped, resume=tmp_path / "kept")
    with connect(cluster.scheduler_address) as run:
        left: list[int] = []

        def counted(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
            left.append(len(pieces))
            yield from run(work, pieces, common)

        regrid.regrid(raster, tmp_path / "b.tif", **asked, run=counted, resume=tmp_path / "kept")
    assert left == [1]
    assert (tmp_path / "b.tif").read_bytes() == (tmp_path / "whole.tif").read_bytes()
    assert not (tmp_path / "kept").exists()
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]  # noqa: PTH208 - hidden ones too
