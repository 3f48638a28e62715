"""From the land coverage to the coast, with the ranks of the coastline files.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas.facts import Facts
from naatlas.findings import finding
from naatlas.framework.base import coast
from naatlas.layers import _features as features
from naatlas.layers import _land as land
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Finding, Table, Work
    from naatlas.spec import LayerSpec

#: A shore is a line of a file when it shares half of its vertices; islands differ by a vertex or two between the
#: versions, other shores by all.
SHARE = 0.5

#: Class of a shore by the file that ranks it.
KINDS = {"ne-coastline": "coast", "ne-minor-islands-coastline": "minor_island"}


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Take the shore of every piece of land, one feature for each rank that the coastline files give its parts."""
    table = tables[spec.sources[0].id]
    shores = _ranked(_shores(table), tables)
    lines = _features(shores)
    _settle_land(table, lines, work)
    for name in KINDS.keys() & tables.keys():
        _settle_lines(tables[name], shores.merge(lines[["code", "group", "id"]], on=["code", "group"]), work)
    facts = Facts(work.edition.sources)
    _add(facts, lines, table, tables)
    return features.combined(facts, spec, lines.set_index("id")["geometry"].to_dict())


def _shores(table: Table) -> pd.DataFrame:
    """Return each line of coast by itself: code and geometry."""
    whole = coast(land.coverage(table))
    parts, at = shapely.get_parts(whole.geometry.to_numpy(), return_index=True)
    return pd.DataFrame({"code": whole["code"].to_numpy()[at], "geometry": parts})


def _ranked(shores: pd.DataFrame, tables: Mapping[str, Table]) -> pd.DataFrame:
    """Add kind, scale rank, and source and row that tell it; the last file that knows a shore counts."""
    told = shores.assign(kind="coast", **dict.fromkeys(("scale_rank", "source", "row")))
    lines = told["geometry"].to_numpy()
    for name, kind in KINDS.items():
        if name not in tables:
            continue
        frame = tables[name].frame
        which = features.same_line(lines, features.on_grid(features.shapes_of(tables[name])), SHARE)
        hit, at = which >= 0, which[which >= 0]
        told.loc[hit, "scale_rank"] = frame["scalerank"].to_numpy()[at]
        told.loc[hit, "row"] = frame.index.to_numpy()[at]
        told.loc[hit, ["kind", "source"]] = [kind, name]
    told["group"] = told["kind"] + "|" + told["scale_rank"].astype("string").fillna("")
    return told


def _features(shores: pd.DataFrame) -> pd.DataFrame:
    """Join the shores of one code, kind and rank: one row a feature with id and geometry."""
    groups = shores.groupby(["code", "group"], sort=True)
    lines = groups[["kind", "scale_rank", "source", "row"]].first().reset_index()
    at = groups.ngroup().to_numpy()
    order = np.argsort(at, kind="stable")
    joined = shapely.multilinestrings(shores["geometry"].to_numpy()[order], indices=at[order])
    lines["geometry"] = pd.Series(joined, dtype="object")
    rank = lines["scale_rank"].astype("string").radd("-").fillna("")
    minor = lines["kind"].map({"coast": "", "minor_island": "-M"})
    lines["id"] = "NA-CST-" + lines["code"].replace("", "OTHER") + minor + rank
    return lines


def _settle_land(table: Table, lines: pd.DataFrame, work: Work) -> None:
    first = lines.drop_duplicates("code").set_index("code")["id"]
    into = table.frame["code"].fillna("").map(first)
    shore = into.dropna()
    work.ledger.settle(table.source.id, shore.index, State.AGGREGATED, shore)
    work.ledger.settle(table.source.id, into.index[into.isna()], State.OUT_OF_SCOPE, "has no coast")


def _settle_lines(table: Table, shores: pd.DataFrame, work: Work) -> None:
    """Account for a coastline file: each row ranks a shore, repeats one, or has no land in the coverage."""
    name = table.source.id
    mine = shores[shores["source"] == name].drop_duplicates("row").set_index("row")["id"]
    which = features.same_line(
        features.on_grid(features.shapes_of(table)), shores["geometry"].to_numpy(), SHARE
    )
    twin = pd.Series(shores["id"].to_numpy()[which], index=table.frame.index, dtype="object").where(
        which >= 0
    )
    into = mine.reindex(table.frame.index).fillna(twin)
    known = into.dropna()
    work.ledger.settle(name, known.index, State.ENRICHES, known)
    lost = into.index[into.isna()]
    work.ledger.settle(name, lost, State.OUT_OF_SCOPE, "no land of the framework has this coast")
    if len(lost):
        work.findings.append(_without_land(name, lost))


def _without_land(name: str, lost: pd.Index) -> Finding:
    return finding("coast-without-land", "info", where=name, ids=tuple(str(row) for row in lost))


def _add(facts: Facts, lines: pd.DataFrame, table: Table, tables: Mapping[str, Table]) -> None:
    code = lines["code"].astype("string")
    row = code.map(pd.Series(table.frame.index, index=table.frame["code"].fillna("")))
    origin = features.Origin(table.source.id, row, "code", code)
    features.derive(facts, "country", lines["id"], land.country(code), origin, "other land is FN")
    features.derive(facts, "state", lines["id"], land.state(code), origin, "as published")
    for field, told in land.names(code).items():
        features.derive(facts, field, lines["id"], told, origin, land.NAMED_BY)
    shape = features.Origin(table.source.id, row, "geometry", table.frame["geometry"].reindex(row))
    length = features.length_km(lines["geometry"])
    features.derive(facts, "length_km", lines["id"], length, shape, "measured on the WGS84 ellipsoid")
    features.derive(
        facts, "kind", lines["id"], lines["kind"].where(lines["source"].isna()), shape, "coast of land"
    )
    for name, part in lines.dropna(subset="source").groupby("source"):
        frame = tables[str(name)].frame.loc[part["row"]]
        for field, column, rule in (
            ("kind", "featurecla", "file of the line"),
            ("scale_rank", "scalerank", "rank of the line"),
        ):
            origin = features.Origin(str(name), frame.index, column, frame[column])
            features.derive(facts, field, part["id"], part[field], origin, rule)
