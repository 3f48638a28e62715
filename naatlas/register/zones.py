"""What a register releases in each zone: facilities are few and located once, lines are many and only added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas.cluster import here
from naatlas.errors import AccountError, UsageError
from naatlas.register.schema import QUANTITIES
from naatlas.register.sums import aggregate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from naatlas.cluster import Runner

#: Where a facility lies: in a zone, in none of them, or nobody knows.
INSIDE, OUTSIDE, NO_POINT = "inside", "outside", "no_point"

#: How often :func:`loadings` goes over the register: by zone, as a whole, and by what is in none.
CALLS = 3

#: What can be added up to the total without being rounded.
_CONSERVED = ("lines", *QUANTITIES)


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
    left_out
        The facilities that are in no zone, by ``place`` and ``atlas_id``.
    """

    zones: pd.DataFrame
    outside: pd.DataFrame
    total: pd.DataFrame
    left_out: pd.DataFrame


def locate(points: pd.DataFrame, zones: ArrayLike, ids: Sequence[str]) -> pd.DataFrame:
    """Find the zone of each facility.

    Parameters
    ----------
    points
        ``atlas_id``, ``x``, ``y``; a facility once. Without coordinates it has no point.
    zones
        Polygons in the plane of the points; where they overlap, or on a border, the first wins.
    ids
        The zone of each polygon; those with one id are one zone.

    Returns
    -------
    DataFrame
        ``atlas_id``, ``zone`` (missing outside), ``place`` (``INSIDE``, ``OUTSIDE``, ``NO_POINT``) and ``zones``, the
        number of zones that it lies in.

    Raises
    ------
    UsageError
        A facility is listed twice.
    """
    if points["atlas_id"].duplicated().any():
        twice = points.loc[points["atlas_id"].duplicated(), "atlas_id"].iloc[0]
        raise UsageError(f"facilities to locate: {twice} is listed twice")
    place = points[["x", "y"]].astype("float64").drop_duplicates().dropna()
    place["zone"], place["zones"] = _zone_of(place["x"].to_numpy(), place["y"].to_numpy(), zones, ids)
    told = (
        points[["atlas_id", "x", "y"]]
        .astype({"x": "float64", "y": "float64"})
        .merge(place, "left", on=["x", "y"])
    )
    known = told[["x", "y"]].notna().all(axis=1)
    told["place"] = np.select([~known, told["zone"].notna()], [NO_POINT, INSIDE], default=OUTSIDE)
    told["zones"] = told["zones"].fillna(0).astype("int64")
    return told[["atlas_id", "zone", "place", "zones"]]


def _zone_of(
    x: NDArray[np.float64], y: NDArray[np.float64], zones: ArrayLike, ids: Sequence[str]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the zone of each point, None outside, and in how many it lies."""
    # The tree holds the points and is asked with the polygons: it is the asking side that shapely prepares.
    tree = shapely.STRtree(np.asarray(shapely.points(x, y)))
    polygon, point = tree.query(np.asarray(zones), predicate="intersects")
    first = np.full(len(x), len(ids))
    np.minimum.at(first, point, polygon)
    zone = pd.factorize(np.asarray(ids, dtype=object))[0]
    pairs = np.unique(np.column_stack([point, zone[polygon]]), axis=0)
    names = np.array([*ids, None], dtype=object)
    return names[first], np.bincount(pairs[:, 0], minlength=len(x))


def loadings(
    store: Path,
    located: pd.DataFrame,
    by: Sequence[str] = ("group", "medium"),
    where: Mapping[str, object] | None = None,
    *,
    run: Runner = here,
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
    # facilities without a point are as those that are not listed
    known = located.loc[located["place"].ne(NO_POINT), ["atlas_id", "zone", "place"]]
    told = aggregate(store, ["zone", "place", *by], where, attributes=known, run=run, exact=True)
    told["place"] = told["place"].fillna(NO_POINT)
    total = aggregate(store, by, where, run=run, exact=True)
    _balance(told, total, by)
    inside = told["place"].eq(INSIDE)
    return Loadings(
        zones=told[inside].drop(columns="place").reset_index(drop=True),
        outside=told[~inside].drop(columns="zone").sort_values(["place", *by], ignore_index=True),
        total=total,
        left_out=_left_out(store, known, where, run),
    )


def _left_out(
    store: Path, known: pd.DataFrame, where: Mapping[str, object] | None, run: Runner
) -> pd.DataFrame:
    """Add up the facilities that are in no zone, each by itself."""
    elsewhere = dict(where or {}) | {"place": [OUTSIDE, None]}
    told = aggregate(
        store, ["place", "atlas_id"], elsewhere, attributes=known[["atlas_id", "place"]], run=run, exact=True
    )
    return told.assign(place=told["place"].fillna(NO_POINT))


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
