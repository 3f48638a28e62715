"""What the tests of layers of lines and polygons share: tables as the reader gives them, and their account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from naatlas import registry
from naatlas.ledger import Ledger
from naatlas.model import InputFile, Table, Work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from naatlas.model import Combined
    from naatlas.spec import Source


def table(source: Source, geometry: Sequence[object], **columns: Sequence[str | None]) -> Table:
    """Make a table as ``read_vector`` does: text cells, shapes in degrees, rows from 1."""
    index = pd.RangeIndex(1, len(geometry) + 1, name="row")
    frame = pd.DataFrame(
        {name: pd.array(cells, dtype="string") for name, cells in columns.items()}, index=index
    )
    frame["geometry"] = pd.array([shape.geom_type for shape in geometry], dtype="string")
    entry = InputFile(source=source, tier="data", name=source.path, sha256="0" * 64, size=1)
    return Table(source, frame, entry, pd.Series(list(geometry), index=index, dtype="object"))


def combine(slug: str, *tables: Table) -> tuple[Combined, Work]:
    """Combine a layer from tables, and close its books."""
    layer = registry.load(slug)
    ledger = Ledger()
    for one in tables:
        ledger.open(one)
    work = Work(layer.SPEC.edition(None), ledger)
    combined = layer.combine({one.source.id: one for one in tables}, work)
    if not work.unknown:
        ledger.close()
    return combined, work


def write(path: Path, geometry: Sequence[object], columns: Mapping[str, Sequence[object]]) -> None:
    """Write a zipped shapefile in degrees where a source expects it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = gpd.GeoDataFrame(dict(columns), geometry=list(geometry), crs="EPSG:4326")
    frame.to_file(path.with_suffix(".shz"), driver="ESRI Shapefile")
    path.with_suffix(".shz").rename(path)
