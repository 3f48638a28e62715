"""Placemarks as text, made column by column, a block of rows at a time: no object stands for a placemark."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, cast

import numpy as np

from naatlas.export import outlines
from naatlas.export.arrow import published
from naatlas.export.numbers import format_all, format_measured, is_year, symbol
from naatlas.text import escape, escape_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.spec import DType, Field

SCHEMA_ID = "layer"
KML_TYPES: dict[DType, str] = {"text": "string", "integer": "int", "real": "double", "boolean": "bool"}
#: Ending of the field that holds a value as the national register words it.
NATIONAL = "_national"
_YEAR = re.compile(r"[0-9]{4}")
_SAFE_KEYS = re.compile(r"[A-Za-z0-9._-]+(\n[A-Za-z0-9._-]+)*")

#: Reaches the tables in all balloons; stands once in each shared style, so that placemarks stay small.
BALLOON = (
    "<![CDATA[<style>body{font-family:sans-serif}h3{margin:0 0 6px}table{font-size:small;min-width:340px}"
    "td{padding:2px 8px 2px 0;vertical-align:top}td:first-child{color:#5f6368;min-width:140px}"
    "td:last-child{font-weight:bold}i{font-weight:normal}p{color:#5f6368;font-size:x-small}</style>"
    "$[description]]]>"
)


class _Template:
    """A text with gaps and the columns that fill them; rendered row by row in one formatting step."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._columns: list[Sequence[str]] = []

    def text(self, constant: str) -> None:
        self._parts.append(constant.replace("%", "%%"))

    def cells(self, start: str, values: Sequence[str | None], end: str = "") -> None:
        """Add a value with what stands around it; where the value is missing, nothing stands there."""
        if None in values:
            self._parts.append("%s")
            self._columns.append(["" if value is None else f"{start}{value}{end}" for value in values])
        else:
            self.text(start)
            self._parts.append("%s")
            self._columns.append(cast("Sequence[str]", values))
            self.text(end)

    def render(self) -> list[str]:
        whole = "".join(self._parts)
        return [whole % row for row in zip(*self._columns, strict=True)]


