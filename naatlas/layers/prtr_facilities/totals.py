"""From the long table to the facility: sums by medium, what is kept apart, and what the tables show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers._prtr.reading import COLUMNS
from naatlas.layers._prtr.releases import NONE
from naatlas.layers._prtr.substances import is_pbt, substances
from naatlas.layers._prtr.sums import flags, groups, listed, status

if TYPE_CHECKING:
    import pandas as pd


def derive(frame: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Complete the facilities with what follows from their sums.

    Parameters
    ----------
    frame
        One row a facility, with the sums by medium.

    Returns
    -------
    DataFrame
        The same rows with ``substances``, ``substance_groups``, ``media``, ``releases_status``,
        ``release_percentile`` and ``flags``.
    """
    told = frame.copy()
    real = lines[lines["medium"].ne(NONE)]
    ids = told["atlas_id"]
    told["substances"] = ids.map(lines.groupby("atlas_id")["substance"].nunique()).astype("Int64")
    told["substance_groups"] = ids.map(groups(real))
    told["media"] = ids.map(listed(real, "medium"))
    told["releases_status"] = status(ids, lines, told["country"])
    told["release_percentile"] = _percentile(told)
    told["flags"] = flags(frame, lines)
    return told


def _percentile(frame: pd.DataFrame) -> pd.Series:
    """Rank of the toxic releases on site among the facilities of sector and country that have some, 0 to 100."""
    releases = frame["releases_kg"].astype("float64")
    some = releases.where(releases.gt(0))
    rank = some.groupby([frame["country"], frame["sector"]]).rank(pct=True)
    return (100 * rank).round(1)


def tables(lines: pd.DataFrame, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Make the tables that go with the layer: ``releases`` (long), ``release_totals`` and ``substances``."""
    place = frame.set_index("atlas_id")[["country", "state", "sector"]]
    long = lines[list(COLUMNS)].assign(pbt=is_pbt(lines["substance"]))
    long = long.sort_values(["atlas_id", "substance", "medium", "source", "row"])
    joined = long.join(place, on="atlas_id")
    keys = ["country", "state", "sector", "kind", "group", "pbt", "medium", "year"]
    sums = joined.groupby(keys, dropna=False).agg(
        facilities=("atlas_id", "nunique"), kg=("kg", "sum"), g=("g", "sum")
    )
    used = substances().loc[sorted(set(lines["substance"]))].reset_index()
    return {
        "releases": long.reset_index(drop=True),
        "release_totals": sums.reset_index(),
        "substances": used,
    }
