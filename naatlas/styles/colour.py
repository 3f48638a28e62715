"""Colours as the styles write them, and how far they stand out from the ground of the maps."""

from __future__ import annotations

#: The land and the sea of our own maps: what symbols must stand out from.
LAND, SEA = "#fbfaf6", "#e3edf3"
#: Colour of a feature whose class is missing; the same for lines, where white would be no line.
NO_CLASS_COLOUR, NO_CLASS_LINE = "#ffffff", "#9a9a9a"
#: Rims of symbols: white parts those that overlap; a symbol too pale to be seen itself is seen by its dark rim.
PALE_RIM, DARK_RIM = "#ffffff", "#404040"
#: Contrast that graphics need (Web Content Accessibility Guidelines 2.1, success criterion 1.4.11).
LEAST_CONTRAST = 3.0
#: Where sRGB turns from a line into a curve, and what the ratio adds for stray light, as the guidelines have them.
_LINEAR, _STRAY = 0.04045, 0.05


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue (0 to 255) of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (Web Content Accessibility Guidelines 2.1)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + _STRAY) / (dark + _STRAY)


def stands_out(colour: str) -> bool:
    """Tell whether a colour is seen on the land and on the sea."""
    return min(contrast(colour, LAND), contrast(colour, SEA)) >= LEAST_CONTRAST


def rim(colour: str) -> str:
    """Return the colour of the rim of a symbol."""
    return PALE_RIM if stands_out(colour) else DARK_RIM


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= _LINEAR else ((part + 0.055) / 1.055) ** 2.4)
