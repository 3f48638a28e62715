"""National files as their publishers lay them out: found, opened and read as text.

Nothing is interpreted here: a cell is the text that stands in the file, or missing.
"""

from naatlas.sources.cells import is_total, looks_like_mojibake
from naatlas.sources.locate import absent, find
from naatlas.sources.reader import read, read_all
from naatlas.sources.stream import read_batches

__all__ = ["absent", "find", "is_total", "looks_like_mojibake", "read", "read_all", "read_batches"]
