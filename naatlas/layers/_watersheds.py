"""How the levels of HydroBASINS become nested watersheds. No layer itself.

The smallest basins (level 4 of the atlas) are the geometry of all levels: the source simplified each of its levels
alone, so that its own polygons do not fit into each other, and its ids do not tell what lies in what. Here each
basin goes to the one that holds most of its area, and the larger ones are put together from the smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.facts import Facts, row_list
from naatlas.findings import finding
from naatlas.harmonize import crosswalk
from naatlas.layers import _features as features
from naatlas.layers._overlay import holders, shapes_of
from naatlas.layers._watershed_names import add_names
from naatlas.layers.watersheds import BASINS
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec

#: The level of the atlas whose polygons make all others.
SMALLEST = 4

#: A basin with less than half of itself in the one that holds most of it is nested by no rule.
_HALF = 0.5

#: A basin that lies with less than this share in the one that holds most of it is named in the report: up to a
#: tenth is what two simplifications of one divide differ by.
NESTED_SHARE = 0.9

_OUTSIDE = "lies in none of the three countries"


@dataclass(frozen=True, slots=True)
class Units:
    """The watersheds of all levels.

    Attributes
    ----------
    frame
        By id: ``level``, ``ocean``, ``parent``, ``basin`` (HYBAS_ID, missing at level 1), ``row`` (of the source of
        its level, -1 at level 1), ``rows`` (of the smallest basins in it, as text).
    geometry
        Aligned with the frame, degrees.
    """

    frame: pd.DataFrame
    geometry: NDArray[Any]

    @property
    def origin(self) -> features.Origin:
        """The smallest basins that each unit is made of."""
        basin = pd.Series(self.frame["basin"].to_numpy())
        return features.Origin(BASINS[SMALLEST].id, self.frame["rows"], "HYBAS_ID", basin)


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Nest, dissolve, name and publish."""
    basins = nested(tables, work)
    basins["ocean"] = oceans(basins, work)
    inside = features.touched(basins["geometry"].to_numpy())["country"].notna().to_numpy()
    kept = basins[inside].reset_index(drop=True)
    units = dissolved(kept)
    facts = Facts(work.edition.sources)
    _add_units(units, facts)
    add_names(units, tables, facts, work)
    _settle(units, work)
    return features.combined(facts, spec, dict(zip(units.frame.index, units.geometry, strict=True)))


def nested(tables: Mapping[str, Table], work: Work) -> pd.DataFrame:
    """Find for each smallest basin the larger ones that hold it.

    Returns
    -------
    DataFrame
        ``geometry``, and for levels 2 to 4 ``basin2`` (HYBAS_ID) and ``row2`` (of the source), and so on.
    """
    smallest = tables[BASINS[SMALLEST].id]
    told = pd.DataFrame({"geometry": shapes_of(smallest)})
    place = np.arange(len(told))
    for level in (4, 3, 2):
        table = tables[BASINS[level].id]
        if level < SMALLEST:
            below = tables[BASINS[level + 1].id]
            held = holders(shapes_of(below), shapes_of(table))
            _prove(held, below, table, work)
            place = held["other"].to_numpy()[place]
        told[f"basin{level}"] = table.frame["HYBAS_ID"].to_numpy()[place]
        told[f"row{level}"] = table.frame.index[place]
    return told


def _prove(held: pd.DataFrame, below: Table, above: Table, work: Work) -> None:
    """Say how well the basins of one level lie in those of the next."""
    loose = held["share"].to_numpy() < NESTED_SHARE
    ids = tuple(below.frame["HYBAS_ID"][loose])
    work.findings.append(
        finding(
            "nested-by-area",
            "warning" if (held["share"] < _HALF).any() else "info",
            where=below.source.id,
            count=len(ids),
            ids=ids,
            basins=len(held),
            larger=int(held["other"].nunique()),
            above=above.source.id,
            mean=float(held["share"].mean()),
            least=float(held["share"].min()),
            loose=len(ids),
            limit=NESTED_SHARE,
        )
    )


def oceans(basins: pd.DataFrame, work: Work) -> pd.Series:
    """Tell the ocean that each smallest basin drains to; what is decided of a smaller basin counts first."""
    table = crosswalk.load("watershed_ocean", "basin")
    told = pd.Series(pd.NA, index=basins.index, dtype="string")
    for level in (4, 3, 2):
        told = told.fillna(basins[f"basin{level}"].map(table.codes).astype("string"))
    for basin, count in basins.loc[told.isna(), "basin2"].value_counts().sort_index().items():
        work.unknown.append(
            f"basin {basin} drains to no known sea ({count} smaller basins); add it to {table.file}"
        )
    return told


def dissolved(basins: pd.DataFrame) -> Units:
    """Put the units of each level together from the smallest basins.

    A larger basin that drains to two oceans becomes two units, so that each level lies in the one above.
    """
    ids = {level: _ids(basins, level) for level in (1, 2, 3, 4)}
    frames: list[pd.DataFrame] = []
    shapes: list[Any] = []
    for level, own in ids.items():
        first = basins.groupby(own).first()
        frame = pd.DataFrame({"level": level, "ocean": first["ocean"]}, index=first.index.rename("id"))
        frame["parent"] = (
            pd.Series(ids[level - 1].to_numpy(), own).groupby(level=0).first() if level > 1 else pd.NA
        )
        frame["basin"] = first[f"basin{level}"] if level > 1 else pd.NA
        frame["row"] = first[f"row{level}"] if level > 1 else -1
        frame["rows"] = basins["row4"].groupby(own).agg(row_list)
        frames.append(frame)
        groups = basins.groupby(own)["geometry"]
        shapes.extend(shapely.coverage_union_all(part.to_numpy()) for _, part in groups)
    return Units(pd.concat(frames), np.array(shapes, dtype=object))


def _ids(basins: pd.DataFrame, level: int) -> pd.Series:
    if level == 1:
        return "NA-WSH1-" + basins["ocean"]
    basin = basins[f"basin{level}"].astype("string")
    several = basins.groupby(basin)["ocean"].transform("nunique") > 1
    return f"NA-WSH{level}-" + basin + ("-" + basins["ocean"]).where(several, "")


def _add_units(units: Units, facts: Facts) -> None:
    """Add what follows from the basins themselves."""
    frame = units.frame
    touched = features.touched(units.geometry)
    area = features.area_km2(units.geometry)
    ocean = "naatlas/crosswalks/watershed_ocean.csv"
    told = {
        "level": (frame["level"], "level of the atlas"),
        "ocean": (frame["ocean"], f"sea that it drains to, by {ocean}"),
        "parent": (frame["parent"], "holds the greatest share of its area"),
        "hydrobasins_id": (frame["basin"], "id of the basin that it is made after"),
        "area_km2": (area, "area on the ellipsoid of the smallest basins in it"),
    }
    told |= {name: (touched[name], "by location") for name in ("country", "countries", "states")}
    for field, (value, rule) in told.items():
        features.derive(facts, field, frame.index, np.asarray(value, dtype=object), units.origin, rule)


def _settle(units: Units, work: Work) -> None:
    for level, source in BASINS.items():
        own = units.frame[units.frame["level"] == level].reset_index().drop_duplicates("row")
        state = State.PUBLISHED if level == SMALLEST else State.ENRICHES
        work.ledger.settle(source.id, own["row"].astype("int64"), state, own["id"].astype("string"))
        work.ledger.settle(source.id, work.ledger.open_of(source.id), State.OUT_OF_SCOPE, _OUTSIDE)