@dataclass(frozen=True, slots=True)
class Writer:
    """Turns blocks of the frame into placemarks of one language.

    Attributes
    ----------
    footer
        Line below each balloon, already escaped.
    cut
        Polygons whose outline is drawn apart, as ``outlines.is_cut`` tells; None for a layer of points.
    since
        Field with the year from which on a feature is there; None where it always is.
    until
        Field with the last year in which it is there; None where it stays.
    """

    data: LayerData
    look: Look
    footer: str
    cut: NDArray[np.bool_] | None = None
    since: str | None = None
    until: str | None = None

    def block(
        self,
        rows: NDArray[np.int64],
        style_ids: NDArray[np.object_],
        hidden: NDArray[np.bool_] | None = None,
        *,
        shapes: NDArray[np.object_] | None = None,
    ) -> list[str]:
        """Return the placemarks of some rows, in that order.

        Parameters
        ----------
        rows
            Positions in the frame.
        style_ids
            Id of the symbol of each of these rows.
        hidden
            Which of them are off at opening.
        shapes
            Simplified lines or polygons to draw instead of their own. Such copies have no values: who counts or adds
            up finds each feature once.
        """
        frame = self.data.frame.iloc[rows]
        raw = {field.name: _escaped(frame[field.name], field) for field in self._fields}
        shown = {field.name: self._shown(frame[field.name], field, raw[field.name]) for field in self._fields}
        names = self._names(raw, shown)
        told = _Template()
        told.cells('<Placemark id="', self._ids(rows, raw[self.data.spec.key]), '">')
        told.cells("<name>", names, "</name>")
        if hidden is not None and hidden.any():
            told.cells("", ["<visibility>0</visibility>" if off else "" for off in hidden.tolist()])
        told.cells('<Snippet maxLines="1">', self._snippets(shown), "</Snippet>")
        told.cells("<description><![CDATA[<h3>", names, "</h3><table>")
        self._balloon(told, frame, shown)
        told.text(f"</table><p>{self.footer}</p>]]></description>")
        if self.since or self.until:
            told.cells("<TimeSpan>", self._spans(raw, len(rows)), "</TimeSpan>")
        told.cells("<styleUrl>#", style_ids.tolist(), "</styleUrl>")
        if shapes is None:
            told.text("<ExtendedData>")
            self._extended_data(told, raw, shown)
            told.text("</ExtendedData>")
        told.cells("", self._geometry(rows, shapes))
        told.text("</Placemark>\n")
        return told.render()

    def _spans(self, raw: Mapping[str, list[str | None]], count: int) -> list[str | None]:
        """Return the years of each feature as KML writes them; None for one that is always there."""
        told = [""] * count
        for name, mark in ((self.since, "begin"), (self.until, "end")):
            if name:
                ends = [year and f"<{mark}>{year}</{mark}>" for year in years(raw[name])]
                told = [span + (end or "") for span, end in zip(told, ends, strict=True)]
        return [span or None for span in told]

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
    def name_field(self) -> str:
        """The field that names a feature in the writer's language: ``name``, or ``name_fr``, or else the key."""
        names = {field.name for field in self._fields}
        return next((n for n in ("name", f"name_{self.look.language}") if n in names), self.data.spec.key)

    def _names(self, raw: dict[str, list[str | None]], shown: dict[str, list[str | None]]) -> list[str]:
        """Return the names; a nameless line or polygon is called by its class, or it could not be found in a list."""
        otherwise = repeat(None) if self.cut is None else shown[self.look.style.field]
        return [name or other or "" for name, other in zip(raw[self.name_field], otherwise, strict=False)]

    def _geometry(self, rows: NDArray[np.int64], shapes: NDArray[np.object_] | None) -> list[str | None]:
        if self.cut is not None:
            own = self.data.shapes.degrees[rows] if shapes is None else shapes
            return outlines.elements(own, self.data.spec.geometry, self.cut[rows])
        lon, lat = self.data.points.lon[rows], self.data.points.lat[rows]
        return point_elements(lon, lat)

    def _label(self, field: Field) -> str:
        return escape(self.look.label(field.name))

    def _ids(self, rows: NDArray[np.int64], keys: Sequence[str | None]) -> list[str]:
        """Return ids that are legal in XML and stay the same from build to build where the keys allow it."""
        if None not in keys and _SAFE_KEYS.fullmatch("\n".join(cast("Sequence[str]", keys))):
            return [f"id-{key}" for key in keys]
        return [f"row-{row}" for row in rows.tolist()]

    def _shown(self, values: pd.Series, field: Field, raw: list[str | None]) -> list[str | None]:
        """Return values as people read them: class names, marks of the language, units; already escaped."""
        if field.classes:
            codes = values.dropna().unique()
            named = {escape(code): escape(self.look.class_name(code, field.classes)) for code in codes}
            return [None if code is None else named[code] for code in raw]
        if field.dtype == "text" or is_year(field):
            return raw
        known = values.notna().to_numpy()
        unit = f"\u00a0{symbol(field.unit)}" if symbol(field.unit) else ""
        if field.dtype == "boolean":
            told = [self.look.phrase("yes" if value else "no") for value in values[known]]
        else:
            decimals = field.decimals if field.dtype == "real" else 0
            write = format_measured if unit else format_all
            told = [text + unit for text in write(values[known].tolist(), decimals, self.look.language)]
        return _scattered(told, known)

    def _snippets(self, shown: dict[str, list[str | None]]) -> list[str]:
        parts = [shown[self.look.style.field]]
        if self.look.style.size_field:
            parts.append(shown[self.look.style.size_field])
        if any(None in part for part in parts):
            return [" \u00b7 ".join(filter(None, told)) for told in zip(*parts, strict=True)]
        return list(map(" \u00b7 ".join, cast("Iterator[tuple[str, ...]]", zip(*parts, strict=True))))

    def _extended_data(
        self, told: _Template, raw: dict[str, list[str | None]], shown: dict[str, list[str | None]]
    ) -> None:
        """Add the values twice: for programs that know only Data, and with their types for those that know the schema.

        Coded fields stand in Data by the name of the class, for programs that do not know the codes.
        """
        for field in self._fields:
            if field.classes and field.balloon:
                label = f"<displayName>{self._label(field)}</displayName>"
                start = f'<Data name="{field.name}_{self.look.language}">{label}<value>'
                told.cells(start, shown[field.name], "</value></Data>")
            told.cells(f'<Data name="{field.name}"><value>', raw[field.name], "</value></Data>")
        told.text(f'<SchemaData schemaUrl="#{SCHEMA_ID}">')
        for field in self._fields:
            told.cells(f'<SimpleData name="{field.name}">', raw[field.name], "</SimpleData>")
        told.text("</SchemaData>")

    def _balloon(self, told: _Template, frame: pd.DataFrame, shown: dict[str, list[str | None]]) -> None:
        """Add a table row for each field that has a value, and one that names all fields whose value is zero.

        A reported zero is not an absence, but a dozen rows of zeros would hide what matters.
        """
        zeros: dict[str, list[list[str]]] = {}
        for field in self._fields:
            if not field.balloon or self._is_beside(field):
                continue
            cells = shown[field.name]
            if field.dtype == "real":
                zero = (frame[field.name] == 0).fillna(value=False).tolist()
                cells = [None if hit else cell for cell, hit in zip(cells, zero, strict=True)]
                shared, own = _parted(self._label(field))
                zeros.setdefault(shared, []).append([f"{own}, " if hit else "" for hit in zero])
            told.cells(
                f"<tr><td>{self._label(field)}</td><td>",
                self._with_national(field, cells, shown),
                "</td></tr>",
            )
        if zeros:
            told.cells(f"<tr><td>{self.look.phrase('zero')}</td><td><i>", _listed(zeros), "</i></td></tr>")

    def _is_beside(self, field: Field) -> bool:
        """Tell whether a field is shown beside the harmonized one instead of in a row of its own."""
        base = field.name.removesuffix(NATIONAL)
        return base != field.name and any(other.name == base and other.balloon for other in self._fields)

    def _with_national(
        self, field: Field, cells: list[str | None], shown: dict[str, list[str | None]]
    ) -> list[str | None]:
        """Put the term of the national register beside the harmonized one."""
        national = shown.get(field.name + NATIONAL)
        if national is None:
            return cells
        return [
            cell if cell is None or term is None else f"{cell} <i>({term})</i>"
            for cell, term in zip(cells, national, strict=True)
        ]


