"""naatlas loadings: a register by the polygons of a file or a layer; in = out + outside, the same bytes anywhere."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from naatlas import loadings, register
from naatlas.cli import main
from naatlas.errors import InputError, UsageError
from naatlas.register.points import NAME
from naatlas.register.schema import QUANTITIES
from tests.register_kit import lines, places

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def store(tmp_path: Path) -> Path:
    frame = lines(500)
    register.write([frame], tmp_path / "store")
    register.write_points(places(frame), tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def polygons(tmp_path: Path) -> Path:
    """Two halves of a country and a lake in the second, in degrees; the strip in the east belongs to none."""
    boxes = [shapely.box(-100, 40, -95, 50), shapely.box(-95, 40, -88, 50), shapely.box(-94, 44, -92, 46)]
    frame = gpd.GeoDataFrame(
        {"name": ["ouest é", "est", "lac"], "level": [1, 1, 2]}, geometry=boxes, crs="OGC:CRS84"
    )
    frame.to_file(tmp_path / "zones.gpkg", driver="GPKG")
    return tmp_path / "zones.gpkg"


def ask(*words: object) -> Result:
    return CliRunner().invoke(main, ["loadings", *map(str, words)])


def test_zones_and_outside_in_one_table(store: Path, polygons: Path, tmp_path: Path):
    out = tmp_path / "told.csv"
    told = ask(store, polygons, "--by", "name", "--only", "level=1", "--sum-by", "group,medium", "--out", out)
    assert told.exit_code == 0, told.output
    table, left = pd.read_csv(out), pd.read_csv(tmp_path / "told_outside.csv")
    frame = lines(500)
    point = places(frame).set_index("atlas_id")
    lon = frame["atlas_id"].map(point["longitude"])
    wanted = np.select([lon.isna(), lon <= -95, lon <= -88], ["no_point", "ouest é", "est"], "outside")
    found = table.groupby(table["zone"].fillna(table["place"]))[["lines", "kg"]].sum()
    expected = frame.groupby(wanted)["kg"].agg(["size", "sum"])
    assert found["lines"].to_dict() == expected["size"].to_dict()
    np.testing.assert_allclose(found["kg"], expected["sum"].loc[found.index], rtol=1e-12)
    assert set(left["atlas_id"]) == set(frame.loc[np.isin(wanted, ["outside", "no_point"]), "atlas_id"])
    assert left.loc[left["place"].eq("outside"), "longitude"].gt(-88).all()
    assert "2 zones" in told.output
    assert "facilities are in no zone, see told_outside.csv; the largest: " in told.output
    assert "several zones" not in told.output


def test_what_is_told_adds_up(store: Path, polygons: Path, tmp_path: Path):
    told = json.loads(
        ask(
            store,
            polygons,
            "--by",
            "name",
            "--out",
            tmp_path / "a.parquet",
            "--where",
            "medium=air",
            "--json",
        ).output
    )
    balance = told["balance"]
    for column in ("lines", *QUANTITIES):
        parts = [Decimal(balance[name][column]) for name in ("out", "outside", "no_point")]
        assert sum(parts) == Decimal(balance["in"][column]) > 0
    assert told["zones"] == 3 - (told["facilities_in_several_zones"] > 0)
    table = pd.read_parquet(told["files"][0])
    assert set(table["medium"]) == {"air"}
    assert table["kg"].sum() == pytest.approx(float(balance["in"]["kg"]))


def test_facilities_in_several_zones_are_counted_once_and_told(store: Path, polygons: Path, tmp_path: Path):
    told = ask(store, polygons, "--by", "name", "--out", tmp_path / "a.csv")
    points = places(lines(500))
    inside = (points["longitude"].between(-94, -92) & points["latitude"].between(44, 46)).sum()
    assert inside > 0
    assert f"{inside} facilities lie in several zones, and count in the first of the file" in told.output
    assert "lac" not in set(pd.read_csv(tmp_path / "a.csv")["zone"])


def test_points_of_a_product_and_of_any_file(store: Path, polygons: Path, tmp_path: Path):
    whole = loadings.by_polygon(store, str(polygons), "name").table()
    points = register.read_points(store / NAME)
    product = tmp_path / "NA_PRTRReleases_2020_releases.parquet"
    part = next(part for part in register.partitions(store))
    product.write_bytes(part.path.read_bytes())
    geometry = gpd.points_from_xy(points["longitude"], points["latitude"], crs="OGC:CRS84")
    features = gpd.GeoDataFrame(points, geometry=geometry)
    features.to_file(tmp_path / "NA_PRTRReleases_2020.gpkg", layer="prtr_releases", driver="GPKG")
    assert register.points_of(product).name == "NA_PRTRReleases_2020.gpkg"
    points.to_csv(tmp_path / "points.csv", index=False)
    for path in (register.points_of(product), tmp_path / "points.csv"):
        same = loadings.by_polygon(store, str(polygons), "name", facilities=path).table()
        pd.testing.assert_frame_equal(same, whole)


def test_new_points_join_those_that_are_there(tmp_path: Path):
    first = pd.DataFrame(
        {"atlas_id": ["USA-1", "USA-2"], "longitude": [-90.0, -91.0], "latitude": [40.0, 41.0]}
    )
    register.write_points(first, tmp_path)
    register.write_points(first.iloc[[1]].assign(longitude=-80.0), tmp_path)
    told = register.read_points(tmp_path / NAME)
    assert told.to_dict("list") == first.assign(longitude=[-90.0, -80.0]).to_dict("list")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_layer_gives_polygons_too(store: Path, tmp_path: Path):
    told = ask(store, "political-boundaries", "--by", "country", "--sum-by", "", "--out", tmp_path / "a.csv")
    assert told.exit_code == 0, told.output
    assert pd.read_csv(tmp_path / "a.csv")["zone"].dropna().tolist() == ["USA"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--by", "basin"], "has no field basin; it has name, level"),
        (["--by", "name", "--only", "level=7"], "no polygon has level 7; there are 1, 2"),
        (["--by", "name", "--sum-by", "basin"], "no column basin to add up by"),
        (["--by", "name", "--out", "a.xlsx"], "a table is written as .csv or .parquet"),
    ],
)
def test_what_makes_no_sense(store: Path, polygons: Path, tmp_path: Path, words: list[str], told: str):
    found = ask(store, polygons, "--out", tmp_path / "a.csv", *words)
    assert (found.exit_code, told in found.output) == (2, True), found.output


def test_points_that_are_not_there(store: Path, polygons: Path, tmp_path: Path):
    (store / NAME).unlink()
    with pytest.raises(UsageError, match=r"no facilities.parquet beside it\); name a file with --facilities"):
        loadings.by_polygon(store, str(polygons), "name")
    bare = tmp_path / "bare.csv"
    bare.write_text("atlas_id,x\nUSA-1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="has no column longitude, latitude; facilities have"):
        loadings.by_polygon(store, str(polygons), "name", facilities=bare)
    with pytest.raises(InputError, match="cannot be read"):
        loadings.by_polygon(store, str(polygons), "name", facilities=next(store.glob("*/*/*")).parent)
