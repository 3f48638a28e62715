"""Large layers in the KMZ: each feature once, files that are small, light on the screen, complete for any reader."""

from __future__ import annotations

import dataclasses
import posixpath
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import fastkml
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from naatlas import framework
from naatlas.errors import ProductError, UsageError
from naatlas.export import (
    agreement,
    kmz,
    legend,
    limits,
    pyramid,
    pyramid_points,
    pyramid_shapes,
    quadtree,
    regions,
    zips,
)
from naatlas.export.limits import Limits
from naatlas.framework.vertices import map_xy
from naatlas.text import clean
from tests import export_samples as samples

if TYPE_CHECKING:
    from naatlas.export.look import Look
    from naatlas.model import LayerData

K = "{http://www.opengis.net/kml/2.2}"
#: A screen of the usual size, in pixels.
SCREEN = 1920, 1080
SMALL = Limits(features=40, megabytes=0.1)


@pytest.fixture(scope="module", params=["ogckml22.xsd", "kml22gx.xsd"])
def schema(request: pytest.FixtureRequest) -> etree.XMLSchema:
    """Return the schema of OGC, and the one of Google's extensions, which holds the former."""
    return etree.XMLSchema(etree.parse(Path(fastkml.__file__).parent / "schema" / request.param))


def plants(rows: int = 400) -> LayerData:
    """Return points in towns and in the open, far beyond 180 degrees too, the capacity decides who is first."""
    data, rng = samples.layer(rows), np.random.default_rng(7)
    town = rng.integers(0, 12, rows)
    lon = np.where(town < 9, -75.0 - town + rng.normal(0, 0.3, rows), rng.uniform(-165, -60, rows))
    lat = np.where(town < 9, 41.0 + town / 3 + rng.normal(0, 0.2, rows), rng.uniform(16, 70, rows))
    lon[:3] = 182.5, 179.0, -179.5
    capacity = rng.lognormal(3, 1.5, rows).round(3)
    points = dataclasses.replace(data.points, lon=lon, lat=lat)
    return dataclasses.replace(data, frame=data.frame.assign(capacity_mw=capacity), geometry=points)


@pytest.fixture(autouse=True, scope="module")
def _pictures_once():
    """Draw title and legend once: they have tests of their own."""
    draw, drawn = legend.overlays, {}

    def overlays(data: LayerData, look: Look) -> dict[str, bytes]:
        if (key := (look.language, data.spec.slug)) not in drawn:
            drawn[key] = draw(data, look)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(legend, "overlays", overlays)
        yield


def written(data: LayerData, folder: Path, wish: Limits = SMALL, language: str = "en") -> dict[str, bytes]:
    look = samples.look(language) if data.spec.geometry == "Point" else samples.shape_look(language)
    kmz.write(data, folder / "a.kmz", look=look, limits=wish)
    agreement.check_kmz(data, folder / "a.kmz")
    with zipfile.ZipFile(folder / "a.kmz") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def documents(files: dict[str, bytes]) -> dict[str, etree._Element]:
    return {name: etree.fromstring(told) for name, told in files.items() if name.endswith(".kml")}


def keys(root: etree._Element) -> list[str]:
    return [node.text for node in root.iter(f"{K}SimpleData") if node.get("name") == "atlas_id"]


def coverage(rows: int = 16) -> LayerData:
    """Return squares with ragged sides that share them: a coverage of ``rows`` by ``rows``, two beyond 180 degrees."""
    rng = np.random.default_rng(3)
    step = np.linspace(0, 1, 40)
    x, y = np.meshgrid(np.arange(rows + 1.0), np.arange(rows + 1.0))
    jitter = rng.normal(0, 0.02, (2, rows + 1, rows + 1, 40)) * np.sin(np.pi * step)
    across = np.stack([x[..., None] + step, y[..., None] + jitter[0]], axis=-1)
    upward = np.stack([x[..., None] + jitter[1], y[..., None] + step], axis=-1)
    made = [
        np.concatenate([across[r, c], upward[r, c + 1], across[r + 1, c][::-1], upward[r, c][::-1]])
        for r in range(rows)
        for c in range(rows)
    ]
    places = [shapely.make_valid(shapely.Polygon(ring * [3, 2] + [-140, 20])) for ring in made]
    base = samples.shape_layer("Polygon", len(places) + 1)
    degrees = np.array([base.shapes.degrees[0], *places], dtype=object)
    spec = dataclasses.replace(base.spec, generalize="coverage")
    shapes = dataclasses.replace(base.shapes, degrees=degrees, metres=map_xy(degrees, framework.project))
    return dataclasses.replace(base, spec=spec, geometry=shapes)


