"""The cells of a raster as entries of a palette, in the colours of its legend."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from naatlas.errors import ProductError
from naatlas.raster.align import known
from naatlas.styles.colour import rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from naatlas.model import LayerData
    from naatlas.spec import Summary
    from naatlas.styles import Style

    RGB = tuple[int, int, int]

#: Effort of the compression of pictures. Level 6 takes five times as long to save a sixth.
_PNG_LEVEL = 1
#: A palette has so many entries; the first one is transparent.
_MOST_COLOURS = 255
_UNKNOWN = 255


@dataclass(frozen=True, slots=True)
class Paint:
    """How cells become colours.

    Attributes
    ----------
    colours
        Red, green and blue, at most 255 of them: one a number, or one a step.
    numbers
        Of classes: the numbers 0 to 255 in the cells, one a colour.
    limits
        Of a quantity: where steps meet, ascending, one less than colours; a limit belongs to the step below it.
    sampled
        Of classes that are rare: an overview shows one of the cells that it stands for.
    """

    colours: Sequence[RGB]
    numbers: Sequence[int] = ()
    limits: Sequence[float] = ()
    sampled: bool = False
    _table: NDArray[np.uint8] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        expected = len(self.numbers) or len(self.limits) + 1
        if len(self.colours) != expected or not 0 < expected < _MOST_COLOURS:
            raise ProductError(f"raster: {len(self.colours)} colours for {expected} classes; give one each")
        table = np.full(256, _UNKNOWN, dtype=np.uint8)
        table[list(self.numbers)] = np.arange(len(self.numbers), dtype=np.uint8) + 1
        object.__setattr__(self, "_table", table)

    @classmethod
    def of(cls, data: LayerData, style: Style) -> Paint:
        """Take the colours of a layer from its style."""
        if style.breaks:
            return cls([rgb(colour) for colour in style.colours.values()], limits=style.breaks.limits)
        told = style.cell_colours(data.rules.codes)
        return cls(list(told.values()), numbers=list(told), sampled=data.rules.sampled)

    @property
    def summary(self) -> Summary:
        """What an overview shows."""
        if not self.numbers:
            return "mean"
        return "sample" if self.sampled else "mode"

    @property
    def palette(self) -> bytes:
        """Red, green and blue of all entries, the transparent one first."""
        return bytes([0, 0, 0, *(part for colour in self.colours for part in colour)])

    def entries(self, cells: NDArray[Any], nodata: float) -> NDArray[np.uint8]:
        """Return the entries of the palette.

        Raises
        ------
        ProductError
            A class has no colour.
        """
        if not self.numbers:
            steps = np.searchsorted(np.asarray(self.limits, dtype=np.float64), cells).astype(np.uint8) + 1
            return np.where(known(cells, nodata), steps, 0).astype(np.uint8)
        if cells.dtype != np.uint8:
            raise ProductError(f"raster: classes are of type uint8, and these cells of {cells.dtype}")
        table = self._table.copy()
        table[int(nodata)] = 0
        told: NDArray[np.uint8] = table[cells]
        if (told == _UNKNOWN).any():
            lost = ", ".join(map(str, np.unique(cells[told == _UNKNOWN]).tolist()))
            raise ProductError(f"raster: no colour for class {lost}; give it one in the style")
        return told


def png(entries: NDArray[np.uint8], palette: bytes) -> bytes:
    """Return entries of a palette as PNG; the first entry is transparent."""
    from PIL import Image

    stream = io.BytesIO()
    picture = Image.frombytes("P", entries.shape[::-1], np.ascontiguousarray(entries).tobytes())
    picture.putpalette(palette)
    picture.save(stream, "PNG", transparency=bytes([0]), compress_level=_PNG_LEVEL)
    return stream.getvalue()
