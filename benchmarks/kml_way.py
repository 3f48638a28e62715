"""One way to a KMZ, in a process of its own: ``python -m benchmarks.kml_way naatlas|simplekml|libkml ROWS FILE``.

Prints seconds of clock and processor, and by how much the writing raised the peak of memory, as JSON.
"""

from __future__ import annotations

import html
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import psutil

from tests import export_samples as samples

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from naatlas.model import LayerData

NAMES = tuple(f"Central Éolica n.º {number} & Cía." for number in range(5000))


def naatlas(data: LayerData, path: Path) -> None:
    """Write styled placemarks with balloons, folders, a pyramid, values in Data and SchemaData, in one language."""
    from naatlas.export import kmz

    kmz.write(data, path, look=samples.look("en"))


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


WAYS: dict[str, Callable[[LayerData, Path], None]] = {
    "naatlas": naatlas,
    "simplekml": by_simplekml,
    "libkml": by_libkml,
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
