"""From three files to lakes: each lake once, with names and classes.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import shapely

from naatlas.facts import Facts
from naatlas.harmonize.translate import Pick, translate
from naatlas.layers import _features as features
from naatlas.layers import _water_names as water_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec

#: The base geometry carries no class.
NOT_STATED = "not_stated"

PICKS = (
    Pick(field="name", column="name", parse=water_names.spelled, rule=water_names.RULE),
    Pick(field="kind", column="featurecla", crosswalk="natural_earth/lake"),
    Pick(field="scale_rank", column="scalerank"),
)


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Take each lake once, from the base geometry where it is there, with names and classes from the other files."""
    present = [tables[s.id] for s in spec.sources if s.id in tables]
    rows = _without_parts(features.gather(present, features.same_area))
    lakes = rows[rows["own"]].drop(columns="own").reset_index(drop=True)
    lakes["geometry"] = features.abutting(lakes["geometry"].to_numpy())
    lakes = lakes.assign(
        id=features.place_ids("NA-LAK", lakes["geometry"]), **features.touched(lakes["geometry"])
    )
    lakes = lakes[lakes["country"].notna()]
    rows["id"] = rows["piece"].map(lakes.set_index("piece")["id"])
    features.settle(rows, work.ledger)
    facts = Facts(work.edition.sources)
    for table in present:
        mine = (rows["source"] == table.source.id) & ~rows["part"]
        entity = rows[mine].set_index("row")["id"].dropna()
        if table.source.packaged:
            _without_class(table, entity, facts)
        else:
            facts.add_translated(translate(table, PICKS, spec, work), entity)
    water_names.add(facts, "lake")
    features.add_shapes(facts, lakes, tables, {"area_km2": features.area_km2(lakes["geometry"])})
    return features.combined(facts, spec, lakes.set_index("id")["geometry"].to_dict())


def _without_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """Take bays that lie on top of their lake, and polygons that stand twice, for parts of the lake.

    ``part`` marks their rows, whose names and classes are not those of the lake; what another file tells of a
    polygon that stands twice is.
    """
    lakes = rows.loc[rows["own"], ["piece", "geometry"]]
    shapes = lakes["geometry"].to_numpy()
    holder = features.within(shapes)
    piece, inside = lakes["piece"].to_numpy(), holder >= 0
    of = pd.Series(piece[holder[inside]], index=piece[inside])
    while of.isin(of.index).any():  # the double of a bay
        of = of.map(of).fillna(of).astype("int64")
    bay = of.index[
        shapely.area(shapes[inside]) < features.SAME_AREA_SHARE * shapely.area(shapes[holder[inside]])
    ]
    part = rows["piece"].isin(of.index) & (rows["own"] | rows["piece"].isin(bay))
    whole = rows["piece"].map(of).fillna(rows["piece"]).astype("int64")
    return rows.assign(part=part, own=rows["own"] & ~part, piece=whole)


def _without_class(table: Table, entity: pd.Series, facts: Facts) -> None:
    cell = table.frame.loc[entity.index, "geometry"]
    origin = features.Origin(table.source.id, entity.index, "geometry", cell)
    features.derive(
        facts, "kind", entity, [NOT_STATED] * len(entity), origin, "the base geometry has no class"
    )