def _parted(label: str) -> tuple[str, str]:
    """Part a label such as ``Capacity: Wind`` into what it shares with others and its own words."""
    shared, colon, own = label.rpartition(": ")
    return shared + colon, own


def _listed(groups: dict[str, list[list[str]]]) -> list[str | None]:
    """Join the labels of each row, saying what labels share only once; None for a row without any."""
    told = []
    for shared, columns in groups.items():
        joined = map("".join, zip(*columns, strict=True))
        told.append([f"{shared}{labels[:-2]}; " if labels else "" for labels in joined])
    return ["".join(parts)[:-2] or None for parts in zip(*told, strict=True)]


def point_elements(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str | None]:
    """Return points as KML writes them; a feature without coordinates keeps its placemark."""
    east, known = wrapped_longitude(lon).tolist(), (np.isfinite(lon) & np.isfinite(lat)).tolist()
    return [
        f"<Point><coordinates>{x:.6f},{y:.6f}</coordinates></Point>" if there else None
        for x, y, there in zip(east, lat.tolist(), known, strict=True)
    ]


def is_date(year: int) -> bool:
    """Tell whether a year can be written as KML writes dates."""
    return _YEAR.fullmatch(str(year)) is not None


def years(told: Sequence[str | None]) -> list[str | None]:
    """Return years as KML writes dates: four digits; None for what cannot be written so."""
    return [year if year is not None and _YEAR.fullmatch(year) else None for year in told]


def wrapped_longitude(lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitudes in -180 to 180: the Aleutians lie on both sides of the antimeridian."""
    return np.where(np.abs(lon) > 180, (lon + 180) % 360 - 180, lon)  # noqa: PLR2004 # degrees of half a turn


def _escaped(values: pd.Series, field: Field) -> list[str | None]:
    """Return raw values as XML text, None where missing."""
    known = values.notna().to_numpy()
    present = values if known.all() else values[known]
    if field.dtype == "text":
        return _scattered(escape_all(present.astype("str").tolist()), known)
    if field.dtype == "boolean":
        return _scattered(["1" if value else "0" for value in present], known)
    # The shortest text that gives the same number again, for all at once.
    kind = np.int64 if field.dtype == "integer" else np.float64
    numbers = json.dumps(present.to_numpy(dtype=kind).tolist(), separators=(" ", ":"))
    return _scattered(numbers[1:-1].split(), known)


def _scattered(told: list[str], known: NDArray[np.bool_]) -> list[str | None]:
    if len(told) == len(known):
        return list(told)
    out = np.full(len(known), None, dtype=object)
    out[known] = told
    return list(out.tolist())
