"""change and zonal on a cluster of two processes write the bytes that they write here, also when a worker dies."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from click.testing import CliRunner

from naatlas import framework
from naatlas.cli import main
from naatlas.cluster import connect, here, job
from naatlas.cluster.journal import NAME
from naatlas.framework import Grid
from naatlas.raster import counts, figures
from tests.test_cluster import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from naatlas.cluster import Runner

distributed = pytest.importorskip("distributed", reason="the extra cluster (dask) is not installed")

# the cluster is this machine; Dask itself warns of much
pytestmark = [pytest.mark.enable_socket, pytest.mark.filterwarnings("default")]

#: Twelve strips in the middle of the continent.
GRID = Grid(name="t", cols=200, rows=6000, cell_m=250, left=-25_000, top=750_000, figure="sphere")


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **LOOPBACK) as local:
        yield local


def raster(path: Path, cells: Any, nodata: float, names: dict[str, str] | None = None) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", width=GRID.cols, height=GRID.rows, count=1, dtype=cells.dtype, nodata=nodata,
        crs=framework.WKT2, transform=Affine(*GRID.transform), tiled=True, compress="deflate",
    ) as file:  # fmt: skip
        file.write(cells, 1)
        file.update_tags(1, **(names or {}))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of classes, the later without their names; a quantity; weights; and disks that overlap."""
    folder, rng = tmp_path_factory.mktemp("rasters"), np.random.default_rng(1)
    shape = (GRID.rows, GRID.cols)
    names = {f"CLASS_{number}": f"kind {number}" for number in range(1, 5)}
    raster(folder / "2005.tif", rng.integers(0, 5, shape, dtype=np.uint8), 0, names)
    raster(folder / "2010.tif", rng.integers(0, 5, shape, dtype=np.uint8), 0)
    raster(folder / "rain.tif", rng.gamma(2, 300, shape).astype(np.float32), -1)
    raster(folder / "people.tif", rng.gamma(1, 9, shape), -1)
    disks = [shapely.Point(0, 500_000 - 110_000 * n).buffer(70_000) for n in range(10)]
    frame = gpd.GeoDataFrame({"name": list("abcdefghij")}, geometry=disks, crs=framework.WKT2)
    frame.to_file(folder / "disks.gpkg")
    return folder


#: What is asked, and the file or folder that is written.
CASES = {
    "change": ("change", "2005.tif", "2010.tif", "--polygons", "disks.gpkg", "--by", "name", "--out", "made"),
    "zonal-change": ("zonal", "2005.tif", "disks.gpkg", "--by", "name", "--change", "2010.tif", "--out", "made.csv"),
    "zonal-classes": ("zonal", "2010.tif", "disks.gpkg", "--by", "name", "--out", "made.parquet"),
    "zonal-figures": ("zonal", "rain.tif", "disks.gpkg", "--by", "name", "--out", "made.parquet"),
    "zonal-weights": (
        "zonal", "rain.tif", "disks.gpkg", "--by", "name", "--weights", "people.tif", "--out", "made.parquet",
    ),
}  # fmt: skip


def asked(case: str, folder: Path, out: Path, *more: str) -> tuple[int, str]:
    """Run a command; return its status and what it says."""
    told = [str(folder / word) if word.endswith((".tif", ".gpkg")) else word for word in CASES[case]]
    told[-1] = str(out / told[-1])
    done = CliRunner().invoke(main, [*told, *more])
    return done.exit_code, done.output


def made(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def wanted(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, bytes]]:
    """Return what a command writes here, made once."""
    known: dict[str, dict[str, bytes]] = {}

    def told(case: str) -> dict[str, bytes]:
        if case not in known:
            out = tmp_path_factory.mktemp(case)
            status, said = asked(case, folder, out)
            assert status == 0, said
            known[case] = made(out)
        return known[case]

    return told


@pytest.mark.parametrize("case", CASES)
def test_the_same_bytes_as_here(case, cluster, folder, wanted, tmp_path):
    status, told = asked(case, folder, tmp_path, "--cluster", cluster.scheduler_address)
    assert status == 0, told
    assert made(tmp_path) == wanted(case) != {}


