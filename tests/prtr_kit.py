"""What the tests of the pollutant registers share: files in the true layouts, with a few rows each."""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING

from naatlas.layers._prtr import npri_files
from naatlas.layers._prtr.sources import NPRI
from naatlas.layers._prtr.tri_files import LAYOUT_110, LAYOUT_122, layout
from naatlas.layers.prtr_facilities import SPEC
from naatlas.ledger import Ledger
from naatlas.model import Work
from naatlas.sources import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from naatlas.model import Table
    from naatlas.spec import Source

_HEAD_122 = [
    "1. YEAR",
    "2. TRIFD",
    "3. FRS ID",
    "4. FACILITY NAME",
    "5. STREET ADDRESS",
    "6. CITY",
    "7. COUNTY",
    "8. ST",
    "9. ZIP",
    "10. BIA",
    "11. TRIBE",
    "12. LATITUDE",
    "13. LONGITUDE",
    "14. HORIZONTAL DATUM",
    "15. PARENT CO NAME",
    "16. PARENT CO DB NUM",
    "17. STANDARD PARENT CO NAME",
    "18. FOREIGN PARENT CO NAME",
    "19. FOREIGN PARENT CO DB NUM",
    "20. STANDARD FOREIGN PARENT CO NAME",
    "21. FEDERAL FACILITY",
    "22. INDUSTRY SECTOR CODE",
    "23. INDUSTRY SECTOR",
    "24. PRIMARY SIC",
    "25. SIC 2",
    "26. SIC 3",
    "27. SIC 4",
    "28. SIC 5",
    "29. SIC 6",
    "30. PRIMARY NAICS",
    "31. NAICS 2",
    "32. NAICS 3",
    "33. NAICS 4",
    "34. NAICS 5",
    "35. NAICS 6",
    "36. DOC_CTRL_NUM",
    "37. CHEMICAL",
    "38. ELEMENTAL METAL INCLUDED",
    "39. TRI CHEMICAL/COMPOUND ID",
    "40. CAS#",
    "41. SRS ID",
    "42. CLEAN AIR ACT CHEMICAL",
    "43. CLASSIFICATION",
    "44. METAL",
    "45. METAL CATEGORY",
    "46. CARCINOGEN",
    "47. PBT",
    "48. PFAS",
    "49. FORM TYPE",
    "50. UNIT OF MEASURE",
]
_HEAD_110 = [
    "YEAR",
    "TRI_FACILITY_ID",
    "FRS_ID",
    "FACILITY_NAME",
    "STREET_ADDRESS",
    "CITY",
    "COUNTY",
    "ST",
    "ZIP",
    "BIA_CODE",
    "TRIBE",
    "LATITUDE",
    "LONGITUDE",
    "FEDERAL_FACILITY",
    "INDUSTRY_SECTOR_CODE",
    "INDUSTRY_SECTOR",
    "PRIMARY_SIC",
    "SIC_2",
    "SIC_3",
    "SIC_4",
    "SIC_5",
    "SIC_6",
    "PRIMARY_NAICS",
    "NAICS_2",
    "NAICS_3",
    "NAICS_4",
    "NAICS_5",
    "NAICS_6",
    "DOC_CTRL_NUM",
    "CHEMICAL",
    "CAS_#/COMPOUND_ID",
    "SRS_ID",
    "CLEAR_AIR_ACT_CHEMICAL",
    "CLASSIFICATION",
    "METAL",
    "METAL_CATEGORY",
    "CARCINOGEN",
    "FORM_TYPE",
    "UNIT_OF_MEASURE",
]
#: The two layouts as they are published; the second ends in a column without a name, and in a header with a blank.
HEADERS = {
    LAYOUT_122.vocabulary: [
        *_HEAD_122, *LAYOUT_122.amounts,
        "121. PROD_RATIO_OR_ ACTIVITY", "122. 8.9 - PRODUCTION RATIO",
    ],
    LAYOUT_110.vocabulary: [
        *_HEAD_110, *LAYOUT_110.amounts,
        "PROD_RATIO_OR_ACTIVITY", "8.9_PRODUCTION_RATIO", "PARENT_COMPANY_NAME", "PARENT_COMPANY_DB_NUMBER", "",
    ],
}  # fmt: skip

