"""Pieces of a grid that fit into memory, and the work on them in threads."""

from __future__ import annotations

import os
import warnings
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rasterio.errors import NotGeoreferencedWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from naatlas.framework import Grid

T = TypeVar("T")
P = TypeVar("P")

#: Cells along the side of a block. A multiple of the tile side of our files, so that no tile is decoded twice.
BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of cells: first row and column, and how many of each."""

    row: int
    col: int
    rows: int
    cols: int


def blocks(grid: Grid, *, rows: int = BLOCK, cols: int = BLOCK) -> list[Block]:
    """Cut a grid into blocks, row by row; those at the right and lower edge are smaller."""
    return cut(grid.rows, grid.cols, rows=rows, cols=cols)


def cut(height: int, width: int, *, rows: int = BLOCK, cols: int = BLOCK) -> list[Block]:
    """Cut a rectangle of so many rows and columns into blocks."""
    return [
        Block(row, col, min(rows, height - row), min(cols, width - col))
        for row in range(0, height, rows)
        for col in range(0, width, cols)
    ]


def workers() -> int:
    """Return how many threads to use: the cores this process may run on, at most eight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


def in_threads(work: Callable[[P], T], pieces: Iterable[P], *, threads: int) -> Iterator[tuple[P, T]]:
    """Do the work on each piece and hand the results out in the order of the pieces.

    No more than two results a thread are ever held, so that memory stays bounded when the taker is slow.
    """
    with _without_idle_warnings(), ThreadPoolExecutor(threads) as pool:
        waiting: deque[tuple[P, Future[T]]] = deque()
        try:
            for piece in pieces:
                waiting.append((piece, pool.submit(work, piece)))
                if len(waiting) >= 2 * threads:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        finally:
            for _, future in waiting:
                future.cancel()


@contextmanager
def _without_idle_warnings() -> Iterator[None]:
    """Keep rasterio from saying that its own scratch rasters lie nowhere.

    It does so itself, call by call; but the filters of warnings are the process's, and one thread that takes its own
    back takes those of the others with them. What is set around all threads stays.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def _first(waiting: deque[tuple[P, Future[T]]]) -> tuple[P, T]:
    piece, future = waiting.popleft()
    return piece, future.result()
