"""What the cells of a raster layer hold, and on which grid they lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from dataclasses import field as of_dataclass
from typing import TYPE_CHECKING, Literal

from naatlas.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.spec.source import RasterKind

#: Cell size in metres of the grids that a layer can lie on, by name; its own is a whole multiple.
_FINEST_M = {"250m": 250.0, "30m": 30.0}
#: What a coarser cell shows of those that it stands for: the most frequent class, the mean, or one of them.
Summary = Literal["mode", "mean", "sample"]
#: Length of a degree of latitude on the sphere of the framework.
DEGREE_M = math.radians(1) * 6_370_997


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterRules:
    """The raster of a layer.

    Attributes
    ----------
    kind
        ``class`` for codes of classes, never averaged; ``quantity`` for a value of each place, such as metres;
        ``count`` for counted things, such as people, whose sum stays what it was.
    field
        Field of the frame that tells what a cell holds: the class, or the value (its mean, by zone). Its words name
        the band, its unit is the unit of the cells. Counted things are published by km2.
    total
        For counts: field of the frame with the sum of a zone.
    cell_m
        Side of a cell in metres: the whole multiple of the grid's cell nearest to the resolution of the source at
        45 degrees north, and never finer.
    dtype, nodata
        Of the published cells.
    grid
        The grid of the atlas whose upper left corner and multiples it keeps.
    source_degrees, source_m
        Resolution of the source, in degrees or in metres; one of them. It stands in the metadata.
    codes
        For classes: code of the class list of ``field`` -> number in the cells.
    crosswalk
        For classes: table of ``naatlas/crosswalks`` that gives each number of a source its class; the vocabulary is
        the id of the source.
    method
        How a cell gets its value; empty to choose by kind and by how many cells of the source it holds.
    sampled
        For classes that are rare nearly everywhere, such as kinds of change: overviews and pictures show one of the
        cells that a coarser one stands for, so that every class keeps its share. The most frequent one would hide
        them.
    style
        Name of the style where it is not that of the layer, such as for an edition with another legend.
    """

    kind: RasterKind
    field: str
    cell_m: float
    total: str = ""
    dtype: Literal["uint8", "int16", "int32", "float32"]
    nodata: float
    grid: Literal["250m", "30m"] = "250m"
    source_degrees: float = 0.0
    source_m: float = 0.0
    codes: Mapping[str, int] = of_dataclass(default_factory=dict)
    crosswalk: str = ""
    method: Literal["", "nearest", "mode", "bilinear", "average"] = ""
    sampled: bool = False
    style: str = ""

    def __post_init__(self) -> None:
        finest = _FINEST_M[self.grid]
        if self.cell_m < finest or self.cell_m % finest:
            raise SpecError(f"raster cells of {self.cell_m:g} m: give a whole multiple of {finest:g} m")
        if (self.source_degrees > 0) == (self.source_m > 0):
            raise SpecError("raster: give the resolution of the source, in degrees or in metres")
        if not 0 <= self.cell_m - self.resolution_m < finest:
            least = math.ceil(self.resolution_m / finest) * finest
            raise SpecError(
                f"raster cells of {self.cell_m:g} m: the source has {self.resolution_m:,.0f} m; give {least:g}"
            )
        if (self.kind == "class") != bool(self.codes and self.crosswalk):
            raise SpecError("raster: codes and a crosswalk are for classes, and classes need both")
        if self.kind == "class" and (self.dtype != "uint8" or self.method in {"bilinear", "average"}):
            raise SpecError("raster: classes are of type uint8 and never averaged")
        if self.sampled and self.kind != "class":
            raise SpecError("raster: classes are sampled; a quantity has a mean")
        if (self.kind == "count") != bool(self.total):
            raise SpecError("raster: counts have a total, and nothing else has")
        if self.nodata in self.codes.values():
            raise SpecError(f"raster: {self.nodata:g} means no data and cannot be a class")

    @property
    def summary(self) -> Summary:
        """What a coarser cell shows in overviews and pictures."""
        if self.kind != "class":
            return "mean"
        return "sample" if self.sampled else "mode"

    @property
    def resolution_m(self) -> float:
        """Side of a cell of the source in metres, from south to north."""
        return self.source_m or self.source_degrees * DEGREE_M
