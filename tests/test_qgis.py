"""GeoPackage and shapefile as QGIS opens them: style, coordinate system, tables, texts; and GDAL's own validator.

``.ci/qgis`` installs what this needs. QGIS brings its own Python, which runs ``tests/qgis/open.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from naatlas import product, styles
from naatlas.metadata import words

pytestmark = pytest.mark.qgis

SCRIPT = Path(__file__).parent / "qgis" / "open.py"
PYTHON = os.environ.get("QGIS_PYTHON", "/usr/bin/python3")
#: As design and standard give it: Mexico City in framework metres.
MEXICO_CITY_M = (93_547.7, -2_819_271.3)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    offscreen = {"QT_QPA_PLATFORM": "offscreen", "PATH": os.defpath, "HOME": os.environ.get("HOME", "")}
    return subprocess.run(
        [PYTHON, *arguments], capture_output=True, encoding="utf-8", timeout=300, check=False, env=offscreen
    )


def skip_without_qgis() -> None:
    if (
        not Path(PYTHON).is_file()
        or run("-c", "import qgis.core, osgeo_utils.samples.validate_gpkg").returncode
    ):
        pytest.skip(f"{PYTHON} has no QGIS: run .ci/qgis, or set QGIS_PYTHON to the Python of QGIS")


@pytest.fixture(scope="module", params=["power-plants", "renewable-capacity"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    skip_without_qgis()
    built = product.build(request.param, out=tmp_path_factory.mktemp("qgis"), formats=("gpkg", "shp"))
    (gpkg,), (shapefile,) = built.folder.glob("*.gpkg"), built.folder.glob("*_shapefile.zip")
    table = request.param.replace("-", "_")
    done = run(SCRIPT, gpkg, table, shapefile, built.folder / "qgis.png")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"data": built.data, "stderr": done.stderr}


@pytest.mark.parametrize("kind", ["gpkg", "shp"])
def test_features_names_and_coordinate_system(opened: dict[str, Any], kind: str):
    layer, frame = opened[kind], opened["data"].frame
    assert layer["valid"]
    assert layer["count"] == len(frame)
    assert layer["names"] == sorted(frame["name"])
    assert any(letter in "".join(layer["names"]) for letter in "éíñ")
    assert layer["crs"]["valid"]
    assert layer["crs"]["name"] == "Sphere_ARC_INFO_Lambert_Azimuthal_Equal_Area"
    assert layer["crs"]["authid"] not in {"EPSG:2163", "EPSG:9311"}
    assert layer["crs"]["mexico_city"] == pytest.approx(MEXICO_CITY_M, abs=0.1)


def test_the_default_style_is_applied(opened: dict[str, Any]):
    data, told = opened["data"], opened["style"]
    style, text = styles.load(data.spec.slug), words.load(data.spec.slug)
    assert (told["type"], told["field"]) == ("categorizedSymbol", style.field)
    wanted = {code: [text.class_label(style.class_list, code, "en"), c] for code, c in style.colours.items()}
    assert {code: told["classes"][code] for code in wanted} == wanted
    low, high = style.size_range
    assert told["large_first"]
    assert low <= told["sizes_mm"][0] < told["sizes_mm"][-1] <= high
    assert len(told["sizes_mm"]) > 20
    assert opened["drawn"] > 500


def test_tables_and_titles_are_listed(opened: dict[str, Any]):
    data = opened["data"]
    tables = {data.spec.slug.replace("-", "_"), "provenance", "sources", "ledger_counts", *data.tables}
    assert set(opened["tables"]) == tables
    assert opened["title"] == f"{words.load(data.spec.slug).text('title', 'en')}, {data.folder}"


def test_coded_values_and_records_are_found(opened: dict[str, Any]):
    data = opened["data"]
    told = words.load(data.spec.slug)
    wanted = {
        field.name: {code: label["en"] for code, label in told.classes[field.classes].items()}
        for field in data.spec.fields
        if field.classes in told.classes
    }
    assert opened["codes"] == wanted
    roots = [record.partition("?>")[2].split()[0] for record in opened["records"]]
    assert roots == ["<gmd:MD_Metadata", "<metadata>"]


def test_gdal_finds_nothing_against_the_standard(opened: dict[str, Any]):
    assert opened["gpkg_errors"] == []
    assert "partially supported" not in opened["stderr"]
