"""Mexico's emission inventory (INEM) by municipality and sector: a control, never a plant's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.findings import finding
from naatlas.framework.places import resolve_state
from naatlas.harmonize.translate import numbers
from naatlas.ledger import State
from naatlas.sources import is_total

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.model import Table, Work

#: The sector as both years spell it; "... y equipos de generación eléctrica" are makers of appliances.
SECTOR = "Generación de energía eléctrica"

#: Year -> headers of sector and state.
_HEADERS = {"2013": ("SECTOR", "ENTFED"), "2016": ("Categoría", "Estado")}

#: Atlas code -> header; all in tonnes.
POLLUTANTS = {"nox": "NOX", "so2": "SO2", "pm25": "PM2.5", "pm10": "PM10"}


def power(table: Table) -> pd.DataFrame:
    """Return the rows of electricity generation: ``state`` (code) and tonnes of each pollutant, by row.

    The sector is compared whole, after no-break and other blanks at its ends are gone.
    """
    sector, state = _HEADERS[table.source.vintage]
    text = table.frame[~is_total(table)]
    text = text[text[sector].str.strip().eq(SECTOR).fillna(value=False)]
    amounts = {code: numbers(text[header]) for code, header in POLLUTANTS.items()}
    return pd.DataFrame({"state": resolve_state(text[state], "MEX"), **amounts})


def inem_control(table: Table) -> pd.DataFrame:
    """Sum the electricity sector by state.

    Returns
    -------
    DataFrame
        By state code: ``municipalities``, ``nox``, ``so2``, ``pm25``, ``pm10`` in tonnes a year.
    """
    rows = power(table)
    sums = rows.groupby("state")[list(POLLUTANTS)].sum()
    sums.insert(0, "municipalities", rows.groupby("state").size())
    return sums


def add(table: Table, plants: pd.DataFrame, facts: Facts, work: Work) -> None:
    """Settle the inventory as control, and set its electricity sector beside the plants' NOx."""
    source = table.source.id
    rows = power(table)
    for code in POLLUTANTS:
        work.ledger.measure(source, f"{code}_t", rows[code].reindex(table.frame.index), "MEX")
    notes = table.frame.index[is_total(table)]
    others = table.frame.index.difference(notes).difference(rows.index)
    work.ledger.settle(source, notes, State.OUT_OF_SCOPE, "notes at the foot of the file")
    work.ledger.settle(source, others, State.OUT_OF_SCOPE, "sector other than electricity generation")
    work.ledger.settle(source, rows.index, State.CONTROL, "sum of a municipality, to compare the plants with")
    _compare(table, plants, facts, work)


def _compare(table: Table, plants: pd.DataFrame, facts: Facts, work: Work) -> None:
    control = inem_control(table)
    nox = facts.of("nox_t").astype("float64")
    by_state = nox[nox.index.isin(plants.index)].groupby(plants["state"]).sum()
    lacking = sorted(control.index[control["nox"].gt(0) & by_state.reindex(control.index).fillna(0).eq(0)])
    work.findings.append(
        finding(
            "inventory-against-plants",
            "info",
            where=table.source.id,
            count=len(lacking),
            ids=tuple(lacking),
            nox=float(control["nox"].sum()),
            so2=float(control["so2"].sum()),
            year=table.source.vintage,
            carried=float(by_state.sum()),
            lacking=len(lacking),
            states=len(control),
        )
    )
