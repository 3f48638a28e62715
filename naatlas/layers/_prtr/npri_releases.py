"""Canada: what the facilities of the NPRI release, dispose of and transfer, one row a category, from the bulk files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.findings import finding
from naatlas.harmonize import crosswalk
from naatlas.layers._prtr import facility, npri_files, releases, sectors
from naatlas.layers._prtr.media import NOT_TOLD
from naatlas.layers._prtr.substances import resolve, substances
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.facts import Facts
    from naatlas.model import Table, Work

COUNTRY = "CAN"
#: Longest number of a facility; the list of facilities pads with zeros, the bulk files do not.
_FIGURES = 10
_OTHER_YEAR = "another year than that of the edition"


def ids_of(number: pd.Series) -> pd.Series:
    """Atlas id by row, from the register's own number of the facility."""
    ids: pd.Series = f"{COUNTRY}-" + number.str.strip().str.zfill(_FIGURES)
    return ids


def owners(table: Table) -> pd.Series:
    """Atlas id of the facility by row of a file with quantities."""
    return ids_of(table.frame[npri_files.NUMBER])


def lines(table: Table, work: Work) -> pd.DataFrame:
    """Read a file into the long table, with ``atlas_id``, and put its quantities on the books.

    An edition of one year takes the rows of that year; the others are out of its scope.

    Returns
    -------
    DataFrame
        As of the other registers. What is told as toxic equivalent has the basis ``teq`` and is in no sum; what is told
        for all media together has the medium ``medium_not_told``.
    """
    own = _of_the_year(table, work)
    frame = own.frame
    told = pd.DataFrame({"row": frame.index, "national_column": _label(frame)}, index=frame.index)
    told["substance"] = _substance(own, work)
    told = told.join(substances()[["kind", "group", "unit"]], on="substance")
    told["medium"] = _medium(own, work)
    told["amount"] = releases.amounts(own, npri_files.QUANTITY, work)
    told["national_unit"] = frame[npri_files.UNIT].str.strip()
    told = _in_units(told, own, work)
    told["medium"] = told["medium"].where(told["amount"].fillna(0).ne(0), releases.NONE)
    told["atlas_id"] = ids_of(frame[npri_files.NUMBER])
    told["year"] = frame[npri_files.YEAR].astype("int64")
    told = told.assign(source=table.source.id, on_site=releases.on_site(told), method="reported")
    releases.measure(table, told, COUNTRY, work)
    _tell_undivided(table, told, work)
    return told.drop(columns="unit").reset_index(drop=True)


def _tell_undivided(table: Table, lines: pd.DataFrame, work: Work) -> None:
    """Say how much is told for all media together: it is in the sums of releases, and in those of no medium."""
    own = lines[lines["medium"].eq(NOT_TOLD)]
    if len(own):
        kg = float(own["kg"].sum())
        work.findings.append(
            finding("releases-without-medium", "info", where=table.source.id, count=len(own), kg=kg)
        )


def _of_the_year(table: Table, work: Work) -> Table:
    edition = work.edition.name
    if not edition.isdigit():
        return table
    wanted = table.frame[npri_files.YEAR].str.strip().eq(edition).fillna(value=False)
    work.ledger.settle(table.source.id, table.frame.index[~wanted], State.OUT_OF_SCOPE, _OTHER_YEAR)
    return replace(table, frame=table.frame[wanted])


def _label(frame: pd.DataFrame) -> pd.Series:
    """Group and category of a row, for the provenance: the register has one column for all quantities."""
    parts = frame[[npri_files.GROUP, npri_files.CATEGORY]].fillna("").apply(lambda column: column.str.strip())
    told: pd.Series = (parts[npri_files.GROUP] + ": " + parts[npri_files.CATEGORY]).str.removesuffix(": ")
    return told


