"""Names of polygons on the globe: Google Earth writes names at points only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas import framework
from naatlas.export import placemarks, strokes
from naatlas.text import clean_column, escape_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.model import LayerData

#: More names than this hide the map: their folder is off until the reader turns it on.
MOST_SHOWN = 150


def folder(data: LayerData, look: Look, name_field: str) -> str:
    """Return a folder with a point for each polygon that has a name; empty where none has.

    Parameters
    ----------
    name_field
        The field that names a feature; a layer whose key is its only name gets no labels.
    """
    named = np.flatnonzero(
        data.frame[name_field].notna().to_numpy() & ~shapely.is_missing(data.shapes.metres)
    )
    if name_field == data.spec.key or not len(named):
        return ""
    lon, lat = framework.unproject(*inner_points(data.shapes.metres[named]))
    names = escape_all(clean_column(data.frame[name_field].iloc[named]).tolist())
    marks = "".join(
        f"<Placemark><name>{name}</name><styleUrl>#{strokes.LABEL_ID}</styleUrl>{point}</Placemark>\n"
        for name, point in zip(names, placemarks.point_elements(lon, lat), strict=True)
        if point is not None
    )
    shown = int(len(named) <= MOST_SHOWN)
    # One switch for all names instead of a list of them.
    items = "<Style><ListStyle><listItemType>checkHideChildren</listItemType></ListStyle></Style>"
    name, hidden = look.phrase("labels"), "" if shown else "<visibility>0</visibility>"
    marks = marks if shown else marks.replace("</name>", f"</name>{hidden}")
    return f'<Folder id="labels"><name>{name}</name>{hidden}{items}\n{marks}</Folder>\n'


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
