"""One accented name and one accented title, followed through every product; and the links between its files."""

from __future__ import annotations

import dataclasses
import sqlite3
import unicodedata
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from lxml import etree, html

from naatlas import export
from naatlas.export import preview
from naatlas.metadata import words as layer_words
from naatlas.metadata.documents import documents, pages
from naatlas.metadata.files import ProductFile
from naatlas.metadata.record import describe
from naatlas.spec import LANGUAGES
from tests import metadata_samples as samples

if TYPE_CHECKING:
    from pathlib import Path

#: Of all three languages, with letters that Windows-1252 has, and with some that it has not.
NAME = "Cañón del Ñandú / Île-à-la-Crosse, Qikiqtaaluk ᕿᑭᖅᑖᓗᒃ"
WORDS = layer_words.load("power-plants")
TITLES = {language: WORDS.text("title", language) for language in LANGUAGES}
#: The class of the plant that has the name.
CLASS = {"en": "Hydroelectric", "fr": "Hydroélectricité", "es": "Hidroeléctrica"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    features = samples.frame()
    features.loc[0, "name"] = NAME
    plain = samples.layer(features=features)
    told = {
        "atlas_id": features["atlas_id"],
        "field": "name",
        "source": "x",
        "row": "1",
        "national_value": NAME,
    }
    data = dataclasses.replace(plain, provenance=pd.DataFrame(told))
    record = describe(data, WORDS)
    written = documents(record)
    formats = ("gpkg", "shp", "kmz", "parquet")
    files = export.planned(data, formats, LANGUAGES, written)
    written |= pages(record, files=[ProductFile(name) for name in files])
    with pytest.MonkeyPatch.context() as patch:  # the map has its own tests
        patch.setattr(preview, "write", lambda _data, path, **_: path.write_bytes(b"map"))
        out = tmp_path_factory.mktemp("accents")
        return export.write_all(data, out, documents=written, formats=formats)


def _one(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_the_name_is_in_one_unicode_form():
    assert unicodedata.normalize("NFC", NAME) == NAME


def test_the_geopackage_has_name_and_title(folder: Path):
    path = _one(folder, "*.gpkg")
    assert NAME in set(pyogrio.read_dataframe(path, layer="power_plants")["name"])
    with sqlite3.connect(path) as file:
        records = " ".join(text for (text,) in file.execute("SELECT metadata FROM gpkg_metadata"))
    assert all(title in records for title in TITLES.values())


def test_the_dbf_is_utf_8_and_says_so(folder: Path):
    package = _one(folder, "*_shapefile.zip")
    with zipfile.ZipFile(package) as files:
        parts = {name.rpartition(".")[2]: files.read(name) for name in files.namelist() if "/data/" in name}
        texts = b" ".join(files.read(name) for name in files.namelist() if "/data/" not in name).decode()
    assert parts["cpg"].decode().strip().upper() == "UTF-8"
    assert NAME.encode() in parts["dbf"]
    assert all(title in texts for title in TITLES.values())
    (layer,) = [name for name in zipfile.ZipFile(package).namelist() if name.endswith(".shp")]
    read = pyogrio.read_dataframe(f"/vsizip/{package.as_posix()}/{layer}")
    assert NAME in set(read["Facility"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_google_earth_gets_name_class_and_title_in_its_language(folder: Path, language: str):
    with zipfile.ZipFile(_one(folder, f"*_{language}.kmz")) as files:
        told = [files.read(name) for name in files.namelist() if name.endswith(".kml")]
    text = " ".join("".join(etree.fromstring(kml).itertext()) for kml in told)
    assert NAME in text
    assert CLASS[language] in text
    assert TITLES[language] in text


def test_parquet_has_the_name_as_feature_and_as_national_value(folder: Path):
    for path, column in (
        (_one(folder, "*_2023.parquet"), "name"),
        (_one(folder, "*_provenance.parquet"), "national_value"),
    ):
        assert NAME in pq.read_table(path, columns=[column])[column].to_pylist()


@pytest.mark.parametrize("name", ["iso19115.xml", "fgdc.xml"])
def test_both_standards_have_the_titles_in_all_languages(folder: Path, name: str):
    content = (folder / "metadata" / name).read_bytes()
    text = "".join(etree.parse(BytesIO(content)).getroot().itertext())
    assert all(title in text for title in TITLES.values())
    assert TITLES["fr"].encode() in content, "written as letters and not as character references"


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_texts_are_utf_8_in_their_language(folder: Path, language: str):
    page = (folder / "metadata" / f"power-plants_{language}.html").read_bytes()
    assert TITLES[language].encode() in page
    assert CLASS[language] in html.document_fromstring(page).text_content()
    for name in ("How_to_Cite", "Terms_of_Use"):
        assert TITLES[language] in (folder / f"{name}_{language}.txt").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_offers_all_map_formats_and_every_link_into_the_product_leads_to_a_file(
    folder: Path, language: str
):
    page = folder / "metadata" / f"power-plants_{language}.html"
    targets = {link.get("href") for link in html.document_fromstring(page.read_bytes()).iter("a")}
    inside = {target for target in targets if not target.startswith(("#", "http", "mailto:"))}
    assert [target for target in inside if not (page.parent / target).resolve().is_file()] == []
    maps = {path for path in folder.iterdir() if path.suffix in {".gpkg", ".zip", ".kmz", ".parquet"}}
    assert len(maps) == 7
    assert maps <= {(page.parent / target).resolve() for target in inside}
