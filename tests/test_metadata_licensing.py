"""The licences of the inputs taken together: what binds the layer is said in finding, terms and records."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from naatlas import registry
from naatlas.metadata import licensing
from naatlas.metadata.terms import terms, terms_of_use
from naatlas.spec import LANGUAGES, Licence
from tests import metadata_samples as samples

if TYPE_CHECKING:
    from naatlas.model import InputFile


def _licence(spdx: str, *, checked: bool = True) -> Licence:
    return Licence(
        id=spdx, name=spdx, attribution=f"Data: {spdx}.", url="https://example.org", checked=checked
    )


@pytest.mark.parametrize(
    ("spdx", "flags"),
    [
        ("CC-BY-4.0", ()),
        ("CC0-1.0", ()),
        ("OGL-Canada-2.0", ()),
        ("US-PD", ()),
        ("PDDL-1.0", ()),
        ("CC-BY-SA-4.0", ("share_alike",)),
        ("ODbL-1.0", ("share_alike",)),
        ("LGPL-2.1-or-later", ("share_alike",)),
        ("CC-BY-NC-4.0", ("non_commercial",)),
        ("CC-BY-NC-SA-4.0", ("non_commercial", "share_alike")),
        ("CC-BY-NC-ND-4.0", ("no_derivatives", "non_commercial")),
        ("", ("unknown",)),
        ("NOASSERTION", ("unknown",)),
    ],
)
def test_flags(spdx: str, flags: tuple[str, ...]):
    assert licensing.flags(_licence(spdx)) == flags
    assert licensing.flags(_licence(spdx, checked=False)) == (*flags, "unchecked")


def _inputs(*licences: Licence) -> tuple[InputFile, ...]:
    files = samples.layer().inputs
    return tuple(
        dataclasses.replace(entry, source=dataclasses.replace(entry.source, licence=licence))
        for entry, licence in zip(files, licences, strict=False)
    )


def test_one_finding_a_flag_names_all_its_sources():
    inputs = _inputs(_licence("ODbL-1.0"), _licence("CC-BY-4.0"), _licence("ODbL-1.0", checked=False))
    found = licensing.findings(inputs)
    assert [(f.rule, f.severity, f.count) for f in found] == [
        ("licence-share-alike", "warning", 2),
        ("licence-unchecked", "warning", 1),
    ]
    assert inputs[0].source.id in found[0].message
    assert inputs[2].source.id in found[0].message
    assert inputs[1].source.id not in found[0].message


def test_a_licence_that_forbids_what_the_layer_is_stops_it():
    (found,) = licensing.findings(_inputs(_licence("CC-BY-ND-4.0")))
    assert found.severity == "error"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_of_use_name_the_files_behind_every_flag(language):
    record = samples.record()
    licences = [_licence(s) for s in ("ODbL-1.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "", "CC-BY-4.0")]
    record = dataclasses.replace(
        record,
        inputs=tuple(
            dataclasses.replace(e, licence=one) for e, one in zip(record.inputs, licences, strict=False)
        ),
    )
    told = terms_of_use(record, language)
    for entry, licence in zip(record.inputs, licences, strict=False):
        assert licence.attribution in told
        flagged = [text[language] for text in terms(record) if entry.source in text[language]]
        assert len(flagged) == len(licensing.flags(licence))
    assert "{" not in told


def test_every_attribution_line_of_a_layer_stands_in_its_terms():
    record = samples.record()
    told = terms_of_use(record, "en")
    assert {e.licence.attribution for e in record.inputs}
    assert all(entry.licence.attribution in told for entry in record.inputs)


@pytest.mark.parametrize("slug", registry.slugs())
def test_a_licence_says_enough_to_be_printed(slug: str):
    for source in registry.spec(slug).sources:
        told = source.licence
        assert all((told.id, told.name, told.attribution, told.url.startswith("http"))), source.id
