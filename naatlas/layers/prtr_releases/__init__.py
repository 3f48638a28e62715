"""The pollutant registers of the three countries through time: facilities, and all that they release and transfer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._prtr.media import NOT_TOLD, ON_SITE
from naatlas.layers._prtr.npri_files import FLOWS, NPRI_FILES
from naatlas.layers._prtr.sources import SOURCES as FILES
from naatlas.layers.prtr_releases.fields import FIELDS
from naatlas.spec import Edition, Gap, LayerSpec, Related

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.metadata.words import Words
    from naatlas.model import Combined, LayerData, Table, Work
    from naatlas.spec import Language

#: Newest first: where several years tell of a facility, the newest speaks for it. A year that is not there is a gap
#: in the series, and no reason to build nothing.
SOURCES = tuple(
    replace(source, optional=True) for source in sorted(FILES, key=lambda s: s.vintage, reverse=True)
)
#: From the first to the last year of any file.
YEARS = f"{SOURCES[-1].vintage}to{SOURCES[0].vintage}"
SUMS = (
    *(f"{medium}_kg" for medium in (*ON_SITE, NOT_TOLD)),
    "criteria_kg",
    "greenhouse_gases_kg",
    "dioxins_g",
)

_NPRI = "no open file of NPRI releases by facility"
_OF_YEARS = ("first_year", "years_reported")
_LIST = "the list of facilities tells only the last year that each reported for"

SPEC = LayerSpec(
    slug="prtr-releases",
    name="PRTRReleases",
    geometry="Point",
    key="atlas_id",
    fields=FIELDS,
    sources=(*NPRI_FILES, *SOURCES),
    editions=(
        Edition(
            name=YEARS,
            sources=tuple(s.id for s in (*NPRI_FILES, *SOURCES)),
            lookups=tuple(s.id for s in NPRI_FILES),
            default=True,
        ),
    ),
    gaps=(
        *(
            Gap(field=name, country="CAN", why=why, unless=tuple(FLOWS))
            for why, names in ((_NPRI, ("releases_kg", "transfers_kg", "pbts_kg", *SUMS)), (_LIST, _OF_YEARS))
            for name in names
        ),
        Gap(field="greenhouse_gases_kg", country="USA", why="the TRI does not cover greenhouse gases"),
        Gap(field="criteria_kg", country="USA", why="the TRI does not cover criteria pollutants"),
    ),
    balance=dict.fromkeys(SUMS, "source-and-links"),
    related=(
        Related(
            table="releases", parts=("country", "year"), carries=("country", "state", "sector", "border_zone")
        ),
        Related(table="facility_years"),
    ),
    evidence=("balances",),
)

build = Build(SPEC)


def combine(tables: dict[str, Table], work: Work) -> Combined:
    """Make one frame of facilities from all years of the three registers, and one long table of what they report."""
    from naatlas.layers.prtr_releases.assemble import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)


def documents(data: LayerData, words: Words, languages: Sequence[Language]) -> Mapping[str, bytes]:
    """Write the profiles of the sectors, one page a language."""
    from naatlas.layers.prtr_releases import profile_pages

    return profile_pages.pages(data, words, languages)
