"""Names of polygons on the globe: Google Earth writes names at points only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from naatlas import framework
from naatlas.export import levels, placemarks, strokes
from naatlas.export.columns import Run, joined
from naatlas.text import escape, escape_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.export.columns import Text
    from naatlas.export.look import Look
    from naatlas.model import LayerData

#: More names than this hide the map: their folder is off until the reader turns it on.
MOST_SHOWN = 150


# One switch for all names instead of a list of them.
ONE_SWITCH = "<Style><ListStyle><listItemType>checkHideChildren</listItemType></ListStyle></Style>"
OFF = "<visibility>0</visibility>"


def folder(data: LayerData, look: Look, name_field: str) -> str:
    """Return a folder with a point for each polygon that has a name; empty where none has.

    Where levels lie on each other, each level has a folder in it, and one of them is on at a time.

    Parameters
    ----------
    name_field
        The field that names a feature; a layer whose key is its only name gets no labels.
    """
    present = Names(data, name_field).present()
    if not len(present):
        return ""
    there = np.isin(np.arange(len(data.frame)), present)
    heading = head(look)
    nested = levels.field(data, look.style)
    if nested is None:
        marks, off = _marks(data, name_field, np.flatnonzero(there))
        return f"{heading}{off}{ONE_SWITCH}\n{marks}</Folder>\n"
    own = data.frame[nested].to_numpy(dtype=np.int64)
    numbers = [number for number in levels.present(data, nested) if (there & (own == number)).any()]
    inner = ""
    for number in numbers:
        rows = np.flatnonzero(there & (own == number))
        marks, off = _marks(data, name_field, rows, off=number != numbers[0])
        name = escape(levels.title(number, nested, look))
        inner += f"<Folder><name>{name}</name>{off}{ONE_SWITCH}\n{marks}</Folder>\n"
    return f"{heading}{levels.RADIO}\n{inner}</Folder>\n"


def head(look: Look) -> str:
    """Return the tag that opens the folder of names."""
    return f'<Folder id="labels"><name>{look.phrase("labels")}</name>'


def _marks(
    data: LayerData, name_field: str, rows: NDArray[np.int64], *, off: bool = False
) -> tuple[str, str]:
    """Return the points of some rows, and the tag that switches their folder off or nothing."""
    hidden = OFF if off or len(rows) > MOST_SHOWN else ""
    told = Run.of(Names(data, name_field).block(rows, hidden)).whole
    return str(told, "utf-8"), hidden


@dataclass(frozen=True, slots=True)
class Names:
    """The names of polygons as placemarks."""

    data: LayerData
    name_field: str

    def present(self) -> NDArray[np.int64]:
        """Return the rows that have a name and a place; none where the key is the only name."""
        if self.name_field == self.data.spec.key:
            return np.empty(0, dtype=np.int64)
        there = self.data.frame[self.name_field].notna().to_numpy()
        return np.flatnonzero(there & ~shapely.is_missing(self.data.shapes.metres))

    def places(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where the names stand, longitude within 180 and latitude."""
        lon, lat = framework.unproject(*inner_points(self.data.shapes.metres[rows]))
        return placemarks.wrapped_longitude(lon), lat

    def block(self, rows: NDArray[np.int64], hidden: str = "") -> Text:
        """Return the points of some rows, with a tag after the name."""
        names = escape_column(self.data.frame[self.name_field].iloc[rows])
        points = placemarks.point_elements(*self.places(rows))
        style = f"</name>{hidden}<styleUrl>#{strokes.LABEL_ID}</styleUrl>"
        return joined("<Placemark><name>", names, style, points, "</Placemark>\n")


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
