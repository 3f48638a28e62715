"""naatlas sums and loadings write the same bytes on a cluster, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

from naatlas import register
from naatlas.cli import main
from naatlas.cluster import connect, job
from naatlas.errors import ClusterError
from tests.register_kit import lines, places
from tests.test_cluster import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from naatlas.cluster import Runner

distributed = pytest.importorskip("distributed", reason="the extra cluster (dask) is not installed")

# the cluster is this machine; Dask itself warns of much
pytestmark = [pytest.mark.enable_socket, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **LOOPBACK) as local:
        yield local


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a register and polygons; the register as a store and as one file would be pieces alike."""
    frame = lines(800)
    register.write([frame], tmp_path / "store")
    register.write_points(places(frame), tmp_path / "store")
    boxes = [shapely.box(-100, 40, -95, 50), shapely.box(-95, 40, -88, 50)]
    zones = gpd.GeoDataFrame({"name": ["ouest é", "est"]}, geometry=boxes, crs="OGC:CRS84")
    zones.to_file(tmp_path / "zones.gpkg", driver="GPKG")
    return tmp_path


def ask(folder: Path, name: str, *words: str) -> dict[str, bytes]:
    """Run both commands, and return all that they write, and all that they say but the names of the files."""
    store, zones, told = str(folder / "store"), str(folder / "zones.gpkg"), {}
    for command in (["sums", store, "--by", "state,medium"], ["loadings", store, zones, "--by", "name"]):
        out = folder / f"{name}.{'csv' if command[0] == 'sums' else 'parquet'}"
        done = CliRunner().invoke(main, [*command, "--out", str(out), *words])
        assert done.exit_code == 0, done.output
        told |= {command[0]: done.output.replace(name, "").encode(), out.suffix: out.read_bytes()}
    return told | {"outside": (folder / f"{name}_outside.parquet").read_bytes()}


def test_the_same_bytes(cluster: distributed.LocalCluster, folder: Path):
    assert ask(folder, "there", "--cluster", cluster.scheduler_address) == ask(folder, "here")


def test_the_same_bytes_when_a_worker_is_killed_in_the_middle(
    cluster: distributed.LocalCluster, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    killed: list[int] = []

    @contextmanager
    def deadly(address: str) -> Iterator[Runner]:
        with connect(address) as run:

            def until_one_dies(work, pieces, common):
                for number, told in enumerate(run(work, pieces, common)):
                    if number == 2:
                        killed.append(next(w.pid for w in cluster.workers.values() if w.pid not in killed))
                        os.kill(killed[-1], getattr(signal, "SIGKILL", signal.SIGTERM))
                    yield told

            yield until_one_dies

    monkeypatch.setattr(job, "connect", deadly)
    told = ask(folder, "there", "--cluster", cluster.scheduler_address)
    # one goes over the register once, the other three times
    assert len(killed) == len(set(killed)) == 4
    assert told == ask(folder, "here")


def test_a_run_goes_on_elsewhere(cluster: distributed.LocalCluster, folder: Path):
    """What was begun here is finished on the cluster: the journal does not care who worked."""
    last = register.partitions(folder / "store")[-1].path
    sound = last.read_bytes()
    last.write_bytes(b"PAR1 and then nothing")
    words = ["sums", str(folder / "store"), "--by", "medium", "--resume", str(folder / "journal")]
    assert "damaged" in CliRunner().invoke(main, [*words]).output
    last.write_bytes(sound)
    there = CliRunner().invoke(main, [*words, "--cluster", cluster.scheduler_address])
    assert there.output == CliRunner().invoke(main, words[:4]).output
    assert not (folder / "journal").exists()


def test_a_scheduler_that_goes_away_between_two_passes(folder: Path):
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, **LOOPBACK) as local,
        connect(local.scheduler_address) as run,
    ):
        register.aggregate(folder / "store", ["medium"], run=run)
        local.close()
        with pytest.raises(ClusterError, match="the scheduler has gone away; start it again"):
            register.aggregate(folder / "store", ["medium"], run=run)
