"""What an unknown file is: the facts that somebody needs to write the layout of a source."""

from __future__ import annotations

import csv
import hashlib
import io
import statistics
import zipfile
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineError

from naatlas.errors import InputError
from naatlas.raster.address import Address
from naatlas.sources import archive, cells
from naatlas.sources.delimited import MAX_CELL, candidates
from naatlas.sources.workbook import as_text, open_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from python_calamine import CalamineWorkbook
    from rasterio.io import DatasetReader

    from naatlas.raster.address import Place

Facts = dict[str, Any]

_DELIMITERS = ",;\t|"
_SAMPLE = 25
_SHOWN = 3
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_RASTERS = frozenset({".tif", ".tiff", ".img", ".vrt", ".jp2", ".asc"})
_VECTORS = frozenset({".shp", ".gpkg", ".fgb", ".geojson", ".gdb", ".kml", ".gml", ".json"})


def inspect(path: Place) -> Facts:
    """Look into a file of any kind, or a raster at an address.

    Returns
    -------
    dict
        Ready for JSON. Always ``name``, ``format``, ``size``, ``sha256`` (None for a folder; at an address both are).
        Text has ``encodings`` in which it decodes, ``delimiter``, ``header_row``, ``columns``, ``rows`` and ``first``
        values; a workbook has these for each of its ``sheets``; a vector file has ``layers`` with driver,
        CRS, encoding, geometry, columns and rows; a raster has ``raster`` with driver, CRS, size, cells, bounds
        and bands; a zip has ``members``, and ``layers`` when it holds any.

    Raises
    ------
    InputError
        The file is missing, damaged or dangerous to unpack; one line.
    """
    if isinstance(path, Address):
        return {"name": path.name, "format": "raster", "size": None, "sha256": None, "raster": _raster(path)}
    kind = _kind(path)
    facts: Facts = {"name": path.name, "format": kind} | _identity(path)
    if kind == "workbook":
        return facts | _workbook(path)
    if kind == "raster":
        return facts | {"raster": _raster(path)}
    if kind == "vector":
        return facts | {"layers": _layers(path.as_posix(), path.name)}
    if kind == "zip":
        return facts | _zip(path)
    return facts | _text(archive.read_bytes(path, name=path.name), path.name)


def _kind(path: Path) -> str:
    if not path.exists():
        raise InputError(f"{path.name}: there is no such file; check the path")
    suffix = path.suffix.lower()
    if path.is_dir() and suffix != ".gdb":
        raise InputError(f"{path.name}: is a folder; name a file in it")
    if suffix in _WORKBOOKS:
        return "workbook"
    if suffix in _RASTERS:
        return "raster"
    if suffix in _VECTORS:
        return "vector"
    if zipfile.is_zipfile(path) or suffix == ".zip":
        return "zip"
    return "gzipped text" if suffix == ".gz" else "text"


def _identity(path: Path) -> Facts:
    if path.is_dir():
        return {"size": sum(part.stat().st_size for part in path.iterdir()), "sha256": None}
    try:
        with path.open("rb") as stream:
            return {"size": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}
    except OSError as error:
        raise InputError(f"{path.name}: cannot be opened ({error.strerror})") from error


