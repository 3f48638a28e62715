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
        Pick(field="last_year", column="LAST_REPORT_YEAR"),
        Pick(field="latitude", column="LATITUDE"),
        Pick(field="longitude", column="LONGITUDE"),
    ),
)
#: Taken where the column before says nothing.
_ELSE = (Pick(field="name", column="COMP_NAME"), Pick(field="city", column="LAND_SURVEY"))


def sites(table: Table, facts: Facts, spec: LayerSpec, work: Work, *, since: int | None) -> facility.Sites:
    """Add the facilities of the list, which tells only the last year that each reported for.

    Parameters
    ----------
    since
        First year for which a facility counts when it is the last one that it reported for; None for all.
    """
    ids = _reporting(table, work, since)
    sector = translate(
        table, (Pick(field="sector", column="KIS_NAME_EN", crosswalk="prtr_sectors/npri"),), spec, work
    ).frame["sector"]
    told = facility.Sector(sector, column="KIS_NAME_EN", rule="crosswalk prtr_sectors.csv, vocabulary npri")
    found = facility.add(table, _REGISTER, ids, facts, spec, work, sector=told)
    fallback = translate(table, _ELSE, spec, work)
    facts.add_translated(fallback, found.told["atlas_id"], rank=len(work.edition.sources))
    return found


def _reporting(table: Table, work: Work, since: int | None) -> pd.Series:
    """Atlas id by row of the facilities that count; the others are out of scope."""
    ids: pd.Series = "CAN-" + table.frame["NPRI_ID"].str.strip()
    if since is None:
        return ids
    first = min(since, NPRI_YEAR)
    last = table.frame["LAST_REPORT_YEAR"].astype("Int64")
    gone = table.frame.index[last.lt(first).fillna(value=True)]
    work.ledger.settle(NPRI.id, gone, State.OUT_OF_SCOPE, f"last reported before {first}")
    return ids.drop(index=gone)
