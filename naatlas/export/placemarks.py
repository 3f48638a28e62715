"""Placemarks as text, made column by column and a block of rows at a time: no object stands for a placemark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.export import labels
from naatlas.export.arrow import published
from naatlas.export.numbers import format_all, is_year, symbol
from naatlas.export.phrases import PHRASES
from naatlas.export.text import escape, escape_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from naatlas.metadata.words import Words
    from naatlas.model import LayerData
    from naatlas.spec import DType, Field, Language
    from naatlas.styles import Style

SCHEMA_ID = "layer"
KML_TYPES: dict[DType, str] = {"text": "string", "integer": "int", "real": "double", "boolean": "bool"}
#: Ending of the field that holds a value as the national register words it.
NATIONAL = "_national"
_SAFE_KEY = re.compile(r"[A-Za-z0-9._-]+")

_PLACEMARK = (
    '<Placemark id="%s"><name>%s</name><Snippet maxLines="1">%s</Snippet><description><![CDATA[%s]]></description>'
    "<styleUrl>#%s</styleUrl><ExtendedData>%s"
    f'<SchemaData schemaUrl="#{SCHEMA_ID}">%s</SchemaData></ExtendedData>'
    "%s</Placemark>\n"
)
_TABLE = (
    '<div style="font-family:sans-serif;min-width:320px"><h3 style="margin:0 0 6px 0">%s</h3>'
    '<table cellspacing="0" cellpadding="3" style="font-size:small">%s%s</table>'
    '<p style="font-size:x-small;color:#666666">%s</p></div>'
)
_ROW = '<tr><td style="color:#555555" valign="top">{}</td><td><b>{}</b>{}</td></tr>'


@dataclass(frozen=True, slots=True)
class Writer:
    """Turns blocks of the frame into placemarks of one language.

    Attributes
    ----------
    footer
        Line below each balloon, already escaped.
    """

    data: LayerData
    words: Words
    style: Style
    language: Language
    footer: str

    def block(self, rows: NDArray[np.int64], style_ids: NDArray[np.object_]) -> list[str]:
        """Return the placemarks of some rows, in that order.

        Parameters
        ----------
        rows
            Positions in the frame.
        style_ids
            Id of the symbol of each of these rows.
        """
        frame = self.data.frame.iloc[rows]
        raw = {field.name: _escaped(frame[field.name], field) for field in self._fields}
        shown = {field.name: self._shown(frame[field.name], field, raw[field.name]) for field in self._fields}
        names = _or(raw[self._name_field], "")
        columns = (
            self._ids(rows, raw[self.data.spec.key]),
            names,
            self._snippets(shown),
            self._balloons(frame, names, shown),
            style_ids.tolist(),
            _joined(self._data_columns(shown), len(rows)),
            _joined(
                [
                    _wrapped(raw[f.name], f'<SimpleData name="{f.name}">', "</SimpleData>")
                    for f in self._fields
                ],
                len(rows),
            ),
            _points(self.data.points.lon[rows], self.data.points.lat[rows]),
        )
        return [_PLACEMARK % told for told in zip(*columns, strict=True)]

    def schema(self) -> str:
        """Return the declaration of the fields."""
        fields = "".join(
            f'<SimpleField type="{KML_TYPES[field.dtype]}" name="{field.name}">'
            f"<displayName>{self._label(field)}</displayName></SimpleField>"
            for field in self._fields
        )
        return f'<Schema name="{escape(self.data.spec.slug)}" id="{SCHEMA_ID}">{fields}</Schema>\n'

    @property
    def _fields(self) -> tuple[Field, ...]:
        return published(self.data.spec.fields)

    @property
    def _name_field(self) -> str:
        return "name" if any(field.name == "name" for field in self._fields) else self.data.spec.key

    def _label(self, field: Field) -> str:
        return escape(self.words.label(field.name, self.language))

    def _ids(self, rows: NDArray[np.int64], keys: Sequence[str | None]) -> list[str]:
        """Return ids that are legal in XML and stay the same from build to build where the keys allow it."""
        return [
            f"id-{key}" if key and _SAFE_KEY.fullmatch(key) else f"row-{row}"
            for row, key in zip(rows.tolist(), keys, strict=True)
        ]

    def _shown(self, values: pd.Series, field: Field, raw: list[str | None]) -> list[str | None]:
        """Return values as people read them: class names, marks of the language, units; already escaped."""
        if field.classes:
            named = labels.names(values, field.classes, self.words, self.language)
            return _escaped(named, field)
        if field.dtype == "text" or is_year(field):
            return raw
        known = values.notna().to_numpy()
        unit = f"\u00a0{symbol(field.unit)}" if symbol(field.unit) else ""
        if field.dtype == "boolean":
            told = [PHRASES["yes" if value else "no"][self.language] for value in values[known]]
        else:
            decimals = field.decimals if field.dtype == "real" else 0
            told = [text + unit for text in format_all(values[known].tolist(), decimals, self.language)]
        return _scattered(told, known)

    def _snippets(self, shown: dict[str, list[str | None]]) -> list[str]:
        parts = [shown[self.style.field]]
        if self.style.size_field:
            parts.append(shown[self.style.size_field])
        return [" \u00b7 ".join(filter(None, told)) for told in zip(*parts, strict=True)]

    def _data_columns(self, shown: dict[str, list[str | None]]) -> Iterable[list[str]]:
        """Yield the coded fields by name, for programs that do not know the codes."""
        for field in self._fields:
            if field.classes:
                start = f'<Data name="{field.name}_{self.language}"><displayName>{self._label(field)}</displayName><value>'
                yield _wrapped(shown[field.name], start, "</value></Data>")

    def _balloons(
        self, frame: pd.DataFrame, names: list[str], shown: dict[str, list[str | None]]
    ) -> list[str]:
        rows, zeros = [], []
        for field in self._fields:
            if not field.balloon or self._is_beside(field):
                continue
            cells = shown[field.name]
            if field.dtype == "real":
                zero = (frame[field.name] == 0).fillna(value=False).to_numpy()
                cells = [None if hit else cell for cell, hit in zip(cells, zero, strict=True)]
                label = self._label(field)
                zeros.append([f"{label}; " if hit else "" for hit in zero.tolist()])
            rows.append(self._table_rows(field, cells, shown))
        table = _joined(rows, len(frame))
        return [
            _TABLE % (*told, self.footer)
            for told in zip(names, table, self._zero_row(zeros, len(frame)), strict=True)
        ]

    def _zero_row(self, zeros: list[list[str]], count: int) -> list[str]:
        """Return one row that names all fields whose value is zero: a reported zero is not an absence."""
        start, end = _ROW.format(PHRASES["zero"][self.language], "\x00", "").split("\x00")
        return [f"{start}{told[:-2]}{end}" if told else "" for told in _joined(zeros, count)]

    def _is_beside(self, field: Field) -> bool:
        """Tell whether a field is shown beside the harmonized one instead of in a row of its own."""
        base = field.name.removesuffix(NATIONAL)
        return base != field.name and any(other.name == base and other.balloon for other in self._fields)

    def _table_rows(
        self, field: Field, cells: list[str | None], shown: dict[str, list[str | None]]
    ) -> list[str]:
        start, middle, end = _ROW.format(self._label(field), "\x00", "\x00").split("\x00")
        national = shown.get(field.name + NATIONAL)
        if national is None:
            return _wrapped(cells, start, middle + end)
        beside = _wrapped(national, " <i>(", ")</i>")
        return [
            f"{start}{cell}{middle}{term}{end}" if cell is not None else ""
            for cell, term in zip(cells, beside, strict=True)
        ]


def _points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
    """Return the geometries; a feature without coordinates keeps its placemark and has none."""
    east, known = wrapped_longitude(lon).tolist(), (np.isfinite(lon) & np.isfinite(lat)).tolist()
    return [
        f"<Point><coordinates>{x:.6f},{y:.6f}</coordinates></Point>" if there else ""
        for x, y, there in zip(east, lat.tolist(), known, strict=True)
    ]


def wrapped_longitude(lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitudes in -180 to 180: the Aleutians lie on both sides of the antimeridian."""
    return np.where(np.abs(lon) > 180, (lon + 180) % 360 - 180, lon)  # noqa: PLR2004 # degrees of half a turn


