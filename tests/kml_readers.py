"""What other programs read in our KMZ: GDAL's LIBKML and fastkml, over all KML files of the archive."""

from __future__ import annotations

import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import fastkml
import numpy as np
import pandas as pd
import pyogrio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def unpacked(kmz: Path, folder: Path) -> list[Path]:
    """Unpack the KML of an archive; return the files."""
    with zipfile.ZipFile(kmz) as archive:
        names = [name for name in archive.namelist() if name.endswith(".kml")]
        archive.extractall(folder, names)
    return [folder / name for name in names]


def by_gdal(files: list[Path], key: str) -> pd.DataFrame:
    """Return the features with values as LIBKML reads them, one row a key."""
    read = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # folders without features have no geometry type
        for path in files:
            for layer, _ in pyogrio.list_layers(path):
                told = pyogrio.read_dataframe(path, layer=layer)
                if key in told.columns:
                    read.append(pd.DataFrame(told[told[key].notna()]).astype(object))
    return pd.concat(read, ignore_index=True).set_index(key)


def by_fastkml(files: list[Path], key: str) -> pd.DataFrame:
    """Return the features with values as fastkml reads them, as text, one row a key."""
    rows = [values for path in files for values in _values(fastkml.KML.parse(path, strict=False))]
    return pd.DataFrame(rows, dtype=object).set_index(key)


def _values(part: Any) -> Iterator[dict[str, str]]:
    for feature in getattr(part, "features", ()):
        if not isinstance(feature, fastkml.Placemark):
            yield from _values(feature)
        elif feature.extended_data:
            schemas = [e for e in feature.extended_data.elements if isinstance(e, fastkml.SchemaData)]
            if schemas:
                yield {str(value.name): str(value.value) for data in schemas for value in data.data}


def differences(wanted: pd.DataFrame, read: pd.DataFrame) -> list[str]:
    """Return the columns that do not hold what they should: absent ones must be empty.

    Parameters
    ----------
    wanted
        The table of the layer.
    read
        What a reader made of it, of the same index; numbers may be text.
    """
    return [name for name in wanted.columns if not _same(wanted[name].dropna(), name, read)]


def _same(values: pd.Series, name: str, read: pd.DataFrame) -> bool:
    # GDAL takes the fields that are called like elements of KML for those
    column = name if name in read.columns else name.capitalize()
    if column not in read.columns:
        return values.empty
    found = read[column].reindex(values.index)
    if pd.api.types.is_numeric_dtype(values):
        numbers = pd.to_numeric(found, errors="coerce").astype(float)
        return bool(np.isclose(numbers, values.astype(float), rtol=1e-6).all())
    return bool((found.astype(str) == values.astype(str)).all())
