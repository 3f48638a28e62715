"""What the tests of Mexico's registers share: files in the true layouts, with a few rows each."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import xlsxwriter

from naatlas.facts import Facts
from naatlas.layers.power_plants import mexico
from naatlas.layers.power_plants.capacity import Capacities
from naatlas.layers.power_plants.fields import FIELDS
from naatlas.ledger import Ledger
from naatlas.model import Work
from naatlas.sources import read
from naatlas.spec import Edition, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from naatlas.model import Table

SPEC = LayerSpec(slug="plants-of-a-test", name="Plants", geometry="Point", key="atlas_id", fields=FIELDS)
SOURCES = {source.id: source for source in mexico.SOURCES}

POWER = {2005: "Generacion de energia electrica ", 2012: "Generación de energía eléctrica"}
USUAL_POWER = "Generación de energia electrica"
APPLIANCES = "Equipos y articulos electronicos, electricos y domesticos"

_ES = {
    "first": "NRA|Nombre|Sector|Actividad principal SEMARNAT|Actividad principal|Coordenada UTM X|Coordenada UTM Y|"
    "Latitud Norte|Longitud Oeste|Estado|Delegación\\Municipio",
    "2012": "NRA|Establecimiento|Sector|Número SCIAN|SCIAN|Clave Ambiental|Actividad Principal|"
    "Nombre Parque Industrial|Latitud Norte|Longitud Oeste|Calle|Municipio|Entidad Federativa",
    "usual": "NRA|NOMBRE|SCIAN|DESCRIPCIÓN SCIAN|SECTOR|CLAVE\nAMBIENTAL|SUBSECTOR|PARQUE INDUSTRIAL|"
    "COORDENADA \nUTM X|COORDENADA \nUTM Y|LATITUD \nNORTE|LONGITUD \nOESTE|ESTADO|MUNICIPIO",
}
_EM = {
    "first": "NRA|Nombre|Estado|Sector|Descripción|No. CAS|Unidad|Aire|Agua|Suelo|Reuso|Reciclado|Coprocesamiento|"
    "Tratamiento|Disposición final|Alcantarillado|Otros|Incineración",
    "2012": "NRA|Establecimiento|Sector|Entidad Federativa|Municipio|Grupo Sustancia|Sustancia|CAS|Unidad|Aire|Agua|"
    "Suelo|Reutilización|Reciclado|Coprocesamiento|Tratamiento|Disposición Final|Alcantarillado|Incineración|Otro",
    "usual": "NRA|NOMBRE|SECTOR|ESTADO|MUNICIPIO|CAS|SUSTANCIA|UNIDAD|AIRE|AGUA|SUELO|REUTILIZACIÓN|RECICLADO|"
    "COPROCESAMIENTO|TRATAMIENTO|DISPOSICIÓN\nFINAL|ALCANTARILLADO|INCINERACIÓN|OTROS",
}

#: Role of a cell -> its header in each layout.
_ROLES = {
    "nra": ("NRA", "NRA", "NRA"),
    "name": ("Nombre", "Establecimiento", "NOMBRE"),
    "sector": ("Sector", "Sector", "SECTOR"),
    "state": ("Estado", "Entidad Federativa", "ESTADO"),
    "municipality": ("Delegación\\Municipio", "Municipio", "MUNICIPIO"),
    "scian": ("", "Número SCIAN", "SCIAN"),
    "utm": ("Coordenada UTM X", "", "COORDENADA \nUTM X"),
    "lat": ("Latitud Norte", "Latitud Norte", "LATITUD \nNORTE"),
    "lon": ("Longitud Oeste", "Longitud Oeste", "LONGITUD \nOESTE"),
    "substance": ("Descripción", "Sustancia", "SUSTANCIA"),
    "unit": ("Unidad", "Unidad", "UNIDAD"),
    "air": ("Aire", "Aire", "AIRE"),
    "water": ("Agua", "Agua", "AGUA"),
    "soil": ("Suelo", "Suelo", "SUELO"),
    "reuse": ("Reuso", "Reutilización", "REUTILIZACIÓN"),
    "incineration": ("Incineración", "Incineración", "INCINERACIÓN"),
    "disposal": ("Disposición final", "Disposición Final", "DISPOSICIÓN\nFINAL"),
    "others": ("Otros", "Otro", "OTROS"),
    "cas": ("No. CAS", "CAS", "CAS"),
}


def layout_of(year: int) -> str:
    return {2004: "first", 2005: "first", 2012: "2012"}.get(year, "usual")


def retc(data: Path, kind: str, year: int, rows: Iterable[Mapping[str, str]]) -> Table:
    """Write rows in the layout of the year, gzipped and tab separated with all cells quoted, and read them."""
    style = layout_of(year)
    headers = (_ES if kind == "es" else _EM)[style].split("|")
    place = ("first", "2012", "usual").index(style)
    lines = [headers]
    for row in rows:
        named = {_ROLES[role][place]: text for role, text in row.items()}
        lines.append([named.get(header, "") for header in headers])
    quoted = "\r\n".join("\t".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    source = SOURCES[f"mex-retc-{kind}-{year}"]
    path = data / source.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(quoted.encode("utf-8"), mtime=0))
    return read(source, data)


def permits(
    data: Path, rows: Sequence[Sequence[object]], ended: Sequence[Sequence[object]] = ()
) -> list[Table]:
    """Write the workbook of permits as CRE does (title, line breaks in headers, footer of totals); read both sheets."""
    title = "TABLA DE PERMISOS DE GENERACIÓN E IMPORTACIÓN DE ENERGÍA ELÉCTRICA ADMINISTRADOS"
    headers = [
        "Núm.", "PERMISIONARIO", "CENTRAL", "MODALIDAD", "FECHA DE\nOTORGAMIENTO", "NUMERO DE PERMISO",
        "CAP. AUTORIZADA (MW)", "ENERGIA AUTORIZADA (GWh/AÑO)", "INVERSION (MILES DE DOLARES)",
        "FECHA DE ENTRADA EN OPERACIÓN", "ENERGETICO PRIMARIO", "ACTIVIDAD ECONOMICA", "TIPO DE PLANTA (TECNOLOGIA)",
        "ESTADO ACTUAL", "UBICACION DE LA PLANTA",
    ]  # fmt: skip
    total = sum(float(row[6]) for row in rows)  # type: ignore[arg-type]
    footer: list[list[object]] = [[None] * 6 + ["MW", "GWh", "MILLONES DE DÓLARES"]]
    footer += [[None] * 5 + [f"TOTAL {what}", total] for what in ("GENERACION (LSPEE)", "AUTORIZADA")]
    short = ["Núm.", "PERMISIONARIO", "CENTRAL", "MODALIDAD", "FECHA DE\nOTORGAMIENTO", "NUMERO DE PERMISO",
             "ESTADO", "FECHA DE\nTERMINACIÓN"]  # fmt: skip
    path = data / SOURCES["mex-cre-permits"].path
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        _sheet(book, "Permisos administrados", [[title], headers, *rows, [], *footer])
        _sheet(book, "Permisos terminados", [[title], short, *ended])
    return [read(SOURCES[name], data) for name in ("mex-cre-permits", "mex-cre-permits-ended")]


def _sheet(book: xlsxwriter.Workbook, name: str, rows: Iterable[Sequence[object]]) -> None:
    page = book.add_worksheet(name)
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            write = page.write_string if isinstance(cell, str) else page.write
            write(number, place, cell)


def text_file(data: Path, source_id: str, lines: Iterable[str], encoding: str) -> Table:
    source = SOURCES[source_id]
    path = data / source.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return read(source, data)


def plants(*rows: tuple[str, str, str, float, float, float]) -> pd.DataFrame:
    """Make plants of the trilateral tables: name, state, source, MW, longitude, latitude; ids MEX-1, MEX-2 ..."""
    columns = ["name", "state", "primary_source", "capacity_mw", "longitude", "latitude"]
    frame = pd.DataFrame(rows, columns=columns).assign(country="MEX", owner="CFE", operator="CFE")
    frame.index = pd.Index([f"MEX-{n}" for n in range(1, len(frame) + 1)], name="atlas_id")
    return frame


def work(*tables: Table) -> Work:
    books = Work(edition=Edition(name="test", sources=tuple(t.source.id for t in tables)), ledger=Ledger())
    for table in tables:
        books.ledger.open(table)
    return books


def run(frame: pd.DataFrame, *tables: Table) -> tuple[Work, Facts, Capacities]:
    """Run Mexico's part over the tables as starter rows (decisions about absent rows are skipped), close the books."""
    told = {t.source.id: _as_selection(t) for t in tables}
    books, capacities = work(*tables), Capacities()
    facts = Facts(books.edition.sources)
    assert mexico.add(told, frame, facts, capacities, SPEC, books) is frame
    books.ledger.close()
    return books, facts, capacities


def _as_selection(table: Table) -> Table:
    return replace(table, input=replace(table.input, tier="starter"))
