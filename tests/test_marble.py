"""The KMZ in a second globe: Marble, KDE's desktop globe, which shares no code with Google Earth, Cesium and GDAL.

``.ci/marble`` installs what this needs; without it the tests are skipped and say what is missing. Marble 22.12 takes
the KML out of a KMZ but not its pictures, whoever wrote it, and follows no links: so symbols and pyramids are shown to
it as unpacked files, one by one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image

from naatlas import product, styles
from naatlas.metadata import words
from naatlas.publish import anyfile
from naatlas.publish.anyfile import Wishes
from naatlas.publish.looks import PALETTE

if TYPE_CHECKING:
    from naatlas.model import LayerData

pytestmark = pytest.mark.marble

SOURCE = Path(__file__).parent / "marble" / "look.cpp"
SECONDS = 600
HYDRO = "Belisario Domínguez (Angostura)"
CONTINENT = {"name": "continent", "lon": -98, "lat": 46, "km": 4200}
#: How much a colour may differ by smoothing: of 255.
NEAR = 12


@pytest.fixture(scope="module")
def marble(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the program that asks Marble."""
    compiler, config = shutil.which("g++"), shutil.which("pkg-config")
    if not compiler or not config or not Path("/usr/include/marble/MarbleMap.h").is_file():
        pytest.skip("a compiler and the library of Marble are not here: run .ci/marble")
    flags = subprocess.check_output([config, "--cflags", "--libs", "Qt5Widgets"], encoding="utf-8").split()
    made = tmp_path_factory.mktemp("marble") / "look"
    told = ["-std=c++17", "-fPIC", "-Wno-deprecated-copy", SOURCE, "-o", made, *flags, "-lmarblewidget-qt5"]
    subprocess.run([compiler, *told], check=True, timeout=SECONDS)
    return made


def seen(marble: Path, folder: Path, files: list[Path], **wishes: Any) -> dict[str, Any]:
    """Open files in Marble, and return what it tells; the pictures lie in the folder."""
    asked = folder / "wishes.json"
    asked.write_text(json.dumps(wishes), encoding="utf-8")
    run = subprocess.run(
        [marble, asked, folder, *files],
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)},
    )
    assert run.returncode == 0, run.stderr
    told = dict(json.loads(run.stdout))
    assert told["wrong"] == []
    return told


def unpacked(kmz: Path, folder: Path) -> Path:
    with zipfile.ZipFile(kmz) as archive:
        archive.extractall(folder)
    return folder


def title(made: product.Product, language: str) -> str:
    return f"{words.load(made.data.spec.slug).title(made.data.edition)[language]}, {made.data.edition}"


def middle(picture: Path) -> np.ndarray[Any, Any]:
    with Image.open(picture) as image:
        return np.array(image.convert("RGB"))[image.height // 2, image.width // 2].astype(int)


def rgb(colour: str) -> np.ndarray[Any, Any]:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, product.Product]:
    folder = tmp_path_factory.mktemp("built")
    return {
        slug: product.build(slug, out=folder, formats=("kmz",))
        for slug in ("power-plants", "political-boundaries")
    }


def largest(data: LayerData, source: str) -> int:
    """Return the row of the largest plant of an energy source, which nothing covers in the picture."""
    capacity = data.frame["capacity_mw"].where(data.frame["primary_source"] == source)
    return int(np.nanargmax(capacity.to_numpy(dtype=float, na_value=np.nan)))


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_plants_have_their_names_colours_and_places(
    built: dict[str, product.Product], marble: Path, tmp_path: Path, language: str
):
    made = built["power-plants"]
    data, colours = made.data, styles.load("power-plants").colours
    (kmz,) = made.folder.glob(f"*_{language}.kmz")
    whole = seen(marble, tmp_path, [kmz])
    assert len(whole["placemarks"]) == len(data.frame)

    rows = {source: largest(data, source) for source in ("nuclear", "coal", "wind")}
    places = {source: (data.points.lon[row], data.points.lat[row]) for source, row in rows.items()}
    views = [{"name": name, "lon": lon, "lat": lat, "km": 40} for name, (lon, lat) in places.items()]
    told = seen(
        marble,
        tmp_path,
        [unpacked(kmz, tmp_path / "x") / "doc.kml"],
        balloon=HYDRO,
        views=[CONTINENT, *views],
    )
    assert told["titles"] == whole["titles"] == [title(made, language)]
    assert told["kinds"]["ScreenOverlay"] == 2
    assert Counter(mark["name"] for mark in told["placemarks"]) == Counter(data.frame["name"])
    wanted = Counter(colours[source] for source in data.frame["primary_source"])
    assert Counter(mark["icon"] for mark in told["placemarks"]) == wanted
    assert all(text in told["balloon"] for text in ("Chiapas", "1975", "MW"))
    for source in places:
        assert np.abs(middle(tmp_path / f"{source}.png") - rgb(colours[source])).max() <= NEAR, source


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_polygons_are_filled_and_named(
    built: dict[str, product.Product], marble: Path, tmp_path: Path, language: str
):
    made = built["political-boundaries"]
    frame, style = made.data.frame, styles.load("political-boundaries")
    (kmz,) = made.folder.glob(f"*_{language}.kmz")
    places = {"CAN": (-106, 54), "USA": (-98, 38), "MEX": (-103, 25)}
    views = [{"name": name, "lon": lon, "lat": lat, "km": 300} for name, (lon, lat) in places.items()]
    told = seen(marble, tmp_path, [kmz], views=[CONTINENT, *views])
    assert told["titles"] == [title(made, language)]
    labels, filled = [], []
    for mark in told["placemarks"]:
        (labels if mark["geometry"] == "GeoDataPoint" else filled).append(mark)
    alpha = f"#{round(style.opacity * 255):02x}"
    wanted = Counter(alpha + style.colours[country].lstrip("#") for country in frame["country"])
    assert Counter(mark["fill"] for mark in filled) == wanted
    names = {mark["name"] for mark in filled}
    assert len(labels) > 100
    assert {mark["name"] for mark in labels} <= names
    assert {"en": "Quebec", "fr": "Québec", "es": "Quebec"}[language] in names
    for country in places:
        through = (1 - style.opacity) * 255
        assert (
            np.abs(middle(tmp_path / f"{country}.png") - rgb(style.colours[country])).max() <= through + NEAR
        )


def test_a_hundred_thousand_points_all_arrive(marble: Path, tmp_path: Path):
    count, rng = 100_000, np.random.default_rng(3)
    kinds = rng.integers(0, 4, count)
    frame = gpd.GeoDataFrame(
        {"name": [f"Año <b>{at}</b>" for at in range(count)], "kind": np.array(list("abcd"))[kinds]},
        geometry=gpd.points_from_xy(rng.uniform(-125, -70, count), rng.uniform(18, 60, count)),
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "many.gpkg")
    made = anyfile.write(tmp_path / "many.gpkg", tmp_path / "many.kmz", "en", Wishes(class_field="kind"))
    folder = unpacked(made.path, tmp_path / "x")
    told = seen(marble, tmp_path, sorted(folder.glob("tiles/*.kml")), views=[CONTINENT])
    assert told["kinds"]["Placemark"] == count
    assert {mark["name"] for mark in told["placemarks"]} == set(frame["name"])
    shares = sorted(np.bincount(kinds).tolist())
    colours = Counter(mark["icon"] for mark in told["placemarks"])
    assert sorted(colours.values()) == shares
    assert set(colours) == set(PALETTE[:4])
