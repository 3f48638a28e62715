"""From what a layer combined to what is published: typed, sorted, placed in the framework, brought to scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas import framework
from naatlas.findings import finding
from naatlas.framework import SCALES
from naatlas.framework.base import layer_naaf
from naatlas.geometry.anchors import anchored, line_ends
from naatlas.geometry.follow import follow
from naatlas.geometry.generalize import ERROR_MM, generalize
from naatlas.geometry.place import place, unplace
from naatlas.geometry.repair import repair
from naatlas.geometry.snap import snap_to_base
from naatlas.harmonize.types import as_declared
from naatlas.model import Cells, Finding, Points, Shapes
from naatlas.quality.topology import check_topology
from naatlas.spec import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.model import Combined, LayerData, Scale
    from naatlas.spec import LayerSpec

    Floats = NDArray[np.float64]

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
        Aligned with the frame; the cells that it is the table of.
    dropped
        Keys of features that are too small for the scale.
    merged
        Keys of lines that fell onto another at the scale, and the key of that one.
    findings
        What repair, generalization and topology found.
    """

    frame: pd.DataFrame
    geometry: Points | Shapes | Cells
    dropped: tuple[str, ...] = ()
    merged: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def shape(
    combined: Combined, spec: LayerSpec, scale: Scale, used: Mapping[str, LayerData] = MappingProxyType({})
) -> Shaped:
    """Type and sort the frame, place its geometry in the framework and bring it to the map scale.

    Parameters
    ----------
    used
        Layers that this one stands on, at the same scale; ``spec.anchors`` is one of them.
    """
    columns = {f.name: as_declared(combined.frame.get(f.name), f, combined.frame.index) for f in spec.fields}
    frame = pd.DataFrame(columns, index=combined.frame.index)
    order = np.argsort(frame[spec.key].to_numpy(dtype=object), kind="stable")
    frame = frame.iloc[order].reset_index(drop=True)
    if combined.cells is not None:
        return Shaped(frame, combined.cells)
    if combined.geometry is None:
        return Shaped(frame, points(frame), findings=tuple(_coarser(spec, scale)))
    fixed = line_ends(used[spec.anchors].shapes.metres) if spec.anchors else None
    along = used[spec.follows] if spec.follows else None
    return _shaped(combined.geometry[order], frame, spec, scale, fixed, along)


def points(frame: pd.DataFrame) -> Points:
    """Project the columns ``longitude`` and ``latitude``."""
    lon = frame["longitude"].to_numpy(dtype="float64")
    lat = frame["latitude"].to_numpy(dtype="float64")
    x, y = framework.project(lon, lat)
    return Points(lon, lat, np.asarray(x), np.asarray(y))


def _shaped(
    degrees: NDArray[np.object_],
    frame: pd.DataFrame,
    spec: LayerSpec,
    scale: Scale,
    fixed: Floats | None,
    along: LayerData | None,
) -> Shaped:
    keys = frame[spec.key].astype(str).tolist()
    sound = repair(degrees)
    metres = _snapped(place(sound.geometry, scale=scale), spec, scale)
    thin, figures = _to_scale(metres, frame, spec, scale, fixed, along)
    there = ~(shapely.is_missing(thin) | shapely.is_empty(thin))
    fallen = merged(thin, frame, spec)
    kept = there & ~frame[spec.key].isin(list(fallen)).to_numpy(dtype=bool)
    told = frame[kept].reset_index(drop=True)
    levels = told[spec.nested_by] if spec.nested_by else None
    found = (*sound.findings(keys), *_told(figures, spec, scale), *_merged(fallen))
    kind = "polygons" if spec.generalize == "none" else spec.generalize
    keys_kept = told[spec.key].astype(str).tolist()
    topology = check_topology(thin[kept], keys_kept, kind=kind, levels=levels, context=_context(told))
    return Shaped(
        told,
        Shapes(unplace(thin[kept]), thin[kept], figures),
        tuple(key for key, stays in zip(keys, there, strict=True) if not stays),
        fallen,
        (*found, *topology),
    )


def merged(lines: NDArray[np.object_], frame: pd.DataFrame, spec: LayerSpec) -> dict[str, str]:
    """Find lines that fell onto each other at the scale: two tracks between the same switches.

    Returns
    -------
    dict
        Key of each line that has geometry and attributes of an earlier one -> key of that one. Measures may differ.
    """
    if spec.generalize != "lines" or not len(lines):
        return {}
    shared = [f.name for f in spec.fields if f.dtype != "real" and f.name != spec.key]
    told = frame[shared].assign(_shape=shapely.to_wkb(shapely.normalize(lines), hex=True))
    first = frame[spec.key].groupby([told[name] for name in told], dropna=False).transform("first")
    fallen = (first != frame[spec.key]).to_numpy(dtype=bool)
    fallen = fallen & ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    return dict(zip(frame[spec.key][fallen].astype(str), first[fallen].astype(str), strict=True))


