"""Tours and the root document as users see them: Cesium plays the tour and follows the links, without any service."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from naatlas import product
from naatlas.publish import root, sites, tour

pytestmark = pytest.mark.browser

ROOM = Path(__file__).parent / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
SECONDS = 900


def played(folder: Path, file: str, *more: object) -> dict[str, Any]:
    """Open a file of a folder as a web server hands it out, and return what the browser tells."""
    node = shutil.which("node")
    if not node or not CHROMIUM:
        pytest.skip("node and chromium are not here: run .ci/browser, or set CHROMIUM to a browser")
    if not (ROOM / "node_modules" / "cesium").is_dir():
        pytest.skip("Cesium is not here: run .ci/browser, or npm ci in tests/browser")
    run = subprocess.run(
        [node, ROOM / "play.mjs", folder, file, *map(str, more)],
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
        env=os.environ | {"CHROMIUM": CHROMIUM},
    )
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


@pytest.fixture(scope="module")
def monarch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("monarch")
    told = sites.load("monarch")
    path = tour.publish(told, folder, ("fr",))[0]
    last = told.sites[-1].name["fr"]
    picture = folder / "balloon.png"
    return played(folder, path.relative_to(folder).as_posix(), len(told.sites), picture, last, 400_000) | {
        "picture": picture
    }


def test_the_camera_goes_to_every_site(monarch: dict[str, Any]):
    told = sites.load("monarch").sites
    seen = monarch["tour"]
    assert (seen["tours"], seen["name"]) == (1, "Lancer la visite")
    overview, *stops, end = seen["ends"]
    assert overview["metres"] > 3_000_000
    assert overview == pytest.approx(end, rel=1e-6)
    for stop, site in zip(stops, told, strict=True):
        assert (stop["lon"], stop["lat"]) == pytest.approx((site.lon, site.lat), abs=1e-4)
        assert stop["metres"] == pytest.approx(site.camera.range_km * 1000, rel=1e-3)
    waits = [step["seconds"] for step in seen["planned"] if step["type"] == "KmlTourWait"]
    assert waits[::2] == [site.dwell_s for site in told]


def test_sites_are_places_with_balloons(monarch: dict[str, Any]):
    told = sites.load("monarch").sites
    places = [entity for entity in monarch["entities"] if entity["place"]]
    assert [place["name"] for place in places] == [site.name["fr"] for site in told]
    for place, site in zip(places, told, strict=True):
        assert "non confirmée" in place["balloon"]
        assert site.text["fr"].split("'")[0] in place["balloon"]


def test_the_balloon_shows_the_map(monarch: dict[str, Any]):
    with Image.open(monarch["picture"]) as picture:
        colours = picture.convert("RGB").crop((930, 250, 1320, 800)).get_flattened_data()
        sea = sum(
            all(abs(a - b) < 10 for a, b in zip(colour, (0xE3, 0xED, 0xF3), strict=True))
            for colour in colours
        )
    assert sea > 10_000


def test_nothing_is_asked_of_anyone_else(monarch: dict[str, Any]):
    assert (monarch["outside"], monarch["missing"], monarch["errors"]) == ([], [], [])


def test_the_root_document_brings_the_layer(tmp_path: Path):
    built = product.build("power-plants", out=tmp_path, formats=("kmz",), languages=("es",))
    root.write(tmp_path, languages=("es",))
    count = len(built.data.frame)
    told = played(tmp_path, "NA_Atlas_es.kml", count)
    assert (told["outside"], told["missing"], told["errors"]) == ([], [], [])
    assert told["asked"] == ["NA_Atlas_es.kml", f"power-plants/{built.folder.name}/{built.data.stem}_es.kmz"]
    assert sum(entity["place"] for entity in told["entities"]) == count
    link = next(entity for entity in told["entities"] if entity["name"].startswith("Centrales"))
    assert link["parent"] in {"Capas cartográficas", "Ediciones anteriores y selecciones"}
