"""``naatlas validate``: what is sound passes, and whatever is broken is named with what to do about it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
from click.testing import CliRunner
from shapely.geometry import LineString, MultiPoint, Point

from naatlas import framework, validation
from naatlas.cli import main
from naatlas.errors import InputError, UsageError
from naatlas.layers.renewable_capacity import SPEC
from naatlas.validation import Verdict, recognise
from tests import tiny

SLUG = SPEC.slug


def points(verdict: Verdict, result: str = "failed") -> dict[str, str]:
    return {p.check: f"{p.told} -> {p.advice}" for p in verdict.points if p.result == result}


def fails(verdict: Verdict, check: str, *words: str) -> None:
    """Prove that a point fails, says why, and says what to do."""
    assert not verdict.passed, verdict.text()
    told = points(verdict)
    assert check in told, verdict.text()
    for word in words:
        assert word in told[check]
    assert not told[check].endswith("-> "), "no advice"
    assert "not accepted" in verdict.text()


#: What a package carries that was built here, and one that somebody else delivers does not.
SEAL = ("manifest.json", "SHA256SUMS")


# a product


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("validate"))


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the product, to damage it."""
    tiny.install(monkeypatch)
    return Path(shutil.copytree(built, tmp_path / "2023"))


def test_the_products_in_a_folder_are_named(built: Path):
    with pytest.raises(UsageError, match=r"give one of the products in it: .*2023$"):
        validation.validate(built.parents[1])


def test_product_passes(folder: Path):
    verdict = validation.validate(folder)
    assert verdict.passed, verdict.text()
    assert verdict.kind == "product"
    parts = {point.part for point in verdict.points}
    assert {"NA_TinyPlants_2023_en.kmz", "metadata/iso19115.xml", "NA_TinyPlants_2023.gpkg"} <= parts
    assert "NA_TinyPlants_2023_shapefile.zip" in parts
    assert verdict.text().endswith("accepted") or "accepted, " in verdict.text()


def files() -> list[str]:
    endings = (".gpkg", "_shapefile.zip", "_en.kmz", "_provenance.parquet")
    return [*(f"NA_TinyPlants_2023{e}" for e in endings), "report.json", "metadata/fgdc.xml", "preview.png"]


@pytest.mark.parametrize("name", files())
def test_one_changed_byte_is_named(folder: Path, name: str):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (folder / name).write_bytes(content)
    verdict = validation.validate(folder)
    assert not verdict.passed
    (told,) = [p.told for p in verdict.points if p.check == "checksums" and not p.part]
    assert told.startswith(f"{name} was changed")


def test_lost_and_added_files_are_named(folder: Path):
    (folder / "report.html").unlink()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    told = [p.told for p in validation.validate(folder).points if p.check == "checksums" and not p.part]
    assert told == ["report.html is missing", "notes.txt is not part of the product"]


def test_truncated_parts_do_not_end_the_judgement(folder: Path):
    for name in files()[:3]:
        (folder / name).write_bytes((folder / name).read_bytes()[:300])
    verdict = validation.validate(folder)
    broken = {p.part for p in verdict.points if p.result == "failed" and p.part}
    assert broken == set(files()[:3])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 3}', '{"files": {"a": 1}}'])
def test_manifest_that_is_none(folder: Path, text: str):
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    verdict = validation.validate(folder)
    fails(verdict, "checksums", "manifest.json is damaged", "build it again")


def test_command_says_the_same_in_text_and_json(folder: Path):
    run = CliRunner()
    assert run.invoke(main, ["validate", str(folder)]).exit_code == 0
    (folder / "report.html").write_text("<p>Nothing</p>", encoding="utf-8")
    text, told = (
        run.invoke(main, ["validate", str(folder)]),
        run.invoke(main, ["validate", str(folder), "--json"]),
    )
    assert (text.exit_code, told.exit_code) == (1, 1)
    assert "FAIL checksums: report.html was changed" in text.stdout
    assert "not accepted: 1 point failed" in text.stdout
    assert json.loads(told.stdout)["passed"] is False
    assert (text.stderr, told.stderr) == ("", "")


# what is recognised


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.kmz", "kml"),
        ("A.KML", "kml"),
        ("a.xml", "record"),
        ("a.gpkg", "layer"),
        ("a.shp", "layer"),
        ("a.geojson", "layer"),
    ],
)
def test_kinds(tmp_path: Path, name: str, kind: str):
    (tmp_path / name).write_bytes(b"x")
    assert recognise(tmp_path / name) == kind


