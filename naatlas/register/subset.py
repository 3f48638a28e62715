"""A named part of the registers: defined in a few lines of YAML, taken out of the long table, and taken out again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml
from rapidfuzz import process

from naatlas.errors import InputError, UsageError
from naatlas.register.matched import matched_by_area

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    Test = Callable[[pd.DataFrame], pd.Series]

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
_EITHER = ("on_site", "pbt")
#: Columns that sums can be made by.
BY = (*LISTS.values(), *_EITHER, "year", "basis", "flag", "source", "atlas_id")
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
    if name in {*_EITHER, "flagged"}:
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


def take(subset: Subset, table: Path) -> pd.DataFrame:
    """Take the lines of a subset out of the long table.

    Parameters
    ----------
    table
        The Parquet file of a product; of its row groups only those of the countries and years are read.

    Returns
    -------
    DataFrame
        Its columns, its order.

    Raises
    ------
    InputError
        The file is not such a table.
    UsageError
        A value that does not stand in the table; no line that all limits leave.
    """
    lines = _lines(subset, table)
    for name, test in _tests(subset):
        kept = lines[test(lines)]
        if kept.empty:
            raise UsageError(
                f"{subset.name}: nothing is left: {name} takes the last {len(lines):,} lines away"
            )
        lines = kept
    return lines.reset_index(drop=True)


def _tests(subset: Subset) -> Iterator[tuple[str, Test]]:
    """Give the limits one by one, each with what tells the lines that it keeps."""
    if subset.matched is not None:
        # A facility is matched by all it reports in these years, whatever of it is wanted.
        yield "matched", partial(_matched, share=subset.matched)
    for name, column in LISTS.items():
        if wanted := getattr(subset, name):
            yield name, partial(_in, column=column, wanted=wanted)
    for name in _EITHER:
        if (either := getattr(subset, name)) is not None:
            yield name, partial(_in, column=name, wanted=(either,))
    if subset.comparable:
        yield "comparable", partial(_comparable, countries=subset.comparable)
    if not subset.flagged:
        yield "flagged", lambda lines: lines["flag"].isna()


def _in(lines: pd.DataFrame, *, column: str, wanted: tuple[object, ...]) -> pd.Series:
    told: pd.Series = lines[column].isin(wanted).fillna(value=False)
    return told


def _matched(lines: pd.DataFrame, *, share: float) -> pd.Series:
    return lines["atlas_id"].isin(matched_by_area(lines, share=share))


def _comparable(lines: pd.DataFrame, *, countries: tuple[str, ...]) -> pd.Series:
    """Tell lines of these countries that all of them can report."""
    distinct = lines["can_report"].dropna().unique()
    fit = [told for told in distinct if set(countries) <= set(told.split(", "))]
    return lines["can_report"].isin(fit) & lines["country"].isin(countries)


def _lines(subset: Subset, table: Path) -> pd.DataFrame:
    try:
        whole = pq.read_table(table)
    except (OSError, ValueError) as error:
        raise InputError(f"{table.name}: is no Parquet file: {' '.join(str(error).split())}") from error
    needed = [*LISTS.values(), *_EITHER, "can_report", "year", "atlas_id"]
    if lost := [name for name in needed if name not in whole.column_names]:
        raise InputError(f"{table.name}: is no long table of releases: it has no column {', '.join(lost)}")
    _known(subset, whole)
    if subset.years:
        whole = whole.filter(pc.field("year").isin(list(subset.years)))
    lines: pd.DataFrame = whole.to_pandas()
    return lines


def _known(subset: Subset, table: Any) -> None:  # noqa: ANN401 - an Arrow table
    """Refuse values that nothing in the table has: a slip of the pen would give an empty table."""
    asked = {name: (column, getattr(subset, name)) for name, column in LISTS.items()}
    asked |= {"comparable": ("country", subset.comparable), "years": ("year", subset.years)}
    for name, (column, wanted) in asked.items():
        there = sorted(one for one in pc.unique(table[column]).to_pylist() if one is not None)
        lost = [one for one in wanted if one not in there]
        # A span of years may hold some that have no file; all of them lost is a slip.
        if lost and (name != "years" or len(lost) == len(wanted)):
            raise UsageError(f"{name}: nothing is {', '.join(map(str, lost))}; there are {_listed(there)}")


def _listed(values: Sequence[object], most: int = 30) -> str:
    shown = ", ".join(map(str, values[:most]))
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"


def sums(lines: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add the lines up: ``by``, ``facilities``, ``lines``, ``kg``, ``g``; missing where no line tells them."""
    groups = lines.groupby(list(by), dropna=False, sort=True)
    told = groups[["kg", "g"]].sum(min_count=1)
    told.insert(0, "facilities", groups["atlas_id"].nunique())
    told.insert(1, "lines", groups.size())
    return told.reset_index()


def write(subset: Subset, table: Path, folder: Path) -> dict[str, Any]:
    """Take a subset out of the long table and write it, with its definition and checksums, into a folder.

    Writes ``releases.csv``, ``releases.parquet``, ``totals.csv``, ``definition.yaml`` (which can be given back to
    take the same part again, and names the table it was taken from with its checksum) and ``SHA256SUMS``.

    Returns
    -------
    dict
        ``folder``, ``lines``, ``facilities``, ``kg``, ``g``, ``made_from``.

    Raises
    ------
    UsageError, InputError
        As :func:`take`.
    """
    lines = take(subset, table)
    folder.mkdir(parents=True, exist_ok=True)
    made = {"table": table.name, "sha256": _sha256(table)}
    lines.to_parquet(folder / "releases.parquet", index=False, compression="zstd")
    _csv(lines, folder / "releases.csv")
    _csv(sums(lines, subset.by), folder / "totals.csv")
    told = yaml.safe_dump(subset.told() | {"made_from": made}, sort_keys=False, allow_unicode=True)
    (folder / "definition.yaml").write_text(told, encoding="utf-8", newline="\n")
    names = ("definition.yaml", "releases.csv", "releases.parquet", "totals.csv")
    seal = "".join(f"{_sha256(folder / name)}  {name}\n" for name in names)
    (folder / "SHA256SUMS").write_text(seal, encoding="utf-8", newline="\n")
    return {
        "folder": str(folder),
        "lines": len(lines),
        "facilities": int(lines["atlas_id"].nunique()),
        "kg": float(lines["kg"].sum()),
        "g": float(lines["g"].sum()),
        "made_from": made,
    }


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\r\n", float_format="%.12g")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
