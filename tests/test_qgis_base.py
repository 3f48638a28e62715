"""Base layers of polygons, lines and points, built from the package, as QGIS opens and draws them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from naatlas import product, styles
from naatlas.metadata import words
from naatlas.styles import colour
from tests.test_qgis import MEXICO_CITY_M, run, skip_without_qgis

pytestmark = pytest.mark.qgis

SCRIPT = Path(__file__).parent / "qgis" / "symbols.py"
KINDS = {
    "political-boundaries": "SimpleFill",
    "lakes": "SimpleFill",
    "rivers": "SimpleLine",
    "coastline": "SimpleLine",
    "political-boundary-lines": "SimpleLine",
    "populated-places": "SimpleMarker",
}


@pytest.fixture(scope="module", params=sorted(KINDS))
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    skip_without_qgis()
    built = product.build(request.param, out=tmp_path_factory.mktemp("qgis"), formats=("gpkg",))
    (gpkg,) = built.folder.glob("*.gpkg")
    done = run(SCRIPT, gpkg, request.param.replace("-", "_"), built.folder / "qgis.png")
    assert done.returncode == 0, done.stderr
    assert "partially supported" not in done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"data": built.data}


def test_features_title_and_coordinate_system(opened: dict[str, Any]):
    data = opened["data"]
    assert opened["valid"]
    assert opened["count"] == len(data.frame)
    assert opened["title"] == f"{words.load(data.spec.slug).text('title', 'en')}, {data.folder}"
    assert opened["crs"]["name"] == "Sphere_ARC_INFO_Lambert_Azimuthal_Equal_Area"
    assert opened["crs"]["authid"] not in {"EPSG:2163", "EPSG:9311"}
    assert opened["crs"]["mexico_city"] == pytest.approx(MEXICO_CITY_M, abs=0.1)


def test_every_class_has_the_symbol_of_its_style(opened: dict[str, Any]):
    data = opened["data"]
    style, text = styles.load(data.spec.slug), words.load(data.spec.slug)
    assert (opened["type"], opened["field"]) == ("categorizedSymbol", style.field)
    assert (
        opened["labels"] | {code: text.class_label(style.class_list, code, "en") for code in style.colours}
        == opened["labels"]
    )
    counted = data.frame[style.field].value_counts().to_dict()
    assert {code: told["count"] for code, told in opened["classes"].items()} == counted
    for code, told in opened["classes"].items():
        assert (told["kind"], told["fill"]) == (KINDS[data.spec.slug], style.colours[code])
        if told["kind"] != "SimpleMarker":
            assert told["width_mm"] == style.width_mm(code)
        if told["kind"] == "SimpleFill":
            assert told["edge"] == style.edge(code, style.colours[code])


def test_what_the_style_promises_is_in_the_picture(opened: dict[str, Any]):
    data = opened["data"]
    assert opened["drawn"] > 500
    assert colour.NO_CLASS_LINE not in {told["fill"] for told in opened["classes"].values()}
    if data.spec.slug == "political-boundaries":  # areas large enough to have pixels without an edge in them
        for code, fill in styles.load("political-boundaries").colours.items():
            assert opened["colours"].get(fill, 0) > 1000, code
