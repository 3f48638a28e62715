"""Write a record as a page for people, one a language: self-contained, printable, nothing in it runs.

The layout stands in ``page.html.j2``; here is what it is filled with.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from naatlas import styles
from naatlas.languages import OF_COUNTRY
from naatlas.metadata.phrasing import fill, number, upper_first
from naatlas.metadata.terms import built_with, citation, terms
from naatlas.spec import LANGUAGES
from naatlas.templates import template
from naatlas.text import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.metadata.content import FieldEntry, Record
    from naatlas.metadata.files import ProductFile
    from naatlas.metadata.words import Text
    from naatlas.spec import Language

#: Where a line must not break: before the high punctuation of French, inside its quotation marks, inside numbers.
_TIED = re.compile(r" (?=[;:?!»])|(?<=«) |(?<=\d) (?=\d{3}(?!\d))")
#: How the names of the reports to the owners of data go on behind the country.
_SUSPECTS = (".html", "_fr.html", ".csv", "_fr.csv")
#: What a file of a product is for, by the ending of its name (the first that fits): name of the text.
_FILES = (
    (".gpkg", "file_gpkg"),
    ("_tif.zip", "file_tif_package"),
    (".tif", "file_tif"),
    (".tif.aux.xml", "file_tif_sidecar"),
    ("_shapefile.zip", "file_shapefile"),
    (".kmz", "file_kmz"),
    ("_provenance.parquet", "file_provenance"),
    ("_releases.parquet", "file_releases"),
    (".parquet", "file_parquet"),
    ("preview.png", "file_preview"),
    (".qml", "file_qml"),
    *((f"_sld11{ending}.sld", "file_sld11") for ending in ("", *(f"_{language}" for language in LANGUAGES))),
    (".sld", "file_sld"),
    (".maplibre.json", "file_maplibre"),
    *((f"legend_{language}.{kind}", "file_legend") for language in LANGUAGES for kind in ("png", "svg")),
    ("report.html", "file_report"),
    *((f"report_{language}.html", "file_report") for language in LANGUAGES),
    *((f"profiles_{language}.html", "file_profiles") for language in LANGUAGES),
    ("rejected.csv", "file_rejected"),
    ("corrections.csv", "file_corrections"),
    *((f"suspects_{country}{part}", "file_suspects") for country in OF_COUNTRY for part in _SUSPECTS),
    ("balances.csv", "file_balances"),
    (".csv", "file_table"),
    ("iso19115.xml", "file_iso"),
    ("fgdc.xml", "file_fgdc"),
    ("schema-org.jsonld", "file_schema_org"),
    ("dcat.jsonld", "file_dcat"),
    ("stac/collection.json", "file_stac"),
    ("lineage.jsonld", "file_lineage"),
)
_REPORT = re.compile(r"report(_\w\w)?\.html")
_SIDES = ("west", "east", "south", "north")


def write(
    record: Record,
    language: Language,
    *,
    languages: Sequence[Language] = LANGUAGES,
    files: Sequence[ProductFile] = (),
    picture: bytes = b"",
    head: str = "",
) -> bytes:
    """Return the page as an HTML document in UTF-8.

    Parameters
    ----------
    languages
        Of the pages of this product: each links to the others, which lie beside it.
    files
        Of the product, by their path in it; the page lies in its folder ``metadata``.
    picture
        A map of the layer without words, as PNG; it is put into the page.
    head
        Markup for the head of the page, such as a record for search engines.
    """
    page = template("metadata", "page.html.j2")
    return page.render(
        _content(record, language), languages=languages, **_beside(_own(files, language), picture, head)
    ).encode()


def _own(files: Sequence[ProductFile], language: Language) -> list[ProductFile]:
    """Leave out the reports in other languages; ``report.html`` is for those that have none of their own."""
    report = next((f.name for f in files if f.name == f"report_{language}.html"), "report.html")
    return [file for file in files if file.name == report or not _REPORT.fullmatch(file.name)]


def _beside(files: Sequence[ProductFile], picture: bytes, head: str) -> dict[str, Any]:
    """Name the files with what each is for; those that have no text of their own are left to the manifest."""
    told = [(name, file) for ending, name in _FILES for file in files if file.name.endswith(ending)]
    first = {file.name: (name, file) for name, file in reversed(told)}
    kinds = [name for _, name in _FILES]
    listed = sorted(first.values(), key=lambda entry: (kinds.index(entry[0]), entry[1].name))
    image = f"data:image/png;base64,{b64encode(picture).decode()}" if picture else ""
    return {"files": listed, "picture": image, "head": Markup(head)}  # noqa: S704 - escaped by who made it


def _content(record: Record, language: Language) -> dict[str, Any]:
    def tell(text: Text) -> Markup:
        return _tied(text[language])

    def say(name: str, **values: str | Text) -> Markup:
        return tell(fill(record.words.texts[name], **values) if values else record.words.texts[name])

    return {
        "record": record,
        "language": language,
        "other": upper_first({lang: record.words.texts[f"language_{lang}"][lang] for lang in LANGUAGES}),
        "tell": tell,
        "say": say,
        "count": lambda value: number(value)[language],
        "breakable": _breakable,
        "title": Markup(escape(record.title[language])),  # noqa: S704 - escaped
        "citation": citation(record),
        "built": built_with(record),
        "scale": record.resolution,
        "period": "\u2013".join(dict.fromkeys(str(year) for year in record.period)),
        "box": _box(record, language),
        "countries": _countries(record),
        "terms": (record.words.texts["use_constraints"], *terms(record)),
        "bounds": lambda field: _bounds(field, language),
        "share": lambda field: _share(field, record),
        "legend_label": record.words.labels[styles.load(record.slug).field],
        "shape": record.geometry.lower(),
    }


def _countries(record: Record) -> list[tuple[Text, int]]:
    """Return the features of each country, and those of none or of another, so that the lines add up."""
    names = record.words.classes["country"]
    told = [(names[code], features) for code, features in record.countries.items()]
    rest = record.features - sum(record.countries.values())
    return [*told, (record.words.texts["elsewhere"], rest)] if told and rest else told


def _box(record: Record, language: Language) -> dict[str, str]:
    marks = str.maketrans("-.", "\u2212," if language == "fr" else "\u2212.")
    return (
        {side: f"{getattr(record.box, side):.3f}°".translate(marks) for side in _SIDES} if record.box else {}
    )


def _bounds(field: FieldEntry, language: Language) -> str:
    marks = str.maketrans("-.", "\u2212," if language == "fr" else "\u2212.")
    told = [f"{sign} {bound:g}" for sign, bound in (("≥", field.low), ("≤", field.high)) if bound is not None]
    return ", ".join(told).replace(" ", "\u00a0", 1).translate(marks)


def _share(field: FieldEntry, record: Record) -> str:
    """Return how many of the features have a value, in percent; what is nearly none or nearly all is not rounded so."""
    if not record.features or field.filled in {0, record.features}:
        return f"{100 * bool(field.filled)}\u00a0%"
    return f"{min(max(round(100 * field.filled / record.features), 1), 99)}\u00a0%"


def _breakable(name: str) -> Markup:
    return Markup(escape(name).replace("_", "_<wbr>"))  # noqa: S704 - escaped


def _tied(text: str) -> Markup:
    return Markup(_TIED.sub("\u00a0", escape(text)))  # noqa: S704 - escaped
