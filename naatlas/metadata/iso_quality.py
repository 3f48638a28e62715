"""Quality of a record in ISO 19139: what was checked, what became of every source record, how true positions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.iso_parts import NAMESPACES, date, free, string, truth
from naatlas.metadata.measures import account, positions
from naatlas.metadata.phrasing import join
from naatlas.metadata.tree import put

if TYPE_CHECKING:
    from lxml import etree

    from naatlas.metadata.content import Record

_UNIT = "http://www.opengis.net/def/uom/OGC/1.0/"
_COUNT, _METRE = f"{_UNIT}unity", f"{_UNIT}metre"


def reports(parent: etree._Element, record: Record) -> None:
    """Append the reports to a ``DQ_DataQuality`` that has its scope."""
    for name, value in account(record):
        report = put(parent, "gmd:report/gmd:DQ_CompletenessOmission")
        free(report, "gmd:nameOfMeasure", name)
        _measured(report, value, _COUNT)
    _consistency(put(parent, "gmd:report/gmd:DQ_ConceptualConsistency"), record)
    for name, metres in positions(record):
        report = put(parent, "gmd:report/gmd:DQ_AbsoluteExternalPositionalAccuracy")
        free(report, "gmd:nameOfMeasure", name)
        free(report, "gmd:evaluationMethodDescription", record.accuracy)
        _measured(report, metres, _METRE)


def _measured(report: etree._Element, value: float, unit: str) -> None:
    result = put(report, "gmd:result/gmd:DQ_QuantitativeResult")
    put(result, "gmd:valueUnit").set(f"{{{NAMESPACES['xlink']}}}href", unit)
    put(result, "gmd:value/gco:Record", f"{value:.0f}")


def _consistency(report: etree._Element, record: Record) -> None:
    free(report, "gmd:measureDescription", record.consistency)
    result = put(report, "gmd:result/gmd:DQ_ConformanceResult")
    specification = put(result, "gmd:specification/gmd:CI_Citation")
    string(specification, "gmd:title", f"naatlas {record.version}: {record.slug}")
    date(specification, record.date.isoformat(), "publication")
    free(result, "gmd:explanation", join((record.findings, record.accuracy), ". "))
    truth(result, "gmd:pass", value=record.severities["error"] == 0)
