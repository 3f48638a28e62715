"""Guided tours: valid, playable, with all pictures inside, in three languages; and simplekml mended."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
import simplekml
import yaml
from click.testing import CliRunner
from lxml import etree
from PIL import Image

from naatlas import product
from naatlas.cli import main
from naatlas.errors import InputError, UsageError
from naatlas.publish import sites, top, tour
from naatlas.publish.mend import mended
from naatlas.spec import LANGUAGES
from naatlas.validation import kml as linter
from tests.publish_kit import NS, document, schema, texts

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

EVIL = '<script>"R&D"</script> ]]> $[name]'


def small(**more: object) -> dict[str, object]:
    """Return a list of two sites as a file has it."""
    places = [("one", -99.1, 19.4), ("two", -75.0, 45.4)]
    stops = [
        {"id": name, "name": EVIL, "text": EVIL, "lon": lon, "lat": lat, "place_source": EVIL, "dwell_s": 3}
        for name, lon, lat in places
    ]
    stops[0] |= {
        "sources": ["A book, http://example.org/a?b=1&c=2"],
        "facts": [{"label": "L", "value": EVIL}],
    }
    return {
        "slug": "s",
        "name": "Small",
        "title": EVIL,
        "about": EVIL,
        "vintage": "2020",
        "colour": "#d55e00",
        "sites": stops,
    } | more


def loaded(folder: Path, **more: object) -> sites.Tour:
    path = folder / "sites.yaml"
    path.write_text(yaml.safe_dump(small(**more), allow_unicode=True), encoding="utf-8")
    return sites.load(str(path))


@pytest.fixture(scope="module")
def monarch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("monarch")
    files = tour.publish(sites.load("monarch"), folder, LANGUAGES)
    return dict(zip(LANGUAGES, files, strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_monarch_tour_is_valid_and_whole(monarch: dict[str, Path], language: str):
    root = document(monarch[language])
    told = sites.load("monarch")
    assert linter.judge(monarch[language]).passed
    names = texts(root, ".//k:Folder/k:Placemark/k:name")
    assert names == [site.name[language] for site in told.sites]
    with zipfile.ZipFile(monarch[language]) as archive:
        inside = set(archive.namelist())
    used = set(texts(root, ".//k:href"))
    for balloon in texts(root, ".//k:Folder/k:Placemark/k:description"):
        used |= {part.split('"')[0] for part in balloon.split('<img src="')[1:]}
    assert used == inside - {"doc.kml"}


def test_the_tour_visits_every_site_and_opens_its_balloon(monarch: dict[str, Path]):
    root = document(monarch["en"])
    playlist = root.find(".//gx:Playlist", NS)
    steps = [step.tag.split("}")[1] for step in playlist]
    stop = ["FlyTo", "AnimatedUpdate", "Wait", "AnimatedUpdate", "Wait"]
    told = sites.load("monarch").sites
    assert steps == ["FlyTo", *stop * len(told), "FlyTo"]
    views = [(float(v.findtext("k:longitude", namespaces=NS)), float(v.findtext("k:latitude", namespaces=NS)))
             for v in playlist.iterfind("gx:FlyTo/k:LookAt", NS)]  # fmt: skip
    assert views[1:-1] == [
        (pytest.approx(site.lon, abs=1e-5), pytest.approx(site.lat, abs=1e-5)) for site in told
    ]
    marks = [mark.get("id") for mark in root.iterfind(".//k:Folder/k:Placemark", NS)]
    targets = [node.get("targetId") for node in playlist.iterfind(".//k:Placemark", NS)]
    assert targets == [mark for mark in marks for _ in range(2)]
    shown = texts(root, ".//gx:AnimatedUpdate//gx:balloonVisibility")
    assert shown == ["1", "0"] * len(told)
    waits = [float(text) for text in texts(root, ".//gx:Wait/gx:duration")]
    assert waits[::2] == [site.dwell_s for site in told]


def test_what_is_not_confirmed_is_said_and_makes_a_draft(monarch: dict[str, Path]):
    told = sites.load("monarch")
    assert told.draft
    assert {site.member_source for site in told.sites} == {sites.UNCONFIRMED}
    assert all(site.place_source and site.sources for site in told.sites)
    for language, word in {"en": "DRAFT", "fr": "ÉBAUCHE", "es": "BORRADOR"}.items():
        root = document(monarch[language])
        assert texts(root, "k:Document/k:name")[0].startswith(f"{word} - ")
        assert "-draft_" in monarch[language].name
    balloons = texts(document(monarch["es"]), ".//k:Folder/k:Placemark/k:description")
    assert all("sin confirmar" in balloon for balloon in balloons)


def is_orange(colour: tuple[int, int, int]) -> bool:
    """Tell the tour's colour, of which a palette of 64 colours is a little off."""
    return all(abs(part - wanted) < 16 for part, wanted in zip(colour, (0xD5, 0x5E, 0x00), strict=True))


