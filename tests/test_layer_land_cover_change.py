"""The layer of land cover change, and the commands for it, on made-up years whose matrix is known."""

from __future__ import annotations

import csv
import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from click.testing import CliRunner

from naatlas import cli, framework
from naatlas.framework import GRID_250M
from naatlas.layers import _change
from naatlas.layers._modis import IGBP
from naatlas.layers._nalcms import NALCMS, NALCMS_2005, NALCMS_2010
from naatlas.layers.land_cover_change import DERIVED, KINDS, SPEC
from naatlas.metadata import words
from naatlas.raster.classify import classify
from naatlas.raster.files import Array, File
from naatlas.raster.source import Placed

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parents[1] / "scripts" / "make_synthetic_land_cover.py"
#: A piece with Canada and the United States in it.
GRID = replace(GRID_250M, name="piece", rows=700, cols=900, left=-118_000.0, top=526_500.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[int, int], int]]:
    folder = tmp_path_factory.mktemp("pair")
    return folder, runpy.run_path(str(SCRIPT))["make"](folder, GRID, seed=3, share=0.2)


@pytest.fixture
def years(made: tuple[Path, Any]) -> Iterator[tuple[File, File]]:
    names = [Path(source.path).name for source in (NALCMS_2005, NALCMS_2010)]
    with File(made[0] / names[0]) as first, File(made[0] / names[1]) as second:
        yield first, second


def test_the_known_matrix_comes_out_exactly(made: tuple[Path, Any], years: tuple[File, File]) -> None:
    numbers = {number: number for number in NALCMS.values()}
    first, second = (classify(year, numbers, nodata=255) for year in years)
    cells, counts = _change._laid((first, second), GRID, SPEC.rules("2005to2010"), NALCMS, KINDS)
    frame = _change._table(SPEC, counts, GRID, NALCMS, KINDS)
    sums = frame.groupby(["from_value", "to_value"])["cells"].sum()
    assert {key: int(count) for key, count in sums.items()} == made[1]
    assert cells.count == sum(made[1].values())
    assert set(frame["country"].dropna()) == {"CAN", "USA"}
    assert not frame["atlas_id"].duplicated().any()
    assert np.allclose(frame.groupby(frame["state"].fillna("other"))["share_percent"].sum(), 100)
    with rasterio.open(cells.path) as file:
        found = np.unique(file.read(1), return_counts=True)
    told = {
        number: count for number, count in zip(*(v.tolist() for v in found), strict=True) if number != 255
    }
    assert told == frame.groupby("cell_value")["cells"].sum().to_dict()


def test_synthetic_years_are_the_same_again(made: tuple[Path, Any], tmp_path: Path) -> None:
    again = runpy.run_path(str(SCRIPT))["make"](tmp_path, GRID, seed=3, share=0.2)
    assert again == made[1]
    changed = sum(cells for (a, b), cells in again.items() if a != b) / sum(again.values())
    assert 0.15 < changed < 0.2
    with (tmp_path / "matrix.csv").open(encoding="utf-8") as stream:
        assert sum(int(row["cells"]) for row in csv.DictReader(stream)) == sum(again.values())


def test_kinds_of_change_cover_all_pairs_of_both_legends() -> None:
    for legend in (IGBP, NALCMS):
        assert {_change.kind_of(a, b) for a in legend for b in legend} == set(KINDS)
        table = _change._kind_table(legend, KINDS, 255)
        assert (table == 255).sum() == 65_536 - len(legend) ** 2
    told = [
        ("mixed_forest", "urban"),
        ("mixed_forest", "cropland"),
        ("wetland", "water"),
        ("grassland", "water"),
    ]
    assert [_change.kind_of(*pair) for pair in told] == [
        "urban_growth", "forest_loss", "other_change", "water_change",
    ]  # fmt: skip


def test_the_year_made_up_follows_its_rule() -> None:
    forest, crop, town, water, none = (
        IGBP[n] for n in ("mixed_forest", "cropland", "urban", "water", "barren")
    )
    empty = 255
    cells = np.array([[forest, crop, town], [water, crop, crop], [empty, town, none]], dtype=np.uint8)
    placed = Placed(crs="EPSG:4326", transform=rasterio.Affine(1, 0, -100, 0, -1, 50), shape=cells.shape)
    earlier = _change._earlier(Array(placed, cells, empty), IGBP, empty)
    wanted = [[forest, forest, town], [water, crop, none], [empty, none, none]]
    assert earlier.read(0, 0, 3, 3).tolist() == wanted
    assert earlier.read(1, 1, 1, 2).tolist() == [wanted[1][1:]]


