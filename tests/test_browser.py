"""The KMZ as its users see it: Chromium draws it on Cesium's globe, which reads KML as Google Earth does.

``.ci/browser`` installs what this needs. Without it the tests are skipped and say what is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from naatlas import styles
from naatlas.export import kmz
from naatlas.export.look import Look
from naatlas.metadata import words

if TYPE_CHECKING:
    from naatlas.model import LayerData

pytestmark = pytest.mark.browser

ROOM = Path(__file__).parent / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
SECONDS = 600
HYDRO = "Belisario Domínguez (Angostura)"
VIEWS = [
    {"name": "continent", "lon": -98, "lat": 44, "km": 9000},
    {"name": "balloon", "lon": -92.8, "lat": 16.4, "km": 500, "select": HYDRO},
]


def seen(data: LayerData, folder: Path, language: str, views: list[dict[str, Any]]) -> dict[str, Any]:
    """Write the KMZ, open it, and return what the browser tells."""
    slug = data.spec.slug
    path = folder / f"{slug}_{language}.kmz"
    kmz.write(data, path, look=Look(words.load(slug), styles.load(slug), language))  # type: ignore[arg-type]
    return looked_at(path, views)


def looked_at(path: Path, views: list[dict[str, Any]]) -> dict[str, Any]:
    """Open a KMZ, and return what the browser tells; the pictures lie beside the file."""
    node = shutil.which("node")
    if not node or not CHROMIUM:
        pytest.skip("node and chromium are not here: run .ci/browser, or set CHROMIUM to a browser")
    if not (ROOM / "node_modules" / "cesium").is_dir():
        pytest.skip("Cesium is not here: run .ci/browser, or npm ci in tests/browser")
    folder = path.parent
    wishes = folder / "views.json"
    wishes.write_text(json.dumps(views), encoding="utf-8")
    run = subprocess.run(
        [node, ROOM / "look.mjs", path, wishes, folder],
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
        env=os.environ | {"CHROMIUM": CHROMIUM},
    )
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


@pytest.fixture(scope="module")
def spanish(starter_plants: LayerData, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("browser")
    return seen(starter_plants, folder, "es", VIEWS) | {"pictures": folder}


def test_every_feature_is_drawn_with_the_colour_of_its_class_where_it_stands(
    spanish: dict[str, Any], starter_plants: LayerData
):
    frame, points = starter_plants.frame, starter_plants.points
    marks = {mark["id"].removeprefix("id-"): mark for mark in spanish["placemarks"]}
    assert len(spanish["placemarks"]) == len(frame) == len(marks)
    colours = styles.load("power-plants").colours
    for row, key in enumerate(frame["atlas_id"]):
        mark = marks[key]
        assert mark["name"] == frame["name"].iloc[row]
        assert mark["icon"] == colours[frame["primary_source"].iloc[row]]
        assert mark["lon"] == pytest.approx(points.lon[row], abs=1e-5)
        assert mark["lat"] == pytest.approx(points.lat[row], abs=1e-5)
    assert {colours["coal"], colours["wind"]} <= {mark["icon"] for mark in marks.values()}
    by_capacity = frame.set_index("atlas_id")["capacity_mw"]
    assert marks[by_capacity.idxmax()]["scale"] > 2 * marks[by_capacity.idxmin()]["scale"]


def test_balloons_and_folders_speak_to_the_reader(spanish: dict[str, Any], starter_plants: LayerData):
    told = next(mark for mark in spanish["placemarks"] if mark["name"] == HYDRO)
    assert "Capacidad instalada" in told["balloon"]
    assert "&nbsp;MW" in told["balloon"]
    assert "Hidroeléctrica" in told["balloon"]
    mexico = int((starter_plants.frame["country"] == "MEX").sum())
    assert told["folder"][0] == f"México ({mexico})"
    assert told["folder"][1].startswith("Chiapas (")


def test_the_picture_shows_plants_title_and_legend(spanish: dict[str, Any]):
    title, legend = spanish["overlays"]
    assert title["drawn"]
    assert legend["drawn"]
    assert title["top"] < 20
    assert legend["left"] < 20
    assert legend["top"] + legend["height"] <= 900
    with Image.open(spanish["pictures"] / "continent.png") as picture:
        corner = picture.convert("RGB").crop((16, int(legend["top"]) + 2, 26, int(legend["top"]) + 8))
        assert min(low for low, _ in corner.getextrema()) > 200, "the legend's paper is not there"
    with Image.open(spanish["pictures"] / "balloon.png") as picture:
        paper = picture.convert("RGB").crop((930, 90, 1390, 400))
        white = sum(colour == (255, 255, 255) for colour in paper.get_flattened_data())
        assert white > 0.6 * paper.width * paper.height, "no balloon is open"


def test_nothing_is_asked_of_anyone_else(spanish: dict[str, Any]):
    assert spanish["outside"] == []
    assert spanish["missing"] == []
    assert spanish["errors"] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_other_languages_open_too(starter_plants: LayerData, tmp_path: Path, language: str):
    told = seen(starter_plants, tmp_path, language, [])
    assert len(told["placemarks"]) == len(starter_plants.frame)
    assert told["title"] == {"en": "Power Plants, 2023", "fr": "Centrales électriques, 2023"}[language]
    quebec = {"en": "Quebec (", "fr": "Québec ("}[language]
    assert any(name.startswith(quebec) for name in told["folders"])
