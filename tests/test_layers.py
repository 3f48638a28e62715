"""Tests over the registry: a new layer arrives tested."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyogrio
import pytest

from naatlas import pipeline, product, registry, styles, validation
from naatlas.metadata import gate
from naatlas.metadata import words as layer_words
from naatlas.quality import account
from naatlas.spec import LANGUAGES, LayerSpec
from tests import kml_readers

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

SLUGS = registry.slugs()


def from_the_package(spec: LayerSpec) -> bool:
    """Tell whether a layer can be built without a data folder; the others are tested on fixtures of their own."""
    needed = [spec.source(name) for name in spec.edition(None).sources]
    own = all(source.packaged or source.starter or source.optional for source in needed)
    below = all(from_the_package(registry.spec(slug)) for slug in spec.uses)
    return own and below and (bool(spec.uses) or any(s.packaged or s.starter for s in needed))


BUILDABLE = tuple(slug for slug in SLUGS if from_the_package(registry.spec(slug)))


@pytest.fixture(scope="module", params=SLUGS)
def spec(request: pytest.FixtureRequest) -> LayerSpec:
    return registry.spec(request.param)


@pytest.fixture(scope="module", params=BUILDABLE)
def layer(request: pytest.FixtureRequest) -> LayerData:
    return pipeline.assemble(request.param)


@pytest.fixture(scope="module", params=BUILDABLE)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> product.Product:
    return product.build(request.param, out=tmp_path_factory.mktemp("out"))


def digests(folder: Path) -> dict[str, str]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_there_are_layers():
    assert {"power-plants", "renewable-capacity", "political-boundaries", "watersheds"} <= set(SLUGS)
    assert len(BUILDABLE) >= 9  # those that need no data folder


def test_words_are_complete_in_three_languages(spec: LayerSpec):
    words = layer_words.load(spec.slug)
    assert [f for f in gate.check_words(words, spec) if f.severity == "error"] == []
    assert all(words.text("title", language) for language in LANGUAGES)


def test_every_class_has_a_colour_of_its_own(layer: LayerData):
    style = styles.load(layer.spec.slug)
    assert set(layer.frame[style.field].dropna()) <= set(style.colours)
    assert len(set(style.colours.values())) == len(style.colours)


def test_what_the_package_holds_builds_for_all_three_countries(layer: LayerData):
    assert len(layer.frame) > 10
    if "country" in layer.frame and layer.spec.geometry == "Point":
        assert {"CAN", "MEX", "USA"} <= set(layer.frame["country"])
    assert not [f for f in layer.findings if f.severity == "error"]


def test_rows_and_quantities_balance(layer: LayerData):
    table = account.balance(layer.ledger, layer.frame, layer.provenance, layer.spec)
    assert table.empty == (not layer.ledger.quantities().size)


def test_all_products_are_there(built: product.Product):
    stem = built.data.stem
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
    assert expected <= set(digests(built.folder))
    assert built.folder.parent.name == built.data.spec.slug


def test_the_product_passes_its_own_validation(built: product.Product):
    verdict = validation.validate(built.folder)
    assert verdict.passed, verdict.text()
    assert len(verdict.points) > 10


@pytest.mark.parametrize("slug", [slug for slug in BUILDABLE if slug in {"power-plants", "lakes"}])
def test_same_inputs_same_bytes(slug: str, tmp_path: Path):
    once, again = (product.build(slug, out=tmp_path / name).folder for name in ("a", "b"))
    assert digests(again) == digests(once)


def test_other_readers_find_in_the_kml_what_is_in_the_geopackage(built: product.Product, tmp_path: Path):
    """GDAL's LIBKML and fastkml, over all files of the archive: as many features, of the same values."""
    slug = built.folder.parent.name
    key = registry.spec(slug).key
    (package,), (kmz,) = built.folder.glob("*.gpkg"), built.folder.glob("*_en.kmz")
    table = pyogrio.read_dataframe(package, layer=pyogrio.list_layers(package)[0][0], read_geometry=False)
    wanted = table.set_index(key)
    files = kml_readers.unpacked(kmz, tmp_path)
    for read in (kml_readers.by_gdal(files, key), kml_readers.by_fastkml(files, key)):
        assert sorted(read.index) == sorted(wanted.index)
        assert kml_readers.differences(wanted, read) == []
