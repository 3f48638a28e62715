"""Write a record as a page for people, one a language: self-contained, printable, without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from naatlas.metadata.phrasing import number
from naatlas.metadata.terms import citation, terms
from naatlas.text import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from naatlas.metadata.content import FieldEntry, InputEntry, Record
    from naatlas.metadata.words import Text
    from naatlas.spec import Language

_STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,"Segoe UI",Arial,sans-serif;color:#1b1b1b}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid #bbb}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;min-width:50%;font-size:.85rem}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ddd}
th{background:#f2f4f5}
.n{text-align:right}td.n{white-space:nowrap}
code{font-family:ui-monospace,Consolas,monospace;font-size:.9em}
.long{overflow-wrap:anywhere}
.legend{list-style:none;padding:0;columns:3 11rem}
.legend li{break-inside:avoid;padding-left:1.4em;text-indent:-1.4em}
.swatch{display:inline-block;width:.9em;height:.9em;border-radius:50%;margin-right:.5em;border:1px solid #555}
.patch{border-radius:0}
.cite{padding:.6rem 1rem;background:#f2f4f5;border-left:4px solid #35678c}
@media print{body{max-width:none;margin:0;font-size:10pt}h2,h3{break-after:avoid}tr{break-inside:avoid}
.swatch,th,.cite{print-color-adjust:exact}.scroll{overflow:visible}table{font-size:7.5pt}}
"""
#: Where a line must not break: before the high punctuation of French, inside its quotation marks, inside numbers.
_TIED = re.compile(r" (?=[;:?!»])|(?<=«) |(?<=\d) (?=\d{3}(?!\d))")
_NUMBER_CELL = '<td class="n"'


def write(record: Record, language: Language) -> bytes:
    """Return the page as an HTML document in UTF-8."""
    page = _Page(record, language)
    parts = (
        page.summary(),
        page.cite(),
        page.limits(),
        page.legend(),
        page.extent(),
        page.fields(),
        page.classes(),
        page.gaps(),
        page.inputs(),
        page.lineage(),
        page.terms(),
        page.contact(),
    )
    title = escape(record.title[language])
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    body = f"<body>\n<h1>{title}</h1>\n" + "\n".join(parts) + "\n</body>"
    html = f'<!DOCTYPE html>\n<html lang="{language}">\n<head>{head}<style>{_STYLE}</style></head>'
    return f"{html}\n{body}\n</html>\n".encode()


