"""Symbols of the KML: some circle sizes for each class, drawn by us so that they are there offline."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.styles.colour import rim
from naatlas.styles.style import SIZE_STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from naatlas.styles import Style

#: Google Earth draws an icon of scale 1 at 32 pixels; twice that is sharp on screens of double density.
ICON_PIXELS = 64
_EARTH_PIXELS, _PIXELS_PER_MM = 32.0, 96 / 25.4
#: A circle below this many pixels cannot be clicked.
_SMALLEST_PIXELS = 7.0
_SMOOTHING = 4
HIGHLIGHT_GROWTH = 1.35


@dataclass(frozen=True, slots=True)
class Symbols:
    """The symbol of each feature as one number, and what the numbers mean.

    Attributes
    ----------
    codes
        Classes in legend order, and None last for features without one.
    number
        By feature: index of the class times ``SIZE_STEPS``, plus the size step.
    """

    style: Style
    codes: tuple[str | None, ...]
    number: NDArray[np.int64]

    @property
    def ids(self) -> NDArray[np.object_]:
        """Style id by feature; begins with a letter, as XML demands."""
        names = np.array([style_id(number) for number in range(len(self.codes) * SIZE_STEPS)], dtype=object)
        return names[self.number]

    def used(self) -> Iterator[tuple[str, int, float]]:
        """Yield style id, index of the class and icon scale of every symbol that some feature has."""
        for number in np.unique(self.number).tolist():
            kind, step = divmod(number, SIZE_STEPS)
            yield style_id(number), kind, icon_scale(self.style, step)

    def icons(self) -> dict[str, bytes]:
        """Return the PNG of every class that occurs, by path inside the archive."""
        kinds = np.unique(self.number // SIZE_STEPS).tolist()
        return {icon_path(kind): circle(self.colour(kind)) for kind in kinds}

    def colour(self, kind: int) -> str:
        """Return the colour of a class by its index."""
        return self.style.colour(self.codes[kind])


def assign(frame: pd.DataFrame, style: Style) -> Symbols:
    """Give each feature its symbol; a missing class is white, a missing value has the smallest circle."""
    codes = (*style.colours, None)
    order = {code: index for index, code in enumerate(style.colours)}
    place, present = pd.factorize(style.classes(frame))
    # Missing is -1, which takes the last.
    kinds = np.array([*(order.get(code, len(order)) for code in present), len(order)], dtype=np.int64)[place]
    if style.size_field is None:
        return Symbols(style, codes, kinds * SIZE_STEPS)
    values = frame[style.size_field].to_numpy(dtype=np.float64, na_value=np.nan)
    return Symbols(style, codes, kinds * SIZE_STEPS + size_steps(values, style))


def size_steps(values: NDArray[np.float64], style: Style) -> NDArray[np.int64]:
    """Return the size step of each value, 0 to ``SIZE_STEPS - 1``: steps are equal in diameter."""
    (low, high), (small, large) = style.size_limits, style.size_range
    share = (np.clip(np.nan_to_num(values, nan=low), low, high) - low) / (high - low)
    diameter = np.sqrt(small**2 + share * (large**2 - small**2))
    if large == small:
        return np.zeros(len(values), dtype=np.int64)
    steps = (diameter - small) / (large - small) * SIZE_STEPS
    return np.minimum(steps.astype(np.int64), SIZE_STEPS - 1)


def icon_scale(style: Style, step: int) -> float:
    """Return the KML icon scale in the middle of a size step."""
    small, large = style.size_range
    diameter_mm = small + (large - small) * (step + 0.5) / SIZE_STEPS
    return round(max(diameter_mm * _PIXELS_PER_MM, _SMALLEST_PIXELS) / _EARTH_PIXELS, 3)


def style_id(number: int) -> str:
    """Return the id of a symbol in the KML."""
    return f"symbol-{number // SIZE_STEPS}-{number % SIZE_STEPS}"


def icon_path(kind: int) -> str:
    """Return where the icon of a class lies in the archive."""
    return f"files/circle-{kind}.png"


def circle(colour: str) -> bytes:
    """Return a PNG with a filled circle and its rim in a transparent surrounding.

    Parameters
    ----------
    colour
        ``#rrggbb``.
    """
    from PIL import Image, ImageDraw

    size = ICON_PIXELS * _SMOOTHING
    image = Image.new("RGBA", (size, size), colour + "00")
    edge, width = _SMOOTHING * 2, _SMOOTHING * 4
    ImageDraw.Draw(image).ellipse(
        (edge, edge, size - edge, size - edge), fill=colour, outline=rim(colour), width=width
    )
    small = image.resize((ICON_PIXELS, ICON_PIXELS), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()
