"""Lines and polygons in every product: whole, rightly wound, split at 180 degrees, drawn, the same every time."""

from __future__ import annotations

import dataclasses
import io
import sqlite3
import struct
import zipfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import fastkml
import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from naatlas import export, framework
from naatlas.errors import ProductError, SpecError
from naatlas.export import (
    agreement,
    arrow,
    gpkg,
    kmz,
    labels,
    legend,
    outlines,
    package,
    parquet,
    preview,
    strokes,
)
from naatlas.styles.qml import qml
from naatlas.text import clean
from naatlas.validation import kml as kml_rules
from tests import export_samples as samples

if TYPE_CHECKING:
    from naatlas.model import LayerData

KINDS = ("LineString", "Polygon")
K = "{http://www.opengis.net/kml/2.2}"
both = pytest.mark.parametrize("kind", KINDS)
counts = pytest.mark.parametrize("count", [0, 1, 23])


@pytest.fixture(scope="module")
def schema():
    """Return the OGC schema of KML 2.2, which fastkml carries."""
    return etree.XMLSchema(etree.parse(Path(fastkml.__file__).parent / "schema" / "ogckml22.xsd"))


@pytest.fixture
def _own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export.all_words, "load", lambda _: samples.WORDS)
    monkeypatch.setattr(export.styles, "load", lambda _: samples.SHAPE_STYLE)


def as_kmz(data: LayerData, folder: Path, language: str = "en"):
    kmz.write(data, folder / "a.kmz", look=samples.shape_look(language))
    with zipfile.ZipFile(folder / "a.kmz") as archive:
        return etree.fromstring(archive.read("doc.kml"))


def xy(element: etree._Element):
    """Return the vertices of a KML element."""
    return np.array([told.split(",") for told in element.findtext(f"{K}coordinates").split()], dtype=float)


def drawn(placemark: etree._Element, kind: str):
    """Return the geometry of a placemark as shapely reads it."""
    if kind == "LineString":
        return shapely.MultiLineString([xy(line) for line in placemark.iter(f"{K}LineString")])
    polygons = []
    for polygon in placemark.iter(f"{K}Polygon"):
        holes = [xy(ring[0]) for ring in polygon.iter(f"{K}innerBoundaryIs")]
        polygons.append(shapely.Polygon(xy(polygon.find(f"{K}outerBoundaryIs")[0]), holes))
    return shapely.MultiPolygon(polygons)


def features(root: etree._Element):
    """Return the placemarks of features, by key: those with attributes."""
    path = f"{K}ExtendedData/{K}SchemaData/{K}SimpleData[@name='atlas_id']"
    marks = [(mark.findtext(path), mark) for mark in root.iter(f"{K}Placemark")]
    return {key: mark for key, mark in marks if key}


@both
@counts
def test_geopackage_says_the_same(tmp_path: Path, kind: str, count: int):
    data, path = samples.shape_layer(kind, count), tmp_path / "a.gpkg"
    gpkg.write(data, path, documents=samples.DOCUMENTS, look=samples.shape_look())
    agreement.check_gpkg(data, path)
    frame = gpd.read_file(path, layer="test_shapes")
    assert shapely.equals(frame.geometry.to_numpy(), data.shapes.metres).all()
    with closing(sqlite3.connect(path)) as file:
        told = file.execute("SELECT geometry_type_name, z, m FROM gpkg_geometry_columns").fetchall()
        assert told == [(f"MULTI{kind.upper()}", 0, 0)]
        assert file.execute("SELECT count(*) FROM rtree_test_shapes_geom").fetchall() == [(count,)]
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@both
@counts
def test_geoparquet_says_the_same(tmp_path: Path, kind: str, count: int):
    data, path = samples.shape_layer(kind, count), tmp_path / "a.parquet"
    parquet.write(data, path)
    agreement.check_parquet(data, path)
    assert shapely.equals(gpd.read_parquet(path).geometry.to_numpy(), data.shapes.metres).all()


