"""Links of a product's pages and web style lead to what lies in the product."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from naatlas.validation import links

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Dams</title></head><body><h1 id="top">Dams</h1>
<a href="../dams.gpkg">data</a> <a href="dams_fr.html#top">en français</a> <a href="#top">up</a>
<a href="https://www.cec.org/">CEC</a> <a href="mailto:a@example.org">mail</a>
<img src="data:image/png;base64,AAAA" alt=""> <img src="../ma%20p.png" alt=""></body></html>"""
STYLE = {
    "version": 8,
    "glyphs": "../fonts/{fontstack}/{range}.pbf",
    "sources": {"dams": {"type": "geojson", "data": "../dams.gpkg"}},
    "layers": [{"id": "sea", "type": "background"}, {"id": "dams", "type": "circle", "source": "dams"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "styles").mkdir()
    for name in ("dams.gpkg", "ma p.png"):
        (tmp_path / name).write_bytes(b"x")
    for name in ("dams_en.html", "dams_fr.html"):
        (tmp_path / "metadata" / name).write_text(PAGE, encoding="utf-8")
    told = {name: value for name, value in STYLE.items() if name != "glyphs"}
    (tmp_path / "styles" / "dams.maplibre.json").write_text(json.dumps(told), encoding="utf-8")
    return tmp_path


def failed(folder: Path) -> dict[str, str]:
    return {point.part: point.told for point in links.points(folder) if point.result == "failed"}


def test_links_that_lead_somewhere_pass(folder: Path):
    (point,) = links.points(folder)
    assert (point.result, point.told) == ("passed", "7 links of 3 pages and web styles lead somewhere")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("../dams.gpkg", "../Dams_2023.gpkg"),
        ('#top">up', '#bottom">up'),
        ("../ma%20p.png", "map.png"),
        ("dams_fr.html#top", "/dams/dams_fr.html"),
    ],
)
def test_a_link_of_a_page_that_leads_nowhere_is_named(folder: Path, old: str, new: str):
    assert old in PAGE
    page = folder / "metadata" / "dams_en.html"
    page.write_text(PAGE.replace(old, new), encoding="utf-8")
    assert failed(folder) == {"metadata/dams_en.html": f"{new.partition(chr(34))[0]} leads nowhere"}


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"glyphs": STYLE["glyphs"]}, "../fonts/{fontstack}/{range}.pbf leads nowhere"),
        ({"layers": [{"id": "a", "type": "fill", "source": "lakes"}]}, "lakes leads nowhere"),
        (
            {"sources": {"dams": {"type": "vector", "tiles": ["t/{z}.pbf"], "url": "a.json"}}},
            "a.json, t/{z}.pbf lead nowhere",
        ),
        ({"sources": None}, "cannot be read"),
    ],
)
def test_what_a_web_style_takes_from_nowhere_is_named(folder: Path, change: dict[str, object], lost: str):
    path = folder / "styles" / "dams.maplibre.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    (told,) = failed(folder).values()
    assert told.startswith(lost)


def test_pages_of_a_package_are_copies(folder: Path):
    (folder / "metadata" / "dams_en.html").write_text(
        PAGE.replace("dams.gpkg", "gone.gpkg"), encoding="utf-8"
    )
    (folder / "data").mkdir()
    assert failed(folder) == {}


def test_web_addresses_are_not_asked_for(folder: Path):
    path = folder / "styles" / "dams.maplibre.json"
    far = {"glyphs": "https://example.org/{fontstack}/{range}.pbf", "sprite": "https://example.org/sprite"}
    path.write_text(json.dumps(STYLE | far), encoding="utf-8")
    assert failed(folder) == {}


def test_a_page_that_cannot_be_read_is_told(folder: Path):
    (folder / "metadata" / "dams_en.html").write_bytes(b"")
    assert failed(folder)["metadata/dams_en.html"].startswith("cannot be read (")
