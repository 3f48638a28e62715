"""How lines and polygons look in the KML: one style a class, and one for polygons that are outlined apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from naatlas.export import outlines, placemarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from naatlas.model import LayerData
    from naatlas.spec import Geometry
    from naatlas.styles import Style

_PIXELS_PER_MM = 96 / 25.4
#: A line thinner than this flickers when the globe turns; a line without width cannot be clicked.
_THINNEST_PIXELS = 1.0
_HIGHLIGHT_GROWTH, _HIGHLIGHT_OPACITY = 2.0, 0.95

LABEL_ID = "label"
#: Names of polygons stand at a point without symbol.
LABEL_STYLE = (
    f'<Style id="{LABEL_ID}"><IconStyle><scale>0</scale></IconStyle>'
    "<LabelStyle><scale>0.8</scale></LabelStyle><BalloonStyle><displayMode>hide</displayMode></BalloonStyle></Style>\n"
)
_STYLE = (
    '<Style id="{id}-{state}"><LineStyle><color>{line}</color><width>{width}</width></LineStyle>'
    "<PolyStyle><color>{fill}</color><fill>{filled}</fill><outline>{outline}</outline></PolyStyle>"
    "<BalloonStyle><text>{balloon}</text></BalloonStyle></Style>\n"
)


@dataclass(frozen=True, slots=True)
class Strokes:
    """The style of each feature as one number, and what the numbers mean.

    Attributes
    ----------
    codes
        Classes in legend order, and None last for features without one.
    number
        By feature: index of the class times two, plus one for polygons that are outlined apart.
    """

    style: Style
    kind: Geometry
    codes: tuple[str | None, ...]
    number: NDArray[np.int64]

    @property
    def ids(self) -> NDArray[np.object_]:
        """Style id by feature; begins with a letter, as XML demands."""
        names = [_id(number) for number in range(2 * len(self.codes))]
        return np.array(names, dtype=object)[self.number]

    @property
    def cut(self) -> NDArray[np.bool_]:
        """Features whose polygons are outlined apart."""
        return np.asarray(self.number % 2 == 1)

    def used(self) -> Iterator[tuple[str, str]]:
        """Yield style id, and its normal and highlight style as KML, of all that some feature has."""
        for number in np.unique(self.number).tolist():
            yield _id(number), self._states(number)

    def _states(self, number: int) -> str:
        code = self.codes[number // 2]
        colour = self.style.colour(code, self.kind)
        edge = colour if self.kind == "LineString" else self.style.edge(code, colour)
        width = max(self.style.width_mm(code) * _PIXELS_PER_MM, _THINNEST_PIXELS)
        fixed = {
            "id": _id(number),
            "filled": int(code not in self.style.unfilled),
            "outline": 1 - number % 2,
            "balloon": placemarks.BALLOON,
        }
        states = {
            "normal": (round(width, 2), self.style.opacity),
            "highlight": (round(width * _HIGHLIGHT_GROWTH, 2), _HIGHLIGHT_OPACITY),
        }
        return "".join(
            _STYLE.format(state=state, width=told, line=abgr(edge), fill=abgr(colour, opacity), **fixed)
            for state, (told, opacity) in states.items()
        )


def assign(data: LayerData, style: Style) -> Strokes:
    """Give each line or polygon its style by class; a missing class has one of its own."""
    codes = (*style.colours, None)
    order = {code: index for index, code in enumerate(style.colours)}
    kinds = style.classes(data.frame).map(order).fillna(len(order)).to_numpy().astype(np.int64)
    cut = outlines.is_cut(data.shapes.degrees, data.spec.geometry)
    return Strokes(style, data.spec.geometry, codes, 2 * kinds + cut)


def abgr(colour: str, opacity: float = 1.0) -> str:
    """Return ``#rrggbb`` as KML writes colours: opacity first, then blue, green, red."""
    return f"{round(255 * opacity):02x}{colour[5:7]}{colour[3:5]}{colour[1:3]}"


def _id(number: int) -> str:
    return f"class-{number // 2}{'-cut' if number % 2 else ''}"
