"""The gate at work: what does not pass is not written, or written as a draft that nobody can take for the layer."""

from __future__ import annotations

import dataclasses
import json
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from naatlas import pipeline, product, registry, validation
from naatlas.cli import main
from naatlas.errors import GateError
from naatlas.export import preview, seal
from naatlas.metadata import words
from naatlas.metadata.marks import MARKS
from naatlas.validation import release
from tests import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import Mark


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tiny.install(monkeypatch)
    tiny.write(tmp_path / "data")
    return tmp_path


def hollow_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take some words away."""
    load = words.load
    whole = load(tiny.SLUG)
    texts = {**whole.texts, "abstract": words.HOLE, "lineage": {**whole.texts["lineage"], "fr": "TODO"}}
    holed = dataclasses.replace(whole, texts=texts, topics=())
    monkeypatch.setattr(words, "load", lambda slug: holed if slug == tiny.SLUG else load(slug))


@pytest.fixture
def hollow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    hollow_out(monkeypatch)
    return folder


def make(folder: Path, **told: object) -> product.Product:
    return product.build(tiny.SLUG, data=folder / "data", out=folder / "out", formats=("gpkg",), **told)  # type: ignore[arg-type]


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def restrict(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    monkeypatch.setattr(tiny, "SPEC", dataclasses.replace(tiny.SPEC, restricted=reason))
    registry.load.cache_clear()


def test_incomplete_words_stop_the_build_and_every_hole_is_named(hollow: Path):
    with pytest.raises(GateError) as stopped:
        make(hollow)
    told = str(stopped.value)
    assert told.startswith("3 error(s); nothing was published:\n")
    for line in (
        "topics: the layer names no ISO topic category",
        "texts.abstract: the text is missing in en, fr, es",
        "texts.lineage: the text in fr is a placeholder",
    ):
        assert f"\n  {line}; write it in naatlas/metadata/{tiny.SLUG}.yaml" in told
    assert not (hollow / "out").exists()


def test_a_rule_of_quality_stops_the_build(folder: Path):
    tiny.write(folder / "data", tiny.changed("can", 0, Name=""))
    with pytest.raises(GateError, match=r"1 error\(s\); nothing was published:\n  name: "):
        make(folder)
    assert not (folder / "out").exists()
    draft = make(folder, draft=True)
    assert "1 error would keep it from being published" in draft.text()


def test_a_draft_stands_apart_and_never_replaces_the_product(folder: Path, monkeypatch: pytest.MonkeyPatch):
    good = make(folder).folder
    before = content(good)
    hollow_out(monkeypatch)
    draft = make(folder, draft=True)
    assert draft.folder == good.with_name("2023-draft")
    assert content(good) == before
    assert all("-draft" in path.name for path in draft.folder.glob("NA_*"))
    manifest = json.loads((draft.folder / seal.MANIFEST).read_bytes())
    assert (manifest["draft"], manifest["restricted"]) == (True, "")
    assert "DRAFT, not for release: 3 errors would keep it from being published" in draft.text()
    assert "texts.abstract: the text is missing in en, fr, es" in draft.text()
    assert draft.summary()["draft"] is True
    assert "the text is missing" in (draft.folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mark", "reason"), [("draft", ""), ("restricted", "not yet agreed by the three agencies")]
)
def test_every_title_carries_the_mark_in_its_language(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mark: Mark, reason: str
):
    across: list[str] = []
    monkeypatch.setattr(preview, "_across", lambda _, text: across.append(text))
    if reason:
        restrict(monkeypatch, reason)
    made = product.build(
        tiny.SLUG, data=folder / "data", out=folder / "out", formats=("gpkg", "kmz", "shp"), draft=not reason
    ).folder
    assert made.name == f"2023-{mark}"
    assert across == [" - ".join(MARKS[mark].values())]
    for lang, said in MARKS[mark].items():
        with zipfile.ZipFile(made / f"NA_TinyPlants_2023-{mark}_{lang}.kmz") as kmz:
            assert re.search(rf"<name>{said} - ", kmz.read("doc.kml").decode("utf-8"))
        assert said in (made / f"Terms_of_Use_{lang}.txt").read_text(encoding="utf-8-sig").splitlines()[0]
        assert said in (made / "metadata" / "iso19115.xml").read_text(encoding="utf-8")
    assert MARKS[mark]["en"] in (made / "metadata" / "fgdc.xml").read_text(encoding="utf-8")
    assert f"{MARKS[mark]['en']} - ".encode() in (made / f"NA_TinyPlants_2023-{mark}.gpkg").read_bytes()


def test_validate_says_that_a_draft_is_none_to_release(folder: Path):
    made = product.build(
        tiny.SLUG, data=folder / "data", out=folder / "out", formats=("shp",), draft=True
    ).folder
    for path in (made, next(made.glob("*_shapefile.zip"))):
        verdict = validation.validate(path)
        told = [p for p in verdict.points if p.check == "release"]
        assert told
        assert all(p.result == "failed" and "a draft" in p.told and "not for release" in p.told for p in told)
        assert not verdict.passed


def test_a_restricted_product_is_whole_but_no_release_takes_it(folder: Path, monkeypatch: pytest.MonkeyPatch):
    restrict(monkeypatch, "under review by SEMARNAT")
    made = make(folder)
    assert "RESTRICTED, for internal use only: under review by SEMARNAT" in made.text()
    verdict = validation.validate(made.folder)
    assert verdict.passed, verdict.text()
    (told,) = [p for p in verdict.points if p.check == "release"]
    assert told.result == "warning"
    assert "under review by SEMARNAT" in told.told
    manifest = json.loads((made.folder / seal.MANIFEST).read_bytes())
    assert release.refusals(manifest) == (
        "restricted to internal use (under review by SEMARNAT): not for release",
    )


@pytest.mark.parametrize(
    ("manifest", "count"),
    [
        ({"draft": False, "restricted": ""}, 0),
        ({"draft": True, "restricted": ""}, 1),
        ({"draft": False, "restricted": "x"}, 1),
        ({"draft": True, "restricted": "x"}, 2),
    ],
)
def test_what_a_release_refuses(manifest: dict[str, object], count: int):
    assert len(release.refusals(manifest)) == count


def test_the_command_line_takes_drafts(hollow: Path):
    run = CliRunner()
    args = [
        "build",
        tiny.SLUG,
        "--data",
        str(hollow / "data"),
        "--out",
        str(hollow / "out"),
        "--format",
        "gpkg",
    ]
    stopped = run.invoke(main, args)
    assert (stopped.exit_code, stopped.stdout) == (1, "")
    assert "texts.abstract: the text is missing in en, fr, es; write it in" in stopped.stderr
    made = run.invoke(main, [*args, "--draft"])
    assert made.exit_code == 0, made.stderr
    assert made.stdout.startswith("tiny-plants 2023-draft: 6 features")
    assert not (hollow / "out" / tiny.SLUG / "2023").exists()


def test_a_layer_that_stands_on_a_restricted_one_is_restricted_too(monkeypatch: pytest.MonkeyPatch):
    plants = registry.load("power-plants")
    monkeypatch.setattr(plants, "SPEC", dataclasses.replace(plants.SPEC, restricted="under review"))
    layer = pipeline.assemble("renewable-capacity")
    assert layer.spec.restricted == ""
    assert (layer.restricted, layer.folder) == ("under review", "2023-restricted")
