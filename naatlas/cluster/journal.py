"""What a run has finished, kept on disk, so that the same run after a crash does only what is missing."""

from __future__ import annotations

import hashlib
import io
import pickle
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import naatlas
from naatlas.errors import ProductError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from naatlas.cluster.runner import Runner

P = TypeVar("P")
C = TypeVar("C")
T = TypeVar("T")

#: Name of the journal in its folder.
NAME = "journal.sqlite"

_TABLES = """
CREATE TABLE IF NOT EXISTS job (only INTEGER PRIMARY KEY CHECK (only = 1), call TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS finished (
    call TEXT, piece TEXT, result BLOB NOT NULL, sha256 BLOB NOT NULL, PRIMARY KEY (call, piece));
"""


@contextmanager
def kept(run: Runner, folder: Path) -> Iterator[Runner]:
    """Keep what another runner finishes, and take what is kept from a run that did not come to its end.

    A result is found again by what was asked: the work, the version of naatlas, the piece and what is common to all
    pieces; of files by path, size and time of change. It is written whole or not at all, and one that is damaged is
    done again. Work that has an attribute ``keeps`` sees to it itself. When the block ends well, the journal is
    removed, and with it the folder where there is nothing else in it.

    Parameters
    ----------
    folder
        For the journal of this one job. It is as trusted as the program: results in it are pickled.

    Raises
    ------
    UsageError
        The folder has the journal of another job, of other files, or of a run that is still going on.
    ProductError
        The journal is damaged, or cannot be written.
    """
    path = folder / NAME
    with _told(path):
        folder.mkdir(parents=True, exist_ok=True)
        journal = _Journal(path)
    with closing(journal):
        yield _Kept(run, journal)
    path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in one line what is wrong with a journal."""
    try:
        yield
    except OSError as error:
        raise ProductError(f"{path}: cannot be written ({error.strerror or error})") from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise UsageError(
                f"{path}: is in use by another run; wait for it, or name another folder"
            ) from error
        raise ProductError(f"{path}: cannot be written ({error})") from error
    except sqlite3.DatabaseError as error:
        raise ProductError(
            f"{path}: is damaged, or no journal; remove it, and the run begins anew"
        ) from error


class _Journal:
    """Results by call and piece, in a file of SQLite that one run has for itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._file.executescript(_TABLES)

    def close(self) -> None:
        self._file.close()

    def begin(self, call: str) -> None:
        """Note the first call of a job, which tells it from another; what is asked later follows from it."""
        with _told(self.path):
            self._file.execute("INSERT OR IGNORE INTO job VALUES (1, ?)", [call])
            told = self._file.execute("SELECT call FROM job").fetchone()
        if told != (call,):
            raise UsageError(
                f"{self.path}: is of another job, or its files have changed since; name another folder, or remove it "
                "and the run begins anew"
            )

    def result(self, call: str, piece: str) -> tuple[Any, ...]:
        """Return the result of a piece, and nothing where there is none that is whole."""
        with _told(self.path):
            told = self._file.execute(
                "SELECT result, sha256 FROM finished WHERE call = ? AND piece = ?", [call, piece]
            ).fetchone()
        if told is None or hashlib.sha256(told[0]).digest() != told[1]:
            return ()
        return (pickle.loads(told[0]),)  # noqa: S301 - the caller's own folder

    def keep(self, call: str, piece: str, result: object) -> None:
        """Write a result, in one transaction."""
        told = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
        row = [call, piece, told, hashlib.sha256(told).digest()]
        with _told(self.path):
            self._file.execute("INSERT OR REPLACE INTO finished VALUES (?, ?, ?, ?)", row)


@dataclass(frozen=True, slots=True)
class _Named(Generic[P, C, T]):
    """Work whose results say of which piece they are."""

    work: Callable[[P, C], T]

    def __call__(self, piece: tuple[str, P], common: C) -> tuple[str, T]:
        name, own = piece
        return name, self.work(own, common)


class _Kept:
    """The runner that looks into the journal first."""

    def __init__(self, run: Runner, journal: _Journal) -> None:
        self._run, self._journal, self._begun = run, journal, False

    def __call__(self, work: Callable[[P, C], T], pieces: Collection[P], common: C) -> Iterator[T]:
        if getattr(work, "keeps", False):
            yield from self._run(work, pieces, common)
            return
        call = digest((naatlas.__version__, work, common))
        if not self._begun:
            self._journal.begin(call)
            self._begun = True
        missing = []
        for piece in pieces:
            name = digest(piece)
            found = self._journal.result(call, name)
            yield from found
            if not found:
                missing.append((name, piece))
        for name, told in self._run(_Named(work), missing, common):
            self._journal.keep(call, name, told)
            yield told


class _ByValue(pickle.Pickler):
    """Pickles files with their size and time of change, and equal things equally."""

    def reducer_override(self, thing: object) -> Any:  # noqa: ANN401 - as pickle has it
        if not isinstance(thing, Path):
            return NotImplemented
        there = thing.stat() if thing.is_file() else None
        return str, (f"{thing} {there and (there.st_size, there.st_mtime_ns)}",)


def digest(thing: object) -> str:
    """Return the SHA-256 of a description: the same for all that are equal, another for a file that has changed."""
    out = io.BytesIO()
    pickler = _ByValue(out, protocol=5)
    pickler.fast = True  # else the bytes would tell equal texts from one text that comes twice
    pickler.dump(thing)
    return hashlib.sha256(out.getbuffer()).hexdigest()
