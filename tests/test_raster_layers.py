"""From a raster source to every product of a layer, on a small land cover in the place of the real one."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from naatlas import framework, pipeline, product, registry, sources, styles, validation
from naatlas.errors import InputError, SpecError, UnknownTermsError, UsageError
from naatlas.explain import explain, explain_text
from naatlas.export import raster as tif
from naatlas.framework import GRID_250M
from naatlas.ledger import State
from naatlas.spec import RasterFile, RasterRules
from naatlas.styles.colour import rgb
from tests import raster_kit as kit

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from naatlas.model import LayerData
    from naatlas.spec import Source

SLUG, SOURCE = "land-cover", "modis-mcd12c1-2019"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kit.land_cover(tmp_path_factory.mktemp("data"), kit.patches())


@pytest.fixture(scope="module")
def layer(data: Path) -> LayerData:
    return pipeline.assemble(SLUG, data=data, edition="2019")


@pytest.fixture(scope="module")
def built(data: Path, tmp_path_factory: pytest.TempPathFactory) -> product.Product:
    return product.build(
        SLUG,
        data=data,
        edition="2019",
        out=tmp_path_factory.mktemp("out"),
        formats=("tif", "kmz", "csv", "parquet"),
    )


def cells_of(layer: LayerData) -> NDArray[np.uint8]:
    with rasterio.open(layer.cells.path) as file:
        told: NDArray[np.uint8] = file.read(1)
    return told


def source(**layout: Any) -> Source:
    return replace(registry.spec(SLUG).source(SOURCE), layout=RasterFile(**({"kind": "class"} | layout)))


def account(folder: Path, **layout: Any) -> dict[str, int]:
    """Cells by what they hold, wherever they lie."""
    frame = sources.read(source(**layout), folder).frame
    counts = frame["cells"].astype("int64").groupby(frame["value"]).sum()
    return {str(value): int(count) for value, count in counts.items()}


def test_every_cell_of_the_source_is_accounted_for(layer: LayerData):
    cells = kit.patches()
    table = layer.ledger.quantities().set_index("state")["value"]
    assert table.sum() == cells.size
    assert table.get(str(State.REJECTED), 0) == 0
    assert 0 < table[str(State.PUBLISHED)] < (cells != 255).sum()  # some lie outside the map frame
    counts = layer.ledger.left_out().set_index("reason")["cells"]
    assert counts["no data in the source"] == (cells == 255).sum()


def test_inside_and_outside_are_told_as_by_projecting_every_cell(data: Path):
    frame = sources.read(source(crs="EPSG:4326", nodata=255), data).frame
    lon, lat = np.meshgrid(
        kit.WEST + (np.arange(kit.COLS) + 0.5) * kit.SIZE, kit.NORTH - (np.arange(kit.ROWS) + 0.5) * kit.SIZE
    )
    x, y = framework.project(lon, lat)
    left, bottom, right, top = GRID_250M.bounds
    inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    told = frame["cells"].astype("int64")[frame["place"] == "inside"].sum()
    assert told == inside.sum()


def test_each_cell_has_the_class_its_centre_lies_in(layer: LayerData):
    grid, told = layer.cells.grid, cells_of(layer)
    assert (grid.left, grid.top, grid.cell_m % GRID_250M.cell_m) == (GRID_250M.left, GRID_250M.top, 0)
    x = grid.left + (np.arange(grid.cols) + 0.5) * grid.cell_m
    y = grid.top - (np.arange(grid.rows) + 0.5) * grid.cell_m
    lon, lat = framework.unproject(*np.meshgrid(x, y))
    col, row = np.floor((lon - kit.WEST) / kit.SIZE), np.floor((kit.NORTH - lat) / kit.SIZE)
    inside = (row >= 0) & (row < kit.ROWS) & (col >= 0) & (col < kit.COLS)
    wanted = np.full(told.shape, 255, dtype=np.uint8)
    wanted[inside] = kit.patches()[row[inside].astype(int), col[inside].astype(int)]
    assert (told != wanted).mean() <= 0.0001


def test_the_table_is_the_cells_counted_by_state_and_class(layer: LayerData):
    frame, told = layer.frame, cells_of(layer)
    by_class = frame.groupby("cell_value")["cells"].sum()
    numbers, counts = np.unique(told[told != 255], return_counts=True)
    assert by_class.to_dict() == dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    assert frame["area_km2"].to_numpy() == pytest.approx(frame["cells"].to_numpy() * 5.75**2)
    zones = frame.groupby(frame["state"].fillna("other"))["share_percent"].sum()
    assert zones.to_numpy() == pytest.approx(100)
    assert frame["state"].nunique() > 90
    assert frame["atlas_id"].is_unique


def test_provenance_names_the_line_of_the_crosswalk_and_the_row_of_the_account(layer: LayerData):
    one = layer.provenance.query("atlas_id == 'CA-AB-12' and field == 'land_cover'").iloc[0]
    assert "12 -> cropland" in one["rule"]
    rows = layer.ledger.states(SOURCE)
    assert rows.loc[int(one["row"]), "detail"] == "cropland"
    filled = layer.frame.set_index("atlas_id").drop(columns=["country", "state"]).notna().sum().sum()
    assert len(layer.provenance.query("field not in ('country', 'state')")) == filled


def test_an_unknown_code_stops_and_names_code_cells_and_table(tmp_path: Path):
    cells = kit.patches()
    cells[80:82, 100:103] = 42
    with pytest.raises(UnknownTermsError, match=r"class 42 of 6 cells .*crosswalks/land_cover\.csv"):
        pipeline.assemble(SLUG, data=kit.land_cover(tmp_path, cells), edition="2019")


def blurred() -> NDArray[np.float32]:
    cells = kit.patches().astype(np.float32)
    cells[10, :7], cells[20, :3] = 14.37, np.nan
    return cells


def test_fractions_and_nan_among_classes_are_two_troubles_and_refused_in_one_line(tmp_path: Path):
    folder = kit.land_cover(tmp_path, blurred())
    with pytest.raises(InputError) as raised:
        account(folder)
    told = str(raised.value)
    assert "7 cells hold a fraction of a class number and 3 cells are not a number" in told
    assert "\n" not in told


def test_by_a_declared_rule_such_cells_are_rejected_one_by_one_and_stand_in_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    module = registry.load(SLUG)
    kept = tuple(
        source(refuse=False, crs="EPSG:4326", nodata=255) if s.id == SOURCE else s
        for s in module.SPEC.sources
    )
    monkeypatch.setattr(module, "SPEC", replace(module.SPEC, sources=kept))
    layer = pipeline.assemble(SLUG, data=kit.land_cover(tmp_path, blurred()), edition="2019")
    rejected = layer.ledger.rejected()
    assert set(rejected["reason"]) == {"a fraction of a class number", "not a number"}
    assert layer.ledger.quantities().set_index("state")["value"]["rejected"] == 10
    assert set(np.unique(cells_of(layer))) <= {*range(17), 255}


@given(
    cells=st.lists(
        st.sampled_from([0.0, 3.0, 16.0, 255.0, 2.5, 14.999, np.nan]), min_size=1, max_size=60
    ).map(lambda told: np.array([told], dtype=np.float32))
)
@settings(max_examples=15)
def test_the_account_adds_up_whatever_the_cells_hold(
    tmp_path_factory: pytest.TempPathFactory, cells: NDArray[np.float32]
):
    folder = kit.land_cover(tmp_path_factory.mktemp("any"), cells)
    told = account(folder, refuse=False, crs="EPSG:4326", nodata=255)
    assert sum(told.values()) == cells.size
    assert told.get("not a number", 0) == np.isnan(cells).sum()
    assert told.get("a fraction of a class number", 0) == (cells % 1 > 0).sum()
    assert told.get("no data", 0) == (cells == 255).sum()


def test_a_number_outside_the_valid_range_is_refused_or_has_no_data(tmp_path: Path):
    heights = np.array([[1.0, 9_999.0, -1.0, np.nan]], dtype=np.float32)
    folder = kit.land_cover(tmp_path, heights, nodata=-1)
    layout: dict[str, Any] = {"kind": "quantity", "crs": "EPSG:4326", "valid": (-500.0, 7_000.0)}
    with pytest.raises(InputError, match="1 cells are outside the valid range; it is -500 to 7000"):
        account(folder, **layout)
    assert account(folder, **layout, refuse=False) == {"data": 1, "no data": 2, "outside the valid range": 1}
    (band,) = sources.read(source(**layout, refuse=False), folder).rasters
    assert band.read(0, 0, 1, 4).tolist()[0][:3] == [1.0, -1.0, -1.0]


def spoiled(path: Path, how: str) -> None:
    """Damage a raster, or take away what a reader needs."""
    whole = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "text":
        path.write_text("no raster", encoding="utf-8")
    else:
        kit.write(path, kit.patches(), **{"crs": {"crs": None}, "place": {"transform": None}}[how])


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("empty", "the file is empty"),
        ("cut", "is damaged"),
        ("text", "no raster that GDAL can open"),
        ("place", "does not say where its cells lie"),
        ("crs", "states no coordinate system"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line_and_nothing_is_written(tmp_path: Path, how: str, words: str):
    folder = kit.land_cover(tmp_path / "data", kit.patches())
    path = next(folder.rglob("*.tif"))
    spoiled(path, how)
    layout: dict[str, Any] = {} if how == "crs" else {"crs": "EPSG:4326"}
    with pytest.raises(InputError) as raised:
        account(folder, nodata=255, **layout)
    assert words in str(raised.value)
    assert path.name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_band_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match=r"has 1 band\(s\), and band 3 is declared"):
        account(kit.land_cover(tmp_path, kit.patches()), bands=(3,))


def test_a_full_product_stands_or_none(tmp_path: Path):
    cells = kit.patches()
    cells[0, 0] = 99
    with pytest.raises(UnknownTermsError):
        product.build(SLUG, data=kit.land_cover(tmp_path, cells), edition="2019", out=tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.tif"))


def test_all_that_belongs_to_a_raster_is_published(built: product.Product):
    stem = built.data.stem
    names = {path.relative_to(built.folder).as_posix() for path in built.folder.rglob("*") if path.is_file()}
    own = {
        f"{stem}{end}"
        for end in (".tif", ".tif.aux.xml", ".qml", ".csv", "_table.parquet", "_tif.zip", "_fr.kmz")
    }
    assert own | {"preview.png", "report.html", "metadata/iso19115.xml", "metadata/fgdc.xml"} <= names
    assert not [name for name in names if name.endswith((".gpkg", "_shapefile.zip"))]


def test_the_product_passes_its_own_validation(built: product.Product):
    verdict = validation.validate(built.folder)
    assert verdict.passed, verdict.text()
    checks = {point.check for point in verdict.points if point.part.endswith(".tif")}
    assert {"layout", "layer", "grid", "nodata", "legend", "table"} <= checks


def test_rio_cogeo_finds_nothing_wrong(built: product.Product):
    cogeo = pytest.importorskip("rio_cogeo")
    valid, errors, warnings = cogeo.cog_validate(built.folder / f"{built.data.stem}.tif", strict=True)
    assert (valid, errors, warnings) == (True, [], [])


def test_the_file_itself_tells_colours_names_and_origin(built: product.Product):
    path = built.folder / f"{built.data.stem}.tif"
    with rasterio.open(path) as file:
        assert file.colormap(1)[13][:3] == rgb(styles.load(SLUG).colours["urban"])
        assert file.tags(1)["CLASS_13"] == "Urban and built-up"
        assert file.tags()["LAYER"] == SLUG
        assert SOURCE not in file.tags()["SOURCES"]
        assert "sha256" in file.tags()["SOURCES"]
        assert file.nodata == 255
        coarse = file.read(1, out_shape=(file.height // 4, file.width // 4))
    assert set(np.unique(coarse)) <= {
        *range(17),
        255,
    }  # a mean of codes would be a class too, but a wrong one
    rows = etree.parse(f"{path}.aux.xml").findall(".//GDALRasterAttributeTable/Row")
    cells = {int(row[0].text): int(row[1].text) for row in rows}
    assert sum(cells.values()) == built.data.cells.count


def test_csv_and_parquet_say_what_the_table_says(built: product.Product):
    frame = built.data.frame
    with (built.folder / f"{built.data.stem}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["atlas_id"] for row in rows] == frame["atlas_id"].tolist()
    areas = [float(row["area_km2"]) for row in rows]
    assert areas == pytest.approx(frame["area_km2"].tolist(), rel=1e-8)
    told = pd.read_parquet(built.folder / f"{built.data.stem}_table.parquet")
    assert told["cells"].tolist() == frame["cells"].tolist()


def test_records_tell_the_grid(built: product.Product):
    names = {"gmd": "http://www.isotc211.org/2005/gmd", "gco": "http://www.isotc211.org/2005/gco"}
    iso = etree.parse(built.folder / "metadata" / "iso19115.xml")
    sizes = iso.xpath("//gmd:MD_Georectified//gmd:dimensionSize/gco:Integer/text()", namespaces=names)
    grid = built.data.cells.grid
    assert sizes == [str(grid.rows), str(grid.cols)]
    assert iso.xpath("//gmd:MD_Resolution//gco:Distance/text()", namespaces=names) == ["5750"]
    fgdc = etree.parse(built.folder / "metadata" / "fgdc.xml")
    assert fgdc.findtext(".//rastinfo/colcount") == str(grid.cols)
    item = json.loads((built.folder / "metadata" / "stac" / f"{built.data.stem}.json").read_text("utf-8"))
    assert item["properties"]["proj:shape"] == [grid.rows, grid.cols]
    (band,) = item["assets"]["geotiff"]["raster:bands"]
    assert (band["nodata"], band["data_type"]) == (255, "uint8")


def test_same_cells_same_bytes(layer: LayerData, built: product.Product, tmp_path: Path):
    again = tmp_path / "again.csv"
    tif.write_csv(layer, again)
    assert again.read_bytes() == (built.folder / f"{built.data.stem}.csv").read_bytes()
    look = product.Look(product.layer_words.load(SLUG), styles.load(SLUG), "en")
    tif.write(layer, tmp_path / "again.tif", look=look)
    first = built.folder / f"{built.data.stem}.tif"
    assert (tmp_path / "again.tif").read_bytes() == first.read_bytes()


def changed(path: Path, how: str) -> None:
    """Break a published GeoTIFF in one way."""
    with rasterio.open(path) as file:
        cells, profile = file.read(1), file.profile
        tags, band, colours = file.tags(), file.tags(1), file.colormap(1)
    if how == "shifted":
        profile["transform"] = profile["transform"] @ profile["transform"].translation(0.5, 0)
    if how == "strange":
        cells[500, 500] = 77
    if how == "nodata":
        profile["nodata"] = 254
    driver = {"driver": "GTiff"} if how == "plain" else {"driver": "COG", "blocksize": 512}
    with rasterio.open(path, "w", **({"count": 1} | {k: profile[k] for k in _KEPT} | driver)) as file:
        file.write(cells, 1)
        file.update_tags(**tags)
        file.update_tags(1, **band)
        file.write_colormap(1, colours)


_KEPT = ("dtype", "nodata", "width", "height", "crs", "transform")


@pytest.mark.parametrize(
    ("how", "check"),
    [("plain", "layout"), ("shifted", "grid"), ("nodata", "nodata"), ("strange", "legend")],
)
def test_validate_finds_what_is_broken(built: product.Product, tmp_path: Path, how: str, check: str):
    path = tmp_path / f"{built.data.stem}.tif"
    shutil.copy(built.folder / path.name, path)
    changed(path, how)
    failed = {point.check for point in validation.validate(path).points if point.result == "failed"}
    assert check in failed


def test_validate_finds_a_table_that_was_edited(built: product.Product, tmp_path: Path):
    for ending in (".tif", ".csv"):
        shutil.copy(built.folder / f"{built.data.stem}{ending}", tmp_path)
    table = tmp_path / f"{built.data.stem}.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    fields = lines[1].split(",")
    fields[5] = str(int(fields[5]) + 1)
    table.write_text("\n".join([lines[0], ",".join(fields), *lines[2:]]), encoding="utf-8")
    failed = [
        p for p in validation.validate(tmp_path / f"{built.data.stem}.tif").points if p.result == "failed"
    ]
    assert [point.check for point in failed] == ["table"]


def test_a_row_of_the_table_is_explained_from_the_product_alone(built: product.Product):
    told = explain(built.folder / f"{built.data.stem}.tif", "CA-AB-12")
    cover = next(value for value in told["values"] if value["field"] == "land_cover")
    assert (cover["value"], cover["national_value"], cover["source"]) == ("cropland", "12", SOURCE)
    assert "land_cover/raw/" in explain_text(told)


@pytest.mark.parametrize("name", ["gpkg", "shp"])
def test_formats_of_features_are_refused_before_anything_is_read(tmp_path: Path, name: str):
    with pytest.raises(
        UsageError, match=rf"land-cover is a raster and cannot be written as {name}; its formats are"
    ):
        product.build(SLUG, out=tmp_path, formats=(name,))


def test_a_format_of_rasters_is_refused_for_features(tmp_path: Path):
    with pytest.raises(UsageError, match="power-plants is no raster and cannot be written as tif"):
        product.build("power-plants", out=tmp_path, formats=("tif",))


def test_a_raster_has_one_size_of_cells(tmp_path: Path):
    with pytest.raises(UsageError, match=r"is a raster: it has one size of cells.*no --scale 1M"):
        product.build(SLUG, out=tmp_path, scale="1M")


def test_without_starter_rows_the_layer_asks_for_the_data_folder(tmp_path: Path):
    with pytest.raises(InputError, match=r"there are no starter rows .* name a data folder") as raised:
        product.build(SLUG, out=tmp_path)
    assert "\n" not in str(raised.value)


RULES: dict[str, Any] = {
    "kind": "class", "field": "land_cover", "cell_m": 5_750.0, "source_degrees": 0.05, "dtype": "uint8",
    "nodata": 255, "codes": {"water": 0}, "crosswalk": "land_cover",
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"cell_m": 5_600.0}, "whole multiple of 250 m"),
        ({"cell_m": 5_500.0}, "the source has 5,560 m; give 5750"),
        ({"cell_m": 6_000.0}, "the source has 5,560 m; give 5750"),
        ({"source_m": 30.0}, "in degrees or in metres"),
        ({"dtype": "float32"}, "of type uint8"),
        ({"method": "average"}, "never averaged"),
        ({"nodata": 0}, "cannot be a class"),
        ({"crosswalk": ""}, "classes need both"),
        ({"total": "people"}, "counts have a total"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(told: dict[str, Any], words: str):
    with pytest.raises(SpecError, match=words):
        RasterRules(**(RULES | told))
