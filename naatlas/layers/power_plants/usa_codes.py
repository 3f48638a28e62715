"""EIA plant codes for the American plants of the trilateral tables, which carry none.

Two lists have names and codes: EIA-860 of 2023, which has most plants that retired since, and eGRID 2021, which has
some more of them. Both serve as a directory only: nothing but the code is taken from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from naatlas.findings import finding
from naatlas.framework import places
from naatlas.harmonize import overrides
from naatlas.harmonize.linkage import link as link_plants
from naatlas.harmonize.translate import Pick, translate
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.facts import Facts
    from naatlas.harmonize.overrides import Overrides
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

PLANT, UNITS = "usa-eia860-plant-2023", "usa-egrid-units-2021"
LISTS = (PLANT, UNITS)

#: EIA hands out plant codes in order. Of 5,900 plants with one name, state and place in both lists, the youngest of
#: August 2017 has code 61288, but for one whose site was split up in 2021: a higher code is of a later plant.
LAST_CODE = 61_300

KM_A_DEGREE = 111.2
#: EIA moved points by up to some kilometres between the two lists when it surveyed them anew.
SAME_PLACE_KM = 20.0
#: Points are given to four decimals of a degree or better, 11 m.
SAME_POINT_M = 25.0
#: Exelon's wind plants 10 and 11 stand 1.8 km apart and each kept its code; parts of one plant stand closer.
NEIGHBOUR_M = 1500.0
#: Place and state agree, the name does not: sure, but less than the name.
SAME_POINT_SCORE = 90.0

_PICKS = {
    PLANT: (
        Pick(field="eia_plant_code", column="Plant Code"),
        Pick(field="name", column="Plant Name"),
        Pick(field="owner", column="Utility Name"),
        Pick(field="latitude", column="Latitude"),
        Pick(field="longitude", column="Longitude"),
    ),
    UNITS: (Pick(field="eia_plant_code", column="orispl"), Pick(field="name", column="pname")),
}
_STATE = {PLANT: "State", UNITS: "pstatabb"}


def link(base: pd.DataFrame, tables: Mapping[str, Table], spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Link plants to the two lists of codes: by name and place to EIA-860, by the very name to eGRID.

    Parameters
    ----------
    base
        American plants of the union: state, name, owner, longitude, latitude.

    Returns
    -------
    DataFrame
        By label of ``base``: ``code``, ``list`` (source id) and ``row`` in it, ``score``, ``reason``; unlinked plants
        are left out and stand in a finding with their MW.
    """
    base = base.assign(key=base["name"] + " / " + base["state"])
    told = _by_name_and_place(base, tables[PLANT], spec, work)
    if UNITS in tables:
        rest = base.drop(index=told.index)
        told = pd.concat([told, _by_name(rest, told["code"], tables[UNITS], spec, work)])
    _report(base.drop(index=told.index), work)
    return told


