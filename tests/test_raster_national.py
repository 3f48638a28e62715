"""Land cover from the real MODIS grid, held against plain ways to the same figures.

After a wanted change: ``python -m pytest tests/test_raster_national.py --golden`` writes the table of areas anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from pyproj import Geod
from rasterio.enums import Resampling
from rasterio.warp import reproject

from naatlas import framework, pipeline, registry, sources
from naatlas.errors import InputError
from naatlas.framework import base
from naatlas.ledger import State
from naatlas.quality import comparability
from tests.test_raster_layers import account

if TYPE_CHECKING:
    from naatlas.model import LayerData

pytestmark = pytest.mark.national

GOLDEN = Path(__file__).parent / "goldens" / "land_cover_2019.csv"
YUKON = "land_cover/raw/cec_nalcms_yukon_excerpt_resampled_100m.tif"
#: Total area in km2 with inland waters, as the statistical agencies print it.
OFFICIAL_KM2 = {"CAN": 9_984_670, "MEX": 1_964_375}


@pytest.fixture(scope="module")
def layer(national: Path) -> LayerData:
    return pipeline.assemble("land-cover", data=national, edition="2019")


@pytest.fixture(scope="module")
def modis(national: Path) -> Path:
    return national / registry.spec("land-cover").source("modis-mcd12c1-2019").path


def test_the_account_is_the_histogram_of_the_file(layer: LayerData, modis: Path):
    with rasterio.open(modis) as file:
        cells = file.read(1)
    told = sources.read(registry.spec("land-cover").source("modis-mcd12c1-2019"), modis.parents[2]).frame
    counts = told["cells"].astype("int64").groupby(told["value"]).sum()
    plain = np.bincount(cells.ravel(), minlength=256)
    assert {int(value): int(n) for value, n in counts.items()} == {
        n: int(plain[n]) for n in np.flatnonzero(plain)
    }
    by_state = layer.ledger.quantities().set_index("state")["value"]
    assert by_state.sum() == cells.size == 4_480_000
    assert by_state[str(State.PUBLISHED)] + by_state[str(State.OUT_OF_SCOPE)] == cells.size


def test_cells_are_those_of_gdal(layer: LayerData, modis: Path):
    grid = layer.cells.grid
    with rasterio.open(modis) as file:
        cells, transform = file.read(1), file.transform
    warped = np.full((grid.rows, grid.cols), 255, dtype=np.uint8)
    # the framework puts geodetic latitude on its sphere unchanged: to GDAL a source on that sphere says so
    reproject(
        cells, warped, src_transform=transform, src_crs="+proj=longlat +R=6370997 +no_defs", src_nodata=255,
        dst_transform=rasterio.Affine(*grid.transform), dst_crs=framework.WKT2, dst_nodata=255,
        resampling=Resampling.nearest, tolerance=0,
    )  # fmt: skip
    with rasterio.open(layer.cells.path) as file:
        own = file.read(1)
    both = (own != 255) & (warped != 255)
    assert (own[both] == warped[both]).mean() >= 0.995
    assert abs(int((own != 255).sum()) - int((warped != 255).sum())) <= 0.001 * both.sum()


def test_countries_have_the_area_they_have(layer: LayerData):
    told = layer.frame.groupby("country")["area_km2"].sum()
    geod = Geod(ellps="WGS84")
    states = base.layer("states", "1M")
    states = states[states["state"] != "US-HI"]  # outside the map frame
    drawn = {
        country: sum(abs(geod.geometry_area_perimeter(shape)[0]) for shape in part.geometry) / 1e6
        for country, part in states.groupby("country")
    }
    for country, area in drawn.items():
        assert told[country] == pytest.approx(area, rel=0.01)
    for country, area in OFFICIAL_KM2.items():
        assert told[country] == pytest.approx(area, rel=0.01)


def test_classes_keep_the_area_they_have_in_the_source(layer: LayerData, modis: Path):
    """The area of the cells of the source on the sphere, class by class, over the whole frame."""
    with rasterio.open(modis) as file:
        cells = file.read(1)
    edges = np.sin(np.radians(85 - 0.05 * np.arange(1601)))
    km2 = (edges[:-1] - edges[1:]) * np.radians(0.05) * (framework.RADIUS_M / 1000) ** 2
    lon, lat = np.meshgrid(-180 + 0.05 * (np.arange(2800) + 0.5), 85 - 0.05 * (np.arange(1600) + 0.5))
    x, y = framework.project(lon, lat)
    left, bottom, right, top = layer.cells.grid.bounds
    inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    told = layer.frame.groupby("cell_value")["area_km2"].sum()
    for number, area in told.items():
        wanted = ((cells == number) & inside).sum(axis=1) @ km2
        if wanted > 50_000:
            assert area == pytest.approx(wanted, rel=0.02), number
    assert told.sum() == pytest.approx(inside.sum(axis=1) @ km2, rel=0.001)


def test_areas_are_as_the_golden_table(layer: LayerData, request: pytest.FixtureRequest):
    table = comparability.pivot(layer.frame.dropna(subset="country"), "area_km2", "land_cover").round(0)
    text = table.astype("Int64").to_csv(lineterminator="\n")
    if request.config.getoption("--golden"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_interpolated_excerpt_is_refused_with_both_its_troubles_counted(national: Path, tmp_path: Path):
    spec = registry.spec("land-cover")
    place = tmp_path / spec.source("modis-mcd12c1-2019").path
    place.parent.mkdir(parents=True)
    place.write_bytes((national / YUKON).read_bytes())
    with pytest.raises(InputError) as raised:
        account(tmp_path)
    assert "13,040 cells hold a fraction of a class number and 460 cells are not a number" in str(
        raised.value
    )
    told = account(tmp_path, refuse=False)
    assert told["a fraction of a class number"] == 13_040
    assert told["not a number"] == 460
    assert sum(told.values()) == 251 * 210
