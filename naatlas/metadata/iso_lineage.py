"""Lineage of a record in ISO 19139: what was done, in which order, and from which files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.iso_parts import NAMESPACES, code, date, free, string
from naatlas.metadata.tree import put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from naatlas.metadata.content import InputEntry, Record, Step


def lineage(parent: etree._Element, record: Record) -> None:
    """Append statement, steps and sources to an empty ``LI_Lineage``; each step names the sources it works on."""
    ids = {entry.source: f"source-{number}" for number, entry in enumerate(record.inputs, 1)}
    free(parent, "gmd:statement", record.words.texts["lineage"])
    for step in record.steps:
        _step(put(parent, "gmd:processStep/gmd:LI_ProcessStep"), step, record, ids)
    for number, entry in enumerate(record.inputs, 1):
        source = put(parent, "gmd:source/gmd:LI_Source")
        source.set("id", f"source-{number}")
        _source(source, entry)


def _step(process: etree._Element, step: Step, record: Record, ids: Mapping[str, str]) -> None:
    free(process, "gmd:description", step.text)
    put(process, "gmd:dateTime/gco:DateTime", f"{record.date.isoformat()}T00:00:00")
    for source in dict.fromkeys(ids[name] for name in step.sources if name in ids):
        put(process, "gmd:source").set(f"{{{NAMESPACES['xlink']}}}href", f"#{source}")


def _source(source: etree._Element, entry: InputEntry) -> None:
    string(source, "gmd:description", f"{entry.title}. {entry.file} (sha256 {entry.sha256})")
    citation = put(source, "gmd:sourceCitation/gmd:CI_Citation")
    string(citation, "gmd:title", entry.title)
    date(citation, entry.vintage, "publication")
    identifier = put(citation, "gmd:identifier/gmd:MD_Identifier")
    string(identifier, "gmd:code", entry.source)
    party = put(citation, "gmd:citedResponsibleParty/gmd:CI_ResponsibleParty")
    string(party, "gmd:organisationName", entry.publisher)
    code(party, "gmd:role", "CI_RoleCode", "originator")
    string(
        citation,
        "gmd:otherCitationDetails",
        f"{entry.landing_page}. {entry.licence.name}. {entry.licence.attribution}",
    )
