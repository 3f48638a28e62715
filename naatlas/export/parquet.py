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
    from collections.abc import Sequence
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


def write_parts(frame: pd.DataFrame, path: Path, parts: Sequence[str]) -> None:
    """Write a table sorted by some columns, with a row group for each combination of their values.

    One file serves as partitions do: readers look at the least and greatest value of each column in a row group and
    skip those that cannot hold what they ask for, while one name and one checksum stand for the whole.
    """
    ordered = frame.sort_values(list(parts), kind="stable", ignore_index=True)
    whole = arrow.attributes(ordered)
    sizes = ordered.groupby(list(parts), sort=False, dropna=False).size().to_list()
    with pq.ParquetWriter(path, whole.schema, compression=_COMPRESSION) as writer:
        for start, size in zip(np.cumsum([0, *sizes]).tolist(), sizes, strict=False):
            writer.write_table(whole.slice(start, size))


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table without geometry, such as the provenance."""
    pq.write_table(arrow.attributes(frame), path, compression=_COMPRESSION)
