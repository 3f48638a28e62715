"""United States: the schedules of EIA-860 that list units (wind, solar, storage), summed by plant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.facts import row_list
from naatlas.findings import finding
from naatlas.harmonize.translate import Pick, translate
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

#: Schedule of EIA-860 -> the energy source whose nameplate it gives and the technologies that count as it.
SCHEDULES = {
    "usa-eia860-wind-2023": ("wind", ("Onshore Wind Turbine", "Offshore Wind Turbine")),
    "usa-eia860-solar-2023": ("solar", None),
    "usa-eia860-storage-2023": ("battery", ("Batteries",)),
}

_PICKS = (
    Pick(field="capacity_mw", column="Nameplate Capacity (MW)", unit="MW"),
    Pick(field="year_online", column="Operating Year"),
    Pick(field="status", column="Status", crosswalk="plant_status/eia860"),
)


def read(
    tables: Mapping[str, Table], plant: Mapping[str, pd.Series], ids: pd.Series, spec: LayerSpec, work: Work
) -> dict[str, pd.DataFrame]:
    """Sum each schedule by plant and settle its rows.

    Parameters
    ----------
    plant
        Atlas id by row, for each schedule.
    ids
        Atlas ids of the plants of the layer.

    Returns
    -------
    dict
        By schedule, one row a plant: ``mw`` (nameplate), ``year`` (first operating year), ``status``, ``rows``,
        ``national`` (the capacities as published) and ``codes`` (the status codes as published).
    """
    return {name: _read(tables[name], plant[name], ids, spec, work) for name in SCHEDULES}


def _read(table: Table, plant: pd.Series, ids: pd.Series, spec: LayerSpec, work: Work) -> pd.DataFrame:
    told = translate(table, _PICKS, spec, work).frame.assign(id=plant, row=table.frame.index)
    told["code"] = table.frame["Status"]
    work.ledger.measure(table.source.id, "capacity_mw", told["capacity_mw"], "USA")
    kept = _settle(table, told, ids, work)
    by_plant = kept.groupby("id")
    sums = by_plant.agg(
        mw=("capacity_mw", "sum"),
        year=("year_online", "min"),
        rows=("row", row_list),
    )
    sums["status"] = sums.index.map(_each(kept, "status", _status))
    sums["national"] = by_plant["capacity_mw"].agg(lambda mw: " + ".join(f"{v:g}" for v in mw))
    sums["codes"] = sums.index.map(_each(kept, "code", lambda codes: ", ".join(sorted(set(codes)))))
    return sums


def _each(rows: pd.DataFrame, column: str, tell: Callable[[list[str]], str | None]) -> dict[str, str | None]:
    """Apply a function to the texts of each plant; a tenth of what pandas takes, for most have a unit or two."""
    known = rows[["id", column]].dropna(subset="id")
    texts: dict[str, list[str]] = {plant: [] for plant in known["id"].unique()}
    for plant, text in known.dropna().itertuples(index=False):
        texts[plant].append(text)
    return {plant: tell(listed) for plant, listed in texts.items()}


def _settle(table: Table, told: pd.DataFrame, ids: pd.Series, work: Work) -> pd.DataFrame:
    """Say where the rows went; returns those that count."""
    name = table.source.id
    source, kinds = SCHEDULES[name]
    technology = table.frame["Technology"]
    counts = technology.isin(kinds) if kinds else technology.notna()
    known = told["id"].isin(set(ids))
    settle = work.ledger.settle
    settle(name, told.index[~known & told["id"].isna()], State.OUT_OF_SCOPE, "note below the table")
    lost = told.index[~known & told["id"].notna()]
    why = "unit of a plant that the EIA Energy Atlas does not have: the capacity of the whole plant is not known"
    settle(name, lost, State.REJECTED, why)
    other = told.index[known & ~counts]
    settle(
        name, other, State.CONTROL, f"technology is not {source}; its MW stand under the plant's other source"
    )
    kept = told[known & counts]
    settle(name, kept.index, State.ENRICHES, kept["id"])
    return kept


def _status(units: list[str]) -> str | None:
    """One status for several units or schedules: partly operating where some run and some do not."""
    told = set(units)
    if not told:
        return None
    if len(told) == 1:
        return str(told.pop())
    if told & {"operating", "partly_operating"}:
        return "partly_operating"
    return "standby" if "standby" in told else "out_of_service"


def covered(has: pd.DataFrame, ids: pd.Series) -> set[str]:
    """Ids of the plants that have nothing but what the schedules list: only of these they tell age and status.

    Parameters
    ----------
    has
        Whether a plant has capacity of a source, by row and energy source.
    """
    listed = [source for source, _ in SCHEDULES.values()]
    whole = has[listed].any(axis=1) & ~has.drop(columns=listed).any(axis=1)
    return set(ids[whole])


def add_years(facts: Facts, units: Mapping[str, pd.DataFrame], plants: set[str]) -> None:
    """First operating year of plants that the schedules cover, from the schedule that has the oldest unit."""
    told = _stacked(units, plants).dropna(subset="year").sort_values("year", kind="stable")
    first = told[~told["id"].duplicated()]
    for name, rows in first.groupby("schedule"):
        facts.add(
            "year_online", rows["id"], rows["year"], source=str(name), row=rows["rows"], column="Operating Year",
            national=rows["year"], rule="first of the plant's operable units",
        )  # fmt: skip


def add_status(facts: Facts, units: Mapping[str, pd.DataFrame], plants: set[str]) -> None:
    """Status of plants that the schedules cover, from the units of all schedules together."""
    told = _stacked(units, plants).dropna(subset="status")
    told["whole"] = told["id"].map(_each(told, "status", _status))
    told["all_codes"] = told["id"].map(_each(told, "codes", ", ".join))
    for name, rows in told[~told["id"].duplicated()].groupby("schedule"):
        facts.add(
            "status", rows["id"], rows["whole"], source=str(name), row=rows["rows"], column="Status",
            national=rows["codes"], rule="crosswalk plant_status.csv, all units of the plant: " + rows["all_codes"],
        )  # fmt: skip


def _stacked(units: Mapping[str, pd.DataFrame], plants: set[str]) -> pd.DataFrame:
    parts = [sums.assign(schedule=name).rename_axis("id").reset_index() for name, sums in units.items()]
    told = pd.concat(parts, ignore_index=True)
    return told[told["id"].isin(plants)].copy()


def compare(units: Mapping[str, pd.DataFrame], has: pd.DataFrame, ids: pd.Series, work: Work) -> None:
    """Report plants whose schedules list a source that the Atlas, a month older, gives them nothing of."""
    listed = pd.DataFrame(
        {SCHEDULES[name][0]: ids.isin(set(sums.index[sums["mw"] > 0])) for name, sums in units.items()}
    )
    more = ids[(listed & ~has[list(listed)]).any(axis=1)]
    if len(more):
        work.findings.append(
            finding("registers-disagree-on-the-sources", "info", where="USA", ids=tuple(more))
        )