@both
@counts
def test_shapefile_says_the_same(tmp_path: Path, kind: str, count: int):
    data, path = samples.shape_layer(kind, count), tmp_path / "a.zip"
    package.write(data, path, documents=samples.DOCUMENTS, words=samples.WORDS)
    agreement.check_shapefile(data, path)
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".shp"))
        told = archive.read(name)
    assert struct.unpack("<i", told[32:36])[0] == {"LineString": 3, "Polygon": 5}[kind]
    frame = gpd.read_file(f"/vsizip/{path}/{name}")
    assert shapely.equals(frame.geometry.to_numpy(), data.shapes.metres).all()


def test_rings_of_the_shapefile_run_as_its_format_asks(tmp_path: Path):
    """Outer rings clockwise, holes the other way: read from the bytes, since GDAL sorts rings out as it reads."""
    data, path = samples.shape_layer("Polygon", 3), tmp_path / "a.zip"
    package.write(data, path, documents={}, words=samples.WORDS)
    with zipfile.ZipFile(path) as archive:
        told = archive.read(next(name for name in archive.namelist() if name.endswith(".shp")))
    at, turns = 100, []
    while at < len(told):
        size = struct.unpack(">i", told[at + 4 : at + 8])[0] * 2
        parts, points = struct.unpack("<2i", told[at + 44 : at + 52])
        starts = [*struct.unpack(f"<{parts}i", told[at + 52 : at + 52 + 4 * parts]), points]
        rings = np.frombuffer(told, "<f8", 2 * points, at + 52 + 4 * parts).reshape(-1, 2)
        turns.append(sorted(shapely.is_ccw(shapely.LinearRing(rings[a:b])) for a, b in pairwise(starts)))
        at += 8 + size
    assert turns == [[False], [False, False], [False, False, True, True]]


def test_rings_of_the_geopackage_run_counter_clockwise():
    data = samples.shape_layer("Polygon", 6)
    backwards = shapely.reverse(data.shapes.metres)
    assert arrow.wkb_shapes(backwards, "Polygon").to_pylist() != shapely.to_wkb(backwards).tolist()
    for shape in arrow.uniform(backwards, "Polygon"):
        for part in shape.geoms:
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)


@both
def test_nothing_and_emptiness_are_null(kind: str):
    empty = shapely.from_wkt(f"{kind} EMPTY")
    told = arrow.wkb_shapes(np.array([None, empty, samples.shapes(kind, 1).metres[0]], dtype=object), kind)
    assert told.is_null().to_pylist() == [True, True, False]


@both
def test_one_moved_vertex_is_seen(tmp_path: Path, kind: str):
    data, path = samples.shape_layer(kind, 5), tmp_path / "a.gpkg"
    gpkg.write(data, path, documents={}, look=samples.shape_look())
    data.shapes.metres[3] = shapely.transform(
        data.shapes.metres[3], lambda told: told + np.array([1e-6, 0.0])
    )
    with pytest.raises(ProductError, match="column geometry does not say"):
        agreement.check_gpkg(data, path)


@both
def test_a_lost_part_of_a_shapefile_is_seen(tmp_path: Path, kind: str):
    data, path = samples.shape_layer(kind, 5), tmp_path / "a.zip"
    package.write(data, path, documents={}, words=samples.WORDS)
    data.shapes.metres[2] = shapely.get_parts(data.shapes.metres[2])[0]
    with pytest.raises(ProductError, match="1 shapes of other size"):
        agreement.check_shapefile(data, path)


@both
@counts
@pytest.mark.parametrize("language", ["en", "fr"])
def test_kml_is_valid_and_agrees(
    tmp_path: Path, schema: etree.XMLSchema, kind: str, count: int, language: str
):
    data = samples.shape_layer(kind, count)
    if count:
        data.frame.loc[0, "primary_source"] = np.nan
    root = as_kmz(data, tmp_path, language)
    schema.assertValid(root)
    agreement.check_kmz(data, tmp_path / "a.kmz")
    assert kml_rules.judge(tmp_path / "a.kmz").passed


@both
def test_kml_shows_the_same_shapes(tmp_path: Path, kind: str):
    data = samples.shape_layer(kind, 12)
    marks = features(as_kmz(data, tmp_path))
    assert len(marks) == 12
    for key, shape in zip(data.frame["atlas_id"], data.shapes.degrees, strict=True):
        found = drawn(marks[key], kind)
        assert found.symmetric_difference(shape).area < 1e-9
        assert kind == "Polygon" or found.equals(shape)
        assert {told.text for told in marks[key].iter(f"{K}tessellate")} == {"1"}


