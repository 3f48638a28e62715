"""A named part of the registers: taken out of the long table by its definition, and taken out again."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from naatlas.errors import InputError, UsageError
from naatlas.register.definition import EITHER, LISTS
from naatlas.register.matched import matched_by_area
from naatlas.register.schema import QUANTITIES, TEQ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from naatlas.register.definition import Subset

    Test = Callable[[pd.DataFrame], pd.Series]


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
    for name in EITHER:
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
    needed = [*LISTS.values(), *EITHER, "can_report", "year", "atlas_id"]
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
    """Add the lines up: ``by``, ``facilities``, ``lines`` and the quantities, missing where no line tells them."""
    groups = _by_basis(lines).groupby(list(by), dropna=False, sort=True)
    told = groups[[*QUANTITIES]].sum(min_count=1)
    told.insert(0, "facilities", groups["atlas_id"].nunique())
    told.insert(1, "lines", groups.size())
    return told.reset_index()


def _by_basis(lines: pd.DataFrame) -> pd.DataFrame:
    """Part grams of toxic equivalent, which are no mass, from grams."""
    equivalent = lines["basis"].eq(TEQ).fillna(value=False).astype(bool)
    return lines.assign(g=lines["g"].mask(equivalent), g_teq=lines["g"].where(equivalent))


def write(subset: Subset, table: Path, folder: Path) -> dict[str, Any]:
    """Take a subset out of the long table and write it, with its definition and checksums, into a folder.

    Writes ``releases.csv``, ``releases.parquet``, ``totals.csv``, ``definition.yaml`` (which can be given back to
    take the same part again, and names the table it was taken from with its checksum) and ``SHA256SUMS``.

    Returns
    -------
    dict
        ``folder``, ``lines``, ``facilities``, ``kg``, ``g``, ``g_teq``, ``made_from``.

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
        **{str(name): float(total) for name, total in _by_basis(lines)[[*QUANTITIES]].sum().items()},
        "made_from": made,
    }


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\r\n", float_format="%.12g")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
