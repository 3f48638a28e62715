"""KMZ superoverlay of a raster: pictures in tiles, of which a globe fetches those that it shows, as fine as it needs.

The finest level has the cells themselves, in the colours of the legend; coarser ones the most frequent class, or the
mean of a quantity in the colour of its step. Where there is no data the picture is transparent, and tiles without any
do not exist. Each tile is a picture and a KML that links to the next four.
"""

from __future__ import annotations

import io
import math
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from naatlas.errors import ProductError
from naatlas.export import document, labels, legend, zips
from naatlas.export.regions import EVER, Box, Region, link
from naatlas.raster.align import known
from naatlas.raster.blocks import in_threads, workers
from naatlas.raster.files import File
from naatlas.raster.globe import TILE, Pyramid, Tile, halved
from naatlas.raster.source import from_degrees, to_degrees
from naatlas.stamp import stamp
from naatlas.styles.colour import rgb
from naatlas.text import escape

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.raster.align import Raster
    from naatlas.raster.globe import Summary
    from naatlas.raster.mesh import ToSource

    RGB = tuple[int, int, int]
    Cells = NDArray[Any]

#: Effort of the compression of pictures. Level 6 takes five times as long to save a sixth.
_PNG_LEVEL = 1
#: Pixels on the screen from which on a tile is shown, and up to which it stays below its quarters.
_SHOWN_FROM, _SHOWN_TO = TILE / 2, TILE * 4
#: A palette has so many entries; the first one is transparent.
_MOST_COLOURS = 255
_UNKNOWN = 255

_TILE_KML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
    "<name>{name}</name>{region}\n"
    "<GroundOverlay><name>{name}</name><drawOrder>{order}</drawOrder><Icon><href>../tiles/{name}.png</href></Icon>"
    "<LatLonBox><north>{box.north:.10g}</north><south>{box.south:.10g}</south><east>{box.east:.10g}</east>"
    "<west>{box.west:.10g}</west></LatLonBox></GroundOverlay>\n{links}</Document>\n</kml>\n"
)
_PLAIN_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document id="document">\n'
    "<name>{name}</name><open>1</open><description>{about}</description>\n"
    "<LookAt><longitude>{lon:.4f}</longitude><latitude>{lat:.4f}</latitude><altitude>0</altitude><heading>0</heading>"
    "<tilt>0</tilt><range>{range:.0f}</range><altitudeMode>clampToGround</altitudeMode></LookAt>\n"
)


@dataclass(frozen=True, slots=True)
class Paint:
    """How cells become colours.

    Attributes
    ----------
    colours
        Red, green and blue, at most 255 of them: one a number, or one a step.
    numbers
        Of classes: the numbers 0 to 255 in the cells, one a colour.
    limits
        Of a quantity: where steps meet, ascending, one less than colours; a limit belongs to the step below it.
    """

    colours: Sequence[RGB]
    numbers: Sequence[int] = ()
    limits: Sequence[float] = ()
    _table: NDArray[np.uint8] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        expected = len(self.numbers) or len(self.limits) + 1
        if len(self.colours) != expected or not 0 < expected < _MOST_COLOURS:
            raise ProductError(
                f"superoverlay: {len(self.colours)} colours for {expected} classes; give one each"
            )
        table = np.full(256, _UNKNOWN, dtype=np.uint8)
        table[list(self.numbers)] = np.arange(len(self.numbers), dtype=np.uint8) + 1
        object.__setattr__(self, "_table", table)

    @classmethod
    def of(cls, data: LayerData, look: Look) -> Paint:
        """Take the colours of a layer from its style."""
        style = look.style
        if style.breaks:
            return cls([rgb(colour) for colour in style.colours.values()], limits=style.breaks.limits)
        told = style.cell_colours(data.rules.codes)
        return cls(list(told.values()), numbers=list(told))

    @property
    def summary(self) -> Summary:
        """What an overview shows."""
        return "mode" if self.numbers else "mean"

    @property
    def palette(self) -> bytes:
        """Red, green and blue of all entries, the transparent one first."""
        return bytes([0, 0, 0, *(part for colour in self.colours for part in colour)])

    def entries(self, cells: Cells, nodata: float) -> NDArray[np.uint8]:
        """Return the entries of the palette.

        Raises
        ------
        ProductError
            A class has no colour.
        """
        if not self.numbers:
            steps = np.searchsorted(np.asarray(self.limits, dtype=np.float64), cells).astype(np.uint8) + 1
            return np.where(known(cells, nodata), steps, 0).astype(np.uint8)
        if cells.dtype != np.uint8:
            raise ProductError(f"superoverlay: classes are of type uint8, and these cells of {cells.dtype}")
        table = self._table.copy()
        table[int(nodata)] = 0
        told: NDArray[np.uint8] = table[cells]
        if (told == _UNKNOWN).any():
            lost = ", ".join(map(str, np.unique(cells[told == _UNKNOWN]).tolist()))
            raise ProductError(f"superoverlay: no colour for class {lost}; give it one in the style")
        return told


class Cover(NamedTuple):
    """What the reader sees beside the raster: the main document without its links, and the pictures that it shows."""

    name: str
    head: str
    pictures: Mapping[str, bytes]

    @classmethod
    def of(cls, data: LayerData, look: Look) -> Cover:
        """Take title, sources, view and legend of a layer."""
        sheet = document.Sheet(data, look)
        return cls(
            look.words.title(data.edition)[look.language], sheet.head() + sheet.overlays(), sheet.screen
        )

    @classmethod
    def plain(cls, raster: Raster, name: str, *, about: str = "", pictures: Mapping[str, bytes]) -> Cover:
        """Make one for any raster.

        Parameters
        ----------
        name, about
            Title and description, not yet escaped.
        pictures
            PNG by ``title`` and ``legend``.
        """
        rows, cols = raster.placed.shape
        lon, lat = (
            float(v[0]) for v in to_degrees(raster.placed, np.array([cols / 2]), np.array([rows / 2]))
        )
        away = min(2.2 * max(rows, cols) * _cell_m(raster), 9e6)
        head = _PLAIN_HEAD.format(name=escape(name), about=escape(about), lon=lon, lat=lat, range=away)
        paths = {legend.path(name): content for name, content in pictures.items()}
        return cls(
            name, head + document.screen_overlays(paths, {key: key.title() for key in pictures}), paths
        )


def _cell_m(raster: Raster) -> float:
    side = abs(raster.placed.transform.e)
    return side * math.radians(1) * 6_371_000 if raster.placed.period else side


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
    paint = Paint.of(data, next(iter(looks.values())))
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


def png(entries: NDArray[np.uint8], palette: bytes) -> bytes:
    """Return entries of a palette as PNG; the first entry is transparent."""
    from PIL import Image

    stream = io.BytesIO()
    picture = Image.frombytes("P", entries.shape[::-1], np.ascontiguousarray(entries).tobytes())
    picture.putpalette(palette)
    picture.save(stream, "PNG", transparency=bytes([0]), compress_level=_PNG_LEVEL)
    return stream.getvalue()
