"""The root document: links that resolve, newest edition first, nothing that may not go out."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from naatlas.cli import main
from naatlas.errors import InputError, UsageError
from naatlas.publish import root
from naatlas.spec import LANGUAGES
from naatlas.validation import kml as linter
from tests.publish_kit import NS, document, product, texts

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "<b>R&D</b> Ärea"


def kmz(name: str) -> bytes:
    """Return a KMZ whose document has a name."""
    out = io.BytesIO()
    told = name.replace("&", "&amp;").replace("<", "&lt;")
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "doc.kml",
            f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>{told}</name></Document></kml>',
        )
    return out.getvalue()


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """Return products: two editions, a selection, a draft, a restricted one, one with a blank in its path."""
    folder = tmp_path / "web"
    product(folder / "roads" / "2017", kmz("Roads, 2017"))
    product(folder / "roads" / "2023", kmz("Roads, 2023"))
    product(folder / "roads" / "2023-min5", kmz("Roads, 2023-min5"), edition="2023", variant="min5")
    product(folder / "lakes" / "2023-draft", kmz("DRAFT"), edition="2023", draft=True)
    product(folder / "rail" / "2023", kmz("Rail"), restricted="internal licence")
    product(folder / "a b" / "2020", kmz(EVIL))
    (folder / "roads" / ".2024.building-x").mkdir()
    (folder / "roads" / ".2024.building-x" / "manifest.json").write_text("{", encoding="utf-8")
    return folder


def test_links_resolve_and_the_newest_edition_stands_in_front(web: Path):
    told = root.write(web, languages=("en",))
    document_ = document(web / "NA_Atlas_en.kml")
    assert linter.judge(web / "NA_Atlas_en.kml").passed
    links = [unquote(href) for href in texts(document_, ".//k:href")]
    assert all((web / href).is_file() and not href.startswith("/") for href in links)
    front, others = document_.findall(".//k:Folder", NS)
    assert texts(front, "k:NetworkLink/k:name") == [EVIL, "Roads, 2023"]
    assert texts(others, "k:NetworkLink/k:name") == ["Roads, 2017", "Roads, 2023-min5"]
    assert set(texts(document_, ".//k:NetworkLink/k:visibility")) == {"0"}
    assert set(told.linked) == {"a b/2020", "roads/2017", "roads/2023", "roads/2023-min5"}


def test_drafts_and_restricted_products_are_left_out_and_named(web: Path):
    told = root.write(web, languages=("en", "fr"))
    assert set(told.refused) == {"lakes/2023-draft", "rail/2023"}
    assert "internal licence" in told.text()
    for path in told.files:
        assert "lakes" not in path.read_text(encoding="utf-8")
        assert "rail" not in path.read_text(encoding="utf-8")


def test_refresh_by_the_server_or_by_the_clock(web: Path):
    root.write(web, languages=("en",))
    assert set(texts(document(web / "NA_Atlas_en.kml"), ".//k:refreshMode")) == {"onExpire"}
    root.write(web, languages=("en",), refresh_s=3600)
    told = document(web / "NA_Atlas_en.kml")
    assert set(texts(told, ".//k:refreshMode")) == {"onInterval"}
    assert {float(text) for text in texts(told, ".//k:refreshInterval")} == {3600}


def test_a_narrow_layer_is_fetched_when_it_comes_into_view(web: Path):
    for name, box in {"roads": [-110.0, 14.0, -86.0, 33.0], "a b": [-170.0, 14.0, -50.0, 80.0]}.items():
        folder = web / name / ("2023" if name == "roads" else "2020") / "metadata" / "stac"
        folder.mkdir(parents=True)
        (folder / "NA_x.json").write_text(json.dumps({"bbox": box}), encoding="utf-8")
    root.write(web, languages=("en",))
    wide, narrow = (
        document(web / "NA_Atlas_en.kml").findall(".//k:Folder", NS)[0].findall("k:NetworkLink", NS)
    )
    assert wide.find("k:Region", NS) is None
    assert texts(narrow, "k:Link/k:viewRefreshMode") == ["onRegion"]
    edges = [
        texts(narrow, f"k:Region/k:LatLonAltBox/k:{side}")[0] for side in ("west", "south", "east", "north")
    ]
    assert [float(edge) for edge in edges] == [-110.0, 14.0, -86.0, 33.0]


def test_tours_are_linked_and_their_drafts_are_not(web: Path):
    (web / "tours").mkdir()
    (web / "tours" / "NA_X_Tour_en.kmz").write_bytes(kmz("A tour"))
    (web / "tours" / "NA_X_Tour-draft_en.kmz").write_bytes(kmz("A draft"))
    root.write(web, languages=("en",))
    assert texts(document(web / "NA_Atlas_en.kml"), ".//k:Folder/k:NetworkLink/k:name")[-1] == "A tour"
    assert "draft" not in (web / "NA_Atlas_en.kml").read_text(encoding="utf-8")


def test_three_languages_and_the_same_bytes(web: Path):
    told = root.write(web, languages=LANGUAGES)
    assert [path.name for path in told.files] == ["NA_Atlas_en.kml", "NA_Atlas_fr.kml", "NA_Atlas_es.kml"]
    assert texts(document(web / "NA_Atlas_fr.kml"), "k:Document/k:name") == [
        "Atlas environnemental de l'Amérique du Nord"
    ]
    before = [path.read_bytes() for path in told.files]
    assert [path.read_bytes() for path in root.write(web, languages=LANGUAGES).files] == before


def test_nothing_to_link_is_told(tmp_path: Path):
    with pytest.raises(UsageError, match="no published layer"):
        root.write(tmp_path, languages=("en",))
    product(tmp_path / "lakes" / "2023", kmz("x"), draft=True)
    with pytest.raises(UsageError, match="lakes/2023: a draft"):
        root.write(tmp_path, languages=("en",))


def test_damaged_products_are_told(web: Path):
    (web / "roads" / "2023" / "NA_Test_2023_en.kmz").write_bytes(b"no zip")
    with pytest.raises(InputError, match=r"NA_Test_2023_en\.kmz: cannot be read"):
        root.write(web, languages=("en",))
    (web / "roads" / "2023" / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="is no manifest"):
        root.write(web, languages=("en",))


def test_the_command(web: Path):
    told = CliRunner().invoke(main, ["kml-root", str(web), "--lang", "es", "--refresh", "60", "--json"])
    assert told.exit_code == 2  # none of them has a KMZ in Spanish
    told = CliRunner().invoke(main, ["kml-root", str(web), "--lang", "fr", "--json"])
    assert json.loads(told.stdout)["refused"].keys() == {"lakes/2023-draft", "rail/2023"}