def test_polygons_are_wound_as_the_standard_asks(tmp_path: Path):
    data = samples.shape_layer("Polygon", 9)
    data.shapes.degrees[:] = shapely.reverse(data.shapes.degrees)
    root = as_kmz(data, tmp_path)
    sides = {"outerBoundaryIs": True, "innerBoundaryIs": False}
    for side, wanted in sides.items():
        rings = [shapely.LinearRing(xy(told[0])) for told in root.iter(f"{K}{side}")]
        assert len(rings) > 1
        assert {shapely.is_ccw(ring) for ring in rings} == {wanted}


@both
def test_nothing_runs_around_the_globe(tmp_path: Path, kind: str):
    root = as_kmz(samples.shape_layer(kind, 10), tmp_path)
    for name in ("LineString", "LinearRing"):
        for line in root.iter(f"{K}{name}"):
            lon = xy(line)[:, 0]
            assert np.abs(lon).max() <= 180
            assert np.abs(np.diff(lon)).max() < 180


def test_the_cut_at_180_degrees_is_no_border(tmp_path: Path):
    """Polygons at 180 are filled without outline; the outline is drawn as lines, without the cut."""
    data = samples.shape_layer("Polygon", 3)
    root = as_kmz(data, tmp_path)
    marks = features(root)
    for key in ("TST-000000", "TST-000001"):
        assert marks[key].findtext(f"{K}styleUrl").endswith("-cut")
        lines = [xy(line) for line in marks[key].iter(f"{K}LineString")]
        for line in lines:
            assert not (np.abs(line) == 180).all(axis=0)[0]
            assert not ((np.abs(line[:-1, 0]) == 180) & (np.abs(line[1:, 0]) == 180)).any()
        shape = shapely.MultiLineString(lines)
        edge = shapely.boundary(drawn(marks[key], "Polygon"))
        meridians = shapely.MultiLineString([[(x, 0), (x, 90)] for x in (-180, 180)])
        assert shape.equals(edge.difference(meridians))
    assert not marks["TST-000002"].findtext(f"{K}styleUrl").endswith("-cut")
    assert next(marks["TST-000002"].iter(f"{K}LineString"), None) is None
    outline = {
        style.get("id"): style.findtext(f"{K}PolyStyle/{K}outline") for style in root.iter(f"{K}Style")
    }
    assert outline["class-0-cut-normal"] == "0"
    assert outline["class-0-normal"] == "1"


@pytest.mark.parametrize("east", ["179.9999999", "179.99916"])
def test_what_is_nearly_180_is_the_cut(east: str):
    """Rounding leaves the cut beside 180, and so do sources."""
    near = shapely.from_wkt(f"POLYGON ((175 60, {east} 60, {east} 62, 175 62, 175 60))")
    shapes = np.array([near], dtype=object)
    assert outlines.is_cut(shapes, "Polygon").tolist() == [True]
    told = etree.fromstring(outlines.elements(shapes, "Polygon", np.array([True]))[0])
    sides = [line.findtext("coordinates").split() for line in told.iter("LineString")]
    assert sum(len(side) - 1 for side in sides) == 3
    steps = [(one, two) for side in sides for one, two in pairwise(side)]
    assert not any(
        one.startswith(("179.9", "180")) and two.startswith(("179.9", "180")) for one, two in steps
    )


def test_styles_by_class(tmp_path: Path):
    root = as_kmz(samples.shape_layer("Polygon", 10), tmp_path)
    styles = {style.get("id"): style for style in root.iter(f"{K}Style") if style.get("id")}
    wind, coal = styles["class-0-normal"], styles["class-1-normal"]
    assert wind.findtext(f"{K}PolyStyle/{K}color") == "bf79b735"  # opacity, blue, green, red
    assert wind.findtext(f"{K}LineStyle/{K}color") == strokes.abgr(samples.SHAPE_STYLE.outline)
    assert coal.findtext(f"{K}PolyStyle/{K}fill") == "0"
    assert coal.findtext(f"{K}LineStyle/{K}color") == "ff3b3b3b"
    widths = [float(style.findtext(f"{K}LineStyle/{K}width")) for style in (wind, coal)]
    assert widths == [1.0, 2.27]
    highlight = styles["class-1-highlight"]
    assert float(highlight.findtext(f"{K}LineStyle/{K}width")) > widths[1]