#: A plant in Illinois; what a test does not say of a form.
FORM = {
    "facility": "60007PNDST1250M",
    "name": "CHEM-PLATE INDUSTRIES",
    "city": "ELK GROVE VILLAGE",
    "state": "IL",
    "latitude": "42.000074",
    "longitude": "-87.967566",
    "sector": "Fabricated Metals",
    "naics": "332813",
    "substance": "0007439921",
    "form": "R",
    "unit": "Pounds",
}


def work(edition: str) -> Work:
    return Work(SPEC.edition(edition), Ledger())


def _save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))


def _csv(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (headers, *rows)]
    assert len(next(csv.reader([quoted[0]]))) == len(headers)
    return "\n".join(quoted) + "\n"


def tri(
    data: Path, state: str, year: int, forms: Iterable[tuple[Mapping[str, str], Mapping[str, str]]]
) -> Table:
    """Write forms in the layout of the file: what differs from ``FORM``, and quantities by header; read them."""
    source = SPEC.source(f"usa-tri-{state}-{year}")
    columns = layout(source)
    headers = HEADERS[columns.vocabulary]
    rows = []
    for told, amounts in forms:
        cells = {getattr(columns, role): text for role, text in (FORM | dict(told)).items()}
        cells |= dict.fromkeys(columns.amounts, "0.000") | dict(amounts)
        rows.append([cells.get(header, "") for header in headers])
    _save(data / source.path, _csv(headers, rows))
    return read(source, data)


def npri(data: Path, rows: Iterable[Mapping[str, str]]) -> Table:
    """Write facilities of the NPRI in the layout of the converted list and read them."""
    headers = [
        "NPRI_ID",
        "COMP_NAME",
        "FACI_NAME",
        "ADDR_1",
        "ADDR_2",
        "CITY",
        "PROVINCE",
        "POSTAL_CODE",
        "LAND_SURVEY",
        "TOPOGRAPHY",
        "DATUM",
        "LAST_REPORT_YEAR",
        "LONGITUDE",
        "LATITUDE",
        "CMA_ID",
        "CSD_ID",
        "CSD_NAME",
        "KIS_ID",
        "KIS_NAME_EN",
        "KIS_NAME_FR",
    ]
    _save(data / NPRI.path, _csv(headers, [[row.get(header, "") for header in headers] for row in rows]))
    return read(NPRI, data)


#: Headers of the bulk files of the NPRI with quantities, all three alike.
NPRI_FLOW = [
    npri_files.YEAR, npri_files.NUMBER, "Company_Name / Dénomination_sociale_de_l'entreprise",
    "Facility_Name / Installation", npri_files.NAICS, "NAICS Title / Titre Code_SCIAN", "PROVINCE", npri_files.CAS,
    npri_files.SUBSTANCE, "Substance Name (French) / Nom de substance (Français)", npri_files.GROUP,
    "Group (French) / Groupe (Français)", npri_files.CATEGORY, "Category (French) / Catégorie (Français)",
    npri_files.QUANTITY, npri_files.UNIT, "Estimation_Method / Méthode_d\u2019estimation",
]  # fmt: skip
#: What a test does not say of a row.
NPRI_ROW = {
    npri_files.YEAR: "2017",
    npri_files.NUMBER: "11",
    npri_files.NAICS: "325211",
    npri_files.CAS: "NA - 08",
    npri_files.SUBSTANCE: "Lead (and its compounds)",
    npri_files.GROUP: "Releases to Air",
    npri_files.CATEGORY: "Stack / Point",
    npri_files.QUANTITY: "1",
    npri_files.UNIT: "kg",
}


def npri_bulk(data: Path, source: Source, rows: Iterable[Mapping[str, str]]) -> Table:
    """Write a bulk file of the NPRI as it is published, in Windows-1252, and read it."""
    places = source.id == npri_files.PLACES.id
    headers = [*npri_files.PLACE.values(), "Datum / Datum"] if places else NPRI_FLOW
    base = {} if places else NPRI_ROW
    cells = [[(base | dict(row)).get(header, "") for header in headers] for row in rows]
    path = data / source.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_csv(headers, cells).encode("cp1252"))
    return read(source, data)
