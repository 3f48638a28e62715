"""Progress on stderr: a moving line in a terminal, silence elsewhere."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOG = logging.getLogger("naatlas")


@contextmanager
def progress(title: str) -> Iterator[None]:
    """Show what the stages log while the block runs.

    Parameters
    ----------
    title
        What is being done, such as the layer's slug.
    """
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    with console.status(title) as status:
        handler = _Handler(lambda text: status.update(escape(f"{title}: {text}")))
        LOG.addHandler(handler)
        LOG.setLevel(logging.INFO)
        try:
            yield
        finally:
            LOG.removeHandler(handler)


class _Handler(logging.Handler):
    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__()
        self._show = show

    def emit(self, record: logging.LogRecord) -> None:
        self._show(record.getMessage())
