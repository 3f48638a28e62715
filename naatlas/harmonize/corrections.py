"""Hand-made corrections: the only way, beside a declared rule, that a national value may change."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING

from naatlas.errors import LinkageError, SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from naatlas.ledger import Ledger
    from naatlas.model import Table

_HEADER = ["source", "key_column", "key", "column", "old", "new", "decided_by", "decided_on", "why"]


@dataclass(frozen=True, slots=True)
class Correction:
    """One cell of one source: what stood there, what is to stand there, who decided, when and why."""

    source: str
    key_column: str
    key: str
    column: str
    old: str
    new: str
    decided_by: str
    decided_on: str
    why: str


def load(slug: str) -> tuple[Correction, ...]:
    """Read ``corrections/<slug>.csv``; a layer without the file has none."""
    path = resources.files("naatlas") / "corrections" / f"{slug}.csv"
    if not path.is_file():
        return ()
    with resources.as_file(path) as file, file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != _HEADER:
            raise SpecError(f"corrections/{slug}.csv: columns must be {', '.join(_HEADER)}")
        return tuple(_one(row, slug, reader.line_num) for row in reader)


def _one(row: dict[str, str], slug: str, line: int) -> Correction:
    where = f"corrections/{slug}.csv, line {line}"
    if set(row) != set(_HEADER) or None in row.values():
        raise SpecError(f"{where}: must have {len(_HEADER)} cells; is a comma not quoted?")
    if not (row["key"] and row["decided_by"] and row["decided_on"] and row["why"]):
        raise SpecError(f"{where}: say which row it is, who decided, when and why")
    return Correction(**row)


def apply(
    tables: Mapping[str, Table], corrections: tuple[Correction, ...], ledger: Ledger
) -> dict[str, Table]:
    """Correct the cells and log each in the ledger.

    Raises
    ------
    LinkageError
        The row is not in the national file any more, or its cell is not what the correction says it was; the
        starter inputs may lack rows, because they are a selection.
    """
    told = dict(tables)
    for correction in corrections:
        if correction.source in told:
            told[correction.source] = _corrected(told[correction.source], correction, ledger)
    return told


def _corrected(table: Table, correction: Correction, ledger: Ledger) -> Table:
    if lost := {correction.key_column, correction.column} - set(table.frame.columns):
        raise LinkageError(
            f"{table.input.name}: a correction names column {', '.join(sorted(lost))}, which is not there; "
            "edit naatlas/corrections"
        )
    hit = table.frame.index[table.frame[correction.key_column].eq(correction.key).fillna(value=False)]
    where = f"{table.input.name}, {correction.key_column} = {correction.key!r}"
    if hit.empty and table.input.tier == "starter":
        return table
    if len(hit) != 1:
        raise LinkageError(
            f"{where}: {len(hit)} rows where a correction expects one; edit naatlas/corrections"
        )
    row = hit[0]
    found = table.frame[correction.column].fillna("").at[row]
    if found != correction.old:
        raise LinkageError(
            f"{where}: {correction.column} is {found!r} and not {correction.old!r} as the correction says; "
            "the register may have been mended: edit naatlas/corrections"
        )
    frame = table.frame.copy()
    frame.at[row, correction.column] = correction.new
    ledger.correct(
        table.source.id, int(row), field=correction.column, old=correction.old, new=correction.new,
        reason=f"{correction.why} ({correction.decided_on})", by=correction.decided_by,
    )  # fmt: skip
    return replace(table, frame=frame)


def mark(provenance: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Put the published value and the correction's reason into the provenance of corrected cells."""
    logged = ledger.corrections()
    if logged.empty or provenance.empty:
        return provenance
    keys = ["source", "row", "national_field"]
    logged = logged.rename(columns={"field": "national_field"}).drop_duplicates(keys).set_index(keys)
    # Only the sources with corrections are looked through: the provenance has half a million rows.
    near = provenance.loc[provenance["source"].isin(logged.index.unique("source")), keys].astype("str")
    told = near.join(logged, on=keys, how="inner")
    rules = "corrected: " + told["reason"] + ", " + told["decided_by"]
    marked = provenance.assign(rule=provenance["rule"].astype("str"))
    marked.loc[told.index, "rule"] = rules
    marked.loc[told.index, "national_value"] = told["old"]
    return marked.astype({"rule": provenance["rule"].dtype.name})
