"""The registers side by side: for each country, substance, sector, medium and year, a quantity or why there is none.

Absent is not zero. A cell without a quantity may stand for a zero that was reported, a facility below the threshold, a
substance that is not on the list, a sector that need not report, a file that is not here, or for something that no
source tells; these are never added together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.layers._prtr import rules
from naatlas.layers._prtr.media import COMPARED
from naatlas.layers._prtr.releases import TEQ
from naatlas.layers._prtr.rules import BLANKS, NO, PARTIAL, REGISTERS, UNKNOWN, YES
from naatlas.layers._prtr.substances import substances

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

#: What a cell can be, in the order in which it is asked.
STATES = (
    "reported",
    "reported_zero",
    "not_on_list",
    "sector_not_covered",
    "no_such_medium",
    "no_file",
    "below_threshold_or_exempt",
    UNKNOWN,
)
#: What is added up in a cell, each by itself.
AMOUNTS = ("kg", "g", "g_teq")
#: Sector of a facility that tells none.
NOT_STATED = "not_stated"
#: Columns that name a cell, after the country.
CELL = ("unit", "sector", "medium", "year")

_KEYS = ["country", *CELL]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The registers side by side.

    Attributes
    ----------
    cells
        One row a country (ISO 3166-1 alpha-3) and cell: ``unit`` (code of the substance, a metal together with its
        compounds), ``kind``, ``group``, ``sector``, ``medium``, ``year``; ``state``, one of ``STATES``; ``listed`` and
        ``covered`` (yes, partial, no, unknown); ``can_report``, whether the country's rules let the cell be reported
        at all; ``facilities`` that report something; ``kg`` and ``g`` (dioxins) where the state is reported or
        reported_zero, else missing; ``g_teq``, dioxins told as toxic equivalent, which are no mass.
    countries
        Those that are compared.
    """

    cells: pd.DataFrame
    countries: tuple[str, ...] = tuple(REGISTERS)

    @property
    def share_unknown(self) -> float:
        """Share of the cells of which no source tells what they mean, 0 to 1."""
        return float(self.cells["state"].eq(UNKNOWN).mean()) if len(self.cells) else 0.0

    def common(self, countries: Iterable[str]) -> pd.DataFrame:
        """Return the cells (columns ``CELL``) that all of these countries can report.

        Raises
        ------
        ValueError
            A country is not in the comparison.
        """
        wanted = sorted(set(countries))
        if strange := sorted(set(wanted) - set(self.countries)):
            raise ValueError(f"not in the comparison: {', '.join(strange)}")
        able = self.cells[self.cells["can_report"] & self.cells["country"].isin(wanted)]
        count = able.groupby(list(CELL)).size()
        return count[count.eq(len(wanted))].index.to_frame(index=False)

    def comparable(
        self, lines: pd.DataFrame, facilities: pd.DataFrame, countries: Iterable[str]
    ) -> pd.DataFrame:
        """Keep those lines of the long table that lie in cells which all of these countries can report.

        Parameters
        ----------
        lines, facilities
            As for :func:`compare`.
        countries
            Two or three; lines of other countries are left out.

        Returns
        -------
        DataFrame
            Rows of ``lines``, unchanged and in their order.
        """
        wanted = set(countries)
        placed = _placed(lines, facilities)
        inside = pd.MultiIndex.from_frame(placed[list(CELL)]).isin(
            pd.MultiIndex.from_frame(self.common(wanted))
        )
        return lines[inside & placed["country"].isin(wanted).to_numpy()]


def compare(
    lines: pd.DataFrame, facilities: pd.DataFrame, countries: Sequence[str] = tuple(REGISTERS)
) -> Comparison:
    """Put the registers side by side.

    Parameters
    ----------
    lines
        The long table: ``atlas_id``, ``substance``, ``medium``, ``year``, ``kg``, ``g``, ``basis``. A country without
        any line in a year has no file of that year here.
    facilities
        One row a facility: ``atlas_id``, ``country``, ``sector``.

    Returns
    -------
    Comparison
        Every substance that any register here reports in a year, times all sectors and media, in each country.
    """
    placed = _placed(lines, facilities)
    placed = placed[placed["country"].isin(countries)]
    cells = _cells(placed, facilities, countries)
    cells = _with_reports(cells, placed)
    cells = _with_rules(cells, placed)
    cells["state"] = _state(cells)
    told = cells["state"].isin(STATES[:2])
    cells[list(AMOUNTS)] = cells[list(AMOUNTS)].where(told)
    own = substances()[["kind", "group"]]
    cells = cells.join(own, on="unit").sort_values(_KEYS, ignore_index=True)
    columns = ["kind", "group", "state", "listed", "covered", "can_report", "facilities", *AMOUNTS]
    return Comparison(cells[[*_KEYS, *columns]], tuple(countries))


@dataclass(frozen=True, slots=True)
class Able:
    """Who can report what.

    Attributes
    ----------
    places
        ``CELL`` by the rows of the long table, with ``country``.
    cells
        Each cell that occurs there, in each country: ``country``, ``CELL``, ``can_report``.
    """

    places: pd.DataFrame
    cells: pd.DataFrame


def able(lines: pd.DataFrame, facilities: pd.DataFrame, countries: Sequence[str] = tuple(REGISTERS)) -> Able:
    """Tell which countries' rules let the cells that occur be reported, as :func:`compare` tells it of all cells."""
    placed = _placed(lines, facilities)
    own = placed[list(CELL)].dropna().drop_duplicates()
    cells = own.merge(pd.DataFrame({"country": pd.array(countries, dtype="string")}), how="cross")
    told = _with_rules(cells, placed[placed["country"].isin(countries)])
    return Able(placed[["country", *CELL]], told[[*_KEYS, "can_report"]])


