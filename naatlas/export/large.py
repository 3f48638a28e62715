"""A KMZ of a layer that is too large for one document: main document, pyramid of features, pyramid of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from naatlas.export import (
    document,
    labels,
    levels,
    outlines,
    placemarks,
    pyramid,
    pyramid_points,
    pyramid_shapes,
    strokes,
    tiles,
    timeline,
)
from naatlas.export.folders import title
from naatlas.model import Points
from naatlas.text import escape

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from naatlas.export.columns import Text
    from naatlas.export.document import Sheet
    from naatlas.export.limits import Limits
    from naatlas.export.pyramid import Plan
    from naatlas.export.tiles import Room
    from naatlas.model import LayerData

    Rows = NDArray[np.int64]

#: Bytes of KML: a placemark without its vertices, and a vertex.
_PLACEMARK, _VERTEX = 5000, 19


def write(sheet: Sheet, limits: Limits, room: Room) -> None:
    """Write ``doc.kml`` and the files of the pyramid into the archive."""
    plan, groups = _plan(sheet, limits)
    names, named = _names(sheet, limits)
    told = [
        sheet.head(large=True),
        sheet.overlays(),
        _folders(sheet, plan, groups),
        _label_folder(sheet, names),
    ]
    years = timeline.of(sheet)
    if years:
        told.append(years.folder())
    room.packer.put("doc.kml", *told, document.TAIL)
    tiles.write(plan, _content(sheet), room)
    if names.tiles:
        tiles.write(names, named, room)
    for path, text in (years.files() if years else {}).items():
        room.packer.put(path, text)
    for name, picture in sheet.icons().items():
        room.packer.put(f"tiles/{name}", picture)


def _groups(sheet: Sheet) -> tuple[Rows, list[str]]:
    """Return the outermost folder of each feature, in the order in which folders stand, and their names."""
    count, order = len(sheet.data.frame), sheet.folders.order
    if not sheet.folders.levels:
        return np.zeros(count, dtype=np.int64), [sheet.look.text("title")]
    outer = sheet.folders.levels[0]
    names = list(dict.fromkeys(outer[order].tolist()))
    number = {name: place for place, name in enumerate(names)}
    return np.array([number[name] for name in outer.tolist()], dtype=np.int64), names


def _plan(sheet: Sheet, limits: Limits) -> tuple[Plan, list[tuple[str, int, bool]]]:
    """Plan the files, and tell name, number of features and whether it is off of each outer folder."""
    group, names = _groups(sheet)
    data = sheet.data
    off = [bool(sheet.folders.hidden[group == number].any()) for number in range(len(names))]
    sizes = np.bincount(group, minlength=len(names)).tolist()
    if isinstance(data.geometry, Points):
        east = placemarks.wrapped_longitude(data.points.lon)
        place = np.column_stack([east, data.points.lat] * 2)
        marks = pyramid.Marks(place, _importance(sheet), np.zeros(len(place)), group)
        plan = pyramid_points.plan(marks, limits)
    else:
        shapes, cut = data.shapes.degrees, outlines.is_cut(data.shapes.degrees, data.spec.geometry)
        size = _PLACEMARK + _VERTEX * shapely.get_num_coordinates(shapes) * (1 + cut)
        marks = pyramid.Marks(shapely.bounds(shapes), _importance(sheet), size.astype(float), group)
        plan = pyramid_shapes.plan(marks, limits, together=not sheet.folders.around)
    return plan, list(zip(names, sizes, off, strict=True))


def _importance(sheet: Sheet) -> NDArray[np.float64]:
    """Return what makes a feature important: the value that its symbol shows, its area or its length."""
    data, field = sheet.data, sheet.look.style.size_field
    if not isinstance(data.geometry, Points):
        measure = shapely.area if data.spec.geometry == "Polygon" else shapely.length
        return np.asarray(measure(data.shapes.metres), dtype=np.float64)
    if field is None:
        # Nothing tells them apart: a part that is spread over the whole, the same in every build.
        return np.random.default_rng(0).permutation(len(data.frame)).astype(np.float64)
    return _spread(data.frame[field].to_numpy(dtype=np.float64, na_value=np.nan))


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank values, and those that are not known among them: a country without quantities is not empty from afar."""
    known = np.isfinite(values)
    ranks = np.empty(len(values))
    ranks[known] = np.argsort(np.argsort(-values[known], kind="stable")) / known.sum()
    ranks[~known] = np.random.default_rng(0).permutation((~known).sum()) / (~known).sum()
    return -ranks


