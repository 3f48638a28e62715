"""A run that was interrupted goes on where it stopped; a journal of anything else is not taken."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from naatlas import progress
from naatlas.cluster import Runner, here, kept, session, shown
from naatlas.cluster.journal import NAME, digest
from naatlas.errors import ProductError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE: Runner = partial(here, threads=1)


@dataclass(frozen=True)
class Task:
    """Squares numbers, counts how often in a file, and stops at one of them."""

    log: str
    stop: Path | None = None


def squared(number: int, task: Task) -> int:
    if task.stop and task.stop.is_dir() and number == 7:
        raise KeyboardInterrupt
    with open(task.log, "a", encoding="utf-8") as log:  # noqa: PTH123 - a path would be told by its size
        log.write(f"{number}\n")
    return number * number


def done(task: Task) -> list[int]:
    log = Path(task.log)
    return [int(text) for text in log.read_text(encoding="utf-8").split()] if log.exists() else []


@pytest.fixture
def task(tmp_path: Path) -> Task:
    (tmp_path / "stop").mkdir()
    return Task(str(tmp_path / "log.txt"), tmp_path / "stop")


def crashed(task: Task, folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt), kept(ONE, folder) as run:
        list(run(squared, range(10), task))
    assert task.stop
    task.stop.rmdir()


def test_only_what_is_missing_is_done_again(task: Task, tmp_path: Path):
    folder = tmp_path / "journal"
    crashed(task, folder)
    before = done(task)
    assert 6 <= len(before) < 10
    with kept(ONE, folder) as run:
        told = sorted(run(squared, range(10), task))
    assert told == [number**2 for number in range(10)]
    # one result may have been made and not yet been taken when the run stopped
    assert len(done(task)) <= 11
    assert set(done(task)[len(before) :]) >= {7, 8, 9}
    assert not folder.exists()


def test_a_second_call_of_the_job_is_kept_apart(task: Task, tmp_path: Path):
    folder = tmp_path / "journal"

    def both() -> list[list[int]]:
        with kept(ONE, folder) as run:
            first = sorted(run(squared, range(3), Task(task.log)))
            return [first, sorted(run(squared, range(10), task))]

    with pytest.raises(KeyboardInterrupt):
        both()
    assert task.stop
    task.stop.rmdir()
    assert both() == [[0, 1, 4], [number**2 for number in range(10)]]
    assert done(task).count(0) == 2


def test_a_folder_that_was_there_stays(task: Task, tmp_path: Path):
    (tmp_path / "other.txt").touch()
    with kept(ONE, tmp_path) as run:
        assert sorted(run(squared, range(3), task)) == [0, 1, 4]
        assert (tmp_path / NAME).exists()
    assert (tmp_path / "other.txt").exists()
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("other", ["common", "work"])
def test_the_journal_of_another_job_is_not_taken(task: Task, tmp_path: Path, other: str):
    crashed(task, tmp_path)
    asked = (divmod, range(1, 3), 1) if other == "work" else (squared, range(10), Task("elsewhere"))
    with pytest.raises(UsageError, match="is of another job") as caught, kept(ONE, tmp_path) as run:
        list(run(*asked))
    assert "\n" not in str(caught.value)
    assert (tmp_path / NAME).exists()


def length(_: int, path: Path) -> int:
    return path.stat().st_size


def stopped(number: int, path: Path) -> int:
    if number == 1 and path.with_suffix(".stop").exists():
        raise KeyboardInterrupt
    return length(number, path)


def test_nor_one_of_a_file_that_has_changed(tmp_path: Path):
    path, stop = tmp_path / "a.txt", tmp_path / "a.stop"
    path.write_text("one", encoding="utf-8")
    stop.touch()
    with pytest.raises(KeyboardInterrupt), kept(ONE, tmp_path / "journal") as run:
        list(run(stopped, range(3), path))
    os.utime(path, (1, 1))
    with pytest.raises(UsageError, match="files have changed"), kept(ONE, tmp_path / "journal") as run:
        list(run(stopped, range(3), path))


def test_another_version_is_another_job(task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    crashed(task, tmp_path)
    monkeypatch.setattr("naatlas.__version__", "0.0.1")
    with pytest.raises(UsageError, match="is of another job"), kept(ONE, tmp_path) as run:
        list(run(squared, range(10), task))


@pytest.mark.parametrize(
    "content", [b"no database at all, but some bytes of text" * 30, b"SQLite format 3\x00" * 99]
)
def test_a_damaged_journal(tmp_path: Path, content: bytes):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ProductError, match="is damaged, or no journal") as caught, kept(ONE, tmp_path):
        pass
    assert "\n" not in str(caught.value)
    assert (tmp_path / NAME).read_bytes() == content


def test_a_result_that_is_damaged_is_done_again(task: Task, tmp_path: Path):
    crashed(task, tmp_path)
    with sqlite3.connect(tmp_path / NAME) as file:
        file.execute("UPDATE finished SET result = x'00' WHERE rowid = 2")
    before = len(done(task))
    with kept(ONE, tmp_path) as run:
        assert sorted(run(squared, range(10), task)) == [number**2 for number in range(10)]
    assert len(done(task)) - before >= 4


def test_a_journal_in_use(tmp_path: Path):
    with kept(ONE, tmp_path), pytest.raises(UsageError, match="in use by another run"), kept(ONE, tmp_path):
        pass


def test_a_folder_that_cannot_be(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(ProductError, match="cannot be written"), kept(ONE, tmp_path / "file"):
        pass


def test_results_of_none_are_results(tmp_path: Path):
    with kept(ONE, tmp_path) as run:
        assert list(run(dict.get, [{}, {}], "nothing")) == [None, None]


def test_digests_tell_by_value(tmp_path: Path):
    text = str(np.char.add("two ", "words"))
    assert digest([text, text]) == digest(["two words", text])
    shapes = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    assert digest(shapes) == digest(shapely.from_wkb(shapely.to_wkb(shapes)))
    assert digest(shapes) != digest(shapely.box(0, 0, 1, 2))
    assert digest(tmp_path) == digest(Path(str(tmp_path)))


def test_without_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]):
    with session("squares") as run:
        assert list(run(pow, range(3), 2)) == [0, 1, 4]
    assert capsys.readouterr() == ("", "")


def test_one_bar_over_all_calls(monkeypatch: pytest.MonkeyPatch, task: Task, tmp_path: Path):
    told: list[tuple[int, int]] = []

    class Bar:
        def __enter__(self):
            return lambda done, total: told.append((done, total))

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("naatlas.cluster.job.bar", lambda _: Bar())
    crashed(task, tmp_path)
    with kept(ONE, tmp_path) as run, shown(run, "squares", calls=2) as run:
        list(run(squared, range(10), task))
        assert told[-1] == (10, 20)
        list(run(pow, range(4), 2))
    assert told[-1] == (14, 14)
    assert [done for done, _ in told] == list(range(1, 15))


def test_the_bar_of_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress.bar("squares") as show:
        show(3, 4)
    out, err = capsys.readouterr()
    assert out == ""
    assert "squares" in err
    assert "3/4" in err


def numbers() -> Iterator[int]:
    yield from range(100)


def test_threads_keep_the_order_and_hold_little():
    taken: list[int] = []

    def pieces() -> Iterator[int]:
        for number in numbers():
            taken.append(number)
            yield number

    told = here(pow, pieces(), 2, threads=2)
    assert [next(told), next(told)] == [0, 1]
    assert len(taken) <= 6
    assert list(told) == [number**2 for number in range(2, 100)]
