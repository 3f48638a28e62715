"""Two or more threads over pieces of arrays: numpy, PROJ and GEOS let go of the interpreter while they compute."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

Given = TypeVar("Given")
Made = TypeVar("Made")

# more than two bring little, since the objects themselves are made one after another
THREADS = min(2, os.cpu_count() or 1)


def in_threads(function: Callable[[Given], Made], pieces: Iterable[Given]) -> list[Made]:
    """Apply a function to each piece; results come in the order of the pieces, errors as they are."""
    work = list(pieces)
    if THREADS == 1 or len(work) < 2:  # noqa: PLR2004 - nothing to share out
        return [function(piece) for piece in work]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, work))


def slices(total: int, length: int) -> list[slice]:
    """Cut ``total`` positions into pieces of about ``length``."""
    return [slice(at, min(at + length, total)) for at in range(0, total, length)]


def even_slices(weights: NDArray[np.integer[Any]], pieces: int) -> list[slice]:
    """Cut positions into at most ``pieces`` runs of about the same total weight."""
    if not len(weights):
        return []
    done = np.cumsum(weights)
    bounds = np.searchsorted(done, done[-1] * np.arange(1, pieces) / pieces) + 1
    cuts = np.unique([0, *np.minimum(bounds, len(weights)).tolist(), len(weights)])
    return [slice(int(a), int(b)) for a, b in pairwise(cuts)]