@contextmanager
def dying(cluster: distributed.LocalCluster, address: str) -> Iterator[Runner]:
    """Connect, and kill a worker when the first result is there."""
    with connect(address) as run:
        killed: list[int] = []

        def told(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
            for result in run(work, pieces, common):
                if not killed:
                    killed.append(next(iter(cluster.workers.values())).pid)
                    os.kill(killed[0], getattr(signal, "SIGKILL", signal.SIGTERM))
                yield result

        yield told
        assert killed


@pytest.mark.parametrize("case", ["change", "zonal-change", "zonal-weights"])
def test_a_worker_killed_in_the_middle(case, cluster, folder, wanted, tmp_path, monkeypatch):
    monkeypatch.setattr(job, "connect", lambda address: dying(cluster, address))
    cluster.sync(cluster._wait_for_workers, 2)
    status, told = asked(case, folder, tmp_path, "--cluster", cluster.scheduler_address)
    assert status == 0, told
    assert made(tmp_path) == wanted(case)


@pytest.mark.parametrize(("case", "calls"), [("zonal-change", 2), ("zonal-weights", 2)])
def test_a_second_run_does_what_is_missing(case, calls, folder, wanted, tmp_path, monkeypatch):
    strips = counts.strips(GRID)
    done: list[int] = []

    def counted(limit: int) -> Runner:
        def told(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
            for result in here(work, pieces, common, threads=1):
                if len(done) == limit:
                    raise KeyboardInterrupt
                done.append(1)
                yield result

        return told

    total, first = calls * len(strips), len(strips) + 5
    journal, out = tmp_path / "journal", tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr(job, "here", counted(first))
    status, told = asked(case, folder, out, "--resume", str(journal))
    assert (status, len(done)) == (130, first), told
    assert "stopped" in told
    assert made(out) == {}
    monkeypatch.setattr(job, "here", counted(total))
    status, told = asked(case, folder, out, "--resume", str(journal))
    assert status == 0, told
    assert len(done) == total
    assert made(out) == wanted(case)
    assert not journal.exists()


def test_change_goes_on_after_a_crash(folder, wanted, tmp_path, monkeypatch):
    left = [18]  # in the middle of the matrix, after the classes of the later year

    def told(work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:
        for result in here(work, pieces, common, threads=1):
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            yield result

    monkeypatch.setattr(job, "here", told)
    out = tmp_path / "out"
    out.mkdir()
    assert asked("change", folder, out, "--resume", str(tmp_path / "journal"))[0] == 130
    assert made(out) == {}
    assert (tmp_path / "journal" / NAME).exists()
    status, text = asked("change", folder, out, "--resume", str(tmp_path / "journal"))
    assert status == 0, text
    assert left[0] < -6  # the classes and some of the matrix were not counted again, the rest was
    assert made(out) == wanted("change")
    assert not (tmp_path / "journal").exists()


def test_the_journal_of_another_job_is_refused(folder, tmp_path, monkeypatch):
    def stops(*_: object) -> Iterator[Any]:
        raise KeyboardInterrupt
        yield

    journal = str(tmp_path / "journal")
    monkeypatch.setattr(job, "here", stops)
    assert asked("zonal-change", folder, tmp_path, "--resume", journal)[0] == 130
    monkeypatch.undo()
    status, told = asked("zonal-figures", folder, tmp_path, "--resume", journal)
    assert (status, told.count("\n")) == (2, 1)
    assert "is of another job" in told


def test_no_scheduler(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(job, "connect", partial(connect, patience_s=0.5))
    status, told = asked("zonal-classes", folder, tmp_path, "--cluster", "tcp://127.0.0.1:1")
    assert (status, told.count("\n")) == (1, 1)
    assert told.startswith("naatlas: tcp://127.0.0.1:1: no scheduler answers within")


def test_an_address_that_is_none(folder, tmp_path):
    status, told = asked("zonal-classes", folder, tmp_path, "--cluster", "nonsense")
    assert (status, told.count("\n")) == (1, 1), told
    assert "no scheduler answers" in told


def test_exact_shares_are_counted_here(folder, tmp_path):
    status, told = asked("zonal-classes", folder, tmp_path, "--exact", "--resume", str(tmp_path / "journal"))
    assert (status, told.count("\n")) == (2, 1)
    assert "--exact goes with neither" in told


def test_what_travels_is_small(folder):
    """A strip, and what is common to all: descriptions, no cells."""
    import cloudpickle

    from naatlas.raster.files import File
    from naatlas.raster.zones import Zones

    frame = gpd.read_file(folder / "disks.gpkg")
    with File(folder / "2005.tif") as first, File(folder / "2010.tif") as second:
        zones = Zones(frame.geometry.to_numpy(), GRID, overlaps=True)
        asked = counts._Asked((first, second), zones, (1, 2, 3, 4, 0), 4096)
        assert len(cloudpickle.dumps(asked)) < 3 * len(shapely.to_wkb(frame.geometry.to_numpy()).sum())
        assert len(cloudpickle.dumps(figures.Cells(first, None, None, 1))) < 5000
        strip = counts.strips(GRID)[3]
        assert len(cloudpickle.dumps(strip)) < 200
        places, cells = counts._counted(strip, asked)
        assert len(places) == len(cells) < 12 * 25
