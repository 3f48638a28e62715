"""A cluster of two processes gives the same bits as this process, also when a worker dies."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from naatlas import register
from naatlas.cluster import connect, connection
from naatlas.errors import AccountError, ClusterError
from tests.register_kit import lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

distributed = pytest.importorskip("distributed", reason="the extra cluster (dask) is not installed")

# the cluster is this machine; Dask itself warns of much
pytestmark = [pytest.mark.enable_socket, pytest.mark.filterwarnings("default")]


#: Scheduler, workers and their pages of state listen on this machine only, each on a free port.
LOOPBACK = {
    "host": "127.0.0.1",
    "dashboard_address": "127.0.0.1:0",
    "worker_dashboard_address": "127.0.0.1:0",
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **LOOPBACK) as local:
        yield local


@pytest.fixture
def store(tmp_path: Path) -> Path:
    register.write([lines(800)], tmp_path)
    return tmp_path


@pytest.mark.parametrize("by", [(), ("country", "year", "medium"), ("state", "group"), ("substance",)])
def test_the_same_bits_as_here(cluster: distributed.LocalCluster, store: Path, by: tuple[str, ...]):
    with connect(cluster.scheduler_address) as run:
        told = register.aggregate(store, by, {"year": (2019, 2020, 2021)}, run=run)
    assert_frame_equal(told, register.aggregate(store, by, {"year": (2019, 2020, 2021)}))


def test_loadings_too(cluster: distributed.LocalCluster, store: Path):
    ids = sorted({i for table in register.scan(store, ["atlas_id"]) for i in table["atlas_id"].to_pylist()})
    points = pd.DataFrame({"atlas_id": ids, "x": range(len(ids)), "y": 1.0})
    located = register.locate(
        points, [shapely.box(0, 0, 9.5, 2), shapely.box(9.5, 0, 20.5, 2)], ["one", "two"]
    )
    here = register.loadings(store, located)
    with connect(cluster.scheduler_address) as run:
        there = register.loadings(store, located, run=run)
    for name in ("zones", "outside", "total"):
        assert_frame_equal(getattr(there, name), getattr(here, name))


def _dies_once(path: str, common: str) -> int:
    """Take the worker down with it the first time that anybody comes here."""
    if path == "3" and not os.path.exists(common):  # noqa: PTH110 - the worker has no more than the text
        with open(common, "x", encoding="utf-8"):  # noqa: PTH123
            pass
        time.sleep(0.2)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return int(path)


def test_a_worker_that_dies_loses_nothing(cluster: distributed.LocalCluster, tmp_path: Path):
    mark = tmp_path / "died"
    with connect(cluster.scheduler_address) as run:
        told = sorted(run(_dies_once, map(str, range(40)), str(mark)))
    assert mark.exists()
    assert told == list(range(40))


def test_a_file_that_workers_do_not_see(cluster: distributed.LocalCluster, store: Path):
    parts = register.partitions(store)
    parts[3].path.unlink()
    with (
        connect(cluster.scheduler_address) as run,
        pytest.raises(ClusterError, match="does not see") as caught,
    ):
        register.aggregate(store, ["country"], run=lambda work, _, request: run(work, parts, request))
    assert "\n" not in str(caught.value)


def test_errors_of_the_work_arrive_as_they_are(cluster: distributed.LocalCluster, tmp_path: Path):
    register.write([lines(50).assign(kg=float("inf"))], tmp_path)
    with connect(cluster.scheduler_address) as run, pytest.raises(AccountError, match="cannot be added up"):
        register.aggregate(tmp_path, ["country"], run=run)


def test_no_scheduler():
    with (
        pytest.raises(ClusterError, match=r"tcp://127.0.0.1:1: no scheduler answers within 0.5 s") as caught,
        connect("tcp://127.0.0.1:1", patience_s=0.5),
    ):
        pass
    assert "\n" not in str(caught.value)


def _slow(number: int, _: None) -> int:
    time.sleep(0.1)
    return number


def _lost() -> None:
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, **LOOPBACK) as lost,
        connect(lost.scheduler_address) as run,
    ):
        for _ in run(_slow, range(50), None):
            lost.close()


def test_a_scheduler_that_goes_away():
    with pytest.raises(ClusterError, match="the scheduler has gone away; start it again") as caught:
        _lost()
    assert "\n" not in str(caught.value)


def test_other_versions_are_named(cluster: distributed.LocalCluster, monkeypatch: pytest.MonkeyPatch):
    own = connection._versions
    seen: list[object] = []

    def changed(told):
        seen.append(told)
        return own(told) | ({"naatlas": "0.0.1"} if len(seen) > 2 else {})

    monkeypatch.setattr(connection, "_versions", changed)
    with (
        pytest.raises(ClusterError, match=r"worker tcp://.* runs naatlas 0\.0\.1 instead of .*same versions"),
        connect(cluster.scheduler_address),
    ):
        pass


def test_a_scheduler_without_workers():
    with (
        distributed.LocalCluster(n_workers=0, **LOOPBACK) as empty,
        pytest.raises(ClusterError, match="has no workers; start some with `dask worker tcp://"),
        connect(empty.scheduler_address),
    ):
        pass
