"""Measures of single shapes and their parts, and of line ends, that the topology checks stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.framework.crs import unproject
from naatlas.framework.scales import EXTENT, WINDOWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeLimits:
    """What counts as thin, tiny, near or heavy; the defaults are what a map of 1:1,000,000 shows.

    Attributes
    ----------
    sliver_m
        A part whose mean width (twice its area by its perimeter) is less is a sliver: 0.1 mm on the map.
    tiny_m2
        A part with less area cannot be seen: a square of 0.2 mm on the map.
    near_m
        A line end this near to another line, and not on it, was meant to reach it.
    heavy_vertices
        Google Earth and browsers stall at features with more vertices.
    """

    sliver_m: float = 100.0
    tiny_m2: float = 40_000.0
    near_m: float = 10.0
    heavy_vertices: int = 100_000


def parts_table(shapes: NDArray[Any], *, limits: ShapeLimits) -> pd.DataFrame:
    """Count parts, slivers, tiny parts, and tell rings drawn in both directions, one row a shape.

    A sliver is thin for its length; a small round island is tiny and no sliver.
    """
    parts, row = shapely.get_parts(shapes, return_index=True)
    size = len(shapes)
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, of = parts[areal], row[areal]
    area, around = shapely.area(rings), shapely.length(rings)
    long = around > 20 * limits.sliver_m
    sliver = (2 * area < limits.sliver_m * around) & long
    left = shapely.is_ccw(shapely.get_exterior_ring(rings))
    turned = np.bincount(of, weights=left, minlength=size)
    count = np.bincount(of, minlength=size)
    return pd.DataFrame(
        {
            "parts": np.bincount(row, minlength=size),
            "slivers": np.bincount(of[sliver], minlength=size),
            "tiny_parts": np.bincount(of[area < limits.tiny_m2], minlength=size),
            "mixed_rings": (turned > 0) & (turned < count),
        }
    )


def rows_outside(shapes: NDArray[Any], *, context: Bools | None = None) -> Bools:
    """Tell shapes that lie where the framework has no map, or at no place of the Earth.

    A shape must meet the extent of the framework and stay within what its base geometry covers, which is more: a
    basin of Mexico may reach to Panama. A shape of the context need only meet the base geometry.

    Parameters
    ----------
    context
        Shapes of other countries and of the sea, which go on where the map ends.
    """
    xy, row = shapely.get_coordinates(shapes, return_index=True)
    lon, lat = unproject(xy[:, 0], xy[:, 1])
    extent = ((lon >= EXTENT.west) | (lon <= EXTENT.east)) & (lat >= EXTENT.south) & (lat <= EXTENT.north)
    covered = extent | _in_windows(lon, lat)
    size = len(shapes)
    met = np.bincount(row[extent], minlength=size) > 0
    reached = np.bincount(row[covered], minlength=size) > 0
    beyond = np.bincount(row[~covered], minlength=size) > 0
    nowhere = np.bincount(row[~np.isfinite(lon + lat)], minlength=size) > 0
    there = np.bincount(row, minlength=size) > 0
    around = np.zeros(size, dtype=bool) if context is None else context
    return np.asarray(there & (nowhere | np.where(around, ~reached, ~met | beyond)))


def _in_windows(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Bools:
    told = np.zeros(len(lon), dtype=bool)
    for west, south, east, north in WINDOWS:
        told |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return told


def rows_with_near_misses(shapes: NDArray[Any], *, limits: ShapeLimits) -> tuple[Ints, Ints]:
    """Count, for each line, the ends that meet no other line, and those of them that stop just short of one."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    linear = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & ~shapely.is_closed(parts)
    parts, row = parts[linear], row[linear]
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    part = np.tile(np.arange(len(parts)), 2)
    tree = shapely.STRtree(shapely.get_parts(shapes))
    home = np.flatnonzero(linear)[part]
    touching = _met(tree, ends, home, 0.0)
    near = _met(tree, ends, home, limits.near_m) & ~touching
    size = len(shapes)
    return np.bincount(row[part[~touching]], minlength=size), np.bincount(row[part[near]], minlength=size)


def _met(tree: shapely.STRtree, ends: NDArray[Any], home: Ints, distance_m: float) -> Bools:
    """Tell ends within a distance of another line than their own."""
    end, other = tree.query(ends, predicate="dwithin", distance=distance_m)
    out = np.zeros(len(ends), dtype=bool)
    out[end[other != home[end]]] = True
    return out
