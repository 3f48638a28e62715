"""KML of any vector file: kinds of files and geometry, looks, harmless texts, and what is refused in one line."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naatlas import framework, styles
from naatlas.errors import InputError, UsageError
from naatlas.export.limits import Limits
from naatlas.metadata import words
from naatlas.publish import anyfile
from naatlas.publish.anyfile import Wishes
from naatlas.publish.looks import PALETTE, REST
from naatlas.styles.qml import qml
from naatlas.validation import kml as linter
from tests.publish_kit import NS, document, saved, texts

if TYPE_CHECKING:
    from pathlib import Path

    from lxml import etree

EVIL = '<script>alert("R&D")</script>'
PLACES = [(-99.13, 19.43), (-123.1, 49.25), (-52.71, 47.56), (-149.9, 61.2)]
KINDS = {
    "points": [shapely.Point(*place) for place in PLACES],
    "lines": [shapely.LineString([place, (-100, 40)]) for place in PLACES],
    "polygons": [shapely.Point(*place).buffer(1) for place in PLACES],
}


def frame(shapes: Any, crs: str = "EPSG:4326", **columns: Any) -> gpd.GeoDataFrame:
    told = {
        "Nombre": ["Año", EVIL, None, "]]>$[x]"],
        "clase": ["a", "b", "a", None],
        "MW": [1.5, 0.0, None, 1e6],
    }
    return gpd.GeoDataFrame(told | columns, geometry=list(shapes), crs="EPSG:4326").to_crs(crs)


def written(path: Path, folder: Path, language: str = "en", **wishes: Any) -> etree._Element:
    told = anyfile.write(path, folder / "out.kmz", language, Wishes(**wishes))  # type: ignore[arg-type]
    return document(told.path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("ending", "crs"),
    [("gpkg", framework.WKT2), ("shp", "EPSG:3857"), ("geojson", "EPSG:4326"), ("fgb", "EPSG:6372")],
)
def test_every_kind_of_file_in_any_coordinate_system(tmp_path: Path, kind: str, ending: str, crs: str):
    path = saved(frame(KINDS[kind], crs), tmp_path / f"Mi capa.{ending}")
    root = written(path, tmp_path, "es", class_field="clase")
    marks = [mark for mark in root.iterfind(".//k:Placemark", NS) if mark.get("id")]
    assert len(marks) == 4
    # FlatGeobuf sorts its features by place
    first = next(mark for mark in marks if mark.findtext("k:name", namespaces=NS) == "Año")
    pairs = [pair.split(",") for pair in " ".join(texts(first, ".//k:coordinates")).split()]
    centre = np.array(pairs, dtype=float)[:, :2]
    assert np.abs(centre - PLACES[0]).max(axis=1).min() < (1e-4 if kind != "polygons" else 1.01)
    assert texts(root, "k:Document/k:name") == ["Mi capa"]
    assert linter.judge(tmp_path / "out.kmz").passed


def test_all_values_arrive_under_the_names_of_the_file(tmp_path: Path):
    path = saved(frame(KINDS["points"]), tmp_path / "a.gpkg")
    root = written(path, tmp_path)
    told = {
        node.get("name"): node.text for node in root.iterfind(".//k:Placemark[@id='id-4']//k:SimpleData", NS)
    }
    assert told["mw"] == "1000000"
    assert told["name"] == "]]>$[x]"
    assert {"Nombre", "clase", "MW"} <= set(texts(root, ".//k:SimpleField/k:displayName"))


def test_texts_are_text_everywhere(tmp_path: Path):
    path = saved(frame(KINDS["polygons"], **{EVIL: ["x"] * 4}), tmp_path / "a.gpkg")
    root = written(path, tmp_path, class_field="Nombre", folder_field="Nombre", title=EVIL, credit=EVIL)
    assert EVIL in texts(root, ".//k:Placemark/k:name")
    assert texts(root, "k:Document/k:name") == [EVIL]
    balloons = [*texts(root, ".//k:Placemark/k:description"), *texts(root, "k:Document/k:description")]
    assert not any("<script" in balloon for balloon in balloons)
    assert any("&lt;script&gt;" in balloon for balloon in balloons)


@given(names=st.lists(st.text(max_size=30), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_any_text_makes_a_valid_document(tmp_path: Path, names: list[str]):
    clean = [name.replace("\x00", "").encode("utf-8", "ignore").decode() for name in names]
    told = gpd.GeoDataFrame({"name": clean}, geometry=KINDS["points"][: len(names)], crs="EPSG:4326")
    path = saved(told, tmp_path / "a.gpkg")
    column = "name" if any(name.strip() for name in clean) else None
    assert len(written(path, tmp_path, class_field=column).findall(".//k:Placemark", NS)) == len(names)


def test_classes_have_colours_and_the_legend_and_folders_by_class(tmp_path: Path):
    root = written(saved(frame(KINDS["polygons"]), tmp_path / "a.gpkg"), tmp_path, "fr", class_field="clase")
    assert [name for name in texts(root, ".//k:Folder/k:name") if name[0] in "abN"] == [
        "a (2)",
        "b (1)",
        "Non précisé (1)",
        "Noms",
    ]
    fills = set(texts(root, ".//k:Style[@id]/k:PolyStyle/k:color"))
    assert {f"{colour[5:7]}{colour[3:5]}{colour[1:3]}" for colour in PALETTE[:2]} <= {
        fill[2:] for fill in fills
    }
    with zipfile.ZipFile(tmp_path / "out.kmz") as archive:
        assert {"files/legend.png", "files/title.png"} <= set(archive.namelist())


def test_many_values_keep_the_most_frequent_and_put_the_rest_together(tmp_path: Path):
    values = [f"v{number // 2}" for number in range(40)]
    shapes = [shapely.Point(-100 + number, 40) for number in range(40)]
    told = gpd.GeoDataFrame({"v": values}, geometry=shapes, crs="EPSG:4326")
    root = written(saved(told, tmp_path / "a.gpkg"), tmp_path, class_field="v")
    folders = texts(root, ".//k:Folder/k:name")
    assert len(folders) == len(PALETTE)
    assert "Other (12) (24)" in folders
    assert REST not in PALETTE


def test_numbers_are_shown_in_steps_and_as_sizes(tmp_path: Path):
    shapes = [shapely.Point(-100 + number, 40) for number in range(30)]
    told = gpd.GeoDataFrame({"n": np.arange(30) ** 2}, geometry=shapes, crs="EPSG:4326")
    root = written(saved(told, tmp_path / "a.gpkg"), tmp_path, class_field="n", size_field="n")
    scales = {float(scale) for scale in texts(root, ".//k:IconStyle/k:scale")}
    assert len(scales) > 4
    with zipfile.ZipFile(tmp_path / "out.kmz") as archive:
        assert sum(name.startswith("files/circle-") for name in archive.namelist()) == 5


def test_a_colour_a_styles_file_and_a_qgis_style_say_the_same(tmp_path: Path):
    told = frame(KINDS["points"], source=["wind", "coal", "wind", "hydroelectric"])
    path = saved(told, tmp_path / "a.gpkg")
    style, own = styles.load("power-plants"), words.load("power-plants")
    lines = "\n".join(f"  {code}: {{colour: '{colour}'}}" for code, colour in style.colours.items())
    (tmp_path / "s.yaml").write_text(f"field: source\nclass_list: x\nclasses:\n{lines}\n", encoding="utf-8")
    written(path, tmp_path, style=str(tmp_path / "s.yaml"))
    with zipfile.ZipFile(tmp_path / "out.kmz") as archive:
        by_yaml = {archive.read(name) for name in archive.namelist() if "circle" in name}
    names = {code: own.class_label("energy_source", code, "en") for code in style.colours} | {None: "none"}
    made = qml(style, names, "Point").replace('attr="primary_source"', 'attr="source"')
    (tmp_path / "s.qml").write_text(made, encoding="utf-8")
    root = written(path, tmp_path, style=str(tmp_path / "s.qml"))
    assert any(name.startswith("Wind (") for name in texts(root, ".//k:Folder/k:name"))
    with zipfile.ZipFile(tmp_path / "out.kmz") as archive:
        assert {archive.read(name) for name in archive.namelist() if "circle" in name} == by_yaml
    assert len(by_yaml) == 3
    written(path, tmp_path, style="#Ff0000")
    with zipfile.ZipFile(tmp_path / "out.kmz") as archive:
        assert sum("circle" in name for name in archive.namelist()) == 1


def test_it_opens_at_its_own_extent(tmp_path: Path):
    near = [shapely.Point(-99.1 + step, 19.4) for step in (0, 0.01, 0.02, 0.03)]
    root = written(saved(frame(near), tmp_path / "a.gpkg"), tmp_path)
    view = {
        node.tag.split("}")[1]: float(node.text)
        for node in root.find("k:Document/k:LookAt", NS)
        if node.text[0] != "c"
    }
    assert view["longitude"] == pytest.approx(-99.085, abs=1e-3)
    assert view["latitude"] == pytest.approx(19.4, abs=1e-3)
    assert 2_000 <= view["range"] < 10_000


def test_it_is_cut_at_180_degrees(tmp_path: Path):
    across = shapely.Polygon([(179, 52), (181, 52), (181, 54), (179, 54)])
    told = gpd.GeoDataFrame({"name": ["Aleutians"]}, geometry=[across], crs="EPSG:4326")
    root = written(saved(told, tmp_path / "a.gpkg"), tmp_path)
    lon = [float(p.split(",")[0]) for t in texts(root, ".//k:Polygon//k:coordinates") for p in t.split()]
    assert min(lon) == -180
    assert max(lon) == 180
    assert len(root.findall(".//k:Polygon", NS)) == 2


def test_multipoints_become_points_and_a_feature_without_place_stays_in_the_list(tmp_path: Path):
    shapes = [shapely.MultiPoint([(-100, 40), (-101, 41)]), None]
    told = gpd.GeoDataFrame({"name": ["two", "none"]}, geometry=shapes, crs="EPSG:4326")
    result = anyfile.write(saved(told, tmp_path / "a.gpkg"), tmp_path / "out.kmz", "en")
    assert (result.features, result.without_place) == (3, 1)
    assert [mark.get("id") for mark in document(result.path).iterfind(".//k:Placemark", NS)] == [
        "id-1-1",
        "id-1-2",
        "id-2",
    ]


def test_a_large_layer_becomes_a_pyramid(tmp_path: Path):
    shapes = shapely.points(np.random.default_rng(1).uniform((-120, 30), (-80, 50), (1500, 2)))
    told = gpd.GeoDataFrame({"name": [str(n) for n in range(1500)]}, geometry=shapes, crs="EPSG:4326")
    result = anyfile.write(
        saved(told, tmp_path / "a.fgb"), tmp_path / "out.kmz", "en", limits=Limits(features=500)
    )
    assert not result.whole
    assert document(result.path).findall(".//k:NetworkLink", NS)


def test_same_file_same_bytes(tmp_path: Path):
    path = saved(frame(KINDS["polygons"]), tmp_path / "a.gpkg")
    made = [
        anyfile.write(path, tmp_path / f"{n}.kmz", "es", Wishes(class_field="clase")).path.read_bytes()
        for n in "ab"
    ]
    assert made[0] == made[1]


def broken(path: Path) -> None:
    saved(frame(KINDS["points"]), path)
    path.write_bytes(path.read_bytes()[:5000])


def lost_crs(path: Path) -> None:
    saved(frame(KINDS["points"]).set_crs(None, allow_override=True), path)


def metres_called_degrees(path: Path) -> None:
    saved(frame(KINDS["points"], "EPSG:3857").set_crs("EPSG:4326", allow_override=True), path)


def put(shapes: list[Any]) -> Any:
    def make(path: Path) -> None:
        columns = {"name": [str(n) for n in range(len(shapes))]}
        saved(gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326"), path)

    return make


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (broken, "a.gpkg", "damaged"),
        (lost_crs, "a.shp", "coordinate system"),
        (metres_called_degrees, "a.gpkg", "no longitude and latitude"),
        (put([shapely.GeometryCollection([shapely.Point(0, 0)])]), "a.gpkg", "geometry collections"),
        (put([shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])]), "a.geojson", "mixes kinds"),
        (put([None]), "a.geojson", "no feature has a geometry"),
        (lambda path: saved(frame(KINDS["points"]).iloc[:0], path), "a.gpkg", "no features"),
        (lambda path: path.write_bytes(b""), "a.gpkg", "empty"),
        (lambda path: path.write_bytes(b"no map"), "a.gpkg", "GDAL cannot open"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_bad_files_are_told_in_one_line(tmp_path: Path, make: Any, name: str, says: str):
    make(tmp_path / name)
    with pytest.raises(InputError, match=says) as told:
        anyfile.write(tmp_path / name, tmp_path / "out.kmz", "en")
    assert "\n" not in str(told.value)
    assert name in str(told.value)
    assert not (tmp_path / "out.kmz").exists()


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"class_field": "nope"}, "no column 'nope'; there are Nombre, clase, MW"),
        ({"name_field": "nope"}, "no column 'nope'"),
        ({"style": "nope.qml"}, "no such file"),
        ({"size_field": "clase"}, "give a number"),
        ({"layer": "nope"}, "has no layer 'nope'"),
    ],
)
def test_wrong_wishes_are_told_in_one_line(tmp_path: Path, wishes: dict[str, str], says: str):
    path = saved(frame(KINDS["points"]), tmp_path / "a.gpkg")
    with pytest.raises((UsageError, InputError), match=says) as told:
        anyfile.write(path, tmp_path / "out.kmz", "en", Wishes(**wishes))
    assert "\n" not in str(told.value)


def test_a_style_without_a_class_for_a_value_is_refused(tmp_path: Path):
    path = saved(frame(KINDS["points"]), tmp_path / "a.gpkg")
    (tmp_path / "s.yaml").write_text("field: clase\nclasses:\n  a: {colour: '#112233'}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no class for b of column 'clase'"):
        written(path, tmp_path, style=str(tmp_path / "s.yaml"))
    (tmp_path / "s.qml").write_text("<qgis><renderer-v2 type='RuleRenderer'/></qgis>", encoding="utf-8")
    with pytest.raises(UsageError, match="RuleRenderer"):
        written(path, tmp_path, style=str(tmp_path / "s.qml"))


def test_a_crs_can_be_told(tmp_path: Path):
    told = frame(KINDS["points"], "EPSG:6372").set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        path = saved(told, tmp_path / "a.shp")
    root = written(path, tmp_path, crs="EPSG:6372")
    lon, lat, *_ = texts(root, ".//k:Placemark[@id='id-1']//k:coordinates")[0].split(",")
    assert (float(lon), float(lat)) == pytest.approx(PLACES[0], abs=1e-4)


def test_several_layers_are_named(tmp_path: Path):
    path = tmp_path / "a.gpkg"
    saved(frame(KINDS["points"]), path, layer="one")
    saved(frame(KINDS["lines"]), path, layer="two")
    with pytest.raises(UsageError, match="choose one with --layer: one, two"):
        anyfile.write(path, tmp_path / "out.kmz", "en")
    assert written(path, tmp_path, layer="two").findall(".//k:LineString", NS)


def test_types_of_columns(tmp_path: Path):
    told = frame(
        KINDS["points"],
        whole=pd.array([1, None, 3, 4], dtype="Int64"),
        yes=[True, False, True, False],
        day=pd.to_datetime(["2020-01-02"] * 4),
        infinite=[np.inf, 1.0, 2.0, np.nan],
    )
    root = written(saved(told, tmp_path / "a.gpkg"), tmp_path)
    values = {
        node.get("name"): node.text for node in root.iterfind(".//k:Placemark[@id='id-1']//k:SimpleData", NS)
    }
    assert values["whole"] == "1"
    assert values["yes"] == "1"
    assert values["day"].startswith("2020")
    kinds = {node.get("name"): node.get("type") for node in root.iterfind(".//k:SimpleField", NS)}
    assert (kinds["whole"], kinds["yes"], kinds["mw"]) == ("int", "bool", "double")