def test_a_small_layer_is_one_document(tmp_path: Path):
    files = written(plants(60), tmp_path, Limits())
    assert [name for name in files if name.endswith(".kml")] == ["doc.kml"]
    assert b"<NetworkLink>" not in files["doc.kml"]
    assert [n for n in written(plants(60), tmp_path, Limits(59)) if n.endswith(".kml")] != ["doc.kml"]


@pytest.mark.parametrize("make", [plants, coverage, lambda: samples.shape_layer("LineString", 200)])
def test_all_files_are_valid_small_and_reached(make, tmp_path: Path, schema: etree.XMLSchema):
    files = written(make(), tmp_path)
    told = documents(files)
    assert next(iter(files)) == "doc.kml"
    assert len(told) > 5
    assert all("/" in name for name in told if name != "doc.kml"), "readers take the last KML at the top"
    for name, root in told.items():
        assert schema.validate(root), (name, schema.error_log)
        assert len(files[name]) <= SMALL.file_bytes
        ids = root.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert all(re.match(r"[A-Za-z]", one) for one in ids)
        urls = {node.text for node in root.iter(f"{K}styleUrl")}
        assert {url.removeprefix("#") for url in urls} <= set(ids)
    assert reached(told) == set(told)
    icons = {
        posixpath.normpath(posixpath.join(posixpath.dirname(name), node.text))
        for name, root in told.items()
        for node in root.iter(f"{K}href")
    }
    # symbols once more at the top, for readers that look for the very name
    assert set(files) - icons == {"doc.kml"} | {name for name in files if name.startswith("files/circle")}
    assert all(files[f"tiles/{name}"] == files[name] for name in files if name.startswith("files/circle"))


def reached(told: dict[str, etree._Element]) -> set[str]:
    """Follow the links from the main document, each from the folder of the file that it stands in."""
    found, waiting = set(), ["doc.kml"]
    while waiting:
        name = waiting.pop()
        assert name not in found, f"{name} is linked twice"
        found.add(name)
        hrefs = [node.text for node in told[name].iterfind(f".//{K}Link/{K}href")]
        waiting += [posixpath.normpath(posixpath.join(posixpath.dirname(name), href)) for href in hrefs]
    return found


