"""The bulk files of the National Pollutant Release Inventory: all years in one file a flow; no heavy imports.

Layout: the files "1993-present" of the open data portal of Environment and Climate Change Canada (headers in both
languages, Windows-1252), as the programs of several public users name their columns. None of the files was at hand
when this was written: one with other headers is refused, and a group, unit or substance that is not known stops the
build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers._licences import OGL_CANADA
from naatlas.spec import Csv, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

YEAR = "Reporting_Year / Année"
NUMBER = "NPRI_ID / No_INRP"
NAICS = "NAICS / Code_SCIAN"
CAS = "CAS_Number / No_CAS"
SUBSTANCE = "Substance Name (English) / Nom de substance (Anglais)"
GROUP = "Group (English) / Groupe (Anglais)"
CATEGORY = "Category (English) / Catégorie (Anglais)"
QUANTITY = "Quantity / Quantité"
UNIT = "Units / Unités"

#: Headers of the file of places.
PLACE = {
    "number": "NPRI ID / ID INRP",
    "name": "Facility Name / Nom de l'installation",
    "company": "Company Name / Raison Sociale",
    "city": "City / Ville",
    "state": "Province / Province",
    "naics": "NAICS / Code SCIAN",
    "last_year": "Year of last filed report / Année de déclaration la plus récente",
    "latitude": "Latitude / Latitude",
    "longitude": "Longitude / Longitude",
}

_FOLDER = "prtr/raw/ca_npri"
_PAGE = "https://open.canada.ca/data/en/dataset/40e01423-7728-429c-ac9d-2954385ccdfb"
#: Last complete year of the layout that this was written for; a later issue only has more rows.
_VINTAGE = "2023"


def _source(name: str, file: str, what: str, columns: tuple[str, ...]) -> Source:
    return Source(
        id=f"can-npri-{name}",
        country="CAN",
        title=f"National Pollutant Release Inventory, all years: {what}",
        publisher="Environment and Climate Change Canada",
        landing_page=_PAGE,
        licence=OGL_CANADA,
        vintage=_VINTAGE,
        path=f"{_FOLDER}/{file}",
        layout=Csv(encoding="cp1252"),
        columns=columns,
        optional=True,
    )


_AMOUNTS = (YEAR, NUMBER, NAICS, CAS, SUBSTANCE, GROUP, CATEGORY, QUANTITY, UNIT)

RELEASES = _source("releases", "NPRI-INRP_ReleasesRejets_1993-present.csv", "releases", _AMOUNTS)
DISPOSALS = _source("disposals", "NPRI-INRP_DisposalsEliminations_1993-present.csv", "disposals", _AMOUNTS)
TRANSFERS = _source(
    "transfers",
    "NPRI-INRP_DisposalsEliminations_TransfersTransferts_1993-present.csv",
    "transfers for treatment and recycling",
    _AMOUNTS,
)
PLACES = _source(
    "places",
    "NPRI-INRP_GeolocationsGeolocalisation_1993-present.csv",
    "places of the facilities",
    tuple(PLACE.values()),
)

#: Files with quantities, by id.
FLOWS: Mapping[str, Source] = {source.id: source for source in (RELEASES, DISPOSALS, TRANSFERS)}
NPRI_FILES = (*FLOWS.values(), PLACES)
