"""EIA plant codes for the American plants of the trilateral tables, which carry none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.framework import places
from naatlas.harmonize.linkage import link as link_plants
from naatlas.harmonize.translate import Pick, translate
from naatlas.ledger import State
from naatlas.model import Finding

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

KM_A_DEGREE = 111.2
#: EIA moved points by up to some kilometres between the two lists when it surveyed them anew.
SAME_PLACE_KM = 20.0

_PICKS = (
    Pick(field="eia_plant_code", column="Plant Code"),
    Pick(field="name", column="Plant Name"),
    Pick(field="owner", column="Utility Name"),
    Pick(field="latitude", column="Latitude"),
    Pick(field="longitude", column="Longitude"),
)


def link(base: pd.DataFrame, table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Link plants by name, owner and place to the EIA-860 plant list, which keeps retired plants too.

    Parameters
    ----------
    base
        American plants of the union: state, name, owner, longitude, latitude.

    Returns
    -------
    DataFrame
        By label of ``base``: ``code``, ``row`` of the plant list, ``score``, ``reason``; unlinked plants are left
        out and stand in a finding with their MW.
    """
    rows = translate(table, _PICKS, spec, work).frame
    right = rows.assign(country="USA", state=places.resolve_state(table.frame["State"], "USA"))
    sure = _by_published_name(base, right)
    links = link_plants(base.drop(index=sure.index, columns="capacity_mw"), right.drop(index=sure["row"]))
    told = pd.concat([sure, links.linked.set_index("left").rename(columns={"right": "row"})])
    told["code"] = rows["eia_plant_code"].reindex(told["row"]).to_numpy()
    _report(base.loc[~base.index.isin(told.index)], work)
    return told


def _by_published_name(base: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Link plants whose name stands letter by letter in both lists, once in the state, and at one place.

    Both lists are EIA's: such a name is as good as a key, and a neighbour on the same site does not make it doubtful.
    """
    keys = ["name", "state"]
    once = [
        frame[~frame.duplicated(keys, keep=False)].rename_axis("label").reset_index()
        for frame in (base, right)
    ]
    both = once[0].merge(once[1], on=keys, suffixes=("", "_860"))
    north = both["latitude"] - both["latitude_860"]
    east = (both["longitude"] - both["longitude_860"]) * np.cos(np.radians(both["latitude"]))
    km = np.hypot(north, east) * KM_A_DEGREE
    near = both[km <= SAME_PLACE_KM]
    reason = "same name and state, " + km[near.index].map("{:.1f} km".format)
    told = pd.DataFrame({"row": near["label_860"], "score": 100.0, "reason": reason})
    return told.set_index(near["label"].rename("left"))


def _report(lost: pd.DataFrame, work: Work) -> None:
    if lost.empty:
        return
    mw = lost["capacity_mw"].sum()
    work.findings.append(
        Finding(
            rule="no-eia-plant-code",
            severity="warning",
            where="USA",
            message=f"{len(lost)} plants ({mw:,.1f} MW) link to no EIA plant code; their id is a hash and they have no emissions",
            advice="decide the pairs by hand and add them to the table of links",
            count=len(lost),
            ids=tuple(lost["name"] + " (" + lost["state"].fillna("?") + ")"),
        )
    )


def add(codes: pd.DataFrame, ids: pd.Series, facts: Facts, table: Table, work: Work) -> None:
    """Add the codes as facts and settle the rows of the plant list.

    Parameters
    ----------
    ids
        Atlas id by label of the plants that were linked.
    """
    told = codes[codes.index.isin(ids.index)]
    entity = ids[told.index]
    source = table.source.id
    rows = pd.Index(told["row"])
    facts.add(
        "eia_plant_code", entity, told["code"], source=source, row=rows, column="Plant Code", national=told["code"],
        rule="linked: " + told["reason"], score=told["score"],
    )  # fmt: skip
    work.ledger.settle(source, rows, State.ENRICHES, entity)
    rest = table.frame.index.difference(rows)
    work.ledger.settle(source, rest, State.OUT_OF_SCOPE, "no plant of this edition links to it")
