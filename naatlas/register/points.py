"""Where the facilities of a register stand: beside a store, or among the features of a product."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from naatlas.errors import InputError, ProductError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

#: File of a store with the points of its facilities.
NAME = "facilities.parquet"

#: Its columns; degrees in WGS84, missing where nobody knows.
COLUMNS = ("atlas_id", "longitude", "latitude")

#: Ends the name of the long table of a product; the features are called the same without it.
_LONG_TABLE = "_releases.parquet"


def write_points(points: pd.DataFrame, store: Path) -> Path:
    """Write the points of facilities beside the partitions of a store.

    A facility that is there already gets its new point; the others keep theirs, as the partitions of other years do.

    Parameters
    ----------
    points
        ``COLUMNS``, a facility once.

    Raises
    ------
    ProductError
        The file cannot be written.
    """
    path = store / NAME
    told = points[list(COLUMNS)]
    if path.exists():
        before = read_points(path)
        told = pd.concat([told, before[~before["atlas_id"].isin(told["atlas_id"])]])
    told = told.sort_values("atlas_id", ignore_index=True)
    private = path.with_name(f".{NAME}.unfinished")
    try:
        store.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pandas(told, preserve_index=False), private, compression="zstd")
        os.replace(private, path)  # noqa: PTH105 - what is there is replaced, on Windows too
    except OSError as error:
        raise ProductError(f"{path}: cannot be written ({error.strerror or error})") from error
    return path


def points_of(store: Path) -> Path:
    """Find the points of a register: in the store, or the features of the product that the file belongs to.

    Raises
    ------
    UsageError
        There are none.
    """
    if store.is_dir():
        wanted = [store / NAME]
    else:
        stem = store.name.removesuffix(_LONG_TABLE)
        wanted = [
            store.with_name(f"{stem}{ending}") for ending in (".parquet", ".gpkg") if stem != store.name
        ]
    found = next((path for path in wanted if path.is_file()), None)
    if found is None:
        looked = f" (no {' or '.join(path.name for path in wanted)} beside it)" if wanted else ""
        raise UsageError(
            f"{store}: nothing tells where its facilities stand{looked}; name a file with --facilities that has "
            f"the columns {', '.join(COLUMNS)}"
        )
    return found


def read_points(path: Path) -> pd.DataFrame:
    """Read the points of facilities from a Parquet file, a table as CSV, or a file that GDAL opens.

    Returns
    -------
    DataFrame
        ``COLUMNS``.

    Raises
    ------
    InputError
        The file cannot be read, or lacks a column.
    """
    try:
        frame = _read(path)
    except (OSError, ValueError, RuntimeError) as error:  # such are those of Arrow, of pandas and of GDAL
        raise InputError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error
    if lost := [name for name in COLUMNS if name not in frame]:
        raise InputError(f"{path}: has no column {', '.join(lost)}; facilities have {', '.join(COLUMNS)}")
    return frame[list(COLUMNS)].astype({"longitude": "float64", "latitude": "float64"})


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        names = pq.read_schema(path).names
        told: pd.DataFrame = pq.read_table(path, columns=[n for n in COLUMNS if n in names]).to_pandas()
        return told
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"atlas_id": "str"})
    import pyogrio

    layer = next((name for name, kind in pyogrio.list_layers(path) if kind is not None), None)
    frame: pd.DataFrame = pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
    return frame
