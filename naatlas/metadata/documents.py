"""All documents that go with a product, by their path in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata import fgdc, iso19139, page
from naatlas.metadata.terms import how_to_cite, terms_of_use
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naatlas.metadata.content import Record
    from naatlas.spec import Language

__all__ = ["documents", "how_to_cite", "terms_of_use"]


def documents(record: Record, languages: Iterable[Language] = LANGUAGES) -> dict[str, bytes]:
    """Write the record in all its forms.

    Parameters
    ----------
    languages
        Of the pages and texts; the two XML records carry all three languages in any case.

    Returns
    -------
    dict
        Path below the product folder, with forward slashes, to content in UTF-8. Text files begin with a byte
        order mark and end their lines as Windows does, so that Notepad shows the accents.
    """
    told = {"metadata/iso19115.xml": iso19139.write(record), "metadata/fgdc.xml": fgdc.write(record)}
    for language in languages:
        told[f"metadata/{record.slug}_{language}.html"] = page.write(record, language)
        told[f"How_to_Cite_{language}.txt"] = _text(how_to_cite(record, language))
        told[f"Terms_of_Use_{language}.txt"] = _text(terms_of_use(record, language))
    return told


def _text(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8-sig")
