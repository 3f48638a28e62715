"""The definition of a named part of the registers: a few lines of YAML, read and refused with what to write."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import yaml
from rapidfuzz import process

from naatlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Columns of the long table that a list of values is taken from, by what the definition calls them.
LISTS = {
    "countries": "country",
    "states": "state",
    "sectors": "sector",
    "border_zones": "border_zone",
    "substances": "substance",
    "groups": "group",
    "kinds": "kind",
    "media": "medium",
    "methods": "method",
}
#: Columns that are true or false.
EITHER = ("on_site", "pbt")
#: Columns that sums can be made by.
BY = (*LISTS.values(), *EITHER, "year", "basis", "flag", "source", "atlas_id")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SPAN = re.compile(r"(\d{4})(?:\s*-\s*(\d{4}))?")

EXAMPLE = """\
# A part of the registers. Leave out what you do not want to limit.
name: lead-in-the-border-zone
years: 2014-2022            # or a list: [2014, 2018, 2022]
countries: [MEX, USA]
border_zones: [MEX-USA]     # 100 km to either side
groups: [lead]              # substances: [7439-92-1] for one of them; pbt: true for all PBTs
media: [air, water]         # on_site: true for all releases on the site
matched: 0.8                # only facilities that reported in 80 % of these years of their area; 1 for all
comparable: [MEX, USA]      # only what all of these countries can report
flagged: true               # false leaves suspect quantities out
by: [country, year]         # the columns of the table of sums
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """A part of the registers.

    Attributes
    ----------
    name
        Becomes the name of the folder.
    years
        Those that are wanted; none for all. So with all lists of values.
    matched
        Least share of the years of its area for which a facility reported, among the years that are wanted; None to
        keep all.
    comparable
        Countries that must all be able to report a line's cell; none to keep all.
    on_site, pbt
        Whether releases on the site, and persistent, bioaccumulative and toxic substances, are wanted or left out;
        None for both.
    flagged
        Whether suspect quantities stay.
    by
        Columns of the sums.
    """

    name: str
    years: tuple[int, ...] = ()
    countries: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    border_zones: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    on_site: bool | None = None
    pbt: bool | None = None
    matched: float | None = None
    comparable: tuple[str, ...] = ()
    flagged: bool = True
    by: tuple[str, ...] = ("country", "year", "kind")

    def told(self) -> dict[str, Any]:
        """Return the definition as YAML writes it, without what it does not limit."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}
        return {name: value for name, value in plain.items() if value not in ([], None)}


def load(path: Path) -> tuple[Subset, dict[str, Any]]:
    """Read a definition, and what it says of the file it was made from before (empty for a new one).

    Raises
    ------
    UsageError
        It is no such definition; one line that says what to write.
    """
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name}: is no YAML in UTF-8: {' '.join(str(error).split())}") from error
    if not isinstance(told, dict):
        raise UsageError(f"{path.name}: write one setting a line, such as: years: 2014-2022")
    made = told.pop("made_from", None) or {}
    return read({"name": path.stem} | told, path.name), made


def read(told: Mapping[str, Any], where: str) -> Subset:
    """Make a subset of the settings of a definition.

    Raises
    ------
    UsageError
        An unknown setting, or a value that it cannot have.
    """
    known = [field.name for field in fields(Subset)]
    for name in told:
        if name not in known:
            near = process.extractOne(str(name), known)[0]
            raise UsageError(f"{where}: no setting {name!r}; did you mean {near!r}?")
    values = {name: _value(name, value, where) for name, value in told.items() if value is not None}
    subset = Subset(**values)
    if not _NAME.fullmatch(subset.name):
        raise UsageError(
            f"{where}: name {subset.name!r} becomes a folder; use lower case letters, digits, hyphens"
        )
    if lost := [name for name in subset.by if name not in BY]:
        raise UsageError(f"{where}: cannot add up by {', '.join(lost)}; there are {', '.join(BY)}")
    return subset


def _value(name: str, value: Any, where: str) -> Any:  # noqa: ANN401 - whatever stands in the YAML
    if name == "years":
        return _years(value, where)
    if name in {*EITHER, "flagged"}:
        if not isinstance(value, bool):
            raise UsageError(f"{where}: {name} is true or false, not {value!r}")
        return value
    if name == "matched":
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise UsageError(
                f"{where}: matched is a share of the years, above 0 and at most 1, not {value!r}"
            )
        return float(value)
    if name == "name":
        return str(value)
    return tuple(str(one) for one in (value if isinstance(value, list) else [value]))


def _years(value: Any, where: str) -> tuple[int, ...]:  # noqa: ANN401
    found: set[int] = set()
    for one in value if isinstance(value, list) else [value]:
        span = _SPAN.fullmatch(str(one).strip())
        if not span:
            raise UsageError(f"{where}: years {one!r}; write 2014-2022, or a list of years")
        first = int(span[1])
        found.update(range(first, int(span[2] or first) + 1))
    return tuple(sorted(found))
