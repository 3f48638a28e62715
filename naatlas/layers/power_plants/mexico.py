"""Mexico: what permits, release register and inventory say about the plants of the trilateral tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers._retc_files import YEARS
from naatlas.layers.power_plants import mexico_emissions, mexico_inem, mexico_permits
from naatlas.layers.power_plants.mexico_sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from naatlas.facts import Facts
    from naatlas.layers.power_plants.capacity import Capacities
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

__all__ = ["SOURCES", "add"]


def add(
    tables: Mapping[str, Table],
    plants: pd.DataFrame,
    facts: Facts,
    capacities: Capacities,
    spec: LayerSpec,
    work: Work,
) -> pd.DataFrame:
    """Add what those Mexican sources say that are among the tables, and settle all their rows.

    Parameters
    ----------
    plants
        Mexican plants by atlas id: country, state, name, owner, operator, primary_source, capacity_mw,
        longitude, latitude.

    Returns
    -------
    DataFrame
        The same plants: neither permits nor establishments make a point of their own.
    """
    if mexico_permits.IN_FORCE in tables:
        mexico_permits.add(tables[mexico_permits.IN_FORCE], plants, facts, capacities, spec, work)
    if mexico_permits.ENDED in tables:
        mexico_permits.add_ended(tables[mexico_permits.ENDED], work)
    for year in YEARS:
        places, amounts = (tables.get(f"mex-retc-{kind}-{year}") for kind in ("es", "em"))
        if places is not None and amounts is not None:
            mexico_emissions.add(places, amounts, plants, facts, spec, work)
    for year in (2013, 2016):
        if (table := tables.get(f"mex-inem-{year}")) is not None:
            mexico_inem.add(table, plants, facts, work)
    return plants