def test_the_edition_that_is_made_up_says_so() -> None:
    own = words.load(SPEC.slug)
    assert own.title(DERIVED)["en"].endswith("(demonstration, one year made up)")
    assert own.title("2005to2010")["en"] == "Land Cover Change"
    assert "derived_note" in own.notes


def run(*arguments: object) -> str:
    told = CliRunner().invoke(cli.main, [str(a) for a in arguments])
    assert told.exit_code == 0, told.output
    return told.output


def test_change_in_habitat_is_one_command(years: tuple[File, File], tmp_path: Path) -> None:
    left, bottom, right, top = GRID.bounds
    width = right - left
    boxes = [shapely.box(left, bottom, left + share * width, top) for share in (0.6, 0.4)]
    habitat = tmp_path / "habitat.gpkg"
    gpd.GeoDataFrame({"name": ["wide", "narrow"]}, geometry=boxes, crs=framework.crs()).to_file(habitat)
    out = tmp_path / "change.csv"
    text = run("zonal", years[0].path, habitat, "--by", "name", "--change", years[1].path, "--out", out)
    assert "numbers of cells whose centre lies in the polygon" in text
    told = pd.read_csv(out)
    first, second = (year.read(0, 0, GRID.rows, GRID.cols).astype(np.int16) for year in years)
    for name, share in (("wide", 0.6), ("narrow", 0.4)):
        part = np.s_[:, : round(share * GRID.cols)]
        there = (first[part] != 128) & (second[part] != -128)
        own = told[told["zone"] == name]
        assert own["cells"].sum() == there.sum()
        moved = (first[part] != second[part]) & there
        assert own.loc[own["from_value"] != own["to_value"], "cells"].sum() == moved.sum()
    rows = json.loads(run("zonal", years[1].path, habitat, "--by", "name", "--json"))["rows"]
    assert {row["zone"] for row in rows} == {"wide", "narrow", "elsewhere"}


def test_two_years_in_one_folder(made: tuple[Path, Any], years: tuple[File, File], tmp_path: Path) -> None:
    run("change", years[0].path, years[1].path, "--out", tmp_path / "told")
    names = sorted(path.name for path in (tmp_path / "told").iterdir())
    assert names == ["changed.csv", "from_to.tif", "gains_and_losses.csv", "matrix.csv"]
    matrix = pd.read_csv(tmp_path / "told" / "matrix.csv")
    sums = matrix.groupby(["from_value", "to_value"])["cells"].sum()
    assert {key: int(count) for key, count in sums.items()} == made[1]
    changed = pd.read_csv(tmp_path / "told" / "changed.csv")
    assert changed["zone"].tolist()[:2] == ["all", "CAN"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--by", "nothing"], "has no field nothing; it has name"),
        (
            ["--by", "name", "--exact", "--change", "SECOND"],
            "--exact goes with neither --change nor --weights",
        ),
        (["--by", "name", "--out", "a.xlsx"], "tables are written as .csv or .parquet"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_one_line(
    years: tuple[File, File], tmp_path: Path, arguments: list[str], told: str
) -> None:
    habitat = tmp_path / "habitat.gpkg"
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(*GRID.bounds)], crs=framework.crs()).to_file(
        habitat
    )
    given = [str(years[1].path) if a == "SECOND" else a for a in arguments]
    out = CliRunner().invoke(cli.main, ["zonal", str(years[0].path), str(habitat), *given])
    assert out.exit_code == 2, out.stderr
    assert told in out.stderr
    assert out.stderr.count("\n") == 1


def test_zones_are_the_layer_of_a_file_that_holds_shapes(years: tuple[File, File], tmp_path: Path) -> None:
    habitat = tmp_path / "habitat.gpkg"
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(*GRID.bounds)], crs=framework.crs())
    frame.to_file(habitat, layer="habitat")
    pyogrio.write_dataframe(frame[["name"]], habitat, layer="notes")
    assert json.loads(run("zonal", years[0].path, habitat, "--by", "name", "--json"))["rows"]
    frame.to_file(habitat, layer="other")
    told = CliRunner().invoke(cli.main, ["zonal", str(years[0].path), str(habitat), "--by", "name"])
    assert told.exit_code == 1
    assert "several layers of shapes (habitat, other); give a file with one" in told.stderr
