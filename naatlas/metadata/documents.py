"""All documents that go with a product, by their path in it.

Most are written before the map formats, which carry some of them inside. The records for machines come last: they name
every file with its checksum.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from naatlas.metadata import fgdc, iso19139, jsonld, page
from naatlas.metadata.files import ProductFile
from naatlas.metadata.graph import LINEAGE
from naatlas.metadata.terms import how_to_cite, terms_of_use
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from naatlas.metadata.content import Record
    from naatlas.model import LayerData
    from naatlas.spec import Language

__all__ = ["CLOSING", "closing", "documents", "how_to_cite", "pages", "terms_of_use"]

_SCHEMA_ORG, _DCAT, _LINEAGE = "metadata/schema-org.jsonld", "metadata/dcat.jsonld", f"metadata/{LINEAGE}"
_STAC = "metadata/stac/"
#: Records that are written last; pages that are written before them link to them.
CLOSING = (_SCHEMA_ORG, _DCAT, _LINEAGE, f"{_STAC}collection.json")


def documents(record: Record, languages: Iterable[Language] = LANGUAGES) -> dict[str, bytes]:
    """Write the record in all its forms.

    Parameters
    ----------
    languages
        Of the texts; the two XML records carry all three languages in any case.

    Returns
    -------
    dict
        Path below the product folder, with forward slashes, to content in UTF-8. Text files begin with a byte
        order mark and end their lines as Windows does, so that Notepad shows the accents.
    """
    told = {"metadata/iso19115.xml": iso19139.write(record), "metadata/fgdc.xml": fgdc.write(record)}
    for language in languages:
        told[f"How_to_Cite_{language}.txt"] = _text(how_to_cite(record, language))
        told[f"Terms_of_Use_{language}.txt"] = _text(terms_of_use(record, language))
    return told


def pages(
    record: Record,
    languages: Sequence[Language] = LANGUAGES,
    *,
    files: Sequence[ProductFile] = (),
    picture: bytes = b"",
) -> dict[str, bytes]:
    """Write the record for people, one page a language, each with a record for search engines in its head.

    Parameters
    ----------
    files
        All files that the product will have; checksums are not needed.
    picture
        A map of the layer without words, as PNG.
    """
    return {
        f"metadata/{record.slug}_{language}.html": page.write(
            record,
            language,
            languages=languages,
            files=files,
            picture=picture,
            head=jsonld.script(record, language, files),
        )
        for language in languages
    }


def closing(record: Record, data: LayerData, files: Sequence[ProductFile]) -> dict[str, bytes]:
    """Write the records that name the product's files with their checksums.

    Parameters
    ----------
    files
        All files written so far, with checksums.

    Returns
    -------
    dict
        Path below the product folder, with forward slashes, to JSON in UTF-8.
    """
    from naatlas.metadata import dcat, prov, stac  # known to those who build, not to those who look

    told = {
        _SCHEMA_ORG: jsonld.write(record, files),
        _DCAT: dcat.write(record, files),
        _LINEAGE: prov.write(record, data, files),
    }
    known = [*files, *(_file(name, content) for name, content in told.items())]
    item = stac.write(record, data, known)
    return told | {f"{_STAC}{name}": content for name, content in item.items()}


def _file(name: str, content: bytes) -> ProductFile:
    return ProductFile(name, hashlib.sha256(content).hexdigest(), len(content))


def _text(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8-sig")
