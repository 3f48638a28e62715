"""Unknown files are described well enough to write their layout."""

from __future__ import annotations

import gzip
import json
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from naatlas import inform
from naatlas.errors import InputError
from naatlas.sources.inspect import inspect
from tests.sources_kit import workbook

if TYPE_CHECKING:
    from pathlib import Path


def test_tab_separated_text_named_csv(tmp_path: Path):
    text = '"NRA"\t"LATITUD \nNORTE"\n"A1"\t"19°36\'58"""\n"A2"\t""\n'
    (tmp_path / "es.csv.gz").write_bytes(gzip.compress(text.encode()))
    facts = inspect(tmp_path / "es.csv.gz")
    assert (facts["format"], facts["delimiter"], facts["header_row"], facts["rows"]) == (
        "gzipped text",
        "\t",
        1,
        2,
    )
    assert facts["columns"] == ["NRA", "LATITUD NORTE"]
    assert facts["first"]["LATITUD NORTE"] == ["19°36'58\"", ""]
    assert "utf-8" in facts["encodings"]


def test_encodings_that_would_do(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("Título\nk;v\n1;Montréal\n2;b\n".encode("cp1252"))
    facts = inspect(tmp_path / "a.csv")
    assert facts["encodings"] == ["cp1252", "latin-1"]
    assert (facts["delimiter"], facts["header_row"]) == (";", 2)
    assert facts["first"] == {"k": ["1", "2"], "v": ["Montréal", "b"]}
    (tmp_path / "b.csv").write_bytes("k\né\n".encode("utf-8-sig"))
    assert inspect(tmp_path / "b.csv")["encodings"][0] == "utf-8-sig"
    assert inspect(tmp_path / "b.csv")["columns"] == ["k"]


def test_workbook_with_a_title_row(tmp_path: Path):
    path = workbook(
        tmp_path / "a.xlsx", [["2023 Form"], ["Plant Code", "City\nname"], [1.0, "A"], [2.0, "B"]]
    )
    facts = inspect(path)
    sheet = {"sheet": "Plant", "header_row": 2, "columns": ["Plant Code", "City name"], "rows": 2}
    assert facts["sheets"] == [sheet | {"first": {"Plant Code": ["1", "2"], "City name": ["A", "B"]}}]
    assert facts["size"] == path.stat().st_size
    assert len(facts["sha256"]) == 64


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.fgb", "a.zip"])
def test_vector_files(tmp_path: Path, name: str):
    frame = gpd.GeoDataFrame({"name": ["Cañón"]}, geometry=[shapely.Point(-99, 19)], crs="EPSG:4326")
    frame.to_file(tmp_path / name.replace(".zip", ".shp"), engine="pyogrio")
    if name == "a.zip":
        with zipfile.ZipFile(tmp_path / name, "w") as out:
            for part in sorted(tmp_path.glob("a.[!z]*")):
                out.write(part, part.name)
    facts = inspect(tmp_path / name)
    (layer,) = facts["layers"]
    assert (layer["geometry"], layer["crs"], layer["rows"]) == ("Point", "EPSG:4326", 1)
    assert layer["first"] == [{"name": "Cañón"}]
    assert "name" in layer["columns"]
    assert json.loads(json.dumps(facts)) == facts
    assert ("members" in facts) == (name == "a.zip")


def test_shapefile_without_prj_tells_no_crs(tmp_path: Path):
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=[shapely.Point(-99, 19)], crs="EPSG:4326")
    frame.to_file(tmp_path / "a.shp", engine="pyogrio")
    (tmp_path / "a.prj").unlink()
    assert inspect(tmp_path / "a.shp")["layers"][0]["crs"] is None


def test_rasters(tmp_path: Path):
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", width=3, height=2, count=1, dtype="uint8", nodata=255,
        crs="EPSG:4326", transform=rasterio.Affine(0.5, 0, -100, 0, -0.25, 50),
    ) as file:  # fmt: skip
        file.write(np.ones((2, 3), dtype=np.uint8), 1)
        file.set_band_description(1, "land cover")
        file.write_colormap(1, {1: (0, 61, 0, 255)})
    facts = inspect(tmp_path / "a.tif")
    told = facts["raster"]
    assert (facts["format"], told["driver"], told["crs"]) == ("raster", "GTiff", "EPSG:4326")
    assert (told["columns"], told["rows"], told["cell"]) == (3, 2, [0.5, 0.25])
    assert told["bounds"] == [-100, 49.5, -98.5, 50]
    assert told["bands"] == [{"type": "uint8", "nodata": 255, "name": "land cover", "colours": True}]
    text = inform.file_text(facts)
    assert "3 x 2 cells, GTiff" in text
    assert "cells of 0.5 x 0.25, in its units" in text
    assert "  1     uint8  255      yes      land cover" in text
    (tmp_path / "b.tif").write_bytes(b"II*\0 cut off")
    with pytest.raises(InputError, match=r"b\.tif: is no raster that GDAL can open"):
        inspect(tmp_path / "b.tif")


def test_zip_of_text_lists_its_members(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("in/b.csv", "k\n1\n")
    facts = inspect(tmp_path / "a.zip")
    assert facts["members"] == [{"name": "in/b.csv", "size": 4}]
    assert "layers" not in facts


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("none.csv", None),
        ("a.csv", b""),
        ("a.csv", "k\n1\n".encode("utf-16")),
        ("a.xlsx", b"PK\x03\x04 cut"),
        ("a.xls", b"\xd0\xcf\x11\xe0 cut"),
        ("a.zip", b"PK\x03\x04 cut"),
        ("a.csv.gz", gzip.compress(b"k" * 99, mtime=0)[:-9]),
        ("a.gpkg", b"cut"),
        ("a.json", b'{"k": 1}'),
        ("a.shp", b"cut"),
    ],
)
def test_bad_files_are_one_line(tmp_path: Path, name: str, data: bytes | None):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        inspect(tmp_path / name)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_folder_is_not_a_file(tmp_path: Path):
    with pytest.raises(InputError, match="is a folder"):
        inspect(tmp_path)
