"""Small layers for the tests of quality, report and explain; every value is there for a reason."""

from __future__ import annotations

import numpy as np
import pandas as pd

from naatlas.ledger import Ledger, State
from naatlas.metadata.words import Words
from naatlas.model import Finding, InputFile, LayerData, Points
from naatlas.spec import Csv, Edition, Field, Gap, LayerSpec, Licence, Source

LICENCE = Licence(
    id="X", name="Open <licence>", attribution="Contains open data.", url="https://example.org/licence"
)


def source(name: str, country: str | None, vintage: str) -> Source:
    return Source(
        id=name,
        country=country,
        title=f"Register {name}",
        publisher=f"Agency of {name}",
        landing_page="https://example.org/data",
        licence=LICENCE,
        vintage=vintage,
        path=f"{name}.csv",
        layout=Csv(),
        columns=("id", "name"),
    )


FIELDS = (
    Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),
    Field(name="country", dtype="text", required=True, classes="country"),
    Field(name="state", dtype="text", required=True, classes="state"),
    Field(name="name", dtype="text", required=True),
    Field(name="capacity_mw", dtype="real", required=True, low=0.0, high=30000.0),
    Field(name="primary_source", dtype="text", required=True, classes="energy_source"),
    Field(name="year_online", dtype="integer", low=1880, high=2100),
    Field(name="co2_t", dtype="real", low=0.0),
    Field(name="co2_year", dtype="integer"),
    Field(name="co2_status", dtype="text", classes="emission_status"),
    Field(name="co2_comparability", dtype="text", classes="comparability"),
    Field(name="pm25_t", dtype="real", gap=True),
    Field(name="latitude", dtype="real", required=True, low=5.0, high=84.0),
    Field(name="longitude", dtype="real", required=True, low=-180.0, high=-50.0),
)
SOURCES = (
    source("us-plants", "USA", "2023"),
    source("ca-plants", "CAN", "2017"),
    source("us-units", "USA", "2021"),
)
SPEC = LayerSpec(
    slug="sample-plants",
    name="SamplePlants",
    geometry="Point",
    key="atlas_id",
    fields=FIELDS,
    sources=SOURCES,
    editions=(Edition(name="2023", sources=tuple(s.id for s in SOURCES), default=True),),
    gaps=(Gap(field="pm25_t", country=None, why="no register has it by plant"),),
    balance={"capacity_mw": "source", "co2_t": "source-and-links"},
)


def _three(text: str) -> dict[str, str]:
    return {"en": text, "fr": f"{text} (fr)", "es": f"{text} (es)"}


CLASSES = {
    "country": ("CAN", "USA", "MEX"),
    "energy_source": ("coal", "natural_gas", "hydroelectric"),
    "emission_status": ("reported", "not_reported", "not_required"),
    "comparability": ("comparable", "with_care"),
}
WORDS = Words(
    slug="sample-plants",
    texts={"title": _three("Sample plants & more"), "abstract": _three("Plants made up for tests.")},
    keywords={"en": (), "fr": (), "es": ()},
    labels={f.name: _three(f.name.replace("_", " ").capitalize()) for f in FIELDS},
    definitions={f.name: _three(f"What {f.name} is.") for f in FIELDS},
    codesets={"state": _three("Codes of states")},
    classes={g: {c: _three(c.replace("_", " ").capitalize()) for c in codes} for g, codes in CLASSES.items()},
)


def frame() -> pd.DataFrame:
    """Three plants: one of two rows with emissions, one that burns nothing, one that did not report."""
    return pd.DataFrame(
        {
            "atlas_id": pd.array(["CAN-1", "USA-1", "USA-2"], dtype="string"),
            "country": pd.array(["CAN", "USA", "USA"], dtype="string"),
            "state": pd.array(["CA-QC", "US-AL", "US-TX"], dtype="string"),
            "name": pd.array(["Centrale Île-à-l'Échelle", "Barry <1>", "W A Parish"], dtype="string"),
            "capacity_mw": [5428.0, 2370.5, 3990.0],
            "primary_source": pd.array(["hydroelectric", "coal", "natural_gas"], dtype="string"),
            "year_online": pd.array([1971, None, 1958], dtype="Int64"),
            "co2_t": [np.nan, 9_000_000.0, np.nan],
            "co2_year": pd.array([None, 2021, None], dtype="Int64"),
            "co2_status": pd.array(["not_required", "reported", "not_reported"], dtype="string"),
            "co2_comparability": pd.array([None, "comparable", None], dtype="string"),
            "pm25_t": [np.nan] * 3,
            "latitude": [53.5, 31.0069, 29.4828],
            "longitude": [-63.9, -88.0103, -95.6311],
        }
    )


