"""What the Canadian supplements share: linkage to plants, and the facts of new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize.linkage import Links, link
from naatlas.harmonize.overrides import load

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.layers.power_plants.capacity import Capacities
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

#: Columns of a table of plants, indexed by atlas id.
COLUMNS = [
    "country", "state", "name", "owner", "operator", "primary_source", "capacity_mw", "longitude", "latitude"
]  # fmt: skip


def link_plants(rows: pd.DataFrame, plants: pd.DataFrame, table: Table) -> Links:
    """Link rows of a supplement to plants, with the decisions in ``crosswalks/links_canada.csv``.

    Parameters
    ----------
    rows
        As :func:`naatlas.harmonize.linkage.link` reads them; ``key`` is what the decisions call a row by.
    plants
        By atlas id; decisions call one by ``<name> / <state>``.
    table
        Where the rows come from; starter rows are a selection: decisions about other rows are skipped.
    """
    decisions = load("canada", table.source.id, "power-plants")
    right = plants.assign(
        key=plants["name"] + " / " + plants["state"], energy_source=plants["primary_source"]
    )
    return link(rows, right, overrides=decisions, partial=table.input.tier == "starter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What is written while a country is combined: facts, capacities, ledger and findings."""

    facts: Facts
    capacities: Capacities
    spec: LayerSpec
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlants:
    """Plants that a source brings in, and the rows of it that speak of them.

    Attributes
    ----------
    ids, rows
        Atlas id and row (or rows) of the source, aligned by position with all that is said of the plants.
    """

    books: Books
    table: Table
    ids: pd.Series
    rows: pd.Series

    def say(
        self, field: str, value: pd.Series, *, column: str, national: pd.Series, rule: pd.Series | str
    ) -> None:
        """Add one field from one national column."""
        self.books.facts.add(
            field, self.ids, value, source=self.table.source.id, row=self.rows,
            column=column, national=national, rule=rule,
        )  # fmt: skip

    def say_of_all(self, field: str, value: str) -> None:
        """Add what the file as a whole says, not its rows: agency, period, kind of plant."""
        told = pd.Series(value, index=self.ids.index, dtype="string")
        self.say(field, told, column="(file)", national=told, rule="said of the file as a whole")

    def say_capacity(
        self, energy: pd.Series, mw: pd.Series, *, column: str, national: pd.Series, rule: pd.Series | str
    ) -> None:
        """Add the capacity of plants that run on one source each; the source states no definition.

        Parameters
        ----------
        energy, mw
            Energy source and megawatts, aligned with the ids.
        """
        self.say("capacity_mw", mw, column=column, national=national, rule=rule)
        none = pd.Series("not_stated", index=mw.index, dtype="string")
        unsaid = "not stated by the source"
        self.say("capacity_definition", none, column=column, national=national, rule=unsaid)
        for source in sorted(energy.unique()):
            part = mw.where(energy == source)
            self.say(f"{source}_mw", part, column=column, national=national, rule=rule)
        for source in ("total", energy):
            self.books.capacities.add(
                self.ids, source, "not_stated", mw,
                source=self.table.source.id, row=self.rows, column=column,
            )  # fmt: skip
