"""Zip archives that are the same bytes whenever and wherever they are written."""

from __future__ import annotations

import shutil
import zipfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path
    from typing import Self

_UNIX, _RW_R_R = 3, 0o100644

#: From so many bytes on an entry needs the zip64 layout, which must be chosen before its size is known.
ZIP64_FROM_BYTES = 1 << 31


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a new zip archive for writing."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        yield opened


def entry(name: str, when: datetime, *, level: int = 6) -> zipfile.ZipInfo:
    """Return the head of an archive member with a fixed date, system and mode.

    Parameters
    ----------
    level
        Effort of the deflate compression, 1 to 9; 0 to store what is packed already.
    """
    info = zipfile.ZipInfo(
        name, date_time=(when.year, when.month, when.day, when.hour, when.minute, when.second)
    )
    info.create_system = _UNIX
    info.external_attr = _RW_R_R << 16
    info.compress_type = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
    # The public name of this attribute exists from Python 3.13 on; the old one works in all versions.
    info._compresslevel = level  # type: ignore[attr-defined]  # noqa: SLF001
    return info


def add_bytes(into: zipfile.ZipFile, name: str, content: bytes, when: datetime, *, level: int = 6) -> None:
    """Add a member from memory."""
    with into.open(entry(name, when, level=level), "w") as member:
        member.write(content)


def add_file(into: zipfile.ZipFile, name: str, path: Path, when: datetime, *, level: int = 6) -> None:
    """Add a member from a file, in pieces."""
    large = path.stat().st_size >= ZIP64_FROM_BYTES
    with (
        path.open("rb") as source,
        into.open(entry(name, when, level=level), "w", force_zip64=large) as member,
    ):
        shutil.copyfileobj(source, member, 1 << 20)


class Packer:
    """Adds members to an archive in a thread of its own, in the order in which they are handed over.

    Packing lets the interpreter go, so that the next text is made meanwhile. Until all is packed, nobody else may
    write to the archive. What fails there is raised by the next ``put``, or at the end.
    """

    #: What may wait at a time: it is in memory until then.
    WAITING_BYTES = 1 << 25

    def __init__(self, into: zipfile.ZipFile, when: datetime, *, level: int) -> None:
        self._into, self._when, self._level = into, when, level
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[tuple[Future[None], int]] = deque()
        self._size = 0

    def put(self, name: str, *pieces: str | bytes | memoryview) -> None:
        """Hand over a member, in one piece or several; a text is written in UTF-8."""
        size = sum(map(len, pieces))
        self._waiting.append((self._thread.submit(self._pack, name, pieces), size))
        self._size += size
        while self._size > self.WAITING_BYTES:
            self._wait()

    def _wait(self) -> None:
        packed, size = self._waiting.popleft()
        self._size -= size
        packed.result()

    def _pack(self, name: str, pieces: Sequence[str | bytes | memoryview]) -> None:
        whole = b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
        add_bytes(self._into, name, whole, self._when, level=self._level)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._thread:  # waits, also when something failed: the archive is closed next
            while self._waiting:
                self._wait()


def stream(into: zipfile.ZipFile, name: str, when: datetime, *, level: int, large: bool) -> IO[bytes]:
    """Open a member whose size is not known yet."""
    return into.open(entry(name, when, level=level), "w", force_zip64=large)
