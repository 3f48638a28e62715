"""The very files that the specifications were written for: a register that came out again is told from them."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from naatlas.errors import InputError
from naatlas.sources.locate import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import InputFile
    from naatlas.spec import Source


class Known(NamedTuple):
    """Checksum and bytes of a file as it was when its specification was written."""

    sha256: str
    size: int


def table_path() -> Path:
    """Table of the files by their path below the data folder; ``scripts/make_known_files.py`` writes it."""
    return Path(str(resources.files("naatlas"))) / "data" / "known_files.csv"


@cache
def files() -> Mapping[str, Known]:
    """Return the known files by their path below the data folder."""
    with table_path().open(encoding="utf-8", newline="") as file:
        return {line["path"]: Known(line["sha256"], int(line["size"])) for line in csv.DictReader(file)}


def is_stale(source: Source, path: Path, data: Path) -> bool:
    """Tell whether a file has other content than the one that the specification was written for.

    It may well be read: a publisher corrects a register under the same name. Its columns and codes are checked by
    the build as always, but its vintage is a promise of the specification, which somebody must confirm.

    Parameters
    ----------
    path
        The file that is there. Of one that was unpacked or gzipped since, nothing is known.
    """
    return changed(describe(source, path, data))


def changed(entry: InputFile) -> bool:
    """Tell the same of a file that was read; starter inputs and base geometry are the project's own."""
    expected = files().get(entry.source.path)
    same_name = PurePosixPath(entry.name).name == PurePosixPath(entry.source.path).name
    return bool(entry.tier == "data" and same_name and expected and expected.sha256 != entry.sha256)


def refuse_mistaken(entry: InputFile) -> None:
    """Refuse a file that is known as another one: a year's register under the name of another year.

    Its columns are the same, so that nothing else would tell.

    Raises
    ------
    InputError
        Byte by byte it is the file of another path.
    """
    if not changed(entry):
        return
    other = next((path for path, known in files().items() if known.sha256 == entry.sha256), None)
    if other:
        raise InputError(
            f"{entry.name}: is the file that belongs to {other}; put the {entry.source.vintage} file of source "
            f"{entry.source.id} in its place ({entry.source.landing_page})"
        )
