"""Canada: the facilities of the National Pollutant Release Inventory; their releases are in no file that is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.harmonize.translate import Pick, translate
from naatlas.layers._prtr import facility
from naatlas.layers._prtr.sources import NPRI, NPRI_YEAR
from naatlas.ledger import State

if TYPE_CHECKING:
    import pandas as pd

    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

_REGISTER = facility.Register(
    country="CAN",
    agency="ECCC NPRI",
    state="PROVINCE",
    picks=(
        Pick(field="name", column="FACI_NAME"),
        Pick(field="city", column="CITY"),
        Pick(field="sector_national", column="KIS_NAME_EN"),
        Pick(field="npri_id", column="NPRI_ID"),
        Pick(field="latitude", column="LATITUDE"),
        Pick(field="longitude", column="LONGITUDE"),
    ),
)
#: Taken where the column before says nothing.
_ELSE = (Pick(field="name", column="COMP_NAME"), Pick(field="city", column="LAND_SURVEY"))


def add(table: Table, facts: Facts, spec: LayerSpec, work: Work) -> None:
    """Add the facilities that reported for the year of the edition or later: the list tells only the last year."""
    ids = _reporting(table, work)
    kept = facility.add(table, _REGISTER, ids, facts, spec, work)
    fallback = translate(table, _ELSE, spec, work)
    facts.add_translated(fallback, ids[kept], rank=len(work.edition.sources))
    sector = translate(
        table, (Pick(field="sector", column="KIS_NAME_EN", crosswalk="prtr_sectors/npri"),), spec, work
    ).frame["sector"]
    rule = "crosswalk prtr_sectors.csv, vocabulary npri"
    facility.add_sector(table, ids[kept], facts, sector=sector, column="KIS_NAME_EN", rule=rule)
    work.ledger.settle(NPRI.id, kept, State.PUBLISHED, ids[kept])


def _reporting(table: Table, work: Work) -> pd.Series:
    """Atlas id by row of the facilities of the edition; the others are out of scope."""
    first = min(int(work.edition.name), NPRI_YEAR)
    last = table.frame["LAST_REPORT_YEAR"].astype("Int64")
    gone = table.frame.index[last.lt(first).fillna(value=True)]
    work.ledger.settle(NPRI.id, gone, State.OUT_OF_SCOPE, f"last reported before {first}")
    ids: pd.Series = ("CAN-" + table.frame["NPRI_ID"].str.strip()).drop(index=gone)
    return ids