def test_each_point_stands_once_and_the_important_ones_come_first(tmp_path: Path):
    data = plants()
    told = documents(written(data, tmp_path))
    found = [key for root in told.values() for key in keys(root)]
    assert sorted(found) == sorted(data.frame["atlas_id"])
    west = data.frame[placed_west(data)]
    largest = west.nlargest(SMALL.features // 2, "capacity_mw")["atlas_id"]
    first = [key for name, root in told.items() if re.search(r"w\d-0-0-0", name) for key in keys(root)]
    assert sorted(first) == sorted(largest)


def test_points_without_quantity_are_seen_from_afar_in_their_share(tmp_path: Path):
    data = plants()
    unknown = np.arange(400) % 4 == 0
    data = dataclasses.replace(
        data, frame=data.frame.assign(capacity_mw=data.frame["capacity_mw"].mask(unknown))
    )
    told = documents(written(data, tmp_path))
    first = {key for name, root in told.items() if re.search(r"w\d-0-0-0", name) for key in keys(root)}
    west = data.frame[placed_west(data)]
    without = first & set(west.loc[west["capacity_mw"].isna(), "atlas_id"])
    assert len(first) == SMALL.features // 2
    assert len(first) // 4 - 3 <= len(without) <= len(first) // 4 + 3
    assert first - without == set(west.nlargest(len(first - without), "capacity_mw")["atlas_id"])


def placed_west(data: LayerData) -> np.ndarray:
    return (data.points.lon < 0) | (data.points.lon > 180)


def seen_at(told: dict[str, etree._Element], lon: float, lat: float, degrees_a_pixel: float) -> int:
    """Count what a viewer draws that opens links and shows folders only while their regions are active."""
    half = np.array(SCREEN) / 2 * degrees_a_pixel / [np.cos(np.radians(lat)), 1]
    view = shapely.box(lon - half[0], lat - half[1], lon + half[0], lat + half[1])

    def active(node: etree._Element) -> bool:
        region = node.find(f"{K}Region")
        if region is None:
            return True
        north, south, east, west = (
            float(region.findtext(f"{K}LatLonAltBox/{K}{side}"))
            for side in ("north", "south", "east", "west")
        )
        pixels = (
            np.sqrt((east - west) * np.cos(np.radians((north + south) / 2)) * (north - south))
            / degrees_a_pixel
        )
        low, high = (float(region.findtext(f"{K}Lod/{K}{name}LodPixels")) for name in ("min", "max"))
        return (
            view.intersects(shapely.box(west, south, east, north))
            and low <= pixels
            and not 0 <= high <= pixels
        )

    def drawn(name: str, node: etree._Element) -> int:
        count = 0
        for child in node:
            if child.tag == f"{K}Placemark":
                count += view.intersects(place(child))
            elif child.findtext(f"{K}visibility") == "0":
                continue
            elif child.tag == f"{K}NetworkLink" and active(child):
                href = child.findtext(f"{K}Link/{K}href")
                path = posixpath.normpath(posixpath.join(posixpath.dirname(name), href))
                count += drawn(path, told[path].find(f"{K}Document"))
            elif child.tag == f"{K}Folder" and active(child):
                count += drawn(name, child)
        return count

    return drawn("doc.kml", told["doc.kml"].find(f"{K}Document"))


def place(mark: etree._Element) -> shapely.Geometry:
    pairs = [pair.split(",")[:2] for node in mark.iter(f"{K}coordinates") for pair in node.text.split()]
    return shapely.multipoints(np.array(pairs, dtype=float)).envelope if pairs else shapely.Point()


@pytest.mark.parametrize("make", [lambda: plants(3000), coverage])
def test_what_is_on_the_screen_stays_within_the_wish(make, tmp_path: Path):
    data, wish = make(), Limits(features=200, megabytes=0.1)
    told = documents(written(data, tmp_path, wish))
    counts = {
        (lon, lat, scale): seen_at(told, lon, lat, scale)
        for lon, lat in ((-98, 46), (-80, 42.5), (-76.2, 41.3), (-120, 40), (-110, 30))
        for scale in 90 / 2.0 ** np.arange(10, 22) / 1.5
    }
    assert max(counts.values()) <= wish.features
    assert seen_at(told, -98, 46, 0.09) >= wish.features / 4, "the first view must not be empty"


def test_near_by_all_points_are_there(tmp_path: Path):
    data = plants(3000)
    told = documents(written(data, tmp_path, Limits(features=200)))
    lon, lat = data.points.lon, data.points.lat
    scale = 0.02 / SCREEN[1]
    for at in range(5, 3000, 200):
        half = np.array(SCREEN) / 2 * scale / [np.cos(np.radians(lat[at])), 1]
        here = (np.abs(lon - lon[at]) <= half[0]) & (np.abs(lat - lat[at]) <= half[1])
        assert seen_at(told, lon[at], lat[at], scale) == here.sum() >= 1


def test_each_shape_stands_once_itself_and_simplified_from_afar(tmp_path: Path):
    data = coverage()
    files = written(data, tmp_path)
    told = documents(files)
    fine = {name: root for name, root in told.items() if re.match("tiles/[0-9]", name)}
    far = {name: root for name, root in told.items() if name.startswith("overview/")}
    assert far
    found = [key for name, root in told.items() if name not in far for key in keys(root)]
    assert sorted(found) == sorted(data.frame["atlas_id"])
    for root in far.values():
        assert root.find(f".//{K}ExtendedData") is None
        assert root.find(f".//{K}Placemark/{K}description") is not None
    vertices = {
        folder: np.median(
            [len(node.text) for root in roots.values() for node in root.iter(f"{K}coordinates")]
        )
        for folder, roots in (("far", {"": told["overview/0-0-0-0.kml"]}), ("fine", fine))
    }
    assert vertices["far"] < 0.7 * vertices["fine"]


def test_one_level_gives_way_at_the_very_size_at_which_the_next_appears(tmp_path: Path):
    told = documents(written(coverage(), tmp_path))
    finer: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for region in (r for root in told.values() for r in root.iterfind(f".//{K}NetworkLink/{K}Region")):
        lod = tuple(node.text for node in region[1])
        finer.setdefault(tuple(node.text for node in region[0]), set()).add(lod)
    held = 0
    for name, root in told.items():
        if name.startswith("overview/"):
            box, lod = root.find(f"{K}Document/{K}Folder/{K}Region")
            assert finer[tuple(node.text for node in box)] == {(lod[1].text, "-1")}
            held += 1
    assert held > 3


def test_very_many_files_link_to_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for data in (plants(), coverage()):
        flat = seen_at(documents(written(data, tmp_path)), -110, 42, 0.01)
        with monkeypatch.context() as patch:
            patch.setattr(pyramid, "_LINK_BYTES", 1e6)
            told = documents(written(data, tmp_path))
        assert len(told["doc.kml"].findall(f".//{K}NetworkLink")) < 12
        assert reached(told) == set(told)
        assert seen_at(told, -110, 42, 0.01) == flat > 0


def test_neighbours_keep_their_common_border_from_afar():
    from naatlas.export import large

    data = coverage(6)
    rows = np.arange(1, len(data.frame))
    made = large.simplified(data, rows, 0.2)
    assert shapely.coverage_is_valid(made)
    assert (
        shapely.get_num_coordinates(made).sum()
        < 0.3 * shapely.get_num_coordinates(data.shapes.degrees[rows]).sum()
    )


def test_what_crosses_180_degrees_is_always_there(tmp_path: Path):
    data = coverage()
    told = documents(written(data, tmp_path))
    apart = next(root for name, root in told.items() if name.startswith("tiles/all"))
    assert keys(apart) == [data.frame["atlas_id"].iloc[0]]
    assert apart.find(f".//{K}Region") is None
    for root in told.values():
        for box in root.iter(f"{K}LatLonAltBox"):
            north, south, east, west = (
                float(box.findtext(f"{K}{side}")) for side in ("north", "south", "east", "west")
            )
            assert -180 <= west < east <= 180
            assert -90 <= south < north <= 90


def test_features_without_place_are_kept(tmp_path: Path):
    data = plants(100)
    data.points.lon[5] = np.nan
    told = documents(written(data, tmp_path))
    assert sorted(key for root in told.values() for key in keys(root)) == sorted(data.frame["atlas_id"])


def test_levels_lie_in_radio_folders_and_one_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from naatlas.spec import Field

    monkeypatch.setitem(samples.WORDS.labels, "level", {"en": "Level", "fr": "Niveau", "es": "Nivel"})
    data = coverage(8)
    fields = (*data.spec.fields, Field(name="level", dtype="integer", required=True, balloon=True))
    spec = dataclasses.replace(data.spec, fields=fields, nested_by="level", balance={})
    level = pd.array(np.arange(len(data.frame)) % 2 + 1, dtype="Int64")
    told = documents(
        written(dataclasses.replace(data, spec=spec, frame=data.frame.assign(level=level)), tmp_path)
    )
    radio = [
        f for f in told["doc.kml"].iter(f"{K}Folder")
        if f.findtext(f"{K}Style/{K}ListStyle/{K}listItemType") == "radioFolder"
    ]  # fmt: skip
    assert len(radio) == 2
    inner = radio[0].findall(f"{K}Folder")
    assert [f.findtext(f"{K}visibility") for f in inner] == [None, "0"]
    assert {link.findtext(f"{K}visibility") for link in inner[1].iter(f"{K}NetworkLink")} == {"0"}
    for name, root in told.items():
        if name != "doc.kml":
            assert root.find(f".//{K}Placemark/{K}visibility") is None, (
                "or choosing the level would show nothing"
            )


def test_folders_tell_whole_numbers_in_the_main_document(tmp_path: Path):
    data = plants()
    root = documents(written(data, tmp_path, language="fr"))["doc.kml"]
    count = data.frame["country"].value_counts()
    names = [node.text for node in root.findall(f"{K}Document/{K}Folder/{K}name")]
    told = {"CAN": "Canada", "USA": "États-Unis", "MEX": "Mexique"}
    assert names == [f"{told[code]} ({count[code]})" for code in told]
    assert "400 entités" in root.findtext(f"{K}Document/{K}description")


@pytest.mark.parametrize("make", [plants, coverage])
def test_other_readers_find_every_feature(make, tmp_path: Path):
    """GDAL's LIBKML and fastkml read the files one by one, with the values of Data and of SchemaData."""
    data = make()
    files = written(data, tmp_path)
    found, counted = [], 0
    for name, told in files.items():
        if not name.startswith("tiles/") or not name.endswith(".kml") or "names" in name:
            continue
        path = tmp_path / name.replace("/", "_")
        path.write_bytes(told)
        for layer, _ in pyogrio.list_layers(path):
            found.append(pyogrio.read_dataframe(path, layer=layer, read_geometry=False))
        counted += marks_of(fastkml.KML.from_string(told))
    frame = pd.concat(found)
    assert counted == len(frame) == len(data.frame)
    assert sorted(frame["atlas_id"]) == sorted(data.frame["atlas_id"])
    assert frame["capacity_mw"].astype(float).sum() == pytest.approx(float(data.frame["capacity_mw"].sum()))


def marks_of(node: object) -> int:
    features = getattr(node, "features", ())
    return isinstance(node, fastkml.Placemark) + sum(map(marks_of, features))


def test_agreement_sees_a_lost_file(tmp_path: Path):
    data = plants()
    files = written(data, tmp_path)
    with zipfile.ZipFile(tmp_path / "b.kmz", "w") as archive:
        for name, told in files.items():
            if name != "tiles/w1-0-0-0.kml":
                archive.writestr(name, told)
    with pytest.raises(ProductError, match="features where the layer has 400"):
        agreement.check_kmz(data, tmp_path / "b.kmz")


def test_same_data_same_bytes_whatever_the_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = plants()
    whole = written(data, tmp_path)
    monkeypatch.setattr(kmz, "BLOCK_ROWS", 37)
    assert written(data, tmp_path) == whole


def test_values_stand_in_data_and_in_the_schema(tmp_path: Path):
    data = plants(80)
    for root in documents(written(data, tmp_path)).values():
        for mark in root.iter(f"{K}Placemark"):
            typed = {node.get("name"): node.text for node in mark.iter(f"{K}SimpleData")}
            plain = {node.get("name"): node.findtext(f"{K}value") for node in mark.iter(f"{K}Data")}
            assert typed
            assert {name: plain[name] for name in typed} == typed


def test_the_slider_has_the_years_and_opens_with_all_of_them(tmp_path: Path):
    data = plants(100)
    years = data.frame["year_online"]
    told = documents(written(data, tmp_path))
    begins = {
        key: mark.findtext(f"{K}TimeSpan/{K}begin")
        for root in told.values() for mark in root.iter(f"{K}Placemark") for key in keys(mark)
    }  # fmt: skip
    wanted = {k: None if pd.isna(y) else f"{y}" for k, y in zip(data.frame["atlas_id"], years, strict=True)}
    assert begins == wanted
    assert any(begins.values())
    span = told["doc.kml"].find(f"{K}Document/{K}LookAt/{{http://www.google.com/kml/ext/2.2}}TimeSpan")
    assert [node.text for node in span] == [str(years.min()), str(years.max())]


def test_balloons_lead_to_the_page_of_the_atlas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    url = {
        "en": "https://www.cec.org/atlas/?a=1&b=<2>",
        "fr": "https://www.cec.org/fr/",
        "es": "https://www.cec.org/es/",
    }
    monkeypatch.setitem(samples.WORDS.texts, "contact_url", url)
    told = documents(written(plants(60), tmp_path, Limits()))["doc.kml"]
    balloon = etree.HTML(told.findtext(f".//{K}Placemark/{K}description"))
    assert [(a.get("href"), a.text) for a in balloon.iter("a")] == [(url["en"], "Test plants, 2022")]


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        'R&D "A"',
        "]]>",
        "\U0001f32c\ufe0f",
        "\x00",
        "$[id]",
        "--><!--",
        "%s{0}\\",
        "&lt;",
    ]
)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(HOSTILE, min_size=1, max_size=5), title=HOSTILE)
def test_any_text_is_harmless_everywhere(
    texts: list[str], title: str, tmp_path_factory: pytest.TempPathFactory
):
    """Names, snippets, balloons, folders and titles say what the data say, and nothing is markup that was not ours."""
    data = samples.layer(45, texts=tuple(texts))
    data = dataclasses.replace(data, frame=data.frame.assign(primary_source_national=data.frame["name"]))
    words = dataclasses.replace(
        samples.WORDS, texts=samples.WORDS.texts | {"title": dict.fromkeys(("en", "fr", "es"), title)}
    )
    look = dataclasses.replace(samples.look(), words=words)
    path = tmp_path_factory.mktemp("hostile") / "a.kmz"
    kmz.write(data, path, look=look, limits=SMALL)
    with zipfile.ZipFile(path) as archive:
        told = documents({name: archive.read(name) for name in archive.namelist()})
    names = {mark.findtext(f"{K}name") for root in told.values() for mark in root.iter(f"{K}Placemark")}
    assert {name or "" for name in names} == {clean(text) for text in data.frame["name"]}
    assert (told["doc.kml"].findtext(f"{K}Document/{K}name")) == clean(f"{title}, 2022")
    for root in told.values():
        for node in (*root.iter(f"{K}description"),):
            tags = {one.tag for one in etree.HTML(f"<div>{node.text}</div>").iter(etree.Element)}
            assert tags <= {"html", "body", "div", "h3", "table", "tr", "td", "p", "i", "b", "ul", "li", "a"}
            assert "$[" not in node.text


