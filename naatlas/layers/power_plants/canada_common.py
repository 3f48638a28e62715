"""What the Canadian supplements share: tables for linkage, facts of new plants, accounts of what linked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize.linkage import Links, link
from naatlas.harmonize.overrides import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.facts import Facts
    from naatlas.layers.power_plants.capacity import Capacities
    from naatlas.model import Table

#: Columns of a table of plants, indexed by atlas id.
COLUMNS = [
    "country",
    "state",
    "name",
    "owner",
    "operator",
    "primary_source",
    "capacity_mw",
    "longitude",
    "latitude",
]


def comparable(plants: pd.DataFrame) -> pd.DataFrame:
    """Plants as linkage reads them; overrides name one by ``<name> / <state>``."""
    return plants.assign(key=plants["name"] + " / " + plants["state"], energy_source=plants["primary_source"])


def link_plants(rows: pd.DataFrame, plants: pd.DataFrame, table: Table) -> Links:
    """Link rows of a supplement to plants, with the decisions in ``crosswalks/links_canada.csv``.

    Parameters
    ----------
    rows
        As :func:`naatlas.harmonize.linkage.link` reads them; ``key`` is what the decisions call a row by.
    table
        Where the rows come from; starter rows are a selection, so that decisions about other rows are skipped.
    """
    decisions = load("canada", table.source.id, "power-plants")
    return link(rows, comparable(plants), overrides=decisions, partial=table.input.tier == "starter")


def add_capacity(
    facts: Facts,
    capacities: Capacities,
    plants: pd.DataFrame,
    *,
    source: str,
    row: pd.Series,
    column: str,
    national: pd.Series,
    rule: pd.Series | str,
) -> None:
    """Add the capacity of new plants that run on one source: total, by source, in a definition nobody states.

    Parameters
    ----------
    plants
        Indexed by atlas id, with ``primary_source`` and ``capacity_mw``.
    row, column, national, rule
        Origin, aligned with the plants by position.
    """
    mw = plants["capacity_mw"]
    origin = {"source": source, "row": row, "column": column, "national": national}
    facts.add("capacity_mw", plants.index, mw, rule=rule, **origin)  # type: ignore[arg-type]
    facts.add(
        "capacity_definition",
        plants.index,
        ["not_stated"] * len(mw),
        rule="not stated by the source",
        **origin,
    )  # type: ignore[arg-type]
    capacities.add(plants.index, "total", "not_stated", mw, source=source, row=row, column=column)
    for energy, same in plants.reset_index(drop=True).groupby("primary_source"):
        at = same.index
        part = {"source": source, "row": row.iloc[at], "column": column}
        rules = rule if isinstance(rule, str) else rule.iloc[at]
        facts.add(
            f"{energy}_mw",
            plants.index[at],
            same["capacity_mw"],
            rule=rules,
            national=national.iloc[at],
            **part,
        )
        capacities.add(plants.index[at], str(energy), "not_stated", same["capacity_mw"], **part)


def add_said_by_file(
    facts: Facts, plants: pd.Index, table: Table, row: pd.Series, values: Mapping[str, str]
) -> None:
    """Add what the source as a whole says, not its rows: agency, period, kind of plant."""
    for field, value in values.items():
        told = [value] * len(plants)
        facts.add(
            field,
            plants,
            told,
            source=table.source.id,
            row=row,
            column="(file)",
            national=told,
            rule="said of the file as a whole",
        )