def test_what_cannot_be_judged(tmp_path: Path):
    with pytest.raises(UsageError, match=r"a folder without manifest\.json; give a product folder"):
        recognise(tmp_path)
    for name in ("a.docx", "a.pdf", "a"):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(UsageError, match=r"cannot be judged; give a product folder"):
            recognise(tmp_path / name)
    (tmp_path / "a.kmz").write_bytes(b"")
    with pytest.raises(InputError, match=r"a\.kmz: the file is empty"):
        recognise(tmp_path / "a.kmz")
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04cut")
    with pytest.raises(InputError, match="not a zip file, or cut off"):
        recognise(tmp_path / "a.zip")


def test_records(folder: Path, tmp_path: Path):
    assert validation.validate(folder / "metadata" / "iso19115.xml").passed
    (tmp_path / "page.xml").write_text("<html><body/></html>", encoding="utf-8")
    fails(
        validation.validate(tmp_path / "page.xml"),
        "metadata-unknown",
        "no metadata record that can be judged",
    )
    (tmp_path / "cut.xml").write_text("<metadata><idinfo>", encoding="utf-8")
    fails(validation.validate(tmp_path / "cut.xml"), "xml-not-well-formed")


# a layer that somebody else delivers


@pytest.fixture
def delivery() -> gpd.GeoDataFrame:
    """Three dams, as a contractor should deliver them."""
    lon, lat = np.array([-73.66, -114.73, -104.45]), np.array([45.59, 36.02, 21.43])
    table = pd.DataFrame(
        {
            "atlas_id": ["CAN-1", "USA-3", "MEX-5"],
            "country": ["CAN", "USA", "MEX"],
            "state": ["CA-QC", "US-AZ", "MX-NAY"],
            "name": ["Rivière-des-Prairies", "Hoover Dam", "El Cajón"],
            "renewable_mw": [54.0, 2079.0, 750.0],
            "primary_renewable": "hydroelectric",
            "reference_period": "2023",
            "latitude": lat,
            "longitude": lon,
            "coordinate_quality": "as_published",
        }
    )
    x, y = framework.project(lon, lat)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs=framework.crs())


Deliver = Callable[..., Path]


@pytest.fixture
def deliver(tmp_path: Path) -> Deliver:
    def write(frame: pd.DataFrame, name: str = "dams.gpkg", **options: object) -> Path:
        pyogrio.write_dataframe(frame, tmp_path / name, **options)
        return tmp_path / name

    return write


def judged(path: Path) -> Verdict:
    return validation.validate(path, layer=SLUG)


def test_compatible_delivery_is_accepted(delivery: gpd.GeoDataFrame, deliver: Deliver):
    verdict = judged(deliver(delivery))
    assert verdict.passed, verdict.text()
    assert points(verdict, "warning") == {}
    assert points(verdict, "passed")["coordinate system"].startswith(framework.NAME)


def test_shapefile_with_short_names_is_accepted(delivery: gpd.GeoDataFrame, deliver: Deliver, tmp_path: Path):
    short = delivery.rename(columns={f.name: f.dbf for f in SPEC.fields if f.dbf})
    deliver(short, "dams.shp", encoding="UTF-8")
    assert judged(tmp_path / "dams.shp").passed
    with zipfile.ZipFile(tmp_path / "dams.zip", "w") as archive:
        for part in sorted(tmp_path.glob("dams.*")):
            if part.suffix != ".zip":
                archive.write(part, f"data/{part.name}")
    verdict = judged(tmp_path / "dams.zip")
    assert verdict.passed, verdict.text()
    assert "no record inside" in points(verdict, "warning")["metadata"]


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:9311", "9311"),
        ("+proj=laea +lat_0=45 +lon_0=-100 +datum=WGS84", "WGS"),
        ("EPSG:4326", ""),
        ("EPSG:3857", ""),
        ("ESRI:102008", ""),
    ],
)
def test_other_coordinate_systems(delivery: gpd.GeoDataFrame, deliver: Deliver, crs: str, words: str):
    verdict = judged(deliver(delivery.to_crs(crs)))
    fails(verdict, "coordinate system", words, "project to the framework", "sphere 6,370,997 m")


def test_epsg_2163_which_gdal_swaps(delivery: gpd.GeoDataFrame, deliver: Deliver):
    path = deliver(delivery)  # a writer of today cannot even write 2163: it becomes 9311
    definition = pyproj.CRS("EPSG:2163").to_wkt("WKT1_GDAL")
    with closing(sqlite3.connect(path)) as package, package:
        (used,) = package.execute("SELECT srs_id FROM gpkg_geometry_columns").fetchone()
        change = (
            "UPDATE gpkg_spatial_ref_sys SET organization='EPSG', organization_coordsys_id=2163, definition=?"
        )
        package.execute(f"{change} WHERE srs_id=?", (definition, used))
    verdict = judged(path)
    assert verdict.passed
    told = points(verdict, "warning")["coordinate system"]
    assert "EPSG:2163 has the framework's figures, but GDAL puts EPSG:9311 in its place" in told
    assert "-> declare it as named WKT" in told


