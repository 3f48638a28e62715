"""A column of a layer, and the units that its name tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from naatlas.errors import SpecError

DType = Literal["text", "integer", "real", "boolean"]

#: Units that a field name must end in, so that nobody has to guess: suffix -> unit as pint spells it.
UNIT_SUFFIXES = {
    "_mw": "megawatt",
    "_t": "metric_ton",
    "_kg": "kilogram",
    "_km2": "kilometer**2",
    "_m": "meter",
}

#: Names of fields and options.
NAME = re.compile(r"[a-z][a-z0-9_]*")
_DBF = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a layer.

    Attributes
    ----------
    name
        Column name in every product with long names; ends in its unit where it has one.
    dtype
        ``text``, ``integer`` (nullable), ``real`` or ``boolean``.
    dbf
        Name in the shapefile, at most 10 ASCII characters; None keeps the field out of the shapefile.
    unit
        Unit as pint spells it; derived from the suffix of the name when left out.
    required
        No row may lack it.
    low, high
        Bounds, both allowed values.
    decimals
        Digits after the point in shapefile and balloon.
    classes
        Name of the class list (in the words of the layer) that the values belong to.
    balloon
        Shown in the Google Earth balloon.
    gap
        Declared but no source fills it: stays empty, is named as a gap, and is kept out of shapefile and KMZ.
    """

    name: str
    dtype: DType
    dbf: str | None = None
    unit: str | None = None
    required: bool = False
    low: float | None = None
    high: float | None = None
    decimals: int = 1
    classes: str | None = None
    balloon: bool = False
    gap: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise SpecError(f"field {self.name!r}: use lower case letters, digits and underscores")
        if self.dbf is not None and not _DBF.fullmatch(self.dbf):
            raise SpecError(
                f"field {self.name}: shapefile name {self.dbf!r} must be 1 to 10 ASCII characters"
            )
        if self.gap and self.dbf is not None:
            raise SpecError(f"field {self.name}: a gap has no shapefile column; leave dbf out")
        if self.gap and self.required:
            raise SpecError(f"field {self.name}: a gap is always empty and cannot be required")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise SpecError(f"field {self.name}: low {self.low:g} is above high {self.high:g}")
        if self.unit is None and self.dtype == "real":
            object.__setattr__(self, "unit", _unit_of(self.name))


def _unit_of(name: str) -> str | None:
    return next((unit for suffix, unit in UNIT_SUFFIXES.items() if name.endswith(suffix)), None)
