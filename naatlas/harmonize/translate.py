"""Translate a national table into atlas columns, as its picks declare."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.errors import UnknownTermsError
from naatlas.findings import Item, finding
from naatlas.harmonize import crosswalk as crosswalks
from naatlas.harmonize.types import LARGEST_WHOLE
from naatlas.harmonize.units import factor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

Parse = Callable[[pd.Series], pd.Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One atlas column from one national column.

    Attributes
    ----------
    field
        Name of the atlas field.
    column
        National header.
    unit
        Unit of the national column; converted to the field's own.
    unit_column
        National column that states the unit row by row, instead of ``unit``.
    crosswalk
        Name of the crosswalk table and vocabulary, ``name/vocabulary``; unknown terms stop the build.
    parse
        A typed function from text to values, where nothing of the above serves; ``rule`` says what it does.
    thousands
        Separator of thousands in the numbers of this column.
    """

    field: str
    column: str
    unit: str | None = None
    unit_column: str | None = None
    crosswalk: str | None = None
    parse: Parse | None = None
    rule: str = "as published"
    thousands: str = ""
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class Translated:
    """Atlas columns by row of the national table, and how each came about."""

    table: Table
    frame: pd.DataFrame
    picks: dict[str, Pick]

    def rule(self, field: str, rows: pd.Index) -> str | pd.Series:
        """Say how the national values of these rows became the atlas values."""
        pick = self.picks[field]
        if pick.crosswalk:
            table = crosswalks.load(*pick.crosswalk.split("/"))
            text = _clean(self.table.frame.loc[rows, pick.column])
            return text.map({term: table.rule(term) for term in table.codes}).fillna("")
        if pick.unit_column:
            units = self.table.frame.loc[rows, pick.unit_column].fillna("")
            told: pd.Series = units.radd("unit ")
            return told
        return pick.rule if pick.unit is None else f"unit {pick.unit}"


def translate(table: Table, picks: Sequence[Pick], spec: LayerSpec, work: Work) -> Translated:
    """Translate the rows of one table.

    Unknown codes and units are collected in ``work.unknown`` so that all sources can be named at once; text in a
    number becomes a missing value and a finding.

    Returns
    -------
    Translated
        Columns typed as the fields of the specification (``real`` float64, ``integer`` Int64, else string),
        indexed by row number.
    """
    columns = {pick.field: _column(table, pick, spec, work) for pick in picks}
    frame = pd.DataFrame(columns, index=table.frame.index)
    return Translated(table, frame, {pick.field: pick for pick in picks})


def _column(table: Table, pick: Pick, spec: LayerSpec, work: Work) -> pd.Series:
    text = table.frame[pick.column]
    if pick.parse is not None:
        return pick.parse(text)
    if pick.crosswalk:
        return _recode(table, pick, work)
    dtype = next((f.dtype for f in spec.fields if f.name == pick.field), "text")
    if pick.field in {"latitude", "longitude"} or dtype in {"real", "integer"}:
        value = _numbers(table, pick, work, whole=dtype == "integer")
        unit = next((f.unit for f in spec.fields if f.name == pick.field), None)
        value = value * _factors(table, pick, unit, work)
        return value.astype("Int64") if dtype == "integer" else value
    return _clean(text)


def _clean(text: pd.Series) -> pd.Series:
    return _filled(text.str.replace(r"\s+", " ", regex=True).str.strip())


def _filled(text: pd.Series) -> pd.Series:
    told = text.astype("string")
    return told.mask(told.eq("").fillna(value=False))


def numbers(text: pd.Series, *, decimal: str = ".", thousands: str = "") -> pd.Series:
    """Parse text as float64; what is not a finite number in this notation becomes missing.

    Blanks of any kind (no-break ones too) between digits are separators of thousands when ``thousands`` is a
    blank. Separators must stand before groups of three digits: "1,5" is no 15.
    """
    plain = text.astype("string").str.strip()
    if thousands:
        mark = r"\s" if thousands == " " else re.escape(thousands)
        grouped = plain.str.fullmatch(rf"[+-]?\d{{1,3}}(?:{mark}\d{{3}})+(?:{re.escape(decimal)}\d*)?")
        plain = plain.mask(grouped.fillna(value=False), plain.str.replace(mark, "", regex=True))
    if decimal != ".":
        # A point in a column of decimal commas may mark thousands: not to be taken for a decimal point.
        plain = plain.mask(plain.str.contains(".", regex=False).fillna(value=False))
        plain = plain.str.replace(decimal, ".", regex=False)
    value = pd.to_numeric(plain, errors="coerce").astype("float64")
    return value.where(np.isfinite(value))


def _numbers(table: Table, pick: Pick, work: Work, *, whole: bool) -> pd.Series:
    text = table.frame[pick.column]
    value = numbers(text, decimal=pick.decimal, thousands=pick.thousands)
    if whole:
        value = value.where(value.mod(1).eq(0) & value.abs().lt(LARGEST_WHOLE))
    bad = text.index[text.notna() & value.isna()]
    if len(bad):
        work.findings.append(
            finding(
                "text-in-a-number",
                "warning",
                where=f"{table.source.id}, column {pick.column}",
                ids=tuple(str(r) for r in bad),
                kind="whole number" if whole else "number",
                shown=tuple(Item("cell", row=int(r), text=repr(text[r])) for r in bad[:3]),
            )
        )
    return value


def _factors(table: Table, pick: Pick, target: str | None, work: Work) -> pd.Series | float:
    if target is None or (pick.unit is None and pick.unit_column is None):
        return 1.0
    try:
        if pick.unit is not None:
            return factor(pick.unit, target)
        return _factors_by_row(table, pick, target, work)
    except UnknownTermsError as error:
        work.unknown.extend(f"{table.source.id}: {term}" for term in error.terms)
        return float("nan")


def _factors_by_row(table: Table, pick: Pick, target: str, work: Work) -> pd.Series:
    units = _clean(table.frame[str(pick.unit_column)])
    bare = units.index[units.isna() & table.frame[pick.column].notna()]
    if len(bare):
        work.findings.append(
            finding(
                "number-without-unit",
                "warning",
                where=f"{table.source.id}, column {pick.unit_column}",
                ids=tuple(str(row) for row in bare),
                row=int(bare[0]),
            )
        )
    known: dict[str, float] = {}
    for unit, count in units.value_counts().items():
        try:
            known[str(unit)] = factor(str(unit), target)
        except UnknownTermsError as error:
            work.unknown.extend(f"{table.source.id}, {count} row(s): {term}" for term in error.terms)
    return units.map(known).astype("float64")


def _recode(table: Table, pick: Pick, work: Work) -> pd.Series:
    crosswalk = crosswalks.load(*str(pick.crosswalk).split("/"))
    text = _clean(table.frame[pick.column])
    unknown = text[text.notna() & ~text.isin(list(crosswalk.codes))]
    work.unknown.extend(
        f"{table.source.id}, column {pick.column}: {term!r} in {count} row(s); "
        f"add it to {crosswalk.file} under {crosswalk.vocabulary}"
        for term, count in unknown.value_counts().items()
    )
    return _filled(text.map(crosswalk.codes))