def _merged(fallen: Mapping[str, str]) -> list[Finding]:
    if not fallen:
        return []
    return [finding("lines-merged", "info", ids=tuple(fallen))]


def _context(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell features that are in none of the three countries: land around them, and the sea."""
    if "country" not in frame:
        return np.ones(len(frame), dtype=bool)
    return ~frame["country"].isin(COUNTRIES).to_numpy(dtype=bool)


def _snapped(metres: NDArray[np.object_], spec: LayerSpec, scale: Scale) -> NDArray[np.object_]:
    """Draw the edges along the coast and the borders of the framework, where the layer asks for it."""
    if not spec.snap_to:
        return metres
    base = layer_naaf(spec.snap_to, scale).geometry.to_numpy()
    told = snap_to_base(metres, base, tolerance_m=SCALES[scale].simplify_m)
    return told.geometry


def _to_scale(
    metres: NDArray[np.object_],
    frame: pd.DataFrame,
    spec: LayerSpec,
    scale: Scale,
    fixed: Floats | None,
    along: LayerData | None,
) -> tuple[NDArray[np.object_], dict[str, float]]:
    if spec.generalize == "none":
        return metres, {}
    anchors = None
    if fixed is not None:
        metres, anchors = anchored(metres, fixed)
    if along is not None:
        return _along(metres, along, scale, anchors)
    smallest = _smallest_km2(spec, scale)
    names = frame["name_en"] if "name_en" in frame else frame.get("name")
    told = generalize(
        metres, kind=spec.generalize, scale=scale, minimum_km2=smallest, names=names, anchors=anchors
    )
    figures = {name: getattr(told.figures, name) for name in FIGURES}
    return told.geometry, figures


def _smallest_km2(spec: LayerSpec, scale: Scale) -> float:
    return spec.minimum_km2 * (1.0 if scale == "10M" else SMALLER_AT_1M)


def _along(
    metres: NDArray[np.object_], along: LayerData, scale: Scale, anchors: Floats | None
) -> tuple[NDArray[np.object_], dict[str, float]]:
    """Lead lines along the polygons of another layer, and generalize by themselves those that are not of them."""
    denominator = SCALES[scale].denominator
    smallest = _smallest_km2(along.spec, scale)
    told = follow(
        metres, along.shapes.metres, tolerance_m=ERROR_MM / 1000 * denominator, minimum_km2=smallest
    )
    rest = ~told.follows
    others = generalize(metres[rest], kind="lines", scale=scale, anchors=anchors)
    geometry = told.geometry
    geometry[rest] = others.geometry
    figures = {name: getattr(others.figures, name) for name in FIGURES}
    mm, own = 1000 / denominator, figures["vertices_before"]
    before = told.vertices + own
    figures |= {
        "vertices_before": int(shapely.get_num_coordinates(metres).sum()),
        "vertices_after": int(shapely.get_num_coordinates(geometry).sum()),
        "displacement_max_mm": max(figures["displacement_max_mm"], told.largest_m * mm),
        "displacement_mean_mm": (figures["displacement_mean_mm"] * own + told.sum_m * mm) / max(before, 1),
        "islands_dropped": told.islands,
    }
    return geometry, figures


def _told(figures: dict[str, float], spec: LayerSpec, scale: Scale) -> list[Finding]:
    found = []
    if figures:
        found.append(
            finding(
                "lines-generalized" if spec.geometry == "LineString" else "generalized",
                "info",
                before=int(figures["vertices_before"]),
                after=int(figures["vertices_after"]),
                most=figures["displacement_max_mm"],
                mean=figures["displacement_mean_mm"],
                area=figures["area_change_max"],
                islands=int(figures["islands_dropped"]),
                lakes=int(figures["lakes_dropped"]),
            )
        )
    return [*found, *_coarser(spec, scale)]


def _coarser(spec: LayerSpec, scale: Scale) -> list[Finding]:
    """Warn that a larger scale gives no more detail than the sources have."""
    if not spec.coarser_than(SCALES[scale].denominator):
        return []
    return [finding("coarser-source", "warning", source=spec.source_scale)]