def _substance(table: Table, work: Work) -> pd.Series:
    """Code by the CAS number, or by the name where the register has a number of its own for a category."""
    number, name = table.frame[npri_files.CAS], table.frame[npri_files.SUBSTANCE]
    bare = number.str.strip().str.fullmatch(r"NA ?- ?\S+").fillna(value=True)
    term = number.where(~bare, name)
    where = f"{table.source.id}, columns {npri_files.CAS} and {npri_files.SUBSTANCE}"
    return resolve(term, "npri", where, work.unknown)


def _medium(table: Table, work: Work) -> pd.Series:
    """Medium by the group of the row, and closer by its category where that tells more."""
    groups, closer = (crosswalk.load("prtr_media", v) for v in ("npri", "npri-category"))
    group = table.frame[npri_files.GROUP].str.strip()
    lost = group[~group.isin(list(groups.codes))]
    work.unknown.extend(
        f"{table.source.id}: group {term!r} in {count} row(s); add it to {groups.file} under npri"
        for term, count in lost.value_counts(dropna=False).items()
    )
    pair = group + ": " + table.frame[npri_files.CATEGORY].str.strip().str.lower()
    medium: pd.Series = (
        pair.map(closer.codes).astype("string").fillna(group.map(groups.codes).astype("string"))
    )
    return medium


def _in_units(told: pd.DataFrame, table: Table, work: Work) -> pd.DataFrame:
    """Convert by the unit of each row; toxic equivalents are grams of their own kind, of dioxins and furans only."""
    teq = told["national_unit"].str.contains("TEQ", case=False).fillna(value=False)
    grams = told["unit"].eq("g").fillna(value=False)
    for term, count in told.loc[teq & ~grams, "substance"].value_counts().items():
        work.unknown.append(
            f"{table.source.id}: {term} in toxic equivalent in {count} row(s); only dioxins and furans have one"
        )
    unit = told["national_unit"].mask(teq, "g")
    for name, long_name in releases.UNITS.items():
        rate = unit.map(releases.rates(unit[told["unit"].eq(name)], long_name, table, work)).astype("float64")
        mine = told["unit"].eq(name).fillna(value=False) & (grams | ~teq)
        told[name] = (told["amount"] * rate).where(mine)
    basis = pd.Series("mass", index=told.index, dtype="string").mask(teq, releases.TEQ)
    return told.assign(basis=basis.where(told["g"].notna()))


def add_sectors(tables: Mapping[str, Table], lines: pd.DataFrame, facts: Facts, work: Work) -> None:
    """Add the sector of each facility from the NAICS of its rows; the list has none, only a key sector.

    Parameters
    ----------
    lines
        The long table of the facilities that have a point.
    """
    for name in npri_files.FLOWS:
        own = lines[lines["source"].eq(name)]
        if len(own):
            _add_sector(tables[name], own, facts, work)


def _add_sector(table: Table, lines: pd.DataFrame, facts: Facts, work: Work) -> None:
    """Tell the sector of the facilities of one file: of several codes that of the largest toxic releases."""
    rows = pd.Index(lines["row"].unique())
    ids, code = owners(table)[rows], table.frame.loc[rows, npri_files.NAICS].str.strip()
    weight = lines["kg"].where(lines["on_site"] & lines["kind"].eq("toxic")).groupby(lines["row"]).sum()
    main = sectors.main(code, ids, weight.reindex(rows))
    edition = sectors.naics_edition(int(lines["year"].max()))
    where = f"{table.source.id}, column {npri_files.NAICS}"
    own, naics = sectors.classed(code, edition, where, work.unknown)
    rule = f"NAICS {edition} -> 2017 -> prtr_sectors.csv"
    told = facility.Sector(own, column=npri_files.NAICS, rule=rule, naics=naics, main=main)
    first = ids[main.index]
    facility.add_sector(table, first, facts, told, work)
    chosen = code[told.row_of(main.index)]
    facts.add(
        "naics_national", first, chosen, source=table.source.id, row=chosen.index, column=npri_files.NAICS,
        national=chosen,
    )  # fmt: skip
