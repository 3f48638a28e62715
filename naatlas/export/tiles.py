"""The files of a pyramid: KML documents that carry their own styles, within the size that is asked for.

Styles and schema stand in each file again, those that it uses. Google Earth would take ``../doc.kml#id`` too, but
CesiumJS, GDAL and others look for such a file beside the archive and draw white pins; the text repeats, so it adds
little to the archive. All files but ``doc.kml`` lie in folders, for readers take the last KML at the top for the
main one. Symbols lie in ``files/`` and once more in ``tiles/files/``: ``files/circle-0.png`` in a file of ``tiles/``
is the latter for Google Earth, which starts from the file, and the former for CesiumJS, which looks for the very name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from naatlas.export.columns import Run, text
from naatlas.export.regions import link
from naatlas.text import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from naatlas.export.columns import Text
    from naatlas.export.folders import Folders
    from naatlas.export.look import Look
    from naatlas.export.pyramid import Link, Plan, Tile
    from naatlas.export.zips import Packer

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
TAIL = "</Document>\n</kml>\n"
#: A placemark may open a folder, whose tags are counted with it.
_FOLDER_BYTES = 120


@dataclass(frozen=True)
class Content:
    """How the placemarks of a plan are written.

    Attributes
    ----------
    styles
        Style id -> elements.
    ids
        Style id by feature.
    always
        What stands in every file before the placemarks, such as the schema.
    block
        Placemarks of some rows, in that order.
    coarse
        The same, simplified to so many degrees and without values.
    folders
        Folders within a file, below the outermost; None for none.
    """

    look: Look
    styles: Mapping[str, str]
    ids: NDArray[np.object_]
    always: str
    block: Callable[[NDArray[np.int64]], Text]
    coarse: Callable[[NDArray[np.int64], float], Text] | None = None
    folders: Folders | None = None

    def sorted(self, tile: Tile) -> NDArray[np.int64]:
        """Return the rows of a file in folder order."""
        if self.folders is None:
            return tile.rows
        return tile.rows[np.argsort(self._places[tile.rows], kind="stable")]

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """Place of each feature in the order of the folders."""
        return self.folders.places() if self.folders else np.arange(len(self.ids))


@dataclass(frozen=True, slots=True)
class Room:
    """Where files are put, how large they may be, and how many features are rendered at a time."""

    packer: Packer
    file_bytes: int
    block_rows: int


def write(plan: Plan, content: Content, room: Room) -> None:
    """Write all files of a plan, the features themselves first, rendered in large blocks across the files."""
    for block in _blocks([tile for tile in plan.tiles if not tile.pixel], room.block_rows):
        rows = [content.sorted(tile) for tile in block]
        texts, at = Run.of(content.block(np.concatenate(rows))), 0
        for tile, own in zip(block, rows, strict=True):
            _put(tile, own, texts.some(at, at + len(own)), content, room)
            at += len(own)
    for tile in plan.tiles:
        if tile.pixel and content.coarse:
            own = content.sorted(tile)
            texts = Run.of(content.coarse(own, tile.pixel) if len(own) else text([]))
            _put(tile, own, texts, content, room)


def _blocks(tiles: list[Tile], block_rows: int) -> list[list[Tile]]:
    """Part files into blocks of about so many features."""
    blocks: list[list[Tile]] = []
    count = block_rows
    for tile in tiles:
        if count >= block_rows:
            blocks.append([])
            count = 0
        blocks[-1].append(tile)
        count += len(tile.rows)
    return blocks


def _put(tile: Tile, rows: NDArray[np.int64], texts: Run, content: Content, room: Room) -> None:
    """Write a file, and further ones that it links to where it would be too large."""
    name, further = title(tile, content.look), links(tile.links, content.look)
    head, end = _head(tile, name, rows, content), f"{further}{TAIL}".encode()
    bounds = _divided(texts.sizes, room.file_bytes - len(head) - len(end))
    if len(bounds) == 2:  # noqa: PLR2004 # one part
        room.packer.put(tile.path, head, *_body(tile, rows, texts, name, content), end)
        return
    stem = tile.path.removesuffix(".kml")
    paths = [tile.path, *(f"{stem}-part{n}.kml" for n in range(2, len(bounds)))]
    more = "".join(
        link(f"{name} ({n})", path.rpartition("/")[2], None) for n, path in enumerate(paths[1:], start=2)
    )
    ends = [more.encode() + end, *[TAIL.encode()] * (len(paths) - 1)]
    for path, (start, stop), last in zip(paths, pairwise(bounds), ends, strict=True):
        part = rows[start:stop]
        body = _body(tile, part, texts.some(start, stop), name, content)
        room.packer.put(path, _head(tile, name, part, content), *body, last)


def title(tile: Tile | Link, look: Look) -> str:
    """Return the name of a file: where its features lie."""
    return look.phrase("everywhere") if tile.box is None else tile.box.title(look)


def _head(tile: Tile, name: str, rows: NDArray[np.int64], content: Content) -> bytes:
    """Return what stands before the placemarks, with the styles that these have."""
    used = "".join(content.styles[style] for style in sorted(set(content.ids[rows].tolist())))
    return f"{HEAD}<name>{escape(name)}</name>\n{used}{'' if tile.pixel else content.always}".encode()


def _body(
    tile: Tile, rows: NDArray[np.int64], texts: Run, name: str, content: Content
) -> Iterator[bytes | memoryview]:
    told = texts.pieces(content.folders.within(rows, content.look.language) if content.folders else {})
    if tile.region is None or not len(texts):
        yield from told
        return
    yield f"<Folder><name>{escape(name)}</name>{tile.region.kml()}\n".encode()
    yield from told
    yield b"</Folder>\n"


def links(made: Sequence[Link], look: Look, *, up: str = "../", hidden: bool = False) -> str:
    """Return the links to some files, as they stand in a file of a folder, or in ``doc.kml`` with ``up`` empty."""
    return "".join(link(title(one, look), up + one.path, one.region, hidden=hidden) for one in made)


def _divided(sizes: NDArray[np.int64], room_bytes: int) -> list[int]:
    """Return where the parts of a file begin and end; a placemark that is too large stands alone."""
    needed = sizes + _FOLDER_BYTES
    if needed.sum() <= room_bytes:
        return [0, len(sizes)]
    bounds, used = [0], 0
    for at, size in enumerate(needed.tolist()):
        if used and used + size > room_bytes:
            bounds.append(at)
            used = 0
        used += size
    return [*bounds, len(sizes)]
