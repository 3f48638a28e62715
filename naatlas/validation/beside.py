"""What lies beside a metadata record: the layer that it describes, measured."""

from __future__ import annotations

import warnings
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from naatlas.metadata.lint import Beside

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Files that a record may describe.
_DATA = (".gpkg", ".shp", ".fgb", ".geojson")
#: Folders above the record whose names may tell the layer.
_FOLDERS = 2
#: Half of the globe, in degrees.
_HALF = 180.0
#: Latitude beyond which a longitude says nothing.
_AT_POLE = 89.99


def of_file(path: Path) -> Beside:
    """Find the data of a record: the file it is named after, else the only layer in its folder or above."""
    whole = path.resolve()
    data = _data(whole)
    folders = [parent.name for parent in whole.parents][:_FOLDERS]
    return of_data(str(data) if data else None, _names(whole.name, data.name if data else ""), folders)


def of_zip(path: Path, record: PurePosixPath, layer: PurePosixPath | None) -> Beside:
    """Find what a record inside of a zip lies beside; the name of the zip counts as a folder."""
    where = f"/vsizip/{path.resolve().as_posix()}/{layer}" if layer else None
    folders = [
        *(parent.name for parent in record.parents if parent.name),
        path.stem,
        path.resolve().parent.name,
    ]
    return of_data(where, _names(record.name, layer.name if layer else ""), folders)


def of_data(where: str | None, names: list[str], folders: list[str]) -> Beside:
    """Measure a layer; what cannot be opened is not held against the record."""
    columns, box = _measured(where) if where else (None, None)
    return Beside(tuple(names), tuple(folders), columns, box)


def _names(record: str, data: str) -> list[str]:
    return [name for name in (data, record) if name]


def _data(path: Path) -> Path | None:
    named = Path(str(path).removesuffix(path.suffix))  # roads.shp.xml describes roads.shp
    if named.suffix.lower() in _DATA and named.is_file():
        return named
    for ending in _DATA:
        if (same := path.with_suffix(ending)).is_file():
            return same
    for folder in (path.parent, path.parent.parent):
        there = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in _DATA]
        if there:
            return there[0] if len(there) == 1 else None
        if folder.name.lower() != "metadata":  # records of a product lie in a folder of their own
            return None
    return None


def _measured(where: str) -> tuple[tuple[str, ...] | None, tuple[float, float, float, float] | None]:
    import pyogrio

    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", RuntimeWarning
            )  # GDAL's remarks on files that it then opens or not
            layers = pyogrio.list_layers(where)
            spatial = [str(name) for name, geometry in layers if geometry is not None]
            name = (spatial or [str(name) for name, _ in layers])[0]
            info = pyogrio.read_info(where, layer=name)
            _, _, geometry, _ = pyogrio.raw.read(where, layer=name, columns=[])
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        IndexError,
        RuntimeError,
        ValueError,
    ):
        return None, None
    return tuple(str(field) for field in info["fields"]), _box(geometry, info["crs"])


def _box(geometry: NDArray[Any] | None, crs: str | None) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north in degrees; None where that cannot be known."""
    import pyproj
    import shapely

    if geometry is None or not crs:
        return None
    try:
        to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        x, y = shapely.get_coordinates(shapely.from_wkb(geometry, on_invalid="ignore")).T
    except (pyproj.exceptions.CRSError, shapely.errors.GEOSException, ValueError):
        return None
    lon, lat = to_degrees.transform(x, y)
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        return None
    south, north = float(lat[known].min()), float(lat[known].max())
    somewhere = known & (np.abs(lat) < _AT_POLE)  # the pole has every longitude
    west, east = _ends(lon[somewhere]) if somewhere.any() else (-_HALF, _HALF)
    return west, south, east, north


def _ends(lon: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends of the shorter way round: across 180 degrees west is then greater than east."""
    plain = float(lon.min()), float(lon.max())
    if plain[1] - plain[0] <= _HALF:
        return plain
    turned = np.where(lon > 0, lon - 2 * _HALF, lon)
    west, east = float(turned.min()), float(turned.max())
    if east - west >= plain[1] - plain[0]:
        return plain
    return (west + 2 * _HALF if west < -_HALF else west), east