def test_the_maps_show_the_site_in_the_colour_of_the_tour(monarch: dict[str, Path]):
    with zipfile.ZipFile(monarch["en"]) as archive:
        maps = {
            n: Image.open(io.BytesIO(archive.read(n))).convert("RGB")
            for n in archive.namelist()
            if "/map-" in n
        }
    assert len(maps) == len(sites.load("monarch").sites)
    rows = {}
    for name, picture in maps.items():
        hits = [at for at, colour in enumerate(picture.get_flattened_data()) if is_orange(colour)]
        assert len(hits) > 300, name
        rows[name] = sum(hits) / len(hits) / picture.width
    assert rows["files/map-point-pelee.png"] < rows["files/map-monarch-reserve.png"]


def test_texts_are_text_and_links_are_links(tmp_path: Path):
    told = loaded(tmp_path)
    assert not told.draft
    path = tour.publish(told, tmp_path, ("fr",))[0]
    root = document(path)
    assert path.name == "NA_Small_Tour_fr.kmz"
    assert texts(root, "k:Document/k:name") == [EVIL]
    balloon = texts(root, ".//k:Folder/k:Placemark/k:description")[0]
    assert "<script" not in balloon
    assert "&lt;script&gt;" in balloon
    assert "$[name]" not in balloon
    assert 'href="http://example.org/a?b=1&amp;c=2"' in balloon


def test_same_list_same_bytes_whatever_was_written_before(tmp_path: Path):
    told = loaded(tmp_path)
    first = tour.publish(told, tmp_path / "a", ("en",))[0].read_bytes()
    simplekml.Kml().newpoint(name="another document")
    assert tour.publish(told, tmp_path / "b", ("en",))[0].read_bytes() == first


def with_chart(folder: Path) -> sites.Tour:
    chart = {
        "file": "winter.csv",
        "year": "yr",
        "value": "ha",
        "title": "T " * 60,
        "axis": "ha",
        "credit": "C",
    }
    stops = small()["sites"]
    stops[0]["chart"] = "winter"  # type: ignore[index]
    return loaded(folder, charts={"winter": chart}, sites=stops)


def test_charts_are_drawn_from_the_data_folder_only(tmp_path: Path):
    told = with_chart(tmp_path)
    assert not any("chart" in name for name in names_of(tour.publish(told, tmp_path / "a", ("en",))[0]))
    assert tour.missing(told, None) == ()
    assert tour.missing(told, tmp_path) == ("winter.csv",)
    assert not any(
        "chart" in name for name in names_of(tour.publish(told, tmp_path / "b", ("en",), data=tmp_path)[0])
    )
    (tmp_path / "winter.csv").write_text("yr,ha\n2000,3.5\n2001,\n2002,0\n", encoding="utf-8")
    path = tour.publish(told, tmp_path / "c", ("en",), data=tmp_path)[0]
    assert "files/chart-one.png" in names_of(path)
    assert "files/chart-one.png" in texts(document(path), ".//k:Folder/k:Placemark/k:description")[0]
    (tmp_path / "winter.csv").write_text("year,ha\n2000,3.5\n", encoding="utf-8")
    with pytest.raises(InputError, match="no columns yr and ha"):
        tour.publish(told, tmp_path / "d", ("en",), data=tmp_path)


