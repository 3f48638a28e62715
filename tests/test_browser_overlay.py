"""A superoverlay on Cesium's globe: pictures lie where the cells are, title and legend on the screen, all offline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from naatlas.export import legend, superoverlay
from naatlas.export.raster_paint import Paint
from naatlas.export.superoverlay_cover import Cover
from tests.test_browser import looked_at
from tests.test_export_superoverlay import WHEN, raster, tiles

pytestmark = pytest.mark.browser

#: One level of tiles: Cesium ignores regions, and follows links in an archive no further than from the main document.
#: That GDAL reads all levels is proved in ``test_export_superoverlay``.
PIXEL = 0.05
#: Quarters of a square around 45 N 100 W; the last one is empty.
COLOURS = {1: (230, 20, 20), 2: (20, 200, 20), 3: (20, 20, 230)}
VIEW = {"name": "overlay", "lon": -100, "lat": 45, "km": 2600}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("overlay")
    cells = np.kron(np.array([[1, 2], [3, 0]], dtype=np.uint8), np.ones((300, 300), dtype=np.uint8))
    source = raster(cells, left=-600_000, top=600_000, cell_m=2_000)
    pictures = {
        "title": legend.title("Quarters", "2020"),
        "legend": legend.title("1 2 3", "red, green, blue"),
    }
    path = folder / "quarters.kmz"
    superoverlay.put(
        source, {path: Cover.plain(source, "Quarters", pictures=pictures)},
        paint=Paint(list(COLOURS.values()), numbers=list(COLOURS)), when=WHEN, pixel=PIXEL,
    )  # fmt: skip
    return looked_at(path, [VIEW]) | {"folder": folder, "tiles": tiles(path)}


def test_all_tiles_are_read_back_where_they_lie(told: dict[str, Any]):
    boxes = sorted((order, *(round(side, 5) for side in box)) for order, box, _ in told["tiles"])
    read = sorted(
        (ground["order"], *(round(side, 5) for side in ground["box"])) for ground in told["grounds"]
    )
    assert len(read) >= 2
    assert np.allclose(read, boxes, atol=1e-4)
    assert all(ground["picture"] for ground in told["grounds"])


def test_the_picture_shows_each_class_where_it_is_and_nothing_where_there_is_none(told: dict[str, Any]):
    with Image.open(told["folder"] / "overlay.png") as picture:
        middle = {
            (x, y): picture.convert("RGB").getpixel((700 + x, 450 + y)) for x in (-90, 90) for y in (-90, 90)
        }
    for place, number in (((-90, -90), 1), ((90, -90), 2), ((-90, 90), 3)):
        assert np.argmax(middle[place]) == np.argmax(COLOURS[number]), middle
        assert np.allclose(middle[place], COLOURS[number], atol=60), middle
    assert not any(np.allclose(middle[90, 90], colour, atol=60) for colour in COLOURS.values())


def test_title_and_legend_lie_on_the_screen_and_nothing_is_fetched(told: dict[str, Any]):
    assert len(told["overlays"]) == 2
    assert all(overlay["drawn"] for overlay in told["overlays"])
    assert told["title"] == "Quarters"
    assert (told["outside"], told["missing"], told["errors"]) == ([], [], [])
