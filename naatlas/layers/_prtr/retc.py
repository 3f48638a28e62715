"""Mexico: the RETC; establishments in one file, what they release and transfer in another, joined within the year."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize.ids import stable_ids
from naatlas.harmonize.translate import Pick, translate
from naatlas.layers._prtr import facility, releases, sectors
from naatlas.layers._retc_files import Establishments, Releases, layout
from naatlas.ledger import State
from naatlas.sources.coordinates import parse

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

AGENCY = "SEMARNAT RETC"
UNKNOWN = "registration number is not among the establishments of the year"
LOST = "its establishment has no usable point"


def heads(columns: Releases) -> releases.Heads:
    """Where an ``em`` file has the quantities."""
    return releases.Heads(
        media="retc",
        ids="retc",
        substance=columns.cas,
        unit=columns.unit,
        amounts=(columns.air, *columns.others),
    )


def add(sites: Table, amounts: Table, facts: Facts, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Add the establishments of a year.

    Returns
    -------
    DataFrame
        The long table of what they report, with ``atlas_id``.
    """
    places, columns = layout(int(sites.source.vintage))
    ids = _ids(sites, places, work)
    kept = facility.add(sites, _register(places), ids, facts, spec, work)
    _add_sector(sites, places, ids[kept], facts, spec, work)
    work.ledger.settle(sites.source.id, kept, State.PUBLISHED, ids[kept])
    lines = releases.long_table(amounts, heads(columns), work)
    releases.measure(amounts, lines, "MEX", work)
    by_number = ids.set_axis(sites.frame.loc[ids.index, places.nra].str.strip())
    owner = amounts.frame[columns.nra].str.strip().map(by_number)
    _settle(amounts, owner, ids[kept], work)
    lines["atlas_id"] = lines["row"].map(owner[owner.isin(ids[kept])])
    # The register does not say whether dioxins are told as mass or as toxic equivalent.
    return lines.dropna(subset="atlas_id").assign(
        source=amounts.source.id, basis="not_stated", method="reported"
    )


def _angles(heads: Establishments) -> tuple[Pick, Pick]:
    west = partial(parse, axis="lon", positive_west=True)
    north = partial(parse, axis="lat")
    return (
        Pick(field="latitude", column=heads.latitude, parse=lambda text: north(text)["degrees"]),
        Pick(field="longitude", column=heads.longitude, parse=lambda text: west(text)["degrees"]),
    )


def _register(heads: Establishments) -> facility.Register:
    scian = () if heads.scian is None else (Pick(field="naics_national", column=heads.scian),)
    return facility.Register(
        country="MEX",
        agency=AGENCY,
        state=heads.state,
        picks=(
            Pick(field="name", column=heads.name),
            Pick(field="city", column=heads.municipality),
            Pick(field="sector_national", column=heads.sector),
            Pick(field="retc_nra", column=heads.nra),
            *scian,
            *_angles(heads),
        ),
    )


def _ids(table: Table, heads: Establishments, work: Work) -> pd.Series:
    """Atlas id by row: the register's own numbers change from year to year, so name and place make it."""
    text = table.frame
    number = text[heads.nra].str.strip()
    twice = text.index[number.duplicated()]
    work.ledger.settle(
        table.source.id, twice, State.REJECTED, "registration number stands in an earlier row already"
    )
    text = text.drop(index=twice)
    country = pd.Series("MEX", index=text.index)
    # A row without a point is rejected later; until then it needs some id.
    lat, lon = (pick.parse(text[pick.column]).fillna(0.0) for pick in _angles(heads) if pick.parse)
    return stable_ids(country, text[heads.name].fillna(""), text[heads.state].fillna(""), lon, lat)


def _add_sector(
    table: Table, heads: Establishments, ids: pd.Series, facts: Facts, spec: LayerSpec, work: Work
) -> None:
    pick = Pick(field="sector", column=heads.sector, crosswalk="prtr_sectors/retc")
    sector = translate(table, (pick,), spec, work).frame["sector"]
    rule, column, naics = "crosswalk prtr_sectors.csv, vocabulary retc", heads.sector, None
    if heads.scian is not None:
        edition = sectors.naics_edition(int(table.source.vintage))
        naics = sectors.naics_2017(table.frame[heads.scian], edition)
        own = sectors.sector_of_naics(naics, f"{table.source.id}, column {heads.scian}", work.unknown)
        sector, column = own.fillna(sector), heads.scian
        rule = f"SCIAN {edition} -> NAICS 2017 -> prtr_sectors.csv; without a code the RETC sector"
    facility.add_sector(table, ids, facts, sector=sector, column=column, rule=rule, naics=naics)


def _settle(table: Table, owner: pd.Series, kept: pd.Series, work: Work) -> None:
    source, ledger = table.source.id, work.ledger
    ledger.settle(source, owner.index[owner.isna()], State.REJECTED, UNKNOWN)
    placed = owner.isin(kept)
    ledger.settle(source, owner.index[owner.notna() & ~placed], State.REJECTED, LOST)
    ledger.settle(source, owner.index[placed], State.AGGREGATED, owner[placed])
