"""Placemarks as text, made column by column, a block of rows at a time: no object stands for a placemark."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naatlas.export import balloon, digits, outlines
from naatlas.export.arrow import published
from naatlas.export.cells import Columns
from naatlas.export.columns import TEXT, Template, Text, full, joined, text, together, where
from naatlas.text import escape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.export.cells import Cells
    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.spec import DType, Field

SCHEMA_ID = "layer"
KML_TYPES: dict[DType, str] = {"text": "string", "integer": "int", "real": "double", "boolean": "bool"}
#: Years that have four digits, as KML writes dates.
_FIRST_YEAR, _LAST_YEAR = 1000, 9999
#: Digits after the point of a degree: a tenth of a metre.
_DECIMALS = 6
_SAFE_KEY = "^[A-Za-z0-9._-]+$"

#: Reaches the tables in all balloons; stands once in each shared style, so that placemarks stay small.
BALLOON = (
    "<![CDATA[<style>body{font-family:sans-serif}h3{margin:0 0 6px}table{font-size:small;min-width:340px}"
    "td{padding:2px 8px 2px 0;vertical-align:top}td:first-child{color:#5f6368;min-width:140px}"
    "td:last-child{font-weight:bold}i{font-weight:normal}p{color:#5f6368;font-size:x-small}</style>"
    "$[description]]]>"
)


@dataclass(frozen=True)
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
    ) -> Text:
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
        cells = self._columns.cells(rows)
        names = self._names(cells)
        told = Template()
        told.cells('<Placemark id="', self._ids(rows, cells.raw[self.data.spec.key]), '">')
        told.cells("<name>", names, "</name>")
        if hidden is not None and hidden.any():
            told.cells("", where(pa.array(hidden), "<visibility>0</visibility>"))
        told.cells('<Snippet maxLines="1">', self._snippets(cells), "</Snippet>")
        told.cells("<description><![CDATA[<h3>", names, "</h3><table>")
        balloon.add_rows(told, cells, self._fields, self.look, heading=names)
        told.text(f"</table><p>{self.footer}</p>]]></description>")
        if self.since or self.until:
            told.cells("<TimeSpan>", self._spans(cells), "</TimeSpan>")
        told.cells("<styleUrl>#", text(style_ids), "</styleUrl>")
        if shapes is None:
            self._add_values(told, cells)
        told.cells("", self._geometry(rows, shapes))
        told.text("</Placemark>\n")
        return told.render()

    def schema(self) -> str:
        """Return the declaration of the fields."""
        fields = "".join(
            f'<SimpleField type="{KML_TYPES[field.dtype]}" name="{field.name}">'
            f"<displayName>{self._label(field)}</displayName></SimpleField>"
            for field in self._fields
        )
        return f'<Schema name="{escape(self.data.spec.slug)}" id="{SCHEMA_ID}">{fields}</Schema>\n'

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self.data.frame, self._fields, self.look)

    @property
    def _fields(self) -> tuple[Field, ...]:
        return published(self.data.spec.fields)

    @property
    def name_field(self) -> str:
        """The field that names a feature in the writer's language: ``name``, or ``name_fr``, or else the key."""
        names = {field.name for field in self._fields}
        return next((n for n in ("name", f"name_{self.look.language}") if n in names), self.data.spec.key)

    def _names(self, cells: Cells) -> Text:
        """Return the names; a nameless line or polygon is called by its class, or it could not be found in a list."""
        names = cells.raw[self.name_field]
        if self.cut is not None:
            names = pc.coalesce(full(names), cells.shown[self.look.style.field])
        return names.fill_null("")

    def _geometry(self, rows: NDArray[np.int64], shapes: NDArray[np.object_] | None) -> Text:
        if self.cut is not None:
            own = self.data.shapes.degrees[rows] if shapes is None else shapes
            return text(outlines.elements(own, self.data.spec.geometry, self.cut[rows]))
        return point_elements(self.data.points.lon[rows], self.data.points.lat[rows])

    def _label(self, field: Field) -> str:
        return escape(self.look.label(field.name))

    def _ids(self, rows: NDArray[np.int64], keys: Text) -> Text:
        """Return ids that are legal in XML, and stay the same from build to build where the key allows it."""
        safe = pc.match_substring_regex(keys, _SAFE_KEY).fill_null(fill_value=False)
        return pc.if_else(safe, joined("id-", keys), joined("row-", pa.array(rows).cast(TEXT)))

    def _snippets(self, cells: Cells) -> Text:
        size = self.look.style.size_field
        parts = [cells.shown[name] for name in (self.look.style.field, size) if name]
        return joined(*parts, between=" \u00b7 ")

    def _spans(self, cells: Cells) -> Text:
        """Return the years of each feature as KML writes them; missing for one that is always there."""
        ends = [
            together(f"<{mark}>", _years(cells, name), f"</{mark}>")
            for name, mark in ((self.since, "begin"), (self.until, "end"))
            if name
        ]
        return full(joined(*ends))

    def _add_values(self, told: Template, cells: Cells) -> None:
        """Add the values twice: for programs that know only Data, and with their types for those that know the schema.

        Coded fields stand in Data by the name of the class, for programs that do not know the codes.
        """
        told.text("<ExtendedData>")
        for field in self._fields:
            if field.classes and field.balloon:
                label = f"<displayName>{self._label(field)}</displayName>"
                start = f'<Data name="{field.name}_{self.look.language}">{label}<value>'
                told.cells(start, cells.shown[field.name], "</value></Data>")
            told.cells(f'<Data name="{field.name}"><value>', cells.raw[field.name], "</value></Data>")
        told.text(f'<SchemaData schemaUrl="#{SCHEMA_ID}">')
        for field in self._fields:
            told.cells(f'<SimpleData name="{field.name}">', cells.raw[field.name], "</SimpleData>")
        told.text("</SchemaData></ExtendedData>")


def _years(cells: Cells, field: str) -> Text:
    """Return years as KML writes dates; what cannot be written so is missing."""
    years = cells.typed[field].fill_null(0).to_numpy()
    return where(pa.array(is_date(years)), cells.raw[field])


def point_elements(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Text:
    """Return points as KML writes them; a feature without coordinates keeps its placemark."""
    known = np.isfinite(lon) & np.isfinite(lat)
    east, north = (np.where(known, part, 0.0) for part in (wrapped_longitude(lon), lat))
    x, y = digits.fixed(east, _DECIMALS), digits.fixed(north, _DECIMALS)
    return where(pa.array(known), joined("<Point><coordinates>", x, ",", y, "</coordinates></Point>"))


def is_date(years: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which years can be written as KML writes dates: with four digits."""
    return np.asarray((years >= _FIRST_YEAR) & (years <= _LAST_YEAR))


def wrapped_longitude(lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitudes in -180 to 180: the Aleutians lie on both sides of the antimeridian."""
    return np.where(np.abs(lon) > 180, (lon + 180) % 360 - 180, lon)  # noqa: PLR2004 # degrees of half a turn
