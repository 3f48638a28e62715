"""A scratch folder for cells: it is there as long as somebody holds on to it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path


class Shelter:
    """A folder that is removed with the last reference to it, at the latest when the program ends.

    Where it lies is the choice of the system, as TMPDIR or TEMP say.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="naatlas-cells-"))
        # not a TemporaryDirectory: that one warns when it goes by itself, which is what is wanted here
        self._end = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