def _content(sheet: Sheet) -> tiles.Content:
    ids = sheet.used.ids

    def coarse(rows: Rows, pixel: float) -> Text:
        return sheet.writer.block(rows, ids[rows], shapes=simplified(sheet.data, rows, pixel))

    return tiles.Content(
        sheet.look,
        sheet.styles(),
        ids,
        sheet.writer.schema(),
        block=lambda rows: sheet.writer.block(rows, ids[rows]),
        coarse=coarse,
        folders=sheet.folders,
    )


def simplified(data: LayerData, rows: Rows, pixel: float) -> NDArray[Any]:
    """Return lines or polygons without what is smaller than a pixel.

    Neighbours of a coverage keep their common borders; a part that would vanish stays as it is.

    Parameters
    ----------
    pixel
        In degrees.
    """
    shapes = data.shapes.degrees[rows]
    if (
        data.spec.geometry == "Polygon"
        and data.spec.generalize == "coverage"
        and shapely.coverage_is_valid(shapes)
    ):
        made = shapely.coverage_simplify(shapes, pixel)
    else:
        made = shapely.simplify(shapes, pixel, preserve_topology=True)
    return np.where(shapely.is_empty(made), shapes, made)


def _folders(sheet: Sheet, plan: Plan, groups: list[tuple[str, int, bool]]) -> str:
    """Return the outer folders with the links to their first files."""
    told = "".join(
        f"<Folder><name>{title(name, count, sheet.look.language)}</name>{'<visibility>0</visibility>' if off else ''}\n"
        f"{tiles.links(plan.entries[number], sheet.look, up='', hidden=off)}</Folder>\n"
        for number, (name, count, off) in enumerate(groups)
    )
    return f"{sheet.folders.head()}{told}</Folder>\n" if sheet.folders.around else told


def _names(sheet: Sheet, limits: Limits) -> tuple[Plan, tiles.Content]:
    """Plan the files of the names of polygons: those of the largest are there first."""
    names = labels.Names(sheet.data, sheet.writer.name_field)
    rows = names.present() if sheet.data.spec.geometry == "Polygon" else np.empty(0, dtype=np.int64)
    lon, lat = names.places(rows) if len(rows) else (np.empty(0), np.empty(0))
    place = np.column_stack([lon, lat] * 2)
    group = _level_numbers(sheet)[rows]
    weight = _importance(sheet)[rows] if len(rows) else np.empty(0)
    plan = pyramid_points.plan(pyramid.Marks(place, weight, np.zeros(len(rows)), group), limits, name="names")
    ids = np.full(len(rows), strokes.LABEL_ID, dtype=object)
    styles = {strokes.LABEL_ID: strokes.LABEL_STYLE}
    return plan, tiles.Content(sheet.look, styles, ids, "", block=lambda some: names.block(rows[some]))


def _level_numbers(sheet: Sheet) -> Rows:
    """Return the level of each feature, 0 throughout where there are none."""
    nested = levels.field(sheet.data, sheet.look.style)
    count = len(sheet.data.frame)
    return sheet.data.frame[nested].to_numpy(dtype=np.int64) if nested else np.zeros(count, dtype=np.int64)


def _label_folder(sheet: Sheet, plan: Plan) -> str:
    """Return the folder of names; one of its levels is on at a time."""
    if not plan.tiles:
        return ""
    look, nested = sheet.look, levels.field(sheet.data, sheet.look.style)
    off = sum(len(tile.rows) for tile in plan.tiles) > labels.MOST_SHOWN
    if nested is None:
        hidden = labels.OFF if off else ""
        told = tiles.links(plan.entries[0], look, up="", hidden=off)
        return f"{labels.head(look)}{hidden}{labels.ONE_SWITCH}\n{told}</Folder>\n"
    inner = "".join(
        f"<Folder><name>{escape(levels.title(level, nested, look))}</name>{labels.OFF}{labels.ONE_SWITCH}\n"
        f"{tiles.links(plan.entries[level], look, up='', hidden=True)}</Folder>\n"
        for level in sorted(plan.entries)
    )
    return f"{labels.head(look)}{levels.RADIO}\n{inner}</Folder>\n"
