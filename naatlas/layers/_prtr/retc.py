"""Mexico: the RETC; establishments in one file, what they release and transfer in another, joined within the year."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize.translate import Pick, translate
from naatlas.layers._prtr import facility, releases, sectors
from naatlas.layers._retc_files import Establishments, Releases, layout
from naatlas.ledger import State
from naatlas.sources.coordinates import parse

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

COUNTRY, AGENCY = "MEX", "SEMARNAT RETC"
TWICE = "registration number stands in an earlier row already"
BARE = "no registration number"


def heads(columns: Releases) -> releases.Heads:
    """Where an ``em`` file has the quantities."""
    return releases.Heads(
        media="retc",
        ids="retc",
        substance=columns.cas,
        unit=columns.unit,
        amounts=(columns.air, *columns.others),
    )


def lines(table: Table, work: Work) -> pd.DataFrame:
    """Read an ``em`` file into the long table, with ``atlas_id``, and put its quantities on the books."""
    _, columns = layout(int(table.source.vintage))
    told = releases.long_table(table, heads(columns), work)
    releases.measure(table, told, COUNTRY, work)
    told["atlas_id"] = told["row"].map(owners(table))
    # The register does not say whether dioxins are told as mass or as toxic equivalent.
    return releases.dated(told.assign(basis="not_stated", method="reported"), table.source)


def owners(table: Table) -> pd.Series:
    """Atlas id of the establishment by row of an ``em`` file."""
    return _ids(table, layout(int(table.source.vintage))[1].nra)


def _ids(table: Table, column: str) -> pd.Series:
    """Atlas id by row: the register keeps its own number of an establishment from year to year."""
    ids: pd.Series = f"{COUNTRY}-" + table.frame[column].str.strip()
    return ids


def sites(table: Table, facts: Facts, spec: LayerSpec, work: Work) -> facility.Sites:
    """Add the establishments of an ``es`` file."""
    columns, _ = layout(int(table.source.vintage))
    ids = _ids(table, columns.nra)
    twice, bare = ids.index[ids.notna() & ids.duplicated()], ids.index[ids.isna()]
    work.ledger.settle(table.source.id, twice, State.REJECTED, TWICE)
    work.ledger.settle(table.source.id, bare, State.REJECTED, BARE)
    sector = _sector(table, columns, spec, work)
    if columns.scian is not None:
        # Releases are told by registration number only: of an establishment with several codes the first counts.
        same = pd.Series(0.0, index=ids.index)
        sector = replace(sector, main=sectors.main(table.frame[columns.scian], ids, same))
    return facility.add(
        table, _register(columns), ids.drop([*twice, *bare]), facts, spec, work, sector=sector
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
        country=COUNTRY,
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


def _sector(table: Table, heads: Establishments, spec: LayerSpec, work: Work) -> facility.Sector:
    pick = Pick(field="sector", column=heads.sector, crosswalk="prtr_sectors/retc")
    sector = translate(table, (pick,), spec, work).frame["sector"]
    if heads.scian is None:
        rule = "crosswalk prtr_sectors.csv, vocabulary retc"
        return facility.Sector(sector, column=heads.sector, rule=rule)
    edition = sectors.naics_edition(int(table.source.vintage))
    naics = sectors.naics_2017(table.frame[heads.scian], edition)
    own = sectors.sector_of_naics(naics, f"{table.source.id}, column {heads.scian}", work.unknown)
    rule = f"SCIAN {edition} -> NAICS 2017 -> prtr_sectors.csv; without a code the RETC sector"
    return facility.Sector(own.fillna(sector), column=heads.scian, rule=rule, naics=naics)
