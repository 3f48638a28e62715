"""The base map below the preview: land, borders, lakes and the graticule in the framework projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas import framework
from naatlas.framework.base import layer_naaf
from naatlas.styles.colour import LAND

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from numpy.typing import NDArray

OTHER_LAND, WATER = "#ecebe6", "#cfe1ec"
_STATE_LINE, _COUNTRY_LINE, _SHORE_LINE, _GRATICULE = "#d3cdc2", "#8c857a", "#a9b8c2", "#cfdde6"
#: Lakes below this area are specks on the preview.
_LAKE_KM2 = 600.0
_MERIDIANS, _PARALLELS = range(-180, 180, 20), range(0, 90, 10)


def draw(axes: Axes, *, without: frozenset[str] = frozenset()) -> None:
    """Draw the land and what lies on it into axes whose units are framework metres.

    Parameters
    ----------
    without
        Parts that the layer above shows itself: ``land`` (of the three countries), ``lakes``, ``borders``.
    """
    _graticule(axes)
    countries = layer_naaf("countries")
    subject = (countries["role"] == "subject").to_numpy()
    shapes = countries.geometry.to_numpy()
    fill(axes, shapes[~subject], OTHER_LAND, _SHORE_LINE, 0.3)
    if "land" not in without:
        fill(axes, shapes[subject], LAND, _SHORE_LINE, 0.3)
    if "lakes" not in without:
        draw_lakes(axes)
    if "borders" not in without:
        draw_borders(axes)


def draw_lakes(axes: Axes) -> None:
    """Draw the large lakes."""
    lakes = layer_naaf("lakes")
    large = lakes["area_km2"].to_numpy() >= _LAKE_KM2
    fill(axes, lakes.geometry.to_numpy()[large], WATER, _SHORE_LINE, 0.2)


def draw_borders(axes: Axes) -> None:
    """Draw the lines between countries and states; over polygons they tell the reader where he is."""
    borders = layer_naaf("boundaries")
    between = (borders["kind"] == "country").to_numpy()
    lines = borders.geometry.to_numpy()
    stroke(axes, lines[~between], _STATE_LINE, 0.35)
    stroke(axes, lines[between], _COUNTRY_LINE, 0.7)


def _graticule(axes: Axes) -> None:
    fine = np.linspace(0.0, 1.0, 181)
    lines = [(np.full_like(fine, lon), 5 + 83 * fine) for lon in _MERIDIANS]
    lines += [(-220 + 240 * fine, np.full_like(fine, lat)) for lat in _PARALLELS]
    projected = [shapely.linestrings(np.column_stack(framework.project(lon, lat))) for lon, lat in lines]
    stroke(axes, np.array(projected, dtype=object), _GRATICULE, 0.4)


def fill(axes: Axes, polygons: NDArray[Any], colour: str, edge: str, width_pt: float) -> None:
    """Draw polygons (framework metres) as one patch; ``colour`` may be ``none``."""
    from matplotlib.patches import PathPatch

    oriented = shapely.orient_polygons(polygons)
    rings = shapely.get_rings(shapely.get_parts(oriented))
    if len(rings):
        _add(axes, PathPatch(_path(rings, closed=True), facecolor=colour, edgecolor=edge, linewidth=width_pt))


def stroke(axes: Axes, lines: NDArray[Any], colour: str, width_pt: float) -> None:
    """Draw lines (framework metres) as one patch."""
    from matplotlib.patches import PathPatch

    parts = shapely.get_parts(lines)
    if len(parts):
        path = _path(parts, closed=False)
        _add(axes, PathPatch(path, fill=False, edgecolor=colour, linewidth=width_pt, joinstyle="round"))


def _add(axes: Axes, patch: PathPatch) -> None:
    # Not ``add_patch``: it walks through every vertex to grow the window, which is fixed here.
    axes.add_artist(patch)


def _path(lines: NDArray[Any], *, closed: bool) -> Path:
    """Put many lines or rings into one path: holes run the other way round, so that they stay open."""
    from matplotlib.path import Path

    sizes = shapely.get_num_coordinates(lines)
    codes = np.full(int(sizes.sum()), Path.LINETO, dtype=np.uint8)
    ends = np.cumsum(sizes)
    codes[ends - sizes] = Path.MOVETO
    if closed:
        codes[ends - 1] = Path.CLOSEPOLY
    return Path(shapely.get_coordinates(lines), codes)
