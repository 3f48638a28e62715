"""The KMZ: valid, harmless, localized, in folders, the same every time."""

from __future__ import annotations

import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import fastkml
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from naatlas.errors import ProductError
from naatlas.export import agreement, balloon, kmz, placemarks, symbols
from naatlas.export.columns import text
from naatlas.export.numbers import format_measured
from naatlas.text import clean
from tests import export_samples as samples

if TYPE_CHECKING:
    from naatlas.model import LayerData

NS = {"k": "http://www.opengis.net/kml/2.2"}
MARKUP = {"h3", "table", "tr", "td", "p", "i"}


@pytest.fixture(scope="module")
def schema():
    """Return the OGC schema of KML 2.2, which fastkml carries."""
    return etree.XMLSchema(etree.parse(Path(fastkml.__file__).parent / "schema" / "ogckml22.xsd"))


def written(data: LayerData, folder: Path, language: str = "en"):
    path = folder / f"a_{language}.kmz"
    kmz.write(data, path, look=samples.look(language))
    return path


def document(path: Path):
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read("doc.kml"))


class Tags(HTMLParser):
    """Collects the elements and the text of a balloon, as a browser sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.cells = set(), []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser hands them over
        self.tags.add(tag)
        self.cells.append("")

    def handle_data(self, data: LayerData):
        if self.cells:
            self.cells[-1] += data


@pytest.mark.parametrize("count", [0, 1, 60])
@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_valid_against_the_ogc_schema(tmp_path: Path, schema: etree.XMLSchema, count: int, language: str):
    path = written(samples.layer(count), tmp_path, language)
    schema.assertValid(document(path))
    agreement.check_kmz(samples.layer(count), path)


def test_document_comes_first_and_all_pictures_are_inside(tmp_path: Path):
    path = written(samples.layer(20), tmp_path)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert names[0] == "doc.kml"
        root = etree.fromstring(archive.read("doc.kml"))
        used = {element.text for element in root.iter(f"{{{NS['k']}}}href")}
        assert used == set(names[1:])
        for name in used:
            assert Image.open(io.BytesIO(archive.read(name))).size[0] >= symbols.ICON_PIXELS
        assert {entry.date_time for entry in archive.infolist()} == {(2022, 3, 1, 0, 0, 0)}


def test_every_text_is_text(tmp_path: Path):
    data = samples.layer(len(samples.EVIL))
    root = document(written(data, tmp_path))
    found = {
        mark.find("k:ExtendedData/k:SchemaData/k:SimpleData[@name='atlas_id']", NS).text: mark
        for mark in root.iter(f"{{{NS['k']}}}Placemark")
    }
    assert len(found) == len(samples.EVIL)
    for key, name in zip(data.frame["atlas_id"], samples.EVIL, strict=True):
        mark = found[key]
        assert mark.find("k:name", NS).text == clean(name)
        seen = Tags(mark.find("k:description", NS).text)
        assert seen.tags <= MARKUP
        assert seen.cells[0].split() == clean(name).split()
        assert "$[" not in mark.find("k:description", NS).text


def test_ids_are_unique_and_begin_with_a_letter(tmp_path: Path):
    root = document(written(samples.layer(80), tmp_path))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert all(re.match(r"[A-Za-z]", told) for told in ids)
    targets = {element.text for element in root.iter(f"{{{NS['k']}}}styleUrl")}
    assert {target[1:] for target in targets} <= set(ids)


def test_folders_by_country_and_state_with_counts(tmp_path: Path):
    root = document(written(samples.layer(12), tmp_path, "fr"))
    countries = root.findall("k:Document/k:Folder", NS)
    assert [folder.find("k:name", NS).text for folder in countries] == [
        "Canada (4)",
        "États-Unis (4)",
        "Mexique (4)",
    ]
    states = countries[0].findall("k:Folder", NS)
    assert [folder.find("k:name", NS).text for folder in states] == ["Alberta (2)", "Québec (2)"]
    for folder in root.iter(f"{{{NS['k']}}}Folder"):
        count = int(folder.find("k:name", NS).text.rsplit("(", 1)[1][:-1])
        assert len(folder.findall(".//k:Placemark", NS)) == count


def test_missing_state_has_its_own_folder_at_the_end(tmp_path: Path):
    data = samples.layer(12)
    data.frame.loc[[0, 6], "state"] = np.nan
    root = document(written(data, tmp_path))
    names = [element.text for element in root.findall("k:Document/k:Folder[1]/k:Folder/k:name", NS)]
    assert names == ["Quebec (2)", "Not stated (2)"]


@pytest.mark.parametrize(
    ("language", "number"), [("en", "1,207.4"), ("fr", "1\u202f207,4"), ("es", "1,207.4")]
)
def test_balloon_is_written_for_the_reader(tmp_path: Path, language: str, number: str):
    data = samples.layer(33)
    balloons = {m.find("k:ExtendedData/k:SchemaData/k:SimpleData", NS).text: m.find("k:description", NS).text
                for m in document(written(data, tmp_path, language)).iter(f"{{{NS['k']}}}Placemark")}  # fmt: skip
    told = balloons["TST-000032"]
    assert f"{number}\u00a0MW" in told
    assert "Owner" not in Tags(told).cells
    # even row: wind, with the national term beside it, and a zero that is told apart from nothing
    even = balloons["TST-000030"]
    assert {"en": "Wind", "fr": "Éolien", "es": "Eólica"}[language] + " <i>(Éolienne &lt;W&gt;)</i>" in even
    assert {"en": "Reported as 0", "fr": "Déclaré nul (0)", "es": "Declarado en 0"}[language] in even
    assert "Coal &amp; &lt;coke&gt;" in even
    assert "0.0" not in even.replace("30,000", "")


def test_years_have_no_thousands_mark(tmp_path: Path):
    text = etree.tostring(document(written(samples.layer(2), tmp_path)), encoding="unicode")
    assert "1951" in text
    assert "1,951" not in text


def test_aleutians_stay_within_180_degrees(tmp_path: Path):
    data = samples.layer(40)
    assert (data.points.lon > 180).any()
    root = document(written(data, tmp_path))
    east = [float(told.text.split(",")[0]) for told in root.iter(f"{{{NS['k']}}}coordinates")]
    assert min(east) >= -180
    assert max(east) <= 180
    assert placemarks.wrapped_longitude(np.array([180.7, -180.0, 179.9])) == pytest.approx(
        [-179.3, -180.0, 179.9]
    )


def test_feature_without_coordinates_keeps_its_placemark(tmp_path: Path, schema: etree.XMLSchema):
    data = samples.layer(6)
    data.points.lon[2] = np.nan
    root = document(written(data, tmp_path))
    schema.assertValid(root)
    assert len(root.findall(".//k:Placemark", NS)) == 6
    assert len(root.findall(".//k:Point", NS)) == 5


def test_symbols_grow_with_the_value():
    style = samples.STYLE
    steps = symbols.size_steps(np.array([np.nan, -5.0, 1.0, 400.0, 4000.0, 90000.0]), style)
    assert steps.tolist() == [0, 0, 0, 1, 7, 7]
    scales = [symbols.icon_scale(style, step) for step in range(symbols.SIZE_STEPS)]
    assert scales == sorted(scales)
    # area in proportion to the value: the icon is within half a step of the exact diameter
    for value in (400.0, 1500.0, 3500.0):
        step = int(symbols.size_steps(np.array([value]), style)[0])
        half_step = (style.size_range[1] - style.size_range[0]) / symbols.SIZE_STEPS / 2 * 96 / 25.4 / 32
        assert (
            abs(symbols.icon_scale(style, step) - style.diameter(value) * 96 / 25.4 / 32) <= half_step + 0.001
        )


def test_unknown_class_is_white_and_named(tmp_path: Path, schema: etree.XMLSchema):
    data = samples.layer(6)
    data.frame.loc[1, "primary_source"] = np.nan
    path = written(data, tmp_path)
    schema.assertValid(document(path))
    assert "files/circle-2.png" in zipfile.ZipFile(path).namelist()


def test_blocks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = samples.layer(50)
    whole = written(data, tmp_path).read_bytes()
    monkeypatch.setattr(kmz, "BLOCK_ROWS", 7)
    assert zipfile.ZipFile(written(data, tmp_path)).read("doc.kml") == zipfile.ZipFile(
        io.BytesIO(whole)
    ).read("doc.kml")


def test_same_data_same_bytes(tmp_path: Path):
    assert (
        written(samples.layer(30), tmp_path).read_bytes() == written(samples.layer(30), tmp_path).read_bytes()
    )


def test_agreement_sees_a_lost_placemark(tmp_path: Path):
    path = written(samples.layer(9), tmp_path)
    with pytest.raises(ProductError, match="9 features where the layer has 8"):
        agreement.check_kmz(samples.layer(8), path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_any_text_survives(texts: list[str]):
    data = samples.layer(len(texts), texts=tuple(texts))
    writer = placemarks.Writer(data, samples.look(), "")
    rows = np.arange(len(texts))
    made = writer.block(rows, symbols.assign(data.frame, samples.STYLE).ids[rows])
    for told, piece in zip(texts, made.to_pylist(), strict=True):
        mark = etree.fromstring(f'<kml xmlns="{NS["k"]}"><Document>{piece}</Document></kml>')
        assert (mark.find(".//k:name", NS).text or "") == clean(told)
        assert (mark.find(".//k:SimpleData[@name='name']", NS).text or "") == clean(told)
        assert Tags(mark.find(".//k:description", NS).text).tags <= MARKUP


def test_balloons_give_no_more_digits_than_a_reader_can_use():
    values = [0.0123, 9.5, 126.9312, 9999.94, 7_593_780.0]
    assert format_measured(values, 3, "en") == ["0.012", "9.500", "126.9", "9,999.9", "7,593,780"]
    assert format_measured([1376.0], 1, "fr") == ["1\u202f376,0"]
    assert format_measured([], 3, "en") == []


def test_zeros_share_the_words_that_their_labels_share():
    groups = {
        "": [["Total", None, None]],
        "Capacity: ": [["Wind", None, None], ["Solar", "Solar", None]],
        "x: ": [[None, None, None]],
    }
    columns = {shared: [text(labels) for labels in own] for shared, own in groups.items()}
    assert balloon.listed(columns).to_pylist() == ["Total; Capacity: Wind, Solar", "Capacity: Solar", None]
    assert balloon.parted("Puissance\u00a0: Éolien") == ("Puissance\u00a0: ", "Éolien")