places = st.lists(
    st.tuples(st.floats(-179, -1), st.floats(-80, 80)) | st.just((-90.5, 40.25)), min_size=0, max_size=300
)


@settings(max_examples=80, deadline=None)
@given(places=places, first=st.integers(1, 30), each=st.integers(1, 10))
def test_thinning_loses_nothing_and_fills_no_cell(places: list[tuple[float, float]], first: int, each: int):
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    around = quadtree.square(x, y)
    level, ix, iy = quadtree.thinned(x, y, around, first=first, each=each)
    assert (level[:first] == 0).all()
    assert (level[first:] > 0).all()
    for at in range(len(x)):
        own = quadtree.Cell(int(level[at]), int(ix[at]), int(iy[at]))
        box = around.box(own)
        assert box.west <= x[at] <= box.east
        assert box.south <= y[at] <= box.north
        columns, rows = around.cells(x, y, own.level)
        here = (columns == own.ix) & (rows == own.iy)
        assert own.level in {0, quadtree.DEEPEST} or here[:at].sum() < each or here.sum() <= 2 * each
        for depth in range(1, own.level):  # the coarser cells were full of more important ones
            above = own.above(depth)
            columns, rows = around.cells(x, y, depth)
            full = (columns == above.ix) & (rows == above.iy)
            assert full[:at].sum() >= each
            assert full.sum() > 2 * each


