"""Which plant of the trilateral tables a row of a Mexican register is; nothing is linked by force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.harmonize import overrides
from naatlas.harmonize.linkage import AMBIGUOUS, LINKED, LinkRules, link

if TYPE_CHECKING:
    import pandas as pd

    from naatlas.harmonize.overrides import Override, Overrides
    from naatlas.model import Table

#: Points of the RETC lie within a few kilometres; a name that fits farther away needs a person's word.
ESTABLISHMENTS = LinkRules(threshold=75.0)

#: Permits have no point: name, state, owner, source and capacity must carry the link. Below 79 the first
#: wrong pairs come (a bakery's generator in Tijuana and the plant Tijuana).
PERMITS = LinkRules(threshold=79.0)


def match(rows: pd.DataFrame, plants: pd.DataFrame, table: Table, rules: LinkRules) -> pd.DataFrame:
    """Link rows of a register to plants.

    Parameters
    ----------
    rows
        By row number: ``key`` and the columns that linkage compares.
    plants
        Mexican plants by atlas id.

    Returns
    -------
    DataFrame
        By row number, all rows: ``id`` (missing where none), ``score``, ``reason`` of the link or its lack.
    """
    decided = overrides.load("mexico", table.source.id, "power-plants")
    partial = table.input.tier == "starter"
    found = link(rows, _right(plants), rules=rules, overrides=decided, partial=partial)
    linked = found.linked.set_index("left")
    told = linked[["right", "score", "reason"]].rename(columns={"right": "id"}).reindex(rows.index)
    told["id"] = told["id"].astype("string")
    refused = rows["key"].map(_refusals(decided))
    told["reason"] = told["reason"].fillna(refused).fillna(_without(found.pairs, plants, rows.index))
    return told


def _refusals(decided: Overrides) -> dict[str, str]:
    """Tell by row key why a person refused the plants that seem to fit."""
    told: dict[str, list[Override]] = {}
    for line in decided.lines:
        if line.decision == "different":
            told.setdefault(line.left_key, []).append(line)
    return {key: _refusal(lines) for key, lines in told.items()}


def _refusal(lines: list[Override]) -> str:
    first, names = lines[0], "; ".join(line.right_key for line in lines)
    return f"{first.why}; so not linked to {names} (decided by {first.decided_by}, {first.decided_on})"


def _right(plants: pd.DataFrame) -> pd.DataFrame:
    columns = ["country", "state", "name", "owner", "capacity_mw", "longitude", "latitude"]
    told = plants[columns].assign(energy_source=plants["primary_source"])
    return told.assign(key=told["name"].astype("string") + " / " + told["state"].astype("string"))


def _without(pairs: pd.DataFrame, plants: pd.DataFrame, rows: pd.Index) -> pd.Series:
    """Say why a row has no plant, with the plants that it might be."""
    rest = pairs[pairs["decision"] != LINKED].sort_values(
        ["left", "score"], ascending=[True, False], kind="stable"
    )
    label = plants["name"].reindex(rest["right"]).set_axis(rest.index).astype("string")
    label = label + " (likeness " + rest["score"].astype("string") + " of 100)"
    names = label.groupby(rest["left"]).agg("; ".join)
    doubtful = rest["decision"].eq(AMBIGUOUS).groupby(rest["left"]).any().reindex(names.index)
    why = doubtful.map(
        {
            True: "may be any of several plants of the layer: ",
            False: "no plant of the layer is enough like it; nearest: ",
        }
    )
    told: pd.Series = (why + names).reindex(rows)
    return told.fillna("no plant of the layer in its state has a name like it")
