"""The registers as a whole: every file read once, every row settled, one long table of all years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.layers._prtr import npri, npri_releases, retc, tri
from naatlas.layers._prtr.npri_files import FLOWS, PLACES
from naatlas.layers._prtr.sources import NPRI
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.facts import Facts
    from naatlas.layers._prtr.facility import Sites
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

#: Columns of the long table.
COLUMNS = (
    "atlas_id",
    "substance",
    "kind",
    "group",
    "medium",
    "on_site",
    "year",
    "kg",
    "g",
    "basis",
    "method",
    "flag",
    "source",
    "row",
    "national_column",
    "amount",
    "national_unit",
)
UNKNOWN = "registration number is not among the establishments"
LOST = "its facility has no usable point"


@dataclass(frozen=True, slots=True)
class Registers:
    """What the files of an edition tell.

    Attributes
    ----------
    sites
        One row a facility and file, the newest files first: ``atlas_id``, ``source``, ``row``, ``year``, ``name``,
        ``city``, ``state``, ``sector``, ``sector_national``, ``longitude``, ``latitude``, ``coordinate_quality``.
        The year of Canada's list is that of the list.
    lines
        The long table (``COLUMNS``, but ``flag``) of the facilities that have a point.
    lost
        The lines of the others: what was rejected with its row.
    """

    sites: pd.DataFrame
    lines: pd.DataFrame
    lost: pd.DataFrame


def read_lines(tables: Mapping[str, Table], work: Work) -> pd.DataFrame:
    """Read what all files with quantities report, of whatever years they are.

    Parameters
    ----------
    tables
        By source id: ``em`` files of the RETC, files of the TRI, bulk files of the NPRI; others are passed over.

    Returns
    -------
    DataFrame
        The long table, one line a row of a file and medium, in the order of the files: ``COLUMNS`` but ``flag``. An
        ``atlas_id`` here may be of a facility that has no point, or that no list of facilities names.
    """
    readers = {"mex-retc-em": retc.lines, "usa-tri": tri.lines} | dict.fromkeys(FLOWS, npri_releases.lines)
    parts = [
        read(table, work)
        for name, table in tables.items()
        for begin, read in readers.items()
        if name.startswith(begin)
    ]
    return pd.concat(parts, ignore_index=True)


def read_all(
    tables: Mapping[str, Table], facts: Facts, spec: LayerSpec, work: Work, *, since: int | None = None
) -> Registers:
    """Read all files of an edition, settle their rows, and add what they say of each facility.

    Where several years tell of a facility, the newest with a usable point speaks for it: the edition lists its
    sources from the newest to the oldest.

    Parameters
    ----------
    since
        First year for which a facility of Canada's list counts; None for all of them.
    """
    found = [*_sites(tables, facts, spec, work, since)]
    lines = read_lines(tables, work)
    sites = pd.concat([_dated(site) for site in found], ignore_index=True)
    placed = pd.Index(sites["atlas_id"].unique(), dtype=object)
    refused = {i for site in found for i in site.refused["atlas_id"]}
    known = placed.append(pd.Index(sorted(refused.difference(placed)), dtype=object))
    _settle_sites(found, placed, work)
    _settle_amounts(tables, placed, known, work)
    there = _among(lines["atlas_id"], placed)
    kept, lost = (lines[part].reset_index(drop=True) for part in (there, ~there))
    npri_releases.add_sectors(tables, kept, facts, work)
    return Registers(sites, kept, lost)


def _among(ids: pd.Series, known: pd.Index) -> pd.Series:
    """Tell which ids are known; the index keeps its hash table from file to file, as ``isin`` does not."""
    found = known.get_indexer(pd.Index(ids, dtype=object))
    return pd.Series(found, index=ids.index).ge(0)


def _sites(
    tables: Mapping[str, Table], facts: Facts, spec: LayerSpec, work: Work, since: int | None
) -> Sequence[Sites]:
    canadian = {PLACES.id: npri.places, NPRI.id: npri.sites}
    found = [read(tables[n], facts, spec, work, since=since) for n, read in canadian.items() if n in tables]
    for name, table in tables.items():
        if name.startswith("mex-retc-es"):
            found.append(retc.sites(table, facts, spec, work))
        elif name.startswith("usa-tri"):
            found.append(tri.sites(table, facts, spec, work))
    return found


def _dated(site: Sites) -> pd.DataFrame:
    source = site.table.source
    return site.told.reset_index(names="row").assign(source=source.id, year=int(source.vintage))


def _settle_sites(found: Sequence[Sites], placed: pd.Index, work: Work) -> None:
    """Settle the rows that tell of facilities: the newest is the facility, older ones repeat it."""
    newest: set[str] = set()
    for site in found:
        source, ids = site.table.source.id, site.told["atlas_id"]
        again = pd.Series([i in newest for i in ids], index=ids.index, dtype=bool)
        newest.update(ids)
        elsewhere = _among(site.refused["atlas_id"], placed)
        older, lost = site.refused[elsewhere]["atlas_id"], site.refused[~elsewhere]["why"]
        work.ledger.settle(source, ids.index[~again], State.PUBLISHED, ids[~again])
        work.ledger.settle(source, ids.index[again], State.MERGED, ids[again])
        work.ledger.settle(source, older.index, State.MERGED, older)
        work.ledger.settle(source, lost.index, State.REJECTED, lost)


def _settle_amounts(tables: Mapping[str, Table], placed: pd.Index, known: pd.Index, work: Work) -> None:
    """Settle the rows with quantities that are no facility themselves: they are added to theirs."""
    for name, table in tables.items():
        if name.startswith("mex-retc-em"):
            ids = retc.owners(table)
        elif name in FLOWS:
            ids = npri_releases.owners(table)[work.ledger.open_of(name)]
        elif name.startswith("usa-tri"):
            ids = tri.ids_of(table)[work.ledger.open_of(name)]
        else:
            continue
        there, told = _among(ids, placed), _among(ids, known)
        work.ledger.settle(name, ids.index[there], State.AGGREGATED, ids[there])
        work.ledger.settle(name, ids.index[~there & told], State.REJECTED, LOST)
        work.ledger.settle(name, ids.index[~told], State.REJECTED, UNKNOWN)
