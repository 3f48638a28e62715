"""United States: the Toxics Release Inventory; one row a form, which tells its facility again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from naatlas.harmonize.translate import Pick, numbers
from naatlas.layers._prtr import facility, releases, sectors
from naatlas.layers._prtr.tri_files import Layout, layout

if TYPE_CHECKING:
    import pandas as pd

    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

COUNTRY, AGENCY = "USA", "EPA TRI"

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


def lines(table: Table, work: Work) -> pd.DataFrame:
    """Read a file into the long table, with ``atlas_id``, and put its quantities on the books."""
    told = read(table, work)
    releases.measure(table, told, COUNTRY, work)
    return told


def read(table: Table, work: Work) -> pd.DataFrame:
    """Read a file, or a stretch of its rows, into the long table; the books are kept by whoever has the whole."""
    columns = layout(table.source)
    told = releases.long_table(table, heads(columns), work)
    told = _certified(told, table, columns, work).assign(basis="mass")
    told["atlas_id"] = told["row"].map(ids_of(table))
    return releases.dated(told, table.source)


def ids_of(table: Table) -> pd.Series:
    """Atlas id by row: the EPA's own number of the facility."""
    ids: pd.Series = f"{COUNTRY}-" + table.frame[layout(table.source).facility].str.strip()
    return ids


def sites(table: Table, facts: Facts, spec: LayerSpec, work: Work) -> facility.Sites:
    """Add the facilities of a file, each from its first form."""
    columns = layout(table.source)
    ids = ids_of(table)
    first = ids[~ids.duplicated()]
    main = sectors.main(table.frame[columns.naics], ids, _on_site(table, columns))
    of_row = replace(sector(table, columns, work), main=main)
    return facility.add(table, _register(columns), first, facts, spec, work, sector=of_row)


def _on_site(table: Table, columns: Layout) -> pd.Series:
    """Releases on the site by form, in pounds; those in grams weigh nothing beside them."""
    pounds = table.frame[columns.unit].str.strip().eq("Pounds")
    return numbers(table.frame[columns.on_site]).where(pounds)


def _register(columns: Layout) -> facility.Register:
    return facility.Register(
        country=COUNTRY,
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


def sector(table: Table, columns: Layout, work: Work) -> facility.Sector:
    """Tell the class of the sector of each form, from the NAICS that it states."""
    edition = sectors.naics_edition(int(table.source.vintage))
    where = f"{table.source.id}, column {columns.naics}"
    told, naics = sectors.classed(table.frame[columns.naics], edition, where, work.unknown)
    rule = f"NAICS {edition} -> 2017 -> prtr_sectors.csv; of a code that was split, by its first three digits"
    return facility.Sector(told, column=columns.naics, rule=rule, naics=naics)


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
