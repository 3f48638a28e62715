"""Proof that what was written says what the frame says: every vector product is read back and compared."""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import shapely

from naatlas.errors import ProductError
from naatlas.export import arrow, gpkg
from naatlas.model import Points
from naatlas.text import clean_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from naatlas.model import LayerData
    from naatlas.spec import Field

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    """What a product says: the keys of its features, and the sums of the quantities that must balance."""

    keys: tuple[str, ...]
    sums: dict[str, float]


def expected(data: LayerData) -> Content:
    """Return what every product of a layer must say."""
    keys = clean_column(data.frame[data.spec.key])
    sums = {field.name: float(np.nansum(_numbers(data, field))) for field in quantities(data)}
    return Content(tuple(keys.tolist()), sums)


def quantities(data: LayerData) -> list[Field]:
    """Return the fields whose sums are compared: those that the layer must balance."""
    return [data.spec.field(name) for name in data.spec.balance]


def check_gpkg(data: LayerData, path: Path) -> None:
    """Compare every value and every geometry of the GeoPackage with the frame, exactly.

    Raises
    ------
    ProductError
        Names the file and the first column that differs.
    """
    _, found = pyogrio.read_arrow(path, layer=gpkg.table_name(data))
    _compare_tables(path, arrow.table(data), found, gpkg.GEOMETRY)


def check_parquet(data: LayerData, path: Path) -> None:
    """Compare every value and every geometry of the GeoParquet file with the frame, exactly.

    Raises
    ------
    ProductError
        Names the file and the first column that differs.
    """
    _compare_tables(path, arrow.table(data), pq.read_table(path), "geometry")


def _compare_tables(path: Path, wanted: pa.Table, found: pa.Table, geometry: str) -> None:
    if found.num_rows != wanted.num_rows:
        raise ProductError(f"{path.name}: {found.num_rows} features where the layer has {wanted.num_rows}")
    for name in wanted.column_names:
        column = found[geometry if name == arrow.GEOMETRY else name]
        if not column.cast(wanted[name].type).combine_chunks().equals(wanted[name].combine_chunks()):
            raise ProductError(f"{path.name}: column {name} does not say what the layer says")


def check_shapefile(data: LayerData, path: Path) -> None:
    """Compare the packaged shapefile with the frame, through fiona, which carries another GDAL than the writer.

    Sums may differ by the rounding to the declared decimals. Of lines and polygons the whole length or area is
    compared too: a hole that was taken for an island, or a part that was lost, would change it.

    Raises
    ------
    ProductError
        Names the file and what differs.
    """
    import fiona

    fields = [field for field in (data.spec.field(data.spec.key), *quantities(data)) if field.dbf]
    inside = f"NA_{data.spec.name}/data/{data.stem}.shp"
    names = [str(field.dbf) for field in fields]
    if not isinstance(data.geometry, Points):
        _compare_measure(path, data, inside)
    with fiona.open(f"zip://{path.as_posix()}!{inside}", include_fields=names, ignore_geometry=True) as file:
        rows = [tuple(record.properties[name] for name in names) for record in file]
    columns = dict(
        zip(
            (field.name for field in fields),
            zip(*rows, strict=True) if rows else [()] * len(fields),
            strict=True,
        )
    )
    slack = {field.name: 0.5 * 10.0**-field.decimals for field in fields}
    _compare(path, expected(data), _content(columns, data), slack)


def _compare_measure(path: Path, data: LayerData, inside: str) -> None:
    """Compare length or area feature by feature; a shapefile holds the same numbers, so nothing is rounded."""
    _, table = pyogrio.read_arrow(f"/vsizip/{path.resolve().as_posix()}/{inside}", columns=[])
    found = shapely.from_wkb(table[-1 if table.num_columns else 0].to_numpy(zero_copy_only=False))
    measure = shapely.length if data.spec.geometry == "LineString" else shapely.area
    wanted, told = (np.nan_to_num(measure(shapes)) for shapes in (data.shapes.metres, found))
    if len(told) != len(wanted) or (off := ~np.isclose(told, wanted, rtol=1e-9, atol=1e-3)).any():
        what = f"{len(told)} shapes" if len(told) != len(wanted) else f"{int(off.sum())} shapes of other size"
        raise ProductError(f"{path.name}: read back with {what} where the layer has {len(wanted)}")


