"""Shapefile: declared short names, fields as wide as their longest text, and a table of the names."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyogrio

from naatlas import framework
from naatlas.export import arrow
from naatlas.export.numbers import symbol
from naatlas.findings import finding
from naatlas.spec import LANGUAGES
from naatlas.stamp import stamp
from naatlas.text import cut

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.metadata.words import Words
    from naatlas.model import Finding, LayerData
    from naatlas.spec import Field

MAX_TEXT_BYTES = 254
#: Digits that a 32-bit integer surely holds; DBF fields up to this width are read back as such.
_INT32_DIGITS = 9
_MAX_DIGITS = 38
_DBF_TYPE = {"text": "C", "integer": "N", "real": "N", "boolean": "L"}


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that is longer in the frame than a DBF field can hold."""

    key: str
    field: str
    bytes: int


@dataclass(frozen=True, slots=True)
class _Column:
    field: Field
    name: str
    values: pa.Array
    width: int
    gdal_type: str

    @property
    def schema(self) -> pa.Field:
        told = {"GDAL:OGR:type": self.gdal_type, "GDAL:OGR:width": str(self.width)}
        if self.field.dtype == "boolean":
            told = {"GDAL:OGR:type": "Integer", "GDAL:OGR:subtype": "Boolean"}
        return pa.field(self.name, self.values.type, metadata=told)


def write(data: LayerData, folder: Path, *, words: Words) -> tuple[Cut, ...]:
    """Write ``<stem>.shp``, ``.shx``, ``.dbf``, ``.prj``, ``.cpg`` and ``fields.csv`` into a folder.

    Only fields with a shapefile name are written. Texts are UTF-8; those over 254 bytes end at the last whole
    character that fits. Numbers have the declared decimals; missing values are DBF nulls (blanks).

    Returns
    -------
    The texts that were cut, for a finding.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cuts: list[Cut] = []
    columns = [_column(data, field, field.dbf, cuts) for field in data.spec.fields if field.dbf]
    path = folder / f"{data.stem}.shp"
    schema = pa.schema([*(column.schema for column in columns), pa.field(arrow.GEOMETRY, pa.binary())])
    arrays = [*(column.values for column in columns), arrow.wkb(data)]
    pyogrio.write_arrow(
        pa.table(arrays, schema=schema),
        path,
        driver="ESRI Shapefile",
        geometry_name=arrow.GEOMETRY,
        geometry_type=arrow.geometry_type(data.spec),
        crs=framework.crs().to_wkt(),
        encoding="UTF-8",
        layer_options={"DBF_DATE_LAST_UPDATE": stamp(data).strftime("%Y-%m-%d")},
    )
    path.with_suffix(".prj").write_text(framework.ESRI_WKT, encoding="ascii", newline="")
    (folder / "fields.csv").write_bytes(_field_map(columns, words))
    return tuple(cuts)


def findings(data: LayerData) -> list[Finding]:
    """Return what the shapefile cannot hold, for the report: texts that will be cut, by field."""
    cuts: list[Cut] = []
    for field in data.spec.fields:
        if field.dbf and field.dtype == "text":
            _column(data, field, field.dbf, cuts)
    by_field: dict[str, list[Cut]] = {}
    for one in cuts:
        by_field.setdefault(one.field, []).append(one)
    return [
        finding(
            "shapefile-text-cut",
            "info",
            where=name,
            ids=tuple(one.key for one in told),
            longest=max(one.bytes for one in told),
            most=MAX_TEXT_BYTES,
        )
        for name, told in by_field.items()
    ]


def _column(data: LayerData, field: Field, name: str, cuts: list[Cut]) -> _Column:
    values = arrow.column(data.frame[field.name], field.dtype)
    if field.dtype == "text":
        return _text_column(data, field, name, values, cuts)
    if field.dtype == "integer":
        return _integer_column(field, name, values)
    if field.dtype == "real":
        return _real_column(field, name, values)
    return _Column(field, name, values, 1, "Integer")


def _text_column(data: LayerData, field: Field, name: str, values: pa.Array, cuts: list[Cut]) -> _Column:
    sizes = pc.fill_null(pc.binary_length(values), 0)
    longest = pc.max(sizes).as_py() or 1
    if longest > MAX_TEXT_BYTES:
        keys = data.frame[data.spec.key]
        texts = values.to_pylist()
        for row in pc.indices_nonzero(pc.greater(sizes, MAX_TEXT_BYTES)).to_pylist():
            cuts.append(Cut(str(keys.iloc[row]), field.name, sizes[row].as_py()))
            texts[row] = cut(texts[row], MAX_TEXT_BYTES)
        values, longest = pa.array(texts, type=pa.string()), MAX_TEXT_BYTES
    return _Column(field, name, values, longest, "String")


def _integer_column(field: Field, name: str, values: pa.Array) -> _Column:
    width = max(_digits(values), len(f"{field.high:.0f}") if field.high else 1)
    if width <= _INT32_DIGITS:
        return _Column(field, name, values.cast(pa.int32()), width, "Integer")
    return _Column(field, name, values, width, "Integer64")


def _real_column(field: Field, name: str, values: pa.Array) -> _Column:
    """Use decimals: GDAL takes their number of digits after the point over for the DBF field."""
    whole = max(_digits(values), len(f"{field.high:.0f}") if field.high else 1) + 1
    precision = min(whole + field.decimals, _MAX_DIGITS)
    exact = values.cast(pa.decimal128(precision, field.decimals))
    return _Column(field, name, exact, precision + (field.decimals > 0), "Real")


def _digits(values: pa.Array) -> int:
    """Return the places that the whole part of the numbers needs, with the sign."""
    bounds = pc.min_max(values)
    low, high = bounds["min"].as_py() or 0, bounds["max"].as_py() or 0
    return max(len(str(math.trunc(high))), len(str(math.trunc(low))) + (-1 < low < 0))


def _field_map(columns: list[_Column], words: Words) -> bytes:
    """Return the table that says what each short name means, in three languages."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\r\n")
    labels = [f"label_{language}" for language in LANGUAGES]
    out.writerow(["dbf_name", "name", "unit", "dbf_type", "width", "decimals", *labels])
    for column in columns:
        field = column.field
        decimals = field.decimals if field.dtype == "real" else 0
        told = [words.label(field.name, language) for language in LANGUAGES]
        kind = _DBF_TYPE[field.dtype]
        out.writerow([column.name, field.name, symbol(field.unit), kind, column.width, decimals, *told])
    # The byte order mark tells Excel that the file is UTF-8.
    return text.getvalue().encode("utf-8-sig")
