"""Repair what is invalid, by its structure, and nothing else; what that did to the area is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.findings import finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from naatlas.model import Finding

#: A repair that changes the area of a feature by more than this share is a finding: a crossed ring of a
#: simplified outline changes a thousandth or less, a lost ring far more.
LARGE_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Repaired:
    """Geometry that is valid, and what was repaired.

    Attributes
    ----------
    geometry
        All geometries in the order given; the valid ones are the same objects.
    table
        One row a repaired geometry: position, reason (of GEOS, with the place), area_before, area_after (square
        units of the coordinates), change (share of the area before; infinite when it was 0), emptied.
    """

    geometry: NDArray[Any]
    table: pd.DataFrame

    def findings(self, keys: Sequence[str], *, share: float = LARGE_SHARE) -> list[Finding]:
        """Return a finding when repairs changed areas by more than a share, or left nothing of a feature."""
        large = self.table[(self.table["change"].abs() > share) | self.table["emptied"]]
        if large.empty:
            return []
        worst = large.iloc[int(large["change"].abs().to_numpy().argmax())]
        return [
            finding(
                "repair-changed-area",
                "warning",
                ids=tuple(str(keys[int(position)]) for position in large["position"]),
                repaired=len(self.table),
                share=share,
                worst=keys[int(worst["position"])],
                change=float(worst["change"]),
            )
        ]


def repair(geometry: ArrayLike) -> Repaired:
    """Make invalid geometries valid; valid, missing and empty ones stay the same objects.

    Shells and holes keep their meaning (method ``structure`` of GEOS), and what has collapsed to a line or a
    point is dropped. Orientation of rings is the writers' affair.
    """
    out = np.array(geometry, dtype=object)
    bad = np.flatnonzero(~shapely.is_valid(out) & ~shapely.is_missing(out))
    before = np.array(out[bad])
    if len(bad):
        out[bad] = _valid(before)
    return Repaired(out, _table(bad, before, out[bad]))


def _valid(shapes: NDArray[Any]) -> NDArray[Any]:
    once = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    # a ring that runs along itself may come out as parts that share an edge; the second time they are joined
    again = ~shapely.is_valid(once)
    once[again] = shapely.make_valid(once[again], method="structure", keep_collapsed=False)
    return np.asarray(once)


def _table(position: NDArray[np.int64], before: NDArray[Any], after: NDArray[Any]) -> pd.DataFrame:
    reason = shapely.is_valid_reason(before)
    old, new = np.abs(shapely.area(before)), shapely.area(after)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(new == old, 0.0, (new - old) / old)
    return pd.DataFrame(
        {
            "position": position,
            "reason": pd.Series(reason, dtype="string"),
            "area_before": old,
            "area_after": new,
            "change": change,
            "emptied": shapely.is_empty(after) & ~shapely.is_empty(before),
        }
    )
