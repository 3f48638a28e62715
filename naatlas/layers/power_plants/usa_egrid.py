"""EPA eGRID: emissions of the United States, by unit (2021) and by plant (2016), keyed by ORISPL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.facts import row_list
from naatlas.findings import finding
from naatlas.harmonize.translate import Pick, translate
from naatlas.harmonize.units import factor
from naatlas.layers.power_plants import emissions
from naatlas.layers.power_plants.fields import POLLUTANTS
from naatlas.layers.power_plants.usa import plant_id
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

UNITS, PLANTS = "usa-egrid-units-2021", "usa-egrid-2016"

#: Pollutant -> column, unit and column that says how it was determined, in the unit file.
UNIT_COLUMNS = {
    "nox": ("noxan", "short_ton", "noxansrc"),
    "so2": ("so2an", "short_ton", "so2src"),
    "co2": ("co2an", "short_ton", "co2src"),
    "hg": ("hgan", "pound", "hgsrc"),
}

#: Pollutant -> name of the flow in the plant file; Heat and Steam are energy, not emissions.
FLOWS = {
    "nox": "Nitrogen oxides",
    "so2": "Sulfur dioxide",
    "co2": "Carbon dioxide",
    "ch4": "Methane",
    "n2o": "Nitrous oxide",
}
NOT_EMISSIONS = ("Heat", "Steam")

#: eGRID's mark for continuous monitoring reported to EPA's Clean Air Markets Division.
MONITORED = "EPA/CAMD"


def add_units(
    tables: Mapping[str, Table], facts: Facts, known: pd.Index, spec: LayerSpec, work: Work
) -> None:
    """Sum the units of 2021 by plant; units of plants that are not in the layer are rejected with their tonnes."""
    table = tables.get(UNITS)
    if table is None:
        return
    frame = table.frame
    told = pd.DataFrame(
        {"id": plant_id(frame["orispl"]), "row": frame.index, "year": _excel_year(frame["untyronl"])}
    )
    picks = [Pick(field=POLLUTANTS[p][0], column=c, unit=unit) for p, (c, unit, _) in UNIT_COLUMNS.items()]
    told = told.join(translate(table, picks, spec, work).frame)
    _measure(table, told, work)
    lost = told.index[~told["id"].isin(known)]
    reason = (
        "the EIA Energy Atlas has no plant with this code (ORISPL): retired, or numbered otherwise by EPA"
    )
    work.ledger.settle(UNITS, lost, State.REJECTED, reason)
    told = told.drop(index=lost)
    work.ledger.settle(UNITS, told.index, State.AGGREGATED, told["id"])
    for pollutant in UNIT_COLUMNS:
        _add_sum(table, told, pollutant, facts)
    _add_first_year(told, frame, facts)
    _tell_biogenic(told, facts, work)


def _tell_biogenic(told: pd.DataFrame, facts: Facts, work: Work) -> None:
    """Say that the unit file counts all carbon of the stack; eGRID's plant file takes that of biomass and heat off."""
    source = facts.of("primary_source")
    own = told.loc[told["id"].isin(source.index[source == "biomass"]) & told["co2_t"].gt(0)]
    plants = sorted(own["id"].unique())
    work.findings.append(
        finding(
            "co2-of-biomass-counted",
            "warning",
            where="USA",
            count=len(plants),
            ids=tuple(plants),
            t=float(own["co2_t"].sum()),
        )
    )


def _excel_year(text: pd.Series) -> pd.Series:
    """Undo what a spreadsheet did to a year: 1969 shown as the date of day 1969, 1905-05-22."""
    days = pd.to_datetime(text, errors="coerce") - pd.Timestamp("1899-12-30")
    return days.dt.days.where(days.dt.days.between(1880, 2100)).astype("Int64")


def _measure(table: Table, told: pd.DataFrame, work: Work) -> None:
    for pollutant in UNIT_COLUMNS:
        field = POLLUTANTS[pollutant][0]
        work.ledger.measure(table.source.id, field, told[field], "USA")


def _add_sum(table: Table, told: pd.DataFrame, pollutant: str, facts: Facts) -> None:
    field = POLLUTANTS[pollutant][0]
    column, unit, how = UNIT_COLUMNS[pollutant]
    some = told[told[field].notna()].assign(
        national=lambda part: pd.to_numeric(table.frame.loc[part.index, column]),
        monitored=lambda part: table.frame.loc[part.index, how].eq(MONITORED),
    )
    sums = some.groupby("id").agg(
        value=(field, "sum"), rows=("row", row_list), units=("row", "size"),
        national=("national", "sum"), measured=("monitored", "all"),
    )  # fmt: skip
    scale = f" x {factor(unit, 'metric_ton' if field.endswith('_t') else 'kilogram'):.8g} ({unit})"
    emissions.add(
        facts, pollutant, entity=sums.index.to_series(), value=sums["value"], year=2021,
        method=sums["measured"].map({True: "measured", False: "estimated"}), agency="US EPA eGRID 2021",
        source=UNITS, row=sums["rows"], column=column, national=sums["national"].map("{:g}".format),
        rule="sum of " + sums["units"].astype(str) + " unit(s)" + scale,
    )  # fmt: skip


