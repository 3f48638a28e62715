"""Which rows of the two trilateral tables are one plant.

Both tables list every plant of 100 MW or more that has 1 MW or more of renewable capacity; nothing in them says which
rows belong together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize import crosswalk, overrides
from naatlas.harmonize.linkage import LinkRules, link

if TYPE_CHECKING:
    from naatlas.harmonize.linkage import Links

GE100, RENEW = "nacei-ge100mw-201708", "nacei-renew-ge1mw-201708"

#: Header of the trilateral tables -> column that linkage reads.
COLUMNS = {
    "Country": "country",
    "Facility Name": "name",
    "Owner Name (Company)": "owner",
    "State / Province / Territory": "state",
    "Total Capacity (MW)": "capacity_mw",
    "Longitude": "longitude",
    "Latitude": "latitude",
}

#: Capacity columns without their unit -> atlas code.
_CAPACITIES = {
    "Coal": "coal",
    "Natural Gas": "natural_gas",
    "Petroleum": "petroleum",
    "Other Energy Source": "other",
    "Hydroelectric": "hydroelectric",
    "Pumped-Storage Hydroelectric": "pumped_storage",
    "Nuclear": "nuclear",
    "Solar": "solar",
    "Wind": "wind",
    "Geothermal": "geothermal",
    "Biomass": "biomass",
    "Tidal": "tidal",
}

_RENEWABLE = "Total Renewable Capacity (MW)"

#: One publisher and one month: total and source agree in both tables, the point in nearly all rows.
RULES = LinkRules(limit_km=60.0, threshold=75.0)


def linkable(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns for linkage from a trilateral table with its published headers.

    Returns
    -------
    pandas.DataFrame
        Same index; ``key`` (name and state, by which decisions name a row), name, owner, country, state,
        energy_source, capacity_mw, longitude, latitude.
    """
    told = frame[list(COLUMNS)].rename(columns=COLUMNS)
    numbers = ["capacity_mw", "longitude", "latitude"]
    told = told.assign(**{c: pd.to_numeric(told[c]) for c in numbers})
    told["energy_source"] = _sources(frame)
    told["key"] = told["name"].fillna("") + " / " + told["state"].fillna("")
    return told


def _sources(frame: pd.DataFrame) -> pd.Series:
    """Primary source first, then whatever else the plant has capacity of."""
    codes = crosswalk.load("energy_source", "nacei").codes
    primary = frame["Primary Energy Source"].map(codes).fillna("").astype("str")
    told = primary.copy()
    for header in [c for c in frame.columns if c.removesuffix(" (MW)") in _CAPACITIES]:
        code = _CAPACITIES[header.removesuffix(" (MW)")]
        has = (pd.to_numeric(frame[header]) > 0.0) & (primary != code)
        told = told.where(~has, told + ";" + code)
    return told


def matches(ge100: pd.DataFrame, renew: pd.DataFrame, *, partial: bool = False) -> Links:
    """Link the 100 MW table to the renewables table, with what was left over and what is ambiguous.

    Parameters
    ----------
    ge100, renew
        Tables with their published headers, indexed by row number.
    partial
        The rows are a selection, such as the starter inputs.
    """
    in_both = pd.to_numeric(ge100[_RENEWABLE]) >= 1.0
    decided = overrides.load("trilateral", GE100, RENEW)
    return link(linkable(ge100[in_both]), linkable(renew), rules=RULES, overrides=decided, partial=partial)


def same_plant(ge100: pd.DataFrame, renew: pd.DataFrame, *, partial: bool = False) -> pd.DataFrame:
    """Rows of both trilateral tables that are one plant.

    Parameters
    ----------
    ge100, renew
        Tables with their published headers, indexed by row number.
    partial
        The rows are a selection, such as the starter inputs: decisions about absent rows are skipped.

    Returns
    -------
    pandas.DataFrame
        ``ge100_row``, ``renew_row``, ``score`` (missing where a person decided) and ``reason``; a row of the 100 MW
        table stands more than once where the other table cuts the plant up (Cerro Prieto).

    Raises
    ------
    LinkageError
        A hand-checked link names a plant that is not in the tables any more.
    """
    linked = matches(ge100, renew, partial=partial).linked
    return linked.rename(columns={"left": "ge100_row", "right": "renew_row"})
