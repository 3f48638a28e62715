"""What a register tells of polygons: facilities located once, their lines added up by zone, and what lies in none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas import framework
from naatlas.cluster import here
from naatlas.polygons import polygons_of
from naatlas.register import tables
from naatlas.register.points import points_of, read_points
from naatlas.register.schema import QUANTITIES
from naatlas.register.zones import INSIDE, NO_POINT, OUTSIDE, Loadings, loadings, locate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal
    from pathlib import Path

    from naatlas.cluster import Runner
    from naatlas.polygons import Polygons

#: What adds up: in = out + outside.
_CONSERVED = ("lines", *QUANTITIES)

#: Facilities outside that are told on the screen; the file lists all of them.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Told:
    """Sums by zone, and the balance that proves them.

    Attributes
    ----------
    loadings
        In exact decimals.
    facilities
        ``atlas_id``, ``longitude``, ``latitude``.
    several
        Number of facilities that lie in several zones; they count in the first of the file.
    """

    loadings: Loadings
    facilities: pd.DataFrame
    several: int

    def table(self) -> pd.DataFrame:
        """Give one table: the zones, then what is in none of them (``zone`` missing); quantities as floats."""
        zones = self.loadings.zones.assign(place=INSIDE)
        told = pd.concat([zones, self.loadings.outside], ignore_index=True)
        names = ["zone", "place", *(n for n in told if n not in {"zone", "place"})]
        return _floats(told[names])

    def left_out(self) -> pd.DataFrame:
        """List the facilities that are in no zone, with their points, those of the largest quantities first."""
        told = self.loadings.left_out.drop(columns="facilities").merge(self.facilities, "left", on="atlas_id")
        return _floats(told).sort_values(
            ["place", "kg", "atlas_id"], ascending=[True, False, True], ignore_index=True
        )

    def balance(self) -> dict[str, dict[str, Decimal | int]]:
        """Sum lines, kg and g of all (``in``), of the zones (``out``), of what is outside, and of what has no point."""
        outside, place = self.loadings.outside, self.loadings.outside["place"]
        parts = {
            "in": self.loadings.total,
            "out": self.loadings.zones,
            OUTSIDE: outside[place.eq(OUTSIDE)],
            NO_POINT: outside[place.eq(NO_POINT)],
        }
        return {
            name: {column: sum(part[column].dropna().tolist()) for column in _CONSERVED}
            for name, part in parts.items()
        }


def _floats(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(dict.fromkeys(QUANTITIES, "float64"))


def by_polygon(
    store: Path,
    polygons: str,
    by: str,
    *,
    sum_by: Sequence[str] = ("group", "medium"),
    where: Sequence[str] = (),
    only: Sequence[str] = (),
    facilities: Path | None = None,
    data: Path | None = None,
    run: Runner = here,
) -> Told:
    """Add a register up by the polygons that its facilities lie in.

    Parameters
    ----------
    store
        As for :func:`naatlas.register.partitions`.
    polygons, by
        File or layer, and its field that names the zones, as for :func:`naatlas.polygons.polygons_of`.
    sum_by
        Further columns of the register.
    where, only
        Conditions on lines and on polygons, as ``COLUMN=VALUE[,VALUE]``.
    facilities
        Their points; without it those beside the register (:func:`naatlas.register.points.points_of`).

    Raises
    ------
    UsageError, InputError, AccountError
        As those functions; what is in the zones and outside of them is not the whole.
    """
    conditions = tables.conditions(where)
    points = read_points(facilities or points_of(store))
    zones = polygons_of(polygons, by, where=tables.texts(only), data=data)
    located = _located(points, zones)
    told = loadings(store, located, sum_by, conditions, run=run)
    return Told(told, points, int(located["zones"].gt(1).sum()))


def _located(points: pd.DataFrame, zones: Polygons) -> pd.DataFrame:
    x, y = framework.project(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    placed = pd.DataFrame({"atlas_id": points["atlas_id"], "x": x, "y": y})
    return locate(placed, zones.shapes, [zones.names[number] for number in zones.numbers])


def write(told: Told, path: Path) -> tuple[Path, Path]:
    """Write the table, and beside it the facilities that are in no zone.

    Returns
    -------
    Both files; the second is ``<name>_outside.csv`` or ``.parquet`` like the first.

    Raises
    ------
    UsageError, ProductError
        As :func:`naatlas.register.tables.save`.
    """
    beside = path.with_name(f"{path.stem}_outside{path.suffix}")
    tables.save(told.table(), path)
    tables.save(told.left_out(), beside)
    return path, beside


def summary(told: Told) -> dict[str, Any]:
    """For a program to read."""
    return {
        "zones": int(told.loadings.zones["zone"].nunique()),
        "balance": {name: {c: str(v) for c, v in sums.items()} for name, sums in told.balance().items()},
        "facilities_outside": len(told.loadings.left_out),
        "facilities_in_several_zones": told.several,
    }


def text(told: Told, files: tuple[Path, Path]) -> str:
    """For a reader at a terminal: the balance, and the largest of what is outside."""
    zones = told.loadings.zones
    lines = [f"{files[0]}: {len(zones):,} rows of {zones['zone'].nunique():,} zones"]
    lines += [f"  {name.replace('_', ' '):<9}{_quantities(sums)}" for name, sums in told.balance().items()]
    left = told.left_out()
    if len(left):
        largest = left.sort_values(["kg", "atlas_id"], ascending=[False, True])[:_SHOWN]
        named = ", ".join(
            f"{i} {kg:,.0f} kg" for i, kg in zip(largest["atlas_id"], largest["kg"], strict=True)
        )
        lines.append(f"  {len(left):,} facilities are in no zone, see {files[1].name}; the largest: {named}")
    if told.several:
        lines.append(
            f"  {told.several:,} facilities lie in several zones, and count in the first of the file"
        )
    return "\n".join(lines)


def _quantities(sums: dict[str, Decimal | int]) -> str:
    return f"{sums['lines']:>14,} lines {sums['kg']:>32,f} kg {sums['g']:>24,f} g"
