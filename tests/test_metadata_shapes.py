"""Metadata and report of lines and polygons: window, kind, what generalization did, how fine the sources are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from naatlas import report
from naatlas.metadata import fgdc, iso19139, page
from naatlas.metadata import words as layer_words
from naatlas.metadata.documents import documents
from naatlas.metadata.iso_parts import NAMESPACES
from naatlas.metadata.phrasing import decimal
from naatlas.metadata.record import _box, _countries, describe
from naatlas.metadata.validate import validate_bytes
from naatlas.model import Shapes
from naatlas.spec import LANGUAGES
from tests import export_samples, quality_samples
from tests import metadata_samples as samples
from tests.test_report import STYLE

WORDS = layer_words.load("power-plants")
KINDS = ("LineString", "Polygon")
both = pytest.mark.parametrize("kind", KINDS)


def layer(kind: str, **more: object):
    """Return the layer of the other tests with lines or polygons in place of its points."""
    told = {"geometry": kind, "generalize": "coverage" if kind == "Polygon" else "lines", "minimum_km2": 25.0}
    spec = dataclasses.replace(samples.SPEC, **told | {"source_scale": 10_000_000})
    shapes = export_samples.shapes(kind, 3)
    return dataclasses.replace(samples.layer(), **{"spec": spec, "geometry": shapes} | more)


def of_wkt(*told: str):
    """Return the window of geometries in degrees."""
    shapes = np.array([shapely.from_wkt(text) for text in told], dtype=object)
    return _box(layer("Polygon", geometry=Shapes(shapes, shapes, {})))


def test_the_window_crosses_180_where_the_layer_does():
    box = of_wkt(*export_samples.AREAS)
    assert (box.west, box.east, box.south, box.north) == (172, -60, 20, 70)
    box = of_wkt("POLYGON ((-120 50, -100 50, -100 60, -120 50))")
    assert (box.west, box.east) == (-120, -100)


def test_the_window_around_the_globe():
    box = of_wkt("POLYGON ((-180 70, 180 70, 180 90, -180 90, -180 70))")
    assert (box.west, box.east, box.south, box.north) == (-180, 180, 70, 90)


def test_nothing_has_no_window():
    empty = np.array([None, shapely.from_wkt("POLYGON EMPTY")], dtype=object)
    assert _box(layer("Polygon", geometry=Shapes(empty, empty, {}))) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-290, -12), st.floats(0, 80)), min_size=1, max_size=6))
def test_any_window_holds_its_features(corners: list[tuple[float, float]]):
    """Squares of a degree anywhere from Asia to the Atlantic, cut at 180."""
    parts = []
    for lon, lat in corners:
        west = shapely.box(lon, lat, lon + 1, lat + 1)
        inside = shapely.intersection(west, shapely.box(-180, -90, 180, 90))
        far = shapely.intersection(west, shapely.box(-400, -90, -180, 90))
        beyond = shapely.transform(far, lambda xy: xy + np.array([360.0, 0.0]))
        parts += [part for part in (inside, beyond) if part.area > 0]
    box = _box(
        layer("Polygon", geometry=Shapes(np.array(parts, dtype=object), np.array(parts, dtype=object), {}))
    )
    width = (box.east - box.west) % 360
    for part in parts:
        for lon, lat in part.exterior.coords:
            assert (lon - box.west) % 360 <= width + 1e-9 or (box.west - lon) % 360 < 1e-9
            assert box.south <= lat <= box.north


@both
def test_both_standards_name_the_kind_of_geometry(kind: str):
    told = describe(layer(kind), WORDS)
    iso = etree.fromstring(iso19139.write(told))
    kinds = [
        code.get("codeListValue") for code in iso.iter(f"{{{NAMESPACES['gmd']}}}MD_GeometricObjectTypeCode")
    ]
    assert kinds == [{"LineString": "curve", "Polygon": "surface"}[kind]]
    other = etree.fromstring(fgdc.write(told))
    assert other.findtext("spdoinfo/direct") == "Vector"
    term = other.find("spdoinfo/ptvctinf/sdtsterm")
    assert term.findtext("sdtstype") == {"LineString": "String", "Polygon": "G-polygon"}[kind]
    assert term.findtext("ptvctcnt") == "3"
    for name in ("metadata/iso19115.xml", "metadata/fgdc.xml"):
        assert validate_bytes(documents(told)[name]) == ()


@both
def test_what_was_done_is_told_in_figures(kind: str):
    told = describe(layer(kind), WORDS)
    steps = {lang: " ".join(step.text[lang] for step in told.steps) for lang in LANGUAGES}
    assert "Vertices before: 12,345. Vertices after: 678." in steps["en"]
    assert "au plus 0,099, 0,012 en moyenne" in steps["fr"]
    assert "tolerance" not in steps["en"]
    assert ("islands 17, lakes 3" in steps["en"]) is (kind == "Polygon")
    assert ("at most 4.56 %, 0.123 %" in steps["en"]) is (kind == "Polygon")
    assert ("neighbours share" in steps["en"]) is (kind == "Polygon")
    assert "at most 0.099 mm on the map (987 m on the ground)" in told.accuracy["en"]
    assert told.accuracy["es"] in html.fromstring(page.write(told, "es")).text_content()
    assert "gaps, overlaps" in etree.fromstring(fgdc.write(told)).findtext("dataqual/logic")
    assert "gaps, overlaps" not in samples.record().consistency["en"]


def test_a_smaller_scale_has_smaller_islands_and_says_how_fine_its_sources_are():
    fine = describe(layer("Polygon", scale="1M"), WORDS)
    assert "smaller than 0.25 km²" in " ".join(step.text["en"] for step in fine.steps)
    assert any("drawn at 1:10,000,000. At 1:1,000,000" in limit["en"] for limit in fine.limits)
    usual = describe(layer("Polygon"), WORDS)
    assert not any("drawn at" in limit["en"] for limit in usual.limits)


def test_what_was_not_generalized_is_not_said_to_be():
    plain = layer("LineString")
    plain = dataclasses.replace(plain, geometry=dataclasses.replace(plain.shapes, figures={}))
    told = describe(plain, WORDS)
    assert "eneraliz" not in " ".join([told.accuracy["en"], *(step.text["en"] for step in told.steps)])


def test_a_layer_without_countries_counts_none():
    assert _countries(samples.frame().drop(columns="country")) == {}
    record = dataclasses.replace(describe(layer("Polygon"), WORDS), countries={})
    root = html.fromstring(page.write(record, "en"))
    tables = root.xpath("//h2[.=$heading]/following::table[1]", heading=WORDS.text("heading_extent", "en"))
    assert [row.text_content() for row in tables[0].iterfind("tbody/tr")] == ["Total3"]


def test_decimals_as_each_language_writes_them():
    assert decimal(1234.5, 1) == {"en": "1,234.5", "fr": "1\u00a0234,5", "es": "1\u00a0234.5"}


@both
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_shows_the_figures(kind: str, language: str):
    data = quality_samples.layer(())
    shapes = export_samples.shapes(kind, len(data.frame))
    data = dataclasses.replace(data, spec=dataclasses.replace(data.spec, geometry=kind), geometry=shapes)
    told = report.build(data, words=quality_samples.WORDS, style=STYLE)
    assert told["shape"]["vertices"] == shapely.get_num_coordinates(shapes.metres).sum()
    assert ("islands_dropped" in told["shape"]["figures"]) is (kind == "Polygon")
    root = html.fromstring(report.html(told, language).decode())
    rows = root.xpath("//h2[@id='shape']/following::table[1]//tr")
    assert len(rows) == (12 if kind == "Polygon" else 8)
    assert {"en": "0.099", "fr": "0,099", "es": "0.099"}[language] in rows[6].text_content()


def test_the_report_of_points_has_no_such_part():
    told = report.build(quality_samples.layer(()), words=quality_samples.WORDS, style=STYLE)
    assert told["shape"] is None
    assert b'id="shape"' not in report.html(told, "en")