def test_no_prj(delivery: gpd.GeoDataFrame, deliver: Deliver, tmp_path: Path):
    deliver(delivery.rename(columns={f.name: f.dbf for f in SPEC.fields if f.dbf}), "dams.shp")
    (tmp_path / "dams.prj").unlink()
    fails(
        judged(tmp_path / "dams.shp"),
        "coordinate system",
        "none is given (no .prj)",
        "project to the framework",
    )


def test_missing_required_columns_are_each_named(delivery: gpd.GeoDataFrame, deliver: Deliver):
    verdict = judged(deliver(delivery.drop(columns=["state", "renewable_mw"])))
    told = [p.told for p in verdict.points if p.check == "column"]
    assert told == [
        "state (in a shapefile: StateProv) is missing",
        "renewable_mw (in a shapefile: Renew_MW) is missing",
    ]
    assert not verdict.passed


def test_optional_and_strange_columns_are_told_in_one_line_each(delivery: gpd.GeoDataFrame, deliver: Deliver):
    verdict = judged(deliver(delivery.assign(remark="x", Shape_Area=1.0)))
    assert verdict.passed
    assert "not in the specification: remark, Shape_Area" in points(verdict, "warning")["columns"]
    assert "year_online" in points(verdict, "note")["columns"]


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        ("primary_renewable", "Hydro", "code-unknown"),
        ("state", "Quebec", "code-unknown"),
        ("country", "Kanada", "code-unknown"),
        ("coordinate_quality", "good", "code-unknown"),
        ("atlas_id", None, "required-empty"),
        ("name", "", None),
    ],
)
def test_wrong_codes_and_empty_cells(
    delivery: gpd.GeoDataFrame, deliver: Deliver, column: str, value: str | None, check: str | None
):
    delivery.loc[0, column] = value
    verdict = judged(deliver(delivery))
    assert not verdict.passed, verdict.text()
    if check is not None:
        assert [p for p in verdict.points if p.result == "failed" and column in p.told], verdict.text()


def test_doubled_key(delivery: gpd.GeoDataFrame, deliver: Deliver):
    delivery["atlas_id"] = "CAN-1"
    fails(judged(deliver(delivery)), "key-repeated")


@pytest.mark.parametrize(
    ("column", "values"), [("year_online", [1936.5, 1.0, 2.0]), ("renewable_mw", ["54", "n.d.", "750"])]
)
def test_values_of_another_type(
    delivery: gpd.GeoDataFrame, deliver: Deliver, column: str, values: list[object]
):
    delivery[column] = values
    fails(
        judged(deliver(delivery)),
        "type",
        column,
        "1 value(s)" if column == "renewable_mw" else "such as 1936.5",
    )


def test_swapped_columns(delivery: gpd.GeoDataFrame, deliver: Deliver):
    swapped = delivery.rename(columns={"latitude": "longitude", "longitude": "latitude"})
    fails(judged(deliver(swapped)), "placed-off-continent", "swapped latitude and longitude")


def test_points_that_were_projected_wrongly(delivery: gpd.GeoDataFrame, deliver: Deliver):
    ellipsoid = delivery.to_crs("+proj=laea +lat_0=45 +lon_0=-100 +datum=WGS84").set_crs(
        framework.crs(), allow_override=True
    )
    fails(judged(deliver(ellipsoid)), "geometry and coordinates", "m apart", "project the points again")


def test_points_without_coordinates(delivery: gpd.GeoDataFrame, deliver: Deliver):
    empty = delivery.assign(longitude=np.nan, latitude=np.nan)
    fails(judged(deliver(empty)), "geometry and coordinates", "no feature has both")


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (MultiPoint([(0, 0)]), "MultiPoint where Point is expected"),
        (LineString([(0, 0), (1, 1)]), "LineString where Point is expected"),
        (None, "1 of 3 features have none"),
        (Point(), "1 of 3 features have none"),
    ],
)
def test_other_geometry(delivery: gpd.GeoDataFrame, deliver: Deliver, geometry: object, words: str):
    delivery["geometry"] = [*delivery.geometry[:2], geometry]
    name, driver = (
        ("dams.geojson", "GeoJSON") if words.startswith(("Multi", "Line")) else ("dams.gpkg", "GPKG")
    )
    fails(judged(deliver(delivery, name, driver=driver)), "geometry", words)


def test_table_without_geometry_and_layer_without_features(delivery: gpd.GeoDataFrame, deliver: Deliver):
    fails(
        judged(deliver(pd.DataFrame(delivery.drop(columns="geometry")), "table.gpkg")),
        "geometry",
        "a table without geometry",
    )
    fails(judged(deliver(delivery.iloc[:0], "none.gpkg")), "features", "the layer is empty")


