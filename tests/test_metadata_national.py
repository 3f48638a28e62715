"""The records of the real layer, from the national files."""

from __future__ import annotations

import pytest

from naatlas.layers.power_plants import SPEC
from naatlas.metadata import gate, validate
from naatlas.metadata import words as layer_words
from naatlas.metadata.documents import documents
from naatlas.metadata.record import describe

pytestmark = pytest.mark.national


@pytest.mark.parametrize("edition", [edition.name for edition in SPEC.editions])
def test_the_real_layer_passes_the_gate_and_both_records_are_complete(request, edition):
    data = request.getfixturevalue(f"plants_{edition}")
    words = layer_words.load(SPEC.slug)
    record = describe(data, words)
    gate.gate(gate.check(record, words, SPEC))
    told = documents(record)
    assert validate.validate_bytes(told["metadata/iso19115.xml"]) == ()
    assert validate.validate_bytes(told["metadata/fgdc.xml"]) == ()
    assert sum(record.countries.values()) == record.features == len(data.frame)
    read = sum(entry.records for entry in record.inputs)
    assert f"Records read: {read:,} (" in " ".join(step.text["en"] for step in record.steps)
    assert all(field.filled for field in record.fields if field.name in ("capacity_mw", "nox_t", "hg_kg"))
    assert not any(field.filled for field in record.fields if field.gap)