class _Page:
    """The sections of one page."""

    def __init__(self, record: Record, language: Language) -> None:
        self.record, self.language = record, language

    def say(self, name: str) -> str:
        return _tied(self.record.text(name, self.language))

    def tell(self, text: Text) -> str:
        return _tied(text[self.language])

    def count(self, value: int) -> str:
        return number(value)[self.language]

    def section(self, heading: str, *parts: str) -> str:
        return f"<h2>{self.say(heading)}</h2>\n" + "\n".join(parts)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        listed = list(rows)
        first = listed[0] if listed else ("",) * len(columns)
        sides = [' class="n"' if cell.startswith(_NUMBER_CELL) else "" for cell in first]
        head = "".join(
            f'<th scope="col"{side}>{self.say(name)}</th>' for name, side in zip(columns, sides, strict=True)
        )
        body = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in listed)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
        return f'<div class="scroll">{table}</div>'

    def summary(self) -> str:
        purpose = f"<h3>{self.say('heading_purpose')}</h3>\n<p>{self.say('purpose')}</p>"
        return self.section("heading_summary", f"<p>{self.say('abstract')}</p>", purpose)

    def cite(self) -> str:
        line = f'<p class="cite">{self.tell(citation(self.record))}</p>'
        return self.section("heading_cite", line, f"<p>{self.say('citation_note')}</p>")

    def limits(self) -> str:
        return self.section("heading_limits", *(f"<p>{self.tell(text)}</p>" for text in self.record.limits))

    def legend(self) -> str:
        shape = "swatch" if self.record.geometry == "Point" else "swatch patch"
        items = (
            f'<li><span class="{shape}" style="background:{colour}"></span>{self.tell(label)}</li>'
            for _code, label, colour in self.record.legend
        )
        return self.section("heading_legend", f'<ul class="legend">{"".join(items)}</ul>')

    def extent(self) -> str:
        record, countries = self.record, self.record.words.classes["country"]
        counts = [(self.tell(countries[code]), n) for code, n in record.countries.items()]
        counts.append((self.say("total"), record.features))
        rows = [(f"<td>{name}</td>", f'<td class="n">{self.count(n)}</td>') for name, n in counts]
        parts = [self.table(("column_country", "column_features"), rows), self._bounds()]
        parts.append(f"<h3>{self.say('heading_crs')}</h3>\n<p>{self.say('crs_note')}</p>")
        parts.append(f"<p><code>{escape(record.crs_proj4)}</code></p>")
        parts.append(f"<h3>{self.say('heading_quality')}</h3>\n<p>{self.tell(record.accuracy)}</p>")
        parts.append(f"<p>{self.tell(record.consistency)} {self.tell(record.findings)}.</p>")
        return self.section("heading_extent", *parts)

    def _bounds(self) -> str:
        record = self.record
        years = "-".join(dict.fromkeys(str(year) for year in record.period))
        colon = "\u00a0:" if self.language == "fr" else ":"
        told = f"{self.say('period')}{colon} {years}. {self.say('date')}{colon} {record.date.isoformat()}."
        if record.box is None:
            return f"<p>{told}</p>"
        sides = ("west", "east", "south", "north")
        marks = str.maketrans("-.", "\u2212," if self.language == "fr" else "\u2212.")
        degrees = {side: f"{getattr(record.box, side):.3f}°".translate(marks) for side in sides}
        box = "; ".join(f"{self.say(side)} {value}" for side, value in degrees.items())
        return f"<p>{box}. {told}</p>"

    def fields(self) -> str:
        columns = ("field", "shapefile", "definition", "type", "unit", "values", "filled")
        rows = (self._field(field) for field in self.record.fields)
        return self.section("heading_fields", self.table([f"column_{c}" for c in columns], rows))

    def _field(self, field: FieldEntry) -> tuple[str, ...]:
        cells = (
            f"<code>{_breakable(field.name)}</code>",
            f"<code>{field.dbf or ''}</code>",
            f"<b>{self.tell(field.label)}</b><br>{self.tell(field.definition)}",
            self.say(f"type_{field.dtype}"),
            escape(field.unit),
            self._values(field),
        )
        return (*(f"<td>{cell}</td>" for cell in cells), f'<td class="n">{self.count(field.filled)}</td>')

    def _values(self, field: FieldEntry) -> str:
        if field.domain and field.domain in self.record.classes:
            return f'<a href="#{field.domain}">{_breakable(field.domain)}</a>'
        if field.domain:
            return self.tell(self.record.codesets[field.domain])
        bounds = [
            f"{sign} {bound:g}" for sign, bound in (("≥", field.low), ("≤", field.high)) if bound is not None
        ]
        return ", ".join(bounds)

    def classes(self) -> str:
        parts = []
        for name, codes in self.record.classes.items():
            rows = [
                (f"<td><code>{code}</code></td>", f"<td>{self.tell(label)}</td>")
                for code, label in codes.items()
            ]
            table = self.table(("column_code", "column_meaning"), rows)
            parts.append(f'<h3 id="{name}"><code>{name}</code></h3>\n{table}')
        return self.section("heading_classes", *parts)

    def gaps(self) -> str:
        items = "".join(f"<li>{self.tell(gap)}</li>" for gap in self.record.gaps)
        return self.section("heading_gaps", f"<ul>{items}</ul>" if items else f"<p>{self.say('no_gap')}</p>")

    def inputs(self) -> str:
        columns = ("file", "publisher", "vintage", "licence", "checksum")
        rows = (self._input(entry) for entry in self.record.inputs)
        return self.section("heading_inputs", self.table([f"column_{c}" for c in columns], rows))

    def _input(self, entry: InputEntry) -> tuple[str, ...]:
        cells = (
            f"{_link(entry.landing_page, entry.title)}<br><code class='long'>{escape(entry.file)}</code>",
            escape(entry.publisher),
            entry.vintage,
            _link(entry.licence.url, entry.licence.name),
            f'<code class="long">{entry.sha256}</code>',
        )
        return tuple(f"<td>{cell}</td>" for cell in cells)

    def lineage(self) -> str:
        steps = "".join(f"<li>{self.tell(step.text)}</li>" for step in self.record.steps)
        return self.section("heading_lineage", f"<ol>{steps}</ol>")

    def terms(self) -> str:
        told = (self.record.words.texts["use_constraints"], *terms(self.record))
        credit = f"<h3>{self.say('heading_credits')}</h3>\n<p>{self.say('credits')}</p>"
        return self.section("heading_terms", *(f"<p>{self.tell(text)}</p>" for text in told), credit)

    def contact(self) -> str:
        parts = (
            "organisation",
            "address",
            "city",
            "region",
            "postal_code",
            "country",
            "phone",
            "email",
            "url",
        )
        lines = "<br>".join(self.say(f"contact_{part}") for part in parts)
        words = ", ".join(escape(word) for word in self.record.words.keywords[self.language])
        return self.section(
            "heading_contact", f"<p>{lines}</p>", f"<h3>{self.say('heading_keywords')}</h3><p>{words}</p>"
        )


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def _breakable(name: str) -> str:
    return name.replace("_", "_<wbr>")


def _tied(text: str) -> str:
    return _TIED.sub("\u00a0", escape(text))