@pytest.mark.parametrize("content", [b"SQLite format 3\x00" + bytes(100), b"no map at all"])
def test_file_that_is_no_layer(tmp_path: Path, content: bytes):
    (tmp_path / "a.gpkg").write_bytes(content)
    with pytest.raises(InputError, match=r"^a\.gpkg: ") as told:
        judged(tmp_path / "a.gpkg")
    assert "\n" not in str(told.value)


def test_zip_of_several_layers_or_none(tmp_path: Path):
    for names in (["a.shp", "b.shp"], ["readme.txt"]):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name in names:
                archive.writestr(name, b"x")
        with pytest.raises(InputError, match="map layers inside where one is expected"):
            judged(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("lost", "result", "words"),
    [
        (".shx", "failed", ".shx of NA_TinyPlants_2023.shp missing -> zip all parts together"),
        ((".dbf", ".shx"), "failed", ".dbf, .shx of NA_TinyPlants_2023.shp missing"),
        (".cpg", "warning", "does not say its encoding"),
    ],
)
def test_zip_that_lacks_parts_of_the_shapefile(
    folder: Path, tmp_path: Path, lost: str | tuple[str, ...], result: str, words: str
):
    whole = folder / "NA_TinyPlants_2023_shapefile.zip"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "a.zip", "w") as new:
        for name in old.namelist():
            if not name.endswith((*([lost] if isinstance(lost, str) else lost), *SEAL)):
                new.writestr(name, old.read(name))
    verdict = validation.validate(tmp_path / "a.zip")
    assert verdict.passed == (result == "warning")
    assert words in points(verdict, result)["parts"]


def test_layer_is_guessed_by_name_then_by_columns(
    delivery: gpd.GeoDataFrame, deliver: Deliver, tmp_path: Path
):
    assert validation.validate(deliver(delivery)).kind == "layer, held to renewable-capacity"
    assert validation.validate(deliver(delivery, layer="power_plants")).kind == "layer, held to power-plants"
    with pytest.raises(
        UsageError, match=r"columns are those of no layer; name one with --layer \(.*power-plants, "
    ):
        validation.validate(deliver(delivery[["geometry"]].assign(a=1, b=2), "x.gpkg"))
    with pytest.raises(UsageError, match="no layer 'nix'"):
        validation.validate(tmp_path / "x.gpkg", layer="nix")


# a package that was built here, in somebody else's hands


def rezipped(whole: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def test_package_alone_proves_that_it_is_whole(folder: Path):
    verdict = validation.validate(folder / "NA_TinyPlants_2023_shapefile.zip")
    assert verdict.passed, verdict.text()
    (told,) = [p for p in verdict.points if p.check == "checksums"]
    assert told.result == "passed"
    assert "files are as the manifest says" in told.told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda n, c: c + b" " if n.endswith("_en.txt") and "Terms" in n else c,
            "Terms_of_Use_en.txt was changed",
        ),
        (lambda n, c: None if n.endswith("fgdc.xml") else c, "metadata/fgdc.xml is missing"),
    ],
)
def test_package_that_was_tampered_with(
    folder: Path, tmp_path: Path, change: Callable[[str, bytes], bytes | None], told: str
):
    whole = folder / "NA_TinyPlants_2023_shapefile.zip"
    fails(validation.validate(rezipped(whole, tmp_path / "a.zip", change)), "checksums", told)


def test_file_added_to_a_package_is_named(folder: Path, tmp_path: Path):
    target = Path(shutil.copy(folder / "NA_TinyPlants_2023_shapefile.zip", tmp_path / "a.zip"))
    with zipfile.ZipFile(target, "a") as package:
        package.writestr("NA_TinyPlants/data/notes.doc", b"mine")
    fails(validation.validate(target), "checksums", "data/notes.doc is not part of the product")


def test_unpacked_package_is_judged_as_a_whole(folder: Path, tmp_path: Path):
    with zipfile.ZipFile(folder / "NA_TinyPlants_2023_shapefile.zip") as package:
        package.extractall(tmp_path)
    verdict = validation.validate(tmp_path / "NA_TinyPlants")
    assert verdict.passed, verdict.text()
    assert {"data/NA_TinyPlants_2023.shp", "metadata/fgdc.xml"} <= {point.part for point in verdict.points}
    (tmp_path / "NA_TinyPlants" / "data" / "NA_TinyPlants_2023.prj").unlink()
    verdict = validation.validate(tmp_path / "NA_TinyPlants")
    fails(verdict, "checksums", "data/NA_TinyPlants_2023.prj is missing")
    fails(verdict, "coordinate system", "none is given")
