"""Tests over the registry: a new layer arrives tested."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from naatlas import pipeline, product, registry, styles, validation
from naatlas.metadata import gate
from naatlas.metadata import words as layer_words
from naatlas.quality import account
from naatlas.spec import LANGUAGES, LayerSpec

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

SLUGS = registry.slugs()


@pytest.fixture(scope="module", params=SLUGS)
def spec(request: pytest.FixtureRequest) -> LayerSpec:
    return registry.spec(request.param)


@pytest.fixture(scope="module")
def layer(spec: LayerSpec) -> LayerData:
    return pipeline.assemble(spec.slug)


@pytest.fixture(scope="module")
def published(spec: LayerSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return product.build(spec.slug, out=tmp_path_factory.mktemp("out")).folder


def digests(folder: Path) -> dict[str, str]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_there_are_layers():
    assert {"power-plants", "renewable-capacity"} <= set(SLUGS)


def test_words_are_complete_in_three_languages(spec: LayerSpec):
    words = layer_words.load(spec.slug)
    assert [f for f in gate.check_words(words, spec) if f.severity == "error"] == []
    assert all(words.text("title", language) for language in LANGUAGES)


def test_every_class_has_a_colour_of_its_own(spec: LayerSpec, layer: LayerData):
    style = styles.load(spec.slug)
    assert set(layer.frame[style.field].dropna()) <= set(style.colours)
    assert len(set(style.colours.values())) == len(style.colours)


def test_the_starter_inputs_build_in_all_three_countries(layer: LayerData):
    counts = layer.frame["country"].value_counts()
    assert set(counts.index) == {"CAN", "MEX", "USA"}
    assert counts.min() >= 10
    assert not [f for f in layer.findings if f.severity == "error"]


def test_rows_and_quantities_balance(layer: LayerData):
    table = account.balance(layer.ledger, layer.frame, layer.provenance, layer.spec)
    assert table.empty == (not layer.ledger.quantities().size)


def test_all_products_are_there(spec: LayerSpec, layer: LayerData, published: Path):
    stem = layer.stem
    expected = {
        f"{stem}.gpkg",
        f"{stem}_shapefile.zip",
        *(f"{stem}_{language}.kmz" for language in LANGUAGES),
        "report.html",
        "report.json",
        "rejected.csv",
        "corrections.csv",
        "preview.png",
        "manifest.json",
        "metadata/iso19115.xml",
        "metadata/fgdc.xml",
    }
    assert expected <= set(digests(published))
    assert published.parent.name == spec.slug


def test_the_product_passes_its_own_validation(published: Path):
    verdict = validation.validate(published)
    assert verdict.passed, verdict.text()
    assert len(verdict.points) > 10


def test_same_inputs_same_bytes(spec: LayerSpec, published: Path, tmp_path: Path):
    again = product.build(spec.slug, out=tmp_path).folder
    assert digests(again) == digests(published)
