"""Read the file of a source as its layout says, and all files of a layer at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from naatlas.errors import InputError
from naatlas.model import Table
from naatlas.sources import cells, known, locate
from naatlas.sources.delimited import read_csv
from naatlas.sources.vector import read_vector
from naatlas.sources.workbook import read_excel
from naatlas.spec import Csv, Excel, RasterFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from naatlas.model import InputFile
    from naatlas.sources.delimited import Read
    from naatlas.sources.raster import Bounds
    from naatlas.spec import Source, Vector


def read(source: Source, data: Path | None = None, *, bounds: Bounds | None = None) -> Table:
    """Read one source as published.

    Parameters
    ----------
    data
        The data folder; None reads the starter rows inside the package.
    bounds
        Of a raster: the frame in metres (left, bottom, right, top) that its cells are told to lie in or outside of;
        None for the map frame of the atlas.

    Returns
    -------
    Table
        Text cells as published, NA where empty or declared missing; index ``row`` counts as the file does.
        Rows that match ``source.totals`` are still there: see :func:`is_total`.

    Raises
    ------
    InputError
        The file is missing, damaged, another one than its name says, wrongly encoded, or lacks declared columns;
        one line.
    """
    path = locate.locate(source, data)
    entry = locate.describe(source, path, data)
    known.refuse_mistaken(entry)
    if isinstance(source.layout, RasterFile):
        return _raster(source, source.layout, path, entry, bounds)
    (headers, columns), geometry = _open(source, path, entry.name, starter=data is None)
    frame = cells.to_frame(headers, columns, source, name=entry.name)
    if data is None:
        frame = frame.drop(columns=[c for c in cells.STARTER_COLUMNS if c in frame.columns])
    shapes = None if geometry is None else geometry.reindex(frame.index)
    return Table(source, frame, entry, shapes)


def _raster(source: Source, layout: RasterFile, path: Path, entry: InputFile, bounds: Bounds | None) -> Table:
    from naatlas.sources.raster import read_raster  # GDAL's raster half is loaded only for rasters

    (headers, columns), bands = read_raster(path, layout, name=entry.name, bounds=bounds)
    frame = cells.to_frame(headers, columns, source, name=entry.name)
    return Table(source, frame, entry, rasters=bands)


def read_all(
    sources: Iterable[Source], data: Path | None = None, *, bounds: Bounds | None = None
) -> dict[str, Table]:
    """Read all sources, or say everything that is wrong with any of them.

    Returns
    -------
    dict
        Tables by source id; optional sources that are absent are left out (:func:`absent` names them).

    Raises
    ------
    InputError
        One line a source that cannot be read; one for all that have no starter rows.
    """
    wanted = [s for s in sources if not (s.optional and locate.find(s, data) is None)]
    if told := locate.without_starter(wanted, data):
        raise InputError(told)
    # The parsers release the interpreter, so that two files at once take a third less time than one by one.
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda source: _try(source, data, bounds), wanted))
    if wrong := [result for result in results if isinstance(result, str)]:
        raise InputError(_all(wrong))
    # Parsing takes more than the tables do, and Arrow would keep it.
    pa.default_memory_pool().release_unused()
    return {table.source.id: table for table in results if not isinstance(table, str)}


def _try(source: Source, data: Path | None, bounds: Bounds | None) -> Table | str:
    try:
        return read(source, data, bounds=bounds)
    except InputError as error:
        return str(error)


def _all(told: list[str]) -> str:
    # A missing data folder is one trouble, not one a source.
    told = list(dict.fromkeys(told))
    return told[0] if len(told) == 1 else f"{len(told)} inputs cannot be read:\n  " + "\n  ".join(told)


def _open(source: Source, path: Path, name: str, *, starter: bool) -> tuple[Read, pd.Series | None]:
    if starter and path.suffix == ".csv":  # the project's own tables, whatever the national layout
        return read_csv(path, Csv(), name=name), None
    if isinstance(source.layout, Csv):
        return read_csv(path, source.layout, name=name), None
    if isinstance(source.layout, Excel):
        return read_excel(path, source.layout, name=name), None
    return read_vector(path, cast("Vector", source.layout), name=name)
