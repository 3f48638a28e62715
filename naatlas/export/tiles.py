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
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from naatlas.export.regions import link
from naatlas.text import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from naatlas.export.folders import Folders
    from naatlas.export.look import Look
    from naatlas.export.pyramid import Link, Plan, Tile
    from naatlas.export.zips import Packer

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
TAIL = "</Document>\n</kml>\n"
#: A placemark may open a folder, whose tags are counted with it.
_FOLDER_BYTES = 120
#: Of a character in UTF-8.
_MOST_BYTES = 4


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
    block: Callable[[NDArray[np.int64]], list[str]]
    coarse: Callable[[NDArray[np.int64], float], list[str]] | None = None
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

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of each style."""
        return {style: _size(text) for style, text in self.styles.items()}


@dataclass(frozen=True, slots=True)
class Room:
    """Where files are put, how large they may be, and how many features are rendered at a time."""

    packer: Packer
    file_bytes: int
    block_rows: int


def write(plan: Plan, content: Content, room: Room) -> None:
    """Write all files of a plan, the features themselves first, rendered in large blocks across the files."""
    fine = [tile for tile in plan.tiles if not tile.pixel]
    rows = [content.sorted(tile) for tile in fine]
    texts = _stream(np.concatenate([*rows, np.empty(0, dtype=np.int64)]), content, room.block_rows)
    for tile, own in zip(fine, rows, strict=True):
        _put(tile, own, list(islice(texts, len(own))), content, room)
    for tile in plan.tiles:
        if tile.pixel and content.coarse:
            own = content.sorted(tile)
            _put(tile, own, content.coarse(own, tile.pixel) if len(own) else [], content, room)


def _stream(rows: NDArray[np.int64], content: Content, block_rows: int) -> Iterator[str]:
    for start in range(0, len(rows), block_rows):
        yield from content.block(rows[start : start + block_rows])


def _put(tile: Tile, rows: NDArray[np.int64], texts: list[str], content: Content, room: Room) -> None:
    """Write a file, and further ones that it links to where it would be too large."""
    name = title(tile, content.look)
    styles = sum(content.sizes[style] for style in set(content.ids[rows].tolist()))
    fixed = _size(HEAD + name + content.always + links(tile.links, content.look) + TAIL) + styles
    bounds = _divided(texts, room.file_bytes - fixed)
    paths = [
        tile.path if not n else f"{tile.path.removesuffix('.kml')}-part{n + 1}.kml"
        for n in range(len(bounds) - 1)
    ]
    more = "".join(
        link(f"{name} ({n})", path.rpartition("/")[2], None) for n, path in enumerate(paths[1:], start=2)
    )
    for n, path in enumerate(paths):
        part = slice(bounds[n], bounds[n + 1])
        further = more + links(tile.links, content.look) if n == 0 else ""
        about = _about(tile, name, rows[part], content)
        room.packer.put(path, f"{HEAD}{about}{_body(tile, rows[part], texts[part], content)}{further}{TAIL}")


def title(tile: Tile | Link, look: Look) -> str:
    """Return the name of a file: where its features lie."""
    return look.phrase("everywhere") if tile.box is None else tile.box.title(look)


def _about(tile: Tile, name: str, rows: NDArray[np.int64], content: Content) -> str:
    used = "".join(content.styles[style] for style in sorted(set(content.ids[rows].tolist())))
    return f"<name>{escape(name)}</name>\n{used}{'' if tile.pixel else content.always}"


def _body(tile: Tile, rows: NDArray[np.int64], texts: list[str], content: Content) -> str:
    told = content.folders.within(texts, rows, content.look.language) if content.folders else "".join(texts)
    if tile.region is None or not texts:
        return told
    name = escape(title(tile, content.look))
    return f"<Folder><name>{name}</name>{tile.region.kml()}\n{told}</Folder>\n"


def links(made: Sequence[Link], look: Look, *, up: str = "../", hidden: bool = False) -> str:
    """Return the links to some files, as they stand in a file of a folder, or in ``doc.kml`` with ``up`` empty."""
    return "".join(link(title(one, look), up + one.path, one.region, hidden=hidden) for one in made)


def _divided(texts: list[str], room_bytes: int) -> list[int]:
    """Return where the parts of a file begin and end; a placemark that is too large stands alone."""
    if sum(map(len, texts)) * _MOST_BYTES + len(texts) * _FOLDER_BYTES <= room_bytes:
        return [0, len(texts)]
    bounds, used = [0], 0
    for at, text in enumerate(texts):
        size = _size(text) + _FOLDER_BYTES
        if used and used + size > room_bytes:
            bounds.append(at)
            used = 0
        used += size
    return [*bounds, len(texts)]


def _size(text: str) -> int:
    """Return how many bytes a text has; most texts are ASCII, of which Python knows it."""
    return len(text) if text.isascii() else len(text.encode())
