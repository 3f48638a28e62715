"""The North American Atlas Framework (NAAF): one frame for all layers.

The coordinate system, scales, extent and grids are here; place names are in ``places``, the base geometry
in ``base``, and the judgement of declared places in ``placement``. Importing this package loads numpy and
pyproj only.
"""

from __future__ import annotations

from naatlas.framework.crs import (
    ESRI_WKT,
    NAME,
    RADIUS_M,
    WKT2,
    crs,
    densify,
    explain_crs,
    project,
    transformer,
    unproject,
)
from naatlas.framework.scales import (
    BOX_M,
    EXTENT,
    GRID_30M,
    GRID_250M,
    GRIDS,
    SCALES,
    Extent,
    Grid,
    ScaleRules,
)

__all__ = [
    "BOX_M",
    "ESRI_WKT",
    "EXTENT",
    "GRIDS",
    "GRID_30M",
    "GRID_250M",
    "NAME",
    "RADIUS_M",
    "SCALES",
    "WKT2",
    "Extent",
    "Grid",
    "ScaleRules",
    "crs",
    "densify",
    "explain_crs",
    "project",
    "transformer",
    "unproject",
]
