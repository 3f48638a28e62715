"""KMZ for Google Earth: styled, in folders, with balloons in one language; written as a stream."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas.export import labels, legend, levels, placemarks, strokes, symbols, zips
from naatlas.export.numbers import format_one
from naatlas.model import Points
from naatlas.stamp import stamp
from naatlas.text import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.export.strokes import Strokes
    from naatlas.export.symbols import Symbols
    from naatlas.model import LayerData
    from naatlas.spec import Field, Language

#: Deflate effort, measured on 164 MB of KML: level 3 takes as long as level 1 (0.6 s) and is a tenth smaller; level 6
#: takes 1.4 s to save another fifth.
LEVEL = 3
#: More make it no faster, and a row is 6 KB of text.
BLOCK_ROWS = 2000
#: More features than this may fill more than 2 GiB of KML, which needs the zip64 layout.
_LARGE = 400_000
#: The same in vertices, of about 20 characters each.
_LARGE_VERTICES = 50_000_000

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document id="document">\n'
    '<name>{name}</name><open>1</open><Snippet maxLines="1">{edition}</Snippet>\n'
    "<description><![CDATA[{about}]]></description>\n"
    "<LookAt><longitude>-98</longitude><latitude>46</latitude><altitude>0</altitude><heading>0</heading><tilt>0</tilt>"
    "<range>8500000</range><altitudeMode>clampToGround</altitudeMode></LookAt>\n"
)
_TAIL = "</Document>\n</kml>\n"
_OVERLAY = (
    '<ScreenOverlay id="{id}"><name>{name}</name><Icon><href>{href}</href></Icon>'
    '<overlayXY x="{x}" y="{y}" xunits="fraction" yunits="fraction"/>'
    '<screenXY x="{sx}" y="{sy}" xunits="fraction" yunits="fraction"/>'
    '<size x="0" y="{height}" xunits="fraction" yunits="fraction"/></ScreenOverlay>\n'
)
_STYLE = (
    '<Style id="{id}-{state}"><IconStyle><scale>{scale}</scale><Icon><href>{icon}</href></Icon></IconStyle>'
    "<LabelStyle><scale>{label}</scale></LabelStyle><BalloonStyle><text>{balloon}</text></BalloonStyle></Style>\n"
)
_STYLE_MAP = (
    '<StyleMap id="{id}"><Pair><key>normal</key><styleUrl>#{id}-normal</styleUrl></Pair>'
    "<Pair><key>highlight</key><styleUrl>#{id}-highlight</styleUrl></Pair></StyleMap>\n"
)


@dataclass(frozen=True, slots=True)
class _Folders:
    """Rows in folder order, the folder names of each row, outer one first, and rows that are off at opening.

    Attributes
    ----------
    around
        Name of the folder around all others, of which one is on at a time; empty where there is none.
    """

    order: NDArray[np.int64]
    levels: list[NDArray[np.object_]]
    hidden: NDArray[np.bool_]
    around: str = ""


def write(data: LayerData, path: Path, *, look: Look) -> None:
    """Write the KMZ of a layer in one language.

    ``doc.kml`` comes first, then the symbols and the legend in ``files/``. Placemarks lie in folders by country and
    state (points) or class, with counts; where levels lie on each other, by level first, of which one is on at a
    time. The names of polygons are points in a folder of their own, to be switched off. The text is made in blocks
    of rows, so that memory does not grow with the layer. All texts of the data are escaped, for XML and for the HTML
    of the balloon. Same data, same bytes.

    Parameters
    ----------
    path
        A new file.
    """
    when = stamp(data)
    overlays = legend.overlays(data, look)
    used: Symbols | Strokes
    if isinstance(data.geometry, Points):
        used, pictures = (dots := symbols.assign(data.frame, look.style)), dots.icons() | overlays
    else:
        used, pictures = strokes.assign(data, look.style), overlays
    with zips.archive(path) as archive:
        large = _is_large(data)
        with zips.stream(archive, "doc.kml", when, level=LEVEL, large=large) as stream:
            _write_document(stream, data, look, used, _overlays(overlays, look))
        for name, content in sorted(pictures.items()):
            zips.add_bytes(archive, name, content, when)


def _is_large(data: LayerData) -> bool:
    vertices = (
        0 if isinstance(data.geometry, Points) else shapely.get_num_coordinates(data.shapes.degrees).sum()
    )
    return len(data.frame) > _LARGE or int(vertices) > _LARGE_VERTICES


def _write_document(
    stream: IO[bytes], data: LayerData, look: Look, used: Symbols | Strokes, overlays: str
) -> None:
    cut = used.cut if isinstance(used, strokes.Strokes) else None
    writer = placemarks.Writer(data, look, escape(look.title(data)), cut)
    stream.write(_head(data, look).encode())
    stream.write(_document_styles(used).encode())
    stream.write((writer.schema() + overlays).encode())
    ids, folders = used.ids, _folders(data, look)
    for piece in _pieces(writer, folders, ids):
        stream.write(piece.encode())
    if data.spec.geometry == "Polygon":
        stream.write(labels.folder(data, look, writer.name_field).encode())
    stream.write(_TAIL.encode())


def _document_styles(used: Symbols | Strokes) -> str:
    if isinstance(used, strokes.Strokes):
        told = "".join(states + _STYLE_MAP.format(id=style_id) for style_id, states in used.used())
        return told + (strokes.LABEL_STYLE if used.kind == "Polygon" else "")
    return "".join(_styles(style_id, kind, scale) for style_id, kind, scale in used.used())


def _head(data: LayerData, look: Look) -> str:
    credit = dict.fromkeys(entry.source.licence.attribution for entry in data.inputs)
    items = "".join(f"<li>{escape(line)}</li>" for line in credit)
    heading = look.phrase("sources")
    about = f"<p>{escape(look.text('abstract'))}</p><p><b>{heading}</b></p><ul>{items}</ul>"
    edition = look.phrase("edition", data.folder)
    return _HEAD.format(name=escape(look.title(data)), edition=escape(edition), about=about)


def _styles(style_id: str, kind: int, scale: float) -> str:
    told = {"id": style_id, "icon": symbols.icon_path(kind), "balloon": placemarks.BALLOON}
    # Thousands of names would hide the map: a name shows when the pointer is on the symbol.
    normal = _STYLE.format(state="normal", scale=scale, label=0, **told)
    large = round(scale * symbols.HIGHLIGHT_GROWTH, 3)
    highlight = _STYLE.format(state="highlight", scale=large, label=1, **told)
    return normal + highlight + _STYLE_MAP.format(id=style_id)


def _overlays(pictures: Mapping[str, bytes], look: Look) -> str:
    """Lay the title over the middle of the upper edge and the legend over the lower left corner."""
    places = {
        "title": {"x": 0.5, "y": 1, "sx": 0.5, "sy": 0.99},
        "legend": {"x": 0, "y": 0, "sx": 0.01, "sy": 0.04},
    }
    return "".join(
        _OVERLAY.format(
            id=name,
            href=legend.path(name),
            name=look.phrase(name),
            height=legend.share(pictures[legend.path(name)]),
            **place,
        )
        for name, place in places.items()
    )


def _folders(data: LayerData, look: Look) -> _Folders:
    """Sort rows into folders; within the last of them the order of the frame, which is that of the key, stays."""
    present = _folder_fields(data, look)
    nested = levels.field(data, look.style)
    names, ranks = [], []
    hidden = np.zeros(len(data.frame), dtype=bool)
    if nested:
        level = data.frame[nested].to_numpy(dtype=np.int64)
        told = {number: levels.title(number, nested, look) for number in levels.present(data, nested)}
        names.append(np.array([told[number] for number in level.tolist()], dtype=object))
        ranks.append(level)
        hidden = level > min(told, default=0)
    for field in present:
        # Missing is -1, which takes the last name and the last rank.
        place, codes = pd.factorize(data.frame[field.name])
        named = [look.class_name(code, str(field.classes)) for code in codes]
        names.append(np.array([*named, look.phrase("not_stated")], dtype=object)[place])
        ranks.append(np.array([*_ranks(list(codes), named, look, str(field.classes)), len(codes)])[place])
    order = np.lexsort(ranks[::-1]) if ranks else np.arange(len(data.frame))
    return _Folders(order.astype(np.int64), names, hidden, look.text("title") if nested else "")


def _folder_fields(data: LayerData, look: Look) -> list[Field]:
    """Return the coded fields that make the folders: country, then state for points, else the class.

    Below levels the class makes no folders: its colour tells it, and a third step would hide the names.
    """
    coded = {field.name: field for field in data.spec.fields if field.classes}
    by_state = data.spec.geometry == "Point" and "state" in coded
    below = "" if levels.field(data, look.style) else look.style.field
    names = dict.fromkeys(("country", "state" if by_state else below))
    return [coded[name] for name in names if name in coded]


def _ranks(codes: list[str], names: list[str], look: Look, class_list: str) -> list[int]:
    """Rank by the order of the class list where the words have one, by name without accents where not."""
    listed = list(look.words.classes.get(class_list, {}))
    keys = [listed.index(code) for code in codes] if listed else [_plain(name) for name in names]
    return [sorted(keys).index(key) for key in keys]


def _plain(name: str) -> tuple[str, str]:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)), name


def _pieces(writer: placemarks.Writer, folders: _Folders, ids: NDArray[np.object_]) -> Iterator[str]:
    """Yield placemarks block by block, with the tags that open and close folders where they belong."""
    tags = _tags(folders, writer.look.language)
    count = len(folders.order)
    for start in range(0, count, BLOCK_ROWS):
        rows = folders.order[start : start + BLOCK_ROWS]
        made = writer.block(rows, ids[rows], folders.hidden[rows])
        for place in range(start, start + len(rows)):
            if place in tags:
                made[place - start] = tags[place] + made[place - start]
        yield "".join(made)
    yield tags.get(count, "")


def _tags(folders: _Folders, language: Language) -> dict[int, str]:
    """Return, by place in the order, the folder tags that stand before it; the last closes what is open."""
    count = len(folders.order)
    if not folders.levels or not count:
        return {}
    ordered = [level[folders.order] for level in folders.levels]
    hidden = folders.hidden[folders.order]
    tags: dict[int, str] = {}
    for depth, (level, begins) in enumerate(zip(ordered, _starts(ordered), strict=True)):
        sizes = np.diff(np.r_[begins, count])
        for place, size in zip(begins.tolist(), sizes.tolist(), strict=True):
            # The outermost folder that changes here closes itself and all below it.
            outermost = place not in tags
            close = "" if place == 0 else "</Folder>\n" * (len(ordered) - depth if outermost else 0)
            name = escape(f"{level[place]} ({format_one(size, 0, language)})")
            off = "<visibility>0</visibility>" if hidden[place] else ""
            tags[place] = tags.get(place, "") + close + f"<Folder><name>{name}</name>{off}\n"
    tags[count] = "</Folder>\n" * len(ordered)
    if folders.around:
        head = f"<Folder><name>{escape(folders.around)}</name><open>1</open>{levels.RADIO}\n"
        tags[0], tags[count] = head + tags[0], tags[count] + "</Folder>\n"
    return tags


def _starts(ordered: list[NDArray[np.object_]]) -> list[NDArray[np.int64]]:
    """Return, folder level by folder level, the places at which a new folder begins."""
    changed = np.zeros(len(ordered[0]), dtype=bool)
    starts = []
    for level in ordered:
        changed = changed | np.r_[True, level[1:] != level[:-1]]
        starts.append(np.flatnonzero(changed))
    return starts