def _add_first_year(told: pd.DataFrame, frame: pd.DataFrame, facts: Facts) -> None:
    """Add the oldest unit's year where all units have one: a nuclear plant is not as old as its gas turbine."""
    whole = told["year"].notna().groupby(told["id"]).transform("all")
    dated = told[whole].sort_values("year", kind="stable").drop_duplicates("id")
    facts.add(
        "year_online", dated["id"], dated["year"], source=UNITS, row=dated["row"], column="untyronl",
        national=frame.loc[dated.index, "untyronl"],
        rule="first of the plant's operating units; a year that a spreadsheet turned into a date",
    )  # fmt: skip


def add_plants(
    tables: Mapping[str, Table],
    facts: Facts,
    known: pd.Series,
    pollutants: Sequence[str],
    spec: LayerSpec,
    work: Work,
) -> None:
    """Add plant emissions of 2016.

    Parameters
    ----------
    known
        EIA plant code -> atlas id of the plants of this edition.
    pollutants
        Which of them this edition takes from here; the rest is control only.
    """
    table = tables.get(PLANTS)
    if table is None:
        return
    frame = table.frame
    entity = frame["FacilityID"].map(known)
    doubled = frame.duplicated(["FacilityID", "FlowName"])
    pick = Pick(field="co2_t", column="FlowAmount", unit_column="Unit")
    energy = frame["FlowName"].isin(NOT_EMISSIONS)
    strange = frame.loc[~frame["FlowName"].isin([*FLOWS.values(), *NOT_EMISSIONS]), "FlowName"].value_counts()
    work.unknown.extend(
        f"{PLANTS}, flow {name!r} in {n} row(s): add it to usa_egrid.py" for name, n in strange.items()
    )
    _settle_plants(frame, entity, doubled, energy, pollutants, work)
    amount = translate(_only(table, ~energy), [pick], spec, work).frame["co2_t"]
    for pollutant in pollutants:
        rows = frame.index[frame["FlowName"].eq(FLOWS[pollutant]) & entity.notna() & ~doubled]
        field = POLLUTANTS[pollutant][0]
        every = frame.index[frame["FlowName"].eq(FLOWS[pollutant]) & ~doubled]
        work.ledger.measure(PLANTS, field, amount.reindex(frame.index).where(frame.index.isin(every)), "USA")
        score = pd.to_numeric(frame.loc[rows, "ReliabilityScore"])
        emissions.add(
            facts, pollutant, entity=entity[rows], value=amount[rows], year=2016,
            method=score.eq(1.0).map({True: "measured", False: "estimated"}), agency="US EPA eGRID 2016",
            source=PLANTS, row=rows.to_series(), column="FlowAmount", national=frame.loc[rows, "FlowAmount"],
            rule=f"flow {FLOWS[pollutant]}, unit kg",
        )  # fmt: skip


def _only(table: Table, rows: pd.Series) -> Table:
    from dataclasses import replace

    return replace(table, frame=table.frame[rows])


def _settle_plants(
    frame: pd.DataFrame,
    entity: pd.Series,
    doubled: pd.Series,
    energy: pd.Series,
    pollutants: Sequence[str],
    work: Work,
) -> None:
    """One plant with several FRS ids has its flows as often: the first counts, a repeat that differs is told."""
    wanted = frame["FlowName"].isin([FLOWS[p] for p in pollutants])
    settle = work.ledger.settle
    settle(PLANTS, frame.index[energy], State.OUT_OF_SCOPE, "energy flow, not an emission")
    settle(
        PLANTS,
        frame.index[doubled & ~energy],
        State.REJECTED,
        "the same plant and flow as in another row, under another facility number of EPA (FRS)",
    )
    rest = ~energy & ~doubled
    settle(
        PLANTS,
        frame.index[rest & ~wanted],
        State.CONTROL,
        "this edition takes the substance from a later eGRID",
    )
    settle(
        PLANTS,
        frame.index[rest & wanted & entity.isna()],
        State.REJECTED,
        "the layer has no plant with this code: retired since, or numbered otherwise by EPA",
    )
    rows = frame.index[rest & wanted & entity.notna()]
    settle(PLANTS, rows, State.ENRICHES, entity[rows])
    amounts = frame.groupby(["FacilityID", "FlowName"])["FlowAmount"].nunique()
    if (differ := amounts[amounts > 1]).any():
        work.findings.append(
            finding(
                "repeated-flow-differs",
                "warning",
                where=PLANTS,
                ids=tuple(f"{plant} {flow}" for plant, flow in differ.index),
            )
        )
