"""Canada in the 2023 edition: wind turbines, a hand-collected list and greenhouse gases, on the trilateral plants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.layers.power_plants import canada_ghg, canada_list, canada_projects
from naatlas.layers.power_plants.canada_common import COLUMNS
from naatlas.layers.power_plants.canada_sources import GHG, LIST, SOURCES, WIND

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Enrich the Canadian plants of the trilateral tables and add those that came later or are smaller.

    Parameters
    ----------
    plants
        By atlas id: country, state, name, owner, operator, primary_source, capacity_mw (MW), longitude, latitude
        (degrees).

    Returns
    -------
    DataFrame
        All Canadian plants, old and new, with these columns.
    """
    wind = canada_projects.add(tables[WIND], plants, facts, capacities, spec, work)
    told = pd.concat([plants[COLUMNS], wind])
    facilities = canada_ghg.read(tables[GHG], spec, work)
    linked = canada_ghg.link(facilities, told)
    if LIST in tables:
        free = facilities.frame.drop(index=linked.index)
        listed, confirming = canada_list.add(
            tables[LIST], told, facilities, free, facts, capacities, spec, work
        )
        told, linked = pd.concat([told, listed]), pd.concat([linked, confirming])
    canada_ghg.add(facilities, linked, facts, work)
    return told
