"""Quality of a record in ISO 19139: what was checked, what became of every source record, how true positions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.ledger import State
from naatlas.metadata.iso_parts import NAMESPACES, date, free, string, truth
from naatlas.metadata.phrasing import fill, join
from naatlas.metadata.tree import put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree

    from naatlas.metadata.content import Record
    from naatlas.metadata.words import Text

_UNIT = "http://www.opengis.net/def/uom/OGC/1.0/"
_COUNT, _METRE = f"{_UNIT}unity", f"{_UNIT}metre"
_M_PER_KM, _M_PER_MM = 1e3, 1e-3


def reports(parent: etree._Element, record: Record) -> None:
    """Append the reports to a ``DQ_DataQuality`` that has its scope."""
    figures = {step.name: step.figures for step in record.steps}
    for name, value in _account(figures.get("combine", {}), record):
        report = put(parent, "gmd:report/gmd:DQ_CompletenessOmission")
        free(report, "gmd:nameOfMeasure", name)
        _measured(report, value, _COUNT)
    _consistency(put(parent, "gmd:report/gmd:DQ_ConceptualConsistency"), record)
    for name, metres in _positions(figures, record):
        report = put(parent, "gmd:report/gmd:DQ_AbsoluteExternalPositionalAccuracy")
        free(report, "gmd:nameOfMeasure", name)
        free(report, "gmd:evaluationMethodDescription", record.accuracy)
        _measured(report, metres, _METRE)


def _account(figures: Mapping[str, float], record: Record) -> Iterator[tuple[Text, float]]:
    """Give the totals of the ledger: records read, what became of them, and the features made."""
    told = record.words.texts
    if figures.get("read"):  # a layer made from another layer reads no records of its own
        yield told["measure_read"], figures["read"]
    for state in (state for state in State if figures.get(str(state))):
        yield fill(told["measure_state"], state=told[f"state_{state}"]), figures[str(state)]
    yield told["measure_features"], record.features


def _positions(figures: Mapping[str, Mapping[str, float]], record: Record) -> Iterator[tuple[Text, float]]:
    told, moved = record.words.texts, figures.get("generalize", {})
    if "displacement_max_mm" in moved:
        metres_per_mm = moved["scale_denominator"] * _M_PER_MM
        yield told["measure_displacement"], moved["displacement_max_mm"] * metres_per_mm
    elif "tolerance_km" in figures.get("place", {}):
        yield told["measure_tolerance"], figures["place"]["tolerance_km"] * _M_PER_KM


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
