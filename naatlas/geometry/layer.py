"""From what a layer combined to what is published: typed, sorted, placed in the framework, brought to scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas import framework
from naatlas.geometry import generalize, place, repair
from naatlas.harmonize.types import as_declared
from naatlas.model import Finding, Points, Shapes
from naatlas.quality import topology

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.model import Combined, Scale
    from naatlas.spec import LayerSpec

#: A repair that changes the area of a feature by more than this share is reported.
REPAIR_SHARE = 0.001


def shape(
    combined: Combined, spec: LayerSpec, scale: Scale
) -> tuple[pd.DataFrame, Points | Shapes, list[Finding]]:
    """Type and sort the frame, and place its geometry.

    Returns
    -------
    tuple
        The frame with the columns of the specification, sorted by key; its geometry in degrees and in framework
        metres, aligned; and what repair, generalization and topology found.
    """
    columns = {f.name: as_declared(combined.frame.get(f.name), f, combined.frame.index) for f in spec.fields}
    frame = pd.DataFrame(columns, index=combined.frame.index)
    order = np.argsort(frame[spec.key].to_numpy(dtype=object), kind="stable")
    frame = frame.iloc[order].reset_index(drop=True)
    if combined.geometry is None:
        return frame, points(frame), []
    shapes, found = placed(combined.geometry[order], frame, spec, scale)
    kept = ~np.equal(shapes.metres, None)
    return frame[kept].reset_index(drop=True), _kept(shapes, kept), found


def points(frame: pd.DataFrame) -> Points:
    """Project the columns ``longitude`` and ``latitude``."""
    lon = frame["longitude"].to_numpy(dtype="float64")
    lat = frame["latitude"].to_numpy(dtype="float64")
    x, y = framework.project(lon, lat)
    return Points(lon, lat, np.asarray(x), np.asarray(y))


def _kept(shapes: Shapes, kept: NDArray[np.bool_]) -> Shapes:
    return Shapes(shapes.degrees[kept], shapes.metres[kept], shapes.figures)
