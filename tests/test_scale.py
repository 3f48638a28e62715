"""A product at a larger scale than its sources says so in every place where somebody may look."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from naatlas import pipeline, product, validation

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = {
    "en": "The sources are drawn at 1:10,000,000. At 1:1,000,000 ",
    "fr": "Les sources sont dessinées à l'échelle de 1:10\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}000. ",
    "es": "Las fuentes están trazadas a escala 1:10\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}000. ",
}


@pytest.fixture(scope="module", params=["lakes", "populated-places"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> product.Product:
    return product.build(request.param, out=tmp_path_factory.mktemp("scale"), scale="1M")


def test_file_names_tell_both_scales(built: product.Product):
    assert built.folder.name == "2022-1M-from10M"
    named = list(built.folder.glob("NA_*"))
    assert len(named) >= 5
    assert all("_2022-1M-from10M" in path.name for path in named)


def test_metadata_and_report_tell_the_scale_of_the_sources(built: product.Product):
    slug = built.data.spec.slug
    record = (built.folder / "metadata" / "iso19115.xml").read_text(encoding="utf-8")
    for language, text in LIMITS.items():
        page = (built.folder / "metadata" / f"{slug}_{language}.html").read_text(encoding="utf-8")
        assert text.replace("'", "&#39;") in page
        assert text in record
    found = json.loads((built.folder / "report.json").read_text(encoding="utf-8"))["findings"]
    assert [f["severity"] for f in found if f["rule"] == "coarser-source"] == ["warning"]
    assert "1:10,000,000" in (built.folder / "report.html").read_text(encoding="utf-8")


def test_the_product_is_valid(built: product.Product):
    told = validation.validate(built.folder)
    assert told.passed, told.text()


def test_the_default_scale_needs_no_word(tmp_path: Path):
    told = product.build("populated-places", out=tmp_path, formats=("gpkg",))
    assert told.folder.name == "2022"
    assert not [f for f in told.data.findings if f.rule == "coarser-source"]


def test_sources_that_state_no_scale_are_not_called_coarse():
    told = pipeline.assemble("renewable-capacity", scale="1M")
    assert told.folder == "2023-1M"
    assert not [f for f in told.findings if f.rule == "coarser-source"]
