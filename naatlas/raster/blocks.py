"""Pieces of a grid that fit into memory, and the work on them in threads."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rasterio.errors import NotGeoreferencedWarning

from naatlas.cluster import here, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from naatlas.framework import Grid

__all__ = ["BLOCK", "Block", "beside", "blocks", "cut", "in_threads", "without_idle_warnings", "workers"]

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


def beside(block: Block, *, cols: int) -> list[Block]:
    """Cut a block into narrower ones of the same rows."""
    return [
        Block(block.row, block.col + part.col, block.rows, part.cols)
        for part in cut(block.rows, block.cols, rows=block.rows, cols=cols)
    ]


def in_threads(work: Callable[[P], T], pieces: Iterable[P], *, threads: int) -> Iterator[tuple[P, T]]:
    """Do the work on each piece and hand the results out in the order of the pieces, a few of them held at most."""
    with without_idle_warnings():
        yield from here(lambda piece, _: (piece, work(piece)), pieces, None, threads=threads)


@contextmanager
def without_idle_warnings() -> Iterator[None]:
    """Keep rasterio from saying that its own scratch rasters lie nowhere.

    It does so itself, call by call; but the filters of warnings are the process's, and one thread that takes its own
    back takes those of the others with them. What is set around all threads stays.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield
