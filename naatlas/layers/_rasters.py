"""What the raster layers share: the fields of their tables, one row a zone, or a zone and class.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.spec import Field, RasterRules

if TYPE_CHECKING:
    from collections.abc import Mapping

ATLAS_ID = Field(name="atlas_id", dtype="text", required=True)
#: Empty for what lies in none of the three countries: the sea, and the land around.
ZONE = (
    Field(name="country", dtype="text", classes="country"),
    Field(name="state", dtype="text", classes="state"),
)
CELLS = Field(name="cells", dtype="integer", required=True, low=1)
AREA = Field(name="area_km2", dtype="real", required=True, low=0.0)


def cover_rules(
    field: str,
    codes: Mapping[str, int],
    *,
    cell_m: float,
    degrees: float = 0.0,
    fine: bool = False,
    sampled: bool = False,
    style: str = "",
) -> RasterRules:
    """Return the rules of a raster of classes that come from land cover.

    A cell is as large as one of the source, or about so: the class at its centre keeps the areas of the source,
    where a vote among one or two neighbours would favour one side.

    Parameters
    ----------
    codes
        Class -> number.
    degrees
        Resolution of the source where it is not in metres, and that of the cells.
    fine
        On the grid of 30 m.
    sampled
        Whether the classes are rare nearly everywhere.
    """
    return RasterRules(
        kind="class",
        field=field,
        cell_m=cell_m,
        source_degrees=degrees,
        source_m=0.0 if degrees else cell_m,
        dtype="uint8",
        nodata=255,
        grid="30m" if fine else "250m",
        codes=codes,
        crosswalk="land_cover",
        method="nearest",
        sampled=sampled,
        style=style,
    )


def class_fields(name: str) -> tuple[Field, ...]:
    """Return the fields of a layer of classes: a row is what one class has of one zone.

    Parameters
    ----------
    name
        Of the field with the class, and of the class list in the words.
    """
    return (
        ATLAS_ID,
        *ZONE,
        Field(name=name, dtype="text", required=True, classes=name),
        Field(name="cell_value", dtype="integer", required=True, low=0, high=255),
        CELLS,
        AREA,
        Field(name="share_percent", dtype="real", unit="percent", required=True, low=0.0, high=100.0),
    )


def quantity_fields(
    name: str,
    *,
    unit: str | None = None,
    low: float | None = None,
    high: float | None = None,
    decimals: int = 1,
) -> tuple[Field, ...]:
    """Return the fields of a layer of a quantity: mean, lowest and highest value of the cells of a zone.

    Parameters
    ----------
    name
        Of the quantity; it ends in its unit, or ``unit`` tells it. The others are ``lowest_<name>`` and
        ``highest_<name>``.
    """

    def value(field: str) -> Field:
        return Field(
            name=field, dtype="real", unit=unit, required=True, low=low, high=high, decimals=decimals
        )

    return (ATLAS_ID, *ZONE, CELLS, AREA, value(name), value(f"lowest_{name}"), value(f"highest_{name}"))


def count_fields(
    total: str, density: str, *, unit: str, density_unit: str, decimals: int = 1
) -> tuple[Field, ...]:
    """Return the fields of a layer of counted things: their sum in a zone, and how many on a km2.

    Parameters
    ----------
    total, density
        Names of the two fields; ``RasterRules`` names them as ``total`` and ``field``.
    """
    told = Field(name=total, dtype="real", unit=unit, required=True, low=0.0, decimals=0)
    return (*quantity_fields(density, unit=density_unit, low=0.0, decimals=decimals), told)
