"""Scales, extent and raster grids of the NAAF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleRules:
    """What a map scale asks of geometry.

    Attributes
    ----------
    denominator
        10,000,000 for 1:10M.
    densify_degrees
        Longest segment before projecting: 0.5 degree leaves the 49th parallel within 29 m, 0.1 degree
        within 1.2 m.
    simplify_m
        Tolerance of simplification in metres.
    """

    denominator: int
    densify_degrees: float
    simplify_m: float


# The CEC publishes no tolerance, no minimum mapping unit and no vertex spacing. Ours is 0.1 mm at map
# scale, the width below which two lines in print are one; 1:10M gives 1 km, 1:1M gives 100 m.
SCALES: Mapping[Scale, ScaleRules] = MappingProxyType(
    {
        "10M": ScaleRules(denominator=10_000_000, densify_degrees=0.5, simplify_m=1_000.0),
        "1M": ScaleRules(denominator=1_000_000, densify_degrees=0.1, simplify_m=100.0),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Window in degrees that may cross 180: then ``west`` is greater than ``east``."""

    west: float
    south: float
    east: float
    north: float


#: Canada, Mexico and the United States with Hawaii, Puerto Rico and the US Virgin Islands: from Attu in the
#: Aleutians (172.4 E) to Cape Spear (52.6 W), from Chiapas (14.5 N) to Ellesmere Island (83.1 N), with a
#: margin for the sea.
EXTENT = Extent(west=172.0, south=14.0, east=-50.0, north=84.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A raster grid: upper left corner and cell size in metres, counts of columns and rows.

    Attributes
    ----------
    figure
        ``sphere`` for the NAAF itself, ``WGS84`` for the Lambert azimuthal on the ellipsoid: the two are 4
        to 18 km apart and never overlaid without a transformation.
    """

    name: str
    cols: int
    rows: int
    cell_m: float
    left: float
    top: float
    figure: Literal["sphere", "WGS84"]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in metres."""
        return (self.left, self.top - self.rows * self.cell_m, self.left + self.cols * self.cell_m, self.top)

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine coefficients a, b, c, d, e, f as rasterio takes them."""
        return (self.cell_m, 0.0, self.left, 0.0, -self.cell_m, self.top)

    def coarser(self, cell_m: float) -> Grid:
        """Return the grid of larger cells from the same upper left corner; the last ones may reach beyond this grid.

        Raises
        ------
        ValueError
            The cell is no whole multiple of this grid's.
        """
        times, rest = divmod(cell_m, self.cell_m)
        if times < 1 or rest:
            raise ValueError(f"{cell_m:g} m is no whole multiple of {self.cell_m:g} m")
        cols, rows = (-(-count // int(times)) for count in (self.cols, self.rows))
        return replace(self, name=f"{cell_m:g}m", cols=cols, rows=rows, cell_m=cell_m)


#: What the base geometry covers, in degrees (west, south, east, north): the Americas down to the equator,
#: the north Atlantic from Greenland to Iceland, and the Asian side of the Bering Sea. The map frame fits inside.
WINDOWS = ((-180.0, 0.0, -30.0, 86.0), (-30.0, 60.0, -10.0, 86.0), (150.0, 45.0, 180.0, 80.0))

#: Land cover 2005 and 2010 at 250 m, on the NAAF sphere.
GRID_250M = Grid(
    name="250m", cols=37_000, rows=35_000, cell_m=250.0, left=-4_418_000.0, top=4_876_500.0, figure="sphere"
)
#: Land cover 2010 and later at 30 m, on WGS84.
GRID_30M = Grid(
    name="30m", cols=259_000, rows=255_000, cell_m=30.0, left=-4_410_000.0, top=4_310_000.0, figure="WGS84"
)
#: The two grids by name, as the rules of raster layers name them.
GRIDS: Mapping[str, Grid] = MappingProxyType({grid.name: grid for grid in (GRID_250M, GRID_30M)})

#: Frame of maps in NAAF metres (left, bottom, right, top): the 250 m grid, which holds all but Hawaii.
BOX_M = GRID_250M.bounds