def check_kmz(data: LayerData, path: Path) -> None:
    """Compare a KMZ with the frame, placemark by placemark.

    Raises
    ------
    ProductError
        Names the file and what differs.
    """
    columns: dict[str, list[str]] = {name: [] for name in sorted({data.spec.key, *data.spec.balance})}
    pattern = re.compile(rf'<SimpleData name="({"|".join(columns)})">([^<]*)</SimpleData>'.encode())
    placed = 0
    with zipfile.ZipFile(path) as archive:
        for block in _blocks(archive, path):
            for name, text in pattern.findall(block):
                columns[name.decode()].append(html.unescape(text.decode()))
            placed += sum(
                b"<ExtendedData>" in part and b"<coordinates>" in part
                for part in block.split(b"</Placemark>")
            )
    _compare(path, expected(data), _content(columns, data), {})
    if placed != (there := _placed(data)):
        raise ProductError(
            f"{path.name}: {placed} features have a place on the map where the layer has {there}"
        )


def _placed(data: LayerData) -> int:
    """Count the features that have a geometry in degrees."""
    if isinstance(data.geometry, Points):
        return int((np.isfinite(data.points.lon) & np.isfinite(data.points.lat)).sum())
    return int((shapely.get_num_coordinates(data.shapes.degrees) > 0).sum())


def _blocks(archive: zipfile.ZipFile, path: Path) -> Iterator[bytes]:
    """Yield the text of all KML files of an archive."""
    for name in archive.namelist():
        if name.endswith(".kml"):
            with archive.open(name) as stream:
                yield from _well_formed(stream, f"{path.name}/{name}")


def _well_formed(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """Yield a KML in blocks that end with a placemark, while an XML parser proves that it is well formed.

    The parser builds nothing: a tree of a million elements to find a few values in takes five times as long.
    """
    parser, rest = expat.ParserCreate(), b""
    try:
        while block := stream.read(_BLOCK_BYTES):
            parser.Parse(block)
            whole, end, rest = (rest + block).rpartition(b"</Placemark>")
            yield whole + end
        parser.Parse(b"", True)  # noqa: FBT003 - takes no keyword
    except expat.ExpatError as error:
        raise ProductError(f"{name}: not well-formed XML ({error})") from error


def _numbers(data: LayerData, field: Field) -> np.ndarray:
    return data.frame[field.name].to_numpy(dtype=np.float64, na_value=np.nan)


def _content(columns: Mapping[str, Sequence[object]], data: LayerData) -> Content:
    sums = {
        name: float(np.sum([float(str(value)) for value in values if value is not None]))
        for name, values in columns.items()
        if name != data.spec.key
    }
    return Content(tuple(str(key) for key in columns.get(data.spec.key, ())), sums)


def _compare(path: Path, wanted: Content, found: Content, slack: dict[str, float]) -> None:
    """Compare; ``slack`` is what rounding may change in one value."""
    if sorted(found.keys) != sorted(wanted.keys):
        what = f"{len(found.keys)} features" if len(found.keys) != len(wanted.keys) else "other ids"
        raise ProductError(f"{path.name}: read back with {what} where the layer has {len(wanted.keys)}")
    for name, value in found.sums.items():
        allowed = slack.get(name, 0.0) * len(wanted.keys) + 1e-9 * abs(wanted.sums[name])
        if abs(value - wanted.sums[name]) > allowed:
            raise ProductError(
                f"{path.name}: {name} sums to {value:g}, in the layer to {wanted.sums[name]:g}"
            )
