"""Publication: whole or not at all, one build at a time, and honest about what is wrong with the disk."""

from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from naatlas.errors import ProductError
from naatlas.export import publish, seal
from tests import export_samples as samples

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event


def fill(folder: Path, **files: str):
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    for name, content in seal.seal(seal.listing(folder), samples.layer(1)).items():
        (folder / name).write_bytes(content)


def make(out: Path, **files: str):
    with publish.staging(out, "plants", "2022") as folder:
        fill(folder, **files)
    return out / "plants" / "2022"


def content(folder: Path):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def leftovers(out: Path):
    return [path.name for path in (out / "plants").iterdir() if "building" in path.name]


def test_new_product_replaces_the_old_one_and_stale_files_go(tmp_path: Path):
    target = make(tmp_path, a="1", b="1", sub__c="1")
    (target / seal.BUILD_LOG).write_text("{}", encoding="utf-8")
    make(tmp_path, a="2", other__d="2")
    assert sorted(content(target)) == [seal.SUMS, "a", seal.BUILD_LOG, "manifest.json", "other/d"]
    assert (target / "a").read_text(encoding="utf-8") == "2"
    assert not (target / "sub").exists()
    assert seal.verify(target) == []
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("trouble", [RuntimeError("in the middle"), KeyboardInterrupt()])
def test_failed_build_leaves_the_old_product(tmp_path: Path, trouble: BaseException):
    target = make(tmp_path, a="1", b="1")
    before = content(target)

    def build() -> None:
        with publish.staging(tmp_path, "plants", "2022") as folder:
            fill(folder, a="2")
            raise trouble

    with pytest.raises(type(trouble)):
        build()
    assert content(target) == before
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("trouble", [OSError(errno.EACCES, "locked", "x"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", range(1, 7))
def test_trouble_while_moving_puts_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException, at: int
):
    target = make(tmp_path, a="1", b="1", sub__c="1")
    before = content(target)
    calls = []
    real = Path.replace

    def replace(self: Path, other: Path) -> Path:
        calls.append(self)
        if len(calls) == at:
            raise trouble
        return real(self, other)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises((ProductError, KeyboardInterrupt)):
        make(tmp_path, a="2", d="2")
    assert len(calls) >= at
    assert content(target) == before
    assert leftovers(tmp_path) == []


def test_first_build_that_fails_leaves_nothing(tmp_path: Path):
    def build() -> None:
        with publish.staging(tmp_path, "plants", "2022"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        build()
    assert not (tmp_path / "plants" / "2022").exists()


@pytest.mark.parametrize("finished", [True, False])
def test_next_build_recovers_from_a_kill_while_moving(tmp_path: Path, *, finished: bool):
    target = make(tmp_path, a="1", b="1")
    before = content(target)
    # what a kill -9 leaves: former files set aside, some or all new ones in place
    private = target.parent / ".2022.building-x"
    for name in ("manifest.json", "a", "b"):
        (private / "former").mkdir(parents=True, exist_ok=True)
        (target / name).replace(private / "former" / name)
    if finished:
        fill(target, a="2", n="2")
        before = content(target)
    else:
        (target / "n").write_text("2", encoding="utf-8")
        assert seal.verify(target) == [
            "manifest.json is missing: this is no finished product; build it again"
        ]

    def build() -> None:
        with publish.staging(tmp_path, "plants", "2022"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        build()
    assert content(target) == before
    assert seal.verify(target) == []
    assert leftovers(tmp_path) == []


def test_second_build_waits_then_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(publish, "WAIT_SECONDS", 0.2)
    with publish.staging(tmp_path, "plants", "2022") as folder:
        fill(folder, a="1")
        with pytest.raises(ProductError, match="another build is writing it"):
            make(tmp_path, a="2")
        make_other = tmp_path / "plants" / "2017"
        with publish.staging(tmp_path, "plants", "2017") as other:
            fill(other, a="1")
        assert make_other.is_dir()
    assert (tmp_path / "plants" / "2022" / "a").read_text(encoding="utf-8") == "1"


def _hold(path: str, ready: Event) -> None:
    with FileLock(path):
        ready.set()
        os._exit(9)


def test_lock_of_a_dead_build_is_free(tmp_path: Path):
    (tmp_path / "plants").mkdir()
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(str(tmp_path / "plants" / ".2022.lock"), ready))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert (make(tmp_path, a="1") / "a").is_file()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "ArcGIS"),
        (errno.EIO, "error"),
    ],
)
def test_trouble_with_the_disk_is_one_line_naming_the_file(tmp_path: Path, code: int, words: str):
    def build() -> None:
        with publish.staging(tmp_path, "plants", "2022") as folder:
            raise OSError(code, os.strerror(code), str(folder / "NA_Plants.gpkg"))

    with pytest.raises(ProductError) as caught:
        build()
    assert words in str(caught.value)
    assert str(tmp_path / "plants" / "2022" / "NA_Plants.gpkg") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "building" not in str(caught.value)


def test_a_file_where_the_folder_should_be(tmp_path: Path):
    (tmp_path / "plants").write_text("", encoding="utf-8")
    with pytest.raises(ProductError, match="a file stands where a folder is needed"):
        make(tmp_path, a="1")


def test_a_file_in_use_is_named_before_anything_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    target = make(tmp_path, a="1", b="1")
    before = content(target)
    real = Path.open

    def locked(self: Path, mode: str = "r", **more: object) -> object:
        if self == target / "b" and "+" in mode:
            raise PermissionError(errno.EACCES, "in use", str(self))
        return real(self, mode, **more)

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(ProductError, match=r"2022.b: cannot be written: access is denied"):
        make(tmp_path, a="2", b="2")
    monkeypatch.undo()
    assert content(target) == before
