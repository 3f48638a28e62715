"""United States: the Toxics Release Inventory; one row a form, which tells its facility again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.harmonize.translate import Pick
from naatlas.layers._prtr import facility, releases, sectors
from naatlas.layers._prtr.tri_files import Layout, layout
from naatlas.ledger import State

if TYPE_CHECKING:
    import pandas as pd

    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

AGENCY = "EPA TRI"
LOST = "its facility has no usable point"

#: Method of a line by the form that tells it.
CERTIFIED = "certified_below_threshold"
FORMS = {"R": "reported", "A": CERTIFIED}


def heads(columns: Layout) -> releases.Heads:
    """Where a basic data file has the quantities."""
    return releases.Heads(
        media=columns.vocabulary,
        ids="tri",
        substance=columns.substance,
        unit=columns.unit,
        amounts=columns.amounts,
    )


def add(table: Table, facts: Facts, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Add the facilities of a file.

    Returns
    -------
    DataFrame
        The long table of what they report, with ``atlas_id``.
    """
    columns = layout(table.source)
    ids = "USA-" + table.frame[columns.facility].str.strip()
    first = ids[~ids.duplicated()]
    kept = facility.add(table, _register(columns), first, facts, spec, work)
    _add_sector(table, columns, first[kept], facts, work)
    lines = releases.long_table(table, heads(columns), work)
    releases.measure(table, lines, "USA", work)
    _settle(table, ids, kept, work)
    lines = _certified(lines, table, columns, work)
    lines["atlas_id"] = lines["row"].map(ids[ids.isin(first[kept])])
    return lines.dropna(subset="atlas_id").assign(source=table.source.id, basis="mass")


def _register(columns: Layout) -> facility.Register:
    return facility.Register(
        country="USA",
        agency=AGENCY,
        state=columns.state,
        picks=(
            Pick(field="name", column=columns.name),
            Pick(field="city", column=columns.city),
            Pick(field="sector_national", column=columns.sector),
            Pick(field="naics_national", column=columns.naics),
            Pick(field="tri_id", column=columns.facility),
            Pick(field="latitude", column=columns.latitude),
            Pick(field="longitude", column=columns.longitude),
        ),
    )


def _add_sector(table: Table, columns: Layout, ids: pd.Series, facts: Facts, work: Work) -> None:
    edition = sectors.naics_edition(int(table.source.vintage))
    naics = sectors.naics_2017(table.frame[columns.naics], edition)
    sector = sectors.sector_of_naics(naics, f"{table.source.id}, column {columns.naics}", work.unknown)
    rule = f"NAICS {edition} -> 2017 -> prtr_sectors.csv"
    facility.add_sector(table, ids, facts, sector=sector, column=columns.naics, rule=rule, naics=naics)


def _certified(lines: pd.DataFrame, table: Table, columns: Layout, work: Work) -> pd.DataFrame:
    """Say how each line is told; form A certifies that little was released: its zeros are no quantities."""
    forms = table.frame[columns.form].str.strip()
    lost = forms[~forms.isin(list(FORMS))]
    work.unknown.extend(
        f"{table.source.id}, column {columns.form}: {form!r} in {count} row(s); add it to FORMS in tri.py"
        for form, count in lost.value_counts(dropna=False).items()
    )
    method = lines["row"].map(forms.map(FORMS))
    bare = method.eq(CERTIFIED) & lines["medium"].eq(releases.NONE)
    return lines.assign(method=method, kg=lines["kg"].mask(bare), g=lines["g"].mask(bare))


def _settle(table: Table, ids: pd.Series, kept: pd.Index, work: Work) -> None:
    """Settle all forms: the first of a facility is its point, the others are added to it."""
    source, ledger = table.source.id, work.ledger
    ledger.settle(source, kept, State.PUBLISHED, ids[kept])
    rest = ids[ledger.open_of(source)]
    with_point = rest.isin(ids[kept])
    ledger.settle(source, rest.index[with_point], State.AGGREGATED, rest[with_point])
    ledger.settle(source, rest.index[~with_point], State.REJECTED, LOST)