def _text(data: bytes, name: str) -> Facts:
    encodings = candidates(data)
    # A byte order mark decides; without one, what is valid UTF-8 by accident is not found in practice.
    text = data.decode("utf-8-sig" if "utf-8" in encodings else encodings[0])
    if "\x00" in text:
        raise InputError(f"{name}: holds NUL characters; a binary file, or UTF-16")
    delimiter = _delimiter(text)
    rows = _records(text, delimiter, name)
    encodings = sorted(encodings, key=lambda e: e != "utf-8-sig")
    return {"encodings": encodings, "delimiter": delimiter} | _grid(rows)


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the first records into the most cells, most of the time."""

    def width(delimiter: str) -> float:
        sample = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _SAMPLE))
        return statistics.median(len(record) for record in sample) if sample else 0

    csv.field_size_limit(MAX_CELL)
    try:
        return max(_DELIMITERS, key=width)
    except csv.Error:
        return ","


def _records(text: str, delimiter: str, name: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"{name}: cannot be read as delimited text ({error})") from error


def _workbook(path: Path) -> Facts:
    workbook = open_workbook(path, name=path.name)
    return {"sheets": [_sheet(workbook, sheet, path.name) for sheet in workbook.sheet_names]}


def _sheet(workbook: CalamineWorkbook, sheet: str, name: str) -> Facts:
    try:
        rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise InputError(f"{name}: sheet {sheet!r} is damaged ({error})") from error
    return {"sheet": sheet} | _grid(rows)


def _grid(rows: Sequence[Sequence[Any]]) -> Facts:
    """Describe rows of cells; the likely header is the first full row of nothing but text."""
    sample = [as_text(row) for row in rows[:_SAMPLE]]
    header = _header_row(sample)
    columns = [cells.collapse(cell) for cell in sample[header - 1]] if header else []
    body = [as_text(row) for row in rows[header : header + _SHOWN]]
    first = {
        column or f"(column {i + 1})": [row[i] for row in body if i < len(row)]
        for i, column in enumerate(columns)
    }
    filled = sum(any(cell not in ("", None) for cell in row) for row in rows[header:])
    return {"header_row": header or None, "columns": columns, "rows": filled, "first": first}


def _header_row(sample: list[list[str]]) -> int:
    filled = [[cell for cell in row if cell.strip()] for row in sample]
    fullest = max(map(len, filled), default=0)
    for number, texts in enumerate(filled, start=1):
        if texts and len(texts) * 5 >= fullest * 4 and not any(map(_is_number, texts)):
            return number
    return 1 if fullest else 0


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _zip(path: Path) -> Facts:
    members = archive.check_zip(path, name=path.name)
    facts: Facts = {"members": [{"name": m.filename, "size": m.file_size} for m in members if not m.is_dir()]}
    inside = {PurePosixPath(part).suffix.lower() for m in members for part in PurePosixPath(m.filename).parts}
    if inside & _VECTORS:
        facts["layers"] = _layers(f"zip://{path.as_posix()}", path.name)
    return facts


def _raster(place: Place) -> Facts:
    from naatlas.raster.files import opened  # GDAL's raster half is loaded only for rasters

    with opened(place) as file:
        return _raster_facts(file)


def _raster_facts(file: DatasetReader) -> Facts:
    bands = zip(file.dtypes, file.nodatavals, file.descriptions, file.colorinterp, strict=True)
    return {
        "driver": file.driver,
        "crs": file.crs.to_string() if file.crs else None,
        "columns": file.width,
        "rows": file.height,
        "cell": list(file.res),
        "bounds": list(file.bounds),
        "bands": [
            {"type": dtype, "nodata": nodata, "name": name or "", "colours": colours.name == "palette"}
            for dtype, nodata, name, colours in bands
        ],
    }


def _layers(where: str, name: str) -> list[Facts]:
    # Slow to import, and a second GDAL: wanted here only.
    import fiona
    from fiona.errors import FionaError

    try:
        return [_layer(where, layer) for layer in fiona.listlayers(where)]
    except (FionaError, OSError, ValueError, UnicodeDecodeError) as error:
        told = " ".join(str(error).replace(where, name).split())[:160]
        raise InputError(
            f"{name}: GDAL cannot open it ({told}); damaged, cut off or no vector file"
        ) from error


def _layer(where: str, layer: str) -> Facts:
    import fiona

    with fiona.open(where, layer=layer, allow_unsupported_drivers=True) as source:
        crs = source.crs
        return {
            "layer": layer,
            "driver": source.driver,
            "geometry": source.schema["geometry"],
            "crs": crs.to_string() if crs else None,
            "encoding": source.encoding,
            "rows": len(source),
            "columns": dict(source.schema["properties"]),
            "first": [dict(feature["properties"]) for feature in islice(source, _SHOWN)],
        }
