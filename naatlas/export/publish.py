"""Publication: a product appears as a whole or not at all, and the last good one stays until then."""

from __future__ import annotations

import errno
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from naatlas.errors import ProductError
from naatlas.export.seal import BUILD_LOG, MANIFEST, SUMS, files, listed

if TYPE_CHECKING:
    from collections.abc import Iterator


#: A second build of the same product waits so long for the first one.
WAIT_SECONDS = 5.0
_FORMER = "former"

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space and build again",
    errno.EDQUOT: "the disk quota is used up; free some space and build again",
    errno.EROFS: "the disk is read-only; choose another output folder with --out",
    errno.EACCES: "access is denied: the file may be open in ArcGIS or QGIS, or the folder read-only; "
    "close it there, or choose another folder with --out",
    errno.ENOTDIR: "a file stands where a folder is needed; choose another output folder with --out",
    errno.EEXIST: "a file stands where a folder is needed; choose another output folder with --out",
}
_REASONS[errno.EPERM] = _REASONS[errno.EBUSY] = _REASONS[errno.EACCES]


@contextmanager
def staging(out: Path, slug: str, folder: str) -> Iterator[Path]:
    """Hand out a private folder to write a product into; on success it becomes ``<out>/<slug>/<folder>``.

    Files move one by one, ``manifest.json`` last; what the former product had and the new one has not is
    removed. If anything fails before or during that, Ctrl-C included, the former product is put back as it was.
    Two builds of one product do not mix: the second waits some seconds for the first, then gives up.

    Raises
    ------
    ProductError
        The folder cannot be written, a file is in use, the disk is full, or another build is under way.
    """
    target = out / slug / folder
    with told(target), _lock(target):
        _clear_leftovers(target)
        private = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        try:
            with told(target, private):
                yield private
            _replace(private, target)
        finally:
            # What could not be put back stays there for the next build, which tries again.
            if not files(private / _FORMER):
                shutil.rmtree(private, ignore_errors=True)


@contextmanager
def told(target: Path, private: Path | None = None) -> Iterator[None]:
    """Turn an error of the file system into one line that names the file as the user knows it."""
    try:
        yield
    except OSError as error:
        where = Path(error.filename) if isinstance(error.filename, str) else target
        if private is not None and where.is_relative_to(private):
            where = target / where.relative_to(private)
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise ProductError(f"{where}: cannot be written: {reason}") from error


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    """Hold the lock of a product; the operating system frees it when its owner dies, so none is ever stale."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(target.parent / f".{target.name}.lock", timeout=WAIT_SECONDS):
            yield
    except Timeout:
        raise ProductError(
            f"{target}: another build is writing it; wait until it ends, then build again"
        ) from None


def _prefix(target: Path) -> str:
    return f".{target.name}.building-"


def _clear_leftovers(target: Path) -> None:
    """Undo what a killed build left behind: put the former product back, unless the new one is complete."""
    for private in sorted(target.parent.glob(f"{_prefix(target)}*")):
        former = private / _FORMER
        if not (target / MANIFEST).exists() and (former / MANIFEST).exists():
            _restore(former, target)
            wanted = listed((target / MANIFEST).read_bytes())
            for name in set(files(target)) - {*wanted, MANIFEST, SUMS, BUILD_LOG}:
                (target / name).unlink()
        shutil.rmtree(private, ignore_errors=True)


def _replace(private: Path, target: Path) -> None:
    """Move new files in, each over its former one, which is kept aside until all are in."""
    new = files(private)
    former = private / _FORMER
    stale = [name for name in files(target) if name not in new and name != BUILD_LOG]
    _refuse_files_in_use(target, [name for name in files(target) if name != BUILD_LOG])
    moved: list[str] = []
    try:
        # Without its manifest a product is recognised as unfinished, should this process be killed right here.
        for name in [MANIFEST, *new, *stale]:
            _move(target / name, former / name)
        for name in new:
            _move(private / name, target / name)
            moved.append(name)
    except BaseException:
        for name in moved:
            (target / name).unlink(missing_ok=True)
        _restore(former, target)
        _remove_empty(target)
        raise
    shutil.rmtree(former, ignore_errors=True)
    _remove_empty(target)


def _move(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)


def _restore(former: Path, target: Path) -> None:
    for name in files(former):
        _move(former / name, target / name)


def _refuse_files_in_use(target: Path, names: list[str]) -> None:
    """Find out before anything moves: Windows does not let go of a file that another program has open."""
    for name in names:
        path = target / name
        with told(path), path.open("r+b"):
            pass


def _remove_empty(target: Path) -> None:
    for folder in sorted((path for path in target.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
