"""Rasters to read from: a file or an address that GDAL opens, or an array in memory."""

from __future__ import annotations

import errno
import os
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.enums import ColorInterp
from rasterio.session import DummySession
from rasterio.windows import Window

from naatlas.errors import InputError
from naatlas.raster.address import Address, gdal_name, refusal, settings
from naatlas.raster.source import Placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from naatlas.raster.address import Place

    #: First row and column, rows and columns.
    Frame = tuple[int, int, int, int]

#: What of a file cannot travel, and is made anew where it is read.
_HANDLES = ("_local", "_lock", "_opened")
#: Tiles of a remote raster that are looked at to know it again, less one.
_LOOKS = 16

#: GDAL's cache of tiles, in MB: its own default is a twentieth of the memory of the machine.
CACHE_MB = 256


@dataclass(frozen=True, slots=True)
class Array:
    """A raster in memory."""

    placed: Placed
    cells: NDArray[Any]
    nodata: float

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the cells."""
        return self.cells.dtype

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells; it may reach over the edges, with nodata there."""
        return _framed(self, self._inside, (row, col, rows, cols))

    def _inside(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        return self.cells[row : row + rows, col : col + cols]


class File:
    """One band of a raster file; threads read it at the same time, each through a handle of its own.

    It can be pickled: what travels is the description, and whoever reads opens the file for itself.

    Parameters
    ----------
    path
        Of a file, or an address on object storage or the web.
    crs, nodata
        As the specification declares them, where the file says nothing or something untrue; None to believe the file.
    name
        How messages call the file; its own name when left out.
    variable
        Of a netCDF file.

    Raises
    ------
    InputError
        GDAL cannot open it, or nobody says where its cells lie or what stands for no data.
    """

    def __init__(
        self,
        path: Place,
        *,
        band: int = 1,
        crs: str | None = None,
        nodata: float | None = None,
        name: str = "",
        variable: str = "",
    ) -> None:
        self.path, self.band, self.name = path, band, name or path.name
        self.variable = variable
        self._closed()
        file = self._handle()
        if band > file.count:
            raise InputError(f"{self.name}: has {file.count} band(s), and band {band} is declared")
        self.dtype = np.dtype(file.dtypes[band - 1])
        self.placed = _placed(file, crs, self.name)
        self.nodata = _nodata(file, nodata, self.name)
        #: What the file says of its edition, as products of the atlas do.
        self.edition = str(file.tags().get("EDITION", ""))
        #: Tags of the band, such as the names of classes, and whether it has a table of colours.
        self.band_tags: dict[str, str] = file.tags(band)
        self.coloured = file.colorinterp[band - 1] == ColorInterp.palette
        #: Name of the band and its unit, empty where it has none.
        self.title, self.unit = file.descriptions[band - 1] or "", file.units[band - 1] or ""
        #: Whether a window of some columns costs as much to decode as one of all.
        self.striped = file.block_shapes[band - 1][1] >= file.width
        #: Of a remote raster, where some of its tiles lie: what tells it from another one under the same address.
        self.layout = _layout(file, band) if isinstance(path, Address) else ()

    def _closed(self) -> None:
        """Begin without any handle."""
        self._local, self._lock = threading.local(), threading.Lock()
        self._opened: list[DatasetReader] = []

    def __getstate__(self) -> dict[str, Any]:
        """Return the description, with a path that is the same wherever it is read."""
        told = {name: value for name, value in vars(self).items() if name not in _HANDLES}
        return told | ({"path": self.path.absolute()} if isinstance(self.path, Path) else {})

    def __setstate__(self, told: dict[str, Any]) -> None:
        vars(self).update(told)
        self._closed()

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells; it may reach over the edges, with nodata there.

        Raises
        ------
        InputError
            The file is damaged there.
        """
        return _framed(self, self._inside, (row, col, rows, cols))

    def colours(self) -> dict[int, tuple[int, int, int]]:
        """Return the red, green and blue of each code; nothing where it has no table of colours."""
        table = self._handle().colormap(self.band) if self.coloured else {}
        return {code: (red, green, blue) for code, (red, green, blue, _) in table.items()}

    def close(self) -> None:
        """Close the handles of all threads."""
        for file in self._opened:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _inside(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        try:
            with reading(self.path):
                told: NDArray[Any] = self._handle().read(self.band, window=Window(col, row, cols, rows))
        except rasterio.errors.RasterioError as error:
            if isinstance(self.path, Address):
                raise InputError(refusal(self.path, error)) from None
            where = f"rows {row} to {row + rows}"
            raise InputError(f"{self.name}: {where} cannot be read, it is damaged; get it again") from error
        return told

    def _handle(self) -> DatasetReader:
        if not hasattr(self._local, "file"):
            self._local.file = opened(self.path, name=self.name, variable=self.variable)
            with self._lock:
                self._opened.append(self._local.file)
        file: DatasetReader = self._local.file
        return file


def reading(place: Place) -> rasterio.Env:
    """Return the environment in which GDAL reads from a place.

    GDAL asks for the size of its cache once, when it first needs to know. Credentials it finds by itself: a session of
    rasterio would copy them into its own settings, which it logs.
    """
    return rasterio.Env(session=DummySession(), GDAL_CACHEMAX=CACHE_MB, **settings(place))


def opened(place: Place, *, name: str = "", variable: str = "") -> DatasetReader:
    """Open a raster.

    Parameters
    ----------
    name
        How messages call it; its own name when left out.
    variable
        Of a netCDF file.

    Raises
    ------
    InputError
        GDAL cannot open it, or the storage does not hand it out.
    FileNotFoundError
        There is no such file.
    """
    try:
        if isinstance(place, Path):
            _prove_there(place, name or place.name)
        what = gdal_name(place)
        with reading(place), _silent():
            return rasterio.open(f'NETCDF:"{what}":{variable}' if variable else what)
    except rasterio.errors.RasterioIOError as error:
        if isinstance(place, Address):
            # not as its cause: what a server answers may hold what it was asked with
            raise InputError(refusal(place, error)) from None
        kind = f"netCDF file with a variable {variable}" if variable else "raster that GDAL can open"
        raise InputError(f"{name or place.name}: is no {kind}; get it again") from error


def _prove_there(path: Path, name: str) -> None:
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    if path.is_file() and not path.stat().st_size:
        raise InputError(f"{name}: the file is empty; get it again")


@contextmanager
def _silent() -> Iterator[None]:
    """Keep rasterio from warning of a file that has no place: that is told in our words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        yield


def _placed(file: DatasetReader, crs: str | None, name: str) -> Placed:
    told = crs or (file.crs.to_wkt() if file.crs else None)
    if told is None:
        raise InputError(
            f"{name}: states no coordinate system; declare it in the layout of the source, or by --crs to naatlas align"
        )
    if file.transform.is_identity:
        raise InputError(f"{name}: does not say where its cells lie; get it again, with its world file")
    return Placed(crs=told, transform=file.transform, shape=file.shape)


def _nodata(file: DatasetReader, declared: float | None, name: str) -> float:
    told = file.nodata if declared is None else declared
    kind = np.dtype(file.dtypes[0])
    if told is None:
        if kind.kind == "f":
            return float("nan")
        raise InputError(
            f"{name}: does not say which number means no data; declare it in the layout of the source, or by --nodata "
            "to naatlas align"
        )
    if kind.kind in "iu" and not (np.iinfo(kind).min <= told <= np.iinfo(kind).max):
        raise InputError(f"{name}: says that {told:g} means no data, which {kind} cannot hold; declare it")
    return float(told)


def _layout(file: DatasetReader, band: int) -> tuple[str, ...]:
    """Return place and size of tiles along the diagonal.

    Tiles are packed one behind the other, so that cells that pack to another size move all that follow. GDAL hands out
    neither the time of a remote file nor its ETag.
    """
    rows, cols = (
        -(-side // tile) for side, tile in zip(file.shape, file.block_shapes[band - 1], strict=True)
    )
    looks = {(step * (rows - 1) // _LOOKS, step * (cols - 1) // _LOOKS) for step in range(_LOOKS + 1)}
    return tuple(
        f"{file.get_tag_item(f'BLOCK_{what}_{col}_{row}', 'TIFF', bidx=band)}"
        for row, col in sorted(looks)
        for what in ("OFFSET", "SIZE")
    )


def _framed(
    raster: Array | File, read: Callable[[int, int, int, int], NDArray[Any]], frame: Frame
) -> NDArray[Any]:
    """Read what of a window lies in the raster, with nodata around it; one that goes round the globe goes on."""
    row, col, rows, cols = frame
    height, width = raster.placed.shape
    top, bottom = max(row, 0), min(row + rows, height)
    if (top, bottom) == (row, row + rows) and 0 <= col <= width - cols:
        return read(row, col, rows, cols)
    out = np.full((rows, cols), raster.nodata, dtype=raster.dtype)
    for start in _turns(raster, col, cols):
        left, right = max(col, start), min(col + cols, start + width)
        if right > left and bottom > top:
            part = read(top, left - start, bottom - top, right - left)
            out[top - row : bottom - row, left - col : right - col] = part
    return out


def _turns(raster: Array | File, col: int, cols: int) -> Iterator[int]:
    """Yield where the raster begins, as often as it comes round within those columns."""
    period = round(raster.placed.period)
    if not period:
        yield 0
        return
    first = (col - raster.placed.shape[1]) // period
    yield from (turn * period for turn in range(first, (col + cols) // period + 1))
