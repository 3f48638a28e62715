"""Names and codes of watersheds, from the hydrologic units of the United States. No layer itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.layers import _features as features
from naatlas.layers._overlay import holders, shapes_of
from naatlas.layers.watersheds import REGIONS, SPEC, SUBREGIONS
from naatlas.ledger import State
from naatlas.metadata import words
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.facts import Facts
    from naatlas.layers._watersheds import Units
    from naatlas.model import Table, Work

#: A watershed carries the code of a hydrologic unit that holds this share of its area.
CODED_SHARE = 0.5

#: The two are one, and share the name, when each holds this share of the other: with half of it the whole Colorado
#: would be called Lower Colorado.
SAME_SHARE = 0.8

_CODED = ((REGIONS, "usa_region", (2, 3, 4), (2,)), (SUBREGIONS, "usa_subregion", (3, 4), (3, 4)))


def add_names(units: Units, tables: Mapping[str, Table], facts: Facts, work: Work) -> None:
    """Add codes of hydrologic units, names, why a name is missing, and the names of the levels above."""
    name = pd.Series(pd.NA, index=units.frame.index, dtype="string")
    for source, field, coded, named in _CODED:
        held = _held(units, tables[source.id])
        inside = held[(held["share"] >= CODED_SHARE) & held["level"].isin(coded)]
        _add(facts, field, inside, tables[source.id], "subRegion")
        _add(facts, f"{field}_name", inside, tables[source.id], "subRegionAlt")
        alike = inside[["share", "back"]].min(axis=1) >= SAME_SHARE
        same = inside[alike & inside["level"].isin(named)]
        _add(facts, "name_en", same, tables[source.id], "subRegionAlt")
        name.loc[same.index] = tables[source.id].frame["subRegionAlt"].loc[same["row"]].to_numpy()
        _settle(inside, source.id, work)
    _oceans(units, facts, name)
    _status(units, facts, name)
    _above(units, facts, name)


def _held(units: Units, table: Table) -> pd.DataFrame:
    """Return the hydrologic unit (row of its file) that holds most of each watershed, by id."""
    held = holders(units.geometry, shapes_of(table)).set_axis(units.frame.index)
    held["level"] = units.frame["level"]
    met = held[held["other"] >= 0].copy()
    met["row"] = table.frame.index[met["other"]]
    return met


def _add(facts: Facts, field: str, held: pd.DataFrame, table: Table, column: str) -> None:
    cell = table.frame[column].loc[held["row"]]
    share = (held["share"] * 100).round().astype("int64").astype("str").reset_index(drop=True)
    rule = "derived: holds " + share + " % of the watershed"
    facts.add(
        field,
        held.index,
        cell,
        source=table.source.id,
        row=held["row"],
        column=column,
        national=cell,
        rule=rule,
    )


def _settle(inside: pd.DataFrame, source: str, work: Work) -> None:
    first = inside.reset_index().drop_duplicates("row")
    work.ledger.settle(source, first["row"], State.ENRICHES, first["id"].astype("string"))
    rest = work.ledger.open_of(source)
    work.ledger.settle(source, rest, State.OUT_OF_SCOPE, "no watershed has half of its area in it")


def _oceans(units: Units, facts: Facts, name: pd.Series) -> None:
    """Name level 1 after its ocean, in three languages."""
    labels = words.load(SPEC.slug)
    top = units.frame["level"] == 1
    code = units.frame.loc[top, "ocean"]
    for lang in LANGUAGES:
        told = code.map({c: labels.class_label("ocean", c, lang) for c in code})
        every = told.reindex(units.frame.index)
        features.derive(facts, f"name_{lang}", units.frame.index, every, units.origin, "name of the ocean")
        if lang == "en":
            name.loc[told.index] = told.to_numpy()


def _status(units: Units, facts: Facts, name: pd.Series) -> None:
    """Say of each watershed where its name comes from, or why it has none."""
    touches = facts.of("countries").reindex(units.frame.index).astype("string").str.contains("USA")
    status = np.select(
        [units.frame["level"] == 1, name.notna(), ~touches.fillna(value=False)],
        ["ocean", "hydrologic_unit", "no_national_file"],
        default="no_match",
    )
    features.derive(
        facts, "name_status", units.frame.index, status, units.origin, "by level, place and overlap"
    )


def _above(units: Units, facts: Facts, name: pd.Series) -> None:
    """Give each watershed the names of the levels above and of its own."""
    at = pd.Series(units.frame.index, index=units.frame.index)
    for _ in range(4):
        level = at.map(units.frame["level"])
        told = at.map(name)
        for number in (1, 2, 3, 4):
            own = told.where(level == number)
            features.derive(
                facts, f"naw{number}_en", units.frame.index, own, units.origin, f"name of its level {number}"
            )
        at = at.map(units.frame["parent"])
