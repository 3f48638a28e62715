"""Describe a product as a schema.org Dataset in JSON-LD: what search engines for data read.

The words of schema.org only: search engines know no others, and catalogues that read DCAT get a record of their own
(``dcat``). The context stands in the record, so that reading it asks nothing of the network.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from naatlas.metadata.files import terms_of_use
from naatlas.metadata.graph import UP, Node, as_bytes, boxes, identifier, source_id, tagged
from naatlas.metadata.terms import citation
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.metadata.content import FieldEntry, InputEntry, Record
    from naatlas.metadata.files import ProductFile
    from naatlas.metadata.words import Text
    from naatlas.spec import Language

#: Values of these terms are addresses; those that are relative are taken from where the record lies.
_ADDRESSES = ("contentUrl", "license", "thumbnailUrl", "url")
_CONTEXT: Node = {"@vocab": "https://schema.org/", **{term: {"@type": "@id"} for term in _ADDRESSES}}
#: Codes of UN/CEFACT recommendation 20, by symbol of the unit.
_UNIT_CODES = {"MW": "MAW", "t": "TNE", "kg": "KGM", "km²": "KMK", "m": "MTR"}


def write(record: Record, files: Sequence[ProductFile]) -> bytes:
    """Return the record in all languages, every text tagged with its own."""
    return as_bytes(dataset(record, files))


def script(record: Record, language: Language, files: Sequence[ProductFile] = ()) -> str:
    """Return the record in one language as the ``script`` element of a page.

    Parameters
    ----------
    files
        Of the product, with or without checksums.
    """
    told = json.dumps(dataset(record, files, language), ensure_ascii=False, separators=(",", ":"))
    # no text can end the element, nor open a comment in it
    safe = told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/ld+json">{safe}</script>'


def dataset(record: Record, files: Sequence[ProductFile], language: Language | None = None) -> Node:
    """Describe a product.

    Parameters
    ----------
    language
        Of a record that is to stand in a page; None for all languages, tagged.
    """
    context = _CONTEXT if language is None else _CONTEXT | {"@language": language}
    told = _Dataset(record, language)
    return {"@context": context, "@type": "Dataset", "@id": identifier(record)} | told.node(files)


class _Dataset:
    """One record on its way into JSON-LD."""

    def __init__(self, record: Record, language: Language | None) -> None:
        self.record, self.language = record, language

    def tell(self, text: Text) -> object:
        return tagged(text) if self.language is None else text[self.language]

    def say(self, name: str) -> object:
        return self.tell(self.record.words.texts[name])

    def node(self, files: Sequence[ProductFile]) -> Node:
        record = self.record
        return {
            "name": self.tell(record.title),
            "description": self.say("abstract"),
            "inLanguage": [self.language] if self.language else list(LANGUAGES),
            "identifier": identifier(record),
            "version": record.edition,
            "url": record.text("contact_url", self.language or "en"),
            "keywords": self._keywords(),
            "dateCreated": record.date.isoformat(),
            "datePublished": record.date.isoformat(),
            "dateModified": record.date.isoformat(),
            "temporalCoverage": "/".join(dict.fromkeys(str(year) for year in record.period)),
            **self._place(),
            "creator": [{"@type": "Organization", "name": agency} for agency in record.agencies],
            "publisher": self._publisher(),
            "includedInDataCatalog": {
                "@type": "DataCatalog",
                "name": self.say("atlas"),
                "url": record.text("contact_url", self.language or "en"),
            },
            "creditText": self.tell(citation(record)),
            **self._terms(files),
            "measurementTechnique": self.say("lineage"),
            "variableMeasured": [self._variable(field) for field in record.fields if not field.gap],
            "isBasedOn": [_input(entry) for entry in record.inputs],
            **self._files(files),
        }

    def _keywords(self) -> object:
        told = self.record.words.keywords
        if self.language:
            return list(told[self.language])
        return [{"@language": lang, "@value": word} for lang in LANGUAGES for word in told[lang]]

    def _place(self) -> Node:
        box = self.record.box
        if box is None:
            return {}
        parts = [f"{b.south:.6f} {b.west:.6f} {b.north:.6f} {b.east:.6f}" for b in boxes(box)]
        shapes = [{"@type": "GeoShape", "box": part} for part in parts]
        return {"spatialCoverage": {"@type": "Place", "name": self.say("continent"), "geo": shapes}}

    def _publisher(self) -> Node:
        record = self.record
        contact = {
            "@type": "ContactPoint",
            "contactType": "customer service",
            "email": record.text("contact_email", "en"),
            "telephone": record.text("contact_phone", "en"),
        }
        return {
            "@type": "Organization",
            "name": self.say("contact_organisation"),
            "url": record.text("contact_url", self.language or "en"),
            "contactPoint": contact,
        }

    def _terms(self, files: Sequence[ProductFile]) -> Node:
        pages = terms_of_use(files)
        languages = [lang for lang in pages if self.language in {None, lang}]
        told: Node = {"license": [UP + pages[lang] for lang in languages]} if languages else {}
        told |= {"conditionsOfAccess": self.say("use_constraints")}
        if self.language:  # the page around it says all that follows
            return told
        notes = [text for texts in self.record.statements.values() for text in texts]
        return told | {"usageInfo": [{"@type": "CreativeWork", "text": tagged(text)} for text in notes]}

    def _variable(self, field: FieldEntry) -> Node:
        told: Node = {
            "@type": "PropertyValue",
            "name": field.name,
            "alternateName": self.tell(field.label),
            "description": self.tell(field.definition),
        }
        if field.unit:
            told |= {"unitText": field.unit}
        if field.unit in _UNIT_CODES:
            told |= {"unitCode": _UNIT_CODES[field.unit]}
        bounds = {"minValue": field.low, "maxValue": field.high}
        return told | {name: value for name, value in bounds.items() if value is not None}

    def _files(self, files: Sequence[ProductFile]) -> Node:
        told: Node = {
            "distribution": [_download(file) for file in files if file.role == "data"],
            "thumbnailUrl": next((UP + file.name for file in files if file.role == "overview"), None),
        }
        return {name: value for name, value in told.items() if value}


def _download(file: ProductFile) -> Node:
    told: Node = {
        "@type": "DataDownload",
        "name": file.format,
        "contentUrl": UP + file.name,
        "encodingFormat": file.media_type,
        "inLanguage": file.language,
        "contentSize": None if file.size is None else f"{file.size} B",
        "sha256": file.sha256,
    }
    return {name: value for name, value in told.items() if value is not None}


def _input(entry: InputEntry) -> Node:
    """Describe an input; its own licence, address and checksum stand with it."""
    return {
        "@type": "Dataset",
        "@id": source_id(entry.source),
        "name": entry.title,
        "identifier": entry.source,
        "publisher": {"@type": "Organization", "name": entry.publisher},
        "temporalCoverage": entry.vintage,
        "url": entry.landing_page,
        "license": entry.licence.url,
        "creditText": entry.licence.attribution,
        "distribution": {
            "@type": "DataDownload",
            "name": entry.file,
            "contentSize": f"{entry.size} B",
            "sha256": entry.sha256,
        },
    }
