"""Polygons year by year, for the time slider of the globe: a file a year beside the features of the edition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from naatlas.export import document, levels, outlines, tiles
from naatlas.export.numbers import format_measured, symbol
from naatlas.export.regions import link
from naatlas.export.strokes import Strokes
from naatlas.text import escape, escape_all

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from naatlas.export.document import Sheet
    from naatlas.spec import Field

_PLACEMARK = (
    '<Placemark><name>{name}</name><Snippet maxLines="1">{told}</Snippet><description><![CDATA[<h3>{name}, {year}</h3>'
    "<table>{rows}</table><p>{footer}</p>]]></description>"
    "<TimeSpan><begin>{year}</begin><end>{year}</end></TimeSpan><styleUrl>#{style}</styleUrl>{shape}</Placemark>\n"
)
_ROW = "<tr><td>{label}</td><td>{value}</td></tr>"


@dataclass(frozen=True, slots=True)
class Timeline:
    """The years of a layer whose style names a table of them.

    Attributes
    ----------
    table
        One row a feature and year: the key of the layer, ``year``, the field of the style, and further fields.
    rows
        Position of the feature of each row in the frame.
    """

    sheet: Sheet
    table: pd.DataFrame
    rows: NDArray[np.int64]

    def folder(self) -> str:
        """Return the folder with a link to each year, off at opening: it lies on the features of the edition."""
        look = self.sheet.look
        inner = "".join(
            link(str(year), _path(year), None, hidden=True) for year in sorted(self.table["year"].unique())
        )
        name = escape(" \u2013 ".join(filter(None, (self._level(), look.phrase("by_year")))))
        return f'<Folder id="years"><name>{name}</name><visibility>0</visibility>\n{inner}</Folder>\n'

    def files(self) -> dict[str, str]:
        """Return the files of the years by path inside the archive."""
        return {_path(year): self._file(int(year)) for year in sorted(self.table["year"].unique())}

    def _level(self) -> str:
        """Name the level of the features where levels lie on each other."""
        nested = levels.field(self.sheet.data, self.sheet.look.style)
        if nested is None:
            return ""
        shown = self.sheet.data.frame[nested].iloc[self.rows].unique().tolist()
        return levels.title(int(shown[0]), nested, self.sheet.look) if len(shown) == 1 else ""

    def _file(self, year: int) -> str:
        own = self.table["year"].eq(year).to_numpy()
        table, rows = self.table[own], self.rows[own]
        data, look, writer = self.sheet.data, self.sheet.look, self.sheet.writer
        shapes = data.shapes.degrees[rows]
        used = self._strokes(table, outlines.is_cut(shapes, data.spec.geometry))
        classes = look.class_names()
        names = data.frame[writer.name_field].iloc[rows].fillna("").astype("str").tolist()
        columns = {
            "name": escape_all(names),
            "told": [escape(classes[code]) for code in table[look.style.field]],
            "rows": self._balloon(table, classes),
            "style": used.ids.tolist(),
            "shape": [shape or "" for shape in outlines.elements(shapes, data.spec.geometry, used.cut)],
        }
        marks = (
            _PLACEMARK.format(
                year=f"{year:04}", footer=writer.footer, **dict(zip(columns, cells, strict=True))
            )
            for cells in zip(*columns.values(), strict=True)
        )
        states = "".join(told + document.STYLE_MAP.format(id=style) for style, told in used.used())
        return f"{tiles.HEAD}<name>{year}</name>\n{states}{''.join(marks)}{tiles.TAIL}"

    def _strokes(self, table: pd.DataFrame, cut: NDArray[np.bool_]) -> Strokes:
        """Return the styles of the features of a year, among which may be classes that the edition has not."""
        style = self.sheet.look.style
        number = {code: place for place, code in enumerate(style.colours)}
        kinds = table[style.field].map(number).fillna(len(number)).to_numpy().astype(np.int64)
        return Strokes(style, self.sheet.data.spec.geometry, (*style.colours, None), 2 * kinds + cut)

    def _balloon(self, table: pd.DataFrame, classes: dict[str | None, str]) -> list[str]:
        """Return the rows of each balloon: the class, then the values that are known."""
        look, style = self.sheet.look, self.sheet.look.style
        label = escape(look.label(style.field))
        told = [_ROW.format(label=label, value=escape(classes[code])) for code in table[style.field]]
        for field in self.sheet.data.spec.fields:
            if field.name in table and field.dtype == "real":
                told = [one + more for one, more in zip(told, self._values(table, field), strict=True)]
        return told

    def _values(self, table: pd.DataFrame, field: Field) -> list[str]:
        label, unit = escape(self.sheet.look.label(field.name)), symbol(field.unit)
        after = f"\u00a0{unit}" if unit else ""
        values = table[field.name].to_numpy(dtype=np.float64, na_value=np.nan)
        texts = format_measured(np.nan_to_num(values).tolist(), field.decimals, self.sheet.look.language)
        return [
            _ROW.format(label=label, value=text + after) if there else ""
            for text, there in zip(texts, np.isfinite(values), strict=True)
        ]


def of(sheet: Sheet) -> Timeline | None:
    """Return the years of a layer; None where its style or its tables have none."""
    table = sheet.data.tables.get(sheet.look.style.timeline)
    if table is None or table.empty:
        return None
    key = sheet.data.spec.key
    place = sheet.data.frame[key].reset_index().set_index(key)["index"]
    told = table[table[key].isin(place.index)].reset_index(drop=True)
    return Timeline(sheet, told, told[key].map(place).to_numpy(dtype=np.int64))


def _path(year: object) -> str:
    return f"years/{year}.kml"
