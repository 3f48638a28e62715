"""Numbers as people of a language read them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.spec import Field, Language

#: (thousands, decimal) marks. French: narrow no-break space and comma. Spanish: as in Mexico (NOM-008-SCFI
#: allows the point, which the national registers use).
MARKS: dict[Language, tuple[str, str]] = {"en": (",", "."), "fr": ("\u202f", ","), "es": (",", ".")}
_SPLIT = "\x00"
#: Measured values from these on have one decimal, and none.
COARSE, WHOLE = 10, 10_000


def format_all(values: Sequence[float], decimals: int, language: Language) -> list[str]:
    """Return numbers as text with the marks of a language: ``1,234.5``, ``1\u202f234,5``; zero has no sign."""
    if not len(values):
        return []
    pattern = f"{{:z,.{decimals}f}}"
    joined = _SPLIT.join(map(pattern.format, values))
    return _marked(joined, language).split(_SPLIT)


def format_measured(values: Sequence[float], decimals: int, language: Language) -> list[str]:
    """Return measured values with no more decimals than a reader can use: one from 10 on, none from 10,000 on."""
    if decimals <= 1:
        return format_all(values, decimals, language)
    fine, coarse, whole = f"{{:z,.{decimals}f}}".format, "{:z,.1f}".format, "{:z,.0f}".format
    steps = (
        (fine if abs(value) < COARSE else coarse if abs(value) < WHOLE else whole)(value) for value in values
    )
    joined = _SPLIT.join(steps)
    return _marked(joined, language).split(_SPLIT) if joined else []


def format_one(value: float, decimals: int, language: Language) -> str:
    """Return one number as text with the marks of a language."""
    return format_all([value], decimals, language)[0]


def format_short(value: float, language: Language) -> str:
    """Return a number for a legend, without decimals that say nothing: ``4,000``, ``0.5``."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return _marked(text, language)


def _marked(text: str, language: Language) -> str:
    """Swap the marks of Python's own formatting for those of a language."""
    thousands, decimal = MARKS[language]
    return text.translate({ord(","): thousands, ord("."): decimal})


def is_year(field: Field) -> bool:
    """Tell whether an integer is a year, which is written without thousands mark."""
    return field.dtype == "integer" and "year" in field.name.split("_")


@cache
def symbol(unit: str | None) -> str:
    """Return the symbol of a unit, the same in the three languages: ``megawatt`` -> ``MW``; empty for none, or a count.

    Parameters
    ----------
    unit
        As pint spells it, such as the ``unit`` of a field.
    """
    if unit is None or unit == "count":
        return ""
    import pint

    return f"{pint.application_registry.Unit(unit):~P}"
