"""What a register releases in each zone: facilities are few and located once, lines are many and only added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas.errors import AccountError, UsageError
from naatlas.register.sums import aggregate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from naatlas.register.sums import Runner

#: Where a facility lies: in a zone, in none of them, or nobody knows.
INSIDE, OUTSIDE, NO_POINT = "inside", "outside", "no_point"

#: What can be added up to the total without being rounded.
_CONSERVED = ("lines", "kg", "g")


@dataclass(frozen=True, slots=True)
class Loadings:
    """Quantities by zone, and what is in none.

    Attributes
    ----------
    zones
        ``zone``, the columns asked for, ``facilities``, ``lines``, ``kg``, ``g``.
    outside
        ``place`` (``OUTSIDE`` or ``NO_POINT``) instead of ``zone``.
    total
        Of the whole register, added up without any zone: zones and outside are equal to it to the last billionth.
    """

    zones: pd.DataFrame
    outside: pd.DataFrame
    total: pd.DataFrame


def locate(points: pd.DataFrame, zones: ArrayLike, ids: Sequence[str]) -> pd.DataFrame:
    """Find the zone of each facility.

    Parameters
    ----------
    points
        ``atlas_id``, ``x``, ``y``; a facility once. Without coordinates it has no point.
    zones
        Polygons in the plane of the points; where they overlap, or on a border, the first wins.
    ids
        Of the zones.

    Returns
    -------
    DataFrame
        ``atlas_id``, ``zone`` (missing outside) and ``place`` (``INSIDE``, ``OUTSIDE``, ``NO_POINT``).

    Raises
    ------
    UsageError
        A facility is listed twice.
    """
    if points["atlas_id"].duplicated().any():
        twice = points.loc[points["atlas_id"].duplicated(), "atlas_id"].iloc[0]
        raise UsageError(f"facilities to locate: {twice} is listed twice")
    place = points[["x", "y"]].astype("float64").drop_duplicates().dropna()
    place["zone"] = _zone_of(place["x"].to_numpy(), place["y"].to_numpy(), zones, ids).to_numpy()
    told = (
        points[["atlas_id", "x", "y"]]
        .astype({"x": "float64", "y": "float64"})
        .merge(place, "left", on=["x", "y"])
    )
    known = told[["x", "y"]].notna().all(axis=1)
    told["place"] = np.select([~known, told["zone"].notna()], [NO_POINT, INSIDE], default=OUTSIDE)
    return told[["atlas_id", "zone", "place"]]


def _zone_of(
    x: NDArray[np.float64], y: NDArray[np.float64], zones: ArrayLike, ids: Sequence[str]
) -> pd.Series:
    # The tree holds the points and is asked with the polygons: it is the asking side that shapely prepares.
    tree = shapely.STRtree(np.asarray(shapely.points(x, y)))
    zone, point = tree.query(np.asarray(zones), predicate="intersects")
    where = np.full(len(x), len(ids))
    np.minimum.at(where, point, zone)
    return pd.Series([*ids, None], dtype="str").iloc[where]


def loadings(
    store: Path,
    located: pd.DataFrame,
    by: Sequence[str] = ("group", "medium"),
    where: Mapping[str, object] | None = None,
    *,
    run: Runner | None = None,
) -> Loadings:
    """Add a register up by zone.

    Parameters
    ----------
    located
        As :func:`locate` gives it; a facility that is not in it has no point.
    by
        Further columns of the store.
    where
        As in :func:`naatlas.register.aggregate`.
    run
        The same.

    Returns
    -------
    Loadings
        Quantities as exact decimals.

    Raises
    ------
    AccountError
        Zones and outside are not the total: something was lost or counted twice.
    """
    known = located[located["place"].ne(NO_POINT)]  # the others are as those that are not listed
    told = aggregate(store, ["zone", "place", *by], where, attributes=known, run=run, exact=True)
    told["place"] = told["place"].fillna(NO_POINT)
    total = aggregate(store, by, where, run=run, exact=True)
    _balance(told, total, by)
    inside = told["place"].eq(INSIDE)
    outside = told[~inside].drop(columns="zone").sort_values(["place", *by], ignore_index=True)
    return Loadings(told[inside].drop(columns="place").reset_index(drop=True), outside, total)


def _balance(told: pd.DataFrame, total: pd.DataFrame, by: Sequence[str]) -> None:
    for column in _CONSERVED:
        parts, whole = (_summed(frame, column, by) for frame in (told, total))
        if parts != whole:
            off = next(key for key in {**parts, **whole} if parts.get(key) != whole.get(key))
            found = f"{parts.get(off)} instead of {whole.get(off)}"
            raise AccountError(f"register: {column} of the zones and outside is {found}, at {off}")


def _summed(frame: pd.DataFrame, column: str, by: Sequence[str]) -> dict[object, object]:
    """Exact sums by key; what nobody tells is no sum."""
    told = frame[frame[column].notna()]
    if not by:
        return {"everything": sum(told[column])} if len(told) else {}
    keys = [told[name].astype("string").fillna("(none)") for name in by]
    return told.groupby(keys)[column].agg(sum).to_dict()
