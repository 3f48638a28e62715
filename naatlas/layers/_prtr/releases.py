"""From the columns of a register to the long table: one line a row of the register and medium, in kilograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.errors import UnknownTermsError
from naatlas.findings import Item, finding
from naatlas.harmonize import crosswalk
from naatlas.harmonize.translate import numbers
from naatlas.harmonize.units import factor
from naatlas.layers._prtr.media import KEPT_APART, NOT_TOLD, ON_SITE, QUANTITIES
from naatlas.layers._prtr.npri_files import DISPOSALS, TRANSFERS
from naatlas.layers._prtr.substances import resolve, substances

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.model import Table, Work
    from naatlas.spec import Source

#: Medium of a row whose columns all say nothing, or all say zero.
NONE = "none"

#: Basis of dioxins and furans that are told as toxic equivalent: grams of another kind, never added to mass.
TEQ = "teq"

#: Files of which only the toxics by medium are counted in the fields of a facility.
ASIDE = (DISPOSALS.id, TRANSFERS.id)

#: Kind of substances that are part of another one which is told as a whole, such as fine in total particles.
PART = "criteria_part"

#: Pint's names of the units in which quantities are published.
UNITS = {"kg": "kilogram", "g": "gram"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Where a register's file has what.

    Attributes
    ----------
    media
        Vocabulary of ``crosswalks/prtr_media.csv``.
    ids
        Vocabulary of ``crosswalks/prtr_substance_ids.csv``.
    amounts
        All columns with quantities; those without a medium are totals or repetitions and are not read.
    """

    media: str
    ids: str
    substance: str
    unit: str
    amounts: Sequence[str]


def long_table(table: Table, heads: Heads, work: Work) -> pd.DataFrame:
    """Read the quantities of a register.

    Returns
    -------
    DataFrame
        ``row``, ``substance``, ``kind``, ``group``, ``medium``, ``amount`` (in the unit of the row), ``national_unit``,
        ``national_column``, ``kg`` and ``g`` (one of them, by substance). A row that reports nothing but zeros has
        one line with the medium ``none`` and zero; one that reports nothing has one with missing quantities.
    """
    text = table.frame
    media = _media(table, heads, work)
    values = pd.DataFrame({column: amounts(table, column, work) for column in media})
    lines = _parts(values, media)
    told = pd.concat([lines, _silent(values, pd.Index(lines["row"].unique()))], ignore_index=True)
    told["substance"] = told["row"].map(_substances(table, heads, work))
    told["national_unit"] = told["row"].map(text[heads.unit].str.strip())
    return _in_units(told, table, work).sort_values(["row", "medium"], ignore_index=True)


def _parts(values: pd.DataFrame, media: Mapping[str, str]) -> pd.DataFrame:
    """Sum what a row says of a medium; few rows say it in more than one column, whose names are joined."""
    number = values.to_numpy(dtype="float64")
    row, column = np.nonzero(np.nan_to_num(number))
    names = np.array(list(values.columns), dtype=object)
    kinds = np.array([media[name] for name in names], dtype=object)
    cells = pd.DataFrame({"row": values.index.to_numpy()[row], "medium": kinds[column]})
    cells = cells.assign(amount=number[row, column], national_column=names[column])
    keys = ["row", "medium"]
    sums = cells.groupby(keys)["amount"].sum()
    told = cells.drop_duplicates(keys).set_index(keys)["national_column"].reindex(sums.index)
    several = cells[cells.duplicated(keys, keep=False)].groupby(keys)["national_column"].agg(" + ".join)
    told.loc[several.index] = several
    return pd.DataFrame({"amount": sums, "national_column": told.astype("str")}).reset_index()


def _media(table: Table, heads: Heads, work: Work) -> dict[str, str]:
    """Medium by column, without the totals; a column that no table knows stops the build."""
    known = crosswalk.load("prtr_media", heads.media)
    lost = [column for column in heads.amounts if column not in known.codes]
    work.unknown.extend(
        f"{table.source.id}: column {column!r}; add it to {known.file} under {heads.media}" for column in lost
    )
    return {c: known.codes[c] for c in heads.amounts if known.codes.get(c)}


