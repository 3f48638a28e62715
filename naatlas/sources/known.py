"""The very files that the specifications were written for: a register that came out again is told from them."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from naatlas.sources.locate import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    expected = files().get(source.path)
    if expected is None or path.name != PurePosixPath(source.path).name:
        return False
    return path.stat().st_size != expected.size or describe(source, path, data).sha256 != expected.sha256
