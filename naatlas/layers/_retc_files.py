"""Mexico's pollutant release register (RETC): the files of all years in their three layouts; no heavy imports."""

from __future__ import annotations

from dataclasses import dataclass

from naatlas.layers._licences import LIBRE_USO_MX
from naatlas.spec import Csv, Source

#: 2019 was not to be had.
YEARS = (*range(2004, 2019), 2020, 2021, 2022)

#: Years of which the package holds starter rows.
_STARTER = (2015, 2017, 2022)


@dataclass(frozen=True, slots=True, kw_only=True)
class Establishments:
    """Headers of an ``es`` file; the industry code came in 2006."""

    name: str
    sector: str
    state: str
    municipality: str
    latitude: str
    longitude: str
    scian: str | None
    nra: str = "NRA"

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, in no special order."""
        told = (
            self.nra,
            self.name,
            self.sector,
            self.state,
            self.municipality,
            self.latitude,
            self.longitude,
        )
        return told if self.scian is None else (*told, self.scian)


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """Headers of an ``em`` file; ``others`` are the media beside air, and the transfers off site."""

    name: str
    sector: str
    substance: str
    unit: str
    air: str
    others: tuple[str, ...]
    cas: str = "CAS"
    nra: str = "NRA"

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, in no special order."""
        return (
            self.nra,
            self.name,
            self.sector,
            self.cas,
            self.substance,
            self.unit,
            self.air,
            *self.others,
        )


_TRANSFERS = ("Reciclado", "Coprocesamiento", "Tratamiento", "Alcantarillado", "Incineración")

_FIRST = (
    Establishments(
        name="Nombre",
        sector="Sector",
        state="Estado",
        municipality="Delegación\\Municipio",
        latitude="Latitud Norte",
        longitude="Longitud Oeste",
        scian=None,
    ),
    Releases(
        name="Nombre",
        sector="Sector",
        cas="No. CAS",
        substance="Descripción",
        unit="Unidad",
        air="Aire",
        others=("Agua", "Suelo", "Reuso", *_TRANSFERS, "Disposición final", "Otros"),
    ),
)
_OF_2012 = (
    Establishments(
        name="Establecimiento",
        sector="Sector",
        state="Entidad Federativa",
        municipality="Municipio",
        latitude="Latitud Norte",
        longitude="Longitud Oeste",
        scian="Número SCIAN",
    ),
    Releases(
        name="Establecimiento",
        sector="Sector",
        substance="Sustancia",
        unit="Unidad",
        air="Aire",
        others=("Agua", "Suelo", "Reutilización", *_TRANSFERS, "Disposición Final", "Otro"),
    ),
)
_USUAL = (
    Establishments(
        name="NOMBRE",
        sector="SECTOR",
        state="ESTADO",
        municipality="MUNICIPIO",
        latitude="LATITUD NORTE",
        longitude="LONGITUD OESTE",
        scian="SCIAN",
    ),
    Releases(
        name="NOMBRE",
        sector="SECTOR",
        substance="SUSTANCIA",
        unit="UNIDAD",
        air="AIRE",
        others=(
            "AGUA",
            "SUELO",
            "REUTILIZACIÓN",
            *(t.upper() for t in _TRANSFERS),
            "DISPOSICIÓN FINAL",
            "OTROS",
        ),
    ),
)


def layout(year: int) -> tuple[Establishments, Releases]:
    """Headers of the two files of a year."""
    return {2004: _FIRST, 2005: _FIRST, 2012: _OF_2012}.get(year, _USUAL)


def _source(kind: str, year: int, title: str, columns: tuple[str, ...]) -> Source:
    return Source(
        id=f"mex-retc-{kind}-{year}",
        country="MEX",
        title=f"RETC {year}: {title}",
        publisher="SEMARNAT, Registro de Emisiones y Transferencia de Contaminantes",
        landing_page="https://www.gob.mx/semarnat/acciones-y-programas/registro-de-emisiones-y-transferencia-de-contaminantes-retc",
        licence=LIBRE_USO_MX,
        vintage=str(year),
        path=f"prtr/raw/mx_retc/{kind}_{year}.csv.gz",
        layout=Csv(encoding="utf-8", delimiter="\t"),
        columns=columns,
        starter=f"mex_retc_{kind}_{year}.csv" if year in _STARTER else None,
    )


def _pair(year: int) -> tuple[Source, Source]:
    establishments, releases = layout(year)
    return (
        _source("es", year, "reporting establishments", establishments.columns),
        _source("em", year, "releases and transfers by establishment and substance", releases.columns),
    )


RETC = tuple(source for year in YEARS for source in _pair(year))