def amounts(table: Table, column: str, work: Work) -> pd.Series:
    """Read the numbers of a column; other text is a finding."""
    text = table.frame[column]
    value = numbers(text)
    bad = text.index[text.notna() & value.isna()]
    if len(bad):
        shown = tuple(Item("cell", row=int(r), text=repr(text[r])) for r in bad[:3])
        work.findings.append(
            finding(
                "text-in-a-number",
                "warning",
                where=f"{table.source.id}, column {column}",
                ids=tuple(str(r) for r in bad),
                kind="number",
                shown=shown,
            )
        )
    return value


def _silent(values: pd.DataFrame, spoken: pd.Index) -> pd.DataFrame:
    """Rows without any quantity: zero where the register writes zeros, missing where it writes nothing."""
    rest = values[~values.index.isin(spoken)]
    amount = pd.Series(np.where(rest.notna().any(axis=1), 0.0, np.nan), index=rest.index)
    return pd.DataFrame({"row": rest.index, "medium": NONE, "amount": amount.to_numpy()}).assign(
        national_column=""
    )


def _substances(table: Table, heads: Heads, work: Work) -> pd.Series:
    where = f"{table.source.id}, column {heads.substance}"
    return resolve(table.frame[heads.substance], heads.ids, where, work.unknown)


def _in_units(lines: pd.DataFrame, table: Table, work: Work) -> pd.DataFrame:
    """Convert by the unit of each row; dioxins and furans into grams, everything else into kilograms."""
    known = substances()[["kind", "group", "unit"]]
    told = lines.join(known, on="substance")
    for unit, name in UNITS.items():
        rate = told["national_unit"].map(rates(told["national_unit"], name, table, work)).astype("float64")
        told[unit] = (told["amount"] * rate).where(told["unit"].eq(unit).fillna(value=False))
    return told.drop(columns="unit")


def rates(units: pd.Series, target: str, table: Table, work: Work) -> dict[str, float]:
    """Tell what the quantities are multiplied with, by unit; those that are not known stop the build."""
    told: dict[str, float] = {}
    for unit, count in units.value_counts().items():
        try:
            told[str(unit)] = factor(str(unit), target)
        except UnknownTermsError as error:
            work.unknown.extend(f"{table.source.id}, {count} row(s): {term}" for term in error.terms)
    return told


def dated(lines: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Complete the long table of a file: ``source``, ``year``, ``on_site``; ``basis`` only where there are grams."""
    return lines.assign(
        source=source.id,
        year=int(source.vintage),
        on_site=on_site(lines),
        basis=lines["basis"].where(lines["g"].notna()),
    )


def quantity_of(lines: pd.DataFrame) -> pd.Series:
    """Name the field of the layer that a line adds to; missing for lines of nothing, zeros, parts or toxic equivalents.

    What is kept apart from the toxics has one field for all media, and that comes from one file: of Canada from that
    of the releases.
    """
    name = lines["medium"].astype("string") + "_kg"
    name = name.mask(lines["kind"].eq("greenhouse_gas"), "greenhouse_gases_kg")
    name = name.mask(lines["kind"].eq("criteria"), "criteria_kg")
    name = name.mask(lines["g"].notna(), "dioxins_g")
    counted = lines["medium"].ne(NONE) & lines["kind"].ne(PART)
    if "basis" in lines:
        counted &= lines["basis"].ne(TEQ).fillna(value=True)
    if "source" in lines:
        counted &= ~(lines["source"].isin(ASIDE) & name.isin(KEPT_APART))
    return name.where(counted)


def measure(table: Table, lines: pd.DataFrame, country: str, work: Work) -> None:
    """Put the quantities of all rows of a file on the books, in kilograms (dioxins in grams)."""
    value = lines["kg"].fillna(lines["g"])
    by_row = value.groupby([quantity_of(lines), lines["row"]]).sum()
    for quantity in QUANTITIES:
        sums = by_row.xs(quantity) if quantity in by_row.index.get_level_values(0) else pd.Series(dtype=float)
        work.ledger.measure(table.source.id, quantity, sums.reindex(table.frame.index), country)


def on_site(lines: pd.DataFrame) -> pd.Series:
    """Tell which lines are releases on the site, not transfers."""
    return lines["medium"].isin([*ON_SITE, NOT_TOLD])
