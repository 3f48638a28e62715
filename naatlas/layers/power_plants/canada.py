"""Canada of the 2023 edition: turbines, a hand-collected list and emissions, on the trilateral plants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.layers.power_plants import canada_ghg, canada_list, canada_projects
from naatlas.layers.power_plants.canada_common import Books
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
        By atlas id: country, state, name, owner, operator, primary_source, capacity_mw, longitude,
        latitude (degrees).

    Returns
    -------
    DataFrame
        All Canadian plants, old and new, with the columns of ``plants``; new ones leave others than these empty.
    """
    books = Books(facts=facts, capacities=capacities, spec=spec, work=work)
    wind = canada_projects.add(tables[WIND], plants, books)
    told = pd.concat([plants, wind])
    facilities = canada_ghg.read(tables[GHG], books)
    linked = canada_ghg.link(facilities, told)
    if LIST in tables:
        free = facilities.frame.drop(index=linked.index)
        listed, confirming = canada_list.add(tables[LIST], told, facilities, free, books)
        told, linked = pd.concat([told, listed]), pd.concat([linked, confirming])
    canada_ghg.add(facilities, linked, books)
    return told
