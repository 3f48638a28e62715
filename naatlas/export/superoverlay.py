"""KMZ superoverlay of a raster: pictures in tiles, of which a globe fetches those that it shows, as fine as it needs.

The finest level has the cells themselves, in the colours of the legend; coarser ones the most frequent class, the mean
of a quantity in the colour of its step, or of classes that are rare one of the cells. Where there is no data the
picture is transparent, and tiles without any do not exist. Each tile is a picture and a KML that links to the next
four.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from naatlas.export import document, labels, zips
from naatlas.export.raster_paint import Paint, png
from naatlas.export.regions import EVER, Box, Region, link
from naatlas.export.superoverlay_cover import Cover
from naatlas.raster.blocks import in_threads, workers
from naatlas.raster.files import File
from naatlas.raster.globe import TILE, Pyramid, Tile, halved
from naatlas.raster.source import from_degrees
from naatlas.stamp import stamp
from naatlas.text import escape

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.raster.align import Raster
    from naatlas.raster.mesh import ToSource

    Cells = NDArray[Any]

#: Pixels on the screen from which on a tile is shown, and up to which it stays below its quarters.
_SHOWN_FROM, _SHOWN_TO = TILE / 2, TILE * 4

_TILE_KML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
    "<name>{name}</name>{region}\n"
    "<GroundOverlay><name>{name}</name><drawOrder>{order}</drawOrder><Icon><href>../tiles/{name}.png</href></Icon>"
    "<LatLonBox><north>{box.north:.10g}</north><south>{box.south:.10g}</south><east>{box.east:.10g}</east>"
    "<west>{box.west:.10g}</west></LatLonBox></GroundOverlay>\n{links}</Document>\n</kml>\n"
)


def write(data: LayerData, looks: Mapping[Path, Look], *, threads: int | None = None) -> None:
    """Write the superoverlay of a raster layer, each in its language; the tiles are the same in all of them.

    Parameters
    ----------
    looks
        New file -> how it looks.

    Raises
    ------
    ProductError
        A class has no colour.
    """
    covers = {path: Cover.of(data, look) for path, look in looks.items()}
    paint = Paint.of(data, next(iter(looks.values())).style)
    with File(data.cells.path, nodata=data.cells.nodata) as raster:
        put(raster, covers, paint=paint, when=stamp(data), threads=threads)


def put(
    raster: Raster,
    covers: Mapping[Path, Cover],
    *,
    paint: Paint,
    when: datetime,
    pixel: float | None = None,
    threads: int | None = None,
) -> int:
    """Write the superoverlays of any raster: same cells, same bytes, whatever the number of threads.

    Memory holds a piece of 2048 by 2048 pixels a thread, and a tile for each piece.

    Parameters
    ----------
    covers
        New file -> what stands around the tiles in it; the tiles are made once for all of them.
    when
        Date of the members of the archive.
    pixel
        Height of the finest pixels in degrees; that of a cell in the middle of the raster when left out.

    Returns
    -------
    Number of tiles in each.
    """
    room = _Room(raster, Pyramid.of(raster.placed, pixel=pixel), paint, from_degrees(raster.placed))
    tops: dict[Tile, Cells] = {}
    count = 0
    with ExitStack() as stack:
        archives = {stack.enter_context(zips.archive(path)): cover for path, cover in covers.items()}
        pieces = room.pyramid.pieces(raster.placed)
        for piece, (top, made) in in_threads(room.piece, pieces, threads=threads or workers()):
            count += _add(archives, made, when)
            if top is not None:
                tops[piece] = top
        for made in room.above(tops):
            count += _add(archives, made, when)
        for archive, cover in archives.items():
            _finish(archive, cover, room.document(cover, sorted(tops)), when)
    return count


def _finish(archive: zipfile.ZipFile, cover: Cover, document_: str, when: datetime) -> None:
    zips.add_bytes(archive, "doc.kml", document_.encode(), when)
    # which tiles there are is known only now, and readers open the KML that the directory names first
    archive.filelist.insert(0, archive.filelist.pop())
    for name, content in sorted(cover.pictures.items()):
        zips.add_bytes(archive, name, content, when)


def _add(archives: Iterable[zipfile.ZipFile], made: Iterable[_Made], when: datetime) -> int:
    """Add tiles to each archive: the KML packed, the picture, which is packed already, as it is."""
    count = 0
    for count, (name, picture, kml) in enumerate(made, start=1):  # noqa: B007 - the last one is how many
        for archive in archives:
            zips.add_bytes(archive, f"{name}.png", picture, when, level=0)
            zips.add_bytes(archive, f"{name}.kml", kml.encode(), when)
    return count


class _Made(NamedTuple):
    """A tile: name in the archive without ending, PNG and KML."""

    name: str
    picture: bytes
    kml: str


@dataclass(frozen=True, slots=True)
class _Room:
    """All that the makers of tiles share."""

    raster: Raster
    pyramid: Pyramid
    paint: Paint
    locate: ToSource

    def piece(self, piece: Tile) -> tuple[Cells | None, list[_Made]]:
        """Make the tiles of a piece, finest first; the cells of its topmost tile serve the levels above."""
        cells = self.pyramid.read(self.raster, piece, self.locate)
        if cells is None:
            return None, []
        made: list[_Made] = []
        below: set[Tile] = set()
        for level in range(self.pyramid.finest, piece.level - 1, -1):
            if level < self.pyramid.finest:
                cells = halved(cells, self.raster.nodata, self.paint.summary)
            here = dict(self._level(piece, level, cells, below))
            made += here.values()
            below = set(here)
        return cells, made

    def _level(self, piece: Tile, level: int, cells: Cells, below: set[Tile]) -> Iterator[tuple[Tile, _Made]]:
        entries = self.paint.entries(cells, self.raster.nodata)
        side = 1 << (level - piece.level)
        for row in range(side):
            for col in range(side):
                part = entries[row * TILE : (row + 1) * TILE, col * TILE : (col + 1) * TILE]
                if part.any():
                    tile = Tile(level, piece.row * side + row, piece.col * side + col)
                    yield tile, self._tile(tile, part, [q for q in tile.quarters() if q in below])

    def above(self, tops: Mapping[Tile, Cells]) -> Iterator[list[_Made]]:
        """Make the levels above the pieces, each from the one below it."""
        while tops and next(iter(tops)).level > self.pyramid.first:
            quarters, tops = tops, {}
            for tile in sorted({quarter.above for quarter in quarters}):
                four = [quarters.get(quarter) for quarter in tile.quarters()]
                tops[tile] = halved(self._joined(four), self.raster.nodata, self.paint.summary)
                entries = self.paint.entries(tops[tile], self.raster.nodata)
                yield [self._tile(tile, entries, [q for q in tile.quarters() if q in quarters])]

    def _joined(self, four: list[Cells | None]) -> Cells:
        kind = next(cells.dtype for cells in four if cells is not None)
        empty = np.full((TILE, TILE), self.raster.nodata, dtype=kind)
        told = [empty if cells is None else cells for cells in four]
        return np.block([told[:2], told[2:]])

    def _name(self, tile: Tile) -> str:
        return f"{tile.level - self.pyramid.first}-{self.pyramid.column(tile)}-{tile.row}"

    def _tile(self, tile: Tile, entries: NDArray[np.uint8], quarters: list[Tile]) -> _Made:
        box, rows = self.pyramid.cropped(tile)
        shown_to = _SHOWN_TO if quarters else EVER
        name = self._name(tile)
        kml = _TILE_KML.format(
            name=name,
            box=Box(*box),
            order=tile.level - self.pyramid.first,
            region=Region(Box(*box), _SHOWN_FROM if tile.level > self.pyramid.first else 0, shown_to).kml(),
            links="".join(self._link(quarter, "../tiles/") for quarter in quarters),
        )
        return _Made(f"tiles/{name}", png(entries[:rows], self.paint.palette), kml)

    def _link(self, tile: Tile, up: str) -> str:
        low = _SHOWN_FROM if tile.level > self.pyramid.first else 0
        name = self._name(tile)
        return link(name, f"{up}{name}.kml", Region(Box(*self.pyramid.cropped(tile)[0]), low))

    def document(self, cover: Cover, pieces: list[Tile]) -> str:
        """Return the main document, which links to the tiles of the first level."""
        first = pieces
        while first and first[0].level > self.pyramid.first:
            first = sorted({tile.above for tile in first})
        links = "".join(self._link(tile, "tiles/") for tile in first)
        head = f"<Folder><name>{escape(cover.name)}</name>{labels.ONE_SWITCH}\n"
        return f"{cover.head}{head}{links}</Folder>\n{document.TAIL}"
