"""Quality and lineage of a record in ISO 19139: what was checked, what was done, from which files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.iso_parts import code, date, free, string
from naatlas.metadata.phrasing import join
from naatlas.metadata.tree import put

if TYPE_CHECKING:
    from lxml import etree

    from naatlas.metadata.content import InputEntry, Record


def quality(parent: etree._Element, record: Record) -> None:
    """Append scope, result of the checks, and lineage to an empty ``DQ_DataQuality``."""
    code(put(parent, "gmd:scope/gmd:DQ_Scope"), "gmd:level", "MD_ScopeCode", "dataset")
    _consistency(put(parent, "gmd:report/gmd:DQ_ConceptualConsistency"), record)
    lineage = put(parent, "gmd:lineage/gmd:LI_Lineage")
    free(lineage, "gmd:statement", record.words.texts["lineage"])
    for step in record.steps:
        free(put(lineage, "gmd:processStep/gmd:LI_ProcessStep"), "gmd:description", step.text)
    for entry in record.inputs:
        _source(put(lineage, "gmd:source/gmd:LI_Source"), entry)


def _consistency(report: etree._Element, record: Record) -> None:
    free(report, "gmd:measureDescription", record.consistency)
    result = put(report, "gmd:result/gmd:DQ_ConformanceResult")
    specification = put(result, "gmd:specification/gmd:CI_Citation")
    string(specification, "gmd:title", f"naatlas {record.version}: {record.slug}")
    date(specification, record.date.isoformat(), "publication")
    free(result, "gmd:explanation", join((record.findings, record.accuracy), ". "))
    put(result, "gmd:pass/gco:Boolean", "true" if record.severities["error"] == 0 else "false")


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