@both
def test_folders_by_country_and_class(tmp_path: Path, kind: str):
    root = as_kmz(samples.shape_layer(kind, 12), tmp_path, "fr")
    folders = root.findall(f"{K}Document/{K}Folder")
    names = [folder.findtext(f"{K}name") for folder in folders]
    assert names[:3] == ["Canada (4)", "États-Unis (4)", "Mexique (4)"]
    assert names[3:] == (["Noms"] if kind == "Polygon" else [])
    inner = [folder.findtext(f"{K}name") for folder in folders[0].findall(f"{K}Folder")]
    assert inner == ["Éolien (2)", "Charbon (2)"]


def test_names_stand_inside_the_largest_part(tmp_path: Path):
    data = samples.shape_layer("Polygon", 10)
    folder = as_kmz(data, tmp_path).find(f"{K}Document/{K}Folder[@id='labels']")
    marks = folder.findall(f"{K}Placemark")
    assert [mark.findtext(f"{K}name") for mark in marks] == [clean(text) for text in samples.EVIL]
    lon, lat = np.array([xy(mark.find(f"{K}Point"))[0] for mark in marks]).T
    x, y = framework.project(lon, lat)
    for shape, point in zip(data.shapes.metres, shapely.points(x, y), strict=True):
        parts = shapely.get_parts(shape)
        assert shapely.distance(parts[np.argmax(shapely.area(parts))], point) < 1


def test_many_names_are_off_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schema: etree.XMLSchema
):
    monkeypatch.setattr(labels, "MOST_SHOWN", 5)
    root = as_kmz(samples.shape_layer("Polygon", 6), tmp_path)
    schema.assertValid(root)
    folder = root.find(f"{K}Document/{K}Folder[@id='labels']")
    assert {told.text for told in folder.iter(f"{K}visibility")} == {"0"}
    assert len(list(folder.iter(f"{K}visibility"))) == 7


def test_the_name_of_the_language_is_used(tmp_path: Path):
    data = samples.shape_layer("Polygon", 2)
    fields = [f for f in samples.SPEC.fields if f.name != "name"]
    more = [samples.Field(name=f"name_{language}", dtype="text") for language in ("en", "fr", "es")]
    data = samples.with_fields(data, (*fields, *more), name_fr=["Été", None])
    marks = features(as_kmz(data, tmp_path, "fr"))
    assert marks["TST-000000"].findtext(f"{K}name") == "Été"
    assert marks["TST-000001"].findtext(f"{K}name") == "Charbon"


