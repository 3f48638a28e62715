"""The same sums through the years of the registers, and the classes that a time slider shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.errors import AccountError
from naatlas.layers.prtr_watershed_loadings import loads, reach
from naatlas.layers.prtr_watershed_loadings.classes import classes
from naatlas.layers.prtr_watershed_loadings.locate import locate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from naatlas.model import LayerData

#: Level of which the time slider shows every year: small enough to see rivers, few enough to draw twenty times.
SHOWN_LEVEL = 3
_KEYS = ("year", "kind", "group", "medium", "basis")


def by_year(history: LayerData, watersheds: LayerData, levels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Sum what is released on site by watershed and year.

    Parameters
    ----------
    history
        The registers through all years: a facility is located where its newest file says.

    Returns
    -------
    dict
        ``loadings_by_year`` (watershed of each level, year, kind, group, medium; kg, dioxins and furans g) and
        ``water_by_year`` (watershed of ``SHOWN_LEVEL`` and year: toxic substances to water, and their class).

    Raises
    ------
    AccountError
        A sum over the watersheds of a level, and over what lies outside, is not the whole.
    """
    places = locate(history, watersheds)[list(levels)]
    lines = history.tables["releases"].join(places.set_axis(history.frame["atlas_id"]), on="atlas_id")
    lines["basis"] = lines["basis"].where(lines["g"].notna())
    told = _loadings(lines[lines["on_site"]], levels)
    return {"loadings_by_year": told, "water_by_year": _water(lines, history, watersheds)}


def _loadings(lines: pd.DataFrame, levels: Sequence[str]) -> pd.DataFrame:
    parts = []
    for level in levels:
        sums = lines.groupby([level, *_KEYS], dropna=False, observed=True).agg(
            facilities=("atlas_id", "nunique"), kg=("kg", "sum"), g=("g", "sum")
        )
        _prove(sums, lines, level)
        told = sums.reset_index().rename(columns={level: "atlas_id"}).dropna(subset="atlas_id")
        parts.append(told.assign(level=int(level.removeprefix("level_"))))
    table = pd.concat(parts, ignore_index=True)
    grams = table["basis"].notna()
    table["kg"], table["g"] = table["kg"].mask(grams), table["g"].where(grams)
    order = ["level", "atlas_id", *_KEYS]
    return table.sort_values(order, ignore_index=True)[[*order, "facilities", "kg", "g"]]


def _prove(sums: pd.DataFrame, lines: pd.DataFrame, level: str) -> None:
    for unit in ("kg", "g"):
        whole, told = lines[unit].sum(), sums[unit].sum()
        if not np.isclose(whole, told, rtol=1e-9, atol=0.0):
            raise AccountError(
                f"{level}, all years: {told:,.6g} {unit} in watersheds and outside of {whole:,.6g}"
            )


def _water(lines: pd.DataFrame, history: LayerData, watersheds: LayerData) -> pd.DataFrame:
    """Return the watersheds in which a facility ever tells a quantity, in every year of a register."""
    level = f"level_{SHOWN_LEVEL}"
    told = loads.reported(lines)
    told = told[told["kg"].notna()]
    told["water"] = told["value"].where(told["medium"].eq("water"), 0.0)
    sums = told.groupby([level, "year"])["water"].sum()
    grid = pd.MultiIndex.from_product([sums.index.unique(level), sorted(lines["year"].unique())])
    table = sums.reindex(grid).rename_axis(["atlas_id", "year"]).rename("water_kg").reset_index()
    frame = watersheds.frame
    table["register_percent"] = _reach(table, lines, history, watersheds)
    covered = table["register_percent"].ge(reach.COVERED_PERCENT)
    status = pd.Series(np.where(covered, reach.NO_FACILITY, reach.NO_FILE), index=table.index, dtype="string")
    area = table["atlas_id"].map(frame.set_index("atlas_id")["area_km2"])
    per_km2 = table["water_kg"] / area
    return table.assign(water_kg_per_km2=per_km2, water_class=classes(per_km2, status, covered))


def _reach(
    table: pd.DataFrame, lines: pd.DataFrame, history: LayerData, watersheds: LayerData
) -> NDArray[np.float64]:
    """Return how much of each watershed the registers reach in the year of its row, in percent."""
    state = lines["atlas_id"].map(history.frame.set_index("atlas_id")["state"])
    told = {year: reach.whole_countries(set(codes)) for year, codes in state.groupby(lines["year"])}
    ids = watersheds.frame["atlas_id"].to_numpy()
    # Few sets of files make up all years.
    shares = {codes: pd.Series(reach.percent(watersheds, codes), index=ids) for codes in set(told.values())}
    pairs = zip(table["atlas_id"], table["year"], strict=True)
    return np.array([shares[told[year]][key] for key, year in pairs], dtype=np.float64)
