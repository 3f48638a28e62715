"""A register that came out again under the same name is told from the one that the specification was written for."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from naatlas import inform, pipeline, registry
from naatlas.errors import InputError
from naatlas.sources import known
from naatlas.sources.locate import describe
from tests import tiny

DATA = os.environ.get("NAATLAS_DATA")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three files, all of them known."""
    tiny.install(monkeypatch)
    tiny.write(tmp_path)
    told = {}
    for source in tiny.SPEC.sources:
        found = describe(source, tmp_path / source.path, tmp_path)
        told[source.path] = known.Known(found.sha256, found.size)
    monkeypatch.setattr(known, "files", lambda: told)
    return tmp_path


def states(folder: Path) -> list[str]:
    return [source["state"] for source in inform.sources(tiny.SLUG, folder, None)["sources"]]


def test_the_known_files_are_found(folder: Path):
    assert states(folder) == ["found"] * 3
    assert "stale" not in inform.sources_text(inform.sources(tiny.SLUG, folder, None))


@pytest.mark.parametrize("content", [b"Code;Name\r\n", None], ids=["other size", "same size"])
def test_another_file_under_the_same_name_is_stale(folder: Path, content: bytes | None):
    path = folder / tiny.FILES["mex"]
    path.write_bytes(path.read_bytes().replace(b"750", b"760") if content is None else content)
    assert states(folder) == ["found", "found", "stale"]
    told = inform.sources_text(inform.sources(tiny.SLUG, folder, None))
    assert "stale: mex-list (2023)" in told
    assert "confirm that, or correct the vintage" in " ".join(told.split())


def test_a_build_tells_of_a_file_that_came_out_again(folder: Path):
    path = folder / tiny.FILES["mex"]
    path.write_bytes(path.read_bytes().replace(b"750", b"760"))
    data = pipeline.assemble(tiny.SLUG, data=folder)
    assert [(f.where, f.severity) for f in data.findings if f.rule == "source-changed"] == [
        ("mex-list", "warning")
    ]


def test_the_file_of_another_year_under_this_name_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch):
    mistaken = hashlib.sha256((folder / tiny.FILES["mex"]).read_bytes()).hexdigest()
    right = known.files() | {tiny.FILES["mex"]: known.Known("0" * 64, 1)}
    monkeypatch.setattr(known, "files", lambda: right | {"mexico/2022.csv": known.Known(mistaken, 1)})
    said = r"mexico/centrales\.csv: is the file that belongs to mexico/2022\.csv; put the 2023 file of source mex-list"
    with pytest.raises(InputError, match=said):
        pipeline.assemble(tiny.SLUG, data=folder)


def test_of_a_file_in_another_wrapping_nothing_is_known(folder: Path):
    import gzip

    path = folder / tiny.FILES["can"]
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert states(folder)[0] == "found"


def test_the_table_names_files_of_the_layers():
    declared = {s.path for slug in registry.slugs() for s in registry.spec(slug).sources}
    assert known.files()
    assert known.files().keys() <= declared
    assert all(len(entry.sha256) == 64 and entry.size for entry in known.files().values())


@pytest.mark.national
@pytest.mark.skipif(not DATA, reason="NAATLAS_DATA names no folder with the national files")
def test_the_national_files_are_those_of_the_specifications():
    found = [s for slug in registry.slugs() for s in inform.sources(slug, Path(str(DATA)), None)["sources"]]
    assert "found" in {source["state"] for source in found}
    assert [source["id"] for source in found if source["state"] == "stale"] == []
