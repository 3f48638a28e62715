"""Permits of the Mexican energy regulator (CRE): what each plant is allowed to have; no coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.findings import finding
from naatlas.framework.places import resolve_state, unknown_places
from naatlas.harmonize.translate import Pick, translate
from naatlas.layers.power_plants import mexico_links
from naatlas.ledger import State
from naatlas.model import Table
from naatlas.sources import is_total

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.layers.power_plants.capacity import Capacities
    from naatlas.model import Work
    from naatlas.spec import LayerSpec

IN_FORCE, ENDED = "mex-cre-permits", "mex-cre-permits-ended"

MW, NUMBER, BEGUN = "CAP. AUTORIZADA (MW)", "NUMERO DE PERMISO", "FECHA DE ENTRADA EN OPERACIÓN"

_FLAGS = ("record", "imports", "use")

#: Permits to import: LSPEE and LIE, the laws before and after the reform of 2014.
_IMPORT = ("IMP.", "A.IMP")

#: Why a permit that is no running plant stays out, by status.
_NOT_RUNNING = {
    "under_construction": "permit of a plant under construction",
    "planned": "permit of a plant whose works have not begun",
    "out_of_service": "permit of an inactive plant",
}


def year_of(text: pd.Series) -> pd.Series:
    """Read the year of a date; a date before 1900 is text, and "Antes de 92" names no year.

    Returns
    -------
    Series
        Int64, missing where no four-digit year stands at the beginning (2015-12-31) or the end (05/abr/1898).
    """
    found = text.astype("string").str.strip().str.extract(r"^(?:(\d{4})-\d\d-\d\d|\d{1,2}/[a-z]{3}/(\d{4}))")
    return found[0].fillna(found[1]).astype("Int64")


_PICKS = (
    Pick(field="capacity_mw", column=MW, unit="MW"),
    Pick(field="energy_source", column="ENERGETICO PRIMARIO", crosswalk="energy_source/cre"),
    Pick(field="status", column="ESTADO ACTUAL", crosswalk="plant_status/cre"),
    Pick(field="year_online", column=BEGUN, parse=year_of, rule="year of the date"),
)


def add(
    table: Table, plants: pd.DataFrame, facts: Facts, capacities: Capacities, spec: LayerSpec, work: Work
) -> None:
    """Link running permits to plants; each permit enriches a plant, stays out by a rule, or is rejected."""
    rows = read(table, spec, work)
    work.ledger.measure(IN_FORCE, "capacity_mw", rows["capacity_mw"], "MEX")
    _settle_outside(table, rows, work)
    running = rows[rows["use"]]
    links = mexico_links.match(running, plants, table, mexico_links.PERMITS)
    linked = links["id"].notna()
    _add_facts(table, running[linked], links[linked], facts, capacities)
    work.ledger.settle(IN_FORCE, links.index[linked], State.ENRICHES, links.loc[linked, "id"])
    why = "the permit has no coordinates of its own: " + links.loc[~linked, "reason"]
    work.ledger.settle(IN_FORCE, why.index, State.REJECTED, why)
    _tell(running[~linked], work)


def read(table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Translate the permits; footer rows are there with ``record`` False.

    Returns
    -------
    DataFrame
        By row: ``record``, ``imports``, ``use`` (a running plant), ``status``, ``capacity_mw`` (authorised),
        ``year_online``, and the columns that linkage compares.
    """
    text = table.frame
    record = ~is_total(table) & text["Núm."].notna()
    body = text[record]
    translated = translate(Table(table.source, body, table.input), _PICKS, spec, work)
    told = translated.frame
    told["key"], told["owner"], told["country"] = body[NUMBER].str.strip(), body["PERMISIONARIO"], "MEX"
    told["name"] = body["CENTRAL"].fillna(body["PERMISIONARIO"])
    told["alt_names"] = body["PERMISIONARIO"].where(~body["PERMISIONARIO"].str.startswith("Comisión Federal"))
    told["state"] = resolve_state(body["UBICACION DE LA PLANTA"], "MEX")
    work.unknown.extend(unknown_places(table.source.id, body["UBICACION DE LA PLANTA"], told["state"]))
    told["status_rule"] = translated.rule("status", body.index)
    told["imports"] = body["MODALIDAD"].str.strip().isin(_IMPORT)
    told["use"] = told["status"].eq("operating").fillna(value=False) & ~told["imports"]
    told = told.assign(record=True).reindex(text.index)
    return told.assign(**{name: told[name].astype("boolean").fillna(value=False) for name in _FLAGS})


def _settle_outside(table: Table, rows: pd.DataFrame, work: Work) -> None:
    """Footer, importers, and plants that do not run."""
    outside = pd.Series(pd.NA, index=rows.index, dtype="string")
    outside = outside.mask(~rows["record"], "publisher's total or its unit line")
    outside = outside.mask(rows["imports"], "permit to import: no plant in Mexico")
    waiting = rows["record"] & ~rows["imports"] & ~rows["use"]
    outside = outside.mask(waiting, rows["status"].map(_NOT_RUNNING))
    rule = outside.dropna()
    work.ledger.settle(table.source.id, rule.index, State.OUT_OF_SCOPE, rule)


def _add_facts(
    table: Table, rows: pd.DataFrame, links: pd.DataFrame, facts: Facts, capacities: Capacities
) -> None:
    text = table.frame.loc[rows.index]
    for field, column, value, rule in (
        ("cre_permit", NUMBER, rows["key"], "as published"),
        ("status", "ESTADO ACTUAL", rows["status"], rows["status_rule"]),
        ("year_online", BEGUN, rows["year_online"], "year of the date"),
    ):
        facts.add(
            field, links["id"], value, source=IN_FORCE, row=rows.index, column=column, national=text[column],
            rule=rule + "; linked by " + links["reason"], score=links["score"],
        )  # fmt: skip
    for source in ("total", rows["energy_source"]):
        capacities.add(
            links["id"], source, "authorised", rows["capacity_mw"], source=IN_FORCE, row=rows.index, column=MW
        )


def _tell(left_over: pd.DataFrame, work: Work) -> None:
    total = left_over["capacity_mw"].sum()
    work.findings.append(
        finding("permit-without-plant", "info", where=IN_FORCE, ids=tuple(left_over["key"]), mw=float(total))
    )


def add_ended(table: Table, work: Work) -> None:
    """Settle permits that ended: they name no state, no capacity and no running plant."""
    work.ledger.settle(
        ENDED, table.frame.index, State.OUT_OF_SCOPE, "permit ended before the date of the list"
    )