def names_of(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


@pytest.mark.national
def test_the_chart_of_the_wintering_monarchs(national: Path, tmp_path: Path):
    path = tour.publish(sites.load("monarch"), tmp_path, ("es",), data=national)[0]
    with zipfile.ZipFile(path) as archive:
        picture = Image.open(io.BytesIO(archive.read("files/chart-monarch-reserve.png"))).convert("RGB")
    bars = sum(is_orange(colour) for colour in picture.get_flattened_data())
    assert bars > 5000


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"sites": []}, "no sites"),
        ({"title": {"en": "only English"}}, "without fr, es"),
        ({"sites": [{"id": "x"}]}, "is missing"),
        ({"sites": small()["sites"] * 2}, "stands twice"),  # type: ignore[operator]
        ({"sites": [small()["sites"][0] | {"lat": 120}]}, "not longitude, latitude"),  # type: ignore[index]
        ({"sites": [small()["sites"][0] | {"camera": {"tilt": 120}}]}, "tilt 0 to 90"),  # type: ignore[index]
    ],
)
def test_a_list_that_is_wrong_is_told_in_one_line(tmp_path: Path, more: dict[str, object], says: str):
    with pytest.raises(UsageError, match=says) as told:
        loaded(tmp_path, **more)
    assert "\n" not in str(told.value)


def test_simplekml_is_mended():
    kml = simplekml.Kml(name="A")
    mark = kml.newfolder(name="F").newpoint(name="x &amp; y", coords=[(1, 2)])
    mark.style.iconstyle.icon.href = "files/a.png"
    mark.extendeddata.newdata("n", "v", "N")
    schema_ = kml.newschema(name="s")
    schema_.newsimplefield("a", "string")
    mark.extendeddata.schemadata.schemaurl = f"#{schema_.id}"
    mark.extendeddata.schemadata.newsimpledata("a", "1")
    mark.lookat = simplekml.LookAt(longitude=1, latitude=2, range=3, altitudemode="clampToGround")
    assert not schema().validate(etree.fromstring(kml.kml().encode())), "simplekml is mended already"
    root = etree.fromstring(mended(kml))
    schema().assertValid(root)
    ids = [node.get("id") for node in root.iter(etree.Element) if node.get("id")]
    assert all(name[0].isalpha() for name in ids)
    assert len(set(ids)) == len(ids)
    assert root.findtext(".//k:styleUrl", namespaces=NS) == "#style-1"
    assert root.find("k:Document/k:Style[@id='style-1']", NS) is not None
    assert root.find(".//k:SchemaData", NS).get("schemaUrl") == "#schema-1"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an output folder with the power plants of the starter inputs, as GeoPackage."""
    folder = tmp_path_factory.mktemp("built")
    product.build("power-plants", out=folder, formats=("gpkg",))
    return folder


def test_the_largest_features_of_a_layer(built: Path, starter_plants: LayerData):
    told = top.tour(
        "power-plants", product.product_of("power-plants", built, None), count=3, by="capacity_mw"
    )
    largest = starter_plants.frame.nlargest(3, "capacity_mw")
    assert [site.name["fr"] for site in told.sites] == largest["name"].tolist()
    places = starter_plants.points
    for site, row in zip(told.sites, largest.index, strict=True):
        assert (site.lon, site.lat) == pytest.approx((places.lon[row], places.lat[row]), abs=1e-6)
    assert told.sites[0].text["en"].startswith("Rank 1 of ")
    assert "3 premiers" in told.title["fr"]
    assert document(tour.publish(told, built, ("fr",))[0]).find(".//gx:Tour", NS) is not None


def test_a_draft_makes_no_tour(built: Path, tmp_path: Path):
    path = product.product_of("power-plants", built, None)
    other = tmp_path / path.name
    other.write_bytes(path.read_bytes())
    (tmp_path / "manifest.json").write_text(json.dumps({"draft": True}), encoding="utf-8")
    with pytest.raises(UsageError, match="not for release"):
        top.tour("power-plants", other, count=3, by="capacity_mw")


def test_the_command(built: Path):
    run = CliRunner()
    told = run.invoke(main, ["tour", "--layer", "power-plants", "--by", "owner", "--out", str(built)])
    assert told.exit_code == 2
    assert "has no number 'owner'" in told.stderr
    told = run.invoke(main, ["tour", "--out", str(built)])
    assert (told.exit_code, "monarch" in told.stderr) == (2, True)
    told = run.invoke(
        main, ["tour", "monarch", "--lang", "en", "--out", str(built), "--json"], env={"NAATLAS_DATA": ""}
    )
    assert json.loads(told.stdout)["draft"] is True
