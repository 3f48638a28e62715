"""From three files to rivers: each line once, the lines of a river joined.

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

    from naatlas.harmonize.translate import Translated
    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec

#: Columns of each file by what they tell; the base geometry has its own.
_CLASS = ("kind", "featurecla")
_RANK = ("rank", "scalerank")


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Take each line once, and join lines of one kind: those of one name and number, or of one name that meet."""
    # the fuller file first: where it and the base geometry round a vertex in different ways, the supplement goes
    # with it, and a tributary stays on its river
    present = [tables[name] for name in work.edition.sources if name in tables]
    told = {t.source.id: translate(t, _picks(t), spec, work) for t in present}
    rows = features.gather(present, features.same_line)
    rivers = _rivers(rows.join(_grouping(present, told)))
    rows["id"] = rows["piece"].map(rivers.explode("pieces").set_index("pieces")["id"])
    features.settle(rows, work.ledger)
    facts = Facts(work.edition.sources)
    for table in present:
        _attributes(told[table.source.id], rows[rows["source"] == table.source.id], facts)
    water_names.add(facts, "river")
    features.add_shapes(facts, rivers, tables, {"length_km": features.length_km(rivers["geometry"])})
    return features.combined(facts, spec, rivers.set_index("id")["geometry"].to_dict())


def _picks(table: Table) -> list[Pick]:
    headers = set(table.frame.columns)
    kind, rank = (next(c for c in names if c in headers) for names in (_CLASS, _RANK))
    full = "name_full" if "name_full" in headers else "name"
    picks = [
        Pick(field="name", column=full, parse=water_names.spelled, rule=water_names.RULE),
        Pick(field="kind", column=kind, crosswalk="natural_earth/river"),
        Pick(field="scale_rank", column=rank),
    ]
    if "name_en" in headers:
        picks.append(
            Pick(field="name_en", column="name_en", parse=water_names.spelled, rule=water_names.RULE)
        )
    if "rivernum" in headers:
        picks.append(Pick(field="river_number", column="rivernum", parse=_number, rule="0 is no number"))
    return picks


def _number(text: pd.Series) -> pd.Series:
    plain = text.astype("string").str.removesuffix(".0")
    return plain.mask(plain.eq("0").fillna(value=False))


def _grouping(tables: list[Table], told: Mapping[str, Translated]) -> pd.DataFrame:
    """Return short name, number, kind and rank of all rows, in the order of ``gather``."""
    parts = []
    for table in tables:
        frame = told[table.source.id].frame.reindex(columns=["river_number", "kind", "scale_rank"])
        parts.append(frame.assign(short=water_names.spelled(table.frame["name"])))
    return pd.concat(parts, ignore_index=True)


def _rivers(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a river that touches the three countries: id, pieces, geometry, its first source and row."""
    lines = rows[rows["own"]].set_index("piece")
    best = rows[rows["piece"] >= 0].groupby("piece")[["short", "river_number", "kind"]].first()
    chain = features.chains(lines["geometry"].to_numpy(), best["short"], best["river_number"])
    group = best.assign(chain=chain).groupby(["chain", "kind"]).ngroup()
    lines = lines.assign(group=group).reset_index()
    rivers = lines.groupby("group").agg(
        source=("source", "first"), row=("row", "first"), pieces=("piece", list)
    )
    rivers["geometry"] = _joined(lines)
    rivers["id"] = features.place_ids("NA-RIV", rivers["geometry"]).to_numpy()
    rivers = rivers.assign(**features.touched(rivers["geometry"]))
    return rivers[rivers["country"].notna()]


def _joined(lines: pd.DataFrame) -> pd.Series:
    """Join the lines of each group; where two of them meet and no third does, they become one."""
    parts, at = shapely.get_parts(lines["geometry"].to_numpy(), return_index=True)
    group = lines["group"].to_numpy()[at]
    order = group.argsort(kind="stable")
    many = shapely.multilinestrings(parts[order], indices=group[order])
    return pd.Series(shapely.line_merge(many), dtype="object")


def _attributes(told: Translated, rows: pd.DataFrame, facts: Facts) -> None:
    """Add what the file tells of each river, of its most important line first, and the short name last of all."""
    entity = rows.set_index("row")["id"].dropna()
    entity = entity.loc[told.frame.loc[entity.index, "scale_rank"].sort_values(kind="stable").index]
    facts.add_translated(told, entity)
    if told.picks["name"].column != "name":
        short = told.table.frame.loc[entity.index, "name"]
        facts.add(
            "name", entity, water_names.spelled(short), source=told.table.source.id, row=entity.index,
            column="name", national=short, rule=water_names.RULE, rank=features.DERIVED_RANK,
        )  # fmt: skip
