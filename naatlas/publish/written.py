"""A file that is there as a whole or as it was before."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from naatlas.export.publish import told

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Hand out a private path beside ``path`` to write to; on success it takes its place, else it is removed.

    Raises
    ------
    ProductError
        The folder cannot be written, or the file is open elsewhere.
    """
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as private:
            draft = Path(private) / path.name
            yield draft
            os.replace(draft, path)  # noqa: PTH105 - the word says that what is there is replaced, on Windows too
