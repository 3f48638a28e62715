"""Manifest and sums: whoever holds a product or a package can tell whether it is what was built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from naatlas.export import package, seal
from tests import export_samples as samples

if TYPE_CHECKING:
    from pathlib import Path


def product(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    for name, content in seal.seal(seal.listing(folder), samples.layer(1)).items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "NA_TestPlants_2022_shapefile.zip"
    package.write(samples.layer(3), path, documents=samples.DOCUMENTS, words=samples.WORDS)
    return path


def rezipped(path: Path, **changed: bytes | None) -> list[str]:
    """Write the zip again with members changed (by the end of their names), added or, for None, left out."""
    told = path.with_name("told.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(told, "w") as new:
        for name in old.namelist():
            key = next((k for k in changed if name.endswith(k)), None)
            content = old.read(name) if key is None else changed.pop(key)
            if content is not None:
                new.writestr(name, content)
        for name, content in changed.items():
            new.writestr(f"NA_TestPlants/{name}", content or b"")
    with zipfile.ZipFile(told) as again:
        return seal.verify_package(again, "NA_TestPlants/")


def test_every_kind_of_damage_is_named(tmp_path: Path):
    folder = product(tmp_path, a="1", b="1", sub__c="1")
    assert seal.verify(folder) == []
    (folder / "a").write_text("x", encoding="utf-8")
    (folder / "b").unlink()
    (folder / "new").write_text("", encoding="utf-8")
    assert seal.verify(folder) == [
        "b is missing",
        "new is not part of the product",
        "a was changed after the build: its checksum differs",
    ]
    (folder / seal.MANIFEST).write_text("{", encoding="utf-8")
    assert seal.verify(folder) == ["manifest.json is damaged; build the product again"]
    (folder / seal.MANIFEST).unlink()
    assert seal.verify(folder) == ["manifest.json is missing: this is no finished product; build it again"]


def test_who_changes_the_manifest_too_is_found_by_the_sums(tmp_path: Path):
    folder = product(tmp_path, a="1", b="1")
    (folder / "a").write_text("2", encoding="utf-8")
    told = json.loads((folder / seal.MANIFEST).read_bytes())
    told["files"]["a"] = seal.facts(folder / "a")
    (folder / seal.MANIFEST).write_text(json.dumps(told), encoding="utf-8")
    assert seal.verify(folder) == [
        f"SHA256SUMS and manifest.json do not agree on {name}: one of them was changed after the build"
        for name in ("a", "manifest.json")
    ]
    (folder / seal.SUMS).unlink()
    assert seal.verify(folder) == ["SHA256SUMS is missing"]


def test_the_seal_says_what_went_in_and_nothing_of_the_machine(tmp_path: Path):
    folder = product(tmp_path, sub__é="abc")
    raw = (folder / seal.MANIFEST).read_bytes()
    told = json.loads(raw)
    assert list(told) == sorted(told)
    assert told["files"]["sub/é"] == {"sha256": seal.sha256(folder / "sub" / "é"), "size": 3}
    assert told["files"]["sub/é"]["sha256"].startswith("ba7816bf")
    assert told["inputs"][0]["vintage"] == "2022-03"
    assert (told["features"], told["draft"], told["restricted"]) == (1, False, "")
    assert {"naatlas", "numpy", "gdal", "proj"} <= set(told["versions"])
    assert str(tmp_path).encode() not in raw
    assert os.fsencode(sys.executable) not in raw


def test_the_package_is_laid_out_as_the_atlas_does_and_is_the_same_bytes_twice(zipped: Path):
    again = zipped.with_name("again.zip")
    package.write(samples.layer(3), again, documents=samples.DOCUMENTS, words=samples.WORDS)
    assert again.read_bytes() == zipped.read_bytes()
    with zipfile.ZipFile(zipped) as told:
        names = set(told.namelist())
        assert seal.verify_package(told, "NA_TestPlants/") == []
    assert {name.split("/")[0] for name in names} == {"NA_TestPlants"}
    assert "NA_TestPlants/data/NA_TestPlants_2022.shp" in names
    assert {f"NA_TestPlants/{name}" for name in (seal.MANIFEST, seal.SUMS)} <= names


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"data/NA_TestPlants_2022.dbf": b"x"},
            "data/NA_TestPlants_2022.dbf was changed after the build: its checksum differs",
        ),
        ({"data/NA_TestPlants_2022.prj": None}, "data/NA_TestPlants_2022.prj is missing"),
        ({"virus.exe": b"MZ"}, "virus.exe is not part of the product"),
        ({seal.SUMS: None}, "SHA256SUMS is missing"),
        ({seal.MANIFEST: b"{"}, "manifest.json is damaged; build the product again"),
    ],
)
def test_a_package_that_was_tampered_with_says_where(
    zipped: Path, changed: dict[str, bytes | None], told: str
):
    assert rezipped(zipped, **changed) == [told]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum on this system")
def test_sha256sum_itself_agrees(tmp_path: Path, zipped: Path):
    folder = product(tmp_path / "product", a="1", sub__é="2")
    with zipfile.ZipFile(zipped) as told:
        told.extractall(tmp_path)
    for place in (folder, tmp_path / "NA_TestPlants"):
        command = ["sha256sum", "--check", "--strict", seal.SUMS]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        listed = {line.rpartition(": ")[0] for line in done.stdout.splitlines()}
        assert len(listed) == len(seal.files(place)) - 1
    (folder / "a").write_text("changed", encoding="utf-8")
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode
