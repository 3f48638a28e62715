"""Small layers for the tests of the writers: every field type, awkward texts, gaps, far longitudes, shapes."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas import framework
from naatlas.export.look import Look
from naatlas.framework.vertices import map_xy
from naatlas.ledger import Ledger, State
from naatlas.metadata.words import Words
from naatlas.model import InputFile, LayerData, Points, Shapes
from naatlas.spec import Csv, Edition, Field, LayerSpec, Licence, Source
from naatlas.styles import Style

if TYPE_CHECKING:
    from pathlib import Path

LONG = "Å" * 300
EVIL = (
    "<script>alert(1)</script>",
    'R&D "A"',
    "bell\x07 null\x00 tab\t",
    "wind \U0001f32c\ufe0f farm",
    LONG,
    "Estación José María Morelos y Pavón n.º 2",
    "]]> $[name] $[id] %s {0} \\",
    "two\r\nlines",
    "  blanks  ",
    "'; DROP TABLE features; --",
)

LICENCE = Licence(
    id="ogl",
    name="Open Licence",
    attribution="Data: Ministry of <Tests> & Co.",
    url="https://www.cec.org/licence",
)
SOURCE = Source(
    id="test-register",
    country="CAN",
    title="Register",
    publisher="Ministry of Tests",
    landing_page="https://www.cec.org/register",
    licence=LICENCE,
    vintage="2022-03",
    path="test/register.csv",
    layout=Csv(),
    columns=("id",),
)
SPEC = LayerSpec(
    slug="test-plants",
    name="TestPlants",
    geometry="Point",
    key="atlas_id",
    fields=(
        Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),
        Field(name="country", dtype="text", dbf="Country", classes="country", balloon=True),
        Field(name="state", dtype="text", dbf="StateProv", classes="state", balloon=True),
        Field(name="name", dtype="text", dbf="Facility"),
        Field(name="owner", dtype="text", balloon=True),
        Field(name="capacity_mw", dtype="real", dbf="Total_MW", high=30000.0, balloon=True),
        Field(name="coal_mw", dtype="real", dbf="Coal_MW", balloon=True),
        Field(name="hg_kg", dtype="real", dbf="Hg_kg", decimals=3, balloon=True),
        Field(name="primary_source", dtype="text", dbf="PrimSource", classes="energy_source", balloon=True),
        Field(name="primary_source_national", dtype="text", dbf="PrimNatl", balloon=True),
        Field(name="year_online", dtype="integer", dbf="YearOnline", high=2100, balloon=True),
        Field(name="units", dtype="integer", dbf="Units", balloon=True),
        Field(name="linked", dtype="boolean", dbf="Linked", balloon=True),
        Field(name="pm25_t", dtype="real", gap=True),
    ),
    sources=(SOURCE,),
    editions=(Edition(name="2022", sources=("test-register",), default=True),),
    balance={"capacity_mw": "MW"},
)
_CODES = {
    "country": {
        "CAN": ("Canada", "Canada", "Canadá"),
        "USA": ("United States", "États-Unis", "Estados Unidos"),
    }
    | {"MEX": ("Mexico", "Mexique", "México")},
    "energy_source": {"wind": ("Wind", "Éolien", "Eólica"), "coal": ("Coal", "Charbon", "Carbón")},
}


def _text(en: str, fr: str | None = None, es: str | None = None) -> dict:
    return {"en": en, "fr": fr or f"{en} (fr)", "es": es or f"{en} (es)"}


WORDS = Words(
    slug="test-plants",
    texts={
        "title": _text("Test plants", "Centrales d'essai", "Centrales de prueba"),
        "abstract": _text("Plants & <tests>."),
        "atlas": _text("Atlas"),
        "credits": _text("Agencies"),
    },
    keywords={"en": ("plant",), "fr": ("centrale",), "es": ("central",)},
    labels={field.name: _text(field.name.replace("_", " ").capitalize()) for field in SPEC.fields}
    | {"coal_mw": _text("Coal & <coke>")}
    | {f"name_{language}": _text(f"Name ({language})") for language in ("en", "fr", "es")},
    definitions={field.name: _text(f"Definition of {field.name}") for field in SPEC.fields},
    codesets={},
    classes={name: {code: _text(*told) for code, told in codes.items()} for name, codes in _CODES.items()},
)
STYLE = Style(
    slug="test-plants",
    field="primary_source",
    class_list="energy_source",
    colours={"wind": "#35b779", "coal": "#3b3b3b"},
    size_field="capacity_mw",
    size_range=(1.2, 7.0),
    size_limits=(1.0, 4000.0),
)
_STATES = ("CA-AB", "CA-QC", "US-AK", "US-TX", "MX-SON", "MX-OAX")
_COUNTRY_OF = {"CA": "CAN", "US": "USA", "MX": "MEX"}


def frame(rows: int, texts: tuple[str, ...] = EVIL) -> tuple[pd.DataFrame, Points]:
    """Return features with one awkward text after the other, and each third value missing."""
    number = np.arange(rows)
    state = np.array(_STATES, dtype=object)[number % len(_STATES)]
    capacity = np.round(1.0 + (number * 37.7) % 4200, 1)
    missing = number % 3 == 2
    told = pd.DataFrame(
        {
            "atlas_id": [f"TST-{n:06d}" for n in number],
            "country": [_COUNTRY_OF[code[:2]] for code in state],
            "state": state,
            "name": [texts[n % len(texts)] for n in number],
            "owner": pd.Series(np.where(missing, None, "Owner"), dtype="str"),
            "capacity_mw": capacity,
            "coal_mw": np.where(missing, np.nan, np.where(number % 2, capacity, 0.0)),
            "hg_kg": np.where(missing, np.nan, number * 0.0625),
            "primary_source": np.where(number % 2, "coal", "wind"),
            "primary_source_national": pd.Series(np.where(missing, None, "Éolienne <W>"), dtype="str"),
            "year_online": pd.array(np.where(missing, -1, 1950 + number % 70), dtype="Int64"),
            "units": pd.array(number * 1000, dtype="Int64"),
            "linked": pd.array(number % 2 == 0, dtype="boolean"),
            "pm25_t": np.full(rows, np.nan),
        }
    )
    for column in ("year_online", "linked"):
        told.loc[missing, column] = pd.NA
    for column in ("atlas_id", "country", "state", "name", "primary_source"):
        told[column] = told[column].astype("str")
    lon = np.where(number % 7 == 3, 179.5 + (number % 4) * 0.4, -60.0 - (number * 0.731) % 70)
    lat = 16.0 + (number * 0.317) % 60
    x, y = framework.project(lon, lat)
    return told, Points(lon=lon, lat=lat, x=x, y=y)


def layer(rows: int = 12, *, texts: tuple[str, ...] = EVIL, variant: str = "") -> LayerData:
    """Return a finished layer of so many features."""
    features, points = frame(rows, texts)
    return _finished(SPEC, features, points, variant)


def _finished(spec: LayerSpec, features: pd.DataFrame, geometry: Points | Shapes, variant: str) -> LayerData:
    rows = len(features)
    provenance = pd.DataFrame(
        {
            "atlas_id": features["atlas_id"],
            "field": pd.Series("capacity_mw", index=features.index, dtype="str"),
            "source": pd.Series("test-register", index=features.index, dtype="str"),
            "row": pd.Series(np.arange(rows).astype(str), dtype="str"),
            "national_value": features["name"],
            "score": np.where(np.arange(rows) % 2 == 0, np.nan, 91.5),
        }
    )
    ledger = Ledger()
    ledger.open_rows("test-register", pd.DataFrame({"id": features["atlas_id"]}))
    ledger.settle("test-register", features.index, State.PUBLISHED, features["atlas_id"])
    file = InputFile(source=SOURCE, tier="data", name="test/register.csv", sha256="ab" * 32, size=12345)
    return LayerData(
        spec=spec,
        edition="2022",
        frame=features,
        geometry=geometry,
        provenance=provenance,
        ledger=ledger,
        inputs=(file,),
        tables={"totals": features.groupby("country")["capacity_mw"].sum().reset_index()},
        variant=variant,
    )


FIGURES = {
    "vertices_before": 12345.0,
    "vertices_after": 678.0,
    "displacement_max_mm": 0.0987,
    "displacement_mean_mm": 0.0123,
    "area_change_max": 0.0456,
    "area_change_mean": 0.00123,
    "islands_dropped": 17.0,
    "lakes_dropped": 3.0,
}
#: In degrees, each as it is published: split at 180. The first two cross it, the third has holes, one of them with
#: an island in it, the fourth is in two countries' worth of parts, the fifth is small.
_ALEUTIANS = "((179 51, 180 51, 180 52, 179 51)), ((-180 51, -178 51.5, -180 52, -180 51))"
_HOLES = (
    "((-120 50, -100 50, -100 60, -120 60, -120 50), (-118 52, -118 58, -112 58, -112 52, -118 52), "
    "(-110 52, -110 54, -108 54, -110 52))"
)
AREAS = (
    "MULTIPOLYGON (((172 62, 180 62, 180 68, 176 70, 172 62)), ((-180 62, -172 64, -180 68, -180 62)))",
    f"MULTIPOLYGON ({_ALEUTIANS}, ((-176 52, -175 52, -175 53, -176 52)))",
    f"MULTIPOLYGON ({_HOLES}, ((-116 54, -114 54, -114 56, -116 54)))",
    "MULTIPOLYGON (((-98 20, -98 24, -102 24, -98 20)), ((-90 40, -85 40, -85 45, -90 45, -90 40)))",
    "POLYGON ((-60 50, -60 50.5, -60.5 50.5, -60 50))",
)
WAYS = (
    "MULTILINESTRING ((170 60, 180 61), (-180 61, -170 62))",
    "LINESTRING (-120 50, -100 49, -90 50)",
    "MULTILINESTRING ((-100 20, -101 25), (-101 25, -99 27), (-80 40, -75 45))",
    "LINESTRING (-150 65, -160 64)",
)
KINDS = {"LineString": WAYS, "Polygon": AREAS}


def shapes(kind: str, rows: int) -> Shapes:
    """Return the sample lines or polygons, over and over: split in degrees, whole in metres."""
    told = np.array([shapely.from_wkt(KINDS[kind][n % len(KINDS[kind])]) for n in range(rows)], dtype=object)
    dense = framework.densify(told, max_degrees=0.5)
    metres = map_xy(dense, framework.project)
    if kind == "Polygon":
        for row in range(rows):
            # A millimetre grid closes what rounding left at 180 degrees.
            metres[row] = shapely.union_all(shapely.get_parts(metres[row]), grid_size=0.001)
    return Shapes(degrees=told, metres=metres, figures=FIGURES)


def shape_layer(kind: str, rows: int = 7, *, texts: tuple[str, ...] = EVIL, variant: str = "") -> LayerData:
    """Return a finished layer of so many lines or polygons, with the fields of the points."""
    features, _ = frame(rows, texts)
    spec = dataclasses.replace(SPEC, slug="test-shapes", name="TestShapes", geometry=kind)
    return _finished(spec, features, shapes(kind, rows), variant)


def with_fields(data: LayerData, fields: tuple[Field, ...], **columns: list[str | None]) -> LayerData:
    """Return a layer with other fields; columns that are not given are empty."""
    empty = {
        f.name: pd.Series(None, index=data.frame.index, dtype="str")
        for f in fields
        if f.name not in data.frame
    }
    told = {name: pd.Series(values, dtype="str") for name, values in columns.items()}
    spec = dataclasses.replace(data.spec, fields=fields)
    return dataclasses.replace(data, spec=spec, frame=data.frame.assign(**empty | told))


SHAPE_STYLE = dataclasses.replace(
    STYLE,
    slug="test-shapes",
    size_field=None,
    widths_mm={"coal": 0.6},
    unfilled=frozenset({"coal"}),
    draw=("coal", "wind"),
)


DOCUMENTS = {
    "metadata/iso19115.xml": "<MD_Metadata>é</MD_Metadata>".encode(),
    "metadata/fgdc.xml": b"<metadata/>",
    "report.html": b"<html></html>",
    "rejected.csv": b"source,row\r\n",
} | {
    f"{name}_{lang}.txt": f"{name} {lang}".encode()
    for name in ("How_to_Cite", "Terms_of_Use")
    for lang in ("en", "fr", "es")
}


def look(language: str = "en") -> Look:
    """Return words and style of the layer in one language."""
    return Look(WORDS, STYLE, language)


def shape_look(language: str = "en") -> Look:
    """Return words and style of the layers of lines and polygons."""
    return Look(WORDS, SHAPE_STYLE, language)


def tamper(path: Path, statement: str) -> None:
    """Change a GeoPackage behind the back of its writer; the triggers of its R-tree ask for spatial functions."""
    with closing(sqlite3.connect(path)) as file:
        file.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            file.create_function(name, 1, lambda _: 0.0)
        file.execute(statement)
        file.commit()
