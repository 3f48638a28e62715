"""A connection to a scheduler of Dask, and the pieces of work that go over it."""
# ruff: noqa: ANN401 - Dask tells few of its types

from __future__ import annotations

import logging
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from naatlas.errors import AtlasError, ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from naatlas.cluster.runner import Runner

    P = TypeVar("P")
    C = TypeVar("C")
    T = TypeVar("T")

#: Libraries whose versions must agree, or one side cannot read what the other sends.
PACKAGES = ("naatlas", "dask", "distributed", "numpy", "pandas", "pyarrow")

#: Seconds until a scheduler that does not answer is given up.
PATIENCE_S = 10.0

#: Pieces that each worker has waiting; more would fill the scheduler, fewer leave the worker idle.
_AHEAD = 3

#: How often a piece is begun again elsewhere when its worker dies.
_RETRIES = 3


@contextmanager
def connect(address: str, *, patience_s: float = PATIENCE_S) -> Iterator[Runner]:
    """Connect to a scheduler.

    Parameters
    ----------
    address
        Such as ``tcp://10.0.0.5:8786``, as ``dask scheduler`` prints it.
    patience_s
        Seconds to wait for it.

    Yields
    ------
    Runner
        Hands work out to the workers, a few pieces ahead of each, and yields the results in the order in which they
        come in.

    Raises
    ------
    ClusterError
        Dask is not installed, nobody answers, there is no worker, or versions differ; one line.
    """
    client = _client(address, patience_s)
    with _quiet(), closing(client):
        _check_workers(client, address)
        yield _runner(client, address)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from logging with tracebacks what we say in one line."""
    logs = [logging.getLogger(f"distributed.{room}") for room in ("client", "utils")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)


def _client(address: str, patience_s: float) -> Any:
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise ClusterError(
            'a cluster needs the extra "cluster": python -m pip install "naatlas[cluster]"'
        ) from error
    try:
        client: Any = Client
        return client(address, timeout=patience_s, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"{address}: no scheduler answers within {patience_s:g} s; see that `dask scheduler` runs there "
            "and that its port is open, or leave the cluster out"
        ) from error


def _check_workers(client: Any, address: str) -> None:
    told = client.get_versions(packages=[name for name in PACKAGES if name not in {"dask", "distributed"}])
    if not told["workers"]:
        raise ClusterError(
            f"{address}: the scheduler has no workers; start some with `dask worker {address}`"
        )
    own = _versions(told["client"])
    others = {"the scheduler": told["scheduler"]} | {
        f"worker {name}": one for name, one in told["workers"].items()
    }
    for who, versions in others.items():
        theirs = _versions(versions)
        if off := [
            f"{name} {theirs[name]} instead of {own[name]}" for name in own if theirs[name] != own[name]
        ]:
            raise ClusterError(
                f"{address}: {who} runs {', '.join(off)}; install the same versions on all machines"
            )


def _versions(told: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    python = str(told["host"].get("python", "")).split(".final")[0]
    return {"python": ".".join(python.split(".")[:2])} | {
        name: str(told["packages"].get(name)) for name in PACKAGES
    }


def _runner(client: Any, address: str) -> Runner:
    def run(work: Callable[[P, C], T], pieces: Collection[P], common: C) -> Iterator[T]:
        shared = _shared(client, common)
        # none where the scheduler has gone away since the last call
        ahead = _AHEAD * len(client.scheduler_info(n_workers=-1).get("workers", ()))
        if not ahead:
            raise _gone(address)

        def send(piece: P) -> Any:
            return client.submit(work, piece, shared, pure=False, retries=_RETRIES)

        # Dask's own list of what has come in needs to know whose loop it is on
        coming = _as_completed(loop=client.loop)
        return _as_they_come(send, iter(pieces), coming, ahead, address)

    return run


def _shared(client: Any, common: object) -> Any:
    """Hand over what all pieces need; as the result of a task, which is made again when those who had it have died."""
    import dask

    # polygons of countries are some ten MB, and travel once
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"}):
        return client.submit(_itself, common, pure=False, retries=_RETRIES)


def _itself(common: C) -> C:
    return common


def _as_completed(*, loop: Any) -> Any:
    from dask.distributed import as_completed

    told: Any = as_completed
    return told([], loop=loop)


def _as_they_come(
    send: Callable[[P], Any], pieces: Iterator[P], coming: Any, ahead: int, address: str
) -> Iterator[Any]:
    """Keep so many pieces on their way, and yield each result once; what was taken is forgotten by the cluster."""
    for piece in islice(pieces, ahead):
        coming.add(send(piece))
    for future in coming:
        yield _result(future, address)
        future.release()
        for piece in islice(pieces, 1):
            coming.add(send(piece))


def _gone(address: str) -> ClusterError:
    return ClusterError(
        f"{address}: the scheduler has gone away; start it again, and what was kept with --resume is not lost"
    )


def _result(future: Any, address: str) -> Any:
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except AtlasError:
        raise
    except CancelledError as error:
        raise _gone(address) from error
    except KilledWorker as error:
        raise ClusterError(
            f"{address}: {_RETRIES + 1} workers died of the same piece of work; give them more memory, "
            "or look into their logs"
        ) from error
    except FileNotFoundError as error:
        raise ClusterError(
            f"{address}: a worker does not see {error.filename}; the files must be there for all machines "
            "under the same path"
        ) from error
