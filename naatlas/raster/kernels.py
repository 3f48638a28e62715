"""The inner loops: compiled by numba where it is installed, in numpy where not, with the same result to the byte.

A compiled loop works through a block about ten times faster. Both forms do the same operations on 64-bit floats in
the same order.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from naatlas.raster.mesh import Places

    Floats = NDArray[np.float64]

#: Whether the loops are compiled.
COMPILED = find_spec("numba") is not None


def gather(
    places: Places, shape: tuple[int, int], cells: NDArray[Any], corner: tuple[int, int], empty: float,
    shift: tuple[float, float] = (0.0, 0.0),
) -> NDArray[Any]:  # fmt: skip
    """Take for each cell of a block the value of the source cell that it lies in.

    Parameters
    ----------
    shape
        Rows and columns of the block.
    cells
        Window of the source.
    corner
        Row and column of the window's first cell in the source.
    empty
        Value where the block lies outside the window.
    shift
        Rows and columns, in cells of the block, that the sampled point lies from the cell centre.

    Returns
    -------
    Array of ``shape`` and of the type of ``cells``.
    """
    out = np.full(shape, empty, dtype=cells.dtype)
    loop = _compiled("gather") if COMPILED else _gather
    loop(places.cols, places.rows, places.step, cells, corner[0], corner[1], shift[0], shift[1], out)
    return out


def _gather(  # noqa: PLR0917 - the arguments of the compiled loop
    cols: Floats, rows: Floats, step: int, cells: NDArray[Any], top: int, left: int, down: float, right: float,
    out: NDArray[Any],
) -> None:  # fmt: skip
    col = np.floor(between(cols, step, out.shape, down, right)) - left
    row = np.floor(between(rows, step, out.shape, down, right)) - top
    inside = (row >= 0) & (row < cells.shape[0]) & (col >= 0) & (col < cells.shape[1])
    out[inside] = cells[row[inside].astype(np.int64), col[inside].astype(np.int64)]


def between(
    nodes: Floats, step: int, shape: tuple[int, int], down: float = 0.0, right: float = 0.0
) -> Floats:
    """Interpolate between the nodes of the mesh, at every cell of the block."""
    i, v = _share(shape[0], step, down)
    j, u = _share(shape[1], step, right)
    i, v = i[:, None], v[:, None]
    upper: Floats = nodes[i, j] + u * (nodes[i, j + 1] - nodes[i, j])
    lower: Floats = nodes[i + 1, j] + u * (nodes[i + 1, j + 1] - nodes[i + 1, j])
    return upper + v * (lower - upper)


def _share(count: int, step: int, shift: float) -> tuple[NDArray[np.int64], Floats]:
    """Return the node before each cell, and how far between that one and the next the sampled point lies."""
    cell = np.arange(count, dtype=np.int64)
    return cell // step, (cell % step + shift) / step


def count(
    shape: tuple[int, ...], zones: NDArray[np.int32] | None, *codes: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Count the cells of each zone and code, or zone and pair of codes.

    Parameters
    ----------
    shape
        Zones and one more, 256, and for pairs 256 again.
    zones
        Zone of each cell; None counts all under the first.
    codes
        One or two arrays of one shape.
    """
    if not COMPILED:
        return _count(shape, zones, *codes)
    out = np.zeros(shape, dtype=np.int64)
    name = f"count_{'cells' if len(codes) == 1 else 'pairs'}{'' if zones is None else '_by_zone'}"
    flat = [codes_.reshape(-1) for codes_ in codes]
    _compiled(name)(out.reshape(-1), *([] if zones is None else [zones.reshape(-1)]), *flat)
    return out


def _count(
    shape: tuple[int, ...], zones: NDArray[np.int32] | None, *codes: NDArray[np.uint8]
) -> NDArray[np.int64]:
    size = int(np.prod(shape))
    place: NDArray[np.int64] = codes[0].astype(np.int64)
    for more in codes[1:]:
        place = place * 256 + more
    if zones is not None:
        place += zones * (size // shape[0])
    return np.bincount(place.reshape(-1), minlength=size).reshape(shape)


@cache
def _compiled(name: str) -> Callable[..., None]:
    """Return a compiled loop; numba is imported when the first is needed, which takes half a second."""
    from naatlas.raster import _compiled as loops

    loop: Callable[..., None] = getattr(loops, name)
    return loop
