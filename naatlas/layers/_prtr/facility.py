"""What the three countries' facilities share: the fields that a register's row gives, and their point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.framework.places import resolve_state
from naatlas.harmonize.translate import Pick, translate
from naatlas.layers._places import add_places
from naatlas.layers._points import add_points

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Where a register's file says what of a facility."""

    country: str
    agency: str
    state: str
    picks: tuple[Pick, ...]


def add(
    table: Table, register: Register, ids: pd.Series, facts: Facts, spec: LayerSpec, work: Work
) -> pd.Index:
    """Add name, place, point and the register's number of each facility.

    Parameters
    ----------
    ids
        Atlas id by row; rows without one tell nothing of their facility.

    Returns
    -------
    Index
        Rows whose facility has a point; the others are rejected.
    """
    told = translate(table, register.picks, spec, work)
    country = register.country
    state = resolve_state(table.frame[register.state], country)
    # Only what has a point becomes a facility: nothing is told of the others.
    kept = add_points(facts, told, ids, country=country, state=state, work=work).index
    placed = ids[kept]
    add_places(facts, table, placed, country=country, state_column=register.state, work=work)
    points = {"latitude", "longitude"}
    facts.add_translated(told, placed, fields=[p.field for p in register.picks if p.field not in points])
    _say_origin(table, register, placed, facts)
    return kept


def _say_origin(table: Table, register: Register, ids: pd.Series, facts: Facts) -> None:
    origin: dict[str, Any] = {"source": table.source.id, "row": ids.index, "column": "(file)"}
    for field, value in (("reference_period", table.source.vintage), ("source_agency", register.agency)):
        told = pd.Series(value, index=ids.index)
        facts.add(field, ids, told, national=told, rule="of the file as a whole", **origin)


def add_sector(
    table: Table,
    ids: pd.Series,
    facts: Facts,
    *,
    sector: pd.Series,
    column: str,
    rule: str,
    naics: pd.Series | None = None,
) -> None:
    """Add the class of the sector and, where there is one, the NAICS of 2017 that it follows from."""
    rows = ids.dropna().index
    origin: dict[str, Any] = {"source": table.source.id, "row": rows, "column": column}
    national = table.frame.loc[rows, column]
    facts.add("sector", ids[rows], sector[rows].fillna("not_stated"), national=national, rule=rule, **origin)
    if naics is not None:
        told = "naics_2017.csv, as many digits as are sure"
        facts.add("naics_2017", ids[rows], naics[rows], national=national, rule=told, **origin)
