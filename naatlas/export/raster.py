"""The raster of a layer as Cloud-Optimized GeoTIFF, with all that tells what its numbers mean, and its table."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from lxml import etree

from naatlas.errors import ProductError
from naatlas.export import package
from naatlas.export.numbers import symbol
from naatlas.raster import cog
from naatlas.raster.align import known
from naatlas.raster.blocks import blocks
from naatlas.raster.counts import placed_on
from naatlas.raster.files import File
from naatlas.stamp import stamp
from naatlas.styles import qml
from naatlas.text import clean_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.model import LayerData

#: What the sidecar of a GeoTIFF is called: GDAL, QGIS and ArcGIS look for it.
SIDECAR = ".aux.xml"


def write(data: LayerData, path: Path, *, look: Look) -> None:
    """Write the cells as COG with colours, class names, statistics, nodata, words and overviews inside.

    Of classes also the table of the classes is written: beside it, as ``<name>.tif.aux.xml``, with the names that
    GDAL, QGIS and ArcGIS show: GeoTIFF itself has no place for them.
    """
    classes = data.rules.kind == "class"
    with cog.retouching(data.cells.path) as canvas:
        if classes:
            canvas.colours(look.style.cell_colours(data.rules.codes))
        field = data.spec.field(data.rules.field)
        canvas.describe(look.label(field.name), symbol(field.unit))
        canvas.tags(_tags(data, look))
        canvas.tags(_band_tags(data, look), band=True)
    cog.publish(data.cells.path, path, classes=classes, sampled=data.rules.sampled)
    if classes:
        path.with_name(path.name + SIDECAR).write_bytes(sidecar(data, look))


def _tags(data: LayerData, look: Look) -> dict[str, str]:
    """Return what stands in the header of the file, in the terms of TIFF and in plain ones."""
    licences = dict.fromkeys(entry.source.licence.attribution for entry in data.inputs)
    title = f"{look.text('atlas')} - {look.title(data)}"
    return {
        "TIFFTAG_IMAGEDESCRIPTION": title,
        "TIFFTAG_DATETIME": stamp(data).strftime("%Y:%m:%d %H:%M:%S"),
        "TIFFTAG_SOFTWARE": "naatlas",
        "TIFFTAG_COPYRIGHT": " ".join(licences),
        "LAYER": data.spec.slug,
        "EDITION": data.folder,
        "ABSTRACT": look.text("abstract"),
        "LIMITATIONS": look.text("limitations"),
        "CREDITS": look.text("credits"),
        "METHOD": data.cells.method,
        "SOURCES": "; ".join(f"{entry.name} sha256 {entry.sha256}" for entry in data.inputs),
    }


def _band_tags(data: LayerData, look: Look) -> dict[str, str]:
    """Return the names of the classes by number, or the figures of a quantity."""
    if data.rules.kind == "class":
        class_list = look.style.class_list
        return {f"CLASS_{n}": look.class_name(code, class_list) for code, n in data.rules.codes.items()}
    return {"CELLS_WITH_DATA": str(data.cells.count)}


def sidecar(data: LayerData, look: Look) -> bytes:
    """Return the table of classes as GDAL keeps it beside a file: number, names, colour and cells."""
    root = etree.Element("PAMDataset")
    band = etree.SubElement(root, "PAMRasterBand", band="1")
    names = {n: look.class_name(code, look.style.class_list) for code, n in data.rules.codes.items()}
    listed = etree.SubElement(band, "CategoryNames")
    for number in range(max(names) + 1):
        etree.SubElement(listed, "Category").text = names.get(number, "")
    table = etree.SubElement(band, "GDALRasterAttributeTable", tableType="thematic")
    # name, type (0 whole number, 2 text) and use (5 value, 1 count, 2 name, 6 to 8 colour) as GDAL numbers them
    columns = [
        ("Value", 0, 5),
        ("Count", 0, 1),
        ("Class", 2, 2),
        ("Red", 0, 6),
        ("Green", 0, 7),
        ("Blue", 0, 8),
    ]
    for index, (name, kind, use) in enumerate(columns):
        told = etree.SubElement(table, "FieldDefn", index=str(index))
        for tag, value in (("Name", name), ("Type", kind), ("Usage", use)):
            etree.SubElement(told, tag).text = str(value)
    cells = data.frame.groupby("cell_value")["cells"].sum()
    colours = look.style.cell_colours(data.rules.codes)
    for index, (number, name) in enumerate(sorted(names.items())):
        row = etree.SubElement(table, "Row", index=str(index))
        for value in (number, int(cells.get(number, 0)), name, *colours[number]):
            etree.SubElement(row, "F").text = str(value)
    return bytes(etree.tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=True))


def check(data: LayerData, path: Path) -> None:
    """Read the raster back, block by block: on the grid, and with the cells that the table says.

    Raises
    ------
    ProductError
        Names the file and what differs.
    """
    cells, rules = data.cells, data.rules
    with File(path) as raster:
        placed_on(raster, cells.grid)
        found = np.zeros(256, dtype=np.int64)
        total, count = 0.0, 0
        for block in blocks(cells.grid):
            values = raster.read(block.row, block.col, block.rows, block.cols)
            values = values[known(values, rules.nodata)]
            count += values.size
            if rules.kind == "class":
                found += np.bincount(values, minlength=256)
            else:
                total += float(values.sum(dtype=np.float64))
    # Counted things are summed by zone from their source: a cell at the coast may lie in two zones.
    wanted = cells.count if rules.kind == "count" else int(data.frame["cells"].sum())
    if count != wanted:
        raise ProductError(f"{path.name}: {count:,} cells with data where the layer has {wanted:,}")
    if rules.kind == "class":
        _check_classes(data.frame, found, path)
    elif count and not np.isclose(total / count, cells.mean, rtol=1e-6, atol=1e-9):
        raise ProductError(f"{path.name}: mean {total / count:g} where the layer has {cells.mean:g}")


def _check_classes(frame: pd.DataFrame, found: NDArray[np.int64], path: Path) -> None:
    wanted = frame.groupby("cell_value")["cells"].sum()
    told = {number: int(found[number]) for number in np.flatnonzero(found).tolist()}
    if told != dict(zip(wanted.index.tolist(), wanted.tolist(), strict=True)):
        raise ProductError(f"{path.name}: the cells of a class are not those of the table")


def write_csv(data: LayerData, path: Path) -> None:
    """Write the table of the raster as CSV: UTF-8, lines as Windows ends them, numbers with a point."""
    columns = [data.spec.field(str(name)) for name in data.frame]
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow([field.name for field in columns])
    parts = [
        data.frame[f.name]
        .map(_plain, na_action="ignore")
        .astype("object")
        .where(data.frame[f.name].notna(), "")
        if f.dtype == "real"
        else clean_column(data.frame[f.name]).fillna("")
        for f in columns
    ]
    lines.writerows(zip(*parts, strict=True))
    path.write_bytes(text.getvalue().encode("utf-8"))


def _plain(value: float) -> str:
    """Write a measure with nine digits that count; no exponent, no trailing zeros."""
    return np.format_float_positional(float(f"{value:.9g}"), trim="-")


def write_package(
    data: LayerData, path: Path, *, documents: Mapping[str, bytes], look: Look, tif: Path
) -> None:
    """Write ``NA_<Name>_<edition>_tif.zip``: raster, style and table, and the same texts as in other packages."""
    with tempfile.TemporaryDirectory(prefix=".tif-", dir=path.parent) as folder:
        inside = Path(folder)
        write_csv(data, inside / f"{data.stem}.csv")
        (inside / f"{data.stem}.qml").write_bytes(style(data, look))
        beside = tif.with_name(tif.name + SIDECAR)
        parts = {p.name: p for p in (tif, beside, *sorted(inside.iterdir())) if p.is_file()}
        package.pack(data, path, parts, documents=documents)


def style(data: LayerData, look: Look) -> bytes:
    """Return the style for QGIS, which loads it with a raster of the same name."""
    return qml.raster_qml(look.style, look.class_names(), data.rules.codes).encode("utf-8")


def check_csv(data: LayerData, path: Path) -> None:
    """Read the table back and compare its rows and cells."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    told: list[Any] = [len(rows), sum(int(row["cells"]) for row in rows)]
    if told != [len(data.frame), int(data.frame["cells"].sum())]:
        raise ProductError(f"{path.name}: does not say what the table says")
