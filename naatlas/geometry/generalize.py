"""Draw lines and polygons for a map scale, moving nothing further than can be seen.

Vertices are dropped by Douglas and Peucker's rule, whose tolerance is the displacement itself: 0.1 mm at map
scale. Shared borders are simplified once (``arcs``), so that neighbours stay neighbours; where simplified lines
would cross, or sweep over an island, the vertices that matter come back, there and nowhere else, until GEOS
finds no fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import shapely

from naatlas.errors import UsageError
from naatlas.framework.scales import SCALES
from naatlas.geometry import arcs as cutting
from naatlas.geometry.mending import Job, mended
from naatlas.geometry.small import small
from naatlas.geometry.thinning import chain_of, moved, thinned

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from naatlas.geometry.mending import Mended
    from naatlas.geometry.small import Dropped
    from naatlas.model import Scale

    Floats = NDArray[np.float64]

Kind = Literal["coverage", "polygons", "lines"]

#: Largest displacement in millimetres at map scale.
ERROR_MM = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What generalizing did, for the report.

    Attributes
    ----------
    vertices_before, vertices_after
        Vertices of all rings and lines, as they are stored.
    displacement_max_mm, displacement_mean_mm
        Distance of the old vertices from the new line, in millimetres at map scale; the mean is over all
        vertices of the arcs, those that stayed among them.
    area_change
        Shape (rows,): new area less old area, by old area; 0 for lines, NaN where nothing is left.
    area_change_max, area_change_mean
        Largest and mean of its absolute values.
    islands_dropped, lakes_dropped, rows_dropped
        Outer rings and holes below the minimum size, and rows of which nothing is left.
    arcs, arcs_shared
        Different arcs, and those of them that occur more than once.
    restored
        Vertices that came back so that nothing crosses.
    faults
        Rows that are still not valid; not zero only where they were not before.
    """

    vertices_before: int
    vertices_after: int
    displacement_max_mm: float
    displacement_mean_mm: float
    area_change: Floats
    area_change_max: float
    area_change_mean: float
    islands_dropped: int
    lakes_dropped: int
    rows_dropped: int
    arcs: int
    arcs_shared: int
    restored: int
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generalized:
    """Generalized geometry, aligned with what went in; None where all of a row was too small."""

    geometry: NDArray[Any]
    figures: Figures


def generalize(
    metres: ArrayLike,
    *,
    kind: Kind,
    scale: Scale,
    minimum_km2: float = 0.0,
    names: ArrayLike | None = None,
    anchors: Floats | None = None,
    error_mm: float = ERROR_MM,
) -> Generalized:
    """Generalize lines and polygons (NAAF metres) for a map scale; points, empty and missing ones stay.

    Lines may stand in one array with polygons: what they share stays shared, so that borders and coast, drawn as
    lines, run along the polygons. Ends and meeting points of lines never move.

    Parameters
    ----------
    kind
        ``coverage``: polygons share borders and must not overlap; ``polygons``: they may lie on each other; ``lines``.
    minimum_km2
        Islands and lakes (holes) below are dropped, but never the largest part of a named row.
    names
        One a row, missing for rows without a name: these may be dropped altogether. Without it all count as named.
    anchors
        Shape (m, 2): vertices that never move, such as the mouths of rivers in a coast of another layer.
    error_mm
        Largest displacement in millimetres at map scale.
    """
    if kind not in get_args(Kind):
        raise UsageError(f"no way {kind!r} to generalize; there are {', '.join(get_args(Kind))}")
    tolerance = error_mm / 1000 * SCALES[scale].denominator
    job, dropped = _begun(metres, kind=kind, tolerance=tolerance, anchors=anchors, least=(minimum_km2, names))
    thin = thinned(job.chains, job.arcs, tolerance=tolerance, use=job.use)
    done = mended(job, thin)
    _put_back(job.given, done.geometry)
    figures = _figures(
        job, done, dropped, mm=1000 / SCALES[scale].denominator, restored=len(done.kept) - len(thin)
    )
    return Generalized(geometry=done.geometry, figures=figures)


def _begun(
    metres: ArrayLike,
    *,
    kind: Kind,
    tolerance: float,
    anchors: Floats | None,
    least: tuple[float, ArrayLike | None],
) -> tuple[Job, Dropped]:
    """Cut all outlines to arcs, and find what is too small for the map."""
    given = np.array(metres, dtype=object)
    chains = cutting.flatten(given)
    arcs = cutting.cut(chains, anchors=anchors)
    dropped = small(chains, arcs, minimum_km2=least[0], names=least[1])
    job = Job(given=given, chains=chains, arcs=arcs, use=dropped.use, kind=kind, tolerance=tolerance)
    return job, dropped


def _put_back(given: NDArray[Any], geometry: NDArray[Any]) -> None:
    """Put points, empty and missing geometries, which have no chains, into their rows."""
    untouched = (shapely.get_dimensions(given) < 1) | shapely.is_empty(given)
    geometry[untouched] = given[untouched]


def _figures(job: Job, done: Mended, dropped: Dropped, *, mm: float, restored: int) -> Figures:
    """Measure what was done; ``mm`` is the length of a metre on the map."""
    arcs, before, after = job.arcs, job.given, done.geometry
    largest, mean = moved(job.chains.xy, arcs, done.kept, job.use[chain_of(job.chains, arcs)])
    change = _area_change(before, after)
    told = np.abs(change[np.isfinite(change)])
    return Figures(
        vertices_before=int(shapely.get_num_coordinates(before).sum()),
        vertices_after=int(shapely.get_num_coordinates(after).sum()),
        displacement_max_mm=largest * mm,
        displacement_mean_mm=mean * mm,
        area_change=change,
        area_change_max=float(told.max(initial=0.0)),
        area_change_mean=float(told.mean()) if len(told) else 0.0,
        islands_dropped=dropped.islands,
        lakes_dropped=dropped.lakes,
        rows_dropped=int((shapely.is_missing(after) & ~shapely.is_missing(before)).sum()),
        arcs=len(arcs.originals),
        arcs_shared=int((arcs.uses[arcs.originals] > 1).sum()),
        restored=restored,
        faults=done.faults,
    )


def _area_change(before: NDArray[Any], after: NDArray[Any]) -> Floats:
    old, new = shapely.area(before), shapely.area(after)
    return np.asarray(np.divide(new - old, old, out=np.zeros(len(before)), where=old > 0))
