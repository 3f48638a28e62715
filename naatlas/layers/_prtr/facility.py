"""What the three countries' facilities share: the fields that a register's row gives, and their point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.findings import finding
from naatlas.framework.places import resolve_state
from naatlas.harmonize.translate import Pick, Translated, translate
from naatlas.layers._places import add_places
from naatlas.layers._points import add_points, refusals

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

#: Sector of a facility that states none.
NOT_STATED = "not_stated"
#: Flag of a facility with several industry codes in one year, and which of them counts.
SEVERAL = "several_sectors"
LARGEST = "of several codes that of the largest releases, else the first"

#: What a register says of a facility and the layers compare from year to year.
_COMPARED = ("name", "city", "sector_national")


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Where a register's file says what of a facility."""

    country: str
    agency: str
    state: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Sector:
    """Class of the sector by row of a file, and the NAICS of 2017 that it follows from where there is one.

    Attributes
    ----------
    main
        Which row tells the sector of a facility that has several (:func:`naatlas.layers._prtr.sectors.main`); None
        where each facility has one row.
    """

    told: pd.Series
    column: str
    rule: str
    naics: pd.Series | None = None
    main: pd.DataFrame | None = None

    def row_of(self, rows: pd.Index) -> pd.Index:
        """Return the rows that tell the sector of the facilities of some rows."""
        return rows if self.main is None else pd.Index(self.main.loc[rows, "row"])


@dataclass(frozen=True, slots=True)
class Sites:
    """The facilities that one file tells of.

    Attributes
    ----------
    table
        The file.
    told
        By row, for the facilities with a usable point: ``atlas_id``, ``name``, ``city``, ``state``, ``sector``,
        ``sector_national``, ``longitude``, ``latitude`` (degrees).
    refused
        By row, for the others: ``atlas_id`` and ``why`` there is no usable point.
    """

    table: Table
    told: pd.DataFrame
    refused: pd.DataFrame


def add(
    table: Table,
    register: Register,
    ids: pd.Series,
    facts: Facts,
    spec: LayerSpec,
    work: Work,
    *,
    sector: Sector,
) -> Sites:
    """Add name, place, point, sector and the register's number of each facility; no row is settled.

    Parameters
    ----------
    ids
        Atlas id by row; rows without one tell nothing of their facility.
    """
    bare = {"latitude", "longitude"}
    wanted = bare | {field.name for field in spec.fields}
    picks = [pick for pick in register.picks if pick.field in wanted]
    told = translate(table, picks, spec, work)
    country = register.country
    state = resolve_state(table.frame[register.state], country)
    points = add_points(facts, told, ids, country=country, state=state, work=work, settle=False)
    # Only what has a point becomes a facility: nothing is told of the others.
    placed = ids[points.index]
    code = add_places(facts, table, placed, country=country, state_column=register.state, work=work)
    facts.add_translated(told, placed, fields=[p.field for p in picks if p.field not in bare])
    _say_origin(table, register, placed, facts)
    add_sector(table, placed, facts, sector, work)
    compared = told.frame.reindex(columns=list(_COMPARED)).loc[placed.index]
    frame = compared.assign(
        atlas_id=placed,
        state=code[placed.index],
        sector=sector.told[sector.row_of(placed.index)].set_axis(placed.index),
    )
    return Sites(table, frame.join(points), _refused(told, ids.drop(points.index), country, state))


def _refused(told: Translated, ids: pd.Series, country: str, state: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"atlas_id": ids, "why": refusals(told, ids, country=country, state=state)})


def _say_origin(table: Table, register: Register, ids: pd.Series, facts: Facts) -> None:
    origin: dict[str, Any] = {"source": table.source.id, "row": ids.index, "column": "(file)"}
    for field, value in (("reference_period", table.source.vintage), ("source_agency", register.agency)):
        told = pd.Series(value, index=ids.index)
        facts.add(field, ids, told, national=told, rule="of the file as a whole", **origin)


def add_sector(table: Table, ids: pd.Series, facts: Facts, sector: Sector, work: Work) -> None:
    """Add the class of the sector and, where there is one, the NAICS of 2017 that it follows from."""
    known = ids.dropna()
    rows = sector.row_of(known.index)
    origin: dict[str, Any] = {"source": table.source.id, "row": rows, "column": sector.column}
    national = table.frame.loc[rows, sector.column]
    told = sector.told[rows].fillna(NOT_STATED)
    facts.add("sector", known, told, national=national, rule=sector.rule, **origin)
    if sector.naics is not None:
        rule = "naics_2017.csv, as many digits as are sure"
        facts.add("naics_2017", known, sector.naics[rows], national=national, rule=rule, **origin)
    if sector.main is not None:
        _add_several(table, known, facts, sector, work)


def _add_several(table: Table, ids: pd.Series, facts: Facts, sector: Sector, work: Work) -> None:
    """Flag the facilities with several industry codes, and say which of them counts."""
    if sector.main is None:
        return
    several = sector.main.loc[ids.index, "several"].dropna()
    if several.empty:
        return
    own = ids[several.index]
    rows = sector.row_of(several.index)
    code = table.frame.loc[rows, sector.column].str.strip()
    origin: dict[str, Any] = {
        "source": table.source.id,
        "row": rows,
        "column": sector.column,
        "national": several,
    }
    facts.add("naics_national", own, code, rule=LARGEST, rank=-1, **origin)
    facts.add("flags", own, pd.Series(SEVERAL, index=own.index), rule=LARGEST, **origin)
    work.findings.append(
        finding(
            "facilities-of-several-sectors",
            "info",
            where=table.source.id,
            ids=tuple(own),
            example=str(several.iloc[0]),
        )
    )
