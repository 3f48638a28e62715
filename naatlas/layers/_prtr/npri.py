"""Canada: the facilities of the National Pollutant Release Inventory, from its list and its bulk file of places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.harmonize.translate import Pick, translate
from naatlas.layers._prtr import facility, sectors
from naatlas.layers._prtr.npri_files import PLACE
from naatlas.layers._prtr.npri_releases import ids_of
from naatlas.layers._prtr.sources import NPRI_YEAR
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
_PLACES = facility.Register(
    country="CAN",
    agency="ECCC NPRI",
    state=PLACE["state"],
    picks=(
        Pick(field="name", column=PLACE["name"]),
        Pick(field="city", column=PLACE["city"]),
        Pick(field="naics_national", column=PLACE["naics"]),
        Pick(field="npri_id", column=PLACE["number"]),
        Pick(field="latitude", column=PLACE["latitude"]),
        Pick(field="longitude", column=PLACE["longitude"]),
    ),
)
_PLACES_ELSE = (Pick(field="name", column=PLACE["company"]),)
#: Taken where the column before says nothing.
_ELSE = (Pick(field="name", column="COMP_NAME"), Pick(field="city", column="LAND_SURVEY"))


def sites(table: Table, facts: Facts, spec: LayerSpec, work: Work, *, since: int | None) -> facility.Sites:
    """Add the facilities of the list, which tells only the last year that each reported for.

    Parameters
    ----------
    since
        First year for which a facility counts when it is the last one that it reported for; None for all.
    """
    first = None if since is None else min(since, NPRI_YEAR)
    ids = _reporting(table, "NPRI_ID", "LAST_REPORT_YEAR", work, first)
    pick = Pick(field="sector", column="KIS_NAME_EN", crosswalk="prtr_sectors/npri")
    sector = translate(table, (pick,), spec, work).frame["sector"]
    told = facility.Sector(sector, column="KIS_NAME_EN", rule="crosswalk prtr_sectors.csv, vocabulary npri")
    found = facility.add(table, _REGISTER, ids, facts, spec, work, sector=told)
    _add_else(table, _ELSE, found, facts, spec, work)
    return found


def places(table: Table, facts: Facts, spec: LayerSpec, work: Work, *, since: int | None) -> facility.Sites:
    """Add the facilities of the bulk file of places, which goes on after the list ends; ``since`` as for the list."""
    ids = _reporting(table, PLACE["number"], PLACE["last_year"], work, since)
    twice = ids.index[ids.duplicated()]
    work.ledger.settle(table.source.id, twice, State.REJECTED, "number stands in an earlier row already")
    where = f"{table.source.id}, column {PLACE['naics']}"
    own, naics = sectors.classed(table.frame[PLACE["naics"]], "2017", where, work.unknown)
    told = facility.Sector(own, column=PLACE["naics"], rule="NAICS 2017 -> prtr_sectors.csv", naics=naics)
    found = facility.add(table, _PLACES, ids.drop(twice), facts, spec, work, sector=told)
    _add_else(table, _PLACES_ELSE, found, facts, spec, work)
    return found


def _add_else(
    table: Table, picks: tuple[Pick, ...], found: facility.Sites, facts: Facts, spec: LayerSpec, work: Work
) -> None:
    fallback = translate(table, picks, spec, work)
    facts.add_translated(fallback, found.told["atlas_id"], rank=len(work.edition.sources))


def _reporting(table: Table, number: str, year: str, work: Work, first: int | None) -> pd.Series:
    """Atlas id by row of the facilities that count; the others are out of scope."""
    ids = ids_of(table.frame[number])
    if first is None:
        return ids
    last = table.frame[year].astype("Int64")
    gone = table.frame.index[last.lt(first).fillna(value=True)]
    work.ledger.settle(table.source.id, gone, State.OUT_OF_SCOPE, f"last reported before {first}")
    return ids.drop(index=gone)
