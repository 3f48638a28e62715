"""Unit conversion with pint; a unit that is not known is never guessed."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from naatlas.errors import UnknownTermsError

#: How registers write units, in lower case without dots and blanks -> how pint spells them.
SPELLINGS = {
    "mw": "megawatt",
    "kw": "kilowatt",
    "t": "metric_ton",
    "ton": "metric_ton",  # RETC: tonelada
    "ton/año": "metric_ton",
    "tonnes": "metric_ton",
    "kg": "kilogram",
    "kg/año": "kilogram",
    "g": "gram",
    "g/año": "gram",
    "mg/año": "milligram",
    "kt": "kilometric_ton",
    "kilotonnesofcarbondioxideequivalents(ktco2eq)": "kilometric_ton",
    "shortton": "short_ton",
    "shorttons": "short_ton",
    "lb": "pound",
    "pounds": "pound",
    "pound": "pound",
    "grams": "gram",
    "feet": "foot",
    "ft": "foot",
    "m": "meter",
    "mj": "megajoule",
}

#: Metric in one register and short in another: a source must say which.
AMBIGUOUS = frozenset({"tons"})

#: What pint may parse: names, small powers, products. A cell of a register is no formula.
_UNIT = re.compile(r"[A-Za-zµ_]+(\*\*[1-3])?( ?[/*] ?[A-Za-zµ_]+(\*\*[1-3])?)*")


@cache
def _registry() -> object:
    import pint

    return pint.UnitRegistry()


@lru_cache(maxsize=256)
def factor(unit: str, target: str) -> float:
    """Return what a number in ``unit`` is multiplied with to be in ``target``.

    Parameters
    ----------
    unit
        As a register writes it ("Kg", "ton/año") or as pint spells it ("short_ton").
    target
        As pint spells it.

    Raises
    ------
    UnknownTermsError
        The unit is not known, or measures something else.
    """
    import pint

    plain = "".join(unit.lower().replace(".", "").split())
    known = SPELLINGS.get(plain, unit.strip())
    refused = UnknownTermsError([f"unit {unit!r} cannot become {target}: edit harmonize/units.py"])
    if plain in AMBIGUOUS or not _UNIT.fullmatch(known):
        raise refused
    registry = _registry()
    try:
        return float(registry.Quantity(1, known).to(target).magnitude)  # type: ignore[attr-defined]
    except (pint.PintError, AttributeError, ValueError) as error:
        raise refused from error
