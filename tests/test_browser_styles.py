"""Style files as the makers of their formats read them: MapLibre's own specification, and GeoStyler's reader of SLD."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from naatlas import registry, styles
from naatlas.export import stylefiles
from tests import style_kit

pytestmark = pytest.mark.browser

ROOM = Path(__file__).parent / "browser"
FILLS = ("circle-color", "fill-color", "line-color")


@pytest.fixture(scope="module", params=style_kit.cases())
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    node = shutil.which("node")
    if not node or not (ROOM / "node_modules" / "geostyler-sld-parser").is_dir():
        pytest.skip("the readers of styles are not here: run .ci/browser, or npm ci in tests/browser")
    (slug, edition), folder = request.param, tmp_path_factory.mktemp("styles")
    style = styles.load(style_kit.style_name(registry.spec(slug), edition))
    data = style_kit.layer(registry.spec(slug), style, folder, edition)
    for name, content in stylefiles.documents(data, style_kit.looks(style, slug)).items():
        (folder / Path(name).name).write_bytes(content)
    columns = [name for name in (style.field, style.size_field) if name]
    features = json.loads(data.frame[columns].to_json(orient="records"))
    (folder / "features.json").write_text(json.dumps(features), encoding="utf-8")
    command = [node, ROOM / "styles.mjs", folder, slug, folder / "features.json"]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout) | {"data": data, "style": style}


def colour(told: str) -> str:
    """Return ``#rrggbb`` of a colour as MapLibre tells it."""
    if told.startswith("#"):
        return told
    parts = told[told.index("(") + 1 : -1].split(",")
    return "#{:02x}{:02x}{:02x}".format(*(round(float(part)) for part in parts[:3]))


def test_maplibre_finds_no_fault_and_draws_every_class_in_its_colour(read: dict[str, Any]):
    assert read["errors"] == []
    data, style = read["data"], read["style"]
    if data.spec.geometry == "Raster":
        return
    codes = style_kit.codes_of(style, data.spec)
    for code, drawn in zip(codes, read["drawn"], strict=True):
        shown = [colour(layer[name]) for layer in drawn for name in FILLS if name in layer]
        assert shown[0] == style.colour(code, data.spec.geometry)
    if style.size_field:
        largest = float(read["drawn"][0][0]["circle-radius"])
        assert largest == pytest.approx(style.size_range[1] / 2 * 96 / 25.4, rel=1e-4)


def test_geostyler_reads_every_class_of_the_sld(read: dict[str, Any]):
    data, style, told = read["data"], read["style"], read["sld"]
    assert told["errors"] == []
    kind, names = data.spec.geometry, style_kit.looks(style, data.spec.slug)[0].class_names()
    rules = [rule for rule in told["rules"] if rule["symbolizers"][0]["kind"] != "Text"]
    if kind == "Raster":
        ((symbol,),) = [rule["symbolizers"] for rule in rules]
        shown = {entry["label"]: entry["color"] for entry in symbol["colorMap"]["colorMapEntries"]}
        assert shown == {names[code]: value for code, value in style.colours.items()}
        assert symbol["colorMap"]["type"] == ("intervals" if style.breaks else "values")
        return
    shown = {(rule["name"], _seen(rule["symbolizers"][0])) for rule in rules}
    assert shown == {(names[code], style.colour(code, kind)) for code in style_kit.codes_of(style, data.spec)}


def test_geostyler_reads_every_class_of_the_newer_form(read: dict[str, Any]):
    """It takes the names of rules where SLD 1.1 has titles in a description, and no colours of cells."""
    data, style, told = read["data"], read["style"], read["sld11"]
    assert told["errors"] == []
    if data.spec.geometry == "Raster":
        return
    shown = {
        (r["name"], _seen(r["symbolizers"][0]))
        for r in told["rules"]
        if r["symbolizers"][0]["kind"] != "Text"
    }
    codes = style_kit.codes_of(style, data.spec)
    assert shown == {(code or "no-class", style.colour(code, data.spec.geometry)) for code in codes}


def _seen(symbol: dict[str, Any]) -> str:
    return symbol.get("color") or symbol["outlineColor"]
