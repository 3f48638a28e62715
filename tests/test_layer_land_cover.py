"""Land cover: two legends side by side, and files of the North American land cover whose headers disagree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from affine import Affine

from naatlas import framework, pipeline, registry, sources, styles
from naatlas.errors import InputError, UnknownTermsError
from naatlas.framework.scales import GRID_30M
from naatlas.harmonize import crosswalk
from naatlas.layers._nalcms import NALCMS
from naatlas.layers.land_cover import IGBP, NALCMS_30M
from naatlas.metadata import words
from naatlas.raster.source import crs_of
from tests import raster_kit as kit

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SPEC = registry.spec("land-cover")
#: Upper left corner of a piece of 40 by 40 cells of 250 m in the east of Colorado: on the grid, 1 km from its zero.
LEFT, TOP, SIDE = -18_000.0, -573_500.0, 40
LAEA = "+proj=laea +lat_0=45 +lon_0=-100 +R=6370997 +units=m"


def piece(dtype: str = "int8", empty: int = -128) -> NDArray[Any]:
    """Return all nineteen classes, and a corner with each number that headers call no data."""
    cells = np.resize(np.arange(1, 20), (SIDE, SIDE)).astype(dtype)
    cells[:2, :2], cells[:2, 2:4] = 0, empty
    return cells


def nalcms(folder: Path, year: str, cells: NDArray[Any], nodata: int) -> Path:
    transform = Affine(250, 0, LEFT, 0, -250, TOP)
    kit.write(
        folder / SPEC.source(f"nalcms-250m-{year}").path, cells, crs=LAEA, transform=transform, nodata=nodata
    )
    return folder


def test_each_class_of_the_igbp_legend_is_one_class_or_names_those_it_may_be():
    walk = crosswalk.load("land_cover_nalcms", "igbp")
    assert set(walk.codes) == set(IGBP)
    alike = {told: code for told, code in walk.codes.items() if code in NALCMS}
    assert len(set(alike.values())) == len(alike) == 6
    for code in set(walk.codes.values()) - set(NALCMS):
        for text in words.load("land-cover").classes["nalcms"][code].values():
            numbers = [int(n) for n in re.findall(r"\d+", text)]
            assert numbers == [int(n) for n in re.findall(r"\d+", code)]
            assert set(numbers) <= set(NALCMS.values())


def test_the_published_colours_of_the_nineteen_classes():
    table = styles.load("land-cover-nalcms").cell_colours(NALCMS)
    assert len(table) == 19
    assert (table[1], table[14], table[17]) == ((0, 61, 0), (107, 163, 138), (220, 33, 38))


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = nalcms(tmp_path_factory.mktemp("data"), "2010", piece(), nodata=-128)
    return pipeline.assemble("land-cover", data=folder, edition="2010")


def test_the_nineteen_classes_are_published_as_they_are(layer: Any):
    numbers, cells = np.unique(piece(), return_counts=True)
    counts = dict(zip(numbers.tolist(), cells.tolist(), strict=True))
    told = layer.frame.groupby("cell_value")["cells"].sum().to_dict()
    assert told == {n: counts[n] for n in NALCMS.values()}
    assert (layer.frame["nalcms_class"] == layer.frame["land_cover"]).all()
    assert layer.frame["area_km2"].sum() == pytest.approx(sum(told.values()) * 0.0625)
    assert set(layer.frame["country"]) == {"USA"}


def test_numbers_that_say_nothing_are_no_data_whatever_the_header_says(layer: Any):
    states = layer.ledger.states("nalcms-250m-2010")["state"].value_counts()
    assert states.to_dict() == {"published": 19, "out_of_scope": 2}
    assert styles.of(layer).class_list == "nalcms"


def test_a_class_that_is_in_no_legend_stops(tmp_path: Path):
    cells = piece()
    cells[5, 5] = 42
    with pytest.raises(
        UnknownTermsError, match=r"class 42 of 1 cells is in no line of naatlas/crosswalks/land_cover"
    ):
        pipeline.assemble("land-cover", data=nalcms(tmp_path, "2010", cells, nodata=-128), edition="2010")


@pytest.mark.parametrize(
    ("year", "dtype", "header", "empty"),
    [("2010", "uint8", 127, 127), ("2015", "int8", -128, -128), ("2020", "uint8", 255, 255)],
)
def test_the_files_of_30_m_are_read_on_their_grid(
    tmp_path: Path, year: str, dtype: str, header: int, empty: int
):
    source = SPEC.source(f"nalcms-30m-{year}")
    transform = Affine(30, 0, GRID_30M.left + 30 * 120_000, 0, -30, GRID_30M.top - 30 * 160_000)
    cells = piece(dtype, empty)
    kit.write(
        tmp_path / source.path, cells, crs=crs_of(GRID_30M).to_wkt(), transform=transform, nodata=header
    )
    table = sources.read(source, tmp_path, bounds=GRID_30M.bounds)
    told = table.frame.set_index("value")["cells"].astype(int)
    assert told["no data"] == 4
    assert told[str(empty)] == 4
    walk = crosswalk.load("land_cover", source.id)
    assert set(told.index) - {"no data"} <= set(walk.codes)
    assert walk.codes[str(empty)] == ""
    assert {code for code in walk.codes.values() if code} == set(NALCMS)


def test_every_file_that_is_not_here_is_named_with_its_place():
    assert {s.id for s in sources.absent(SPEC.sources, None)} >= {s.id for s in NALCMS_30M}
    for source in SPEC.sources[1:]:
        with pytest.raises(InputError, match=re.escape(source.path)):
            sources.read(source, None)
        assert source.landing_page.startswith("http://www.cec.org/north-american-environmental-atlas/")


def test_both_grids_are_taken():
    assert [SPEC.rules(e.name).grid for e in SPEC.editions] == ["250m", "250m", "250m", "30m", "30m", "30m"]
    assert framework.GRIDS["30m"].coarser(30.0).cell_m == SPEC.rules("2020at30m").cell_m == 30.0
