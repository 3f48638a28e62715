"""Where a point lies and how sure that is: the last columns of every layer of points; no heavy imports."""

from __future__ import annotations

from naatlas.spec import Field

#: Of North America with its islands, in degrees.
_WEST, _SOUTH, _NORTH = -180.0, 5.0, 84.0


def point(*, east: float | None = None) -> tuple[Field, ...]:
    """Return latitude, longitude and their quality.

    Parameters
    ----------
    east
        Degrees beyond which no point of the layer lies, with the other limits of the map; None where the points come
        from a layer that was held to them already.
    """
    west, south, north = (None, None, None) if east is None else (_WEST, _SOUTH, _NORTH)
    return (
        Field(
            name="latitude", dtype="real", dbf="Latitude", required=True, low=south, high=north, decimals=6
        ),
        Field(
            name="longitude", dtype="real", dbf="Longitude", required=True, low=west, high=east, decimals=6
        ),
        Field(
            name="coordinate_quality",
            dtype="text",
            dbf="CoordQual",
            required=True,
            classes="coordinate_quality",
        ),
    )
