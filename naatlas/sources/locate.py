"""Where the file of a source lies, and which file it really is."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from naatlas.errors import InputError
from naatlas.model import InputFile
from naatlas.spec import Csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from naatlas.spec import Source

_CHUNK = 2**20


def find(source: Source, data: Path | None) -> Path | None:
    """Return the file of a source, or None where it is absent.

    Parameters
    ----------
    data
        The data folder; None for the starter rows inside the package. A packaged source is found in the package
        either way.

    Notes
    -----
    Below the data folder the declared path counts first, then the same file name directly in the folder; each
    also as its gzipped or unpacked twin. Nothing else is tried.
    """
    if source.packaged:
        inside = package_folder() / source.path
        return inside if inside.exists() else None
    if data is None:
        path = starter_folder() / source.starter if source.starter else None
        return path if path is not None and path.exists() else None
    return next((path for path in _candidates(source, data) if path.exists()), None)


def starter_folder() -> Path:
    """Folder of the starter inputs inside the installed package."""
    return Path(str(resources.files("naatlas"))) / "data" / "starter"


def package_folder() -> Path:
    """Folder of the base geometry inside the installed package."""
    return Path(str(resources.files("naatlas"))) / "data" / "framework"


def absent(sources: Iterable[Source], data: Path | None) -> tuple[Source, ...]:
    """Return the sources whose file is not there, optional ones included."""
    return tuple(source for source in sources if find(source, data) is None)


def locate(source: Source, data: Path | None) -> Path:
    """Return the file of a source.

    Raises
    ------
    InputError
        The data folder or the file is missing, or the path is a folder.
    """
    if data is not None and not data.is_dir():
        raise InputError(f"data folder {data}: not a folder; name the folder that holds the national files")
    path = find(source, data)
    if path is None:
        raise InputError(_missing(source, data))
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise InputError(
            f"{source.path}: is a folder, but source {source.id} is a file; put the file in its place"
        )
    return path


def without_starter(sources: Sequence[Source], data: Path | None) -> str:
    """Say in one line which of several sources need the national files, and where these are; empty where none does."""
    lost = [s for s in sources if data is None and not s.packaged and find(s, data) is None]
    if len(lost) <= 1:
        return ""
    pages = dict.fromkeys(source.landing_page for source in lost)
    return (
        f"there are no starter rows for {len(lost)} inputs ({', '.join(source.id for source in lost)}): get the files "
        f"from {' and '.join(pages)}, and name their folder with --data"
    )


def describe(source: Source, path: Path, data: Path | None) -> InputFile:
    """Name, size and checksum of the file that is read; a geodatabase or shapefile counts as a whole."""
    digest, size = hashlib.sha256(), 0
    for part in _parts(path):
        with part.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        size += part.stat().st_size
    return InputFile(
        source=source,
        tier=_tier(source, data),
        name=short_name(source, path, data),
        sha256=digest.hexdigest(),
        size=size,
    )


def _tier(source: Source, data: Path | None) -> Literal["starter", "package", "data"]:
    if source.packaged:
        return "package"
    return "starter" if data is None else "data"


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(part for part in path.iterdir() if part.is_file())
    if path.suffix.lower() == ".shp":
        # The attributes lie in the .dbf: a checksum of the .shp alone would not notice that they changed.
        beside = (path.with_suffix(suffix) for suffix in (".shx", ".dbf", ".prj", ".cpg"))
        return [path, *(part for part in beside if part.exists())]
    return [path]


def short_name(source: Source, path: Path, data: Path | None) -> str:
    """Path below the data or starter folder, with forward slashes; ``package/...`` for base geometry."""
    if source.packaged:
        return f"package/{path.relative_to(package_folder()).as_posix()}"
    return path.relative_to(starter_folder() if data is None else data).as_posix()


def _candidates(source: Source, data: Path) -> Iterator[Path]:
    declared = PurePosixPath(source.path)
    member = source.layout.member if isinstance(source.layout, Csv) else None
    names = [declared.name, *_twins(declared.name)]
    if member is not None:
        names.append(PurePosixPath(member).name)
    for folder in (data / declared.parent, data):
        yield from (folder / name for name in names)


def _twins(name: str) -> list[str]:
    return [name[:-3]] if name.lower().endswith(".gz") else [f"{name}.gz"]


def _missing(source: Source, data: Path | None) -> str:
    if source.packaged:
        return f"source {source.id}: {source.path} is missing in the package; install naatlas again"
    if data is None:
        return (
            f"source {source.id}: there are no starter rows for {source.title}; "
            f"name a data folder that holds {source.path}, from {source.landing_page}"
        )
    return f"{source.path}: not found (source {source.id}); get it from {source.landing_page}"