def _escaped(values: pd.Series, field: Field) -> list[str | None]:
    """Return raw values as XML text, None where missing."""
    known = values.notna().to_numpy()
    present = values[known]
    if field.dtype == "text" or field.classes:
        return _scattered(escape_all(present.astype("str").tolist()), known)
    if field.dtype == "integer":
        return _scattered([str(int(value)) for value in present], known)
    if field.dtype == "boolean":
        return _scattered(["1" if value else "0" for value in present], known)
    return _scattered([repr(value) for value in present.astype("float64").tolist()], known)


def _scattered(told: list[str], known: NDArray[np.bool_]) -> list[str | None]:
    if len(told) == len(known):
        return list(told)
    out = np.full(len(known), None, dtype=object)
    out[known] = told
    return list(out.tolist())


def _or(values: list[str | None], fallback: str) -> list[str]:
    return [fallback if value is None else value for value in values]


def _wrapped(values: list[str | None], start: str, end: str) -> list[str]:
    return ["" if value is None else f"{start}{value}{end}" for value in values]


def _joined(columns: Iterable[list[str]], count: int) -> list[str]:
    """Join the texts of several columns row by row; empty texts where there is no column."""
    told = list(columns)
    return ["".join(parts) for parts in zip(*told, strict=True)] if told else [""] * count
