"""What the tests of the base layers share: small files in the true layouts, and a layer combined from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from naatlas import registry, sources
from naatlas.ledger import Ledger
from naatlas.model import Finding, Table, Work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from naatlas.spec import Source


@dataclass(frozen=True, slots=True)
class Made:
    """A layer as ``combine`` gives it, with its books."""

    frame: pd.DataFrame
    geometry: NDArray[np.object_] | None
    provenance: pd.DataFrame
    ledger: Ledger
    findings: tuple[Finding, ...]

    def state(self, source: str, row: int) -> tuple[str, str]:
        """State and detail of one row."""
        told = self.ledger.states(source).loc[row]
        return str(told["state"]), str(told["detail"])

    def row(self, **wanted: object) -> pd.Series:
        """Return the one feature with these values."""
        hit = self.frame
        for field, value in wanted.items():
            hit = hit[hit[field].eq(value).fillna(value=False)]
        assert len(hit) == 1, hit.to_string()
        return hit.iloc[0]


def square(west: float, south: float, width: float = 1.0, height: float | None = None) -> Any:
    return shapely.MultiPolygon([shapely.box(west, south, west + width, south + (height or width))])


def path(*points: tuple[float, float]) -> Any:
    return shapely.MultiLineString([points])


def table(source: Source, rows: Sequence[Mapping[str, object]], folder: Path) -> Table:
    """Write rows (with ``geometry``) as FlatGeobuf, as the source is published, and read them back."""
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs="EPSG:4326")
    for column in source.columns:
        if column not in frame:
            frame[column] = pd.Series([None] * len(frame), dtype="str")
    name = f"{source.id}.fgb"
    frame.to_file(folder / name, driver="FlatGeobuf", engine="pyogrio", SPATIAL_INDEX="NO")
    there = replace(source, packaged=False, optional=False, path=name)
    return replace(sources.read(there, folder), source=source)


def combine(slug: str, tables: Mapping[str, Table]) -> Made:
    """Combine a layer from the given tables and close its books."""
    layer = registry.load(slug)
    ledger = Ledger()
    for each in tables.values():
        ledger.open(each)
    work = Work(layer.SPEC.edition(None), ledger)
    told = layer.combine(tables, work)
    assert work.unknown == [], work.unknown
    ledger.close()
    return Made(told.frame, told.geometry, told.provenance, ledger, tuple(work.findings))


def made_of(slug: str, rows: Mapping[str, Sequence[Mapping[str, object]]], folder: Path) -> Made:
    """Combine a layer from rows by source id."""
    spec = registry.spec(slug)
    return combine(slug, {name: table(spec.source(name), told, folder) for name, told in rows.items()})


def assembled(slug: str, folder: Path | None) -> Made:
    """Combine a layer from the package and, where it is given, the data folder."""
    spec = registry.spec(slug)
    return combine(slug, sources.read_all([spec.source(s) for s in spec.edition(None).sources], folder))
