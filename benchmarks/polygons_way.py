"""One work on a coverage with fractal borders, as a process of its own: what it took stands on its last line as JSON.

python -m benchmarks.polygons_way generalize 7
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import shapely

from benchmarks.register_way import peak_mb
from naatlas.geometry.coverage import dissolve
from naatlas.geometry.generalize import generalize
from naatlas.geometry.place import place
from naatlas.geometry.seams import match
from naatlas.quality.topology import check_topology
from tests import coverages_kit as kit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Faces = NDArray[Any]

SIDE, CELL, ROUGHNESS = 50, 1e5, 0.08


def cells(halvings: int, cell: float = CELL) -> Faces:
    """Return 2,500 cells of ``4 * 2**halvings`` vertices."""
    return kit.grid(SIDE, halvings=halvings, roughness=ROUGHNESS, cell=cell)


def generalizing(halvings: int) -> Callable[[], object]:
    faces = cells(halvings)
    return lambda: generalize(faces, kind="coverage", scale="10M")


def placing(halvings: int) -> Callable[[], object]:
    degrees = shapely.transform(cells(halvings, 1.0), lambda xy: xy + np.array([-130, 20]))
    return lambda: place(degrees, scale="10M")


def dissolving(halvings: int) -> Callable[[], object]:
    faces, number = cells(halvings), np.arange(SIDE**2)
    return lambda: dissolve(faces, number // 250 * 10 + number % 50 // 5)


def matching(halvings: int) -> Callable[[], object]:
    """Two layers meet at a straight border that neither of them has drawn as the other."""
    one = cells(halvings)
    other = kit.grid(SIDE, halvings=halvings, roughness=ROUGHNESS, cell=CELL, seed=7)
    edge = SIDE * CELL
    other = shapely.transform(other, lambda xy: xy + np.array([edge, 0.0]))
    border = np.array([shapely.LineString([(edge, -CELL), (edge, edge + CELL)])])
    return lambda: match(one, other, border, tolerance_m=0.1 * CELL)


def proving(halvings: int) -> Callable[[], object]:
    faces = cells(halvings)
    keys = [str(number) for number in range(len(faces))]
    return lambda: check_topology(faces, keys, kind="coverage")


WORKS: dict[str, Callable[[int], Callable[[], object]]] = {
    "generalize": generalizing, "place": placing, "dissolve": dissolving, "match": matching, "prove": proving,
}  # fmt: skip


def main() -> None:
    name, halvings = sys.argv[1], int(sys.argv[2])
    work, before = WORKS[name](halvings), psutil.Process().memory_info().rss / 1e6
    begun = time.process_time()
    work()
    told = {"size": SIDE**2 * 4 * 2**halvings * (2 if name == "match" else 1)}
    print(json.dumps(told | {"cpu": time.process_time() - begun, "before_mb": before, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
