"""STAC and JSON-LD records that somebody hands in: valid, at one with the files beside them, or told where not."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from naatlas.errors import InputError
from naatlas.metadata.documents import closing
from naatlas.metadata.files import ProductFile
from naatlas.validation import machine, recognise, validate
from tests.graph_kit import NAMES
from tests.metadata_samples import layer, record

if TYPE_CHECKING:
    from pathlib import Path

STAC_ITEM = "metadata/stac/NA_PowerPlants_2023.json"
RECORDS = ["metadata/schema-org.jsonld", "metadata/dcat.jsonld", "metadata/lineage.jsonld"]
RECORDS += ["metadata/stac/collection.json", STAC_ITEM]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold a product of small files and its records."""
    texts = {name: f"content of {name}".encode() for name in (*NAMES, "Terms_of_Use_en.txt")}
    files = [ProductFile(n, hashlib.sha256(text).hexdigest(), len(text)) for n, text in texts.items()]
    for name, content in {**texts, **closing(record(), layer(), files)}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def failed(path: Path) -> list[tuple[str, str]]:
    return [(point.check, point.told) for point in machine.judge(path).points if point.result == "failed"]


@pytest.mark.parametrize("name", RECORDS)
def test_our_own_records_are_accepted(folder: Path, name: str):
    verdict = machine.judge(folder / name)
    assert verdict.passed
    assert {point.result for point in verdict.points} == {"passed"}
    assert "files" in {point.check for point in verdict.points}


@pytest.mark.parametrize("name", [name for name in RECORDS if "collection" not in name])
def test_a_file_that_was_changed_or_lost_is_named(folder: Path, name: str):
    package = folder / NAMES[0]
    was = package.read_bytes()
    package.write_bytes(was.swapcase())
    assert [told for _, told in failed(folder / name) if NAMES[0] in told and "is not the file" in told]
    package.write_bytes(was + b" ")
    assert failed(folder / name)
    package.unlink()
    assert [told for _, told in failed(folder / name) if told.endswith(f"{NAMES[0]} is not there")]


BREAKS: dict[str, tuple[Any, str]] = {
    "no datetime": (lambda t: t["properties"].pop("start_datetime"), "start_datetime"),
    "no links": (lambda t: t.pop("links"), "links"),
    "undeclared": (lambda t: t["stac_extensions"].pop(), "used but not declared: file"),
    "no system": (
        lambda t: t["properties"].update({"proj:wkt2": None, "proj:projjson": None}),
        "no coordinate system",
    ),
    "twice": (
        lambda t: t["properties"]["table:columns"].append({"name": "country"}),
        "each column has a name of its own",
    ),
    "no column": (lambda t: t["properties"].update({"table:primary_geometry": "shape"}), "no column shape"),
    "checksum": (lambda t: t["assets"]["geopackage"].update({"file:checksum": "sha256:12"}), "no multihash"),
    "elsewhere": (lambda t: t["assets"]["geopackage"].update({"href": "./x.gpkg"}), "./x.gpkg is not there"),
}


@pytest.mark.parametrize("name", list(BREAKS))
def test_a_broken_item_is_told_where_it_is_broken(folder: Path, name: str):
    path = folder / STAC_ITEM
    told = json.loads(path.read_text(encoding="utf-8"))
    change, words = BREAKS[name]
    change(told)
    path.write_text(json.dumps(told), encoding="utf-8")
    assert any(words in text for _, text in failed(path))


def test_records_of_others_are_judged_as_far_as_it_goes(tmp_path: Path):
    path = tmp_path / "other.jsonld"
    other = {
        "@context": "https://schema.org/",
        "@id": "thing",
        "spdx:checksum": [1],
        "url": "https://x.org/a.zip",
    }
    path.write_text(json.dumps(other), encoding="utf-8")
    verdict = machine.judge(path)
    assert [point.result for point in verdict.points] == ["warning", "passed"]
    path.write_text(json.dumps({"stac_version": "1.1.0", "assets": [1], "properties": 3}), encoding="utf-8")
    assert failed(path)
    for text, words in (
        ("{", "cannot be read as JSON"),
        ("[]", "no JSON object"),
        ("\xff", "cannot be read"),
    ):
        path.write_text(text, encoding="latin-1")
        with pytest.raises(InputError, match=words):
            machine.judge(path)


def test_stac_is_told_from_geojson(folder: Path):
    (folder / "a.geojson").write_text('{"type": "FeatureCollection"}', encoding="utf-8")
    names = [STAC_ITEM, RECORDS[0], "a.geojson"]
    assert [recognise(folder / name) for name in names] == ["machine", "machine", "layer"]
    assert validate(folder / STAC_ITEM).kind == "STAC item"


def test_in_a_product_the_record_is_held_against_the_manifest(folder: Path):
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    files = {name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()} for name in names}
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"files": files}), encoding="utf-8")
    (folder / NAMES[0]).unlink()  # the manifest tells that, and tells it once
    assert all(machine.judge(folder / name, product=folder).passed for name in RECORDS)
    del files[NAMES[1]]
    files[NAMES[2]]["sha256"] = "0" * 64
    manifest.write_text(json.dumps({"files": files}), encoding="utf-8")
    told = [p.told for p in machine.judge(folder / RECORDS[2], product=folder).points if p.result == "failed"]
    assert told == [
        f"../{NAMES[1]} is no file of the product",
        f"../{NAMES[2]} has another checksum in the manifest",
    ]
    manifest.write_text("{", encoding="utf-8")
    assert not machine.judge(folder / RECORDS[2], product=folder).passed
