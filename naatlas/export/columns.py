"""Columns of text as Arrow holds them: one block of bytes a column, so that no object stands for a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

#: Offsets of 64 bits: the outlines of a block of polygons may be more than 2 GiB.
TEXT = pa.large_string()
Text: TypeAlias = "pa.LargeStringArray"


def text(values: Sequence[str | None] | NDArray[np.object_]) -> Text:
    """Return a column of text; None is missing."""
    return pa.array(values, type=TEXT)


def joined(*parts: Text | str, between: str = "") -> Text:
    """Join columns and constants row by row, leaving out what is missing."""
    # Arrow drops the rows in which all parts are missing; an empty text in front of them keeps these.
    told = _join(("", *parts), between, "skip")
    return cast("Text", pc.utf8_slice_codeunits(told, len(between))) if between else told


def together(*parts: Text | str) -> Text:
    """Join columns and constants row by row; where one of them is missing, nothing stands there."""
    return _join(parts, "", "emit_null")


def _join(parts: Sequence[Text | str], between: str, nulls: str) -> Text:
    told = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in (*parts, between)]
    return cast("Text", pc.binary_join_element_wise(*told, null_handling=nulls))


def where(hit: pa.BooleanArray, values: Text | str) -> Text:
    """Keep the values of some rows, or give them this one; the others have none."""
    told = pa.scalar(values, TEXT) if isinstance(values, str) else values
    return cast("Text", pc.if_else(hit, told, pa.scalar(None, TEXT)))


def full(values: Text) -> Text:
    """Return the texts that say something; what is empty counts as missing."""
    return where(pc.not_equal(values, ""), values)


class Template:
    """A text with gaps, and the columns that fill them."""

    def __init__(self) -> None:
        self._parts: list[Text | str] = []

    def text(self, constant: str) -> None:
        """Add what is the same in all rows."""
        if self._parts and isinstance(self._parts[-1], str):
            constant = self._parts.pop() + constant
        self._parts.append(constant)

    def cells(self, start: str, values: Text, end: str = "") -> None:
        """Add a value with what stands around it; where the value is missing, nothing stands there."""
        if values.null_count == 0:
            self.text(start)
            self._parts.append(values)
            self.text(end)
        elif values.null_count < len(values):
            self._parts.append(together(start, values, end) if start or end else values)

    def render(self) -> Text:
        """Return the text of each row; there must be a column."""
        return joined(*self._parts)


@dataclass(frozen=True, slots=True)
class Run:
    """The texts of a column as UTF-8, of which consecutive ones are taken as one piece without a copy.

    Attributes
    ----------
    ends
        Where the first text begins, and where each ends.
    told
        All texts, one after the other, maybe with others around them.
    """

    ends: NDArray[np.int64]
    told: memoryview

    @classmethod
    def of(cls, texts: Text) -> Run:
        """Return the texts of a column without missing ones."""
        _, offsets, told = texts.buffers()
        ends = np.frombuffer(offsets, dtype=np.int64) if offsets else np.zeros(1, dtype=np.int64)
        return cls(ends[texts.offset : texts.offset + len(texts) + 1], memoryview(told or b""))

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.ends) - 1

    def some(self, start: int, stop: int) -> Run:
        """Return consecutive texts."""
        return Run(self.ends[start : stop + 1], self.told)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The bytes of each text."""
        return np.diff(self.ends)

    @property
    def whole(self) -> memoryview:
        """All texts, one after the other."""
        return self.told[self.ends[0] : self.ends[-1]]

    def pieces(self, before: Mapping[int, str]) -> Iterator[bytes | memoryview]:
        """Yield all texts, with what stands before some of them by place, or after the last."""
        at = 0
        for place in sorted(before):
            yield self.some(at, place).whole
            yield before[place].encode()
            at = place
        yield self.some(at, len(self)).whole
