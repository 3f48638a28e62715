"""The superoverlay: every pixel is the cell it lies in, coarser levels sum up, all of it is sound KML for any globe."""

from __future__ import annotations

import io
import posixpath
import warnings
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
from lxml import etree
from PIL import Image

from naatlas import framework, styles, validation
from naatlas.errors import ProductError
from naatlas.export import superoverlay
from naatlas.export.look import Look
from naatlas.export.raster_paint import Paint
from naatlas.export.superoverlay_cover import Cover
from naatlas.layers import land_cover
from naatlas.ledger import Ledger
from naatlas.metadata import schemas, words
from naatlas.model import Cells, InputFile, LayerData
from naatlas.raster import cog
from naatlas.raster.blocks import Block
from naatlas.raster.files import Array
from naatlas.raster.globe import Pyramid, halved
from naatlas.raster.source import Placed, applied, from_degrees

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WHEN = datetime(2020, 1, 1, tzinfo=UTC)
KML = "{http://www.opengis.net/kml/2.2}"
LAEA = framework.crs().to_wkt()
#: Class -> colour; 0 is no data.
COLOURS = {number: (10 * number, 255 - 20 * number, (37 * number) % 256) for number in range(1, 9)}
PAINT = Paint(list(COLOURS.values()), numbers=list(COLOURS))


