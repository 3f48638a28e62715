"""What the long table adds up to: by place and sector, by substance, and the substances themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers._prtr.substances import substances

if TYPE_CHECKING:
    import pandas as pd

#: Of a facility, for sums.
ATTRIBUTES = ("country", "state", "sector", "border_zone")
PLACES = (*ATTRIBUTES, "kind", "group", "pbt", "medium", "on_site", "year")
SUBSTANCES = ("country", "border_zone", "substance", "kind", "group", "pbt", "medium", "on_site", "year")


def add_up(lines: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Add up kilograms and grams of lines, and count their facilities.

    Returns
    -------
    DataFrame
        ``by``, ``facilities``, ``kg`` and ``g``; these two are missing where no line tells them: absent is not zero.
    """
    groups = lines.groupby(list(by), dropna=False, sort=True)
    told = groups[["kg", "g"]].sum(min_count=1)
    told.insert(0, "facilities", groups["atlas_id"].nunique())
    return told.reset_index()


def tables(lines: pd.DataFrame, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Make ``release_totals`` (by place, sector, group and medium), ``substance_totals`` and ``substances``."""
    told = lines.join(frame.set_index("atlas_id")[list(ATTRIBUTES)], on="atlas_id")
    return {
        "release_totals": add_up(told, PLACES),
        "substance_totals": add_up(told, SUBSTANCES),
        "substances": substances().loc[sorted(set(lines["substance"]))].reset_index(),
    }
