"""Describe a product as a DCAT 3 dataset in JSON-LD: what the portals of open data harvest.

The portals of the three governments run on software that reads DCAT in any form of RDF. Shape and choice of terms
follow the common application profile (DCAT-AP with its GeoDCAT extension), which that software expects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.files import terms_of_use
from naatlas.metadata.graph import (
    LINEAGE,
    UP,
    Node,
    as_bytes,
    boxes,
    identifier,
    last_change,
    ring,
    source_id,
    tagged,
)
from naatlas.metadata.terms import citation, terms
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.metadata.content import InputEntry, Record
    from naatlas.metadata.files import ProductFile
    from naatlas.spec import Language

_XSD = "http://www.w3.org/2001/XMLSchema#"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": _XSD,
}
_MEDIA_TYPES = "http://www.iana.org/assignments/media-types/"
_AUTHORITY = "http://publications.europa.eu/resource/authority/language/"
_LANGUAGE: dict[Language, str] = {
    "en": f"{_AUTHORITY}ENG",
    "fr": f"{_AUTHORITY}FRA",
    "es": f"{_AUTHORITY}SPA",
}
_TOPICS = "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/"
_CRS_TYPE = "http://inspire.ec.europa.eu/glossary/SpatialReferenceSystem"
_SHA256 = "spdx:checksumAlgorithm_sha256"
#: Form of a date by the length of the text: year, month, day.
_DATES = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}


def write(record: Record, files: Sequence[ProductFile]) -> bytes:
    """Return the record in all languages, with the downloads among the files as distributions."""
    told = {
        "@context": _CONTEXT,
        "@id": identifier(record),
        "@type": "dcat:Dataset",
        **_identity(record),
        **_people(record),
        **_coverage(record),
        **_origin(record),
        **_files(record, files),
    }
    return as_bytes(told)


def checksum(sha256: str) -> Node:
    """Return a SHA-256 checksum as SPDX writes it."""
    value = {"@type": "xsd:hexBinary", "@value": sha256}
    return {"@type": "spdx:Checksum", "spdx:algorithm": {"@id": _SHA256}, "spdx:checksumValue": value}


def _date(text: str) -> Node:
    return {"@type": _DATES[len(text)], "@value": text}


def _identity(record: Record) -> Node:
    texts, keywords = record.words.texts, record.words.keywords
    words = [{"@language": lang, "@value": word} for lang in LANGUAGES for word in keywords[lang]]
    return {
        "dcterms:identifier": identifier(record),
        "dcterms:title": tagged(record.title),
        "dcterms:description": tagged(texts["abstract"]),
        "rdfs:comment": [tag for told in record.statements.values() for text in told for tag in tagged(text)],
        "dcterms:bibliographicCitation": tagged(citation(record)),
        "dcterms:issued": _date(record.date.isoformat()),
        "dcterms:modified": _date(record.date.isoformat()),
        "dcterms:language": [{"@id": _LANGUAGE[lang]} for lang in LANGUAGES],
        "dcat:version": record.edition,
        "dcat:keyword": words,
        "dcat:theme": [{"@id": _TOPICS + topic} for topic in record.words.topics],
    }


def _people(record: Record) -> Node:
    texts = record.words.texts
    email, page = {"@id": f"mailto:{record.text('contact_email', 'en')}"}, texts["contact_url"]["en"]
    publisher = {
        "@type": "foaf:Organization",
        "foaf:name": tagged(texts["contact_organisation"]),
        "foaf:mbox": email,
        "foaf:homepage": {"@id": page},
    }
    contact = {
        "@type": "vcard:Organization",
        "vcard:fn": tagged(texts["contact_organisation"]),
        "vcard:hasEmail": email,
        "vcard:hasURL": {"@id": page},
    }
    makers = [{"@type": "foaf:Organization", "foaf:name": agency} for agency in record.agencies]
    return {"dcterms:publisher": publisher, "dcterms:creator": makers, "dcat:contactPoint": contact}


def _coverage(record: Record) -> Node:
    first, last = record.period
    told: Node = {
        "dcterms:temporal": {
            "@type": "dcterms:PeriodOfTime",
            "dcat:startDate": _date(f"{first:04}-01-01"),
            "dcat:endDate": _date(f"{last:04}-12-31"),
        },
        "dcterms:conformsTo": {
            "@type": "dcterms:Standard",
            "dcterms:type": {"@id": _CRS_TYPE},
            "dcterms:title": record.crs_name,
            "dcterms:description": tagged(record.words.texts["crs_note"]),
        },
    }
    if record.box is None:
        return told
    rings = ["(" + ", ".join(f"{x:g} {y:g}" for x, y in ring(part)) + ")" for part in boxes(record.box)]
    wkt = f"POLYGON({rings[0]})" if len(rings) == 1 else f"MULTIPOLYGON(({'), ('.join(rings)}))"
    place = {
        "@type": "dcterms:Location",
        "rdfs:label": tagged(record.words.texts["continent"]),
        "dcat:bbox": {"@type": "geosparql:wktLiteral", "@value": wkt},
    }
    return told | {"dcterms:spatial": place}


def _origin(record: Record) -> Node:
    """Tell how the product was made, from what, and under which terms each part of it stands."""
    statement = {
        "@type": "dcterms:ProvenanceStatement",
        "rdfs:label": tagged(record.words.texts["lineage"]),
    }
    return {
        "dcterms:provenance": statement,
        "prov:wasGeneratedBy": {"@id": f"{LINEAGE}#{last_change(record)}"},
        "dcterms:source": [_source(entry) for entry in record.inputs],
        "dcterms:rights": [
            {"@type": "dcterms:RightsStatement", "rdfs:label": tagged(text)} for text in terms(record)
        ],
    }


def _source(entry: InputEntry) -> Node:
    licence = {
        "@id": entry.licence.url,
        "@type": "dcterms:LicenseDocument",
        "dcterms:title": entry.licence.name,
    }
    return {
        "@id": source_id(entry.source),
        "@type": "dcat:Dataset",
        "dcterms:identifier": entry.source,
        "dcterms:title": entry.title,
        "dcterms:publisher": {"@type": "foaf:Organization", "foaf:name": entry.publisher},
        "dcterms:issued": _date(entry.vintage),
        "dcat:landingPage": {"@id": entry.landing_page},
        "dcterms:license": licence,
        "dcterms:rights": entry.licence.attribution,
    }


def _files(record: Record, files: Sequence[ProductFile]) -> Node:
    pages = [
        {
            "@id": UP + file.name,
            "@type": "foaf:Document",
            "dcterms:language": {"@id": _LANGUAGE[file.language]},
        }
        for file in files
        if file.name.startswith("metadata/") and file.language
    ]
    told = terms_of_use(files)
    downloads = [_distribution(record, file, told) for file in files if file.role == "data"]
    return {"foaf:page": pages, "dcat:distribution": downloads}


def _distribution(record: Record, file: ProductFile, pages: Mapping[Language, str]) -> Node:
    here = {"@id": UP + file.name}
    told: Node = {
        **here,
        "@type": "dcat:Distribution",
        "dcterms:title": file.format,
        "dcat:accessURL": here,
        "dcat:downloadURL": here,
        "dcat:mediaType": {"@id": _MEDIA_TYPES + file.media_type},
        "dcterms:issued": _date(record.date.isoformat()),
    }
    if page := pages.get(file.language or "en", next(iter(pages.values()), "")):
        told["dcterms:license"] = {"@id": UP + page}
    languages = [file.language] if file.language else LANGUAGES
    told |= {"dcterms:language": [{"@id": _LANGUAGE[lang]} for lang in languages]}
    if file.size is not None:
        told["dcat:byteSize"] = {"@type": "xsd:nonNegativeInteger", "@value": str(file.size)}
    if file.sha256 is not None:
        told["spdx:checksum"] = checksum(file.sha256)
    return told
