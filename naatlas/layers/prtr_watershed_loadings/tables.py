"""The tables beside the layer: facilities, sums by substance, what lies outside, and the proof of the sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.errors import AccountError
from naatlas.layers.prtr_watershed_loadings import loads
from naatlas.layers.prtr_watershed_loadings.fields import SUMS
from naatlas.layers.prtr_watershed_loadings.locate import INSIDE, NEAREST
from naatlas.quality.account import EXACT

if TYPE_CHECKING:
    from collections.abc import Sequence

_FACILITY = ("country", "state", "name", "sector", "releases_status", "longitude", "latitude")


def facilities(frame: pd.DataFrame, places: pd.DataFrame, levels: Sequence[str]) -> pd.DataFrame:
    """Return one row a facility: where it is, and its watershed of each level."""
    told = frame[["atlas_id", *_FACILITY]].rename(columns={"atlas_id": "facility"})
    return told.join(places[["location", "distance_km", "nearest", *levels]])


def count(rows: pd.DataFrame, name: str, levels: Sequence[str]) -> pd.Series:
    """Count the distinct facilities by watershed of any level."""
    return pd.concat([rows.groupby(level)[name].nunique() for level in levels])


def all_of(
    frame: pd.DataFrame,
    located: pd.DataFrame,
    lines: pd.DataFrame,
    amounts: pd.DataFrame,
    levels: Sequence[str],
    releases: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Make all tables: ``loadings``, ``facilities``, ``contributions``, ``outside``, ``conservation``."""
    return {
        "loadings": _loadings(frame, located, levels, releases),
        "facilities": located,
        "contributions": loads.contributions(lines, amounts, levels[-1]),
        "outside": _outside(located, lines, amounts),
        "conservation": conservation(frame, lines, amounts, levels),
    }


def _loadings(
    frame: pd.DataFrame, located: pd.DataFrame, levels: Sequence[str], releases: pd.DataFrame
) -> pd.DataFrame:
    """Sum what is released on site by watershed, country of the facility, group and medium."""
    lines = releases[releases["on_site"]].join(
        located.set_index("facility")[["country", *levels]], on="atlas_id"
    )
    keys = ["country", "kind", "group", "medium", "basis"]
    lines["basis"] = lines["basis"].where(lines["g"].notna())
    parts = [
        lines.groupby([level, *keys], dropna=False)
        .agg(facilities=("atlas_id", "nunique"), kg=("kg", _some), g=("g", _some))
        .reset_index()
        .rename(columns={level: "atlas_id"})
        .dropna(subset="atlas_id")
        for level in levels
    ]
    told = pd.concat(parts, ignore_index=True)
    whole = frame.set_index("atlas_id")[["level", "area_km2", "population"]]
    told = told.join(whole, on="atlas_id")
    told["kg_per_km2"] = told["kg"] / told["area_km2"]
    told["kg_per_person"] = told["kg"] / told["population"].where(told["population"].gt(0))
    order = ["level", "atlas_id", *keys]
    told = told.sort_values(order, ignore_index=True)
    return told[[*order, "facilities", "kg", "g", "kg_per_km2", "kg_per_person"]]


def _some(values: pd.Series) -> float:
    return float(values.sum(min_count=1))


def _outside(located: pd.DataFrame, lines: pd.DataFrame, amounts: pd.DataFrame) -> pd.DataFrame:
    """List the facilities in no watershed, with the reason and with every quantity that is therefore in none."""
    told = located[~located["location"].isin([INSIDE, NEAREST])].rename(columns={"location": "reason"})
    told = told[["facility", *_FACILITY, "reason", "nearest", "distance_km"]]
    sums = amounts.groupby(lines["atlas_id"].to_numpy(dtype=object)).sum(min_count=1)
    told = told.join(sums, on="facility")
    return told.sort_values(["releases_kg", "facility"], ascending=[False, True], ignore_index=True)


def conservation(
    frame: pd.DataFrame, lines: pd.DataFrame, amounts: pd.DataFrame, levels: Sequence[str]
) -> pd.DataFrame:
    """Set side by side, for every level and quantity, what facilities report and where it went.

    Raises
    ------
    AccountError
        Something is in no watershed of a level, and not outside either.
    """
    parts = []
    for level in levels:
        number = int(level.removeprefix("level_"))
        outside = lines[level].isna()
        inside = frame.loc[frame["level"].eq(number), list(SUMS)].sum()
        told = pd.DataFrame(
            {"reported": amounts.sum(), "in_watersheds": inside, "outside": amounts[outside].sum()}
        )
        parts.append(told.rename_axis("field").reset_index().assign(level=number))
    told = pd.concat(parts, ignore_index=True)
    told["difference"] = told["reported"] - told["in_watersheds"] - told["outside"]
    # What the order of adding leaves over is no difference.
    told["difference"] = told["difference"].mask(
        told["difference"].abs().le(EXACT * told["reported"].abs()), 0.0
    )
    if (lost := told[told["difference"].ne(0)]).size:
        shown = ", ".join(
            f"level {n} {f} {d:,.6g}" for n, f, d in lost[["level", "field", "difference"]].to_numpy()
        )
        raise AccountError(f"quantities that are neither in a watershed nor outside of all: {shown}")
    told["unit"] = told["field"].str.rpartition("_")[2]
    return told[["level", "field", "unit", "reported", "in_watersheds", "outside", "difference"]]
