"""Style files, legends, GeoPackage and KMZ of a product are read and held to the style of the layer."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from naatlas import styles
from naatlas.validation import looks
from tests import tiny

if TYPE_CHECKING:
    from naatlas.validation import Point

WIND = styles.load("renewable-capacity").colours["wind"]
STRANGE = "#123456"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("looks"))


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tiny.install(monkeypatch)
    return Path(shutil.copytree(built, tmp_path / "2023"))


def judged(folder: Path) -> list[Point]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [*looks.points(folder, manifest)]


def test_a_product_shows_its_classes_in_one_colour(folder: Path):
    (point,) = judged(folder)
    assert (point.check, point.result) == ("colours", "passed")
    # QML, SLD of both versions and legend in three languages, MapLibre, GeoPackage, KMZ in three languages
    assert point.told.startswith("17 files show the ")


@pytest.mark.parametrize(
    "name",
    [
        "tiny-plants.qml",
        "tiny-plants_fr.sld",
        "tiny-plants_sld11_es.sld",
        "tiny-plants.maplibre.json",
        "legend_fr.svg",
    ],
)
def test_a_colour_that_differs_in_one_file_is_told(folder: Path, name: str):
    path = folder / "styles" / name
    text = path.read_text(encoding="utf-8")
    old, new = (WIND, STRANGE) if not name.endswith(".qml") else (_rgb(WIND), _rgb(STRANGE))
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    (point,) = judged(folder)
    assert (point.check, point.result, point.part) == ("colours", "failed", f"styles/{name}")
    assert point.told == f"wind is {STRANGE}, not {WIND}"


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))


def test_the_default_style_of_the_geopackage_is_read(folder: Path):
    with closing(sqlite3.connect(folder / "NA_TinyPlants_2023.gpkg")) as base, base:
        base.execute(
            "UPDATE layer_styles SET styleQML = replace(styleQML, ?, ?)", (_rgb(WIND), _rgb(STRANGE))
        )
    (point,) = judged(folder)
    assert (point.result, point.part) == ("failed", "NA_TinyPlants_2023.gpkg")


@pytest.mark.parametrize(
    "name", ["styles/tiny-plants.qml", "styles/tiny-plants.sld", "NA_TinyPlants_2023_es.kmz"]
)
def test_a_file_that_cannot_be_read_is_told(folder: Path, name: str):
    (folder / name).write_bytes((folder / name).read_bytes()[:300])
    broken = [point for point in judged(folder) if point.result == "failed"]
    assert [point.part for point in broken] == [name]
    assert broken[0].told.startswith("cannot be read (")


def test_a_style_that_changed_since_is_no_failure(folder: Path, monkeypatch: pytest.MonkeyPatch):
    style = styles.load(tiny.SLUG)
    newer = dataclasses.replace(style, colours=style.colours | {"wind": STRANGE})
    monkeypatch.setattr(styles, "load", lambda _: newer)
    (point,) = judged(folder)
    assert (point.result, point.told) == ("warning", "the style of this naatlas has other colours for wind")


def test_of_a_layer_of_others_nothing_is_said(folder: Path):
    assert [*looks.points(folder, {"layer": "no-such-layer", "edition": "2023"})] == []
