"""One way to a KMZ, in a process of its own: ``python -m benchmarks.kml_way WAY ROWS FILE``, a way of ``WAYS``.

Prints seconds of clock and processor, and by how much the writing raised the peak of memory, as JSON.
"""

from __future__ import annotations

import html
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import psutil

from naatlas.export import document, kmz, placemarks, tiles, zips
from naatlas.export.arrow import published
from naatlas.export.cells import Columns
from naatlas.export.columns import Run, Template
from naatlas.stamp import stamp
from tests import export_samples as samples

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from naatlas.export.columns import Text
    from naatlas.model import LayerData

NAMES = tuple(f"Central Éolica n.º {number} & Cía." for number in range(5000))


def naatlas(data: LayerData, path: Path) -> None:
    """Write styled placemarks with balloons, folders, a pyramid, values in Data and SchemaData, in one language."""
    kmz.write(data, path, look=samples.look("en"))


def bare(data: LayerData, path: Path) -> None:
    """Write what LIBKML writes, with the parts of naatlas: one document of bare placemarks with SchemaData."""
    writer = document.Sheet(data, samples.look("en")).writer
    with (
        zips.archive(path) as archive,
        zips.stream(archive, "doc.kml", stamp(data), level=6, large=False) as out,
    ):
        out.write(f"{tiles.HEAD}{writer.schema()}".encode())
        columns = Columns(data.frame, published(data.spec.fields), writer.look)
        for rows in np.array_split(np.arange(len(data.frame)), len(data.frame) // kmz.BLOCK_ROWS + 1):
            out.write(Run.of(bare_placemarks(data, columns, rows)).whole)
        out.write(tiles.TAIL.encode())


def bare_placemarks(data: LayerData, columns: Columns, rows: NDArray[np.int64]) -> Text:
    """Return id, name, values and place of some features."""
    told, raw = Template(), columns.cells(rows).raw
    told.cells('<Placemark id="id-', raw["atlas_id"], '">')
    told.cells("<name>", raw["name"], "</name>")
    told.text(f'<ExtendedData><SchemaData schemaUrl="#{placemarks.SCHEMA_ID}">')
    for name in (name for name in raw if name != "name"):
        told.cells(f'<SimpleData name="{name}">', raw[name], "</SimpleData>")
    told.text("</SchemaData></ExtendedData>")
    told.cells("", placemarks.point_elements(data.points.lon[rows], data.points.lat[rows]))
    told.text("</Placemark>\n")
    return told.render()


def table(data: LayerData) -> gpd.GeoDataFrame:
    """Return the layer as the other ways want it."""
    import geopandas as gpd

    points = gpd.points_from_xy(data.points.lon, data.points.lat, crs="EPSG:4326")
    return gpd.GeoDataFrame(data.frame, geometry=points)


def by_simplekml(data: LayerData, path: Path) -> None:
    """Write styled placemarks with balloons, folders and Data, one document."""
    simplekml_of(table(data), path)


def simplekml_of(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a frame in degrees as somebody does who has simplekml and an afternoon."""
    import simplekml

    document = simplekml.Kml(name="Plants")
    styles, folders = {}, {}
    columns = [name for name in frame.columns if name not in {"geometry", "pm25_t"}]
    for code, colour in samples.STYLE.colours.items():
        styles[code] = simplekml.Style()
        styles[code].iconstyle.color = simplekml.Color.hexa(colour[1:] + "ff")
    for row in frame.itertuples(index=False):
        if row.state not in folders:
            folders[row.state] = document.newfolder(name=row.state)
        title, place = html.escape(row.name), (row.geometry.x, row.geometry.y)
        point = folders[row.state].newpoint(name=title, coords=[place])
        point.style = styles[row.primary_source]
        values = ((name, getattr(row, name)) for name in columns)
        told = {name: html.escape(str(value)) for name, value in values if not pd.isna(value)}
        cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in told.items())
        point.description = f"<h3>{title}</h3><table>{cells}</table>"
        for name, value in told.items():
            point.extendeddata.newdata(name, value)
    document.savekmz(str(path))


def by_libkml(data: LayerData, path: Path) -> None:
    """Write bare placemarks with SchemaData: no style, no balloon, no folder."""
    frame = table(data)
    frame.to_file(path, driver="LIBKML")


def by_libkml_with_balloons(data: LayerData, path: Path) -> None:
    """Write the same with a balloon: its table is put together column by column, every value escaped."""
    frame = table(data)
    columns = [name for name in data.frame.columns if name != "pm25_t"]
    told = "<h3>" + data.frame["name"].map(html.escape) + "</h3><table>"
    for name in columns:
        cells = data.frame[name].astype("str").map(html.escape, na_action="ignore")
        told += (f"<tr><td>{name}</td><td>" + cells + "</td></tr>").fillna("")
    frame["description"] = told + "</table>"
    frame.to_file(path, driver="LIBKML")


WAYS: dict[str, Callable[[LayerData, Path], None]] = {
    "naatlas": naatlas,
    "bare": bare,
    "simplekml": by_simplekml,
    "libkml": by_libkml,
    "libkml-balloons": by_libkml_with_balloons,
}


def peak() -> int:
    """Return the highest memory of this process so far, in bytes."""
    told = psutil.Process().memory_info()
    if hasattr(told, "peak_wset"):
        return int(told.peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(way: str, rows: str, path: str) -> None:
    """Write once and tell what it cost."""
    data, small = (samples.layer(count, texts=NAMES) for count in (int(rows), 20))
    WAYS[way](small, Path(path).with_stem("warm"))  # imports are not what is measured
    before = psutil.Process().memory_info().rss
    begun = time.perf_counter(), time.process_time()
    WAYS[way](data, Path(path))
    cost = {"clock": time.perf_counter() - begun[0], "cpu": time.process_time() - begun[1]}
    print(json.dumps(cost | {"peak": peak() - before, "size": Path(path).stat().st_size}))


if __name__ == "__main__":
    main(*sys.argv[1:])