def _placed(lines: pd.DataFrame, facilities: pd.DataFrame) -> pd.DataFrame:
    """Give each line its country and cell; a line that says no medium has none."""
    place = facilities.drop_duplicates("atlas_id").set_index("atlas_id")[["country", "sector"]]
    told = lines[["atlas_id", "substance", "year", "kg", "g"]].join(place, on="atlas_id")
    equivalent = lines["basis"].eq(TEQ).fillna(value=False)
    told["g_teq"], told["g"] = lines["g"].where(equivalent), lines["g"].mask(equivalent)
    told["unit"] = rules.units(lines["substance"])
    told["medium"] = rules.compared_medium(lines["medium"])
    told["sector"] = told["sector"].astype("string").fillna(NOT_STATED)
    return told.astype({"year": "int64"})


def _cells(placed: pd.DataFrame, facilities: pd.DataFrame, countries: Sequence[str]) -> pd.DataFrame:
    """Make all cells of the years: no country is left out because nobody there reports."""
    sectors = facilities["sector"].astype("string").fillna(NOT_STATED).unique()
    substance = placed[["unit", "year"]].drop_duplicates()
    for name, values in (
        ("country", list(countries)),
        ("sector", sorted(sectors)),
        ("medium", sorted(set(COMPARED.values()))),
    ):
        substance = substance.merge(pd.DataFrame({name: pd.array(values, dtype="string")}), how="cross")
    return substance[_KEYS]


def _with_reports(cells: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Add what is reported in the cell, and what is told of the substance in the sector.

    ``spoken`` is a quantity or a zero in any medium, ``undivided`` a quantity of which no medium is told.
    """
    amounts = placed[list(AMOUNTS)]
    some = placed[amounts.gt(0).any(axis=1)]
    sums = some.groupby(_KEYS).agg(facilities=("atlas_id", "nunique"), **{a: (a, "sum") for a in AMOUNTS})
    told = cells.merge(sums.reset_index(), how="left", on=_KEYS)
    told = told.fillna(dict.fromkeys(("facilities", *AMOUNTS), 0)).astype({"facilities": "int64"})
    where = ["country", "unit", "sector", "year"]
    told = _marked(told, placed[amounts.notna().any(axis=1)], where, "spoken")
    return _marked(told, some[some["medium"].isna()], where, "undivided")


def _with_rules(cells: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Add what the rules of the country's register say of the cell, and whether it has a file of the year here."""
    told = cells.assign(register=cells["country"].map(REGISTERS).astype("string"))
    told = _covered(_listed(told, placed), placed)
    told = _marked(told, placed, ["country", "year"], "file")
    has = {(country, medium) for country, r in REGISTERS.items() for medium in rules.told_media(r)}
    told["medium_told"] = _among(told[["country", "medium"]], has)
    told["blank"] = _among(told[["register", "year"]], {(r, year) for r in BLANKS for year in BLANKS[r]})
    rule = told["listed"].eq(YES) & told["covered"].isin([YES, PARTIAL])
    return told.assign(can_report=rule.astype(bool) & told["medium_told"])


def _listed(cells: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Add whether the substance is on the list; a report of the year proves that it is."""
    told = cells.merge(rules.listed(cells["year"].unique()), how="left", on=["register", "unit", "year"])
    told = _marked(told, placed, ["country", "unit", "year"], "proved")
    told["listed"] = told["listed"].mask(told["proved"], YES).fillna(UNKNOWN)
    return told.drop(columns="proved")


def _covered(cells: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Add whether the sector is covered; a report of the year proves that it is, in part at least."""
    told = cells.merge(rules.covered(cells["year"].unique()), how="left", on=["register", "sector", "year"])
    told = _marked(told, placed, ["country", "sector", "year"], "proved")
    proved = told["proved"] & told["sector"].ne(NOT_STATED) & ~told["covered"].isin([YES, PARTIAL])
    told["covered"] = told["covered"].mask(proved, PARTIAL).fillna(UNKNOWN)
    return told.drop(columns="proved")


def _among(pairs: pd.DataFrame, known: set[tuple[str, Any]]) -> NDArray[np.bool_]:
    told: NDArray[np.bool_] = pd.MultiIndex.from_frame(pairs).isin(pd.MultiIndex.from_tuples(sorted(known)))
    return told


def _marked(cells: pd.DataFrame, where: pd.DataFrame, on: list[str], name: str) -> pd.DataFrame:
    """Mark the cells whose values in some columns stand in another table as well."""
    there = where[on].drop_duplicates().assign(**{name: True})
    told = cells.merge(there, how="left", on=on)
    told[name] = told[name].astype("boolean").fillna(value=False).astype(bool)
    return told


def _state(cells: pd.DataFrame) -> pd.Series:
    """Give each cell its one state: the first of the questions, in this order, that is answered yes."""
    answers = {
        "reported": cells["facilities"].gt(0),
        "reported_zero": cells["spoken"] & ~(cells["blank"] | cells["undivided"]) & cells["medium_told"],
        UNKNOWN: cells["spoken"] & cells["medium_told"],
        "not_on_list": cells["listed"].eq(NO),
        "sector_not_covered": cells["covered"].eq(NO),
        "no_such_medium": ~cells["medium_told"],
        "no_file": ~cells["file"],
        "below_threshold_or_exempt": cells["can_report"],
    }
    asked = [answer.to_numpy(dtype=bool, na_value=False) for answer in answers.values()]
    return pd.Series(np.select(asked, list(answers), default=UNKNOWN), index=cells.index, dtype="string")
