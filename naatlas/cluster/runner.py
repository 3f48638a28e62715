"""What does work on pieces, and the one that does it in threads of this process."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from concurrent.futures import Future

P = TypeVar("P")
C = TypeVar("C")
T = TypeVar("T")

#: More threads than this wait for the disk and for each other.
_MOST = 8


class Runner(Protocol):
    """Does work on pieces and yields each result once, in whatever order they come in.

    The work is a function of a module, and its piece, what is common to all pieces, and its result can be pickled: on
    a cluster all of them travel, and a journal tells them apart by what they hold. The pieces may not depend on who
    does them, or a second run would not find what the first one finished.
    """

    def __call__(self, work: Callable[[P, C], T], pieces: Collection[P], common: C) -> Iterator[T]:
        """Work on each piece, with what is common to all of them."""


def workers() -> int:
    """Return how many threads to use: the cores this process may run on, at most eight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST)


def here(
    work: Callable[[P, C], T], pieces: Iterable[P], common: C, *, threads: int | None = None
) -> Iterator[T]:
    """Work on each piece in threads of this process, and yield the results in the order of the pieces.

    No more than two results a thread are ever held, so that memory stays bounded when the taker is slow.
    """
    most = threads or workers()
    with ThreadPoolExecutor(most) as pool:
        waiting: deque[Future[T]] = deque()
        try:
            for piece in pieces:
                waiting.append(pool.submit(work, piece, common))
                if len(waiting) >= 2 * most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
