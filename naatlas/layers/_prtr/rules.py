"""What each register takes reports of: substances and their thresholds, sectors, media; every entry with its source."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.errors import SpecError
from naatlas.harmonize import crosswalk
from naatlas.layers._prtr.media import COMPARED
from naatlas.layers._prtr.substances import substances
from naatlas.layers._prtr.tri_files import LAYOUT_110, LAYOUT_122

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Register of a country.
REGISTERS = {"CAN": "npri", "USA": "tri", "MEX": "retc"}

#: Vocabularies of ``crosswalks/prtr_media.csv`` that together name the media of a register.
_VOCABULARIES = {
    "npri": ("npri", "npri-category"),
    "tri": (LAYOUT_122.vocabulary, LAYOUT_110.vocabulary),
    "retc": ("retc",),
}

#: Years in which a register leaves a cell empty where it otherwise writes zero: nothing there may mean either.
BLANKS = {"retc": (2004, 2005, 2012)}

#: An entry for all substances of a register.
ANY = "*"
YES, NO, PARTIAL, UNKNOWN = "yes", "no", "partial", "unknown"

LISTS = (
    "register",
    "substance",
    "first_year",
    "last_year",
    "listed",
    "threshold",
    "unit",
    "kind",
    "source",
    "note",
)
COVERAGE = (
    "register",
    "sector",
    "naics",
    "first_year",
    "last_year",
    "covered",
    "employees",
    "source",
    "note",
)


@cache
def lists() -> pd.DataFrame:
    """Read which substances are on the list of a register, from when to when, and from what amount on.

    Returns
    -------
    DataFrame
        ``register``, ``substance`` (a code, or ``*`` for a threshold of all that are listed), ``first_year``,
        ``last_year``, ``listed`` (yes, no, or empty where the entry tells a threshold only), ``threshold`` in ``unit``
        and what its ``kind`` of activity is, ``source``, ``note``.

    Raises
    ------
    SpecError
        An entry has no source, years in the wrong order, an unknown substance or says yes and no at once.
    """
    told = _read("prtr_lists", LISTS)
    told["threshold"] = pd.to_numeric(told["threshold"]).astype("Float64")
    codes = told.loc[told["substance"].ne(ANY), "substance"]
    _refuse("prtr_lists", "no such substance", codes[~codes.isin(substances().index)])
    _refuse(
        "prtr_lists", "listed must be yes, no or empty", told["listed"][~told["listed"].isin([YES, NO, ""])]
    )
    return told


@cache
def coverage() -> pd.DataFrame:
    """Read which sectors a register covers: ``register``, ``sector``, ``naics``, years, ``covered``, ``employees``.

    Raises
    ------
    SpecError
        An entry has no source, or covers otherwise than yes, partial or no.
    """
    told = _read("prtr_sector_coverage", COVERAGE)
    wrong = told["covered"][~told["covered"].isin([YES, PARTIAL, NO])]
    _refuse("prtr_sector_coverage", "covered must be yes, partial or no", wrong)
    return told


def _read(name: str, header: tuple[str, ...]) -> pd.DataFrame:
    path = resources.files("naatlas") / "crosswalks" / f"{name}.csv"
    with resources.as_file(path) as file, file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != header:
            raise SpecError(f"naatlas/crosswalks/{name}.csv: columns must be {', '.join(header)}")
        told = pd.DataFrame(list(reader), columns=list(header), dtype="string")
    for column in ("first_year", "last_year"):
        told[column] = told[column].astype("int64")
    _refuse(name, "no such register", told["register"][~told["register"].isin(list(REGISTERS.values()))])
    _refuse(name, "no source", told["register"][told["source"].str.strip().eq("")])
    _refuse(name, "years in the wrong order", told["register"][told["first_year"].gt(told["last_year"])])
    return told


def _refuse(name: str, what: str, bad: pd.Series) -> None:
    if len(bad):
        lines = ", ".join(
            f"line {number + 2} ({value})" for number, value in zip(bad.index, bad, strict=True)
        )
        raise SpecError(f"naatlas/crosswalks/{name}.csv: {what}: {lines}")


def units(substance: pd.Series) -> pd.Series:
    """Give each substance the code that it is compared under: a metal and its compounds are one."""
    table = crosswalk.load("prtr_comparison_units", "substances").codes
    return substance.map(table).astype("string").fillna(substance.astype("string"))


def compared_medium(medium: pd.Series) -> pd.Series:
    """Give each medium the one that it is compared under: the RETC tells all releases to the ground as one."""
    return medium.map(COMPARED).astype("string")


@cache
def told_media(register: str) -> frozenset[str]:
    """Media of the comparison that a register has columns or groups for."""
    codes = {c for v in _VOCABULARIES[register] for c in crosswalk.load("prtr_media", v).codes.values()}
    return frozenset(COMPARED[code] for code in codes if code in COMPARED)


def listed(years: Iterable[int]) -> pd.DataFrame:
    """Say of each register, unit of comparison and year whether a substance of it is on the list.

    Returns
    -------
    DataFrame
        ``register``, ``unit``, ``year``, ``listed`` (yes where any entry says so, else no); what is not in it is not
        known.
    """
    told = lists()
    told = told[told["listed"].ne("")]
    told = _by_year(told.assign(unit=units(told["substance"])), years)
    rank = told["listed"].eq(YES)
    best = rank.groupby([told["register"], told["unit"], told["year"]]).max()
    return best.map({True: YES, False: NO}).astype("string").rename("listed").reset_index()


def covered(years: Iterable[int]) -> pd.DataFrame:
    """Say of each register, sector and year whether it is covered: ``register``, ``sector``, ``year``, ``covered``."""
    return _by_year(coverage(), years)[["register", "sector", "year", "covered"]].reset_index(drop=True)


def _by_year(entries: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    told = entries.merge(pd.DataFrame({"year": sorted(set(years))}, dtype="int64"), how="cross")
    return told[told["year"].between(told["first_year"], told["last_year"])]


def in_force(substance: Iterable[str], years: Iterable[int]) -> pd.DataFrame:
    """List the entries of all registers for some substances, those for all substances of a register among them.

    Returns
    -------
    DataFrame
        One row an entry and year, with the columns of :func:`lists` and ``year``; for the reader, and for the answer
        why a cell of a comparison is what it is. A substance that a register says nothing of has one row with
        ``listed`` unknown and no source.
    """
    codes = sorted(set(substance))
    told = _by_year(lists(), years)
    told = told[told["substance"].isin([ANY, *codes])].drop(columns=["first_year", "last_year"])
    whole = pd.MultiIndex.from_product(
        [list(REGISTERS.values()), codes, sorted(set(years))], names=["register", "substance", "year"]
    ).to_frame(index=False)
    known = told[told["listed"].ne("")][["register", "substance", "year"]].drop_duplicates()
    silent = whole.merge(known, how="left", indicator=True)
    silent = silent[silent["_merge"].eq("left_only")].drop(columns="_merge").assign(listed=UNKNOWN)
    table = pd.concat([told, silent], ignore_index=True)
    order = ["register", "year", "substance", "kind"]
    columns = ["register", "year", "substance", "listed", "threshold", "unit", "kind", "source", "note"]
    return table.sort_values(order, ignore_index=True)[columns].astype({"listed": "string"})
