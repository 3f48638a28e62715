"""From what a layer combined to what is published: typed, sorted, placed in the framework, brought to scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas import framework
from naatlas.framework import SCALES
from naatlas.framework.base import layer_naaf
from naatlas.geometry.generalize import generalize
from naatlas.geometry.place import place, unplace
from naatlas.geometry.repair import repair
from naatlas.geometry.snap import snap_to_base
from naatlas.harmonize.types import as_declared
from naatlas.model import Finding, Points, Shapes
from naatlas.quality.topology import check_topology

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.model import Combined, Scale
    from naatlas.spec import LayerSpec

#: The smallest polygon at 1:1M as a share of that at 1:10M: a tenth of the length, a hundredth of the area.
SMALLER_AT_1M = 0.01

#: What of the figures of generalization goes into report and metadata.
FIGURES = (
    "vertices_before",
    "vertices_after",
    "displacement_max_mm",
    "displacement_mean_mm",
    "area_change_max",
    "area_change_mean",
    "islands_dropped",
    "lakes_dropped",
)


@dataclass(frozen=True, slots=True)
class Shaped:
    """A layer as it is published.

    Attributes
    ----------
    frame
        The columns of the specification, typed, sorted by key.
    geometry
        Aligned with the frame.
    dropped
        Keys of features that are too small for the scale.
    findings
        What repair, generalization and topology found.
    """

    frame: pd.DataFrame
    geometry: Points | Shapes
    dropped: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def shape(combined: Combined, spec: LayerSpec, scale: Scale) -> Shaped:
    """Type and sort the frame, place its geometry in the framework and bring it to the map scale."""
    columns = {f.name: as_declared(combined.frame.get(f.name), f, combined.frame.index) for f in spec.fields}
    frame = pd.DataFrame(columns, index=combined.frame.index)
    order = np.argsort(frame[spec.key].to_numpy(dtype=object), kind="stable")
    frame = frame.iloc[order].reset_index(drop=True)
    if combined.geometry is None:
        return Shaped(frame, points(frame))
    return _shaped(combined.geometry[order], frame, spec, scale)


def points(frame: pd.DataFrame) -> Points:
    """Project the columns ``longitude`` and ``latitude``."""
    lon = frame["longitude"].to_numpy(dtype="float64")
    lat = frame["latitude"].to_numpy(dtype="float64")
    x, y = framework.project(lon, lat)
    return Points(lon, lat, np.asarray(x), np.asarray(y))


def _shaped(degrees: NDArray[np.object_], frame: pd.DataFrame, spec: LayerSpec, scale: Scale) -> Shaped:
    keys = frame[spec.key].astype(str).tolist()
    fixed = repair(degrees)
    metres = _snapped(place(fixed.geometry, scale=scale), spec, scale)
    thin, figures = _to_scale(metres, frame, spec, scale)
    kept = ~(shapely.is_missing(thin) | shapely.is_empty(thin))
    keys_kept = [key for key, there in zip(keys, kept, strict=True) if there]
    found = (*fixed.findings(keys), *_told(figures, spec, scale))
    kind = "polygons" if spec.generalize == "none" else spec.generalize
    topology = check_topology(thin[kept], keys_kept, kind=kind)
    return Shaped(
        frame[kept].reset_index(drop=True),
        Shapes(unplace(thin[kept]), thin[kept], figures),
        tuple(key for key, there in zip(keys, kept, strict=True) if not there),
        (*found, *topology),
    )


def _snapped(metres: NDArray[np.object_], spec: LayerSpec, scale: Scale) -> NDArray[np.object_]:
    """Draw the edges along the coast and the borders of the framework, where the layer asks for it."""
    if not spec.snap_to:
        return metres
    base = layer_naaf(spec.snap_to, scale).geometry.to_numpy()
    told = snap_to_base(metres, base, tolerance_m=SCALES[scale].simplify_m)
    return told.geometry


def _to_scale(
    metres: NDArray[np.object_], frame: pd.DataFrame, spec: LayerSpec, scale: Scale
) -> tuple[NDArray[np.object_], dict[str, float]]:
    if spec.generalize == "none":
        return metres, {}
    smallest = spec.minimum_km2 * (1.0 if scale == "10M" else SMALLER_AT_1M)
    names = frame["name_en"] if "name_en" in frame else frame.get("name")
    told = generalize(metres, kind=spec.generalize, scale=scale, minimum_km2=smallest, names=names)
    figures = {name: getattr(told.figures, name) for name in FIGURES}
    return told.geometry, figures


def _told(figures: dict[str, float], spec: LayerSpec, scale: Scale) -> list[Finding]:
    found = []
    if figures:
        found.append(
            Finding(
                rule="generalized",
                severity="info",
                message=f"{figures['vertices_before']:,} vertices became {figures['vertices_after']:,}; lines moved "
                f"by at most {figures['displacement_max_mm']:.3f} mm at map scale "
                f"({figures['displacement_mean_mm']:.3f} mm in the mean), areas changed by at most "
                f"{figures['area_change_max']:.2%}; {figures['islands_dropped']:,} islands and "
                f"{figures['lakes_dropped']:,} lakes were too small",
                advice="for more detail build at another scale from a finer source",
            )
        )
    if scale == "1M" and spec.source_scale > SCALES["1M"].denominator:
        found.append(
            Finding(
                rule="coarser-source",
                severity="warning",
                message=f"the source is drawn at 1:{spec.source_scale:,}: the scale 1:1,000,000 changes tolerance and "
                "densification, not detail",
                advice="use it with layers at 1:1,000,000 for position only; a finer source gives more detail",
            )
        )
    return found