@given(places=places, groups=st.integers(1, 3), most=st.integers(1, 12))
def test_cells_of_one_level_and_group_share_a_file_while_it_is_small(
    places: list[tuple[float, float]], groups: int, most: int
):
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    cells = quadtree.thinned(x, y, quadtree.square(x, y), first=5, each=3)
    group = np.arange(len(x)) % groups
    up = quadtree.gathered(group, cells, most=most)
    level, ix, iy = cells

    def together(at: int, wider: int) -> np.ndarray:
        around = (ix >> wider == ix[at] >> wider) & (iy >> wider == iy[at] >> wider)
        return around & (level == level[at]) & (group == group[at])

    for at in range(len(x)):
        here = together(at, up[at])
        assert (up[here] == up[at]).all(), "all of a file agree on it"
        assert up[at] == 0 or here.sum() <= most
        wider = up[at] + 1
        if wider <= min(quadtree.WIDEST, level[at]):
            assert together(at, wider).sum() > most, "it could be wider"


def test_a_wide_file_is_shown_from_the_very_scale_that_its_cells_would_be(tmp_path: Path):
    told = documents(written(plants(3000), tmp_path, Limits(features=200)))
    sides: dict[int, set[float]] = {}
    widths: set[int] = set()
    for link in (link for root in told.values() for link in root.iter(f"{K}NetworkLink")):
        path = re.search(r"tiles/w[0-9]-([0-9]+)-[0-9]+-[0-9]+(?:-wide([12]))?[.]", link[-1][0].text)
        if path is None or (low := link.findtext(f"{K}Region/{K}Lod/{K}minLodPixels")) is None:
            continue
        north, south, east, west = (float(node.text) for node in link.find(f"{K}Region/{K}LatLonAltBox"))
        if north - south > 2:  # the margin of small boxes would hide the rest
            pixels = float(low) / np.sqrt((north - south) * (east - west))
            sides.setdefault(int(path[1]), set()).add(round(pixels, 3))
            widths.add(int(path[2] or 0))
    assert len(sides) > 1
    assert widths >= {1, 2}
    for level, own in sides.items():  # pixels a degree from which on the file is shown
        assert max(own) / min(own) <= 1.01, (level, own)