def patches(rows: int, cols: int, *, classes: int = 8, seed: int = 0) -> NDArray[np.uint8]:
    """Classes in patches of a few cells, with a hole without data."""
    coarse = np.random.default_rng(seed).integers(
        1, classes + 1, (rows // 4 + 1, cols // 4 + 1), dtype=np.uint8
    )
    cells = np.kron(coarse, np.ones((4, 4), dtype=np.uint8))[:rows, :cols]
    cells[rows // 3 : rows // 2, cols // 3 : cols // 2] = 0
    return cells


def raster(cells: NDArray[Any], *, left: float, top: float, cell_m: float, nodata: float = 0) -> Array:
    place = Placed(crs=LAEA, transform=rasterio.Affine(cell_m, 0, left, 0, -cell_m, top), shape=cells.shape)  # type: ignore[arg-type]
    return Array(place, cells, nodata)


def written(told: Array, path: Path, *, paint: Paint = PAINT, **options: Any) -> Path:
    legend = io.BytesIO()
    Image.new("RGB", (240, 120), "white").save(legend, "PNG")
    cover = Cover.plain(told, "Patches & <more>", about="Made", pictures={"legend": legend.getvalue()})
    superoverlay.put(told, {path: cover}, paint=paint, when=WHEN, **options)
    return path


def documents(path: Path) -> dict[str, etree._Element]:
    with zipfile.ZipFile(path) as kmz:
        return {name: etree.fromstring(kmz.read(name)) for name in kmz.namelist() if name.endswith(".kml")}


def tiles(path: Path) -> list[tuple[int, tuple[float, ...], NDArray[np.uint8]]]:
    """Level, west, south, east, north and the picture of every tile."""
    told = []
    with zipfile.ZipFile(path) as kmz:
        for name, root in documents(path).items():
            if name.startswith("tiles/"):
                box = root.find(f".//{KML}LatLonBox")
                assert box is not None
                sides = [
                    float(box.findtext(f"{KML}{side}") or "") for side in ("west", "south", "east", "north")
                ]
                picture = Image.open(io.BytesIO(kmz.read(name.replace(".kml", ".png"))))
                told.append(
                    (int(name.split("/")[1].split("-")[0]), tuple(sides), np.asarray(picture.convert("RGBA")))
                )
    return told


def expected(told: Array, lon: NDArray[Any], lat: NDArray[Any]) -> NDArray[np.uint8]:
    """Take the class at each place by an exact transformation of every one."""
    x, y = framework.project(lon, lat)
    col, row = (np.floor(v).astype(int) for v in applied(~told.placed.transform, x, y))
    rows, cols = told.placed.shape
    inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
    out = np.zeros(lon.shape, dtype=np.uint8)
    out[inside] = told.cells[row[inside], col[inside]]
    return out


def pixels(box: tuple[float, ...], shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    west, south, east, north = box
    lon = west + (np.arange(shape[1]) + 0.5) * (east - west) / shape[1]
    lat = north - (np.arange(shape[0]) + 0.5) * (north - south) / shape[0]
    return tuple(np.meshgrid(lon, lat))  # type: ignore[return-value]


def painted(classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    table = np.zeros((256, 4), dtype=np.uint8)
    for number, colour in COLOURS.items():
        table[number] = (*colour, 255)
    return table[classes]


PLACES = {
    "prairie": (-300_000.0, 500_000.0, 2_000.0),
    "aleutians": (-4_300_000.0, 4_250_000.0, 3_000.0),
    "pole": (-500_000.0, 5_400_000.0, 3_000.0),
    "mexico": (-100_000.0, -2_600_000.0, 1_000.0),
}


@pytest.fixture(scope="module", params=PLACES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Array, Path]:
    left, top, cell_m = PLACES[request.param]
    told = raster(patches(700, 900), left=left, top=top, cell_m=cell_m)
    return request.param, told, written(told, tmp_path_factory.mktemp("overlay") / "a.kmz")


def test_every_finest_pixel_is_the_cell_it_lies_in(made: tuple[str, Array, Path]):
    _, told, path = made
    all_tiles = tiles(path)
    finest = max(level for level, _, _ in all_tiles)
    wrong = count = 0
    for level, box, picture in all_tiles:
        if level == finest:
            should = painted(expected(told, *pixels(box, picture.shape)))
            clear = (picture[..., 3] == 0) & (should[..., 3] == 0)
            wrong += int(((picture != should).any(axis=-1) & ~clear).sum())
            count += int((~clear).sum())
    assert count > 300_000
    assert wrong <= count * 0.001


def test_boxes_lie_on_the_globe_and_none_crosses_180(made: tuple[str, Array, Path]):
    name, _, path = made
    boxes = [box for _, box, _ in tiles(path)]
    for west, south, east, north in boxes:
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90
    if name == "aleutians":
        assert {180.0, -180.0} <= {side for west, _, east, _ in boxes for side in (west, east)}


def test_a_raster_of_cells_half_a_degree_wide_stays_on_the_globe(tmp_path: Path):
    coarse = raster(patches(158, 166), left=-4_418_000.0, top=4_876_500.0, cell_m=55_750.0)
    for _, (west, south, east, north), _ in tiles(written(coarse, tmp_path / "a.kmz")):
        assert -180 <= west < east <= 180
        assert east - west <= 90
        assert -90 <= south < north <= 90


def test_every_tile_shows_something_and_hangs_on_one_link(made: tuple[str, Array, Path]):
    _, _, path = made
    assert all(picture[..., 3].any() for _, _, picture in tiles(path))
    told = documents(path)
    links = Counter(
        posixpath.normpath(posixpath.join(posixpath.dirname(name), href.text or ""))
        for name, root in told.items()
        for href in root.iter(f"{KML}href")
        if (href.text or "").endswith(".kml")
    )
    assert links == Counter(name for name in told if name != "doc.kml")


def test_all_kml_is_valid_and_waits_for_its_region(made: tuple[str, Array, Path]):
    _, _, path = made
    verdict = validation.validate(path)
    assert verdict.passed, verdict.text()
    for name, root in documents(path).items():
        assert [f for f in schemas.check(root, "kml") if f.severity == "error"] == [], name
        for link in root.iter(f"{KML}NetworkLink"):
            assert link.find(f"{KML}Region/{KML}Lod/{KML}minLodPixels") is not None
            assert link.findtext(f"{KML}Link/{KML}viewRefreshMode") == "onRegion"


def test_gdal_reads_the_tiles_below_a_first_one_as_one_picture(tmp_path: Path):
    told = raster(patches(600, 600), left=-300_000.0, top=500_000.0, cell_m=2_000.0)
    path = written(told, tmp_path / "a.kmz")
    seen = 0
    for name in (n for n in documents(path) if n.startswith("tiles/0-")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            file = rasterio.open(f"/vsizip/{path.as_posix()}/{name}")
        with file:
            assert file.driver == "KMLSUPEROVERLAY"
            picture = np.moveaxis(file.read(), 0, -1)
            box = file.bounds
            classes = expected(told, *pixels((box.left, box.bottom, box.right, box.top), picture.shape))
        # this reader gives entries of the palette, which are the numbers of the classes here and 0 where it is clear
        assert (picture[..., 0] == classes).mean() > 0.9999
        seen += int((classes > 0).sum())
    assert seen > 200_000


@pytest.mark.parametrize("sampled", [False, True])
def test_coarser_levels_sum_up_the_finer_ones(tmp_path: Path, *, sampled: bool):
    paint = replace(PAINT, sampled=sampled)
    told = raster(patches(700, 900), left=-300_000.0, top=500_000.0, cell_m=2_000.0)
    by_place = {
        (level, box[0], box[3]): (box, picture)
        for level, box, picture in tiles(written(told, tmp_path / "a.kmz", paint=paint))
    }
    checked = 0
    for (level, _, _), (box, picture) in by_place.items():
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        quarters = [
            next((p for (below, w, n), (_, p) in by_place.items()
                  if below == level + 1 and abs(w - west) < 1e-6 and abs(n - north) < 1e-6), None)
            for north in (box[3], middle[1]) for west in (box[0], middle[0])
        ]  # fmt: skip
        if all(quarter is None for quarter in quarters):
            continue
        clear = np.zeros((256, 256, 4), dtype=np.uint8)
        four = [clear if quarter is None else quarter for quarter in quarters]
        whole = np.vstack([np.hstack(four[:2]), np.hstack(four[2:])])
        assert (halved(_codes(whole), 0, paint.summary) == _codes(picture)).all()
        checked += 1
    assert checked >= 3


def _codes(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    out = np.zeros(picture.shape[:2], dtype=np.uint8)
    for number, colour in COLOURS.items():
        out[(picture == (*colour, 255)).all(axis=-1)] = number
    return out


def test_quantities_take_the_colour_of_their_step(tmp_path: Path):
    cells = np.linspace(0, 100, 300 * 300, dtype=np.float32).reshape(300, 300)
    cells[:50] = np.nan
    paint = Paint([(255, 0, 0), (0, 255, 0), (0, 0, 255)], limits=[25.0, 50.0])
    assert paint.entries(np.array([-1, 25, 25.1, 50, 51, np.nan, -9999]), -9999).tolist() == [
        1,
        1,
        2,
        2,
        3,
        0,
        0,
    ]
    told = raster(cells, left=0, top=0, cell_m=2_000, nodata=-9999)
    colours = {
        tuple(c)
        for _, _, p in tiles(written(told, tmp_path / "a.kmz", paint=paint))
        for c in p[p[..., 3] > 0]
    }
    assert colours == {(255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)}


def test_the_bytes_do_not_depend_on_the_threads(tmp_path: Path):
    told = raster(patches(1400, 400), left=-300_000.0, top=1_000_000.0, cell_m=500.0)
    one, two = (written(told, tmp_path / f"{n}.kmz", threads=n).read_bytes() for n in (1, 3))
    assert one == two


def test_the_whole_frame_of_the_atlas_is_covered_once(tmp_path: Path):
    grid = framework.GRID_250M.coarser(20_000)
    cells = np.full((grid.rows, grid.cols), 3, dtype=np.uint8)
    told = raster(cells, left=grid.left, top=grid.top, cell_m=grid.cell_m)
    all_tiles = tiles(written(told, tmp_path / "a.kmz"))
    finest = max(level for level, _, _ in all_tiles)
    area = sum(
        float((np.cos(np.radians(pixels(box, p.shape)[1])) * (p[..., 3] > 0)).sum())
        * (box[2] - box[0]) * (box[3] - box[1]) / p.shape[0] / p.shape[1]
        for level, box, p in all_tiles if level == finest
    )  # fmt: skip
    km2 = area * (np.pi / 180 * framework.RADIUS_M / 1000) ** 2
    assert km2 == pytest.approx(cells.size * (grid.cell_m / 1000) ** 2, rel=0.002)


def test_a_piece_reads_no_more_than_what_lies_in_it():
    """At the antipode of the projection, near 80 degrees east, places lie all around the raster and none in it."""
    grid = framework.GRID_250M
    place = Placed(crs=LAEA, transform=rasterio.Affine(*grid.transform), shape=(grid.rows, grid.cols))
    frames: list[tuple[int, int, int, int]] = []

    class Spied(Array):
        def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[np.uint8]:
            frames.append((row, col, rows, cols))
            return np.zeros((rows, cols), dtype=np.uint8)

    told = Spied(place, np.zeros((1, 1), dtype=np.uint8), 0)
    pyramid, locate = Pyramid.of(place), from_degrees(place)
    beyond = {p: pyramid.box(p) for p in pyramid.pieces(place) if pyramid.box(p)[0] > 75}
    assert any(west < 80 < east and south < -45 < north for west, south, east, north in beyond.values())
    assert all(pyramid.read(told, piece, locate) is None for piece in beyond)
    assert max(rows * cols for _, _, rows, cols in frames) < 6_000_000


def test_a_raster_in_degrees_and_one_in_the_south(tmp_path: Path):
    for west, north in ((-100.0, 50.0), (175.0, -80.0)):
        place = Placed(
            crs="OGC:CRS84", transform=rasterio.Affine(0.02, 0, west, 0, -0.02, north), shape=(480, 600)
        )
        told = Array(place, patches(480, 600), 0)
        all_tiles = tiles(written(told, tmp_path / f"{north}.kmz"))
        finest = max(level for level, _, _ in all_tiles)
        shown = sum(int((p[..., 3] > 0).sum()) for level, _, p in all_tiles if level == finest)
        assert shown > 50_000
        assert all(box[1] >= -90 and -180 <= box[0] < box[2] <= 180 for _, box, _ in all_tiles)


def test_a_class_without_colour_stops(tmp_path: Path):
    told = raster(np.full((300, 300), 77, dtype=np.uint8), left=0, top=0, cell_m=1000)
    with pytest.raises(ProductError, match="no colour for class 77; give it one in the style"):
        written(told, tmp_path / "a.kmz")
    with pytest.raises(ProductError, match="of type uint8"):
        written(replace(told, cells=told.cells.astype(np.int16)), tmp_path / "b.kmz")
    with pytest.raises(ProductError, match="2 colours for 3 classes"):
        Paint([(0, 0, 0), (1, 1, 1)], limits=[1.0, 2.0])


def test_pixels_are_as_fine_as_asked(tmp_path: Path):
    told = raster(patches(700, 900), left=-300_000.0, top=500_000.0, cell_m=2_000.0)
    coarse = Pyramid.of(told.placed, pixel=0.1)
    own = Pyramid.of(told.placed)
    assert coarse.height == 0.1
    assert own.height == pytest.approx(2_000 / (np.pi / 180 * framework.RADIUS_M), rel=0.02)
    assert own.width / own.height == pytest.approx(1 / np.cos(np.radians(43)), rel=0.05)
    assert len(tiles(written(told, tmp_path / "a.kmz", pixel=0.1))) < len(
        tiles(written(told, tmp_path / "b.kmz"))
    )


@pytest.fixture
def layer(tmp_path: Path) -> LayerData:
    """Land cover of a made-up continent."""
    grid = framework.GRID_250M.coarser(20_000)
    cells = np.full((grid.rows, grid.cols), 255, dtype=np.uint8)
    cells[100:300, 100:300] = patches(200, 200) + 1
    with cog.drafting(tmp_path / "cells.tif", grid, dtype="uint8", nodata=255) as canvas:
        canvas.put(Block(0, 0, grid.rows, grid.cols), cells)
    spec = land_cover.SPEC
    used = InputFile(source=spec.sources[0], tier="data", name="a.tif", sha256="0" * 64, size=1)
    frame = pd.DataFrame({field.name: pd.Series(dtype="str") for field in spec.fields})
    frame.loc[0, ["atlas_id", "country", "land_cover"]] = ["CAN-water", "CAN", "water"]
    frame.loc[1, ["atlas_id", "country", "land_cover"]] = ["CAN-urban", "CAN", "urban"]
    return LayerData(
        spec=spec, edition="2019", frame=frame, provenance=pd.DataFrame(), ledger=Ledger(), inputs=(used,),
        geometry=Cells(path=tmp_path / "cells.tif", grid=grid, nodata=255, count=40_000),
    )  # fmt: skip


def test_a_layer_says_the_same_in_three_languages_on_the_same_tiles(layer: LayerData, tmp_path: Path):
    said, drawn = {}, set()
    looks = {
        tmp_path / f"{language}.kmz": Look(words.load("land-cover"), styles.load("land-cover"), language)
        for language in ("en", "fr", "es")
    }
    superoverlay.write(layer, looks)
    for path, look in looks.items():
        superoverlay.write(layer, {tmp_path / "alone.kmz": look})
        assert (tmp_path / "alone.kmz").read_bytes() == path.read_bytes()
        verdict = validation.validate(path)
        assert verdict.passed, verdict.text()
        said[look.language] = documents(path)["doc.kml"].findtext(f"{KML}Document/{KML}name")
        with zipfile.ZipFile(path) as kmz:
            assert kmz.namelist()[0] == "doc.kml"
            drawn.add(
                b"".join(kmz.read(name) for name in sorted(kmz.namelist()) if name.startswith("tiles/"))
            )
    assert len(set(said.values())) == 3
    assert len(drawn) == 1
    colours = {tuple(c[:3]) for _, _, p in tiles(path) for c in p[p[..., 3] > 0]}
    style = styles.load("land-cover").cell_colours(land_cover.IGBP)
    assert colours == {style[number] for number in (1, *range(2, 10))}


def test_positions_of_the_framework_are_used_as_they_are():
    """A raster of the framework is placed by latitude unchanged, not by way of the ellipsoid."""
    told = raster(patches(8, 8), left=0, top=0, cell_m=1000)
    col, row = from_degrees(told.placed)(np.array([-99.13]), np.array([19.43]))
    assert (float(col[0]), float(row[0])) == pytest.approx((93.5477, 2819.2713), abs=1e-3)
    assert pyproj.CRS.from_wkt(LAEA).is_projected
