"""A small finished layer of real specification for the tests of the metadata: three plants, one a country."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas import framework, registry
from naatlas.layers.power_plants import SPEC
from naatlas.ledger import Ledger, State
from naatlas.metadata import words as layer_words
from naatlas.metadata.record import describe
from naatlas.model import InputFile, LayerData, Points, Shapes

if TYPE_CHECKING:
    from naatlas.metadata.content import Record
    from naatlas.spec import LayerSpec

_ROWS = {
    "atlas_id": ["CAN-1", "MEX-1", "USA-1"],
    "country": ["CAN", "MEX", "USA"],
    "state": ["CA-QC", "MX-BCN", "US-AK"],
    "name": ["Beauharnois", "Cerro Prieto", "Shemya & <Eareckson>"],
    "capacity_mw": [1912.0, 570.0, 3.0],
    "capacity_definition": ["not_stated", "not_stated", "nameplate"],
    "primary_source": ["hydroelectric", "geothermal", "petroleum"],
    "reference_period": ["2016", "201708", "2023-11"],
    "coordinate_quality": ["as_published"] * 3,
}


def frame(spec: LayerSpec = SPEC) -> pd.DataFrame:
    """Return three features with all columns of the specification."""
    columns = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean"}
    empty = {f.name: pd.Series([None] * 3, dtype=columns[f.dtype]) for f in spec.fields}
    return pd.DataFrame(empty | {name: values for name, values in _ROWS.items() if name in empty})


def layer(*, variant: str = "", tier: str = "data", features: pd.DataFrame | None = None) -> LayerData:
    """Return a finished layer; the third plant lies beyond 180 degrees."""
    told = frame() if features is None else features
    lon, lat = np.array([-73.9, -115.2, 174.1])[: len(told)], np.array([45.3, 32.4, 52.7])[: len(told)]
    x, y = framework.project(lon, lat)
    ledger = Ledger()
    inputs = []
    for name in (source.id for source in SPEC.sources if source.id in SPEC.edition(None).sources):
        ledger.open_rows(name, told)
        ledger.settle(name, told.index[:1], State.REJECTED, "no coordinates")
        ledger.settle(name, told.index[1:], State.PUBLISHED, told["atlas_id"].iloc[1:])
        source = SPEC.source(name)
        inputs.append(InputFile(source=source, tier=tier, name=source.path, sha256="ab" * 32, size=10))
    return LayerData(
        spec=SPEC,
        edition="2023",
        frame=told,
        geometry=Points(lon=lon, lat=lat, x=x, y=y),
        provenance=pd.DataFrame(),
        ledger=ledger,
        inputs=tuple(inputs),
        variant=variant,
    )


def record(**changes: object) -> Record:
    """Return its metadata record, perhaps with something changed."""
    return dataclasses.replace(describe(layer(), layer_words.load("power-plants")), **changes)


def of_layer(slug: str) -> Record:
    """Return the record of any layer, made of three features without values beyond country and key."""
    spec = registry.load(slug).SPEC
    known = {field.name for field in spec.fields}
    told = frame(spec).assign(**{spec.key: ["A-1", "B-2", "C-3"]})
    inputs = tuple(
        InputFile(source=source, tier="data", name=source.path, sha256="cd" * 32, size=10)
        for source in registry.load("power-plants" if spec.uses else slug).SPEC.sources
    )
    points = layer().geometry
    kind = {
        "LineString": "LINESTRING (-100 40, -99 41)",
        "Polygon": "POLYGON ((-100 40, -99 40, -99 41, -100 40))",
    }
    shapes = np.array([shapely.from_wkt(kind.get(spec.geometry, "POINT EMPTY"))] * 3, dtype=object)
    data = LayerData(
        spec=spec,
        edition=spec.edition(None).name,
        frame=told.assign(country=["CAN", "MEX", "USA"]) if "country" in known else told,
        geometry=points if spec.geometry == "Point" else Shapes(shapes, shapes, {}),
        provenance=pd.DataFrame(),
        ledger=Ledger(),
        inputs=inputs,
    )
    return describe(data, layer_words.load(slug))
