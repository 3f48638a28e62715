"""How much of each watershed the registers at hand reach: absent is not zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.framework.land import pieces
from naatlas.framework.places import state_names
from naatlas.layers._overlay import equal_area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.model import LayerData

#: A watershed of which this much lies in states whose releases are at hand is covered: the rest is what the outlines
#: of basins and states differ by.
COVERED_PERCENT = 95.0

REPORTED, ZERO, SILENT = "reported", "reported_zero", "no_quantity"
NO_FACILITY, NO_FILE = "no_facility", "no_file"


#: Countries whose register is one file of the whole country; that of the United States is one a state.
_WHOLE = ("CA-", "MX-")


def states_with_releases(frame: pd.DataFrame) -> frozenset[str]:
    """Name the states whose releases are in a file at hand, from the facilities and their ``releases_status``."""
    return whole_countries(set(frame.loc[frame["releases_status"].ne(NO_FILE), "state"]))


def whole_countries(states: set[str]) -> frozenset[str]:
    """Return the states of facilities, and all of a country whose register is one file."""
    whole = tuple(prefix for prefix in _WHOLE if any(code.startswith(prefix) for code in states))
    return frozenset({*states, *(code for code in state_names() if whole and code.startswith(whole))})


def percent(watersheds: LayerData, states: frozenset[str]) -> NDArray[np.float64]:
    """Return the share of the land of each watershed that lies in some states, in percent.

    Only the watersheds of the last level are laid over the land; those above are made of them.
    """
    frame = watersheds.frame
    last = frame["level"].eq(frame["level"].max()).to_numpy()
    shapes = equal_area(shapely.make_valid(watersheds.shapes.degrees[last]))
    land = pieces()
    own = land["code"].isin(states).to_numpy()
    outlines = equal_area(land.geometry.to_numpy())
    inside, whole = _area(shapes, outlines[own]), _area(shapes, outlines)
    areas = pd.DataFrame({"inside": inside, "whole": whole}, index=frame.loc[last, "atlas_id"].to_numpy())
    told = climbed(areas, frame).reindex(frame["atlas_id"].to_numpy())
    share = 100 * told["inside"].to_numpy() / np.maximum(told["whole"].to_numpy(), np.finfo(float).tiny)
    rounded: NDArray[np.float64] = np.round(np.clip(share, 0.0, 100.0), 1)
    return rounded


def climbed(values: pd.DataFrame | pd.Series, frame: pd.DataFrame) -> Any:  # noqa: ANN401 - of the kind handed in
    """Sum values of the watersheds of the last level (by id) into all that hold them; return those of all levels."""
    parent = frame.set_index("atlas_id")["parent"]
    parts, below = [values], values
    for _ in range(int(frame["level"].max()) - 1):
        below = below.groupby(parent.reindex(below.index).to_numpy()).sum()
        parts.append(below)
    return pd.concat(parts)


def _area(shapes: NDArray[np.object_], land: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the area that each shape shares with the land, whose pieces do not overlap."""
    piece, row = shapely.STRtree(shapes).query(land, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[row], land[piece]))
    return np.bincount(row, weights=shared, minlength=len(shapes)).astype(np.float64)


def status(most: pd.Series, facilities: pd.Series, register_percent: NDArray[np.float64]) -> pd.Series:
    """Say of each watershed what its quantities, or their absence, mean.

    Parameters
    ----------
    most
        Largest quantity that a facility in it releases, in kg or g; missing where none reports any.
    facilities
        How many report to a register, whether or not with quantities.
    """
    covered = register_percent >= COVERED_PERCENT
    told = pd.Series(np.where(covered, NO_FACILITY, NO_FILE), index=most.index, dtype="string")
    told = told.mask(facilities.gt(0) & covered, SILENT)
    return told.mask(most.eq(0), ZERO).mask(most.gt(0), REPORTED)
