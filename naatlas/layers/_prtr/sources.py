"""The files that the layer is made from, and which of them an edition takes; no heavy imports."""

from __future__ import annotations

from naatlas.layers._licences import OGL_CANADA
from naatlas.layers._prtr.npri_files import FLOWS, NPRI_FILES, PLACES
from naatlas.layers._prtr.tri_files import TRI
from naatlas.layers._retc_files import RETC
from naatlas.spec import Csv, Edition, Source

#: Last report year that the list of facilities knows.
NPRI_YEAR = 2015

NPRI = Source(
    id="can-npri-facilities-2015",
    country="CAN",
    title="National Pollutant Release Inventory: facilities that reported in 1993 to 2015",
    publisher="Environment and Climate Change Canada",
    landing_page="https://www.canada.ca/en/services/environment/pollution-waste-management/national-pollutant-release-inventory.html",
    licence=OGL_CANADA,
    vintage=str(NPRI_YEAR),
    path="prtr/raw/ca_npri/npri_facilities_1993_2015.csv.gz",
    layout=Csv(encoding="utf-8"),
    columns=(
        "NPRI_ID",
        "COMP_NAME",
        "FACI_NAME",
        "CITY",
        "LAND_SURVEY",
        "PROVINCE",
        "LAST_REPORT_YEAR",
        "LONGITUDE",
        "LATITUDE",
        "KIS_NAME_EN",
    ),
    starter="can_npri_facilities_2015.csv",
)

#: Those whose vintage is a year; what Canada publishes for all years in one file stands in ``NPRI_FILES``.
SOURCES: tuple[Source, ...] = (NPRI, *TRI, *RETC)


def edition(year: int, *, default: bool = False) -> Edition:
    """Take all files of a year; Canada's list is the same for all, and its bulk files hold all years.

    Of the bulk files the rows of the year are taken: their vintage is not that of the layer.
    """
    american = tuple(s.id for s in TRI if s.vintage == str(year))
    mexican = (f"mex-retc-es-{year}", f"mex-retc-em-{year}")
    return Edition(
        name=str(year),
        sources=(*FLOWS, PLACES.id, NPRI.id, *american, *mexican),
        lookups=tuple(s.id for s in NPRI_FILES),
        default=default,
    )


#: 2015 is the newest year for which all three registers give something here: Canada's list ends with it.
EDITIONS = (edition(2012), edition(2015, default=True), edition(2017), edition(2022))
