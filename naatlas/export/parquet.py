"""GeoParquet of the features, Parquet of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import shapely

from naatlas import framework
from naatlas.export import arrow
from naatlas.model import Points

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from naatlas.model import LayerData

#: Zstandard at its usual level: a third smaller than Snappy at about the same speed of reading.
_COMPRESSION = "zstd"


def write(data: LayerData, path: Path) -> None:
    """Write the features as GeoParquet 1.1 in the framework CRS, with a bounding box column for fast filtering."""
    frame = arrow.table(data).drop_columns([arrow.GEOMETRY]).to_pandas(types_mapper=arrow.pandas_type)
    features = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(_geometry(data), crs=framework.crs()))
    features.to_parquet(
        path, index=False, write_covering_bbox=True, schema_version="1.1.0", compression=_COMPRESSION
    )


def _geometry(data: LayerData) -> NDArray[np.object_]:
    if isinstance(data.geometry, Points):
        return np.asarray(shapely.points(data.points.x, data.points.y))
    return arrow.uniform(data.shapes.metres, data.spec.geometry)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table without geometry, such as the provenance."""
    pq.write_table(arrow.attributes(frame), path, compression=_COMPRESSION)
