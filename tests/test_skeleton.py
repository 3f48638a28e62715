"""``naatlas new``: the skeleton is sound code, builds into a draft at once, and the gate says what is to be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import naatlas
from naatlas import skeleton
from naatlas.errors import UsageError

SLUG, MODULE = "hazardous-waste", "hazardous_waste"
SOURCE = Path(naatlas.__file__).parent
RUN = "from naatlas.cli import main; main()"


def python(checkout: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the copy of the source code."""
    told = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONUTF8": "1"}
    told.pop("NAATLAS_DATA", None)
    return subprocess.run(
        [sys.executable, *args], cwd=checkout, env=told, capture_output=True, text=True, encoding="utf-8",
        check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the source code, and write the skeleton into the copy."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(SOURCE, root / "naatlas", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SOURCE.parent / "pyproject.toml", root)
    done = python(root, "-c", RUN, "new", SLUG)
    assert done.returncode == 0, done.stderr
    assert f"naatlas build {SLUG} --draft" in done.stdout
    return root


def test_every_part_of_a_layer_is_there(checkout: Path):
    names = {"slug": SLUG, "module": MODULE, "kind": f"{MODULE}_kind"}
    assert all((checkout / path.format(**names)).is_file() for path in skeleton.FILES.values())
    starter = checkout / "naatlas" / "data" / "starter"
    assert len(list(starter.glob(f"{MODULE}_*.csv"))) == 3


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]])
def test_ruff_has_nothing_to_say(checkout: Path, command: list[str]):
    files = [f"naatlas/layers/{MODULE}.py", f"scripts/make_starter_{MODULE}.py"]
    done = python(checkout, "-m", "ruff", *command, "--no-cache", *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_has_nothing_to_say(checkout: Path):
    done = python(checkout, "-m", "mypy", "--config-file", "pyproject.toml", "-m", f"naatlas.layers.{MODULE}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_builds_into_a_draft_at_once_and_into_nothing_else(checkout: Path, tmp_path: Path):
    stopped = python(checkout, "-c", RUN, "build", SLUG, "--out", str(tmp_path), "--format", "gpkg")
    assert stopped.returncode == 1
    assert "Traceback" not in stopped.stderr
    words = yaml.safe_load((checkout / "naatlas" / "metadata" / f"{SLUG}.yaml").read_text(encoding="utf-8"))
    for name in words["texts"]:
        told = f"texts.{name}: the text is missing in en, fr, es; write it in naatlas/metadata/{SLUG}.yaml"
        assert told in stopped.stderr
    assert not list(tmp_path.iterdir())
    made = python(checkout, "-c", RUN, "build", SLUG, "--out", str(tmp_path), "--format", "gpkg", "--draft")
    assert made.returncode == 0, made.stderr
    assert "6 features (CAN 2, MEX 2, USA 2)" in made.stdout
    assert "3 rows rejected" in made.stdout
    (folder,) = (path for path in (tmp_path / SLUG).iterdir() if path.is_dir())
    assert folder.name.endswith("-draft")
    assert (folder / "preview.png").is_file()


@pytest.mark.parametrize(
    ("slug", "message"),
    [
        ("Hazardous", "named in lower case letters"),
        ("hazardous--waste", "named in lower case letters"),
        ("power-plants", "there is a layer 'power-plants' already"),
        ("dams", "holds no source code of naatlas"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, slug: str, message: str):
    with pytest.raises(UsageError, match=message):
        skeleton.write(slug, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(checkout: Path):
    path = checkout / "naatlas" / "layers" / f"{MODULE}.py"
    before = path.read_bytes()
    with pytest.raises(UsageError, match=f"{MODULE}.py.*: there already"):
        skeleton.write(SLUG, checkout)
    assert path.read_bytes() == before
