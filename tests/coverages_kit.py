"""Coverages with fractal borders, made for tests and benchmarks: neighbours share every vertex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fractal(
    segments: NDArray[np.float64], *, halvings: int, roughness: float, seed: int
) -> NDArray[np.float64]:
    """Bend segments (n, 2, 2) by moving midpoints sideways; the result is (n, 2**halvings + 1, 2)."""
    chance = np.random.default_rng(seed)
    lines = segments
    for _ in range(halvings):
        a, b = lines[:, :-1], lines[:, 1:]
        across = np.stack([a[..., 1] - b[..., 1], b[..., 0] - a[..., 0]], axis=-1)
        middle = (a + b) / 2 + across * chance.uniform(-roughness, roughness, (*a.shape[:2], 1))
        bent = np.empty((len(lines), 2 * lines.shape[1] - 1, 2))
        bent[:, ::2], bent[:, 1::2] = lines, middle
        lines = bent
    return lines


def grid(
    side: int, *, halvings: int, roughness: float = 0.2, seed: int = 0, cell: float = 1e5
) -> NDArray[Any]:
    """Return a coverage of ``side`` by ``side`` cells, ``cell`` metres wide, with 4 * 2**halvings vertices each."""
    at = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1), indexing="ij"), axis=-1) * cell
    east = np.stack([at[:-1], at[1:]], axis=2).reshape(-1, 2, 2)
    north = np.stack([at[:, :-1], at[:, 1:]], axis=2).reshape(-1, 2, 2)
    shape = (-1, 2**halvings + 1, 2)
    east_lines = fractal(east, halvings=halvings, roughness=roughness, seed=seed).reshape(
        side, side + 1, *shape[1:]
    )
    north_lines = fractal(north, halvings=halvings, roughness=roughness, seed=seed + 1)
    north_lines = north_lines.reshape(side + 1, side, *shape[1:])
    south, right = east_lines[:, :-1], north_lines[1:]
    top, left = east_lines[:, 1:, ::-1], north_lines[:-1, :, ::-1]
    rings = np.concatenate([south[:, :, :-1], right[:, :, :-1], top[:, :, :-1], left], axis=2)
    return np.asarray(shapely.polygons(rings.reshape(side * side, -1, 2)))


def voronoi(points: NDArray[np.float64], *, halvings: int, roughness: float, seed: int) -> NDArray[Any]:
    """Return the faces between bent Voronoi edges; faces too small for their bends come out in pieces."""
    frame = shapely.box(*(points.min(axis=0) - 1e5), *(points.max(axis=0) + 1e5))
    edges = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=frame, only_edges=True)
    pieces = shapely.get_parts(
        shapely.node(shapely.union_all([shapely.intersection(edges, frame), frame.boundary]))
    )
    xy, line = shapely.get_coordinates(pieces, return_index=True)
    real = line[1:] == line[:-1]
    bent = fractal(
        np.stack([xy[:-1][real], xy[1:][real]], axis=1), halvings=halvings, roughness=roughness, seed=seed
    )
    noded = shapely.node(shapely.multilinestrings(shapely.linestrings(bent)))
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
