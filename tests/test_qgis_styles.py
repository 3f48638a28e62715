"""The style files of layers as QGIS loads them: QML and SLD give every class its colour."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from naatlas import registry, styles
from naatlas.export import gpkg, raster, stylefiles
from tests import style_kit
from tests.test_qgis import run, skip_without_qgis

if TYPE_CHECKING:
    from naatlas.export.look import Look

pytestmark = pytest.mark.qgis

SCRIPT = Path(__file__).parent / "qgis" / "styles.py"
LAYERS = ("power-plants", "populated-places", "roads", "political-boundaries", "land-cover", "elevation")


@pytest.fixture(scope="module", params=LAYERS)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    skip_without_qgis()
    slug, folder = request.param, tmp_path_factory.mktemp("styles")
    style = styles.load(slug)
    data = style_kit.layer(registry.spec(slug), style, folder)
    looks = style_kit.looks(style, slug)
    for name, content in stylefiles.documents(data, looks).items():
        (folder / Path(name).name).write_bytes(content)
    if data.spec.geometry == "Raster":
        path = f"{folder / 'layer.tif'}"
        raster.write(data, Path(path), look=looks[0])
    else:
        gpkg.write(data, folder / "layer.gpkg", documents={}, look=looks[0])
        path = f"{folder / 'layer.gpkg'}|layername={gpkg.table_name(data)}"
    done = run(SCRIPT, path, folder, slug)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"look": looks[0], "data": data}


def wanted(look: Look, kind: str) -> dict[str, str]:
    """Return class name -> colour."""
    told = {name: look.style.colour(code, kind) for code, name in look.class_names().items()}
    if kind == "Raster":
        del told[look.phrase("not_stated")]
    return told


def test_qml_gives_every_class_its_colour(loaded: dict[str, Any]):
    assert loaded["valid"]
    assert loaded["qml"]["loaded"], loaded["qml"]["message"]
    assert loaded["qml"]["colours"] == wanted(loaded["look"], loaded["data"].spec.geometry)


@pytest.mark.parametrize("form", ["sld", "sld11"])
def test_sld_gives_every_class_its_colour(loaded: dict[str, Any], form: str):
    look, kind = loaded["look"], loaded["data"].spec.geometry
    if kind == "Raster":
        pytest.skip("QGIS loads no SLD of rasters; GeoServer and MapServer do")
    assert loaded[form]["loaded"], loaded[form]["message"]
    rules = [rule for rule in loaded[form]["colours"] if rule[2]]
    assert {(name, colour) for name, colour, _, _ in rules} == set(wanted(look, kind).items())
    assert all(look.style.field in rule for _, _, rule, _ in rules)
    if look.style.size_field:
        sizes = [round(size, 3) for _, _, _, size in rules]
        assert sizes[0] == max(sizes) > 3 * min(sizes)
        assert len(set(sizes)) == len(look.style.steps())


def test_names_stand_on_the_map_from_their_scale_on(loaded: dict[str, Any]):
    labels = loaded["look"].style.labels
    if loaded["data"].spec.geometry == "Raster" or labels is None:
        assert loaded.get("labels") is None
        return
    expression, is_expression, scale = loaded["labels"]
    assert is_expression
    assert "name_en" in expression
    assert scale == labels.from_scale
