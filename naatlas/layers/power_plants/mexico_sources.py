"""The files that Mexico's part is made from; free of heavy imports, so that the layer is listed at once."""

from __future__ import annotations

from naatlas.layers._licences import LIBRE_USO_MX
from naatlas.layers._retc_files import RETC
from naatlas.spec import Csv, Excel, Source


def _permits(suffix: str, title: str, sheet: str, totals: tuple[str, str] | None, *columns: str) -> Source:
    return Source(
        id=f"mex-cre-permits{suffix}",
        country="MEX",
        title=f"Permits to generate or import electricity at 30 June 2016: {title}",
        publisher="Comisión Reguladora de Energía",
        landing_page="https://www.gob.mx/cre",
        licence=LIBRE_USO_MX,
        vintage="2016-06-30",
        path="power-plants/raw/mexico/1814.xlsx",
        layout=Excel(sheet=sheet, header_row=2),
        columns=("Núm.", "PERMISIONARIO", "CENTRAL", "MODALIDAD", "NUMERO DE PERMISO", *columns),
        totals=totals,
        starter=None if suffix else "mex_cre_permits.csv",
        optional=bool(suffix),
    )


PERMITS = (
    _permits(
        "",
        "in force",
        "Permisos administrados",
        ("NUMERO DE PERMISO", "^TOTAL "),
        "CAP. AUTORIZADA (MW)",
        "FECHA DE ENTRADA EN OPERACIÓN",
        "ENERGETICO PRIMARIO",
        "ESTADO ACTUAL",
        "UBICACION DE LA PLANTA",
    ),
    _permits("-ended", "ended", "Permisos terminados", None, "ESTADO", "FECHA DE TERMINACIÓN"),
)

_INEM = ("PM10", "PM2.5", "SO2", "CO", "NOX", "COV", "NH3")


def _inem(year: int, file: str, encoding: str, totals: tuple[str, str], *columns: str) -> Source:
    return Source(
        id=f"mex-inem-{year}",
        country="MEX",
        title=f"National emission inventory {year}, fixed sources by municipality and sector",
        publisher="SEMARNAT, Inventario Nacional de Emisiones de México",
        landing_page="https://www.gob.mx/semarnat",
        licence=LIBRE_USO_MX,
        vintage=str(year),
        path=f"power-plants/raw/mexico/{file}",
        layout=Csv(encoding=encoding),
        columns=(*columns, *_INEM),
        totals=totals,
        optional=True,
    )


#: A blank cell means "not reported or none", as the notes at the foot say.
INEM = (
    _inem(
        2013,
        "INEM-2013-Fuentes-fijas-sectores-municipal.csv",
        "utf-8-sig",
        ("SECTOR", r"^(?:Notas:|Cantidades en|\*)"),
        "SECTOR",
        "CVE_ENT_1",
        "ENTFED",
        "CVE_MUN_1",
        "MPIO",
    ),
    _inem(
        2016,
        "INEM-2016-fuentes-fijas-municipal-sector.csv",
        "cp1252",
        ("CVE Estado", r"^(?:Notas:|Cantidades en|\*)"),
        "CVE Estado",
        "Estado",
        "CVE Municipio",
        "Municipio",
        "Categoría",
    ),
)

SOURCES: tuple[Source, ...] = (*PERMITS, *RETC, *INEM)
