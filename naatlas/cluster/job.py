"""A job from beginning to end: who works on it, what is kept of it, and how far it is."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from naatlas.cluster.connection import connect
from naatlas.cluster.journal import kept
from naatlas.cluster.runner import here
from naatlas.progress import bar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from naatlas.cluster.runner import Runner

    P = TypeVar("P")
    C = TypeVar("C")
    T = TypeVar("T")


@contextmanager
def session(
    title: str, *, cluster: str | None = None, resume: Path | None = None, calls: int = 1
) -> Iterator[Runner]:
    """Open what a job runs on, as the command line asks for it.

    Parameters
    ----------
    title
        What stands before the bar.
    cluster
        Address of a Dask scheduler; None for threads of this process.
    resume
        Folder for the journal; None to keep nothing. The job ends with the block, so the block must write whatever
        is made of the results.
    calls
        How often the runner will be called, so that the bar is of the whole job.

    Raises
    ------
    ClusterError, UsageError, ProductError
        As :func:`connect` and :func:`kept`.
    """
    with ExitStack() as stack:
        run: Runner = stack.enter_context(connect(cluster)) if cluster else here
        if resume:
            run = stack.enter_context(kept(run, resume))
        yield stack.enter_context(shown(run, title, calls=calls))


@contextmanager
def shown(run: Runner, title: str, *, calls: int = 1) -> Iterator[Runner]:
    """Show on stderr how much of a job another runner has done; nothing where that is no terminal."""
    with bar(title) as show:
        yield _Shown(run, show, calls)


class _Shown:
    """The runner that counts; calls that are still to come are taken to have as many pieces as this one."""

    def __init__(self, run: Runner, show: Callable[[int, int], None], calls: int) -> None:
        self._run, self._show, self._calls, self._done = run, show, calls, 0

    def __call__(self, work: Callable[[P, C], T], pieces: Collection[P], common: C) -> Iterator[T]:
        total = self._done + len(pieces) * max(self._calls, 1)
        self._calls -= 1
        for told in self._run(work, pieces, common):
            self._done += 1
            self._show(self._done, total)
            yield told
