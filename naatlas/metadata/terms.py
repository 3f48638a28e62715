"""How to cite a layer and under which terms it may be used: said from the licences of its inputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from naatlas.metadata.licensing import flagged
from naatlas.metadata.phrasing import fill, listed, same

if TYPE_CHECKING:
    from naatlas.metadata.content import Record
    from naatlas.metadata.words import Text
    from naatlas.spec import Language, Licence

#: Licences by id that oblige to say what was changed.
_CC_BY = re.compile(r"CC-BY-", re.IGNORECASE)


def licences(record: Record) -> dict[Licence, tuple[str, ...]]:
    """Return each licence once, with the ids of the inputs under it."""
    told: dict[Licence, tuple[str, ...]] = {}
    for entry in record.inputs:
        told[entry.licence] = (*told.get(entry.licence, ()), entry.source)
    return told


def terms(record: Record) -> tuple[Text, ...]:
    """Return the terms of use sentence by sentence; attribution lines stand as their publishers want them."""
    told, texts = licences(record), record.words.texts
    parts = [texts["terms_intro"]]
    parts += [same(_line(licence)) for licence in told]
    if any(_CC_BY.match(licence.id) for licence in told):
        parts.append(texts["terms_cc_by"])
    found = flagged((licence, source) for licence, sources in told.items() for source in sources)
    parts += [fill(texts[f"terms_{flag}"], files=", ".join(sources)) for flag, sources in found.items()]
    return (*parts, texts["terms_code"], texts["liability"])


def _line(licence: Licence) -> str:
    return f"{licence.attribution} [{licence.name}: {licence.url}]"


def terms_of_use(record: Record, language: Language) -> str:
    """Return the terms of use as plain text, every file with its licence."""
    told = record.words.texts
    lines = [f"{record.title[language]}\n{told['heading_terms'][language]}"]
    lines += [sentence[language] for sentence in terms(record)]
    scale = fill(told["scale_limits"], scale=record.resolution)
    lines += [told["use_constraints"][language], scale[language]]
    files = [
        f"- {e.file}: {e.title}. {e.publisher}. {e.licence.name}. {e.landing_page}" for e in record.inputs
    ]
    lines.append("\n".join((told["heading_inputs"][language], *files)))
    return "\n\n".join(lines) + "\n"


def citation(record: Record) -> Text:
    """Return the reference of this product, in the form that the Atlas uses."""
    texts = record.words.texts
    return fill(
        texts["citation"],
        organisation=texts["contact_organisation"],
        year=str(record.date.year),
        full_title=record.title,
        agencies=listed(same(agency) for agency in record.agencies),
        edition=record.edition,
        scale=record.resolution,
    )


def built_with(record: Record) -> Text:
    """Name the software and its version: part of what identifies a product, but not of the form of the citation."""
    return fill(record.words.texts["built_with"], version=record.version)


def how_to_cite(record: Record, language: Language) -> str:
    """Return as plain text how the layer is to be cited."""
    told = record.words.texts
    lines = [
        f"{record.title[language]}\n{told['heading_cite'][language]}",
        citation(record)[language],
        f"{told['contact_url'][language]}\n{record.identifier}\n{built_with(record)[language]}",
        told["citation_note"][language],
    ]
    return "\n\n".join(lines) + "\n"