def test_limits_refuse_what_makes_no_sense():
    with pytest.raises(UsageError, match="max-features"):
        Limits(features=3)
    with pytest.raises(UsageError, match="max-mb"):
        Limits(megabytes=0)
    with pytest.raises(UsageError, match="max-mb"):
        Limits(megabytes=float("nan"))
    assert Limits(megabytes=50).whole_bytes == 50_000_000


def test_a_note_tells_what_google_maps_refuses():
    assert limits.findings(plants(60), Limits()) == []
    found = limits.findings(plants(1001), Limits())[0]
    assert found.rule == "kml-beyond-google-maps"
    assert "1,001 features" in found.message
    assert "1,000 features, 10 MB, 10 network links" in found.message


def test_the_estimate_is_about_what_is_written(tmp_path: Path):
    for data in (plants(300), coverage()):
        files = written(data, tmp_path, Limits(10_000, 100))
        assert next(iter(files)) == "doc.kml"
        assert 0.5 < limits.estimate(data) / len(files["doc.kml"]) < 2


def test_boxes_are_named_as_people_name_them():
    look = samples.look("fr")
    assert regions.Box(-100, 40, -90, 50).title(look) == "40\u201350° N, 90\u2013100° O"
    assert regions.Box(-1, -2, 3, 4).title(samples.look("en")) == "2° S\u20134° N, 1° W\u20133° E"
    narrow = regions.Box(-100.5, 40.25, -100, 40.5)
    assert narrow.title(look) == "40,25\u201340,50° N, 100,00\u2013100,50° O"
    assert narrow.title(samples.look("es")) == "40.25\u201340.50° N, 100.00\u2013100.50° O"


def test_nothing_makes_no_files():
    empty = pyramid.Marks(np.empty((0, 4)), np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
    assert pyramid_points.plan(empty, Limits()).tiles == []
    assert pyramid_shapes.plan(empty, Limits()).tiles == []


def test_what_fails_while_packing_is_raised_and_stops(tmp_path: Path):
    def pack() -> None:
        with (
            zips.archive(tmp_path / "a.zip") as archive,
            zips.Packer(archive, datetime(2020, 1, 1, tzinfo=UTC), level=1) as packer,
        ):
            for number in range(40):
                packer.put(f"{number}.txt", *["é" * 500] * 2 if number != 5 else [["é"]])  # type: ignore[list-item]

    with pytest.raises(TypeError):
        pack()
    with zipfile.ZipFile(tmp_path / "a.zip") as made:
        assert made.namelist()[:5] == [f"{number}.txt" for number in range(5)]
        assert made.read("0.txt").decode() == "é" * 1000
