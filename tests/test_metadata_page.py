"""The page for people: whole, self-contained, usable without a mouse, in its language."""

from __future__ import annotations

import base64
import dataclasses
import re
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from lxml import html

from naatlas.metadata import page
from naatlas.metadata.documents import pages
from naatlas.metadata.files import ProductFile
from naatlas.spec import LANGUAGES
from tests import metadata_samples as samples

PICTURE = b"\x89PNG\r\n\x1a\n and so on"
FILES = tuple(
    ProductFile(name)
    for name in (
        "NA_PowerPlants_2023.gpkg",
        "NA_PowerPlants_2023_fr.kmz",
        "NA_PowerPlants_2023_provenance.parquet",
        "report.html",
        "rejected.csv",
        "metadata/fgdc.xml",
        "manifest.json",
    )
)


@pytest.fixture(scope="module")
def record():
    return samples.record()


def _root(record, language="en", **more):
    return html.document_fromstring(page.write(record, language, **more))


def _plain(text):
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_the_record_says_is_on_the_page(record, language):
    root = _root(record, language)
    told = _plain(root.text_content())
    assert root.get("lang") == language
    assert root.findtext(".//h1") == root.findtext(".//title") == record.title[language]
    said = [text for texts in record.statements.values() for text in texts]
    said += [field.label for field in record.fields] + [field.definition for field in record.fields]
    said += [step.text for step in record.steps] + [label for _, label, _ in record.legend]
    assert not [text[language] for text in said if _plain(text[language]) not in told]
    assert all(field.name in told and (field.dbf or "") in told for field in record.fields)
    for entry in record.inputs:
        assert all(
            part in told for part in (entry.sha256, entry.licence.name, entry.publisher, entry.vintage)
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_french_signs_and_numbers_do_not_come_apart(record, language):
    text = _root(dataclasses.replace(record, features=12345), language).text_content()
    assert not re.search(r" [;:?!»]|« |\d \d{3}\b", text)


def test_nothing_is_fetched_and_nothing_runs(record):
    root = _root(record, files=FILES, picture=PICTURE)
    assert not root.xpath(
        "//script | //link | //iframe | //object | //@onclick | //@style[contains(., 'url')]"
    )
    assert [image.get("src")[:22] for image in root.iter("img")] == ["data:image/png;base64,"]
    assert base64.b64decode(root.find(".//img").get("src")[22:]) == PICTURE
    assert "Features: 3" in root.find(".//img").get("alt")


def test_the_only_script_is_the_record_for_search_engines(record):
    for content in pages(record, files=FILES).values():
        scripts = html.document_fromstring(content).xpath("//script")
        assert [script.get("type") for script in scripts] == ["application/ld+json"]


def test_links_lead_somewhere(record):
    root = _root(record, "fr", files=FILES)
    targets = [link.get("href") for link in root.iter("a")]
    assert {target[1:] for target in targets if target[0] == "#"} <= {
        e.get("id") for e in root.iter() if e.get("id")
    }
    beside = {t for t in targets if not urlsplit(t).scheme and t[0] != "#"}
    assert {f"../{file.name}" for file in FILES if file.name != "manifest.json"} <= beside
    assert {f"power-plants_{language}.html" for language in LANGUAGES} <= beside
    assert all(
        urlsplit(t).scheme in {"http", "https", "mailto"} for t in targets if t not in beside and t[0] != "#"
    )


def test_a_product_in_one_language_offers_no_other(record):
    told = pages(record, ("es",))
    assert list(told) == ["metadata/power-plants_es.html"]
    assert b"hreflang" not in told["metadata/power-plants_es.html"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_readers_who_do_not_see_it_find_their_way(record, language):
    root = _root(record, language, files=FILES, picture=PICTURE)
    ranks = [int(e.tag[1]) for e in root.iter("h1", "h2", "h3")]
    assert ranks[0] == 1
    assert ranks.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(ranks))
    assert {cell.get("scope") for cell in root.iter("th")} == {"row", "col"}
    assert all(image.get("alt") for image in root.iter("img"))
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    regions = root.xpath("//*[@role='region']")
    assert len(regions) > 5
    assert all(region.get("aria-labelledby") in ids and region.get("tabindex") == "0" for region in regions)
    (here,) = root.xpath("//*[@aria-current='page']")
    assert here.get("lang") == language


def _light(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_texts_stand_out_from_what_is_behind_them(record):
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", page.write(record, "en").decode()))
    for behind in ("#ffffff", colours["head"], "#fff8e6"):
        for ink in ("ink", "soft", "mark"):
            assert (_light(behind) + 0.05) / (_light(colours[ink]) + 0.05) >= 4.5, (ink, behind)


def test_counts_add_up_where_features_lie_in_no_single_country(record):
    told = _root(dataclasses.replace(record, features=5))
    rows = [
        [cell.text_content() for cell in row]
        for row in told.xpath("//div[@aria-labelledby='extent']//tbody/tr")
    ]
    assert rows == [
        ["Canada", "1"],
        ["United States", "1"],
        ["Mexico", "1"],
        ["Other or several countries, or none", "2"],
        ["Total", "5"],
    ]


@pytest.mark.parametrize(
    ("filled", "features", "share"),
    [(0, 3, "0"), (3, 3, "100"), (1, 1000, "1"), (999, 1000, "99"), (1, 3, "33")],
)
def test_shares_are_not_rounded_to_all_or_nothing(record, filled, features, share):
    field = dataclasses.replace(record.fields[0], filled=filled)
    told = _root(dataclasses.replace(record, features=features, fields=(field,)))
    assert told.xpath("//div[@aria-labelledby='fields']//td[@class='n']/span/text()") == [f"{share}\u00a0%"]


def test_what_must_be_read_first_stands_first_and_once(record):
    starter = samples.describe(samples.layer(tier="starter"), record.words)
    root = _root(starter, "es")
    (note,) = root.find_class("note")
    assert "archivos de arranque" in note.text_content()
    assert _plain(root.text_content()).count(_plain(note.text_content())) == 1


def test_text_of_a_register_is_text(record):
    entry = dataclasses.replace(record.inputs[0], title="<b>Plants & \u0007more</b>")
    root = _root(dataclasses.replace(record, inputs=(entry,)))
    assert "<b>Plants & \ufffdmore</b>" in root.text_content()