def _directory(table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Names, codes and states of a list, as far as its plants were there in August 2017."""
    told = translate(table, _PICKS[table.source.id], spec, work).frame
    told = told.assign(country="USA", state=places.resolve_state(table.frame[_STATE[table.source.id]], "USA"))
    told["key"] = told["eia_plant_code"]
    return told[pd.to_numeric(told["eia_plant_code"]).le(LAST_CODE)]


def _decided(table: Table) -> tuple[Overrides, bool]:
    return overrides.load("usa", "power-plants", table.source.id), table.input.tier == "starter"


def _by_name_and_place(base: pd.DataFrame, table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    right = _directory(table, spec, work)
    sure = _by_published_name(base, right)
    decided, partial = _decided(table)
    ours, theirs = base.drop(index=sure.index, columns="capacity_mw"), right.drop(index=pd.Index(sure["row"]))
    links = link_plants(ours, theirs, overrides=decided, partial=partial)
    told = pd.concat([sure, links.linked.set_index("left").rename(columns={"right": "row"})])
    told = pd.concat([told, _by_point(base.drop(index=told.index), right.drop(index=pd.Index(told["row"])))])
    return told.assign(code=right["eia_plant_code"].reindex(told["row"]).to_numpy(), list=table.source.id)


def _by_point(base: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Link plants that were sold and renamed: they keep their point, and nobody else is there in either list.

    A plant with another unlinked one beside it may be a part of what the later list has as one (Mojave 3, 4, 5).
    """
    ours, theirs = (frame.dropna(subset=["longitude", "latitude"]) for frame in (base, right))
    here, there = KDTree(_metres(ours)), KDTree(_metres(theirs))
    found = here.query_ball_tree(there, SAME_POINT_M)
    beside = here.query_ball_tree(here, NEIGHBOUR_M)
    alone = [len(f) == 1 and len(b) == 1 for f, b in zip(found, beside, strict=True)]
    one = pd.Series([f[0] if f else -1 for f in found], index=ours.index, dtype="int64")[alone]
    told = pd.DataFrame({"row": theirs.index[one.to_numpy()]}, index=one.index)
    same = ours.loc[told.index, "state"].to_numpy() == theirs.loc[told["row"], "state"].to_numpy()
    rows = told.loc[same, "row"]
    was = "same point, alone there; now named " + theirs.loc[rows, "name"]
    left = rows.index.rename("left")
    return pd.DataFrame(
        {"row": rows.to_numpy(), "score": SAME_POINT_SCORE, "reason": was.to_numpy()}, index=left
    )


def _metres(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Put points on a local plane: east by the latitude's own length of a degree."""
    north = frame["latitude"].to_numpy("float64")
    east = frame["longitude"].to_numpy("float64") * np.cos(np.radians(north))
    return np.column_stack([east, north]) * KM_A_DEGREE * 1000.0


def _by_published_name(base: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Link plants whose name stands letter by letter in both lists, once in the state, and at one place.

    Both lists are EIA's: such a name is as good as a key, and a neighbour on the same site does not make it doubtful.
    """
    both = _same_name(base, right)
    north = both["latitude"] - both["latitude_list"]
    east = (both["longitude"] - both["longitude_list"]) * np.cos(np.radians(both["latitude"]))
    km = np.hypot(north, east) * KM_A_DEGREE
    near = both[km <= SAME_PLACE_KM]
    reason = "same name and state, " + km[near.index].map("{:.1f} km".format)
    told = pd.DataFrame({"row": near["label_list"], "score": 100.0, "reason": reason})
    return told.set_index(near["label"].rename("left"))


def _same_name(base: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    keys = ["name", "state"]
    once = [
        frame[~frame.duplicated(keys, keep=False)].rename_axis("label").reset_index()
        for frame in (base, right)
    ]
    return once[0].merge(once[1], on=keys, suffixes=("", "_list"))


def _by_name(base: pd.DataFrame, taken: pd.Series, table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Link what is left to eGRID, which has no points: only by the very name, or where a person decided."""
    right = _directory(table, spec, work).drop_duplicates("eia_plant_code")
    right = right[~right["eia_plant_code"].isin(taken)]
    both = _same_name(base, right)
    sure = pd.DataFrame({"row": both["label_list"], "score": 100.0, "reason": "same name and state"})
    sure = sure.set_index(both["label"].rename("left"))
    decided, partial = _decided(table)
    if not partial:
        decided.check(base["key"], right["key"])
    same = [(o.left_key, o.right_key, o.reason) for o in decided.lines if o.decision == "same"]
    lines = pd.DataFrame(same, columns=["ours", "theirs", "reason"])
    hand = lines.merge(
        base.rename_axis("left").reset_index()[["left", "key"]], left_on="ours", right_on="key"
    )
    hand = hand.merge(
        right.rename_axis("row").reset_index()[["row", "key"]], left_on="theirs", right_on="key"
    )
    told = pd.concat([sure, hand.set_index("left")[["row", "reason"]]])
    return told.assign(code=right["eia_plant_code"].reindex(told["row"]).to_numpy(), list=table.source.id)


def _report(lost: pd.DataFrame, work: Work) -> None:
    if lost.empty:
        return
    mw = lost["capacity_mw"].sum()
    work.findings.append(
        finding(
            "no-eia-plant-code",
            "warning",
            where="USA",
            ids=tuple(lost["name"] + " (" + lost["state"].fillna("?") + ")"),
            mw=float(mw),
        )
    )


def add(codes: pd.DataFrame, ids: pd.Series, facts: Facts, tables: Mapping[str, Table], work: Work) -> None:
    """Add the codes as facts and settle the rows of both lists.

    Parameters
    ----------
    ids
        Atlas id by label of the plants that were linked.
    """
    told = codes[codes.index.isin(ids.index)]
    for source in [name for name in LISTS if name in tables]:
        own = told[told["list"] == source]
        entity, rows = ids[own.index], pd.Index(own["row"])
        facts.add(
            "eia_plant_code", entity, own["code"], source=source, row=rows, column=_PICKS[source][0].column,
            national=own["code"], rule="linked: " + own["reason"], score=own["score"],
        )  # fmt: skip
        work.ledger.settle(source, rows, State.ENRICHES, entity)
        rest = tables[source].frame.index.difference(rows)
        work.ledger.settle(
            source, rest, State.OUT_OF_SCOPE, "no plant of this edition takes its code from here"
        )
