"""Names of polygons on the globe: Google Earth writes names at points only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas import framework
from naatlas.export import levels, placemarks, strokes
from naatlas.text import clean_column, escape, escape_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.model import LayerData

#: More names than this hide the map: their folder is off until the reader turns it on.
MOST_SHOWN = 150


# One switch for all names instead of a list of them.
_ONE_SWITCH = "<Style><ListStyle><listItemType>checkHideChildren</listItemType></ListStyle></Style>"
_OFF = "<visibility>0</visibility>"


def folder(data: LayerData, look: Look, name_field: str) -> str:
    """Return a folder with a point for each polygon that has a name; empty where none has.

    Where levels lie on each other, each level has a folder in it, and one of them is on at a time.

    Parameters
    ----------
    name_field
        The field that names a feature; a layer whose key is its only name gets no labels.
    """
    there = data.frame[name_field].notna().to_numpy() & ~shapely.is_missing(data.shapes.metres)
    if name_field == data.spec.key or not there.any():
        return ""
    heading = f'<Folder id="labels"><name>{look.phrase("labels")}</name>'
    nested = levels.field(data, look.style)
    if nested is None:
        marks, off = _marks(data, name_field, np.flatnonzero(there))
        return f"{heading}{off}{_ONE_SWITCH}\n{marks}</Folder>\n"
    own = data.frame[nested].to_numpy(dtype=np.int64)
    numbers = [number for number in levels.present(data, nested) if (there & (own == number)).any()]
    inner = ""
    for number in numbers:
        rows = np.flatnonzero(there & (own == number))
        marks, off = _marks(data, name_field, rows, off=number != numbers[0])
        name = escape(levels.title(number, nested, look))
        inner += f"<Folder><name>{name}</name>{off}{_ONE_SWITCH}\n{marks}</Folder>\n"
    return f"{heading}{levels.RADIO}\n{inner}</Folder>\n"


def _marks(
    data: LayerData, name_field: str, rows: NDArray[np.int64], *, off: bool = False
) -> tuple[str, str]:
    """Return the points of some rows, and the tag that switches their folder off or nothing."""
    hidden = _OFF if off or len(rows) > MOST_SHOWN else ""
    lon, lat = framework.unproject(*inner_points(data.shapes.metres[rows]))
    names = escape_all(clean_column(data.frame[name_field].iloc[rows]).tolist())
    marks = "".join(
        f"<Placemark><name>{name}</name>{hidden}<styleUrl>#{strokes.LABEL_ID}</styleUrl>{point}</Placemark>\n"
        for name, point in zip(names, placemarks.point_elements(lon, lat), strict=True)
        if point is not None
    )
    return marks, hidden


def inner_points(polygons: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a place inside the largest part of each polygon: its centroid, or a point on it where that is outside.

    Parameters
    ----------
    polygons
        In framework metres, where areas are true and nothing is cut at 180 degrees.
    """
    parts, row = shapely.get_parts(polygons, return_index=True)
    order = np.lexsort((-shapely.area(parts), row))
    largest = parts[order[np.r_[True, np.diff(row[order]) > 0]]]
    centre = shapely.centroid(largest)
    inside = np.where(shapely.contains(largest, centre), centre, shapely.point_on_surface(largest))
    return shapely.get_x(inside), shapely.get_y(inside)
