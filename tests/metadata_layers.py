"""Every registered layer of features with three made-up ones: what the writers must be able to describe."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas import framework, registry
from naatlas.ledger import Ledger, State
from naatlas.metadata import words as layer_words
from naatlas.metadata.record import describe
from naatlas.model import InputFile, LayerData, Points
from tests import export_samples

if TYPE_CHECKING:
    from naatlas.metadata.content import Record
    from naatlas.metadata.words import Words
    from naatlas.model import Shapes
    from naatlas.spec import Edition, Field, LayerSpec

_COLUMNS = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean"}
_KINDS = {"Point", "LineString", "Polygon"}
_COUNTRIES = ["CAN", "MEX", "USA"]


@cache
def records() -> tuple[Record, ...]:
    """Return the record of every edition of every layer of features."""
    return tuple(record(slug, edition) for slug in slugs() for edition in registry.spec(slug).editions)


def slugs() -> list[str]:
    """Return the layers whose features are points, lines or polygons; rasters are described from their cells."""
    return [slug for slug in registry.slugs() if registry.spec(slug).geometry in _KINDS]


def record(slug: str, edition: Edition | None = None) -> Record:
    """Return the record of an edition; the default one when none is named."""
    return describe(layer(registry.spec(slug), edition), layer_words.load(slug))


def layer(spec: LayerSpec, edition: Edition | None = None) -> LayerData:
    """Return the finished layer: a feature a country, one record of each source rejected."""
    told = edition or spec.edition(None)
    words = layer_words.load(spec.slug)
    frame = pd.DataFrame({field.name: _values(field, words) for field in spec.fields})
    ledger, inputs = Ledger(), []
    for source in (spec.source(name) for name in told.sources):
        ledger.open_rows(source.id, frame)
        ledger.settle(source.id, frame.index[:1], State.REJECTED, "no coordinates")
        ledger.settle(source.id, frame.index[1:], State.PUBLISHED, frame[spec.key].iloc[1:].astype("str"))
        inputs.append(InputFile(source=source, tier="data", name=source.path, sha256="ab" * 32, size=10))
    return LayerData(
        spec=spec,
        edition=told.name,
        frame=frame,
        geometry=_geometry(spec),
        provenance=pd.DataFrame(),
        ledger=ledger,
        inputs=tuple(inputs),
    )


def _values(field: Field, words: Words) -> pd.Series[Any]:
    """Codes of the class list, the lowest possible number, or a text of its own; nothing in a gap."""
    if field.gap:
        return pd.Series([None] * 3, dtype=_COLUMNS[field.dtype])
    if field.name == "country":
        return pd.Series(_COUNTRIES, dtype="str")
    codes = list(words.classes.get(field.classes or "", {}))
    text: list[object] = [codes[i % len(codes)] if codes else f"{field.name} {i}" for i in range(3)]
    low = field.low or 0
    told: dict[str, list[object]] = {
        "text": text,
        "integer": [int(low)] * 3,
        "real": [float(low)] * 3,
        "boolean": [True, False, None],
    }
    return pd.Series(told[field.dtype], dtype=_COLUMNS[field.dtype])


def _geometry(spec: LayerSpec) -> Points | Shapes:
    if spec.geometry == "Point":
        lon, lat = np.array([-73.9, -115.2, -149.9]), np.array([45.3, 32.4, 61.2])
        x, y = framework.project(lon, lat)
        return Points(lon=lon, lat=lat, x=x, y=y)
    return export_samples.shapes(spec.geometry, 3)
