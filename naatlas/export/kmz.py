"""KMZ for Google Earth: styled, in folders, with balloons in one language; written as a stream."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from naatlas.export import document, labels, large, strokes, timeline, zips
from naatlas.export.columns import Run
from naatlas.export.limits import Limits, estimate, vertices
from naatlas.export.tiles import Room
from naatlas.stamp import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from naatlas.export.document import Sheet
    from naatlas.export.look import Look
    from naatlas.model import LayerData

#: Deflate effort. Level 6 makes the national layers a quarter to a third smaller than level 3 and takes twice as long,
#: some tenths of a second for 100 MB of KML. Layers larger than all of them are packed quickly; no level is quicker
#: than 3.
_LEVEL, _QUICK_LEVEL = 6, 3
_QUICK_FROM_BYTES = 200_000_000
#: More make it little faster, and a row is 6 KB of text.
BLOCK_ROWS = 5000
#: More features than this may fill more than 2 GiB of KML, which needs the zip64 layout.
_LARGE = 200_000
#: The same in vertices, of about 20 characters each.
_LARGE_VERTICES = 50_000_000


def write(data: LayerData, path: Path, *, look: Look, limits: Limits | None = None) -> None:
    """Write the KMZ of a layer in one language.

    ``doc.kml`` comes first, then what it links to, then the symbols and the legend in ``files/``. A layer within
    the limits is one document: placemarks lie in folders by country and state (points) or class, with counts; where
    levels lie on each other, by level first, of which one is on at a time. The names of polygons are points in a
    folder of their own, to be switched off. A larger layer is a pyramid (``naatlas.export.pyramid``): the document
    holds the outer folders, and links to files that are opened as one comes nearer.

    The text is made in blocks of rows, so that memory does not grow with the layer. All texts of the data are
    escaped, for XML and for the HTML of the balloon. Same data, same bytes.

    Parameters
    ----------
    path
        A new file.
    """
    limits = limits or Limits()
    when, sheet = stamp(data), document.Sheet(data, look)
    level = _LEVEL if estimate(data) < _QUICK_FROM_BYTES else _QUICK_LEVEL
    with zips.archive(path) as archive:
        if limits.fits(data):
            huge = len(data.frame) > _LARGE or vertices(data) > _LARGE_VERTICES
            with zips.stream(archive, "doc.kml", when, level=level, large=huge) as stream:
                _write_document(stream, sheet)
            for name, text in (years.files() if (years := timeline.of(sheet)) else {}).items():
                zips.add_bytes(archive, name, text.encode(), when, level=level)
        else:
            with zips.Packer(archive, when, level=level) as packer:
                large.write(sheet, limits, Room(packer, limits.file_bytes, BLOCK_ROWS))
        for name, content in sheet.pictures().items():
            zips.add_bytes(archive, name, content, when)


def _write_document(stream: IO[bytes], sheet: Sheet) -> None:
    polygons = sheet.data.spec.geometry == "Polygon"
    stream.write(sheet.head().encode())
    stream.write("".join([*sheet.styles().values(), strokes.LABEL_STYLE if polygons else ""]).encode())
    stream.write((sheet.writer.schema() + sheet.overlays()).encode())
    for piece in _pieces(sheet):
        stream.write(piece)
    if polygons:
        stream.write(labels.folder(sheet.data, sheet.look, sheet.writer.name_field).encode())
    years = timeline.of(sheet)
    stream.write((years.folder() if years else "").encode())
    stream.write(document.TAIL.encode())


def _pieces(sheet: Sheet) -> Iterator[bytes | memoryview]:
    """Yield placemarks block by block, with the tags that open and close folders where they belong."""
    folders, ids = sheet.folders, sheet.used.ids
    tags = folders.tags(sheet.look.language)
    count = len(folders.order)
    for start in range(0, count, BLOCK_ROWS):
        rows = folders.order[start : start + BLOCK_ROWS]
        made = Run.of(sheet.writer.block(rows, ids[rows], folders.hidden[rows]))
        yield from made.pieces({at: tags[start + at] for at in range(len(rows)) if start + at in tags})
    yield tags.get(count, "").encode()