def many(count: int, radius: float = 5.0):
    """Return a ring of so many vertices with a rough edge, and a hole."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    rough = radius * (1 + 0.2 * np.sin(37 * turn))
    hole = np.column_stack([np.cos(turn[::7]), np.sin(turn[::7])]) * radius / 4
    ring = np.column_stack([rough * np.cos(turn), rough * np.sin(turn)])
    return shapely.transform(shapely.Polygon(ring, [hole]), lambda told: told + np.array([-100.0, 50.0]))


def test_large_rings_are_written_in_pieces_without_showing_it(tmp_path: Path):
    data = samples.shape_layer("Polygon", 3)
    data.shapes.degrees[2] = large = many(3 * outlines.MOST_VERTICES)
    mark = features(as_kmz(data, tmp_path))["TST-000002"]
    sizes = [len(xy(ring)) for name in ("LinearRing", "LineString") for ring in mark.iter(f"{K}{name}")]
    assert max(sizes) <= outlines.MOST_VERTICES
    assert drawn(mark, "Polygon").symmetric_difference(large).area < 1e-3 * large.area
    assert drawn(mark, "Polygon").area == pytest.approx(large.area, rel=1e-5)
    length = sum(shapely.LineString(xy(line)).length for line in mark.iter(f"{K}LineString"))
    assert length == pytest.approx(large.length, rel=1e-3)
    assert mark.findtext(f"{K}styleUrl") == "#class-0-cut"


def test_long_lines_are_written_in_pieces_that_meet(tmp_path: Path):
    data = samples.shape_layer("LineString", 2)
    data.shapes.degrees[1] = long = many(3 * outlines.MOST_VERTICES).exterior
    pieces = [xy(line) for line in features(as_kmz(data, tmp_path))["TST-000001"].iter(f"{K}LineString")]
    assert max(len(piece) for piece in pieces) <= outlines.MOST_VERTICES
    assert all((one[-1] == two[0]).all() for one, two in pairwise(pieces))
    assert sum(len(piece) - 1 for piece in pieces) == len(long.coords) - 1


@both
def test_feature_without_geometry_keeps_its_placemark(tmp_path: Path, kind: str, schema: etree.XMLSchema):
    data = samples.shape_layer(kind, 5)
    data.shapes.degrees[3] = data.shapes.metres[3] = None
    root = as_kmz(data, tmp_path)
    schema.assertValid(root)
    agreement.check_kmz(data, tmp_path / "a.kmz")
    assert drawn(features(root)["TST-000003"], kind).is_empty


@both
def test_blocks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str):
    data = samples.shape_layer(kind, 20)
    whole = etree.tostring(as_kmz(data, tmp_path))
    monkeypatch.setattr(kmz, "BLOCK_ROWS", 7)
    assert etree.tostring(as_kmz(data, tmp_path)) == whole


def test_agreement_sees_a_lost_place(tmp_path: Path):
    data = samples.shape_layer("Polygon", 5)
    as_kmz(data, tmp_path)
    data.shapes.degrees[2] = None
    with pytest.raises(ProductError, match="5 features have a place on the map where the layer has 4"):
        agreement.check_kmz(data, tmp_path / "a.kmz")


def test_the_rules_see_a_line_around_the_globe(tmp_path: Path):
    data = samples.shape_layer("LineString", 2)
    data.shapes.degrees[0] = shapely.LineString([(170, 60), (-170, 60)])
    as_kmz(data, tmp_path)
    told = [point for point in kml_rules.judge(tmp_path / "a.kmz").points if point.result == "failed"]
    assert [point.check for point in told] == ["coordinates"]
    assert "more than half the globe" in told[0].told


@both
@pytest.mark.usefixtures("_own_words")
def test_layout_and_same_bytes_twice(tmp_path: Path, kind: str):
    formats = ("gpkg", "shp", "kmz", "parquet")
    folders = [
        export.write_all(
            samples.shape_layer(kind, 14), tmp_path / name, documents=samples.DOCUMENTS, formats=formats
        )
        for name in ("one", "two")
    ]
    one, two = ({p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()} for folder in folders)
    assert "NA_TestShapes_2022_fr.kmz" in one
    assert one == two


@pytest.mark.usefixtures("_own_words")
def test_sizes_are_for_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(export.styles, "load", lambda _: samples.STYLE)
    with pytest.raises(SpecError, match="size is for points"):
        export.write_all(samples.shape_layer("Polygon", 1), tmp_path, documents={})


@both
def test_qml_draws_in_the_order_of_the_style(kind: str):
    root = etree.fromstring(qml(samples.SHAPE_STYLE, samples.shape_look("fr").class_names(), kind).encode())
    assert root.find("renderer-v2").get("symbollevels") == "1"
    assert [category.get("label") for category in root.iter("category")] == [
        "Éolien",
        "Charbon",
        "Non précisé",
    ]
    told = {symbol.get("name"): symbol for symbol in root.iter("symbol")}
    assert {symbol.get("type") for symbol in told.values()} == {"fill" if kind == "Polygon" else "line"}
    assert [told[name][0].get("pass") for name in "012"] == ["2", "1", "0"]
    options = {option.get("name"): option.get("value") for option in told["1"][0].iter("Option")}
    wanted = {"LineString": ("line_color", "line_width"), "Polygon": ("outline_color", "outline_width")}[kind]
    assert [options[name] for name in wanted] == ["59,59,59,255", "0.6"]
    assert kind == "LineString" or options["style"] == "no"


@both
def test_preview_and_legend_show_the_classes(tmp_path: Path, kind: str):
    data = samples.shape_layer(kind, 30)
    preview.write(data, tmp_path / "a.png", look=samples.shape_look())
    pictures = [
        Image.open(tmp_path / "a.png"),
        Image.open(io.BytesIO(legend.legend(data, samples.shape_look()))),
    ]
    for image in pictures:
        colours = {colour[:3] for _, colour in image.convert("RGB").getcolors(1 << 24)}
        for wanted in ((59, 59, 59), (53, 184, 121)):
            assert min(sum(abs(a - b) for a, b in zip(wanted, c, strict=True)) for c in colours) < 90
    empty = samples.shape_layer(kind, 0)
    preview.write(empty, tmp_path / "b.png", look=samples.shape_look())
    assert (tmp_path / "b.png").read_bytes() != (tmp_path / "a.png").read_bytes()


def test_a_block_without_a_cut_polygon():
    whole = samples.shapes("Polygon", 5).degrees[2:]
    assert not outlines.is_cut(whole, "Polygon").any()
    told = outlines.elements(whole, "Polygon", np.zeros(3, dtype=bool))
    assert [text.count("<Polygon>") for text in told] == shapely.get_num_geometries(whole).tolist()


@pytest.mark.parametrize("replaced", ["sea", "land", "lakes", "borders"])
def test_what_the_layer_shows_itself_is_left_out(tmp_path: Path, replaced: str):
    """And a layer that shows the sea gets a plate below its legend."""
    data, look = samples.shape_layer("Polygon", 0), samples.shape_look()
    bare = dataclasses.replace(look, style=dataclasses.replace(look.style, replaces=frozenset({replaced})))
    pictures = []
    for number, told in enumerate((look, bare)):
        preview.write(data, tmp_path / f"{number}.png", look=told)
        pictures.append(np.asarray(Image.open(tmp_path / f"{number}.png").convert("RGB"), dtype=int))
    whole, without = pictures
    assert (whole != without).any()
    in_the_corner = np.s_[22:32, 22:32]
    assert ((without - whole)[in_the_corner] > 0).all() == (replaced == "sea")


degrees = st.floats(-179.9, 179.9), st.floats(-89, 89)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.tuples(*degrees), min_size=2, max_size=30, unique=True), min_size=1, max_size=5))
def test_any_line_is_written_to_the_metre(lines: list[list[tuple[float, float]]]):
    shapes = np.array([shapely.LineString(line) for line in lines], dtype=object)
    told = outlines.coordinates(shapes)
    for text, line in zip(told, lines, strict=True):
        found = np.array([pair.split(",") for pair in text.split(" ")], dtype=float)
        assert np.abs(found - np.array(line)).max() <= 0.5000001 * 10**-outlines.DECIMALS
        assert "e" not in text
        assert "-0.00000" not in text


@settings(max_examples=40, deadline=None)
@given(st.integers(60, 500), st.integers(30, 60), st.floats(0.1, 8.0))
def test_any_polygon_in_pieces_is_the_polygon(count: int, most: int, radius: float):
    polygon = many(count, radius)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outlines, "MOST_VERTICES", most)
        parts, row = np.array([polygon], dtype=object), np.array([0])
        pieces, owner = outlines._pieces(parts, row, np.array([True]))
    assert shapely.get_num_coordinates(pieces).max() <= most
    assert set(owner) == {0}
    assert shapely.area(pieces).sum() == pytest.approx(polygon.area, rel=1e-9)
    assert shapely.union_all(pieces).symmetric_difference(polygon).area < 1e-9 * polygon.area


def test_the_pieces_of_the_package_are_read_by_another_gdal(tmp_path: Path):
    data, path = samples.shape_layer("Polygon", 5), tmp_path / "a.gpkg"
    gpkg.write(data, path, documents={}, look=samples.shape_look())
    info = pyogrio.read_info(path, layer="test_shapes")
    assert info["geometry_type"] == "MultiPolygon"
    assert framework.explain_crs(info["crs"]) is None