def ledger() -> Ledger:
    """Keep the books of :func:`frame`: 5 + 2 + 2 rows, one rejected, one control only, one corrected."""
    books = Ledger()
    us = pd.DataFrame(
        {"id": list("ABCDE"), "name": ["Barry", "Barry", "Parish", "Lost", "Total"]},
        index=pd.RangeIndex(2, 7, name="row"),
    )
    books.open_rows("us-plants", us)
    books.settle("us-plants", [2, 3], State.AGGREGATED, "USA-1")
    books.settle("us-plants", [4], State.PUBLISHED, "USA-2")
    books.settle("us-plants", [5], State.REJECTED, "no coordinates")
    books.settle("us-plants", [6], State.CONTROL, "total of the publisher")
    megawatts = pd.Series([2000.0, 370.5, 3990.0, 12.5, 6373.0], index=us.index)
    books.measure("us-plants", "capacity_mw", megawatts, "USA")
    ca = pd.DataFrame(
        {"id": ["x", "y"], "name": ["Centrale", "Centrale"]}, index=pd.Index([2, 3], name="row")
    )
    books.open_rows("ca-plants", ca)
    books.settle("ca-plants", [2], State.PUBLISHED, "CAN-1")
    books.settle("ca-plants", [3], State.MERGED, "CAN-1")
    books.measure("ca-plants", "capacity_mw", pd.Series([5428.0, 5428.0], index=ca.index), "CAN")
    units = pd.DataFrame({"id": ["u1", "u2"]}, index=pd.Index([2, 3], name="row"))
    books.open_rows("us-units", units)
    books.settle("us-units", [2, 3], State.ENRICHES, "USA-1")
    books.measure("us-units", "co2_t", pd.Series([8e6, 1e6], index=units.index), "USA")
    books.correct(
        "ca-plants", 2, field="longitude", old="63.9", new=-63.9, reason="lost sign", by="rule: sign"
    )
    return books


def provenance() -> pd.DataFrame:
    """One line a published value of :func:`frame`."""
    rows = [
        ("CAN-1", "capacity_mw", "ca-plants", "2", "Total MW", "5428.0", "unit MW", np.nan),
        ("CAN-1", "name", "ca-plants", "2", "Facility", "Centrale Île-à-l'Échelle", "as published", np.nan),
        ("CAN-1", "year_online", "ca-plants", "2", "Year", "1971", "as published", np.nan),
        ("USA-1", "capacity_mw", "us-plants", "2, 3", "MW", "2000 + 370.5", "sum of 2 rows", np.nan),
        ("USA-1", "co2_t", "us-units", "2, 3", "CO2", "9920801 short tons", "unit short tons", 97.5),
        (
            "USA-1",
            "primary_source",
            "us-plants",
            "2",
            "Fuel",
            "BIT",
            "crosswalk energy_source.csv line 4: BIT -> coal",
            np.nan,
        ),
        ("USA-2", "capacity_mw", "us-plants", "4", "MW", "3990", "unit MW", np.nan),
    ]
    columns = ["atlas_id", "field", "source", "row", "national_field", "national_value", "rule", "score"]
    return pd.DataFrame(rows, columns=columns)


def inputs() -> tuple[InputFile, ...]:
    return tuple(
        InputFile(source=s, tier="data", name=s.path, sha256=f"{n:064x}", size=1000 + n)
        for n, s in enumerate(SOURCES)
    )


def layer(findings: tuple[Finding, ...] = ()) -> LayerData:
    table = frame()
    lon, lat = table["longitude"].to_numpy(), table["latitude"].to_numpy()
    return LayerData(
        spec=SPEC,
        edition="2023",
        frame=table,
        geometry=Points(lon=lon, lat=lat, x=lon * 1e5, y=lat * 1e5),
        provenance=provenance(),
        ledger=ledger(),
        inputs=inputs(),
        findings=findings,
    )
